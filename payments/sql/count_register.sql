-- The register of benefit year :year as counted on day :on: who is registered, enrolled, what was assessed and paid.
-- Each table is read once and joined by hash, so that a million persons take seconds.
CREATE TEMPORARY TABLE counted_due ON COMMIT DROP AS
SELECT r.person_id, r.region_id, due.amount,
       CASE WHEN due.amount = 0 THEN 'EXEMPT' WHEN p.id IS NOT NULL THEN 'PAID' ELSE 'UNPAID' END AS state, p.amount AS paid
  FROM payments_receivable r
  LEFT JOIN (SELECT DISTINCT ON (receivable_id) receivable_id, amount FROM payments_assessment
              WHERE id >= :year * 1000000000000 AND id < (:year + 1) * 1000000000000
              ORDER BY receivable_id, id DESC) AS later ON later.receivable_id = r.id
  LEFT JOIN (SELECT receivable_id, count(*) AS n FROM payments_reversal
              WHERE payment_id IS NOT NULL GROUP BY receivable_id) AS taken ON taken.receivable_id = r.id
 CROSS JOIN LATERAL (SELECT coalesce(later.amount, r.amount) AS amount) AS due
  LEFT JOIN payments_payment p
    ON p.id = r.id * 100 + coalesce(taken.n, 0)
   AND p.id >= :year * 1000000000000 AND p.id < (:year + 1) * 1000000000000
 WHERE r.id >= :year * 10000000000 AND r.id < (:year + 1) * 10000000000;
-- One row for each person and pooling region, and one for each registered person who is enrolled nowhere.
CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
WITH RECURSIVE below AS (
  SELECT code AS top, code FROM bureau_region
   UNION ALL
  SELECT below.top, r.code FROM bureau_region r JOIN below ON r.parent_id = below.code
), enrolled AS (
  SELECT DISTINCT e.person_id, e.region_id FROM enrollment_enrollment e
   WHERE e.scheme = '390' AND e.started_on <= CAST(:year_end AS date)
     AND (e.state = '1' OR e.ended_on >= CAST(:year_start AS date))
), joined AS (
  SELECT coalesce(e.person_id, d.person_id) AS person_id, coalesce(e.region_id, d.region_id) AS region_id,
         e.person_id IS NOT NULL AS enrolled, d.state, d.amount, d.paid
    FROM enrolled e FULL JOIN counted_due d ON d.person_id = e.person_id AND d.region_id = e.region_id
)
SELECT p.id AS person_id, p.person_class,
       CASE WHEN b.region_id IS NULL OR below.code IS NOT NULL THEN p.region_id ELSE b.region_id END AS region_id,
       p.merged_into_id IS NULL AND (p.death_date IS NULL OR p.death_date >= CAST(:on AS date))
         AND row_number() OVER (PARTITION BY p.id ORDER BY below.code IS NULL, b.region_id) = 1 AS registered,
       coalesce(b.enrolled, FALSE) AS enrolled, b.state, coalesce(b.amount, 0) AS amount, coalesce(b.paid, 0) AS paid
  FROM enrollment_person p
  LEFT JOIN joined b ON b.person_id = p.id
  LEFT JOIN below ON below.top = b.region_id AND below.code = p.region_id
 WHERE p.birth_date IS NULL OR p.birth_date <= CAST(:year_end AS date);
DELETE FROM payments_registertally WHERE benefit_year = :year;
INSERT INTO payments_registertally
  (benefit_year, region_id, topic, code, registered, enrolled, paid, exempt, unpaid, due_amount, paid_amount, counted_at)
SELECT :year, c.region_id, d.topic, d.code,
       count(*) FILTER (WHERE c.registered), count(*) FILTER (WHERE c.enrolled),
       count(*) FILTER (WHERE c.state = 'PAID'), count(*) FILTER (WHERE c.state = 'EXEMPT'),
       count(*) FILTER (WHERE c.state = 'UNPAID'), sum(c.amount), sum(c.paid), CAST(:at AS timestamptz)
  FROM counted c
  JOIN (SELECT person_id, 'CATEGORY' AS topic, category AS code FROM enrollment_personcategory
         WHERE valid_from <= CAST(:on AS date) AND (valid_to IS NULL OR valid_to > CAST(:on AS date))
         GROUP BY person_id, category) AS d ON d.person_id = c.person_id
 GROUP BY c.region_id, d.topic, d.code
UNION ALL
SELECT :year, c.region_id, 'CLASS', c.person_class,
       count(*) FILTER (WHERE c.registered), count(*) FILTER (WHERE c.enrolled),
       count(*) FILTER (WHERE c.state = 'PAID'), count(*) FILTER (WHERE c.state = 'EXEMPT'),
       count(*) FILTER (WHERE c.state = 'UNPAID'), sum(c.amount), sum(c.paid), CAST(:at AS timestamptz)
  FROM counted c
 GROUP BY c.region_id, c.person_class;

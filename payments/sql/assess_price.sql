-- The price of every live enrolment of a region on a day, as a view: which price of the terms is whose, which aid is best.
-- The amounts themselves come from the terms (:prices, :aids), so that the arithmetic lives once, outside SQL.
-- standard null: no price can be told (1701 without a date of birth where it depends on the class).
-- uniform: the personal standard is one for all; split: it, or the state's part of a late price, goes by class.
-- late: the day asks for the late price; newborn_since, switch_since: from which birth, last day of employee cover on a
-- person keeps the personal standard all the same (null: nobody).
-- people: only these persons (null: everybody of the region).
CREATE TEMPORARY VIEW priced AS
SELECT e.id AS enrollment_id, e.person_id, e.scheme, CASE WHEN :uniform THEN 'ALL' ELSE class.price_class END AS price_class,
       price.standard, price.kind = 'LATE' AS is_late,
       coalesce(best.category, '') AS aid_category, coalesce(best.aid, 0.00) AS aid,
       price.standard - coalesce(best.aid, 0.00) AS amount,
       GREATEST(CAST(:window_open AS date), CASE WHEN price.standard = 0 THEN p.birth_date ELSE best.valid_from END) AS carried_on
  FROM enrollment_enrollment e
  JOIN enrollment_person p ON p.id = e.person_id
 CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT :split THEN 'ALL'
    WHEN p.person_class LIKE '14%' THEN 'CHILD'
    WHEN p.person_class LIKE '15%' THEN 'ADULT'
    WHEN p.person_class LIKE '16%' THEN 'ELDER'
    WHEN p.birth_date > CAST(:child_after AS date) THEN 'CHILD'
    WHEN p.birth_date <= CAST(:elder_until AS date) THEN 'ELDER'
    WHEN p.birth_date IS NOT NULL THEN 'ADULT'
    ELSE 'ALL' END AS price_class) AS class
 CROSS JOIN LATERAL (SELECT CASE
    WHEN :newborn_free AND p.person_class = '1401' AND p.birth_date >= CAST(:year_start AS date) THEN 'FREE'
    WHEN NOT :late OR p.birth_date >= CAST(:newborn_since AS date) THEN 'PLAIN'
    WHEN CAST(:switch_since AS date) IS NOT NULL AND EXISTS (
      SELECT FROM enrollment_employeespell s
       WHERE s.person_id = p.id AND s.stopped_on >= CAST(:switch_since AS date) AND s.stopped_on < CAST(:on AS date)
         AND NOT EXISTS (SELECT FROM enrollment_employeespell r
              WHERE r.person_id = p.id AND r.started_on <= CAST(:on AS date)
                AND (r.stopped_on IS NULL OR r.stopped_on >= CAST(:on AS date)))) THEN 'PLAIN'
    ELSE 'LATE' END AS kind) AS asked
  LEFT JOIN jsonb_to_recordset(CAST(:prices AS jsonb)) AS price (price_class text, kind text, standard numeric(12, 2))
    ON price.price_class = class.price_class AND price.kind = asked.kind
  LEFT JOIN (
    SELECT DISTINCT ON (c.person_id, a.standard) c.person_id, a.standard, a.category, a.aid, c.valid_from
      FROM enrollment_personcategory c
      JOIN jsonb_to_recordset(CAST(:aids AS jsonb)) AS a (category text, standard numeric(12, 2), aid numeric(12, 2))
        ON a.category = c.category
     WHERE c.valid_from <= CAST(:on AS date) AND (c.valid_to IS NULL OR c.valid_to > CAST(:on AS date))
       AND (CAST(:people AS bigint[]) IS NULL OR c.person_id = ANY(CAST(:people AS bigint[])))
     ORDER BY c.person_id, a.standard, a.aid DESC, a.category COLLATE "C", c.valid_from
  ) AS best ON best.person_id = e.person_id AND best.standard = price.standard
 WHERE e.region_id = :region AND e.scheme = '390' AND e.state = '1' AND e.started_on <= CAST(:year_end AS date)
   AND p.death_date IS NULL AND (p.birth_date IS NULL OR p.birth_date <= CAST(:year_end AS date))
   AND (CAST(:people AS bigint[]) IS NULL
        OR e.person_id = ANY(CAST(:people AS bigint[])) AND p.id = ANY(CAST(:people AS bigint[])));

-- Live payments of a year and regions above what the terms ask on their debit date. The amounts come from the terms
-- (:prices, :aids), so that the arithmetic lives once, outside SQL; which price is whose is told as in assess_price.sql,
-- with the day of each payment: :days holds for each debit date whether the late price holds, and from which birth and
-- which last day of employee cover on it does not.
INSERT INTO payments_pricedifference
  (payment_id, person_id, region_id, policy_id, run_id, debited_on, paid, due, aid_listed, difference, found_at)
SELECT m.id, m.person_id, m.region_id, :policy, :run, m.debited_on, m.amount, price.standard - coalesce(best.aid, 0.00),
       listed.amount, m.amount - (price.standard - coalesce(best.aid, 0.00)) - listed.amount, CAST(:at AS timestamptz)
  FROM payments_payment m
  JOIN enrollment_person p ON p.id = m.person_id
  JOIN jsonb_to_recordset(CAST(:days AS jsonb)) AS d (day date, late boolean, newborn_since date, switch_since date)
    ON d.day = m.debited_on
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
    WHEN NOT d.late OR p.birth_date >= d.newborn_since THEN 'PLAIN'
    WHEN d.switch_since IS NOT NULL AND EXISTS (
      SELECT FROM enrollment_employeespell s
       WHERE s.person_id = p.id AND s.stopped_on >= d.switch_since AND s.stopped_on < m.debited_on
         AND NOT EXISTS (SELECT FROM enrollment_employeespell r
              WHERE r.person_id = p.id AND r.started_on <= m.debited_on
                AND (r.stopped_on IS NULL OR r.stopped_on >= m.debited_on))) THEN 'PLAIN'
    ELSE 'LATE' END AS kind) AS asked
  JOIN jsonb_to_recordset(CAST(:prices AS jsonb)) AS price (price_class text, kind text, standard numeric(12, 2))
    ON price.price_class = class.price_class AND price.kind = asked.kind
  LEFT JOIN LATERAL (
    SELECT max(a.aid) AS aid
      FROM enrollment_personcategory c
      JOIN jsonb_to_recordset(CAST(:aids AS jsonb)) AS a (category text, standard numeric(12, 2), aid numeric(12, 2))
        ON a.category = c.category
     WHERE c.person_id = m.person_id AND a.standard = price.standard
       AND c.valid_from <= m.debited_on AND (c.valid_to IS NULL OR c.valid_to > m.debited_on)) AS best ON TRUE
 CROSS JOIN LATERAL (
    SELECT coalesce(sum(x.amount), 0.00) AS amount FROM payments_aiddifference x WHERE x.payment_id = m.id) AS listed
 WHERE m.id >= :year * 1000000000000 AND m.id < (:year + 1) * 1000000000000
   AND m.region_id = ANY(CAST(:regions AS varchar[]))
   AND m.amount > price.standard - coalesce(best.aid, 0.00) + listed.amount
   AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = m.id)
 ORDER BY m.id
ON CONFLICT (payment_id, policy_id) DO NOTHING;

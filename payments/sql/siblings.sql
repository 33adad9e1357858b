-- Receivables of one person-year in several regions are linked: they are posted under the person's lock.
-- Only persons who got a receivable after number :after are looked at, but all of their receivables of the year are linked.
-- They are found once, before the join: a planner that believes the year to be empty would look for them anew for every row.
WITH doubled AS MATERIALIZED (
  SELECT DISTINCT n.person_id
    FROM payments_receivable n
    JOIN payments_receivable o ON o.person_id = n.person_id AND o.scheme = n.scheme AND o.id <> n.id
     AND o.id > :year * 10000000000 AND o.id < (:year + 1) * 10000000000 AND o.region_id <> n.region_id
   WHERE n.id > :after AND n.id < (:year + 1) * 10000000000 AND n.region_id = :region)
INSERT INTO payments_siblingreceivable (receivable_id, person_id, benefit_year)
SELECT r.id, r.person_id, r.benefit_year
  FROM payments_receivable r
  JOIN doubled d ON d.person_id = r.person_id
 WHERE r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000
   AND NOT EXISTS (SELECT FROM payments_siblingreceivable s WHERE s.receivable_id = r.id)
 ORDER BY r.id;

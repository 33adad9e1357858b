-- I13: a payment's debit day lies between the first day of the window and the last day to pay of its region and year.
-- A version published later may widen the window; newborns (born in the year or the year before) pay by their own rule.
WITH windows AS (
  SELECT region_id, benefit_year, min((terms ->> 'window_open')::date) AS opens,
         max(coalesce((terms ->> 'late_last_pay_day')::date, make_date(benefit_year, 12, 31))) AS closes
    FROM enrollment_policy
   WHERE state IN ('PUBLISHED', 'REPLACED')
   GROUP BY region_id, benefit_year
)
SELECT 'payment' AS what, p.id::text AS key, 'PAID_OUTSIDE_THE_YEAR' AS problem,
       coalesce(w.opens || '..' || w.closes, 'a published policy') AS expected, p.debited_on::text AS found
  FROM payments_payment p
  JOIN payments_receivable r ON r.id = p.id / 100
  LEFT JOIN enrollment_policy y ON y.id = r.policy_id
  LEFT JOIN windows w ON w.region_id = y.region_id AND w.benefit_year = r.benefit_year
  LEFT JOIN enrollment_person h ON h.id = p.person_id AND h.birth_date >= make_date(r.benefit_year - 1, 1, 1)
 WHERE h.id IS NULL AND (p.debited_on BETWEEN w.opens AND w.closes) IS NOT TRUE;

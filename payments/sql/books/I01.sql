-- I01: a person, benefit year and scheme is carried by one payment; paying again needs the reversal of the one before.
-- A key ends in nth, the number of reversals so far: nth > 0 stands on a reversed nth - 1.
WITH live AS (
  SELECT p.person_id, p.id / 1000000000000 AS benefit_year, r.scheme, min(p.id) AS first, max(p.id) AS last, count(*) AS n
    FROM payments_payment p
    JOIN payments_receivable r ON r.id = p.id / 100
    LEFT JOIN payments_reversal v ON v.payment_id = p.id
   WHERE v.line_id IS NULL
   GROUP BY p.person_id, p.id / 1000000000000, r.scheme
  HAVING count(*) > 1
)
SELECT 'payment' AS what, last::text AS key, 'YEAR_PAID_TWICE' AS problem,
       'payment ' || first || ' alone' AS expected, n || ' payments' AS found
  FROM live
UNION ALL
SELECT 'payment', p.id::text, 'PAID_AGAIN_WITHOUT_REVERSAL', 'payment ' || (p.id - 1) || ' reversed', 'not reversed'
  FROM payments_payment p
  LEFT JOIN payments_reversal v ON v.payment_id = p.id - 1
 WHERE p.id % 100 > 0 AND v.line_id IS NULL;

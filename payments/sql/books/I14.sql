-- I14: cover in force has a live payment of its receivable behind it, or an exemption; one cover for a person, year and
-- scheme; a live payment has its cover decided. In force is the row of a receivable with the highest number.
WITH replaced AS (
  SELECT id / 100 AS receivable_id, max(id) AS id FROM enrollment_coverage GROUP BY id / 100 HAVING count(*) > 1
), force AS (
  SELECT c.id, c.person_id, c.scheme, c.start, c.payment_id
    FROM enrollment_coverage c
    LEFT JOIN replaced r ON r.receivable_id = c.id / 100
   WHERE r.id IS NULL OR r.id = c.id
), last_assessed AS (
  SELECT DISTINCT ON (receivable_id) receivable_id, amount FROM payments_assessment ORDER BY receivable_id, id DESC
), behind AS (
  SELECT f.*, p.id AS live_id, v.line_id AS reversed, coalesce(a.amount, r.amount) AS due
    FROM force f
    LEFT JOIN payments_payment p ON p.id = f.payment_id AND p.id / 100 = f.id / 100
    LEFT JOIN payments_reversal v ON v.payment_id = p.id
    LEFT JOIN payments_receivable r ON r.id = f.id / 100 AND f.payment_id IS NULL
    LEFT JOIN last_assessed a ON a.receivable_id = r.id
   WHERE f.start IS NOT NULL
)
SELECT 'cover' AS what, id::text AS key,
       CASE WHEN reversed IS NOT NULL THEN 'COVER_OF_A_REVERSED_PAYMENT' ELSE 'COVER_WITHOUT_PAYMENT' END AS problem,
       'a live payment or nothing due' AS expected, coalesce('payment ' || payment_id, 'due ' || due, 'none') AS found
  FROM behind
 WHERE reversed IS NOT NULL OR (live_id IS NULL AND (payment_id IS NOT NULL OR due IS DISTINCT FROM 0))
UNION ALL
SELECT 'cover', max(id)::text, 'TWO_COVERS_IN_FORCE', 'cover ' || min(id) || ' alone', count(*) || ' rows'
  FROM behind
 GROUP BY person_id, scheme, id / 1000000000000
HAVING count(*) > 1
UNION ALL
SELECT 'payment', p.id::text, 'PAID_AND_NO_COVER_DECIDED', 'a row of cover', 'none'
  FROM payments_payment p
  LEFT JOIN payments_reversal v ON v.payment_id = p.id
  LEFT JOIN force f ON f.payment_id = p.id
 WHERE v.line_id IS NULL AND f.id IS NULL;

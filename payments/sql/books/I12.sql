-- I12: what a bank says it debited, by bank, region and day, is what we posted, booked as duplicate, or gave to a person.
-- What a channel says it debited for an order is a payment or a duplicate of each of its lines.
-- Each side is summed from its own rows; a line without a readable day is summed under none.
WITH lines AS (
  SELECT id, bank_id, region_id, bucket, debited_on, debited FROM payments_bankline WHERE ok AND debited > 0
), sides AS (
  SELECT bank_id, region_id, debited_on AS day, debited AS received, 0 AS explained FROM lines
  UNION ALL
  SELECT l.bank_id, p.region_id, p.debited_on, 0, p.amount
    FROM payments_payment p JOIN payments_bankline l ON l.id = p.line_id
   WHERE p.id NOT IN (SELECT payment_id FROM payments_swap WHERE payment_id IS NOT NULL)
  UNION ALL
  SELECT l.bank_id, d.region_id, d.debited_on, 0, d.amount
    FROM payments_duplicatepayment d JOIN payments_bankline l ON l.id = d.line_id
   WHERE d.line_id NOT IN (SELECT duplicate_id FROM payments_swap)
  UNION ALL
  SELECT l.bank_id, w.region_id, l.debited_on, 0, w.amount
    FROM payments_workitem w JOIN lines l ON l.id = w.line_id
   WHERE w.kind IN ('UNMATCHED', 'REJECTED_MONEY')
)
SELECT 'day' AS what, concat_ws(' ', bank_id, region_id, coalesce(day::text, 'none')) AS key,
       'RECEIVED_IS_NOT_EXPLAINED' AS problem, sum(received)::text AS expected, sum(explained)::text AS found
  FROM sides
 GROUP BY bank_id, region_id, day
HAVING sum(received) <> sum(explained)
UNION ALL
SELECT 'order', n.number, 'PAID_IS_NOT_BOOKED', n.amount::text, coalesce(sum(coalesce(p.amount, d.amount)), 0)::text
  FROM payments_order n
  LEFT JOIN payments_orderline s ON s.order_id = n.id
  LEFT JOIN payments_payment p ON p.line_id = s.id AND p.id BETWEEN s.receivable_id * 100 AND s.receivable_id * 100 + 99
   AND NOT EXISTS (SELECT FROM payments_swap w WHERE w.payment_id = p.id)
  LEFT JOIN payments_duplicatepayment d ON d.line_id = s.id
 WHERE n.state = 'PAID'
 GROUP BY n.id, n.number, n.amount
HAVING coalesce(sum(coalesce(p.amount, d.amount)), 0) <> n.amount;

-- I07: what live cases ask back of a payment or a duplicate is not more than it was; a line's case, money and sum agree.
WITH live AS (
  SELECT l.payment_id, l.duplicate_id, sum(l.amount) AS wanted
    FROM refunds_refundline l JOIN refunds_refundcase c ON c.id = l.case_id
   WHERE c.state NOT IN ('DRAFT', 'REJECTED', 'WITHDRAWN')
   GROUP BY l.payment_id, l.duplicate_id
)
SELECT CASE WHEN live.payment_id IS NULL THEN 'duplicate' ELSE 'payment' END AS what,
       coalesce(live.payment_id, live.duplicate_id)::text AS key, 'REFUNDED_MORE_THAN_PAID' AS problem,
       coalesce(p.amount, d.amount, 0)::text AS expected, live.wanted::text AS found
  FROM live
  LEFT JOIN payments_payment p ON p.id = live.payment_id
  LEFT JOIN payments_duplicatepayment d ON d.line_id = live.duplicate_id
 WHERE live.wanted > coalesce(p.amount, d.amount, 0)
UNION ALL
SELECT 'refund case', c.id::text, 'CASE_IS_NOT_ITS_LINES', c.amount::text, coalesce(sum(l.amount), 0)::text
  FROM refunds_refundcase c LEFT JOIN refunds_refundline l ON l.case_id = c.id
 GROUP BY c.id, c.amount
HAVING c.amount <> coalesce(sum(l.amount), 0) OR count(l.id) = 0;

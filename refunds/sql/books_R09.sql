-- R09: an approved case gave its payments back whole, or asks for a part; a reversal of a refund stands on the line of such a case.
WITH whole AS (
  SELECT l.payment_id, l.duplicate_id, sum(l.amount) AS given, bool_and(c.reason = 'AID_DIFF') AS aid
    FROM refunds_refundline l JOIN refunds_refundcase c ON c.id = l.case_id
   WHERE c.state IN ('TAX_APPROVED', 'TREASURY_SENT', 'FUND_PAYMENT', 'PAY_FAILED', 'PAID')
      OR c.state = 'CLOSED' AND c.approved_by_id IS NOT NULL
   GROUP BY l.payment_id, l.duplicate_id
)
SELECT 'reversal' AS what, v.line_id::text AS key, 'REFUND_WITHOUT_CASE' AS problem, 'an approved case' AS expected,
       coalesce(c.state, 'none') AS found
  FROM payments_reversal v
  LEFT JOIN refunds_refundline l ON l.id = v.line_id - 8000000000000000000
  LEFT JOIN refunds_refundcase c ON c.id = l.case_id
 WHERE v.line_id >= 8000000000000000000
   AND (c.approved_by_id IS NULL OR l.payment_id IS DISTINCT FROM v.payment_id
        OR l.duplicate_id IS DISTINCT FROM v.duplicate_id)
UNION ALL
SELECT CASE WHEN w.payment_id IS NULL THEN 'duplicate' ELSE 'payment' END,
       coalesce(w.payment_id, w.duplicate_id)::text, 'GIVEN_BACK_AND_STILL_COUNTED', 'a reversal', 'none'
  FROM whole w
  LEFT JOIN payments_payment p ON p.id = w.payment_id
  LEFT JOIN payments_duplicatepayment d ON d.line_id = w.duplicate_id
  LEFT JOIN payments_reversal v ON v.payment_id = w.payment_id OR v.duplicate_id = w.duplicate_id
 WHERE NOT w.aid AND w.given = coalesce(p.amount, d.amount) AND v.line_id IS NULL;

-- I04: money that a bank debited (an OK line with an amount) is a payment, a booked duplicate, or hangs on a work item.
-- Money that a channel said it took is a paid order with that serial and amount, or hangs on a work item.
SELECT 'bank line' AS what, l.id::text AS key, 'DEBITED_AND_NOWHERE' AS problem, l.debited::text AS expected,
       CASE l.bucket WHEN 1 THEN coalesce(p.amount::text, 'no payment') WHEN 2 THEN coalesce(d.amount::text, 'no duplicate')
            ELSE coalesce(w.amount::text, 'no work item') END AS found
  FROM payments_bankline l
  LEFT JOIN payments_payment p ON p.line_id = l.id AND l.bucket = 1
  LEFT JOIN payments_duplicatepayment d ON d.line_id = l.id AND l.bucket = 2
  LEFT JOIN (SELECT line_id, max(amount) AS amount FROM payments_workitem
              WHERE kind IN ('UNMATCHED', 'REJECTED_MONEY') GROUP BY line_id) w ON w.line_id = l.id AND l.bucket > 2
 WHERE l.ok AND l.debited > 0
   AND l.debited IS DISTINCT FROM CASE l.bucket WHEN 1 THEN p.amount WHEN 2 THEN d.amount ELSE w.amount END
UNION ALL
SELECT 'order debit', d.id::text, 'DEBITED_AND_NOWHERE', concat_ws(' ', d.channel_serial, d.amount),
       CASE WHEN d.item_id IS NOT NULL THEN 'work item of ' || w.amount
            ELSE concat_ws(' ', 'order', n.state, n.channel_serial, n.amount) END
  FROM payments_orderdebit d
  LEFT JOIN payments_workitem w ON w.id = d.item_id
  LEFT JOIN payments_order n ON n.id = d.booked_as_id
 WHERE CASE WHEN d.item_id IS NOT NULL THEN w.amount IS DISTINCT FROM d.amount
            ELSE (n.state, n.channel, n.channel_serial, n.amount) IS DISTINCT FROM ('PAID', d.channel, d.channel_serial, d.amount) END;

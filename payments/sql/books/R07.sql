-- R07: a reversal takes back one payment or duplicate, all of it, on the word of a bank line or of the channel of its order; and every line by which the
-- bank took money back has its reversal. Those of refunds (from 8 * 10^18 on) are held against their cases by the refunds.
SELECT 'reversal' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT v.line_id AS key, CASE
      WHEN coalesce(p.id, d.line_id) IS NULL
        THEN ARRAY['NOTHING_TO_REVERSE', coalesce('payment ' || v.payment_id, 'duplicate ' || v.duplicate_id), 'none']
      WHEN v.amount <> coalesce(p.amount, d.amount)
        THEN ARRAY['AMOUNT_DIFFERS', coalesce(p.amount, d.amount)::text, v.amount::text]
      WHEN v.person_id <> coalesce(p.person_id, d.person_id)
        THEN ARRAY['PERSON_DIFFERS', 'person ' || coalesce(p.person_id, d.person_id), 'person ' || v.person_id]
      WHEN v.receivable_id <> coalesce(p.id / 100, d.receivable_id)
        THEN ARRAY['RECEIVABLE_DIFFERS', 'receivable ' || coalesce(p.id / 100, d.receivable_id), 'receivable ' || v.receivable_id]
      WHEN v.line_id >= 8000000000000000000 THEN NULL
      WHEN w.id IS NULL AND v.booked_line_id IS DISTINCT FROM coalesce(p.line_id, d.line_id)
        THEN ARRAY['BOOKED_LINE_DIFFERS', coalesce('line ' || coalesce(p.line_id, d.line_id), 'none'),
                   coalesce('line ' || v.booked_line_id, 'none')]
      WHEN w.id IS NULL AND l.id IS NULL AND (o.id IS NULL OR v.line_id <> v.booked_line_id) THEN ARRAY['LINE_MISSING', 'line ' || v.line_id, 'none']
    END AS fault
    FROM payments_reversal v
    LEFT JOIN payments_payment p ON p.id = v.payment_id
    LEFT JOIN payments_duplicatepayment d ON d.line_id = v.duplicate_id
    LEFT JOIN payments_bankline l ON l.id = v.line_id
    LEFT JOIN payments_orderline o ON o.id = v.line_id
    LEFT JOIN payments_swap w ON v.line_id >= 7000000000000000000 AND w.id = (v.line_id - 7000000000000000000) / 2) AS checked
 WHERE fault IS NOT NULL
UNION ALL
SELECT 'bank line', l.id::text, 'REVERSAL_MISSING', 'a reversal', 'none'
  FROM payments_bankline l
  LEFT JOIN payments_reversal v ON v.line_id = l.id
 WHERE l.reason = 'REVERSED' AND l.bucket = 3 AND v.line_id IS NULL;

-- The payment that carried a year was taken back by bank or channel, and a duplicate of it is still here: nothing carries the year,
-- though the payer's money is with us. A person looks at it. Swaps and refunds (7 * 10^18 on) are decided by people already.
INSERT INTO payments_workitem
  (kind, region_id, person_id, file_id, line_id, instruction_id, amount, reason, state, due_on, opened_at, resolution)
SELECT 'REVERSED', d.region_id, d.person_id, NULL, d.line_id, NULL, d.amount, 'DUPLICATE_LEFT', 'OPEN', CAST(:due_on AS date),
       clock_timestamp(), ''
  FROM payments_reversal v
  JOIN payments_duplicatepayment d ON d.person_id = v.person_id AND d.carried_by = v.payment_id
  LEFT JOIN payments_reversal w ON w.duplicate_id = d.line_id
  LEFT JOIN payments_workitem o ON o.kind = 'REVERSED' AND o.line_id = d.line_id
 WHERE v.payment_id IS NOT NULL AND v.line_id < 7000000000000000000 AND w.line_id IS NULL AND o.id IS NULL
   AND NOT EXISTS (SELECT FROM payments_receivable r
                     JOIN payments_payment p ON p.id BETWEEN r.id * 100 AND r.id * 100 + 99
                    WHERE r.person_id = d.person_id AND r.id / 10000000000 = d.receivable_id / 10000000000
                      AND NOT EXISTS (SELECT FROM payments_reversal b WHERE b.payment_id = p.id))
 ORDER BY d.line_id
ON CONFLICT DO NOTHING;

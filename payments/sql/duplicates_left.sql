-- Duplicates that are still here though the payment that carried their year was taken back, so that nothing carries it; the number of
-- what took it back, from 8 * 10^18 on a refund. Where the two changed places, the year is carried.
SELECT d.line_id, d.region_id, d.person_id, d.amount, max(v.line_id) AS taken_by
  FROM payments_reversal v
  JOIN payments_duplicatepayment d ON d.person_id = v.person_id AND d.carried_by = v.payment_id
  LEFT JOIN payments_reversal w ON w.duplicate_id = d.line_id
  LEFT JOIN payments_workitem o ON o.kind = 'REVERSED' AND o.line_id = d.line_id
 WHERE v.payment_id IS NOT NULL AND w.line_id IS NULL AND o.id IS NULL
   AND NOT EXISTS (SELECT FROM payments_receivable r
                     JOIN payments_payment p ON p.id BETWEEN r.id * 100 AND r.id * 100 + 99
                    WHERE r.person_id = d.person_id AND r.id / 10000000000 = d.receivable_id / 10000000000
                      AND NOT EXISTS (SELECT FROM payments_reversal b WHERE b.payment_id = p.id))
 GROUP BY d.line_id, d.region_id, d.person_id, d.amount
 ORDER BY d.line_id;

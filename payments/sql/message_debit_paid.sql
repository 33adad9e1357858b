-- Debits that succeeded in result files applied since :since, and were not taken back.
SELECT p.id AS subject_id, p.region_id, p.person_id, p.id / 1000000000000 AS year, p.amount,
       p.debited_on AS day, CAST(:on AS date) + 3 AS until
  FROM payments_bankfile f
  JOIN payments_bankline l ON l.id BETWEEN f.id * 100000000 AND f.id * 100000000 + 99999999 AND l.bucket = 1
  JOIN payments_payment p ON p.id BETWEEN l.instruction_id / 100 * 100 AND l.instruction_id / 100 * 100 + 99
                         AND p.line_id = l.id
 WHERE f.state = 'APPLIED' AND f.finished_at > :since AND f.kind = 'RESULT'
   AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id);

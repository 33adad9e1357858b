-- Debits declined in result files applied since :since for want of money.
SELECT i.id AS subject_id, i.region_id, i.person_id, i.id / 1000000000000 AS year, i.amount,
       CAST(NULL AS date) AS day, CAST(:on AS date) + 3 AS until
  FROM payments_bankfile f
  JOIN payments_bankline l ON l.id BETWEEN f.id * 100000000 AND f.id * 100000000 + 99999999 AND l.bucket = 3
  JOIN payments_instruction i ON i.id = l.instruction_id
 WHERE f.state = 'APPLIED' AND f.finished_at > :since AND f.kind = 'RESULT' AND l.internal = 'NO_FUNDS';

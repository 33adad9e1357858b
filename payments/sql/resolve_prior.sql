-- What earlier files of the batch answered: per instruction the booked answer, else the latest one.
CREATE UNLOGGED TABLE :"prior" AS
SELECT DISTINCT ON (l.instruction_id)
       l.instruction_id, l.bucket, l.serial, l.debited, v.line_id IS NOT NULL AS reversed
  FROM payments_bankline l
  JOIN payments_bankfile f
    ON f.batch_id = :batch AND f.id <> :file
   AND l.id >= f.id * 100000000 AND l.id < (f.id + 1) * 100000000
  LEFT JOIN payments_reversal v ON v.booked_line_id = l.id
 WHERE l.instruction_id IS NOT NULL
 ORDER BY l.instruction_id, CASE WHEN l.bucket IN (1, 2) THEN 0 WHEN l.bucket = 6 THEN 2 ELSE 1 END, l.id DESC;
ALTER TABLE :"prior" ADD PRIMARY KEY (instruction_id);
-- Money that earlier files of the bank brought and nobody could match, where this file speaks of the same serial.
CREATE UNLOGGED TABLE :"loose" AS
SELECT DISTINCT ON (l.serial, l.instruction_id) l.serial, l.instruction_id, l.debited, l.id AS line_id
  FROM payments_bankline l
  JOIN :"resolved" r ON r.serial = l.serial AND r.ok
 WHERE l.bank_id = :bank AND l.bucket = 5 AND l.serial <> ''
 ORDER BY l.serial, l.instruction_id, l.id;
ANALYZE :"resolved";
ANALYZE :"prior";
ANALYZE :"loose";

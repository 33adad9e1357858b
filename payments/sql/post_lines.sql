-- Answers: one narrow row a line, in line order; repeated lines get no row.
INSERT INTO payments_bankline
  (id, region_id, bank_id, bucket, ok, instruction_id, due, debited, debited_on, code, internal, reason, serial)
SELECT line_id, :region, :bank, bucket, ok, instruction_id, due, paid, debited_on, code, internal, coalesce(reason, ''), serial
  FROM judged
 WHERE NOT repeated
 ORDER BY line_id;

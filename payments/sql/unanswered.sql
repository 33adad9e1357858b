-- Instructions of a batch without any line in any file that still hold their receivable: how many, and yuan.
SELECT count(*) AS lines, coalesce(sum(i.amount), 0) AS amount
  FROM payments_instruction i
  JOIN payments_hold h ON h.id = i.id / 100 AND h.instruction_id = i.id
 WHERE i.batch_id = :batch AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000
   AND NOT EXISTS (SELECT FROM payments_bankline l WHERE l.instruction_id = i.id AND l.bucket <> 1)
   AND NOT EXISTS (SELECT FROM payments_payment p
        WHERE p.id BETWEEN i.id / 100 * 100 AND i.id / 100 * 100 + 99 AND p.instruction_id = i.id);

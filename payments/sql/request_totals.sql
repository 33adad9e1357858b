-- What a batch's frozen rows add up to, to be held against its header.
SELECT count(*) AS lines, coalesce(sum(i.amount), 0.00) AS amount, coalesce(max(i.seq), 0) AS last_seq
  FROM payments_instruction i
 WHERE i.batch_id = :batch AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000;

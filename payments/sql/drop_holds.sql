-- The receivables of a batch are free again: its holds, and only its own.
DELETE FROM payments_hold h
 USING payments_instruction i
 WHERE i.batch_id = :batch AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000
   AND h.id = i.id / 100 AND h.instruction_id = i.id
   AND h.id > :year * 10000000000 AND h.id < (:year + 1) * 10000000000;

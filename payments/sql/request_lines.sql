-- The lines of a batch's request file as COPY sends them: layout A but for COPY's escapes, the line ends and the encoding.
COPY (
  SELECT i.seq, i.account, i.holder, i.amount, CAST(i.cross_bank AS integer), i.bank_name, i.cnaps, i.mandate_no,
         CAST(:prefix AS text) || overlay(lpad(CAST(i.id % 100000000000 AS text), 11, '0') PLACING '-' FROM 10 FOR 0),
         CAST(:summary AS text), i.remark, ''
    FROM payments_instruction i
   WHERE i.batch_id = :batch AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000
   ORDER BY i.seq
) TO STDOUT (DELIMITER '|', NULL '');

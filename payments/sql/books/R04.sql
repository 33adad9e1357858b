-- R04: a bank line has its file, and answers an instruction of that file's batch or none.
SELECT 'bank line' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT l.id AS key, CASE
      WHEN f.id IS NULL THEN ARRAY['FILE_MISSING', 'file ' || l.id / 100000000, 'none']
      WHEN f.bank_id IS DISTINCT FROM l.bank_id THEN ARRAY['BANK_DIFFERS', coalesce(f.bank_id, 'none'), l.bank_id]
      WHEN l.instruction_id IS NOT NULL AND i.id IS NULL
        THEN ARRAY['INSTRUCTION_MISSING', 'instruction ' || l.instruction_id, 'none']
      WHEN i.id IS NOT NULL AND i.batch_id IS DISTINCT FROM f.batch_id
        THEN ARRAY['INSTRUCTION_OF_ANOTHER_BATCH', coalesce('batch ' || f.batch_id, 'none'), 'batch ' || i.batch_id]
    END AS fault
    FROM payments_bankline l
    LEFT JOIN payments_bankfile f ON f.id = l.id / 100000000
    LEFT JOIN payments_instruction i ON i.id = l.instruction_id) AS checked
 WHERE fault IS NOT NULL;

-- R02: an instruction has its receivable, its batch of the same year, the mandate of its person, an amount that was due;
-- a batch has as many instructions, and as many yuan, as it says.
WITH due AS (
  SELECT id AS receivable_id, amount FROM payments_receivable
  UNION ALL
  SELECT a.receivable_id, a.amount FROM payments_assessment a
   WHERE NOT EXISTS (SELECT FROM payments_receivable r WHERE r.id = a.receivable_id AND r.amount = a.amount)
   GROUP BY a.receivable_id, a.amount
), written AS (
  SELECT batch_id, count(*) AS lines, sum(amount) AS amount, max(seq) AS last FROM payments_instruction GROUP BY batch_id
)
SELECT 'instruction' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT i.id AS key, CASE
      WHEN r.id IS NULL THEN ARRAY['RECEIVABLE_MISSING', 'receivable ' || i.id / 100, 'none']
      WHEN r.person_id <> i.person_id THEN ARRAY['PERSON_DIFFERS', 'person ' || r.person_id, 'person ' || i.person_id]
      WHEN d.receivable_id IS NULL THEN ARRAY['AMOUNT_NEVER_DUE', r.amount::text, i.amount::text]
      WHEN b.id IS NULL THEN ARRAY['BATCH_MISSING', 'batch ' || i.batch_id, 'none']
      WHEN b.benefit_year <> i.id / 1000000000000
        THEN ARRAY['BATCH_OF_ANOTHER_YEAR', (i.id / 1000000000000)::text, b.benefit_year::text]
      WHEN m.id IS NULL THEN ARRAY['MANDATE_MISSING', 'mandate ' || i.mandate_id, 'none']
      WHEN m.person_id <> i.person_id THEN ARRAY['MANDATE_OF_ANOTHER', 'person ' || i.person_id, 'person ' || m.person_id]
    END AS fault
    FROM payments_instruction i
    LEFT JOIN payments_receivable r ON r.id = i.id / 100
    LEFT JOIN due d ON d.receivable_id = i.id / 100 AND d.amount = i.amount
    LEFT JOIN payments_debitbatch b ON b.id = i.batch_id
    LEFT JOIN payments_mandate m ON m.id = i.mandate_id) AS checked
 WHERE fault IS NOT NULL
UNION ALL
SELECT 'batch', b.id::text, 'BATCH_DOES_NOT_ADD_UP', concat_ws(' ', b.lines, b.amount, b.lines),
       concat_ws(' ', coalesce(w.lines, 0), coalesce(w.amount, 0), coalesce(w.last, 0))
  FROM payments_debitbatch b
  LEFT JOIN written w ON w.batch_id = b.id
 WHERE b.lines <> coalesce(w.lines, 0) OR b.amount <> coalesce(w.amount, 0) OR b.lines <> coalesce(w.last, 0);

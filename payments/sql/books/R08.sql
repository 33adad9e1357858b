-- R08: what hangs on a row hangs on one that is there: later amounts, siblings, releases, texts, work items.
SELECT 'later amount' AS what, a.id::text AS key, 'RECEIVABLE_MISSING' AS problem, 'receivable ' || a.receivable_id AS expected,
       coalesce('receivable ' || r.id, 'none') AS found
  FROM payments_assessment a LEFT JOIN payments_receivable r ON r.id = a.receivable_id AND a.id / 100 = r.id
 WHERE r.id IS NULL
UNION ALL
SELECT 'sibling', s.receivable_id::text, 'RECEIVABLE_MISSING', concat_ws(' ', 'person', s.person_id, s.benefit_year),
       coalesce(concat_ws(' ', 'person', r.person_id, r.benefit_year), 'none')
  FROM payments_siblingreceivable s LEFT JOIN payments_receivable r ON r.id = s.receivable_id
 WHERE (r.person_id, r.benefit_year) IS DISTINCT FROM (s.person_id, s.benefit_year)
UNION ALL
SELECT 'receivable', max(r.id)::text, 'SIBLING_NOT_LINKED', 'siblings', count(s.receivable_id) || ' of ' || count(*) || ' linked'
  FROM payments_receivable r LEFT JOIN payments_siblingreceivable s ON s.receivable_id = r.id
 GROUP BY r.person_id, r.benefit_year, r.scheme
HAVING count(*) > 1 AND count(s.receivable_id) < count(*)
UNION ALL
SELECT 'released instruction', x.instruction_id::text, 'INSTRUCTION_MISSING', 'batch ' || x.batch_id,
       coalesce('batch ' || i.batch_id, 'none')
  FROM payments_instructionrelease x LEFT JOIN payments_instruction i ON i.id = x.instruction_id
 WHERE i.batch_id IS DISTINCT FROM x.batch_id
UNION ALL
SELECT 'text of a line', t.line_id::text, 'LINE_MISSING', 'line ' || t.line_id, 'none'
  FROM payments_linetext t LEFT JOIN payments_bankline l ON l.id = t.line_id
 WHERE l.id IS NULL
UNION ALL
SELECT 'work item', w.id::text, 'LINE_MISSING', 'line ' || w.line_id, coalesce('line ' || l.id, 'none')
  FROM payments_workitem w
  LEFT JOIN payments_bankline l ON l.id = w.line_id
  LEFT JOIN payments_orderline o ON o.id = w.line_id
  LEFT JOIN payments_settlementline t ON t.id = w.line_id
 WHERE w.line_id IS NOT NULL AND o.id IS NULL
   AND (coalesce(l.id, t.id) IS NULL OR w.file_id IS DISTINCT FROM coalesce(l.id, t.id) / 100000000)
UNION ALL
SELECT 'work item', w.id::text, 'INSTRUCTION_MISSING', 'instruction ' || w.instruction_id, 'none'
  FROM payments_workitem w LEFT JOIN payments_instruction i ON i.id = w.instruction_id
 WHERE w.instruction_id IS NOT NULL AND i.id IS NULL;

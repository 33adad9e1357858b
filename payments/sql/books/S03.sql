-- S03: a debit that was not posted hangs on a work item with its amount; one that the bank returned names the line of a statement
-- that gave back exactly that, and its work is done. NO_CASE and CASE_LATE are warnings: the next pull repairs them.
SELECT 'debit not posted' AS what, k.id::text AS key, 'AMOUNT_DIFFERS' AS problem, w.amount::text AS expected, k.amount::text AS found
  FROM payments_debitcase k JOIN payments_workitem w ON w.id = k.item_id
 WHERE w.amount <> k.amount OR w.region_id <> k.region_id
UNION ALL
SELECT 'debit not posted', k.id::text, 'RETURN_DIFFERS', k.amount::text, coalesce(s.amount::text, 'no line')
  FROM payments_debitcase k
  LEFT JOIN payments_settlementline s
    ON s.id = k.return_line_id AND s.turn = 2 AND s.ours_kind = 5 AND s.ours_id = k.id AND s.outcome = 1
 WHERE k.state = 'RETURNED' AND s.amount IS DISTINCT FROM k.amount
UNION ALL
SELECT 'debit not posted', k.id::text, 'RETURNED_AND_STILL_WORK', 'RESOLVED', w.state
  FROM payments_debitcase k JOIN payments_workitem w ON w.id = k.item_id
 WHERE k.state = 'RETURNED' AND w.state <> 'RESOLVED'
UNION ALL
SELECT 'settlement line', s.id::text, 'RETURN_CLOSES_NOTHING', 'case ' || s.ours_id, coalesce(k.state, 'none')
  FROM payments_settlementline s LEFT JOIN payments_debitcase k ON k.id = s.ours_id
 WHERE s.ours_kind = 5 AND s.turn = 2 AND s.outcome = 1 AND k.return_line_id IS DISTINCT FROM s.id
UNION ALL
SELECT 'work item', w.id::text, 'NO_CASE', 'a case', 'none'
  FROM payments_workitem w
  LEFT JOIN payments_debitcase k ON k.item_id = w.id
  LEFT JOIN payments_settlementline s ON s.id = w.line_id AND s.side = 1
 WHERE k.id IS NULL AND w.amount > 0 AND w.state <> 'RESOLVED'
   AND (w.kind IN ('UNMATCHED', 'REJECTED_MONEY') OR w.kind = 'LONG' AND s.id IS NOT NULL)
UNION ALL
SELECT 'debit not posted', k.id::text, 'CASE_LATE', w.state, k.state
  FROM payments_debitcase k JOIN payments_workitem w ON w.id = k.item_id
 WHERE k.state IN ('OPEN', 'ESCALATED') AND w.state = 'RESOLVED';

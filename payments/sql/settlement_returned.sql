-- Returns close the debits that were never posted: the case, its work item, and the hold that waited for the bank's word.
UPDATE payments_debitcase k
   SET state = 'RETURNED', return_line_id = j.line_id, returned_on = j.happened_on, closed_at = :at
  FROM judged j
 WHERE j.fresh AND j.turn = 2 AND j.outcome = 1 AND j.ours_kind = 5 AND k.id = j.ours_id;
UPDATE payments_workitem w
   SET state = 'RESOLVED', resolved_at = clock_timestamp(), resolution = 'RETURNED_BY_BANK'
  FROM judged j
  JOIN payments_debitcase k ON k.id = j.ours_id AND k.return_line_id = j.line_id
 WHERE j.ours_kind = 5 AND w.id = k.item_id AND w.state <> 'RESOLVED';
DELETE FROM payments_hold h
 USING judged j
  JOIN payments_debitcase k ON k.id = j.ours_id AND k.return_line_id = j.line_id
  JOIN payments_workitem w ON w.id = k.item_id AND w.instruction_id IS NOT NULL
 WHERE j.ours_kind = 5 AND h.id = w.instruction_id / 100 AND h.instruction_id = w.instruction_id
   AND NOT EXISTS (SELECT FROM payments_payment p
                    WHERE p.id BETWEEN h.id * 100 AND h.id * 100 + 99 AND p.instruction_id = w.instruction_id);

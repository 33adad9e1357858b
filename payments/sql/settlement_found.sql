-- What an earlier file lacked is there now: its work is done by the river.
UPDATE payments_workitem w
   SET state = 'RESOLVED', resolved_at = clock_timestamp(), resolution = 'STATED_LATER'
  FROM judged j
  JOIN payments_settlementline m
    ON m.side = :side AND m.turn = j.turn AND m.ours_kind = j.ours_kind AND m.ours_id = j.ours_id AND m.outcome = 2
 WHERE j.fresh AND j.is_ours AND w.line_id = m.id AND w.kind = 'SHORT' AND w.state <> 'RESOLVED';

-- I10: the history of a stateful row, with what the row says now as its end, shows only moves that its table of MOVES lists.
-- Only rows whose history ever said another state than the row does now (or whose row is gone) have moved at all.
WITH moves AS (
  SELECT * FROM unnest(CAST(:tables AS text[]), CAST(:olds AS text[]), CAST(:news AS text[])) AS m (what, old, new)
), told AS (
  SELECT 'proposal' AS what, e.pgh_obj_id AS key, e.pgh_id AS turn, e.state, t.state AS now
    FROM bureau_proposalevent e LEFT JOIN bureau_proposal t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'enrolment', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM enrollment_enrollmentevent e LEFT JOIN enrollment_enrollment t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'policy', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM enrollment_policyevent e LEFT JOIN enrollment_policy t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'policy run', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM enrollment_policyrunevent e LEFT JOIN enrollment_policyrun t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'mandate', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM payments_mandateevent e LEFT JOIN payments_mandate t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'batch', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM payments_debitbatchevent e LEFT JOIN payments_debitbatch t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'file', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM payments_bankfileevent e LEFT JOIN payments_bankfile t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'chunk', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM payments_filechunkevent e LEFT JOIN payments_filechunk t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'work item', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM payments_workitemevent e LEFT JOIN payments_workitem t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'voucher batch', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM payments_voucherbatchevent e LEFT JOIN payments_voucherbatch t ON t.id = e.pgh_obj_id
  UNION ALL SELECT 'debit not posted', e.pgh_obj_id, e.pgh_id, e.state, t.state
    FROM payments_debitcaseevent e LEFT JOIN payments_debitcase t ON t.id = e.pgh_obj_id
), moved AS (
  SELECT what, key, min(now) AS now FROM told WHERE state IS DISTINCT FROM now GROUP BY what, key
), seen AS (
  SELECT t.what, t.key, t.turn, t.state FROM told t JOIN moved m ON m.what = t.what AND m.key = t.key
  UNION ALL
  SELECT what, key, 9223372036854775807, now FROM moved WHERE now IS NOT NULL
), steps AS (
  SELECT what, key, lag(state) OVER (PARTITION BY what, key ORDER BY turn) AS old, state AS new FROM seen
)
SELECT s.what, s.key::text AS key, 'MOVE_NOT_LISTED' AS problem, 'a move of ' || s.old AS expected,
       s.old || ' -> ' || s.new AS found
  FROM steps s
  LEFT JOIN moves m USING (what, old, new)
 WHERE s.old <> s.new AND m.what IS NULL;

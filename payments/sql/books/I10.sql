-- I10: the history of a stateful row, with what the row says now as its end, shows only moves that its table of MOVES lists.
WITH moves AS (
  SELECT * FROM unnest(CAST(:tables AS text[]), CAST(:olds AS text[]), CAST(:news AS text[])) AS m (what, old, new)
), seen AS (
  SELECT 'proposal' AS what, pgh_obj_id AS key, pgh_id AS turn, state FROM bureau_proposalevent
  UNION ALL SELECT 'proposal', id, 9223372036854775807, state FROM bureau_proposal
  UNION ALL SELECT 'enrolment', pgh_obj_id, pgh_id, state FROM enrollment_enrollmentevent
  UNION ALL SELECT 'enrolment', id, 9223372036854775807, state FROM enrollment_enrollment
  UNION ALL SELECT 'policy', pgh_obj_id, pgh_id, state FROM enrollment_policyevent
  UNION ALL SELECT 'policy', id, 9223372036854775807, state FROM enrollment_policy
  UNION ALL SELECT 'mandate', pgh_obj_id, pgh_id, state FROM payments_mandateevent
  UNION ALL SELECT 'mandate', id, 9223372036854775807, state FROM payments_mandate
  UNION ALL SELECT 'batch', pgh_obj_id, pgh_id, state FROM payments_debitbatchevent
  UNION ALL SELECT 'batch', id, 9223372036854775807, state FROM payments_debitbatch
  UNION ALL SELECT 'file', pgh_obj_id, pgh_id, state FROM payments_bankfileevent
  UNION ALL SELECT 'file', id, 9223372036854775807, state FROM payments_bankfile
  UNION ALL SELECT 'chunk', pgh_obj_id, pgh_id, state FROM payments_filechunkevent
  UNION ALL SELECT 'chunk', id, 9223372036854775807, state FROM payments_filechunk
  UNION ALL SELECT 'work item', pgh_obj_id, pgh_id, state FROM payments_workitemevent
  UNION ALL SELECT 'work item', id, 9223372036854775807, state FROM payments_workitem
), steps AS (
  SELECT what, key, lag(state) OVER (PARTITION BY what, key ORDER BY turn) AS old, state AS new FROM seen
)
SELECT s.what, s.key::text AS key, 'MOVE_NOT_LISTED' AS problem, 'a move of ' || s.old AS expected,
       s.old || ' -> ' || s.new AS found
  FROM steps s
  LEFT JOIN moves m USING (what, old, new)
 WHERE s.old <> s.new AND m.what IS NULL;

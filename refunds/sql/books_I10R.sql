-- I10R: the steps of a case follow each other, make only moves that the table of MOVES lists, and end where the case is.
WITH moves AS (
  SELECT * FROM unnest(CAST(:olds AS text[]), CAST(:news AS text[])) AS m (old, new)
), told AS (
  SELECT s.case_id, s.number, s.from_state, s.to_state,
         coalesce(lag(s.to_state) OVER turn, '') AS before, lead(s.number) OVER turn IS NULL AS last
    FROM refunds_refundstep s WINDOW turn AS (PARTITION BY s.case_id ORDER BY s.number)
)
SELECT 'refund case' AS what, t.case_id::text AS key, 'STEPS_DO_NOT_FOLLOW' AS problem, 'from ' || t.before AS expected,
       'step ' || t.number || ' from ' || t.from_state AS found
  FROM told t WHERE t.from_state <> t.before
UNION ALL
SELECT 'refund case', t.case_id::text, 'MOVE_NOT_LISTED', 'a move of ' || t.from_state, t.from_state || ' -> ' || t.to_state
  FROM told t LEFT JOIN moves m ON m.old = t.from_state AND m.new = t.to_state
 WHERE t.from_state NOT IN ('', t.to_state) AND m.new IS NULL
UNION ALL
SELECT 'refund case', c.id::text, 'CASE_IS_NOT_ITS_LAST_STEP', coalesce(t.to_state, 'a step'), c.state
  FROM refunds_refundcase c LEFT JOIN told t ON t.case_id = c.id AND t.last
 WHERE c.state IS DISTINCT FROM t.to_state;

-- I22: a row carries the region of what it belongs to, terms are those of the region or of one above it; who acted works, or once worked, in that region or above it.
WITH RECURSIVE pairs AS (
  SELECT 'receivable' AS what, r.id AS key, r.region_id AS mine, e.region_id AS parent
    FROM payments_receivable r JOIN enrollment_enrollment e ON e.id = r.enrollment_id
  UNION ALL SELECT 'later amount', a.id, a.region_id, r.region_id
    FROM payments_assessment a JOIN payments_receivable r ON r.id = a.receivable_id
  UNION ALL SELECT 'instruction', i.id, i.region_id, r.region_id
    FROM payments_instruction i JOIN payments_receivable r ON r.id = i.id / 100
  UNION ALL SELECT 'instruction', i.id, i.region_id, b.region_id
    FROM payments_instruction i JOIN payments_debitbatch b ON b.id = i.batch_id
  UNION ALL SELECT 'released instruction', x.instruction_id, x.region_id, b.region_id
    FROM payments_instructionrelease x JOIN payments_debitbatch b ON b.id = x.batch_id
  UNION ALL SELECT 'hold', h.id, h.region_id, r.region_id
    FROM payments_hold h JOIN payments_receivable r ON r.id = h.id
  UNION ALL SELECT 'file', f.id, f.region_id, b.region_id
    FROM payments_bankfile f JOIN payments_debitbatch b ON b.id = f.batch_id
  UNION ALL SELECT 'bank line', l.id, l.region_id, f.region_id
    FROM payments_bankline l JOIN payments_bankfile f ON f.id = l.id / 100000000
  UNION ALL SELECT 'tally', t.id, t.region_id, f.region_id
    FROM payments_filetally t JOIN payments_bankfile f ON f.id = t.file_id
  UNION ALL SELECT 'payment', p.id, p.region_id, r.region_id
    FROM payments_payment p JOIN payments_receivable r ON r.id = p.id / 100
  UNION ALL SELECT 'duplicate', d.line_id, d.region_id, r.region_id
    FROM payments_duplicatepayment d JOIN payments_receivable r ON r.id = d.receivable_id
  UNION ALL SELECT 'reversal', v.line_id, v.region_id, r.region_id
    FROM payments_reversal v JOIN payments_receivable r ON r.id = v.receivable_id
  UNION ALL SELECT 'cover', c.id, c.region_id, r.region_id
    FROM enrollment_coverage c JOIN payments_receivable r ON r.id = c.id / 100
  UNION ALL SELECT 'work item', w.id, w.region_id, f.region_id
    FROM payments_workitem w JOIN payments_bankfile f ON f.id = w.file_id
), acts AS (
  SELECT 'batch' AS what, id AS key, region_id, made_by_id AS user_id FROM payments_debitbatch
  UNION ALL SELECT 'batch', id, region_id, released_by_id FROM payments_debitbatch
  UNION ALL SELECT 'file', id, region_id, uploaded_by_id FROM payments_bankfile WHERE state <> 'REJECTED'
  UNION ALL SELECT 'file', id, region_id, released_by_id FROM payments_bankfile
  -- A transfer is asked for by the region that receives the person, and decided by the other one.
  UNION ALL SELECT 'proposal', id, region_id, made_by_id FROM bureau_proposal WHERE kind <> 'enrollment.transfer'
  UNION ALL SELECT 'proposal', id, region_id, reviewed_by_id FROM bureau_proposal
), above (code, ancestor) AS (
  SELECT code, code FROM bureau_region
  UNION
  SELECT a.code, r.parent_id FROM above a JOIN bureau_region r ON r.code = a.ancestor WHERE r.parent_id IS NOT NULL
), posts AS (
  SELECT user_id, region_id FROM bureau_staffregion
  UNION SELECT user_id, region_id FROM bureau_staffregionevent
), everywhere AS (
  SELECT ug.user_id FROM bureau_user_groups ug JOIN auth_group g ON g.id = ug.group_id
   WHERE g.name = ANY (CAST(:everywhere AS text[]))
), inside AS (
  SELECT DISTINCT p.user_id, a.code AS region_id FROM posts p JOIN above a ON a.ancestor = p.region_id
)
SELECT what, key::text AS key, 'REGION_DIFFERS' AS problem, parent AS expected, mine AS found
  FROM pairs
 WHERE mine IS DISTINCT FROM parent
UNION ALL
SELECT 'receivable', r.id::text, 'POLICY_OF_ANOTHER_REGION', r.region_id || ' or above', y.region_id
  FROM payments_receivable r
  JOIN enrollment_policy y ON y.id = r.policy_id
  LEFT JOIN above a ON a.code = r.region_id AND a.ancestor = y.region_id
 WHERE y.region_id <> r.region_id AND a.code IS NULL
UNION ALL
SELECT a.what, a.key::text, 'ACTED_OUTSIDE_REGION', a.region_id, 'user ' || a.user_id
  FROM acts a
  LEFT JOIN inside i ON i.user_id = a.user_id AND i.region_id = a.region_id
 WHERE a.user_id IS NOT NULL AND a.region_id IS NOT NULL AND i.user_id IS NULL
   AND a.user_id NOT IN (SELECT user_id FROM everywhere);

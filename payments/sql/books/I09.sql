-- I09: who made something did not also release, publish or approve it.
SELECT 'batch' AS what, id::text AS key, 'RELEASED_BY_ITS_MAKER' AS problem, 'another person' AS expected,
       'user ' || made_by_id AS found
  FROM payments_debitbatch WHERE released_by_id = made_by_id
UNION ALL
SELECT 'file', id::text, 'RELEASED_BY_ITS_UPLOADER', 'another person', 'user ' || uploaded_by_id
  FROM payments_bankfile WHERE released_by_id = uploaded_by_id
UNION ALL
SELECT 'proposal', id::text, 'APPROVED_BY_ITS_MAKER', 'another person', 'user ' || made_by_id
  FROM bureau_proposal WHERE state IN ('APPROVED', 'REJECTED') AND reviewed_by_id = made_by_id
UNION ALL
SELECT 'policy', id::text, 'PUBLISHED_BY_ITS_MAKER', 'another person', 'user ' || made_by_id
  FROM enrollment_policy WHERE published_by_id = made_by_id
UNION ALL
SELECT 'instruction', r.instruction_id::text, 'RELEASED_WITHOUT_TWO_PERSONS', 'an approved proposal',
       coalesce(p.state, 'no proposal')
  FROM payments_instructionrelease r
  LEFT JOIN bureau_proposal p ON p.id = r.proposal_id
 WHERE p.state IS DISTINCT FROM 'APPROVED';

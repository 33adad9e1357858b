-- Aid members taken back: what began goes, what ended goes on, exactly as it was.
INSERT INTO enrollment_change (kind, person_id, region_id, effective_on, details, reason, made_by_id, made_at)
SELECT 'UNDONE', l.person_id, p.region_id, :month, jsonb_build_object('list', :list::bigint, 'category', l.params->>'category'),
       :why, :by, :at
  FROM enrollment_listline l JOIN enrollment_person p ON p.id = l.person_id
 WHERE l.list_id = :list AND l.line_no <= :done AND l.code IN ('CATEGORY_NEW', 'CATEGORY_AGAIN', 'CATEGORY_ENDED')
 ORDER BY l.line_no;
DELETE FROM enrollment_personcategory c USING enrollment_listline l
 WHERE l.list_id = :list AND l.line_no <= :done AND l.code = 'CATEGORY_NEW' AND c.person_id = l.person_id
   AND c.category = l.params->>'category' AND c.valid_from = (l.params->>'since')::date;
UPDATE enrollment_personcategory c SET valid_to = (l.before->>'valid_to')::date
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no <= :done AND l.code IN ('CATEGORY_AGAIN', 'CATEGORY_ENDED')
   AND c.id = (l.before->>'id')::bigint;

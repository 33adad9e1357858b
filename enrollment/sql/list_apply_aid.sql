-- One chunk of a full list of aid members: categories begin, go on again, end.
UPDATE enrollment_listline l SET outcome = 'CONTRADICTORY', code = 'CHANGED_MEANWHILE'
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last
   AND (l.code = 'CATEGORY_NEW' AND EXISTS (
             SELECT FROM enrollment_personcategory c WHERE c.person_id = l.person_id AND c.category = l.params->>'category'
                AND (c.valid_to IS NULL OR c.valid_to > :month OR c.valid_from = (l.params->>'since')::date))
        OR l.code IN ('CATEGORY_AGAIN', 'CATEGORY_ENDED') AND NOT EXISTS (
             SELECT FROM enrollment_personcategory c WHERE c.id = (l.before->>'id')::bigint
                AND c.valid_to IS NOT DISTINCT FROM (l.before->>'valid_to')::date));
INSERT INTO enrollment_personcategory (person_id, category, valid_from, source)
SELECT l.person_id, l.params->>'category', (l.params->>'since')::date, :reason
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code = 'CATEGORY_NEW'
 ORDER BY l.line_no;
UPDATE enrollment_personcategory c SET valid_to = CASE WHEN l.code = 'CATEGORY_ENDED' THEN :month END
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code IN ('CATEGORY_AGAIN', 'CATEGORY_ENDED')
   AND c.id = (l.before->>'id')::bigint;
INSERT INTO enrollment_change (kind, person_id, region_id, effective_on, details, reason, made_by_id, made_at)
SELECT CASE WHEN l.code = 'CATEGORY_ENDED' THEN 'CATEGORY_ENDED' ELSE 'CATEGORY_BEGAN' END, l.person_id, p.region_id,
       CASE WHEN l.code = 'CATEGORY_NEW' THEN (l.params->>'since')::date ELSE :month END,
       jsonb_build_object('list', :list::bigint, 'category', l.params->>'category'), :reason, :by, :at
  FROM enrollment_listline l JOIN enrollment_person p ON p.id = l.person_id
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last
   AND l.code IN ('CATEGORY_NEW', 'CATEGORY_AGAIN', 'CATEGORY_ENDED')
 ORDER BY l.line_no;

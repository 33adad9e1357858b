-- One chunk of a list of registrations. What somebody else changed since the preview is left alone and told. Where somebody
-- else registered one of its persons, inserting fails: list_apply_taken tells those lines, and the chunk is done again.
-- Foreign keys are checked statement by statement: deferred, every row's checks would wait in memory for the commit.
SET CONSTRAINTS ALL IMMEDIATE;
SELECT p.id FROM enrollment_person p JOIN enrollment_listline l ON l.person_id = p.id
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code IN ('ENROLLED', 'CHANGED')
 ORDER BY p.id FOR NO KEY UPDATE OF p;
UPDATE enrollment_listline l SET outcome = 'CONTRADICTORY', code = 'CHANGED_MEANWHILE', enrollment_id = NULL, before = NULL
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last
   AND (l.code IN ('ENROLLED', 'CHANGED') AND NOT EXISTS (
             SELECT FROM enrollment_person p WHERE p.id = l.person_id AND p.version = (l.before->>'version')::int)
        OR l.code = 'ENROLLED' AND EXISTS (
             SELECT FROM enrollment_enrollment e WHERE e.person_id = l.person_id AND e.region_id = :region
                AND e.scheme = '390' AND e.state IN ('0', '1', '2')));
INSERT INTO enrollment_person (id, id_type, id_number, id_alias, name, initials, gender, birth_date, phone, person_class,
                               region_id, created_at, version)
SELECT l.person_id, r.id_type, r.number, r.alias, r.name, r.initials, r.gender, r.birth, r.phone, r.person_class, :region, :at, 0
  FROM enrollment_listline l JOIN :"rows" r ON r.line = l.line_no AND r.line BETWEEN :first AND :last
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code = 'REGISTERED'
 ORDER BY l.line_no;
UPDATE enrollment_person p
   SET phone = CASE WHEN r.phone = '' THEN p.phone ELSE r.phone END, person_class = r.person_class, version = p.version + 1
  FROM enrollment_listline l JOIN :"rows" r ON r.line = l.line_no AND r.line BETWEEN :first AND :last
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code IN ('ENROLLED', 'CHANGED') AND p.id = l.person_id
   AND (r.phone <> '' AND r.phone <> p.phone OR r.person_class <> p.person_class);
INSERT INTO enrollment_enrollment (id, person_id, region_id, scheme, state, started_on, end_reason, reason)
SELECT l.enrollment_id, l.person_id, :region, '390', '1', :day, '', :reason
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code IN ('REGISTERED', 'ENROLLED')
 ORDER BY l.line_no;
INSERT INTO enrollment_change (kind, person_id, region_id, enrollment_id, effective_on, details, reason, made_by_id, made_at)
SELECT l.code, l.person_id, :region, l.enrollment_id, :day, (SELECT jsonb_build_object('list', :list::bigint)), :reason, :by, :at
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code IN ('REGISTERED', 'ENROLLED')
 ORDER BY l.line_no;
INSERT INTO enrollment_change (kind, person_id, region_id, enrollment_id, effective_on, details, reason, made_by_id, made_at)
SELECT 'CORRECTED', l.person_id, :region, NULL, :day,
       jsonb_build_object('list', :list::bigint, 'person_class', jsonb_build_array(l.before->>'person_class', r.person_class)),
       :reason, :by, :at
  FROM enrollment_listline l JOIN :"rows" r ON r.line = l.line_no AND r.line BETWEEN :first AND :last
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code IN ('ENROLLED', 'CHANGED')
   AND l.before->>'person_class' <> r.person_class
 ORDER BY l.line_no;

-- Registrations taken back: enrolments end as a mistake, fields return, households opened or joined by the list are left.
INSERT INTO enrollment_change (kind, person_id, region_id, enrollment_id, effective_on, details, reason, made_by_id, made_at)
SELECT 'UNDONE', l.person_id, :region, l.enrollment_id, :day, jsonb_build_object('list', :list::bigint), :why, :by, :at
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no <= :done AND l.code IN ('REGISTERED', 'ENROLLED', 'CHANGED') ORDER BY l.line_no;
UPDATE enrollment_enrollment e SET state = '4', ended_on = greatest(:day, e.started_on), end_reason = 'MISTAKE', reason = :why
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no <= :done AND l.code IN ('REGISTERED', 'ENROLLED') AND e.id = l.enrollment_id
   AND e.state <> '4';
UPDATE enrollment_person p
   SET phone = l.before->>'phone', person_class = l.before->>'person_class', version = p.version + 1
  FROM enrollment_listline l
 WHERE l.list_id = :list AND l.line_no <= :done AND l.code IN ('ENROLLED', 'CHANGED') AND p.id = l.person_id
   AND (p.phone <> l.before->>'phone' OR p.person_class <> l.before->>'person_class');
CREATE TEMPORARY TABLE list_leaving ON COMMIT DROP AS
SELECT m.id, m.household_id FROM enrollment_householdmember m JOIN enrollment_listline l ON l.person_id = m.person_id
 WHERE l.list_id = :list AND l.line_no <= :done AND m.left_on IS NULL
   AND (l.code = 'REGISTERED' OR m.household_id = l.household_id);
DELETE FROM enrollment_householdmember m USING list_leaving g WHERE m.id = g.id;
UPDATE enrollment_household h SET closed_on = greatest(:day, h.opened_on), version = h.version + 1
 WHERE h.closed_on IS NULL AND h.id IN (SELECT g.household_id FROM list_leaving g)
   AND NOT EXISTS (SELECT FROM enrollment_householdmember m WHERE m.household_id = h.id AND m.left_on IS NULL);
DROP TABLE list_leaving;

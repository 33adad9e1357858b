-- The rest of a list into households, at its end: a head may stand further down than the members, may have lived here before,
-- and may be somebody else's member: whoever has a household already comes first. Who lives in one stays there.
CREATE TEMPORARY TABLE list_joining ON COMMIT DROP AS
SELECT l.id AS line, l.person_id, l.line_no, r.relation, r.town, r.village, r.address, r.phone, h.id AS head_id
  FROM enrollment_listline l JOIN :"rows" r ON r.line = l.line_no
  JOIN enrollment_person h ON h.id_type = CASE WHEN r.head = r.number THEN r.id_type ELSE '01' END AND h.id_number = r.head
       AND h.merged_into_id IS NULL AND h.death_date IS NULL
  LEFT JOIN enrollment_householdmember m ON m.person_id = l.person_id AND m.left_on IS NULL
 WHERE l.list_id = :list AND l.code IN ('REGISTERED', 'ENROLLED', 'CHANGED')
   AND r.head <> '' AND m.id IS NULL
   AND (:regions::text[] IS NULL OR h.region_id = ANY (:regions::text[]));
INSERT INTO enrollment_householdmember (household_id, person_id, relation, joined_on)
SELECT m.household_id, j.person_id, CASE WHEN j.relation = 'HEAD' THEN 'OTHER' ELSE j.relation END, :day
  FROM list_joining j JOIN enrollment_householdmember m ON m.person_id = j.head_id AND m.left_on IS NULL
 WHERE j.person_id <> j.head_id ORDER BY j.line_no;
CREATE TEMPORARY TABLE list_opening ON COMMIT DROP AS
SELECT nextval('enrollment_household_id_seq') AS id, f.*
  FROM (SELECT DISTINCT ON (j.head_id) j.head_id, j.town, j.village, j.address, j.phone
          FROM list_joining j LEFT JOIN enrollment_householdmember m ON m.person_id = j.head_id AND m.left_on IS NULL
         WHERE m.id IS NULL ORDER BY j.head_id, (j.person_id = j.head_id) DESC, j.line_no) AS f;
INSERT INTO enrollment_household (id, region_id, town, village, address, phone, opened_on, version)
SELECT id, :region, town, village, address, phone, :day, 0 FROM list_opening ORDER BY id;
INSERT INTO enrollment_householdmember (household_id, person_id, relation, joined_on)
SELECT id, head_id, 'HEAD', :day FROM list_opening ORDER BY id;
INSERT INTO enrollment_householdmember (household_id, person_id, relation, joined_on)
SELECT m.household_id, j.person_id, CASE WHEN j.relation = 'HEAD' THEN 'OTHER' ELSE j.relation END, :day
  FROM list_joining j JOIN enrollment_householdmember m ON m.person_id = j.head_id AND m.left_on IS NULL
 WHERE j.person_id <> j.head_id
   AND NOT EXISTS (SELECT FROM enrollment_householdmember o WHERE o.person_id = j.person_id AND o.left_on IS NULL)
 ORDER BY j.line_no;
-- A line says which household only where taking it back needs that: who came with the list has no other household.
UPDATE enrollment_listline l SET household_id = m.household_id
  FROM list_joining j JOIN enrollment_householdmember m ON m.person_id = j.person_id AND m.left_on IS NULL
 WHERE l.id = j.line AND l.code <> 'REGISTERED';
DROP TABLE list_joining, list_opening;

-- Families of one chunk that came together, all of them and their head new: nobody needs to be looked up.
CREATE TEMPORARY TABLE list_opening ON COMMIT DROP AS
SELECT nextval('enrollment_household_id_seq') AS id, l.person_id, r.id_type, r.number, r.town, r.village, r.address, r.phone
  FROM enrollment_listline l JOIN :"rows" r ON r.line = l.line_no AND r.line BETWEEN :first AND :last
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code = 'REGISTERED' AND r.head = r.number;
INSERT INTO enrollment_household (id, region_id, town, village, address, phone, opened_on, version)
SELECT id, :region, town, village, address, phone, :day, 0 FROM list_opening ORDER BY id;
INSERT INTO enrollment_householdmember (household_id, person_id, relation, joined_on)
SELECT h.id, l.person_id,
       CASE WHEN l.person_id = h.person_id THEN 'HEAD' WHEN r.relation = 'HEAD' THEN 'OTHER' ELSE r.relation END, :day
  FROM enrollment_listline l JOIN :"rows" r ON r.line = l.line_no AND r.line BETWEEN :first AND :last
  JOIN list_opening h ON h.number = r.head
       AND CASE WHEN r.head = r.number THEN h.person_id = l.person_id ELSE h.id_type = '01' END
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code = 'REGISTERED'
 ORDER BY l.line_no;
DROP TABLE list_opening;

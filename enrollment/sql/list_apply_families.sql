-- Families of one chunk that came together, all of them and their head new: nobody needs to be looked up.
CREATE TEMPORARY TABLE list_family ON COMMIT DROP AS
SELECT l.person_id, l.line_no, r.id_type, r.number, r.head, r.relation, r.town, r.village, r.address, r.phone,
       CASE WHEN r.head = r.number THEN nextval('enrollment_household_id_seq') END AS opened
  FROM enrollment_listline l JOIN :"rows" r ON r.line = l.line_no AND r.line BETWEEN :first AND :last
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code = 'REGISTERED' AND r.head <> '';
INSERT INTO enrollment_household (id, region_id, town, village, address, phone, opened_on, version)
SELECT opened, :region, town, village, address, phone, :day, 0 FROM list_family WHERE opened IS NOT NULL ORDER BY opened;
INSERT INTO enrollment_householdmember (household_id, person_id, relation, joined_on)
SELECT h.opened, f.person_id, CASE WHEN f.person_id = h.person_id THEN 'HEAD' WHEN f.relation = 'HEAD' THEN 'OTHER' ELSE f.relation END,
       :day
  FROM list_family f JOIN list_family h ON h.number = f.head AND h.opened IS NOT NULL
       AND CASE WHEN f.opened IS NULL THEN h.id_type = '01' ELSE h.opened = f.opened END
 ORDER BY f.line_no;
DROP TABLE list_family;

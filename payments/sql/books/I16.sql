-- I16: one live enrolment per person, scheme and pooling region; ID numbers are normalised, and a resident's number passes
-- its check digit (GB 11643: ISO 7064 MOD 11-2). The number itself is never shown.
WITH cards AS (
  SELECT id, id_number AS n, id_number ~ '^[1-9][0-9]{16}[0-9X]$' AS in_form FROM enrollment_person WHERE id_type = '01'
), digits AS (
  SELECT id, in_form, right(n, 1) AS last, substr('10X98765432', 1 + (
      (ascii(substr(n, 1, 1)) - 48) * 7 + (ascii(substr(n, 2, 1)) - 48) * 9 + (ascii(substr(n, 3, 1)) - 48) * 10
    + (ascii(substr(n, 4, 1)) - 48) * 5 + (ascii(substr(n, 5, 1)) - 48) * 8 + (ascii(substr(n, 6, 1)) - 48) * 4
    + (ascii(substr(n, 7, 1)) - 48) * 2 + (ascii(substr(n, 8, 1)) - 48) * 1 + (ascii(substr(n, 9, 1)) - 48) * 6
    + (ascii(substr(n, 10, 1)) - 48) * 3 + (ascii(substr(n, 11, 1)) - 48) * 7 + (ascii(substr(n, 12, 1)) - 48) * 9
    + (ascii(substr(n, 13, 1)) - 48) * 10 + (ascii(substr(n, 14, 1)) - 48) * 5 + (ascii(substr(n, 15, 1)) - 48) * 8
    + (ascii(substr(n, 16, 1)) - 48) * 4 + (ascii(substr(n, 17, 1)) - 48) * 2) % 11, 1) AS should
    FROM cards
)
SELECT 'person' AS what, id::text AS key, CASE WHEN in_form THEN 'ID_CHECK_DIGIT' ELSE 'ID_FORM' END AS problem,
       CASE WHEN in_form THEN 'another last place' ELSE '18 places' END AS expected, 'masked' AS found
  FROM digits
 WHERE NOT in_form OR last <> should
UNION ALL
SELECT 'person', id::text, 'ID_NOT_NORMALISED', 'A-Z 0-9 / ( ) -', 'masked'
  FROM enrollment_person
 WHERE id_number !~ '^[0-9A-Z/()\-]{1,40}$' AND id_type <> '01'
UNION ALL
SELECT 'person', max(id)::text, 'ID_TWICE', 'person ' || min(id) || ' alone', count(*) || ' persons'
  FROM enrollment_person
 GROUP BY id_type, id_number HAVING count(*) > 1
UNION ALL
SELECT 'enrolment', max(id)::text, 'TWO_LIVE_ENROLMENTS', 'enrolment ' || min(id) || ' alone', count(*) || ' live'
  FROM enrollment_enrollment
 WHERE state IN ('0', '1', '2')
 GROUP BY person_id, scheme, region_id HAVING count(*) > 1;

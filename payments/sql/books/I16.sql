-- I16: one live enrolment per person, scheme and pooling region; ID numbers are normalised, and a resident's number passes
-- its check digit (GB 11643: ISO 7064 MOD 11-2, weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2). The number is never shown.
-- In form, each byte is a digit: 48 is '0', and 4800 is 48 times the sum of the weights.
WITH cards AS MATERIALIZED (
  SELECT id, CASE WHEN id_number ~ '^[1-9][0-9]{16}[0-9X]$' THEN convert_to(id_number, 'UTF8') END AS n
    FROM enrollment_person
   WHERE id_type = '01'
), digits AS (
  SELECT id, n, CASE WHEN n IS NOT NULL THEN get_byte(n, 17) = ascii(substr('10X98765432', 1 + (
      get_byte(n, 0) * 7 + get_byte(n, 1) * 9 + get_byte(n, 2) * 10 + get_byte(n, 3) * 5 + get_byte(n, 4) * 8
    + get_byte(n, 5) * 4 + get_byte(n, 6) * 2 + get_byte(n, 7) + get_byte(n, 8) * 6 + get_byte(n, 9) * 3
    + get_byte(n, 10) * 7 + get_byte(n, 11) * 9 + get_byte(n, 12) * 10 + get_byte(n, 13) * 5 + get_byte(n, 14) * 8
    + get_byte(n, 15) * 4 + get_byte(n, 16) * 2 - 4800) % 11, 1)) END AS passes
    FROM cards
)
SELECT 'person' AS what, id::text AS key, CASE WHEN n IS NULL THEN 'ID_FORM' ELSE 'ID_CHECK_DIGIT' END AS problem,
       CASE WHEN n IS NULL THEN '18 places' ELSE 'another last place' END AS expected, 'masked' AS found
  FROM digits
 WHERE passes IS NOT TRUE
UNION ALL
SELECT 'person', id::text, 'ID_NOT_NORMALISED', 'A-Z 0-9 / ( ) -', 'masked'
  FROM enrollment_person
 WHERE id_type <> '01' AND id_number !~ '^[0-9A-Z/()\-]{1,40}$'
UNION ALL
SELECT 'person', max(id)::text, 'ID_TWICE', 'person ' || min(id) || ' alone', count(*) || ' persons'
  FROM enrollment_person
 GROUP BY id_type, id_number HAVING count(*) > 1
UNION ALL
SELECT 'enrolment', max(id)::text, 'TWO_LIVE_ENROLMENTS', 'enrolment ' || min(id) || ' alone', count(*) || ' live'
  FROM enrollment_enrollment
 WHERE state IN ('0', '1', '2')
 GROUP BY person_id, scheme, region_id HAVING count(*) > 1;

-- R01: a receivable has its person, its enrolment of that person and scheme, and a policy of its year.
SELECT 'receivable' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT r.id AS key, CASE
      WHEN h.id IS NULL THEN ARRAY['PERSON_MISSING', 'person ' || r.person_id, 'none']
      WHEN e.id IS NULL THEN ARRAY['ENROLMENT_MISSING', 'enrolment ' || r.enrollment_id, 'none']
      WHEN e.person_id <> r.person_id OR e.scheme <> r.scheme
        THEN ARRAY['ENROLMENT_OF_ANOTHER', concat_ws(' ', 'person', r.person_id, r.scheme),
                   concat_ws(' ', 'person', e.person_id, e.scheme)]
      WHEN y.id IS NULL THEN ARRAY['POLICY_MISSING', 'policy ' || r.policy_id, 'none']
      WHEN y.benefit_year <> r.benefit_year THEN ARRAY['POLICY_OF_ANOTHER_YEAR', r.benefit_year::text, y.benefit_year::text]
      WHEN r.benefit_year <> r.id / 10000000000 THEN ARRAY['YEAR_OF_KEY', (r.id / 10000000000)::text, r.benefit_year::text]
    END AS fault
    FROM payments_receivable r
    LEFT JOIN enrollment_person h ON h.id = r.person_id
    LEFT JOIN enrollment_enrollment e ON e.id = r.enrollment_id
    LEFT JOIN enrollment_policy y ON y.id = r.policy_id) AS checked
 WHERE fault IS NOT NULL;

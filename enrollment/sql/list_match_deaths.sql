-- Who died, who is known to have died already, and what the register says otherwise.
INSERT INTO enrollment_listline (list_id, line_no, outcome, code, "column", value, params, person_id, before)
SELECT :list, m.line,
       CASE m.code WHEN 'DIED' THEN 'ENDED' WHEN 'PERSON_UNKNOWN' THEN 'UNKNOWN' ELSE 'CONTRADICTORY' END, m.code,
       CASE m.code WHEN 'NAME_DIFFERS' THEN '姓名' WHEN 'PERSON_UNKNOWN' THEN '身份证号码' ELSE '死亡时间' END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN left(m.name, 1) || repeat('*', greatest(length(m.name) - 1, 0))
                   WHEN 'PERSON_UNKNOWN' THEN left(m.number, 6) || '********' || right(m.number, 4) ELSE m.day::text END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN jsonb_build_object('known',
                        left(m.known_name, 1) || repeat('*', greatest(length(m.known_name) - 1, 0)))
                   WHEN 'DEATH_DIFFERS' THEN jsonb_build_object('known', m.death_date)
                   WHEN 'DEATH_BEFORE_BIRTH' THEN jsonb_build_object('known', m.birth_date)
                   WHEN 'DIED' THEN jsonb_build_object('day', m.day) END,
       CASE WHEN m.code <> 'PERSON_UNKNOWN' THEN m.person END,
       CASE WHEN m.code = 'DIED' THEN jsonb_build_object('version', m.version,
            'enrollments', (SELECT coalesce(jsonb_agg(jsonb_build_array(e.id, e.state) ORDER BY e.id), '[]')
                              FROM enrollment_enrollment e WHERE e.person_id = m.person AND e.state <> '4'),
            'members', (SELECT coalesce(jsonb_agg(h.id), '[]') FROM enrollment_householdmember h
                         WHERE h.person_id = m.person AND h.left_on IS NULL),
            'wards', (SELECT coalesce(jsonb_agg(h.id), '[]') FROM enrollment_householdmember h
                       WHERE h.guardian_id = m.person AND h.left_on IS NULL)) END
  FROM (
    SELECT r.line, r.number, r.name, r.day, p.id AS person, p.name AS known_name, p.version, p.birth_date, p.death_date,
           CASE WHEN p.id IS NULL OR NOT (p.region_id = ANY (:below::text[]) OR EXISTS (
                     SELECT FROM enrollment_enrollment e WHERE e.person_id = p.id AND e.region_id = ANY (:below::text[])))
                     THEN 'PERSON_UNKNOWN'
                WHEN p.name <> r.name THEN 'NAME_DIFFERS'
                WHEN p.birth_date > r.day THEN 'DEATH_BEFORE_BIRTH'
                WHEN p.death_date = r.day THEN 'SAME'
                WHEN p.death_date IS NOT NULL THEN 'DEATH_DIFFERS'
                ELSE 'DIED' END AS code
      FROM :"rows" r
      LEFT JOIN enrollment_person o ON o.id_type = '01' AND o.id_number = r.number
      LEFT JOIN enrollment_person p ON p.id = coalesce(o.merged_into_id, o.id)) AS m
 WHERE m.code <> 'SAME';

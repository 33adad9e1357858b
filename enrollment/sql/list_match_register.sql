-- What each staged registration would do; a row that changes nothing leaves no line.
INSERT INTO enrollment_listline (list_id, line_no, outcome, code, "column", value, params, person_id, enrollment_id, before)
SELECT :list, m.line,
       CASE m.code WHEN 'REGISTERED' THEN 'NEW' WHEN 'ENROLLED' THEN 'NEW' WHEN 'CHANGED' THEN 'UPDATED'
                   WHEN 'NOT_IN_YOUR_REGION' THEN 'ERROR' ELSE 'CONTRADICTORY' END,
       m.code,
       CASE m.code WHEN 'NAME_DIFFERS' THEN '姓名' WHEN 'BIRTH_DIFFERS' THEN '出生日期' WHEN 'REGISTERED' THEN ''
                   WHEN 'ENROLLED' THEN '' WHEN 'CHANGED' THEN '' ELSE '证件号码' END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN left(m.name, 1) || repeat('*', greatest(length(m.name) - 1, 0))
                   WHEN 'BIRTH_DIFFERS' THEN m.birth::text ELSE '' END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN jsonb_build_object('known',
                        left(m.known_name, 1) || repeat('*', greatest(length(m.known_name) - 1, 0)))
                   WHEN 'BIRTH_DIFFERS' THEN jsonb_build_object('known', m.known_birth)
                   WHEN 'PERSON_DEAD' THEN jsonb_build_object('day', m.death_date)
                   WHEN 'EMPLOYEE_ACTIVE' THEN jsonb_build_object('since', m.employee_since) END,
       CASE WHEN m.code = 'REGISTERED' THEN nextval('enrollment_person_id_seq')
            WHEN m.code <> 'NOT_IN_YOUR_REGION' THEN m.person END,
       CASE WHEN m.code IN ('REGISTERED', 'ENROLLED') THEN nextval('enrollment_enrollment_id_seq') ELSE m.enrollment END,
       CASE WHEN m.code IN ('ENROLLED', 'CHANGED') THEN
            jsonb_build_object('version', m.version, 'phone', m.known_phone, 'person_class', m.known_class) END
  FROM (
    SELECT r.line, r.name, r.birth, p.id AS person, p.name AS known_name, p.birth_date AS known_birth, p.death_date,
           p.version, p.phone AS known_phone, p.person_class AS known_class, e.id AS enrollment, s.started_on AS employee_since,
           CASE WHEN p.id IS NULL THEN 'REGISTERED'
                WHEN :regions::text[] IS NOT NULL AND NOT (p.region_id = ANY (:regions::text[])) THEN 'NOT_IN_YOUR_REGION'
                WHEN p.death_date IS NOT NULL THEN 'PERSON_DEAD'
                WHEN p.name <> r.name THEN 'NAME_DIFFERS'
                WHEN r.birth IS NOT NULL AND p.birth_date IS NOT NULL AND p.birth_date <> r.birth THEN 'BIRTH_DIFFERS'
                WHEN e.id IS NULL AND s.started_on IS NOT NULL THEN 'EMPLOYEE_ACTIVE'
                WHEN e.id IS NULL THEN 'ENROLLED'
                WHEN r.phone <> '' AND r.phone <> p.phone OR r.person_class <> p.person_class
                     OR r.head <> '' AND h.id IS NULL AND (r.head = r.number OR EXISTS (
                          SELECT FROM enrollment_person x WHERE x.id_type = '01' AND x.id_number = r.head
                             AND x.merged_into_id IS NULL AND x.death_date IS NULL
                             AND (:regions::text[] IS NULL OR x.region_id = ANY (:regions::text[]))) OR EXISTS (
                          SELECT FROM :"rows" w WHERE w.number = r.head AND w.id_type = '01' AND NOT EXISTS (
                             SELECT FROM enrollment_person y WHERE y.id_type = '01' AND y.id_number = w.number)))
                     THEN 'CHANGED'
                ELSE 'SAME' END AS code
      FROM :"rows" r
      LEFT JOIN enrollment_person o ON o.id_type = r.id_type AND o.id_number = r.number
      LEFT JOIN enrollment_person a ON o.id IS NULL AND a.id_alias = r.number AND a.id_alias <> '' AND a.merged_into_id IS NULL
      LEFT JOIN enrollment_person p ON p.id = coalesce(o.merged_into_id, o.id, a.id)
      LEFT JOIN enrollment_enrollment e ON e.person_id = p.id AND e.region_id = :region AND e.scheme = '390'
                AND e.state IN ('0', '1', '2')
      LEFT JOIN enrollment_householdmember h ON h.person_id = p.id AND h.left_on IS NULL
      LEFT JOIN LATERAL (SELECT w.started_on FROM enrollment_employeespell w
                          WHERE w.person_id = p.id AND w.started_on <= :day AND (w.stopped_on IS NULL OR w.stopped_on > :day)
                          ORDER BY w.started_on LIMIT 1) s ON true
     ORDER BY r.line) AS m
 WHERE m.code <> 'SAME';

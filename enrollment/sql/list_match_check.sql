-- Check of enrolment (附件4) and claim at the tax office (附件5): only what contradicts the register is told; nothing changes.
INSERT INTO enrollment_listline (list_id, line_no, outcome, code, "column", value, params, person_id)
SELECT :list, m.line, CASE m.code WHEN 'PERSON_UNKNOWN' THEN 'UNKNOWN' ELSE 'CONTRADICTORY' END, m.code,
       CASE m.code WHEN 'NAME_DIFFERS' THEN '姓名' WHEN 'CATEGORY_MISSING' THEN :category_column
                   WHEN 'STATE_DIFFERS' THEN '参保状态' ELSE :number_column END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN left(m.name, 1) || repeat('*', greatest(length(m.name) - 1, 0))
                   WHEN 'PERSON_UNKNOWN' THEN left(m.number, 6) || '********' || right(m.number, 4)
                   WHEN 'CATEGORY_MISSING' THEN m.category WHEN 'STATE_DIFFERS' THEN m.said ELSE '' END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN jsonb_build_object('known',
                        left(m.known_name, 1) || repeat('*', greatest(length(m.known_name) - 1, 0)))
                   WHEN 'STATE_DIFFERS' THEN jsonb_build_object('known', m.ours) END,
       CASE WHEN m.code <> 'PERSON_UNKNOWN' THEN m.person END
  FROM (
    SELECT r.line, r.number, r.name, r.category, r.relation AS said, p.id AS person, p.name AS known_name,
           coalesce(e.state, '0') AS ours,
           CASE WHEN p.id IS NULL OR NOT (p.region_id = ANY (:below::text[])) THEN 'PERSON_UNKNOWN'
                WHEN p.name <> r.name THEN 'NAME_DIFFERS'
                WHEN r.category <> '' AND NOT EXISTS (
                     SELECT FROM enrollment_personcategory c WHERE c.person_id = p.id AND c.category = r.category
                        AND c.valid_from < (:month + interval '1 month') AND (c.valid_to IS NULL OR c.valid_to > :month))
                     THEN 'CATEGORY_MISSING'
                WHEN :kind = 'TAX_CLAIM' AND coalesce(e.state, '0') <> '1' THEN 'NOT_ENROLLED'
                WHEN r.relation <> '' AND r.relation <> coalesce(e.state, '0') THEN 'STATE_DIFFERS'
                ELSE 'SAME' END AS code
      FROM :"rows" r
      LEFT JOIN enrollment_person o ON o.id_type = '01' AND o.id_number = r.number
      LEFT JOIN enrollment_person p ON p.id = coalesce(o.merged_into_id, o.id)
      LEFT JOIN LATERAL (SELECT x.state FROM enrollment_enrollment x
                          WHERE x.person_id = p.id AND x.scheme = '390' AND x.region_id = ANY (:below::text[])
                          ORDER BY x.id DESC LIMIT 1) e ON true) AS m
 WHERE m.code <> 'SAME';

-- Full list of aid members: who is new, again, the same, unknown or contradictory; and who is no longer listed.
INSERT INTO enrollment_listline (list_id, line_no, outcome, code, "column", value, params, person_id, before)
SELECT :list, m.line,
       CASE m.code WHEN 'CATEGORY_NEW' THEN 'NEW' WHEN 'CATEGORY_AGAIN' THEN 'UPDATED' WHEN 'PERSON_UNKNOWN' THEN 'UNKNOWN'
                   ELSE 'CONTRADICTORY' END,
       m.code,
       CASE m.code WHEN 'NAME_DIFFERS' THEN '姓名' WHEN 'PERSON_UNKNOWN' THEN '身份证号' WHEN 'PERSON_DEAD' THEN '身份证号'
                   ELSE '医疗救助身份' END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN left(m.name, 1) || repeat('*', greatest(length(m.name) - 1, 0))
                   WHEN 'PERSON_UNKNOWN' THEN left(m.number, 6) || '********' || right(m.number, 4) ELSE '' END,
       CASE m.code WHEN 'NAME_DIFFERS' THEN jsonb_build_object('known',
                        left(m.known_name, 1) || repeat('*', greatest(length(m.known_name) - 1, 0)))
                   WHEN 'PERSON_DEAD' THEN jsonb_build_object('day', m.death_date)
                   WHEN 'CATEGORY_NEW' THEN jsonb_build_object('category', m.category, 'since', m.since)
                   WHEN 'CATEGORY_AGAIN' THEN jsonb_build_object('category', m.category, 'since', m.valid_from) END,
       CASE WHEN m.code <> 'PERSON_UNKNOWN' THEN m.person END,
       CASE WHEN m.code = 'CATEGORY_AGAIN' THEN jsonb_build_object('id', m.held, 'valid_to', m.valid_to) END
  FROM (
    SELECT r.line, r.number, r.name, r.category, p.id AS person, p.name AS known_name, p.death_date, c.id AS held,
           c.valid_from, c.valid_to,
           CASE WHEN EXISTS (SELECT FROM enrollment_personcategory x WHERE x.person_id = p.id AND x.category = r.category
                                AND (x.valid_to > r.day OR x.valid_from = r.day)) THEN :month ELSE r.day END AS since,
           CASE WHEN p.id IS NULL OR NOT (p.region_id = ANY (:below::text[])) THEN 'PERSON_UNKNOWN'
                WHEN p.death_date IS NOT NULL THEN 'PERSON_DEAD'
                WHEN p.name <> r.name THEN 'NAME_DIFFERS'
                WHEN c.id IS NULL THEN 'CATEGORY_NEW'
                WHEN c.valid_to IS NOT NULL THEN 'CATEGORY_AGAIN'
                ELSE 'SAME' END AS code
      FROM :"rows" r
      LEFT JOIN enrollment_person o ON o.id_type = '01' AND o.id_number = r.number
      LEFT JOIN enrollment_person p ON p.id = coalesce(o.merged_into_id, o.id)
      LEFT JOIN LATERAL (SELECT * FROM enrollment_personcategory x
                          WHERE x.person_id = p.id AND x.category = r.category
                            AND (x.valid_to IS NULL OR x.valid_to >= :month)
                          ORDER BY x.valid_from DESC LIMIT 1) c ON true) AS m
 WHERE m.code <> 'SAME';
INSERT INTO enrollment_listline (list_id, line_no, outcome, code, params, person_id, before)
SELECT :list, :last + row_number() OVER (ORDER BY c.id), 'ENDED', 'CATEGORY_ENDED',
       jsonb_build_object('category', c.category, 'since', c.valid_from), c.person_id,
       jsonb_build_object('id', c.id, 'valid_to', c.valid_to)
  FROM enrollment_personcategory c
  JOIN enrollment_person p ON p.id = c.person_id
 WHERE p.region_id = ANY (:below::text[]) AND c.category = ANY (:categories::text[])
   AND (c.valid_to IS NULL OR c.valid_to > :month) AND c.valid_from < :month
   AND NOT EXISTS (SELECT FROM :"rows" r JOIN enrollment_person o ON o.id_type = '01' AND o.id_number = r.number
                    WHERE coalesce(o.merged_into_id, o.id) = c.person_id AND r.category = c.category)
   AND NOT EXISTS (SELECT FROM :"named" n JOIN enrollment_person o ON o.id_type = '01' AND o.id_number = n.number
                    WHERE coalesce(o.merged_into_id, o.id) = c.person_id);

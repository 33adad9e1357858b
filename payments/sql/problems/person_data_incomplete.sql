-- P13: people enrolled in the region whose date of birth is missing or is not that of their ID number.
SELECT h.id AS person_id, h.name, h.birth_date::text AS detail
  FROM enrollment_enrollment e
  JOIN enrollment_person h ON h.id = e.person_id AND h.death_date IS NULL
 WHERE e.region_id = :region AND e.scheme = '390' AND e.state <> '4' AND e.person_id > :after AND :year > 0
   AND (h.birth_date IS NULL
        OR (h.id_type = '01' AND length(h.id_number) = 18 AND to_char(h.birth_date, 'YYYYMMDD') <> substr(h.id_number, 7, 8)))
 GROUP BY h.id, h.name, h.birth_date
 ORDER BY h.id
 LIMIT :size;

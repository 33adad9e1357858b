-- P21: people enrolled in the region whose employee cover is running.
SELECT h.id AS person_id, h.name, min(s.started_on)::text AS detail
  FROM enrollment_enrollment e
  JOIN enrollment_employeespell s ON s.person_id = e.person_id AND s.stopped_on IS NULL
  JOIN enrollment_person h ON h.id = e.person_id AND h.death_date IS NULL
 WHERE e.region_id = :region AND e.scheme = '390' AND e.state <> '4' AND e.person_id > :after AND :year > 0
 GROUP BY h.id, h.name
 ORDER BY h.id
 LIMIT :size;

-- P06: people with a live enrolment in the region and no receivable of the year there.
SELECT h.id AS person_id, h.name, min(e.started_on)::text AS detail
  FROM enrollment_enrollment e
  JOIN enrollment_person h ON h.id = e.person_id AND h.death_date IS NULL
 WHERE e.region_id = :region AND e.scheme = '390' AND e.state = '1' AND e.person_id > :after
   AND NOT EXISTS (SELECT FROM payments_receivable r
                    WHERE r.person_id = e.person_id AND r.region_id = e.region_id AND r.scheme = e.scheme
                      AND r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000)
 GROUP BY h.id, h.name
 ORDER BY h.id
 LIMIT :size;

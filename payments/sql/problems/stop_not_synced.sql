-- P27: enrolments of the region that ended, whose receivable of the year the tax office took and was not told of the end.
SELECT h.id AS person_id, h.name, e.ended_on::text AS detail
  FROM enrollment_enrollment e
  JOIN payments_receivable r ON r.person_id = e.person_id AND r.region_id = e.region_id AND r.scheme = e.scheme
   AND r.enrollment_id = e.id AND r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000
  JOIN enrollment_person h ON h.id = e.person_id
 CROSS JOIN LATERAL (SELECT l.op FROM payments_pushline l JOIN payments_pushanswer a ON a.line_id = l.id AND a.taken
                      WHERE l.receivable_id = r.id ORDER BY l.id DESC LIMIT 1) AS told
 WHERE e.region_id = :region AND e.state = '4' AND e.person_id > :after AND told.op <> 'D'
   AND NOT EXISTS (SELECT FROM payments_declarationvoid v WHERE v.receivable_id = r.id AND v.order_id IS NULL AND v.instruction_id IS NULL)
   AND NOT EXISTS (SELECT FROM payments_payment p WHERE p.id BETWEEN r.id * 100 AND r.id * 100 + 99)
 ORDER BY h.id
 LIMIT :size;

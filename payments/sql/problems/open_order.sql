-- P16, P09: people of the region whose receivable of the year an order holds.
SELECT h.id AS person_id, h.name, o.number AS detail
  FROM payments_hold k
  JOIN payments_order o ON o.id = k.order_id
  JOIN payments_receivable r ON r.id = k.id AND r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000
  JOIN enrollment_person h ON h.id = r.person_id
 WHERE k.id > :year * 10000000000 AND k.id < (:year + 1) * 10000000000 AND k.region_id = :region
   AND k.order_id IS NOT NULL AND r.person_id > :after
 ORDER BY h.id
 LIMIT :size;

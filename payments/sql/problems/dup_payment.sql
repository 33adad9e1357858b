-- P10: people of the region with a duplicate payment of the year that has not gone back.
SELECT h.id AS person_id, h.name, sum(d.amount)::text AS detail
  FROM payments_duplicatepayment d
  JOIN enrollment_person h ON h.id = d.person_id
 WHERE d.region_id = :region AND d.person_id > :after
   AND d.receivable_id > :year * 10000000000 AND d.receivable_id < (:year + 1) * 10000000000
   AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.duplicate_id = d.line_id)
 GROUP BY h.id, h.name
 ORDER BY h.id
 LIMIT :size;

-- P02: people of the region whose debited money waits for somebody; of the year where the instruction tells it.
SELECT h.id AS person_id, h.name, sum(w.amount)::text AS detail
  FROM payments_workitem w
  JOIN enrollment_person h ON h.id = w.person_id
 WHERE w.region_id = :region AND w.person_id > :after AND w.kind IN ('UNMATCHED', 'REJECTED_MONEY') AND w.state <> 'RESOLVED'
   AND (w.instruction_id IS NULL OR w.instruction_id / 1000000000000 = :year)
 GROUP BY h.id, h.name
 ORDER BY h.id
 LIMIT :size;

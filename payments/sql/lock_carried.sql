-- Persons whom aid carries here and who have receivables in other regions too: their cover is decided under their own lock.
SELECT p.id
  FROM enrollment_person p
 WHERE p.id IN (SELECT s.person_id FROM payments_siblingreceivable s
                  JOIN payments_receivable r ON r.id = s.receivable_id
                 WHERE s.benefit_year = :year AND r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000
                   AND r.region_id = :region AND (r.amount = 0 OR r.id = ANY(CAST(:ids AS bigint[])))
                   AND (CAST(:people AS bigint[]) IS NULL OR r.person_id = ANY(CAST(:people AS bigint[]))))
 ORDER BY p.id
   FOR NO KEY UPDATE OF p;

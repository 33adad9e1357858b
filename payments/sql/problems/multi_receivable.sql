-- P03: people of the region with open receivables of the year in several regions, nothing paid in any of them.
SELECT h.id AS person_id, h.name, string_agg(g.name, '、' ORDER BY r.id) AS detail
  FROM payments_receivable mine
  JOIN payments_siblingreceivable s ON s.person_id = mine.person_id AND s.benefit_year = :year
  JOIN payments_receivable r ON r.id = s.receivable_id AND r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000
  JOIN enrollment_enrollment e ON e.id = r.enrollment_id AND e.state <> '4'
  JOIN bureau_region g ON g.code = r.region_id
  JOIN enrollment_person h ON h.id = mine.person_id
 WHERE mine.id > :year * 10000000000 AND mine.id < (:year + 1) * 10000000000 AND mine.region_id = :region
   AND mine.person_id > :after
   AND NOT EXISTS (SELECT FROM payments_siblingreceivable o
                     JOIN payments_payment p ON p.id BETWEEN o.receivable_id * 100 AND o.receivable_id * 100 + 99
                    WHERE o.person_id = mine.person_id AND o.benefit_year = :year
                      AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id))
 GROUP BY h.id, h.name
HAVING count(DISTINCT r.id) > 1
 ORDER BY h.id
 LIMIT :size;

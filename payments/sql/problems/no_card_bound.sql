-- P29: people enrolled in the region, with a receivable of the year that nobody paid, and no verified mandate.
SELECT h.id AS person_id, h.name, h.phone AS detail
  FROM payments_receivable r
  JOIN enrollment_person h ON h.id = r.person_id AND h.death_date IS NULL
 WHERE r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000 AND r.region_id = :region AND r.person_id > :after
   AND r.amount > 0
   AND NOT EXISTS (SELECT FROM payments_mandate m
                    WHERE m.person_id = r.person_id AND m.scheme = r.scheme AND m.state = 'VERIFIED')
   AND NOT EXISTS (SELECT FROM payments_payment p
                    WHERE p.id BETWEEN r.id * 100 AND r.id * 100 + 99
                      AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id))
 ORDER BY h.id
 LIMIT :size;

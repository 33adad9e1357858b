-- Whom aid carries wholly, for the cover that starts at once: who owes nothing, or the given receivables, where no cover was
-- decided yet and no other region's payment or aid carries the year.
CREATE TEMPORARY TABLE carried ON COMMIT DROP AS
SELECT CAST(NULL AS bigint) AS payment_id, r.id AS receivable_id, r.person_id, r.region_id, v.carried_on AS paid_on
  FROM payments_receivable r
  JOIN priced v ON v.enrollment_id = r.enrollment_id
 WHERE r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000 AND r.region_id = :region
   AND (r.amount = 0 OR r.id = ANY(CAST(:ids AS bigint[])))
   AND (CAST(:people AS bigint[]) IS NULL OR r.person_id = ANY(CAST(:people AS bigint[])))
   AND NOT EXISTS (SELECT FROM enrollment_coverage c WHERE c.id BETWEEN r.id * 100 AND r.id * 100 + 99)
   AND NOT EXISTS (
     SELECT FROM payments_siblingreceivable mine
       JOIN payments_siblingreceivable other
         ON other.person_id = mine.person_id AND other.benefit_year = mine.benefit_year
        AND other.receivable_id <> mine.receivable_id
      WHERE mine.receivable_id = r.id
        AND (EXISTS (SELECT FROM payments_payment p
                      WHERE p.id BETWEEN other.receivable_id * 100 AND other.receivable_id * 100 + 99
                        AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id))
             OR EXISTS (SELECT FROM (SELECT c.start FROM enrollment_coverage c
                         WHERE c.id BETWEEN other.receivable_id * 100 AND other.receivable_id * 100 + 99
                         ORDER BY c.id DESC LIMIT 1) AS force WHERE force.start IS NOT NULL)));

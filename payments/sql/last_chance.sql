-- Who has not paid and whose last debit failed, a page from receivable :after on: what the bank said, how often, what follows by its
-- rules. Who paid, here or elsewhere, whom aid carries, and whose money is being collected again, is not among them.
WITH last_answer AS MATERIALIZED (
  SELECT DISTINCT ON (l.instruction_id) l.instruction_id, l.bucket, l.internal
    FROM payments_bankline l
   WHERE l.instruction_id > :year * 1000000000000 AND l.instruction_id < (:year + 1) * 1000000000000
     AND l.bucket IN (2, 3, 4, 5)
   ORDER BY l.instruction_id, l.id DESC
), failed AS MATERIALIZED (
  SELECT DISTINCT ON (a.instruction_id / 100) a.instruction_id / 100 AS receivable_id, a.instruction_id, a.internal, i.mandate_id,
         rule.action, rule.stop_after,
         count(rule.stop_after) OVER (PARTITION BY a.instruction_id / 100, i.mandate_id) AS failures
    FROM last_answer a
    JOIN payments_instruction i ON i.id = a.instruction_id
     AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000
    JOIN payments_mandate m ON m.id = i.mandate_id
    LEFT JOIN LATERAL (SELECT u.action, u.stop_after FROM payments_retryrule u
                        WHERE u.internal = a.internal AND (u.bank_id = m.bank_id OR u.bank_id IS NULL)
                        ORDER BY u.bank_id NULLS LAST LIMIT 1) AS rule ON TRUE
   WHERE a.bucket = 3 AND i.region_id = :region AND a.instruction_id / 100 > :after
   ORDER BY a.instruction_id / 100, a.instruction_id DESC
)
SELECT f.receivable_id, f.instruction_id, r.person_id, f.internal, f.failures, h.name, h.phone, h.region_id AS home,
       coalesce((SELECT a.amount FROM payments_assessment a WHERE a.receivable_id = r.id ORDER BY a.id DESC LIMIT 1), r.amount) AS due,
       b.debit_from AS tried_on, m.bank_id, m.account, m.state AS mandate_state,
       live.id IS NOT NULL AND live.id <> f.mandate_id AS other_mandate, c.instruction_id IS NOT NULL AS cleared,
       coalesce(f.action, 'LOOK') AS action, f.stop_after
  FROM failed f
  JOIN payments_receivable r ON r.id = f.receivable_id AND r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000
  JOIN enrollment_person h ON h.id = r.person_id
  JOIN payments_instruction i ON i.id = f.instruction_id AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000
  JOIN payments_debitbatch b ON b.id = i.batch_id
  JOIN payments_mandate m ON m.id = f.mandate_id
  LEFT JOIN payments_mandate live ON live.person_id = r.person_id AND live.scheme = r.scheme AND live.state IN ('SIGNED', 'VERIFIED')
  LEFT JOIN payments_retryclearance c ON c.instruction_id = f.instruction_id
 WHERE h.death_date IS NULL
   AND NOT EXISTS (SELECT FROM payments_hold o WHERE o.id = r.id)
   AND NOT EXISTS (SELECT FROM payments_payment p
                    WHERE p.id BETWEEN r.id * 100 AND r.id * 100 + 99
                      AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id))
   AND NOT EXISTS (SELECT FROM payments_siblingreceivable mine
                     JOIN payments_siblingreceivable other ON other.person_id = mine.person_id
                      AND other.benefit_year = mine.benefit_year AND other.receivable_id <> mine.receivable_id
                     JOIN payments_payment p ON p.id BETWEEN other.receivable_id * 100 AND other.receivable_id * 100 + 99
                      AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id)
                    WHERE mine.receivable_id = r.id)
   AND coalesce((SELECT a.amount FROM payments_assessment a WHERE a.receivable_id = r.id ORDER BY a.id DESC LIMIT 1), r.amount) > 0
 ORDER BY f.receivable_id
 LIMIT :size;

-- A later amount for each receivable whose price of the day differs from what is due, where nobody paid or collects it.
-- What aid carries wholly stays so: its cover has been given.
WITH made AS (INSERT INTO payments_assessment
  (id, receivable_id, region_id, policy_id, standard, aid_category, aid, amount, is_late, reason, assessed_on, assessed_at)
SELECT r.id * 100 + coalesce(last.seq, 0) + 1, r.id, r.region_id, :policy, v.standard, v.aid_category, v.aid, v.amount,
       v.is_late, :reason, CAST(:on AS date), CAST(:at AS timestamptz)
  FROM payments_receivable r
  JOIN priced v ON v.enrollment_id = r.enrollment_id
  LEFT JOIN LATERAL (SELECT a.id % 100 AS seq, a.amount FROM payments_assessment a
        WHERE a.receivable_id = r.id ORDER BY a.id DESC LIMIT 1) AS last ON TRUE
 WHERE r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000 AND r.region_id = :region
   AND (:everybody OR r.id = ANY(CAST(:ids AS bigint[])))
   AND v.standard IS NOT NULL AND coalesce(last.seq, 0) < 99
   AND coalesce(last.amount, r.amount) > 0 AND v.amount <> coalesce(last.amount, r.amount)
   AND NOT EXISTS (SELECT FROM payments_hold h WHERE h.id = r.id)
   AND NOT EXISTS (SELECT FROM payments_payment p WHERE p.id BETWEEN r.id * 100 AND r.id * 100 + 99
        AND NOT EXISTS (SELECT FROM payments_reversal b WHERE b.payment_id = p.id))
 ORDER BY r.id
RETURNING receivable_id, amount)
SELECT count(*) AS made, coalesce(array_agg(receivable_id) FILTER (WHERE amount = 0), '{}') AS exempt FROM made;

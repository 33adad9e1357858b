-- The payment that carries each of these receivables, with what was due then: for aid recognised after paying.
SELECT p.id, r.id AS receivable_id, r.person_id, p.amount, coalesce(last.standard, r.standard) AS standard,
       coalesce(last.aid, r.aid) AS aid
  FROM payments_receivable r
  JOIN payments_payment p ON p.id BETWEEN r.id * 100 AND r.id * 100 + 99
  LEFT JOIN LATERAL (SELECT a.standard, a.aid FROM payments_assessment a
        WHERE a.receivable_id = r.id ORDER BY a.id DESC LIMIT 1) AS last ON TRUE
 WHERE r.id = ANY(CAST(:ids AS bigint[]))
   AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id)
 ORDER BY p.id;

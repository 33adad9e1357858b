-- What is still due in :regions shortly before the window closes: no live payment, nobody collecting, the enrolment live.
SELECT r.id AS subject_id, r.region_id, r.person_id, r.benefit_year AS year, due.amount,
       CAST(:closes AS date) AS day, CAST(:closes AS date) AS until
  FROM payments_receivable r
  JOIN enrollment_enrollment e ON e.id = r.enrollment_id AND e.state = '1'
 CROSS JOIN LATERAL (SELECT coalesce((SELECT a.amount FROM payments_assessment a
        WHERE a.receivable_id = r.id ORDER BY a.id DESC LIMIT 1), r.amount) AS amount) AS due
 WHERE r.id >= :low AND r.id < :high AND r.region_id = ANY(:regions) AND due.amount > 0
   AND NOT EXISTS (SELECT FROM payments_hold h WHERE h.id = r.id)
   AND NOT EXISTS (SELECT FROM payments_payment p
                    WHERE p.id BETWEEN r.id * 100 AND r.id * 100 + 99
                      AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id));

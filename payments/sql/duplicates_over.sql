-- Nobody need look any more at a duplicate that was left alone: it went back too, or the year is carried again.
UPDATE payments_workitem w
   SET state = 'RESOLVED', resolved_at = clock_timestamp(), resolution = over.how
  FROM (SELECT o.id,
               CASE WHEN back.line_id IS NOT NULL THEN 'WENT_BACK_TOO'
                    WHEN EXISTS (SELECT FROM payments_receivable r
                                   JOIN payments_payment p ON p.id BETWEEN r.id * 100 AND r.id * 100 + 99
                                  WHERE r.person_id = d.person_id AND r.id / 10000000000 = d.receivable_id / 10000000000
                                    AND NOT EXISTS (SELECT FROM payments_reversal b WHERE b.payment_id = p.id))
                    THEN 'CARRIED_AGAIN' END AS how
          FROM payments_workitem o
          JOIN payments_duplicatepayment d ON d.line_id = o.line_id
          LEFT JOIN payments_reversal back ON back.duplicate_id = d.line_id
         WHERE o.kind = 'REVERSED' AND o.reason = 'DUPLICATE_LEFT' AND o.state <> 'RESOLVED') AS over
 WHERE w.id = over.id AND over.how IS NOT NULL;

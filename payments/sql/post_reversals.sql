-- The bank took back what it had debited: a reversing row for the payment or the duplicate that stands on the instruction (two
-- payments of one year may have changed places since).
INSERT INTO payments_reversal
  (line_id, region_id, person_id, payment_id, duplicate_id, booked_line_id, receivable_id, amount, reversed_on, posted_at)
SELECT j.line_id, :region, j.person_id, p.id, CASE WHEN p.id IS NULL THEN d.line_id END, coalesce(p.line_id, d.line_id),
       j.receivable_id, coalesce(p.amount, d.amount), CAST(:reversed_on AS date), clock_timestamp()
  FROM judged j
  LEFT JOIN payments_payment p
    ON p.id BETWEEN j.receivable_id * 100 AND j.receivable_id * 100 + 99 AND p.instruction_id = j.instruction_id
   AND NOT EXISTS (SELECT FROM payments_swap s WHERE s.payment_id = p.id)
  LEFT JOIN payments_duplicatepayment d ON d.instruction_id = j.instruction_id
 WHERE j.reason = 'REVERSED' AND NOT j.repeated AND coalesce(p.id, d.line_id) IS NOT NULL
 ORDER BY j.line_id;

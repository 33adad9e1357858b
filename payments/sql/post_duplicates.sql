-- Money for a year already paid: booked, carrying no cover, for the refunds app to pull.
INSERT INTO payments_duplicatepayment
  (line_id, region_id, person_id, receivable_id, instruction_id, carried_by, exempt_by, amount, debited_on, channel, posted_at)
SELECT line_id, :region, person_id, receivable_id, instruction_id, carried_by, exempt_by, paid, debited_on, 'BANK_BATCH', clock_timestamp()
  FROM judged
 WHERE bucket = 2 AND NOT repeated
 ORDER BY line_id;

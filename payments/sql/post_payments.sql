-- Money: a settled line is the payment of its receivable; the key is the rule "paid once".
INSERT INTO payments_payment
  (id, region_id, person_id, amount, debited_on, channel, line_id, instruction_id, channel_serial, posted_at)
SELECT payment_id, :region, person_id, paid, debited_on, 'BANK_BATCH', line_id, instruction_id, '', clock_timestamp()
  FROM judged
 WHERE bucket = 1 AND NOT repeated
 ORDER BY payment_id;

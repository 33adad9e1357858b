-- I06: an instruction is booked once, a bank serial is booked once, a line is booked once: over all years and channels.
-- Two payments of a year that changed places are booked anew in the books alone; what they were before does not count twice.
-- A channel's serial pays the lines of one order. An instruction whose payment the bank reversed is booked all the same; a new debit is a new instruction.
WITH booked AS (
  SELECT 'payment ' || id AS booking, instruction_id, line_id FROM payments_payment
   WHERE id NOT IN (SELECT payment_id FROM payments_swap WHERE payment_id IS NOT NULL)
  UNION ALL
  SELECT 'duplicate ' || line_id, instruction_id, line_id FROM payments_duplicatepayment
   WHERE line_id NOT IN (SELECT duplicate_id FROM payments_swap)
)
SELECT 'instruction' AS what, instruction_id::text AS key, 'INSTRUCTION_BOOKED_TWICE' AS problem, min(booking) AS expected,
       max(booking) AS found
  FROM booked WHERE instruction_id IS NOT NULL
 GROUP BY instruction_id HAVING count(*) > 1
UNION ALL
SELECT 'bank line', line_id::text, 'LINE_BOOKED_TWICE', min(booking), max(booking)
  FROM booked WHERE line_id IS NOT NULL
 GROUP BY line_id HAVING count(*) > 1
UNION ALL
SELECT 'bank line', max(id)::text, 'SERIAL_BOOKED_TWICE', 'line ' || min(id) || ' alone', count(*) || ' lines'
  FROM payments_bankline WHERE bucket IN (1, 2)
 GROUP BY bank_id, serial HAVING count(*) > 1
UNION ALL
SELECT 'payment', max(p.id)::text, 'CHANNEL_SERIAL_BOOKED_TWICE', 'payment ' || min(p.id) || ' alone', count(*) || ' payments'
  FROM payments_payment p
  LEFT JOIN payments_orderline o ON o.id = p.line_id
 WHERE p.channel_serial <> ''
 GROUP BY p.channel, p.channel_serial
HAVING count(*) > 1 AND (count(*) > count(o.id) OR count(DISTINCT o.order_id) > 1);

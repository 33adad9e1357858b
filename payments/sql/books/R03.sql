-- R03: a payment has its receivable of the same person; one from a bank file has its instruction of the same receivable, and
-- its settled line of that instruction, with the same amount and day; one of an order has its line of a paid order.
SELECT 'payment' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT p.id AS key, CASE
      WHEN r.id IS NULL THEN ARRAY['RECEIVABLE_MISSING', 'receivable ' || p.id / 100, 'none']
      WHEN r.person_id <> p.person_id THEN ARRAY['PERSON_DIFFERS', 'person ' || r.person_id, 'person ' || p.person_id]
      WHEN p.channel = 'BANK_BATCH' AND (p.line_id IS NULL OR p.instruction_id IS NULL)
        THEN ARRAY['EVIDENCE_MISSING', 'line and instruction', 'none']
      WHEN p.instruction_id IS NOT NULL AND i.id IS NULL
        THEN ARRAY['INSTRUCTION_MISSING', 'instruction ' || p.instruction_id, 'none']
      WHEN i.id / 100 <> p.id / 100
        THEN ARRAY['INSTRUCTION_OF_ANOTHER', 'receivable ' || p.id / 100, 'receivable ' || i.id / 100]
      WHEN o.id IS NOT NULL AND (o.receivable_id, o.person_id, o.amount, f.state, f.channel, f.channel_serial)
             IS DISTINCT FROM (p.id / 100, p.person_id, p.amount, 'PAID', p.channel, p.channel_serial)
        THEN ARRAY['ORDER_DIFFERS', concat_ws(' ', o.receivable_id, o.amount, f.state, f.channel, f.channel_serial),
                   concat_ws(' ', p.id / 100, p.amount, 'PAID', p.channel, p.channel_serial)]
      WHEN p.line_id IS NOT NULL AND l.id IS NULL AND o.id IS NULL THEN ARRAY['LINE_MISSING', 'line ' || p.line_id, 'none']
      WHEN l.id IS NOT NULL AND (l.bucket, l.instruction_id, l.debited, l.debited_on)
             IS DISTINCT FROM (CASE WHEN w.id IS NULL OR b.id IS NOT NULL THEN 1 ELSE 2 END, p.instruction_id, p.amount, p.debited_on)
        THEN ARRAY['LINE_DIFFERS', concat_ws(' ', CASE WHEN w.id IS NULL OR b.id IS NOT NULL THEN 1 ELSE 2 END, p.instruction_id, p.amount, p.debited_on),
                   concat_ws(' ', l.bucket, l.instruction_id, l.debited, l.debited_on)]
    END AS fault
    FROM payments_payment p
    LEFT JOIN payments_receivable r ON r.id = p.id / 100
    LEFT JOIN payments_instruction i ON i.id = p.instruction_id
    LEFT JOIN payments_bankline l ON l.id = p.line_id
    LEFT JOIN payments_orderline o ON o.id = p.line_id
    LEFT JOIN payments_swap w ON w.carried_by = p.id
    -- The duplicate that carries the year again was the payment of its line once.
    LEFT JOIN payments_swap b ON b.line_id = w.duplicate_id
    LEFT JOIN payments_order f ON f.id = o.order_id) AS checked
 WHERE fault IS NOT NULL;

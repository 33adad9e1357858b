-- R06: a duplicate has its line and instruction with the same money and day, its receivable of the same person, and names
-- a payment, or cover by aid, that carried the same person and year.
SELECT 'duplicate' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT d.line_id AS key, CASE
      WHEN r.id IS NULL THEN ARRAY['RECEIVABLE_MISSING', 'receivable ' || d.receivable_id, 'none']
      WHEN r.person_id <> d.person_id THEN ARRAY['PERSON_DIFFERS', 'person ' || r.person_id, 'person ' || d.person_id]
      WHEN o.id IS NOT NULL AND (o.receivable_id, o.person_id, o.amount, f.state, f.channel)
             IS DISTINCT FROM (d.receivable_id, d.person_id, d.amount, 'PAID', d.channel)
        THEN ARRAY['ORDER_DIFFERS', concat_ws(' ', o.receivable_id, o.amount, f.state, f.channel),
                   concat_ws(' ', d.receivable_id, d.amount, 'PAID', d.channel)]
      WHEN i.id IS NULL AND o.id IS NULL THEN ARRAY['INSTRUCTION_MISSING', coalesce('instruction ' || d.instruction_id, 'instruction or order'), 'none']
      WHEN i.id / 100 <> d.receivable_id
        THEN ARRAY['INSTRUCTION_OF_ANOTHER', 'receivable ' || d.receivable_id, 'receivable ' || i.id / 100]
      WHEN l.id IS NULL AND d.channel = 'BANK_BATCH' THEN ARRAY['LINE_MISSING', 'line ' || d.line_id, 'none']
      WHEN l.id IS NOT NULL AND (l.bucket, l.instruction_id, l.debited, l.debited_on)
             IS DISTINCT FROM (CASE WHEN w.id IS NULL THEN 2 ELSE 1 END, d.instruction_id, d.amount, d.debited_on)
        THEN ARRAY['LINE_DIFFERS', concat_ws(' ', CASE WHEN w.id IS NULL THEN 2 ELSE 1 END, d.instruction_id, d.amount, d.debited_on),
                   concat_ws(' ', l.bucket, l.instruction_id, l.debited, l.debited_on)]
      WHEN d.exempt_by IS NOT NULL AND c.id IS NULL THEN ARRAY['CARRIER_MISSING', 'cover ' || d.exempt_by, 'none']
      WHEN d.exempt_by IS NOT NULL AND (c.payment_id IS NOT NULL OR c.person_id <> d.person_id
             OR c.id / 1000000000000 <> d.receivable_id / 10000000000)
        THEN ARRAY['CARRIER_OF_ANOTHER', concat_ws(' ', 'person', d.person_id, d.receivable_id / 10000000000),
                   concat_ws(' ', 'person', c.person_id, c.id / 1000000000000)]
      WHEN d.exempt_by IS NULL AND p.id IS NULL THEN ARRAY['CARRIER_MISSING', 'payment ' || d.carried_by, 'none']
      WHEN p.person_id <> d.person_id OR p.id / 1000000000000 <> d.receivable_id / 10000000000
        THEN ARRAY['CARRIER_OF_ANOTHER', concat_ws(' ', 'person', d.person_id, d.receivable_id / 10000000000),
                   concat_ws(' ', 'person', p.person_id, p.id / 1000000000000)]
    END AS fault
    FROM payments_duplicatepayment d
    LEFT JOIN payments_receivable r ON r.id = d.receivable_id
    LEFT JOIN payments_instruction i ON i.id = d.instruction_id
    LEFT JOIN payments_bankline l ON l.id = d.line_id
    LEFT JOIN payments_orderline o ON o.id = d.line_id
    LEFT JOIN payments_swap w ON w.line_id = d.line_id
    LEFT JOIN payments_order f ON f.id = o.order_id
    LEFT JOIN payments_payment p ON p.id = d.carried_by
    LEFT JOIN enrollment_coverage c ON c.id = d.exempt_by) AS checked
 WHERE fault IS NOT NULL;

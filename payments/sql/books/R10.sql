-- R10: a swap took back, in the books alone, the payment that carried the year and the duplicate, and booked the line of each in
-- the other's place: for the same person and year, with the same money. Where nothing carried the year, the duplicate alone.
SELECT 'swap' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT s.id AS key, CASE
      WHEN d.line_id IS NULL OR p.id IS NULL AND s.payment_id IS NOT NULL
        THEN ARRAY['SWAPPED_NOTHING', 'a payment and a duplicate', concat_ws(' ', p.id, d.line_id)]
      WHEN b.line_id IS NULL OR (a.line_id IS NULL) <> (s.payment_id IS NULL)
        THEN ARRAY['SWAPPED_NOT_TAKEN_BACK', 'two reversals', concat_ws(' ', a.line_id, b.line_id)]
      WHEN (n.line_id, n.amount, n.debited_on, n.id / 100) IS DISTINCT FROM (d.line_id, d.amount, d.debited_on, d.receivable_id)
        THEN ARRAY['SWAPPED_MONEY_DIFFERS', concat_ws(' ', 'line', d.line_id, d.amount), coalesce('payment ' || n.id, 'none')]
      WHEN s.payment_id IS NOT NULL AND (t.line_id, t.amount, t.debited_on, t.receivable_id, t.carried_by)
             IS DISTINCT FROM (p.line_id, p.amount, p.debited_on, p.id / 100, n.id)
        THEN ARRAY['SWAPPED_MONEY_DIFFERS', concat_ws(' ', 'line', p.line_id, p.amount), coalesce('duplicate ' || t.line_id, 'none')]
      WHEN y.state IS DISTINCT FROM 'APPROVED' THEN ARRAY['SWAPPED_BY_ONE_PERSON', 'an approved proposal', coalesce(y.state, 'none')]
    END AS fault
    FROM payments_swap s
    LEFT JOIN payments_payment p ON p.id = s.payment_id AND p.person_id = s.person_id
    LEFT JOIN payments_duplicatepayment d ON d.line_id = s.duplicate_id AND d.person_id = s.person_id
    LEFT JOIN payments_payment n ON n.id = s.carried_by AND n.person_id = s.person_id
     AND n.id / 1000000000000 = coalesce(p.id / 1000000000000, d.receivable_id / 10000000000)
    LEFT JOIN payments_duplicatepayment t ON t.line_id = s.line_id AND t.person_id = s.person_id
    LEFT JOIN payments_reversal a ON a.line_id = 7000000000000000000 + 2 * s.id AND a.payment_id IS NOT DISTINCT FROM s.payment_id
    LEFT JOIN payments_reversal b ON b.line_id = 7000000000000000001 + 2 * s.id AND b.duplicate_id = s.duplicate_id
    LEFT JOIN bureau_proposal y ON y.id = s.proposal_id) AS checked
 WHERE fault IS NOT NULL
UNION ALL
SELECT 'reversal', v.line_id::text, 'SWAP_MISSING', 'a swap', 'none'
  FROM payments_reversal v
  LEFT JOIN payments_swap s ON s.id = (v.line_id - 7000000000000000000) / 2
 WHERE v.line_id BETWEEN 7000000000000000000 AND 7999999999999999999 AND s.id IS NULL;

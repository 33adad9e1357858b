-- Money that the bank's statement told before the bank's answer did: open lines that our books lacked, with what they speak of by now, one
-- to one; the serial decides between several. `how`: booked, or on the case that the answer opened for it.
WITH waiting AS MATERIALIZED (
  SELECT w.id AS item_id, t.id AS line_id, t.serial, t.ref, t.amount, t.happened_on,
         CASE WHEN t.ref ~ '^[0-9]{6}-[0-9]{4}-[0-9]{9}-[0-9]{2}$'
              THEN substr(t.ref, 8, 4)::bigint * 1000000000000 + substr(t.ref, 13, 9)::bigint * 100 + substr(t.ref, 23, 2)::bigint
         END AS instruction_id
    FROM payments_workitem w
    JOIN payments_settlementline t ON t.id = w.line_id
   WHERE w.kind = 'LONG' AND w.state <> 'RESOLVED' AND w.reason = 'UNKNOWN_REFERENCE'
     AND t.side = 1 AND t.channel = 'BANK_BATCH' AND t.turn = 1 AND t.outcome = 3
), known AS (
  SELECT w.item_id, w.line_id, w.happened_on, w.serial, o.kind, o.id, o.on_day, o.serial AS ours
    FROM waiting w
   CROSS JOIN LATERAL (
     SELECT 2 AS kind, p.id, p.debited_on AS on_day, b.serial
       FROM payments_payment p JOIN payments_bankline b ON b.id = p.line_id
      WHERE p.id BETWEEN w.instruction_id / 100 * 100 AND w.instruction_id / 100 * 100 + 99
        AND p.instruction_id = w.instruction_id AND p.amount = w.amount
        AND NOT EXISTS (SELECT FROM payments_swap s WHERE s.carried_by = p.id)
     UNION ALL
     SELECT 3, u.line_id, u.debited_on, b.serial
       FROM payments_duplicatepayment u JOIN payments_bankline b ON b.id = u.line_id
      WHERE u.instruction_id = w.instruction_id AND u.amount = w.amount
        AND NOT EXISTS (SELECT FROM payments_swap s WHERE s.line_id = u.line_id)
     UNION ALL
     SELECT 5, k.id, k.debited_on, k.serial
       FROM payments_debitcase k JOIN payments_workitem i ON i.id = k.item_id AND i.kind <> 'LONG'
      WHERE k.channel = 'BANK_BATCH' AND k.amount = w.amount
        AND (k.serial = w.serial AND k.serial <> '' AND k.ref IN (w.ref, '') OR k.serial = '' AND k.ref = w.ref AND k.ref <> '')
   ) AS o
   WHERE NOT EXISTS (SELECT FROM payments_settlementline m
                      WHERE m.side = 1 AND m.turn = 1 AND m.ours_kind = o.kind AND m.ours_id = o.id AND m.outcome IN (1, 4, 5))
), best AS (
  SELECT k.*, row_number() OVER (PARTITION BY k.item_id ORDER BY k.serial = k.ours DESC, k.kind, k.id) AS choice FROM known k
), taken AS (
  SELECT b.*, row_number() OVER (PARTITION BY b.kind, b.id ORDER BY b.serial = b.ours DESC, b.line_id) AS place
    FROM best b WHERE b.choice = 1
)
SELECT item_id, kind, id, on_day, happened_on FROM taken WHERE place = 1 ORDER BY item_id;

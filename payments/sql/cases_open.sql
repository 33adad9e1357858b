-- A case for every work item with money that was debited and not posted: a bank line nobody could match or read, an order
-- debited with another amount, a line of a statement that our books lack.
INSERT INTO payments_debitcase
  (item_id, region_id, channel, person_id, serial, ref, amount, debited_on, opened_at, due_on, state)
SELECT w.id, w.region_id, coalesce(t.channel, n.channel, 'BANK_BATCH'), w.person_id,
       coalesce(t.serial, od.channel_serial, l.serial, ''),
       coalesce(t.ref, n.number, CASE WHEN w.instruction_id IS NOT NULL THEN concat_ws('-', i.region_id,
         w.instruction_id / 1000000000000, lpad((w.instruction_id / 100 % 10000000000)::text, 9, '0'),
         lpad((w.instruction_id % 100)::text, 2, '0')) END, ''),
       w.amount, coalesce(t.happened_on, (od.debited_at AT TIME ZONE 'Asia/Shanghai')::date, l.debited_on), w.opened_at, w.due_on, 'OPEN'
  FROM payments_workitem w
  LEFT JOIN payments_debitcase k ON k.item_id = w.id
  LEFT JOIN payments_settlementline t ON t.id = w.line_id AND w.kind = 'LONG'
  LEFT JOIN payments_bankline l ON l.id = w.line_id AND w.kind <> 'LONG'
  LEFT JOIN payments_instruction i ON i.id = w.instruction_id
  LEFT JOIN payments_orderdebit od ON od.item_id = w.id
  LEFT JOIN payments_order n ON n.id = od.order_id
 WHERE k.id IS NULL AND w.state <> 'RESOLVED' AND w.amount > 0
   AND (w.kind IN ('UNMATCHED', 'REJECTED_MONEY') OR w.kind = 'LONG' AND t.side = 1)
 ORDER BY w.id
ON CONFLICT (item_id) DO NOTHING;

-- S04: two lists that differ leave their yuan with somebody: every line of a statement that is long, of another amount, or missing
-- has its work item, unless the money was booked from the line itself.
SELECT 'settlement line' AS what, s.id::text AS key, 'DIFFERS_AND_NOBODY_KNOWS' AS problem, 'a work item' AS expected, s.amount::text AS found
  FROM payments_settlementline s
  LEFT JOIN payments_workitem w ON w.line_id = s.id
  LEFT JOIN payments_orderdebit d ON d.channel = s.channel AND d.channel_serial = s.serial AND s.side = 1 AND s.turn = 1
 WHERE w.id IS NULL AND s.amount > 0
   AND (s.outcome = 4 OR s.outcome = 3 AND NOT (s.reason = 'NOT_TOLD' AND d.id IS NOT NULL) AND s.reason <> 'OK_WITHOUT_MONEY'
        OR s.outcome = 2 AND s.side = 1 OR s.outcome = 6 AND s.reason = 'SECOND_DEBIT' AND d.id IS NULL
        OR s.outcome = 6 AND s.reason = 'SETTLED_BEFORE');

-- What we have of the channel's day and no statement said, neither this one (judged) nor one before. `fresh`: not missed before.
CREATE TEMPORARY TABLE missing ON COMMIT DROP AS
WITH early AS MATERIALIZED (
  -- What a statement of the bank told before the bank's answer did; the answer posted it since (stated_first).
  SELECT serial, substr(ref, 8, 4)::bigint * 1000000000000 + substr(ref, 13, 9)::bigint * 100 + substr(ref, 23, 2)::bigint AS instruction_id
    FROM payments_settlementline
   WHERE :channel = 'BANK_BATCH' AND side = 1 AND channel = 'BANK_BATCH' AND turn = 1 AND outcome = 3 AND day = CAST(:day AS date)
     AND ref ~ '^[0-9]{6}-[0-9]{4}-[0-9]{9}-[0-9]{2}$'
), ours AS (
  SELECT 1 AS turn, 1 AS ours_kind, d.id AS ours_id, d.amount, CAST(:day AS date) AS ours_on, d.channel_serial AS serial,
         o.number::text AS ref, (SELECT min(s.person_id) FROM payments_orderline s WHERE s.order_id = o.id HAVING count(*) = 1) AS person_id
    FROM payments_orderdebit d
    JOIN payments_order o ON o.id = d.order_id
   WHERE d.channel = :channel AND d.region_id = ANY (CAST(:regions AS text[]))
     -- What was booked from a statement was said by it.
     AND d.source <> 'STATEMENT'
     AND d.debited_at >= CAST(:day AS timestamp) AT TIME ZONE 'Asia/Shanghai'
     AND d.debited_at < (CAST(:day AS timestamp) + interval '1 day') AT TIME ZONE 'Asia/Shanghai'
  UNION ALL
  SELECT 1, 2, min(p.id), sum(p.amount), min(p.debited_on), p.channel_serial, '', min(p.person_id)
    FROM payments_payment p
   WHERE p.channel = :channel AND p.debited_on = CAST(:day AS date) AND p.region_id = ANY (CAST(:regions AS text[]))
     AND (p.line_id IS NULL OR p.channel = 'BANK_BATCH')
     AND NOT EXISTS (SELECT FROM payments_swap w WHERE w.carried_by = p.id)
     AND NOT EXISTS (SELECT FROM early e JOIN payments_bankline b ON b.id = p.line_id AND b.serial = e.serial
                      WHERE e.instruction_id = p.instruction_id)
   GROUP BY p.channel_serial, CASE WHEN p.channel = 'BANK_BATCH' THEN p.id END
  UNION ALL
  SELECT 1, 3, u.line_id, u.amount, u.debited_on, '', '', u.person_id
    FROM payments_duplicatepayment u
   WHERE u.channel = 'BANK_BATCH' AND :channel = 'BANK_BATCH' AND u.debited_on = CAST(:day AS date)
     AND u.region_id = ANY (CAST(:regions AS text[]))
     AND NOT EXISTS (SELECT FROM payments_swap w WHERE w.line_id = u.line_id)
     AND NOT EXISTS (SELECT FROM early e JOIN payments_bankline b ON b.id = u.line_id AND b.serial = e.serial
                      WHERE e.instruction_id = u.instruction_id)
  UNION ALL
  SELECT 2, 4, v.line_id, v.amount, v.reversed_on, n.channel_serial, n.number, v.person_id
    FROM payments_reversal v
    JOIN payments_orderline s ON s.id = v.line_id
    JOIN payments_order n ON n.id = s.order_id AND n.channel = :channel
   WHERE v.reversed_on = CAST(:day AS date) AND v.region_id = ANY (CAST(:regions AS text[]))
)
SELECT row_number() OVER (ORDER BY o.turn, o.ours_kind, o.ours_id) AS place, o.*, CAST(:channel AS text) AS channel, e.id IS NULL AS fresh
  FROM ours o
  LEFT JOIN payments_settlementline m
    ON m.side = 1 AND m.turn = o.turn AND m.ours_kind = o.ours_kind AND m.ours_id = o.ours_id AND m.outcome IN (1, 4, 5)
  LEFT JOIN payments_settlementline e
    ON e.side = 1 AND e.turn = o.turn AND e.ours_kind = o.ours_kind AND e.ours_id = o.ours_id AND e.outcome = 2
 WHERE m.id IS NULL
   AND NOT EXISTS (SELECT FROM judged j WHERE j.is_ours AND j.turn = o.turn AND j.ours_kind = o.ours_kind AND j.ours_id = o.ours_id)
   AND NOT EXISTS (SELECT FROM judged j WHERE j.told AND o.ours_kind = 1 AND j.turn = o.turn AND j.serial = o.serial);

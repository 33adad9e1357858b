-- What came through each channel on the given days, three ways, by the region that the money is for: our books, the channel's
-- statements, the treasury. A payment or duplicate that was reversed is neither unsettled nor expected in the treasury.
WITH days AS (
  SELECT * FROM unnest(CAST(:days AS date[])) AS d (day)
), moved AS (
  SELECT payment_id, duplicate_id FROM payments_reversal WHERE line_id >= 7000000000000000000 AND line_id < 8000000000000000000
), money AS (
  SELECT p.region_id, p.channel, p.debited_on AS day, 2 AS kind, p.id, p.line_id AS source, p.amount, v.line_id IS NOT NULL AS back
    FROM payments_payment p JOIN days d ON d.day = p.debited_on LEFT JOIN payments_reversal v ON v.payment_id = p.id
   WHERE NOT EXISTS (SELECT FROM moved x WHERE x.payment_id = p.id)
  UNION ALL
  SELECT u.region_id, u.channel, u.debited_on, 3, u.line_id, u.line_id, u.amount, v.line_id IS NOT NULL
    FROM payments_duplicatepayment u JOIN days d ON d.day = u.debited_on LEFT JOIN payments_reversal v ON v.duplicate_id = u.line_id
   WHERE NOT EXISTS (SELECT FROM moved x WHERE x.duplicate_id = u.line_id)
), settled AS (
  SELECT m.*, t.id AS line_id, t.amount AS treasury
    FROM money m
    LEFT JOIN LATERAL (
      SELECT t.id, t.amount FROM payments_settlementline t
       WHERE t.side = 2 AND t.turn = 1 AND t.outcome IN (1, 4, 5) AND t.ours_kind = m.kind AND t.ours_id = m.id
      UNION ALL
      -- A swap gave the money another number; the treasury knows it by the first.
      SELECT t.id, t.amount FROM payments_settlementline t
       WHERE t.side = 2 AND t.turn = 1 AND t.outcome IN (1, 4, 5) AND m.kind = 2 AND t.ours_kind = 3 AND t.ours_id = m.source
      UNION ALL
      SELECT t.id, t.amount FROM moved x JOIN payments_payment p ON p.id = x.payment_id AND p.line_id = m.source
        JOIN payments_settlementline t ON t.side = 2 AND t.turn = 1 AND t.outcome IN (1, 4, 5) AND t.ours_kind = 2 AND t.ours_id = p.id
       WHERE m.id <> p.id
       LIMIT 1) AS t ON TRUE
), stated AS (
  SELECT coalesce(o.region_id, p.region_id, u.region_id, s.region_id) AS region_id, s.channel,
         coalesce(s.ours_on, s.happened_on) AS day, s.turn, s.amount
    FROM payments_settlementline s
    JOIN days d ON d.day = coalesce(s.ours_on, s.happened_on)
    LEFT JOIN payments_orderdebit o ON o.id = s.ours_id AND s.ours_kind = 1
    LEFT JOIN payments_payment p ON p.id = s.ours_id AND s.ours_kind = 2
    LEFT JOIN payments_duplicatepayment u ON u.line_id = s.ours_id AND s.ours_kind = 3
   WHERE s.side = 1 AND (s.outcome IN (1, 3, 4, 5) OR s.outcome = 6 AND s.reason = 'SECOND_DEBIT')
), apart AS (
  SELECT w.region_id, s.channel, coalesce(s.ours_on, s.happened_on, s.day) AS day
    FROM payments_workitem w
    JOIN payments_settlementline s ON s.id = w.line_id
    JOIN days d ON d.day = coalesce(s.ours_on, s.happened_on, s.day)
   WHERE w.state <> 'RESOLVED' AND w.kind IN ('LONG', 'SHORT', 'STATED_AMOUNT', 'STATED_DATE', 'RETURN_UNKNOWN')
     AND s.channel <> ''
), parts AS (
  SELECT region_id, channel, day,
         count(*) FILTER (WHERE kind = 2) AS booked_lines, sum(amount) FILTER (WHERE kind = 2) AS booked,
         count(*) FILTER (WHERE kind = 3) AS duplicate_lines, sum(amount) FILTER (WHERE kind = 3) AS duplicate,
         count(*) FILTER (WHERE back) AS back_lines, sum(amount) FILTER (WHERE back) AS back,
         count(line_id) AS treasury_lines, sum(treasury) AS treasury,
         count(*) FILTER (WHERE line_id IS NULL AND NOT back) AS unsettled_lines,
         sum(amount) FILTER (WHERE line_id IS NULL AND NOT back) AS unsettled,
         0 AS loose_lines, 0::numeric AS loose, 0 AS stated_lines, 0::numeric AS stated, 0 AS returned_lines,
         0::numeric AS returned, 0 AS differences
    FROM settled GROUP BY region_id, channel, day
  UNION ALL
  SELECT k.region_id, k.channel, k.debited_on, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*), sum(k.amount), 0, 0, 0, 0, 0
    FROM payments_debitcase k JOIN days d ON d.day = k.debited_on
   WHERE k.state IN ('OPEN', 'ESCALATED') GROUP BY k.region_id, k.channel, k.debited_on
  UNION ALL
  SELECT region_id, channel, day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
         count(*) FILTER (WHERE turn = 1), sum(amount) FILTER (WHERE turn = 1),
         count(*) FILTER (WHERE turn = 2), sum(amount) FILTER (WHERE turn = 2), 0
    FROM stated GROUP BY region_id, channel, day
  UNION ALL
  SELECT region_id, channel, day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*)
    FROM apart GROUP BY region_id, channel, day
), above (code, ancestor) AS (
  SELECT code, ancestor FROM unnest(CAST(:codes AS text[]), CAST(:ancestors AS text[])) AS a (code, ancestor)
)
SELECT p.region_id, p.channel, p.day,
       sum(booked_lines)::bigint AS booked_lines, coalesce(sum(booked), 0) AS booked,
       sum(duplicate_lines)::bigint AS duplicate_lines, coalesce(sum(duplicate), 0) AS duplicate,
       sum(back_lines)::bigint AS back_lines, coalesce(sum(back), 0) AS back,
       sum(loose_lines)::bigint AS loose_lines, coalesce(sum(loose), 0) AS loose,
       sum(stated_lines)::bigint AS stated_lines, coalesce(sum(stated), 0) AS stated,
       sum(returned_lines)::bigint AS returned_lines, coalesce(sum(returned), 0) AS returned,
       sum(treasury_lines)::bigint AS treasury_lines, coalesce(sum(treasury), 0) AS treasury,
       sum(unsettled_lines)::bigint AS unsettled_lines, coalesce(sum(unsettled), 0) AS unsettled,
       sum(differences)::bigint AS differences,
       EXISTS (SELECT FROM payments_bankfile f JOIN above a ON a.code = p.region_id AND a.ancestor = f.region_id
                WHERE f.kind = 'STATEMENT' AND f.state = 'APPLIED' AND f.channel = p.channel AND f.day = p.day) AS has_statement
  FROM parts p
 GROUP BY p.region_id, p.channel, p.day
 ORDER BY p.day, p.region_id, p.channel;

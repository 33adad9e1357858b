-- Payments and duplicates that the treasury should have by the file's day and does not: by channel, debited until `cutoff`
-- (the last debit day whose working days to the treasury are over). `fresh`: not missed before.
CREATE TEMPORARY TABLE missing ON COMMIT DROP AS
WITH due AS (
  SELECT * FROM unnest(CAST(:channels AS text[]), CAST(:cutoffs AS date[])) AS d (channel, cutoff)
), at_home AS (
  -- Money is known by the line it came with: a swap gives it another number.
  SELECT coalesce(p.line_id, u.line_id) AS line_id
    FROM payments_settlementline t
    LEFT JOIN payments_payment p ON t.ours_kind = 2 AND p.id = t.ours_id
    LEFT JOIN payments_duplicatepayment u ON t.ours_kind = 3 AND u.line_id = t.ours_id
   WHERE t.side = 2 AND t.outcome IN (1, 4, 5) AND EXISTS (SELECT FROM payments_swap)
), ours AS (
  SELECT 1 AS turn, 2 AS ours_kind, p.id AS ours_id, p.line_id, p.amount, p.debited_on AS ours_on, p.channel_serial AS serial,
         p.id::text AS ref, p.person_id, p.channel
    FROM payments_payment p
    JOIN due d ON d.channel = p.channel AND p.debited_on <= d.cutoff
    LEFT JOIN payments_reversal v ON v.payment_id = p.id
   WHERE p.region_id = ANY (CAST(:regions AS text[])) AND v.line_id IS NULL
  UNION ALL
  SELECT 1, 3, u.line_id, u.line_id, u.amount, u.debited_on, '', u.line_id::text, u.person_id, u.channel
    FROM payments_duplicatepayment u
    JOIN due d ON d.channel = u.channel AND u.debited_on <= d.cutoff
    LEFT JOIN payments_reversal v ON v.duplicate_id = u.line_id
   WHERE u.region_id = ANY (CAST(:regions AS text[])) AND v.line_id IS NULL
)
SELECT row_number() OVER (ORDER BY o.ours_kind, o.ours_id) AS place, o.*, e.id IS NULL AS fresh
  FROM ours o
  LEFT JOIN payments_settlementline m
    ON m.side = 2 AND m.turn = 1 AND m.ours_kind = o.ours_kind AND m.ours_id = o.ours_id AND m.outcome IN (1, 4, 5)
  LEFT JOIN payments_settlementline e
    ON e.side = 2 AND e.turn = 1 AND e.ours_kind = o.ours_kind AND e.ours_id = o.ours_id AND e.outcome = 2
 WHERE m.id IS NULL
   AND NOT EXISTS (SELECT FROM judged j WHERE j.is_ours AND j.ours_kind = o.ours_kind AND j.ours_id = o.ours_id)
   AND (o.line_id IS NULL OR o.line_id NOT IN (SELECT h.line_id FROM at_home h WHERE h.line_id IS NOT NULL));

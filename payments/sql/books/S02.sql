-- S02: a settlement line stands in an applied file of its region, side and channel, and speaks of something of ours that is
-- there, with the amount that we have.
WITH lines AS (
  SELECT s.*, f.region_id AS file_region, f.kind, f.state, f.channel AS file_channel
    FROM payments_settlementline s LEFT JOIN payments_bankfile f ON f.id = s.id / 100000000
), ours AS (
  SELECT 1 AS kind, d.id, d.amount FROM payments_orderdebit d
  UNION ALL SELECT 2, p.id, CASE WHEN p.line_id IS NULL AND p.channel <> 'BANK_BATCH' THEN NULL ELSE p.amount END FROM payments_payment p
  UNION ALL SELECT 3, u.line_id, u.amount FROM payments_duplicatepayment u
  UNION ALL SELECT 4, v.line_id, v.amount FROM payments_reversal v
  UNION ALL SELECT 5, k.id, k.amount FROM payments_debitcase k
)
SELECT 'settlement line' AS what, l.id::text AS key, 'NOT_IN_ITS_FILE' AS problem,
       concat_ws(' ', l.region_id, CASE l.side WHEN 1 THEN 'STATEMENT ' || l.channel ELSE 'TREASURY' END) AS expected,
       concat_ws(' ', l.file_region, l.kind, l.state) AS found
  FROM lines l
 WHERE l.file_region IS DISTINCT FROM l.region_id OR l.state NOT IN ('APPLIED', 'RUNNING', 'QUEUED', 'PARKED')
    OR l.kind IS DISTINCT FROM CASE l.side WHEN 1 THEN 'STATEMENT' ELSE 'TREASURY' END
    OR (l.side = 1 AND l.channel IS DISTINCT FROM l.file_channel)
UNION ALL
SELECT 'settlement line', l.id::text, 'OURS_DIFFERS', concat_ws(' ', l.ours_kind, l.ours_id, l.ours_amount),
       coalesce(o.amount::text, 'none')
  FROM lines l LEFT JOIN ours o ON o.kind = l.ours_kind AND o.id = l.ours_id
 WHERE l.ours_id IS NOT NULL AND (o.id IS NULL OR o.amount <> l.ours_amount);

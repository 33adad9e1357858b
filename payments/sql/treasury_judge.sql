-- Settlement lines at positions first..last against our payments and duplicates, and the settlements before.
-- 1 in the treasury, 3 not ours, 4 amount differs, 5 date impossible, 6 said twice. `fresh`: the line gets a row.
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
WITH line AS (
  SELECT l.*, CASE WHEN l.ref ~ '^[0-9]{1,18}$' OR l.ref ~ '^[1-8][0-9]{18}$' THEN l.ref::bigint END AS number
    FROM :"resolved" l WHERE l.position BETWEEN :first AND :last
), ours AS (
  SELECT l.*,
         CASE WHEN p.id IS NOT NULL THEN 2 WHEN u.line_id IS NOT NULL THEN 3 END AS ours_kind,
         coalesce(p.id, u.line_id) AS ours_id, coalesce(p.amount, u.amount) AS ours_amount,
         coalesce(p.debited_on, u.debited_on) AS ours_on, coalesce(p.channel, u.channel, '') AS channel
    FROM line l
    LEFT JOIN payments_payment p ON p.id = l.number AND p.region_id = ANY (CAST(:regions AS text[]))
    LEFT JOIN payments_duplicatepayment u ON u.line_id = l.number AND p.id IS NULL AND u.region_id = ANY (CAST(:regions AS text[]))
), held AS (
  SELECT o.*, m.id AS prior_id, m.outcome AS prior_outcome, m.amount AS prior_amount, m.serial AS prior_serial,
         x.id AS loose_id, coalesce(v.line_id, w.line_id) AS reversed_by,
         row_number() OVER (PARTITION BY o.ours_kind, o.ours_id ORDER BY o.line_no) AS ours_place
    FROM ours o
    LEFT JOIN payments_settlementline m
      ON m.side = 2 AND m.turn = 1 AND m.ours_kind = o.ours_kind AND m.ours_id = o.ours_id AND m.outcome IN (1, 4, 5)
    LEFT JOIN LATERAL (
      SELECT x.id FROM payments_settlementline x
       WHERE o.ours_id IS NULL AND o.fault IS NULL AND x.outcome = 3 AND x.side = 2 AND x.region_id = :region
         AND x.serial = o.serial AND x.ref = o.ref AND x.amount = o.amount
         AND NOT x.id BETWEEN CAST(:file AS bigint) * 100000000 AND CAST(:file AS bigint) * 100000000 + 99999999
       ORDER BY x.id LIMIT 1) AS x ON TRUE
    -- Reversals from 7 * 10^18 on are swaps and refunds: the money stayed where it was, or went back on another day.
    LEFT JOIN payments_reversal v ON v.payment_id = o.ours_id AND o.ours_kind = 2 AND v.line_id < 7000000000000000000
    LEFT JOIN payments_reversal w ON w.duplicate_id = o.ours_id AND o.ours_kind = 3 AND w.line_id < 7000000000000000000
)
SELECT line_no, CAST(:file AS bigint) * 100000000 + line_no AS line_id, turn, amount, happened_at, happened_on, serial, ref, channel,
       split_part(verdict.said, '|', 1)::smallint AS outcome, split_part(verdict.said, '|', 2) AS reason,
       split_part(verdict.said, '|', 1) IN ('1', '4', '5') AS is_ours,
       ours_kind, ours_id, ours_amount, ours_on,
       split_part(verdict.said, '|', 3) = 'f' AS fresh, NULL::bigint AS order_id, false AS told,
       CASE WHEN fault IS NOT NULL THEN text ELSE '' END AS text
  FROM held
 CROSS JOIN LATERAL (SELECT CASE
    WHEN fault IS NOT NULL THEN concat_ws('|', 3, fault, 'f')
    WHEN place > 1 THEN concat_ws('|', 6, 'REPEATED_IN_FILE', 'f')
    WHEN prior_id IS NOT NULL AND prior_amount = amount AND prior_serial = serial THEN concat_ws('|', prior_outcome, '', 't')
    WHEN prior_id IS NOT NULL THEN concat_ws('|', 6, 'SETTLED_BEFORE', 'f')
    WHEN loose_id IS NOT NULL THEN concat_ws('|', 3, '', 't')
    WHEN ours_id IS NULL THEN concat_ws('|', 3, 'UNKNOWN_REFERENCE', 'f')
    WHEN ours_place > 1 THEN concat_ws('|', 6, 'SETTLED_BEFORE', 'f')
    WHEN reversed_by IS NOT NULL THEN concat_ws('|', 3, 'REVERSED', 'f')
    WHEN amount <> ours_amount THEN concat_ws('|', 4, 'AMOUNT_DIFFERS', 'f')
    WHEN happened_on < ours_on THEN concat_ws('|', 5, 'BEFORE_DEBIT', 'f')
    WHEN happened_on > CAST(:day AS date) THEN concat_ws('|', 5, 'AFTER_FILE_DAY', 'f')
    ELSE concat_ws('|', 1, '', 'f') END AS said) AS verdict;
ANALYZE judged;

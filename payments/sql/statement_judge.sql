-- Statement lines at positions first..last against our books and the statements before: one outcome each, first match wins.
-- 1 equal, 3 only theirs, 4 amount differs, 5 date differs, 6 said twice. `fresh`: the line gets a row; else an earlier file
-- said the same, and its outcome counts. `told`: money for one of our orders that the channel never told us; it is booked now.
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
WITH line AS (
  SELECT * FROM :"resolved" WHERE position BETWEEN :first AND :last
), seen AS (
  SELECT l.*, CASE WHEN l.ref ~ '^[0-9]{6}-[0-9]{4}-[0-9]{9}-[0-9]{2}$'
                   THEN substr(l.ref, 8, 4)::bigint * 1000000000000 + substr(l.ref, 13, 9)::bigint * 100 + substr(l.ref, 23, 2)::bigint
              END AS instruction_id
    FROM line l
), ours AS (
  SELECT l.line_no,
         e.id AS prior_id, e.outcome AS prior_outcome, e.amount AS prior_amount, e.ref AS prior_ref,
         o.id AS order_id, o.number AS order_number, o.state AS order_state, o.amount AS order_amount,
         CASE WHEN l.turn = 1 THEN coalesce(CASE WHEN d.id IS NOT NULL THEN 1 END,
                                            CASE WHEN p.id IS NOT NULL OR c.id IS NOT NULL THEN 2 END,
                                            CASE WHEN u.line_id IS NOT NULL THEN 3 END, CASE WHEN y.id IS NOT NULL THEN 5 END)
              ELSE coalesce(CASE WHEN k.id IS NOT NULL THEN 5 END, CASE WHEN v.line_id IS NOT NULL THEN 4 END) END AS ours_kind,
         CASE WHEN l.turn = 1 THEN coalesce(d.id, p.id, c.id, u.line_id, y.id) ELSE coalesce(k.id, v.line_id) END AS ours_id,
         CASE WHEN l.turn = 1 THEN coalesce(d.amount, p.amount, c.amount, u.amount, y.amount) ELSE coalesce(k.amount, v.amount) END AS ours_amount,
         CASE WHEN l.turn = 1 THEN coalesce((d.debited_at AT TIME ZONE 'Asia/Shanghai')::date, p.debited_on, c.debited_on, u.debited_on, y.debited_on,
                                            CASE WHEN y.id IS NOT NULL THEN l.happened_on END)
              WHEN k.id IS NULL THEN v.reversed_on END AS ours_on
    FROM seen l
    LEFT JOIN LATERAL (
      SELECT e.id, e.outcome, e.amount, e.ref FROM payments_settlementline e
       WHERE e.side = 1 AND e.channel = :channel AND e.turn = l.turn AND e.serial = l.serial AND e.serial <> ''
         AND e.outcome IN (1, 3, 4, 5) AND l.fault IS NULL
         AND NOT e.id BETWEEN CAST(:file AS bigint) * 100000000 AND CAST(:file AS bigint) * 100000000 + 99999999
         AND (:channel <> 'BANK_BATCH' OR e.ref = l.ref)
       ORDER BY e.ref = l.ref DESC, e.id LIMIT 1) AS e ON TRUE
    LEFT JOIN payments_orderdebit d
      ON l.turn = 1 AND d.channel = :channel AND d.channel_serial = l.serial AND d.region_id = ANY (CAST(:regions AS text[]))
    LEFT JOIN payments_order o
      ON o.number = l.ref AND o.channel = :channel AND o.region_id = ANY (CAST(:regions AS text[]))
    -- What the bank's answer said it debited and our books could not post hangs on a case already: the same
    -- yuan, not another one. A second debit of an instruction is told from the first by its serial.
    LEFT JOIN LATERAL (
      SELECT k.id, k.amount, k.debited_on, k.serial FROM payments_debitcase k
        JOIN payments_workitem w ON w.id = k.item_id AND w.kind <> 'LONG'
       WHERE :channel = 'BANK_BATCH' AND l.turn = 1 AND k.channel = :channel AND k.region_id = ANY (CAST(:regions AS text[]))
         AND (k.serial = l.serial AND k.serial <> '' AND k.ref IN (l.ref, '') OR k.serial = '' AND k.ref = l.ref AND k.ref <> '')
       ORDER BY k.amount = l.amount DESC, k.ref = l.ref DESC, k.id LIMIT 1) AS y ON TRUE
    LEFT JOIN LATERAL (
      SELECT p.id, p.amount, p.debited_on FROM payments_payment p
       WHERE :channel = 'BANK_BATCH' AND l.turn = 1
         AND p.id BETWEEN l.instruction_id / 100 * 100 AND l.instruction_id / 100 * 100 + 99
         AND p.instruction_id = l.instruction_id AND p.region_id = ANY (CAST(:regions AS text[]))
         -- Money is known by what it was booked as first: a swap gives it another number.
         AND NOT EXISTS (SELECT FROM payments_swap w WHERE w.carried_by = p.id)
         AND (coalesce(y.serial, '') = ''
              OR EXISTS (SELECT FROM payments_bankline b WHERE b.id = p.line_id AND b.serial = l.serial))) AS p ON TRUE
    LEFT JOIN LATERAL (
      SELECT u.line_id, u.amount, u.debited_on FROM payments_duplicatepayment u
       WHERE :channel = 'BANK_BATCH' AND l.turn = 1 AND u.instruction_id = l.instruction_id
         AND NOT EXISTS (SELECT FROM payments_swap w WHERE w.line_id = u.line_id)
         AND (coalesce(y.serial, '') = ''
              OR EXISTS (SELECT FROM payments_bankline b WHERE b.id = u.line_id AND b.serial = l.serial))) AS u ON TRUE
    LEFT JOIN (SELECT min(c.id) AS id, sum(c.amount) AS amount, min(c.debited_on) AS debited_on, c.channel_serial
                 FROM payments_payment c
                WHERE c.channel = :channel AND :channel <> 'BANK_BATCH' AND c.line_id IS NULL
                  AND c.region_id = ANY (CAST(:regions AS text[]))
                GROUP BY c.channel_serial) AS c
      ON l.turn = 1 AND c.channel_serial = l.serial
    LEFT JOIN LATERAL (
      SELECT k.id, k.amount FROM payments_debitcase k
       WHERE l.turn = 2 AND k.channel = :channel AND k.amount = l.amount AND k.state IN ('OPEN', 'ESCALATED')
         AND k.serial = l.serial AND k.region_id = ANY (CAST(:regions AS text[]))
       ORDER BY k.id LIMIT 1) AS k1 ON TRUE
    LEFT JOIN LATERAL (
      SELECT k.id, k.amount FROM payments_debitcase k
       WHERE l.turn = 2 AND k1.id IS NULL AND k.channel = :channel AND k.amount = l.amount AND k.state IN ('OPEN', 'ESCALATED')
         AND k.ref = l.ref AND l.ref <> '' AND k.region_id = ANY (CAST(:regions AS text[]))
       ORDER BY k.id OFFSET l.same_place - 1 LIMIT 1) AS k2 ON TRUE
    CROSS JOIN LATERAL (SELECT coalesce(k1.id, k2.id) AS id, coalesce(k1.amount, k2.amount) AS amount) AS k
    LEFT JOIN LATERAL (
      SELECT b.line_id, b.amount, b.reversed_on FROM (
        SELECT v.line_id, v.amount, v.reversed_on FROM payments_reversal v
          JOIN payments_orderline s ON s.id = v.line_id
          JOIN payments_order n ON n.id = s.order_id AND n.channel = :channel
           AND (n.number = l.ref OR n.channel_serial = l.serial)
        UNION ALL
        SELECT v.line_id, v.amount, v.reversed_on FROM payments_reversal v
         WHERE :channel = 'BANK_BATCH' AND v.receivable_id = l.instruction_id / 100
      ) AS b
       WHERE l.turn = 2 AND k.id IS NULL
         AND NOT EXISTS (SELECT FROM payments_settlementline m WHERE m.side = 1 AND m.turn = 2 AND m.ours_kind = 4
                            AND m.ours_id = b.line_id AND m.outcome IN (1, 4, 5))
       ORDER BY b.amount = l.amount DESC, b.line_id OFFSET l.same_place - 1 LIMIT 1) AS v ON TRUE
), held AS (
  SELECT l.*, o.prior_id, o.prior_outcome, o.order_id, o.order_number, o.order_state, o.order_amount, o.ours_kind, o.ours_id,
         o.ours_amount, o.ours_on, o.prior_amount, o.prior_ref,
         m.id IS NOT NULL AS taken,
         row_number() OVER (PARTITION BY l.turn, o.ours_kind, o.ours_id ORDER BY l.line_no) AS ours_place
    FROM seen l
    JOIN ours o ON o.line_no = l.line_no
    LEFT JOIN payments_settlementline m
      ON m.side = 1 AND m.turn = l.turn AND m.ours_kind = o.ours_kind AND m.ours_id = o.ours_id AND m.outcome IN (1, 4, 5)
)
SELECT line_no, CAST(:file AS bigint) * 100000000 + line_no AS line_id, CAST(:channel AS text) AS channel, turn, amount, happened_at, happened_on, serial, ref,
       split_part(verdict.said, '|', 1)::smallint AS outcome, split_part(verdict.said, '|', 2) AS reason,
       split_part(verdict.said, '|', 1) IN ('1', '4', '5') AS is_ours,
       ours_kind, ours_id, ours_amount, ours_on, order_id, order_number, order_amount,
       split_part(verdict.said, '|', 3) = 'f' AS fresh,
       fault IS NULL AND turn = 1 AND order_id IS NOT NULL AND split_part(verdict.said, '|', 2) IN ('NOT_TOLD', 'SECOND_DEBIT') AS told,
       CASE WHEN fault IS NOT NULL THEN text ELSE '' END AS text
  FROM held
 CROSS JOIN LATERAL (SELECT CASE
    WHEN fault IS NOT NULL THEN concat_ws('|', 3, fault, 'f')
    WHEN place > 1 THEN concat_ws('|', 6, 'REPEATED_IN_FILE', 'f')
    WHEN prior_id IS NOT NULL AND prior_amount = amount AND prior_ref = ref THEN concat_ws('|', prior_outcome, '', 't')
    WHEN prior_id IS NOT NULL THEN concat_ws('|', 6, 'SERIAL_REUSED', 'f')
    WHEN ours_id IS NULL AND turn = 1 AND order_id IS NOT NULL AND order_state = 'PAID' THEN concat_ws('|', 6, 'SECOND_DEBIT', 'f')
    WHEN ours_id IS NULL AND turn = 1 AND order_id IS NOT NULL THEN concat_ws('|', 3, 'NOT_TOLD', 'f')
    WHEN ours_id IS NULL AND turn = 2 THEN concat_ws('|', 3, 'RETURN_UNKNOWN', 'f')
    WHEN ours_id IS NULL THEN concat_ws('|', 3, 'UNKNOWN_REFERENCE', 'f')
    WHEN taken OR ours_place > 1 THEN concat_ws('|', 6, 'SECOND_DEBIT', 'f')
    WHEN amount <> ours_amount THEN concat_ws('|', 4, 'AMOUNT_DIFFERS', 'f')
    WHEN happened_on <> ours_on THEN concat_ws('|', 5, 'DATE_DIFFERS', 'f')
    ELSE concat_ws('|', 1, '', 'f') END AS said) AS verdict;
ANALYZE judged;

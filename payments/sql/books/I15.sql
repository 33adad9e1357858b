-- I15: a hold belongs to the order or the instruction that is collecting its receivable, or that collected it (then it stays, spent);
-- and every instruction that may still bring money has its hold. A late OK of an earlier try may pay a receivable that a
-- later try is collecting: that try is still out and keeps its hold until the bank answers it.
WITH ended AS (
  SELECT instruction_id, 'DECLINED' AS how FROM payments_bankline
   WHERE bucket = 3 AND instruction_id IS NOT NULL AND reason <> 'CONTRADICTS_POSTED'
  UNION ALL SELECT instruction_id, 'DUPLICATE' FROM payments_duplicatepayment
  UNION ALL SELECT instruction_id, 'RELEASED' FROM payments_instructionrelease
  UNION ALL SELECT p.instruction_id, 'REFUNDED' FROM payments_reversal v JOIN payments_payment p ON p.id = v.payment_id
   WHERE v.line_id >= 8000000000000000000 AND p.instruction_id IS NOT NULL
  UNION ALL SELECT i.id, 'DROPPED' FROM payments_instruction i JOIN payments_debitbatch b ON b.id = i.batch_id AND b.state = 'DROPPED'
), finished AS (
  SELECT instruction_id, min(how) AS how FROM ended GROUP BY instruction_id
), live AS (
  SELECT p.id / 100 AS receivable_id, p.instruction_id
    FROM payments_payment p
    LEFT JOIN payments_reversal v ON v.payment_id = p.id
   WHERE v.line_id IS NULL
), held AS (
  SELECT h.id, h.instruction_id, h.order_id,
         CASE WHEN r.id IS NULL THEN 'HOLD_WITHOUT_RECEIVABLE'
              WHEN h.order_id IS NOT NULL AND (o2.id IS NULL OR n.id IS NULL) THEN 'HOLD_WITHOUT_HOLDER'
              WHEN h.order_id IS NOT NULL AND n.state NOT IN ('OPEN', 'ASKED') THEN 'HELD_THOUGH_' || n.state
              WHEN h.order_id IS NOT NULL AND l.receivable_id IS NOT NULL THEN 'HELD_THOUGH_PAID'
              WHEN h.order_id IS NULL AND (i.id IS NULL OR i.id / 100 <> h.id) THEN 'HOLD_WITHOUT_HOLDER'
              WHEN h.order_id IS NULL AND l.receivable_id IS NOT NULL
               AND (l.instruction_id BETWEEN h.id * 100 AND h.instruction_id) IS NOT TRUE THEN 'HELD_THOUGH_PAID'
              WHEN o.how IS NOT NULL THEN 'HELD_THOUGH_' || o.how END AS problem
    FROM payments_hold h
    LEFT JOIN payments_receivable r ON r.id = h.id
    LEFT JOIN payments_instruction i ON i.id = h.instruction_id
    LEFT JOIN live l ON l.receivable_id = h.id
    LEFT JOIN finished o ON o.instruction_id = h.instruction_id
    LEFT JOIN payments_order n ON n.id = h.order_id
    LEFT JOIN payments_orderline o2 ON o2.order_id = h.order_id AND o2.receivable_id = h.id
)
SELECT 'hold' AS what, id::text AS key, problem, 'no hold' AS expected,
       coalesce('instruction ' || instruction_id, 'order ' || order_id, 'no holder') AS found
  FROM held
 WHERE problem IS NOT NULL
UNION ALL
SELECT 'instruction', i.id::text, 'NOT_HELD', 'the hold of its receivable',
       coalesce('instruction ' || h.instruction_id, 'no hold')
  FROM payments_instruction i
  LEFT JOIN payments_hold h ON h.id = i.id / 100
  LEFT JOIN finished o ON o.instruction_id = i.id
 WHERE o.instruction_id IS NULL AND h.instruction_id IS DISTINCT FROM i.id
UNION ALL
SELECT 'order line', s.id::text, 'NOT_HELD', 'the hold of its receivable', coalesce('instruction ' || h.instruction_id, 'no hold')
  FROM payments_orderline s
  JOIN payments_order n ON n.id = s.order_id AND n.state IN ('OPEN', 'ASKED')
  LEFT JOIN payments_hold h ON h.id = s.receivable_id
 WHERE h.order_id IS DISTINCT FROM s.order_id;

-- Work for a person. Every yuan debited and not posted hangs here with its amount; the rest informs.
INSERT INTO payments_workitem
  (kind, region_id, person_id, file_id, line_id, instruction_id, amount, reason, state, due_on, opened_at, resolution)
SELECT w.kind, :region, j.person_id, :file, j.line_id, j.instruction_id, w.amount, coalesce(j.reason, ''), 'OPEN',
       CASE WHEN w.kind IN ('UNKNOWN_CODE', 'CONTRADICTION') THEN CAST(:due_soon AS date) ELSE CAST(:due_late AS date) END,
       clock_timestamp(), ''
  FROM judged j
 CROSS JOIN LATERAL (SELECT
    CASE
      WHEN j.bucket = 5 THEN 'UNMATCHED'
      WHEN j.bucket = 6 AND j.money > 0 THEN 'REJECTED_MONEY'
      WHEN j.reason = 'UNKNOWN_CODE' THEN 'UNKNOWN_CODE'
      WHEN j.reason = 'CONTRADICTS_POSTED' THEN 'CONTRADICTION'
      WHEN j.bucket = 6 AND j.instruction_id IS NOT NULL AND j.reason <> 'REPEATED_IN_FILE' THEN 'CONTRADICTION'
      WHEN j.reason = 'REVERSED' THEN 'REVERSED'
      WHEN j.bucket IN (1, 2) AND j.prior_bucket = 3 THEN 'LATE_OK'
    END AS kind,
    CASE WHEN j.bucket IN (5, 6) THEN j.money WHEN j.reason = 'CONTRADICTS_POSTED' THEN 0 ELSE coalesce(j.asked, 0) END
      AS amount) AS w
 WHERE NOT j.repeated AND w.kind IS NOT NULL
   AND NOT (w.kind = 'UNKNOWN_CODE' AND EXISTS (
         SELECT FROM payments_workitem o
          WHERE o.kind = 'UNKNOWN_CODE' AND o.instruction_id = j.instruction_id AND o.state <> 'RESOLVED'))
 ORDER BY j.line_id;

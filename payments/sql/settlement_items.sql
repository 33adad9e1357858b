-- Work for a person: every yuan on which two lists differ hangs here with its amount. Money that was booked just now, as a
-- line of one of our orders, is at home and needs nobody.
INSERT INTO payments_workitem
  (kind, region_id, person_id, file_id, line_id, instruction_id, amount, reason, state, due_on, opened_at, resolution)
SELECT w.kind, :region, w.person_id, :file, j.line_id, NULL, w.amount, left(j.reason, 24), 'OPEN',
       CASE WHEN w.kind = 'LONG' THEN CAST(:due_late AS date) ELSE CAST(:due_soon AS date) END, clock_timestamp(), ''
  FROM judged j
 CROSS JOIN LATERAL (SELECT
    CASE
      WHEN j.outcome = 3 AND j.turn = 2 AND j.amount > 0 THEN 'RETURN_UNKNOWN'
      WHEN j.outcome = 3 AND j.reason <> 'OK_WITHOUT_MONEY' THEN 'LONG'
      WHEN j.outcome = 6 AND j.reason IN ('SECOND_DEBIT', 'SETTLED_BEFORE', 'SERIAL_REUSED') AND j.turn = 1 THEN 'LONG'
      WHEN j.outcome = 6 AND j.reason = 'SECOND_DEBIT' THEN 'RETURN_UNKNOWN'
      WHEN j.outcome = 4 THEN 'STATED_AMOUNT'
      WHEN j.outcome = 5 AND j.reason IN ('COVER_DIFFERS', 'BEFORE_DEBIT', 'AFTER_FILE_DAY') THEN 'STATED_DATE'
    END AS kind,
    CASE WHEN j.outcome = 4 THEN abs(j.amount - j.ours_amount) ELSE j.amount END AS amount,
    CASE j.ours_kind
      WHEN 1 THEN (SELECT min(s.person_id) FROM payments_orderdebit d JOIN payments_orderline s ON s.order_id = d.order_id
                    WHERE d.id = j.ours_id HAVING count(*) = 1)
      WHEN 2 THEN (SELECT p.person_id FROM payments_payment p WHERE p.id = j.ours_id)
      WHEN 3 THEN (SELECT u.person_id FROM payments_duplicatepayment u WHERE u.line_id = j.ours_id)
      WHEN 4 THEN (SELECT v.person_id FROM payments_reversal v WHERE v.line_id = j.ours_id)
      WHEN 5 THEN (SELECT k.person_id FROM payments_debitcase k WHERE k.id = j.ours_id)
    END AS person_id) AS w
 WHERE j.fresh AND w.kind IS NOT NULL
   AND NOT (j.told AND EXISTS (SELECT FROM payments_orderdebit d
                                WHERE d.channel = :channel AND d.channel_serial = j.serial AND d.order_id = j.order_id))
 ORDER BY j.line_id;

-- The next step of each case, before its state changes: from where it is to where it goes.
INSERT INTO refunds_refundstep (case_id, number, from_state, to_state, by_id, at, words, details)
SELECT c.id, coalesce(last.number, 0) + 1, CASE WHEN last.number IS NULL THEN '' ELSE c.state END, :to,
       CAST(:by AS bigint), CAST(:at AS timestamptz), :words, :details
  FROM refunds_refundcase c
  LEFT JOIN LATERAL (SELECT max(s.number) AS number FROM refunds_refundstep s WHERE s.case_id = c.id) AS last ON TRUE
 WHERE c.id = ANY(CAST(:cases AS bigint[]))
 ORDER BY c.id;

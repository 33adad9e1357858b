-- The first answer to each line of the push.
INSERT INTO payments_pushanswer (line_id, region_id, file_line_id, taken, reason, answered_at)
SELECT l.id, l.region_id, CAST(:file AS bigint) * 100000000 + r.line_no, r.taken, r.reason, :at
  FROM :"resolved" r
  JOIN payments_pushline l ON l.batch_id = :push AND l.receivable_id = r.receivable_id
  LEFT JOIN payments_pushanswer a ON a.line_id = l.id
 WHERE r.position BETWEEN :first AND :last AND r.place = 1 AND a.line_id IS NULL
 ORDER BY l.id;

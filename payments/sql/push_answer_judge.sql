-- Lines of an acknowledgement by what they are worth: the first answer to a line of the push, a repetition, or about nothing.
SELECT count(*) FILTER (WHERE l.id IS NOT NULL AND a.line_id IS NULL AND r.place = 1 AND r.taken) AS taken,
       count(*) FILTER (WHERE l.id IS NOT NULL AND a.line_id IS NULL AND r.place = 1 AND NOT r.taken) AS refused,
       count(*) FILTER (WHERE l.id IS NOT NULL AND (a.line_id IS NOT NULL OR r.place > 1)) AS repeated,
       count(*) FILTER (WHERE l.id IS NULL) AS unknown
  FROM :"resolved" r
  LEFT JOIN payments_pushline l ON l.batch_id = :push AND l.receivable_id = r.receivable_id
  LEFT JOIN payments_pushanswer a ON a.line_id = l.id
 WHERE r.position BETWEEN :first AND :last;

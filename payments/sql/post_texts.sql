-- The text of each line that is not clean, for the person who will look at it.
INSERT INTO payments_linetext (line_id, text)
SELECT j.line_id,
       CASE WHEN s.seq IS NULL THEN coalesce(s.account, '')
            ELSE concat_ws('|', s.seq, s.account, s.holder, s.due, s.paid, s.code, s.note, s.serial, s.debited_on, s.ref) END
  FROM judged j
  JOIN :"lines" s USING (line_no)
 WHERE NOT j.repeated AND (j.bucket IN (5, 6) OR j.reason <> '' AND j.bucket <> 2);

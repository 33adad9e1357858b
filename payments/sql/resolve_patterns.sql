-- Codes that hold several causes (TIPS 24002): the bank's text decides, by the rule with the lowest priority number.
UPDATE :"resolved" r
   SET internal = coalesce((SELECT rc.internal FROM payments_resultcode rc
                              WHERE rc.code_set = :code_set AND rc.code = s.code AND rc.pattern <> ''
                                AND strpos(s.note, rc.pattern) > 0
                              ORDER BY rc.priority, rc.id LIMIT 1), r.internal)
  FROM :"lines" s
 WHERE s.line_no = r.line_no
   AND s.code IN (SELECT rc.code FROM payments_resultcode rc WHERE rc.code_set = :code_set AND rc.pattern <> '');

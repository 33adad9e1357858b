-- What the lines of an acknowledgement say together.
SELECT count(*) AS lines, count(*) FILTER (WHERE taken) AS taken,
       count(*) FILTER (WHERE NOT taken AND fault IS DISTINCT FROM 'LINE_UNREADABLE') AS refused,
       count(*) FILTER (WHERE fault = 'LINE_UNREADABLE') AS unreadable, count(*) FILTER (WHERE fault IS NOT NULL) AS rejected,
       min(line_no) FILTER (WHERE fault = 'LINE_UNREADABLE') AS first_fault
  FROM :"resolved";

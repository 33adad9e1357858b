-- What the lines of a statement or settlement say together, and what decides whether the file is held.
SELECT count(*) AS lines,
       coalesce(sum(amount) FILTER (WHERE turn = 1 AND fault IS DISTINCT FROM 'TURN_UNREADABLE'), 0) AS received,
       coalesce(sum(amount) FILTER (WHERE turn = 2), 0) AS returned,
       count(*) FILTER (WHERE fault IS NOT NULL) AS rejected,
       count(*) FILTER (WHERE fault IN ('LINE_UNREADABLE', 'TURN_UNREADABLE')) AS unreadable,
       count(*) FILTER (WHERE fault = 'AMOUNT_UNREADABLE') AS amount_unreadable,
       count(*) FILTER (WHERE fault = 'AMOUNT_OVER_LIMIT') AS over_limit,
       min(line_no) FILTER (WHERE fault IN ('LINE_UNREADABLE', 'TURN_UNREADABLE', 'AMOUNT_UNREADABLE', 'AMOUNT_OVER_LIMIT'))
         AS first_fault
  FROM :"resolved";

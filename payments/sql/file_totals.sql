-- What the lines of a file say, to be held against its header; and what decides whether the file is held.
SELECT count(*) AS lines,
       coalesce(sum(due), 0) AS amount,
       coalesce(sum(money), 0) AS debited,
       count(*) FILTER (WHERE ok) AS ok_lines,
       coalesce(sum(money) FILTER (WHERE ok), 0) AS ok_amount,
       count(*) FILTER (WHERE NOT ok) AS other_lines,
       coalesce(sum(due) FILTER (WHERE NOT ok), 0) AS other_amount,
       count(*) FILTER (WHERE early = 6) AS rejected,
       count(*) FILTER (WHERE reason = 'LINE_UNREADABLE') AS unreadable,
       count(*) FILTER (WHERE reason = 'AMOUNT_UNREADABLE') AS amount_unreadable,
       count(*) FILTER (WHERE reason = 'AMOUNT_OVER_LIMIT') AS over_limit,
       min(line_no) FILTER (WHERE reason IN ('LINE_UNREADABLE', 'AMOUNT_UNREADABLE', 'AMOUNT_OVER_LIMIT')) AS first_fault,
       min(serial) FILTER (WHERE ok) AS first_serial,
       max(serial) FILTER (WHERE ok) AS last_serial,
       min(instruction_id) AS low, max(instruction_id) AS high
  FROM :"resolved";

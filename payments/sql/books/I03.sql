-- I03: lines, 应扣 and 实扣 of an applied file add up over its buckets to its header and to what was read from the stored
-- original. A file that a supervisor released after it was held answers to the original alone: its header may be wrong.
-- OK lines that an earlier file had answered have no row, so the OK share is proved up to those repeated lines.
WITH booked AS (
  SELECT id / 100000000 AS file_id, count(*) FILTER (WHERE ok) AS ok_lines,
         coalesce(sum(due) FILTER (WHERE NOT ok), 0) AS other_amount
    FROM payments_bankline
   GROUP BY id / 100000000
), counted AS (
  SELECT f.id, f.lines, f.amount, f.debited, f.released_by_id IS NULL AS by_header, f.header,
         coalesce(sum(t.lines), 0) AS t_lines, coalesce(sum(t.amount), 0) AS t_amount,
         coalesce(sum(t.debited), 0) AS t_debited, coalesce(sum(t.repeated), 0) AS repeated,
         coalesce(sum(t.repeated_amount), 0) AS repeated_amount,
         coalesce(max(b.ok_lines), 0) AS ok_lines, coalesce(max(b.other_amount), 0) AS other_amount
    FROM payments_bankfile f
    LEFT JOIN payments_filetally t ON t.file_id = f.id
    LEFT JOIN booked b ON b.file_id = f.id
   WHERE f.state = 'APPLIED' AND f.kind = 'RESULT'
   GROUP BY f.id
)
SELECT 'file' AS what, c.id::text AS key, p.problem, p.expected, p.found
  FROM counted c
 CROSS JOIN LATERAL (VALUES
   ('LINES_DIFFER_FROM_ORIGINAL', c.lines::text, c.t_lines::text, c.lines = c.t_lines),
   ('AMOUNT_DIFFERS_FROM_ORIGINAL', c.amount::text, c.t_amount::text, c.amount = c.t_amount),
   ('DEBITED_DIFFERS_FROM_ORIGINAL', c.debited::text, c.t_debited::text, c.debited = c.t_debited),
   ('LINES_DIFFER_FROM_HEADER', c.header ->> 'lines', c.t_lines::text,
     NOT c.by_header OR (c.header ->> 'lines')::numeric = c.t_lines),
   ('AMOUNT_DIFFERS_FROM_HEADER', c.header ->> 'amount', c.t_amount::text,
     NOT c.by_header OR (c.header ->> 'amount')::numeric = c.t_amount),
   ('DEBITED_DIFFERS_FROM_HEADER', c.header ->> 'ok_amount', c.t_debited::text,
     NOT c.by_header OR (c.header ->> 'ok_amount')::numeric = c.t_debited),
   ('OK_LINES_DIFFER_FROM_HEADER', c.header ->> 'ok_lines', c.ok_lines || '..' || c.ok_lines + c.repeated,
     NOT c.by_header OR (c.header ->> 'ok_lines')::numeric BETWEEN c.ok_lines AND c.ok_lines + c.repeated),
   ('HEADER_DOES_NOT_ADD_UP', c.header ->> 'lines', concat_ws(' + ', c.header ->> 'ok_lines', c.header ->> 'failed_lines'),
     NOT c.by_header OR (c.header ->> 'ok_lines')::numeric + (c.header ->> 'failed_lines')::numeric
       = (c.header ->> 'lines')::numeric),
   ('OTHER_AMOUNT_DIFFERS_FROM_HEADER', c.header ->> 'failed_amount',
     c.other_amount || '..' || c.other_amount + c.repeated_amount,
     NOT c.by_header OR (c.header ->> 'failed_amount')::numeric
       BETWEEN c.other_amount AND c.other_amount + c.repeated_amount)
 ) AS p (problem, expected, found, holds)
 WHERE p.holds IS NOT TRUE
UNION ALL
SELECT 'chunk', k.file_id || '/' || k.number, 'CHUNK_NOT_POSTED', 'DONE', k.state
  FROM payments_filechunk k
  JOIN payments_bankfile f ON f.id = k.file_id AND f.state = 'APPLIED'
 WHERE k.state <> 'DONE';

-- S01: an applied statement or settlement has its lines in outcomes, each in one: rows and repeated lines make up the report, and
-- the report makes up the header to the line and to the fen (a file that was released after a hold answers to its lines alone).
WITH files AS (
  SELECT f.id, f.lines, f.amount, f.debited AS returned, f.header, f.released_by_id IS NULL AS by_header, f.report
    FROM payments_bankfile f
   WHERE f.state = 'APPLIED' AND f.kind IN ('STATEMENT', 'TREASURY')
), told AS (
  SELECT f.id, o.key AS name, (o.value ->> 'lines')::bigint AS lines, (o.value ->> 'amount')::numeric AS amount,
         (o.value ->> 'returned')::numeric AS returned, (o.value ->> 'repeated')::bigint AS repeated
    FROM files f CROSS JOIN LATERAL jsonb_each(f.report -> 'outcomes') AS o
), kept AS (
  SELECT s.id / 100000000 AS file_id, (ARRAY['MATCHED', 'OURS_ONLY', 'THEIRS_ONLY', 'AMOUNT_DIFF', 'DATE_DIFF', 'DUP'])[s.outcome] AS name,
         count(*) AS lines
    FROM payments_settlementline s GROUP BY 1, 2
), sums AS (
  SELECT id, sum(lines) AS lines, sum(amount) AS amount, sum(returned) AS returned FROM told WHERE name <> 'OURS_ONLY' GROUP BY id
)
SELECT 'file' AS what, t.id || ' ' || t.name AS key, 'LINES_MISSING_OR_ADDED' AS problem,
       (t.lines - t.repeated)::text AS expected, coalesce(k.lines, 0)::text AS found
  FROM told t LEFT JOIN kept k ON k.file_id = t.id AND k.name = t.name
 WHERE t.lines - t.repeated <> coalesce(k.lines, 0)
UNION ALL
SELECT 'file', f.id::text, p.problem, p.expected, p.found
  FROM files f JOIN sums s ON s.id = f.id
 CROSS JOIN LATERAL (VALUES
   ('LINES_DIFFER_FROM_ORIGINAL', f.lines::text, s.lines::text, f.lines = s.lines),
   ('RECEIVED_DIFFERS_FROM_ORIGINAL', f.amount::text, s.amount::text, f.amount = s.amount),
   ('RETURNED_DIFFERS_FROM_ORIGINAL', f.returned::text, s.returned::text, f.returned = s.returned),
   ('LINES_DIFFER_FROM_HEADER', f.header ->> 'lines', s.lines::text, NOT f.by_header OR (f.header ->> 'lines')::numeric = s.lines),
   ('RECEIVED_DIFFERS_FROM_HEADER', f.header ->> 'received', s.amount::text,
     NOT f.by_header OR (f.header ->> 'received')::numeric = s.amount),
   ('RETURNED_DIFFERS_FROM_HEADER', f.header ->> 'returned', s.returned::text,
     NOT f.by_header OR coalesce((f.header ->> 'returned')::numeric, 0) = s.returned)
 ) AS p (problem, expected, found, holds)
 WHERE p.holds IS NOT TRUE;

-- I11: the guards that the models declare stand and are switched on, on parents and on leaves; the lines of an applied file
-- are all there: rows and repeated lines make up the tally, by bucket, to the line and to the fen.
-- tgtype: 1 row, 2 before, 8 delete, 16 update, 32 truncate; tgenabled O or A is switched on.
WITH declared AS (
  SELECT * FROM unnest(CAST(:tables AS text[]), CAST(:triggers AS text[])) AS d (tbl, tg)
), relations AS (
  SELECT d.tbl, d.tg, to_regclass(d.tbl)::oid AS rel FROM declared d
  UNION ALL
  SELECT i.inhrelid::regclass::text, d.tg, i.inhrelid
    FROM declared d
    JOIN pg_trigger t ON t.tgrelid = to_regclass(d.tbl) AND t.tgname = d.tg AND t.tgtype & 1 = 1
    JOIN pg_inherits i ON i.inhparent = t.tgrelid
), leaves AS (
  SELECT i.inhrelid, t.tgfoid
    FROM unnest(CAST(:guarded AS text[])) AS g (tbl)
    JOIN pg_inherits i ON i.inhparent = to_regclass(g.tbl)
    JOIN pg_trigger t ON t.tgrelid = i.inhparent AND t.tgtype = 34
), stored AS (
  SELECT id / 100000000 AS file_id, bucket, count(*) AS lines, coalesce(sum(due), 0) AS amount,
         coalesce(sum(debited) FILTER (WHERE ok), 0) AS debited
    FROM payments_bankline
   GROUP BY id / 100000000, bucket
), kept AS (
  SELECT t.* FROM payments_filetally t JOIN payments_bankfile f ON f.id = t.file_id AND f.state = 'APPLIED'
), written AS (
  SELECT r.* FROM stored r JOIN payments_bankfile f ON f.id = r.file_id AND f.state = 'APPLIED'
)
SELECT 'table' AS what, r.tbl AS key,
       CASE WHEN t.oid IS NULL THEN 'GUARD_MISSING' ELSE 'GUARD_SWITCHED_OFF' END AS problem, r.tg AS expected,
       coalesce(t.tgenabled::text, 'none') AS found
  FROM relations r
  LEFT JOIN pg_trigger t ON t.tgrelid = r.rel AND t.tgname = r.tg
 WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')
UNION ALL
SELECT 'table', l.inhrelid::regclass::text,
       CASE WHEN t.oid IS NULL THEN 'GUARD_MISSING' ELSE 'GUARD_SWITCHED_OFF' END, 'no TRUNCATE', coalesce(t.tgenabled::text, 'none')
  FROM leaves l
  LEFT JOIN pg_trigger t ON t.tgrelid = l.inhrelid AND t.tgfoid = l.tgfoid AND t.tgtype = 34
 WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')
UNION ALL
SELECT 'table', g.tbl, 'GUARD_HOLLOW', 'BU001', p.proname
  FROM unnest(CAST(:guarded AS text[])) AS g (tbl)
  JOIN pg_trigger t ON t.tgrelid = to_regclass(g.tbl) AND t.tgname = ANY (CAST(:guards AS text[]))
  JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE p.prosrc NOT LIKE '%BU001%'
UNION ALL
SELECT 'file', coalesce(k.file_id, w.file_id) || ' bucket ' || coalesce(k.bucket, w.bucket), 'LINES_MISSING_OR_ADDED',
       concat_ws(' ', coalesce(k.lines - k.repeated, 0), coalesce(k.amount - k.repeated_amount, 0),
                 coalesce(k.debited - k.repeated_debited, 0)),
       concat_ws(' ', coalesce(w.lines, 0), coalesce(w.amount, 0), coalesce(w.debited, 0))
  FROM kept k
  FULL JOIN written w ON w.file_id = k.file_id AND w.bucket = k.bucket
 WHERE coalesce(k.lines - k.repeated, 0) <> coalesce(w.lines, 0)
    OR coalesce(k.amount - k.repeated_amount, 0) <> coalesce(w.amount, 0)
    OR coalesce(k.debited - k.repeated_debited, 0) <> coalesce(w.debited, 0);

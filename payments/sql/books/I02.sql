-- I02: every line of a file in the books has one bucket, a number inside its file, and a file that was applied.
-- (file, line number) is the key, so two buckets for one line cannot be written at all; chunks of a running file count.
SELECT 'bank line' AS what, l.id::text AS key,
       CASE WHEN f.state IN ('REJECTED', 'HELD') THEN 'LINE_OF_A_FILE_NOT_APPLIED'
            WHEN l.bucket IS NULL OR l.bucket NOT BETWEEN 1 AND 6 THEN 'NO_BUCKET'
            ELSE 'NUMBER_OUTSIDE_FILE' END AS problem,
       CASE WHEN f.state IN ('REJECTED', 'HELD') THEN 'no line' WHEN l.bucket BETWEEN 1 AND 6 THEN '1..' || f.lines
            ELSE '1..6' END AS expected,
       CASE WHEN f.state IN ('REJECTED', 'HELD') THEN f.state WHEN l.bucket BETWEEN 1 AND 6
            THEN (l.id % 100000000)::text ELSE coalesce(l.bucket::text, 'none') END AS found
  FROM payments_bankline l
  JOIN payments_bankfile f ON f.id = l.id / 100000000
 WHERE l.bucket IS NULL OR l.bucket NOT BETWEEN 1 AND 6 OR f.state IN ('REJECTED', 'HELD')
    OR l.id % 100000000 NOT BETWEEN 1 AND f.lines;

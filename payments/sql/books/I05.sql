-- I05: two files that are not rejected never have the same bytes.
SELECT 'file' AS what, max(id)::text AS key, 'SAME_BYTES' AS problem, 'file ' || min(id) || ' alone' AS expected,
       count(*) || ' files' AS found
  FROM payments_bankfile
 WHERE state <> 'REJECTED'
 GROUP BY sha256
HAVING count(*) > 1;

-- I21: no work is stuck. By the database's clock: the lease on a running file ended over 5 minutes ago; more than 3 attempts
-- and not parked. QUEUED_LONG is a warning: nobody took a waiting file for over 5 minutes (no worker may be up).
SELECT 'file' AS what, f.id::text AS key, 'LEASE_EXPIRED' AS problem, 'a worker' AS expected, l.expires_at::text AS found
  FROM payments_bankfile f
  JOIN payments_filelease l ON l.file_id = f.id
 WHERE f.state = 'RUNNING' AND l.expires_at < now() - interval '5 minutes'
UNION ALL
SELECT 'file', f.id::text, 'TOO_MANY_ATTEMPTS', 'PARKED', l.attempts || ' attempts'
  FROM payments_bankfile f
  JOIN payments_filelease l ON l.file_id = f.id
 WHERE f.state IN ('QUEUED', 'RUNNING') AND l.attempts > 3
UNION ALL
SELECT 'file', f.id::text, 'QUEUED_LONG', 'a worker', 'since ' || max(e.pgh_created_at)
  FROM payments_bankfile f
  JOIN payments_bankfileevent e ON e.pgh_obj_id = f.id
 WHERE f.state = 'QUEUED'
 GROUP BY f.id
HAVING max(e.pgh_created_at) < now() - interval '5 minutes';

-- What each line of an acknowledgement says: about which receivable, taken or refused.
ANALYZE :"lines";
CREATE UNLOGGED TABLE :"resolved" WITH (autovacuum_enabled = off) AS
SELECT s.line_no AS position, s.line_no, s.fault, CASE WHEN s.fault IS NULL THEN s.number END AS receivable_id,
       s.fault IS NULL AND s.taken = '0' AS taken, CASE WHEN s.fault IS NULL AND s.taken = '1' THEN left(s.reason, 200) ELSE '' END AS reason,
       row_number() OVER (PARTITION BY s.fault IS NULL, s.number ORDER BY s.line_no) AS place
  FROM (SELECT x.*, CASE WHEN x.seq IS NOT NULL AND x.ref ~ '^[0-9]{1,18}$' THEN x.ref::bigint END AS number,
               CASE WHEN x.seq IS NULL THEN 'LINE_UNREADABLE'
                    WHEN x.seq !~ '^[0-9]{1,8}$' THEN 'NUMBER_UNREADABLE'
                    WHEN x.taken NOT IN ('0', '1') THEN 'LINE_UNREADABLE'
                    WHEN x.ref !~ '^[0-9]{1,18}$' THEN 'UNKNOWN_REFERENCE' END AS fault
          FROM :"lines" x) AS s
 ORDER BY s.line_no;
CREATE UNIQUE INDEX ON :"resolved" (position);
ANALYZE :"resolved";

-- What rests on an applied list: the first thing that was built on one of its lines later, by somebody else.
SELECT l.line_no, l.person_id, 'COVER' AS what, max(c.decided_at) AS at
  FROM enrollment_listline l JOIN enrollment_coverage c ON c.person_id = l.person_id
 WHERE l.list_id = :list AND l.outcome IN ('NEW', 'UPDATED', 'ENDED') AND l.line_no <= :done AND c.decided_at > :applied
 GROUP BY l.line_no, l.person_id
UNION ALL
SELECT l.line_no, l.person_id, c.kind, max(c.made_at)
  FROM enrollment_listline l JOIN enrollment_change c ON c.person_id = l.person_id
 WHERE l.list_id = :list AND l.outcome IN ('NEW', 'UPDATED', 'ENDED') AND l.line_no <= :done AND c.made_at >= :applied
   AND coalesce(c.details->>'list', '') <> :list::text AND c.reason <> :reason
 GROUP BY l.line_no, l.person_id, c.kind
 ORDER BY 1, 4 LIMIT 1;

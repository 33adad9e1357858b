-- I23: nobody holds two roles of a pair that must be two persons.
SELECT 'user' AS what, a.user_id::text AS key, 'CONFLICTING_ROLES' AS problem, 'one of them' AS expected,
       c.one || ' and ' || c.other AS found
  FROM unnest(CAST(:ones AS text[]), CAST(:others AS text[])) AS c (one, other)
  JOIN auth_group g ON g.name = c.one
  JOIN auth_group h ON h.name = c.other
  JOIN bureau_user_groups a ON a.group_id = g.id
  JOIN bureau_user_groups b ON b.group_id = h.id AND b.user_id = a.user_id;

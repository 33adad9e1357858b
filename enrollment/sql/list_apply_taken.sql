-- Lines of a chunk whose persons somebody else registered since the preview.
UPDATE enrollment_listline l SET outcome = 'CONTRADICTORY', code = 'CHANGED_MEANWHILE', enrollment_id = NULL, before = NULL
  FROM :"rows" r JOIN enrollment_person p ON p.id_type = r.id_type AND p.id_number = r.number
 WHERE l.list_id = :list AND l.line_no BETWEEN :first AND :last AND l.code = 'REGISTERED'
   AND r.line = l.line_no AND r.line BETWEEN :first AND :last;

SELECT outcome, code, count(*) AS lines FROM enrollment_listline WHERE list_id = :list GROUP BY outcome, code ORDER BY outcome, code;

-- A payment that the channel does not know is work for a person. (What is late at the treasury is shown by age, not item by item.)
INSERT INTO payments_workitem
  (kind, region_id, person_id, file_id, line_id, instruction_id, amount, reason, state, due_on, opened_at, resolution)
SELECT 'SHORT', :region, person_id, :file, CAST(:file AS bigint) * 100000000 + 50000000 + place, NULL, amount, 'NOT_STATED', 'OPEN',
       CAST(:due_soon AS date), clock_timestamp(), ''
  FROM missing
 WHERE fresh
 ORDER BY place;

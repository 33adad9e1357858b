-- Money that could not be matched before and is booked now under the same serial: its work is done by the river.
UPDATE payments_workitem w
   SET state = 'RESOLVED', resolved_at = clock_timestamp(), resolution = 'BOOKED_BY_LATER_FILE'
  FROM judged j
 WHERE j.bucket IN (1, 2) AND NOT j.repeated AND j.loose_line_id IS NOT NULL
   AND w.line_id = j.loose_line_id AND w.kind = 'UNMATCHED' AND w.state <> 'RESOLVED';

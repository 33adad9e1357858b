-- The river booked the money after all: the work item says so.
UPDATE payments_debitcase k
   SET state = 'BOOKED', closed_at = :at
  FROM payments_workitem w
 WHERE w.id = k.item_id AND k.state IN ('OPEN', 'ESCALATED') AND w.state = 'RESOLVED'
   AND w.resolution IN ('BOOKED_BY_LATER_FILE', 'STATED_LATER');

-- A person said what the money was.
UPDATE payments_debitcase k
   SET state = 'EXPLAINED', closed_at = :at
  FROM payments_workitem w
 WHERE w.id = k.item_id AND k.state IN ('OPEN', 'ESCALATED') AND w.state = 'RESOLVED';

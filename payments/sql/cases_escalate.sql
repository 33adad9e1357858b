-- The bank's three working days are over.
UPDATE payments_debitcase
   SET state = 'ESCALATED', escalated_at = :at
 WHERE state = 'OPEN' AND due_on < CAST(:today AS date);

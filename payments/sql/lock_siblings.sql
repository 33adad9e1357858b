-- Persons with receivables in several regions are posted under their own lock, in the order of their keys.
SELECT p.id
  FROM enrollment_person p
 WHERE p.id IN (SELECT s.person_id FROM payments_siblingreceivable s
                  JOIN :"resolved" r ON r.instruction_id / 100 = s.receivable_id
                 WHERE r.position BETWEEN :first AND :last)
 ORDER BY p.id
   FOR NO KEY UPDATE OF p;

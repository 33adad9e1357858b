-- I08: an amount is positive, in whole fen, and at most 9,999,999,999.99; what may be nothing is at least not negative.
WITH amounts AS (
  SELECT 'payment' AS what, id AS key, amount, 0.01 AS least FROM payments_payment
  UNION ALL SELECT 'duplicate', line_id, amount, 0.01 FROM payments_duplicatepayment
  UNION ALL SELECT 'reversal', line_id, amount, 0.01 FROM payments_reversal
  UNION ALL SELECT 'instruction', id, amount, 0.01 FROM payments_instruction
  UNION ALL SELECT 'receivable', id, amount, 0 FROM payments_receivable
  UNION ALL SELECT 'receivable', id, aid, 0 FROM payments_receivable
  UNION ALL SELECT 'later amount', id, amount, 0 FROM payments_assessment
  UNION ALL SELECT 'later amount', id, aid, 0 FROM payments_assessment
  UNION ALL SELECT 'work item', id, amount, 0 FROM payments_workitem
  UNION ALL SELECT 'bank line', id, coalesce(debited, 0), CASE WHEN bucket IN (1, 2) THEN 0.01 ELSE 0 END FROM payments_bankline
  UNION ALL SELECT 'bank line', id, coalesce(due, 0), 0 FROM payments_bankline
)
SELECT what, key::text AS key, 'AMOUNT_IMPOSSIBLE' AS problem, least || '..9999999999.99' AS expected, amount::text AS found
  FROM amounts
 WHERE amount < least OR amount > 9999999999.99 OR amount <> round(amount, 2)
UNION ALL
SELECT 'receivable', id::text, 'AMOUNT_DOES_NOT_ADD_UP', (standard - aid)::text, amount::text
  FROM payments_receivable WHERE amount <> standard - aid
UNION ALL
SELECT 'later amount', id::text, 'AMOUNT_DOES_NOT_ADD_UP', (standard - aid)::text, amount::text
  FROM payments_assessment WHERE amount <> standard - aid;

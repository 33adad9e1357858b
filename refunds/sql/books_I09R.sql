-- I09R: who asked, who reviewed, who approved and who paid out are four persons; nobody confirmed an account they wrote.
SELECT 'refund case' AS what, id::text AS key, 'SIGNED_TWICE_BY_ONE' AS problem, 'four persons' AS expected,
       concat_ws(' ', submitted_by_id, reviewed_by_id, approved_by_id, payout_by_id) AS found
  FROM refunds_refundcase
 WHERE submitted_by_id IN (reviewed_by_id, approved_by_id, payout_by_id)
    OR reviewed_by_id IN (approved_by_id, payout_by_id) OR approved_by_id = payout_by_id
UNION ALL
SELECT 'payee account', id::text, 'CONFIRMED_BY_ITS_WRITER', 'another person', 'user ' || made_by_id
  FROM refunds_payeeaccount WHERE made_by_id = confirmed_by_id;

-- R05: a row of cover has its person, its receivable of the same person and scheme, a policy of its year, the payment it
-- names, and replaces an earlier row of the same receivable or none.
SELECT 'cover' AS what, key::text AS key, fault[1] AS problem, fault[2] AS expected, fault[3] AS found
  FROM (SELECT c.id AS key, CASE
      WHEN r.id IS NULL THEN ARRAY['RECEIVABLE_MISSING', 'receivable ' || c.id / 100, 'none']
      WHEN r.person_id <> c.person_id OR r.scheme <> c.scheme
        THEN ARRAY['PERSON_DIFFERS', concat_ws(' ', 'person', r.person_id, r.scheme), concat_ws(' ', 'person', c.person_id, c.scheme)]
      WHEN y.id IS NULL THEN ARRAY['POLICY_MISSING', 'policy ' || c.policy_id, 'none']
      WHEN y.benefit_year <> c.id / 1000000000000
        THEN ARRAY['POLICY_OF_ANOTHER_YEAR', (c.id / 1000000000000)::text, y.benefit_year::text]
      WHEN c.payment_id IS NOT NULL AND m.id IS NULL THEN ARRAY['PAYMENT_MISSING', 'payment ' || c.payment_id, 'none']
      WHEN m.id / 100 <> c.id / 100
        THEN ARRAY['PAYMENT_OF_ANOTHER', 'receivable ' || c.id / 100, 'receivable ' || m.id / 100]
      WHEN c.supersedes IS NOT NULL AND (s.id IS NULL OR s.id / 100 <> c.id / 100 OR s.id >= c.id)
        THEN ARRAY['REPLACED_ROW_MISSING', 'an earlier row of the receivable', 'cover ' || c.supersedes]
    END AS fault
    FROM enrollment_coverage c
    LEFT JOIN payments_receivable r ON r.id = c.id / 100
    LEFT JOIN enrollment_policy y ON y.id = c.policy_id
    LEFT JOIN payments_payment m ON m.id = c.payment_id
    LEFT JOIN enrollment_coverage s ON s.id = c.supersedes) AS checked
 WHERE fault IS NOT NULL;

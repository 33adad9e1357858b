-- Whom aid carries wholly, for the cover that starts at once: the given receivables, or those numbered after :after.
CREATE TEMPORARY TABLE carried ON COMMIT DROP AS
SELECT CAST(NULL AS bigint) AS payment_id, r.id AS receivable_id, r.person_id, r.region_id, v.carried_on AS paid_on
  FROM payments_receivable r
  JOIN priced v ON v.enrollment_id = r.enrollment_id
 WHERE r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000 AND r.region_id = :region
   AND (r.id > :after AND r.amount = 0 OR r.id = ANY(CAST(:ids AS bigint[])));

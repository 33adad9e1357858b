-- What enrolment needs to know of the payments just posted.
CREATE TEMPORARY VIEW posted AS
SELECT payment_id, receivable_id, person_id, CAST(:region AS varchar) AS region_id, debited_on AS paid_on
  FROM judged
 WHERE bucket = 1 AND NOT repeated;

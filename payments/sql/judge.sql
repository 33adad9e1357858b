-- Judging: the bucket of each resolved line of a range, by the books as they are now (rules 5 to 12).
-- repeated: an earlier file said the same of the same money; no row is written for such a line.
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
WITH gone AS MATERIALIZED (
  SELECT receivable_id, count(*) AS times FROM payments_reversal
   WHERE receivable_id BETWEEN :low / 100 AND :high / 100 AND payment_id IS NOT NULL
   GROUP BY receivable_id
), elsewhere AS MATERIALIZED (
  SELECT mine.receivable_id, min(p.id) AS payment_id
    FROM payments_siblingreceivable mine
    JOIN payments_siblingreceivable other
      ON other.person_id = mine.person_id AND other.benefit_year = mine.benefit_year
     AND other.receivable_id <> mine.receivable_id
    JOIN payments_payment p ON p.id BETWEEN other.receivable_id * 100 AND other.receivable_id * 100 + 99
   WHERE mine.receivable_id BETWEEN :low / 100 AND :high / 100
     AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id)
   GROUP BY mine.receivable_id
), exempt AS MATERIALIZED (
  SELECT mine.receivable_id, min(force.id) AS cover_id
    FROM payments_siblingreceivable mine
    JOIN payments_siblingreceivable other
      ON other.person_id = mine.person_id AND other.benefit_year = mine.benefit_year
     AND other.receivable_id <> mine.receivable_id
   CROSS JOIN LATERAL (
     SELECT c.id, c.start, c.payment_id FROM enrollment_coverage c
      WHERE c.id BETWEEN other.receivable_id * 100 AND other.receivable_id * 100 + 99
      ORDER BY c.id DESC LIMIT 1) AS force
   WHERE mine.receivable_id BETWEEN :low / 100 AND :high / 100
     AND force.start IS NOT NULL AND force.payment_id IS NULL
   GROUP BY mine.receivable_id
), strangers AS MATERIALIZED (
  SELECT serial, min(coalesce(instruction_id, 0)) AS lowest, max(coalesce(instruction_id, 0)) AS highest
    FROM :"loose" GROUP BY serial
), refunded AS MATERIALIZED (
  SELECT coalesce(p.instruction_id, d.instruction_id) AS instruction_id
    FROM payments_reversal v
    LEFT JOIN payments_payment p
      ON p.id = v.payment_id AND p.id BETWEEN :low / 100 * 100 AND :high / 100 * 100 + 99
    LEFT JOIN payments_duplicatepayment d ON d.line_id = v.duplicate_id
   WHERE v.receivable_id BETWEEN :low / 100 AND :high / 100 AND v.line_id >= 8000000000000000000
), seen AS (
  SELECT
    r.*, prior.bucket AS prior_bucket, prior.reversed AS prior_reversed, prior.instruction_id IS NULL AS unanswered,
    r.ok AND NOT prior.reversed AND r.serial = prior.serial AND r.paid = prior.debited AS same_answer,
    r.instruction_id / 100 * 100 + coalesce(gone.times, 0) AS payment_id,
    coalesce(paid.id, elsewhere.payment_id) AS carried_by, paid.id IS NOT NULL AS paid_here,
    CASE WHEN coalesce(paid.id, elsewhere.payment_id) IS NULL THEN exempt.cover_id END AS exempt_by,
    CASE WHEN loose.debited = r.paid THEN loose.line_id END AS loose_line_id,
    r.serial_taken OR booked.id IS NOT NULL
      OR strangers.lowest <> coalesce(r.instruction_id, 0) OR strangers.highest <> coalesce(r.instruction_id, 0)
      AS foreign_serial
  FROM :"resolved" r
  LEFT JOIN :"prior" prior ON prior.instruction_id = r.instruction_id
  LEFT JOIN gone ON gone.receivable_id = r.instruction_id / 100
  LEFT JOIN payments_payment paid
    ON paid.id BETWEEN :low / 100 * 100 AND :high / 100 * 100 + 99
   AND paid.id = r.instruction_id / 100 * 100 + coalesce(gone.times, 0)
  LEFT JOIN elsewhere ON elsewhere.receivable_id = r.instruction_id / 100
  LEFT JOIN exempt ON exempt.receivable_id = r.instruction_id / 100
  LEFT JOIN :"loose" loose
    ON loose.serial = r.serial AND r.ok AND coalesce(loose.instruction_id, 0) = coalesce(r.instruction_id, 0)
  LEFT JOIN strangers ON strangers.serial = r.serial AND r.ok
  LEFT JOIN payments_bankline booked
    ON :check_serials AND r.ok AND booked.bank_id = :bank AND booked.serial = r.serial AND booked.bucket IN (1, 2)
   AND booked.instruction_id <> r.instruction_id
  WHERE r.position BETWEEN :first AND :last
), placed AS (
  SELECT seen.*,
    CASE
      WHEN early IS NOT NULL THEN early
      WHEN prior_bucket IN (1, 2) AND NOT ok THEN 3
      WHEN prior_bucket IN (1, 2) AND same_answer THEN prior_bucket
      WHEN prior_bucket IN (1, 2) THEN 5
      WHEN internal IN ('', 'PENDING') THEN 4
      WHEN NOT ok THEN 3
      WHEN reason IS NOT NULL OR foreign_serial THEN 5
      WHEN carried_by IS NOT NULL OR exempt_by IS NOT NULL THEN 2
      ELSE 1
    END::smallint AS bucket
  FROM seen
)
SELECT
  position, line_no, CAST(:file AS bigint) * 100000000 + line_no AS line_id, instruction_id, instruction_id / 100 AS receivable_id, person_id,
  asked, due, paid, money, debited_on, code, internal, serial, ok, payment_id, carried_by, exempt_by,
  prior_bucket, bucket,
  first_of_ref AND instruction_id IS NOT NULL AND unanswered AS first_answer,
  CASE
    WHEN early IS NOT NULL THEN reason
    WHEN prior_bucket IN (1, 2) AND NOT ok THEN
      CASE WHEN prior_reversed THEN ''
           WHEN internal = 'REVERSED' AND instruction_id NOT IN (SELECT r.instruction_id FROM refunded r WHERE r.instruction_id IS NOT NULL)
             THEN 'REVERSED' ELSE 'CONTRADICTS_POSTED' END
    WHEN bucket = 5 AND prior_bucket IN (1, 2) THEN 'SECOND_DEBIT'
    WHEN bucket = 5 THEN coalesce(reason, 'SERIAL_REUSED')
    WHEN internal = '' THEN 'UNKNOWN_CODE'
    WHEN bucket = 2 AND NOT same_answer IS TRUE THEN
      CASE WHEN paid_here THEN 'ALREADY_PAID' WHEN exempt_by IS NULL THEN 'PAID_ELSEWHERE' ELSE 'EXEMPT_ELSEWHERE' END
    ELSE ''
  END AS reason,
  CASE
    WHEN bucket = 6 THEN false
    WHEN bucket = 5 THEN loose_line_id IS NOT NULL
    WHEN prior_bucket IN (1, 2) THEN prior_reversed OR same_answer IS TRUE
    WHEN prior_bucket = 3 AND bucket = 3 THEN true
    ELSE false
  END AS repeated,
  loose_line_id
FROM placed;

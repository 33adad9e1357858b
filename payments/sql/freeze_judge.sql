-- Freezing, first step: every receivable of the region and year, with the reason why it cannot be debited on that day, or none.
-- First match wins: what concerns the debt itself, then the person, then open questions, then the mandate.
-- IN_BATCH: it stands in a batch of this bank and day already. odd: fields that must be looked at character by character.
SET LOCAL enable_nestloop = off;
CREATE TEMPORARY TABLE candidate ON COMMIT DROP AS
WITH later AS (
  SELECT DISTINCT ON (a.receivable_id) a.receivable_id, a.amount, a.aid_category
    FROM payments_assessment a
   WHERE a.receivable_id > :year * 10000000000 AND a.receivable_id < (:year + 1) * 10000000000
   ORDER BY a.receivable_id, a.id DESC
), paid AS (
  SELECT DISTINCT p.id / 100 AS receivable_id
    FROM payments_payment p
   WHERE p.id > :year * 1000000000000 AND p.id < (:year + 1) * 1000000000000 AND p.region_id = :region
     AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id)
), elsewhere AS (
  SELECT DISTINCT mine.receivable_id
    FROM payments_siblingreceivable mine
    JOIN payments_siblingreceivable other
      ON other.person_id = mine.person_id AND other.benefit_year = mine.benefit_year
     AND other.receivable_id <> mine.receivable_id
   WHERE mine.benefit_year = :year
     AND (EXISTS (SELECT FROM payments_payment p
                   WHERE p.id BETWEEN other.receivable_id * 100 AND other.receivable_id * 100 + 99
                     AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id))
          OR EXISTS (SELECT FROM (SELECT c.start FROM enrollment_coverage c
                       WHERE c.id BETWEEN other.receivable_id * 100 AND other.receivable_id * 100 + 99
                       ORDER BY c.id DESC LIMIT 1) AS force WHERE force.start IS NOT NULL))
), tried AS (
  SELECT i.id / 100 AS receivable_id, max(i.id % 100)::integer AS tries,
         bool_or(b.state <> 'DROPPED' AND b.debit_from = CAST(:debit_from AS date)) AS that_day,
         bool_or(b.state <> 'DROPPED' AND b.debit_from = CAST(:debit_from AS date) AND b.bank_id = :bank) AS in_batch
    FROM payments_instruction i
    JOIN payments_debitbatch b ON b.id = i.batch_id
   WHERE i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000 AND b.region_id = :region
   GROUP BY i.id / 100
), last_answer AS MATERIALIZED (
  SELECT DISTINCT ON (l.instruction_id) l.instruction_id, l.bucket, l.internal
    FROM payments_bankline l
   WHERE l.instruction_id > :year * 1000000000000 AND l.instruction_id < (:year + 1) * 1000000000000
     AND l.bucket IN (2, 3, 4, 5)
   ORDER BY l.instruction_id, l.id DESC
), pending AS (
  SELECT DISTINCT instruction_id / 100 AS receivable_id FROM last_answer WHERE bucket = 4
), rule AS (
  SELECT DISTINCT ON (internal) internal, action, stop_after
    FROM payments_retryrule
   WHERE bank_id = :bank OR bank_id IS NULL
   ORDER BY internal, bank_id NULLS LAST
), failed AS (
  -- The last failed debit of a receivable, and how many of the same mandate failed in the year for a reason that counts.
  SELECT DISTINCT ON (a.instruction_id / 100) a.instruction_id / 100 AS receivable_id, a.instruction_id, i.mandate_id,
         rule.action, rule.stop_after,
         count(rule.stop_after) OVER (PARTITION BY a.instruction_id / 100, i.mandate_id) AS failures
    FROM last_answer a
    JOIN payments_instruction i ON i.id = a.instruction_id
     AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000
    LEFT JOIN rule ON rule.internal = a.internal
   WHERE a.bucket = 3 AND i.region_id = :region
   ORDER BY a.instruction_id / 100, a.instruction_id DESC
), forbidden AS (
  -- By the bank's rules, unless a clerk said since that it is settled; another mandate starts afresh.
  SELECT f.receivable_id, f.mandate_id,
         CASE
           WHEN f.action = 'STOP' OR f.failures >= f.stop_after THEN 'MANDATE_STOPPED'
           WHEN f.action = 'TRY_AGAIN' THEN NULL
           WHEN f.action = 'NEW_ACCOUNT' THEN 'NEW_ACCOUNT_NEEDED'
           WHEN f.action = 'ASK_BANK' THEN 'ASK_THE_BANK'
           ELSE 'LOOK_FIRST' END AS reason
    FROM failed f
   WHERE NOT EXISTS (SELECT FROM payments_retryclearance c WHERE c.instruction_id = f.instruction_id)
), loose AS (
  SELECT w.instruction_id / 100 AS receivable_id
    FROM payments_workitem w
   WHERE w.kind IN ('UNMATCHED', 'REJECTED_MONEY') AND w.state <> 'RESOLVED' AND w.instruction_id IS NOT NULL
   UNION
  SELECT l.instruction_id / 100
    FROM payments_bankline l
   WHERE l.instruction_id > :year * 1000000000000 AND l.instruction_id < (:year + 1) * 1000000000000 AND l.bucket = 5
     AND NOT EXISTS (SELECT FROM payments_workitem w
                      WHERE w.line_id = l.id AND w.kind = 'UNMATCHED' AND w.state = 'RESOLVED')
), gone AS (
  SELECT id FROM enrollment_person WHERE death_date IS NOT NULL
), not_live AS (
  SELECT id FROM enrollment_enrollment
   WHERE region_id = :region AND scheme = '390' AND (state <> '1' OR started_on > CAST(:debit_from AS date))
), cancelled AS (
  SELECT DISTINCT person_id, scheme FROM payments_mandate WHERE state = 'CANCELLED'
)
SELECT r.id, r.person_id, m.id AS mandate_id, due.amount, due.aid_category, coalesce(tried.tries, 0) + 1 AS try,
       m.account, translate(m.holder, :dots, :dot) AS holder, m.cross_bank, m.bank_name, m.cnaps, m.agreement_no,
  CASE
    WHEN tried.in_batch THEN 'IN_BATCH'
    WHEN due.amount = 0 THEN 'NOTHING_DUE'
    WHEN paid.receivable_id IS NOT NULL OR elsewhere.receivable_id IS NOT NULL THEN 'PAID'
    WHEN gone.id IS NOT NULL THEN 'DECEASED'
    WHEN not_live.id IS NOT NULL THEN 'ENROLLMENT_NOT_LIVE'
    WHEN pending.receivable_id IS NOT NULL THEN 'PENDING_ANSWER'
    WHEN loose.receivable_id IS NOT NULL THEN 'UNRESOLVED_MONEY'
    WHEN held.id IS NOT NULL THEN 'HELD'
    WHEN m.id IS NULL AND cancelled.person_id IS NOT NULL THEN 'MANDATE_CANCELLED'
    WHEN m.id IS NULL THEN 'NO_MANDATE'
    WHEN m.state <> 'VERIFIED' THEN 'MANDATE_NOT_VERIFIED'
    WHEN m.bank_id <> :bank THEN 'OTHER_BANK'
    WHEN forbidden.reason IS NOT NULL THEN forbidden.reason
    WHEN tried.that_day THEN 'TRIED_TODAY'
    WHEN tried.tries >= 99 THEN 'NO_TRY_LEFT'
  END AS reason,
  NOT (char_length(m.holder) <= 30 AND char_length(m.bank_name) <= 20
       AND m.holder || '|' || m.account || '|' || m.agreement_no || '|' || m.bank_name || '|' || m.cnaps
         ~ '^[\u4e00-\u9fff\u00b7]+\|[0-9]+\|[0-9A-Za-z-]+\|[\u4e00-\u9fff]*\|[0-9]*$') AS odd
  FROM payments_receivable r
  LEFT JOIN later ON later.receivable_id = r.id
 CROSS JOIN LATERAL (SELECT coalesce(later.amount, r.amount) AS amount,
                            coalesce(later.aid_category, r.aid_category) AS aid_category) AS due
  LEFT JOIN paid ON paid.receivable_id = r.id
  LEFT JOIN elsewhere ON elsewhere.receivable_id = r.id
  LEFT JOIN tried ON tried.receivable_id = r.id
  LEFT JOIN pending ON pending.receivable_id = r.id
  LEFT JOIN loose ON loose.receivable_id = r.id
  LEFT JOIN gone ON gone.id = r.person_id
  LEFT JOIN not_live ON not_live.id = r.enrollment_id
  LEFT JOIN payments_hold held
    ON held.id = r.id AND held.id > :year * 10000000000 AND held.id < (:year + 1) * 10000000000
  LEFT JOIN payments_mandate m ON m.person_id = r.person_id AND m.scheme = r.scheme AND m.state IN ('SIGNED', 'VERIFIED')
  LEFT JOIN forbidden ON forbidden.receivable_id = r.id AND forbidden.mandate_id = m.id
  LEFT JOIN cancelled ON cancelled.person_id = r.person_id AND cancelled.scheme = r.scheme
 WHERE r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000 AND r.region_id = :region;
SET LOCAL enable_nestloop = on;

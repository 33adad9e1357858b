-- What the books of a region and year say is owed back: money booked beside what carries the year, aid recognised after
-- paying, payments above the price that the terms ask by now, and payments that should never have been taken or whose cover
-- never began. Each once, unless a case holds it already.
INSERT INTO refunds_refundcandidate
  (kind, region_id, person_id, benefit_year, payment_id, duplicate_id, amount, reason, event_date, evidence, found_at, state, words)
WITH live AS MATERIALIZED (
  SELECT p.id, p.region_id, p.person_id, p.amount, p.debited_on, p.channel
    FROM payments_payment p
   WHERE p.region_id = :region AND p.id >= :year * 1000000000000 AND p.id < (:year + 1) * 1000000000000
     AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id)
), spells AS (
  SELECT l.*, 'EMPLOYEE' AS kind, 'EMPLOYEE' AS reason, min(s.started_on) AS event_date, 2 AS rank,
         jsonb_build_object('employee_since', min(s.started_on), 'paid_on', l.debited_on) AS evidence
    FROM live l
    JOIN enrollment_employeespell s
      ON s.person_id = l.person_id AND s.started_on <= l.debited_on AND coalesce(s.stopped_on, l.debited_on) >= l.debited_on
   GROUP BY l.id, l.region_id, l.person_id, l.amount, l.debited_on, l.channel
), gone AS (
  SELECT l.*, e.death_date AS ended_on, CAST('DEATH' AS varchar) AS end_reason
    FROM live l JOIN enrollment_person e ON e.id = l.person_id AND e.death_date IS NOT NULL
  UNION ALL
  SELECT l.*, n.ended_on, n.end_reason
    FROM live l
    JOIN enrollment_enrollment n
      ON n.person_id = l.person_id AND n.region_id = l.region_id AND n.scheme = '390' AND n.state = '4'
     AND n.end_reason IN ('EMPLOYEE', 'MOVED', 'EMIGRATED', 'ARMY', 'PRISON')
   WHERE NOT EXISTS (SELECT FROM enrollment_enrollment o
                      WHERE o.person_id = n.person_id AND o.region_id = n.region_id AND o.scheme = '390' AND o.state <> '4')
), early AS (
  SELECT g.*, c.start
    FROM gone g
   CROSS JOIN LATERAL (
     SELECT c.start FROM enrollment_coverage c
      WHERE c.id BETWEEN g.id / 100 * 100 AND g.id / 100 * 100 + 99 AND c.payment_id = g.id
        AND c.reason NOT IN ('DIED', 'LEFT', 'REVERSED', 'REFUNDED')
      ORDER BY c.id DESC LIMIT 1) AS c
   WHERE c.start IS NULL OR g.ended_on < c.start
), owed AS (
  SELECT id, region_id, person_id, amount, kind, reason, event_date, rank, evidence FROM spells
  UNION ALL
  SELECT id, region_id, person_id, amount, CASE WHEN end_reason = 'DEATH' THEN 'DEATH' ELSE 'ENDED' END,
         CASE end_reason WHEN 'MOVED' THEN 'OTHER_REGION' WHEN 'EMIGRATED' THEN 'EMIGRATE' ELSE end_reason END,
         ended_on, CASE WHEN end_reason = 'DEATH' THEN 1 ELSE 3 END,
         jsonb_build_object('ended_on', ended_on, 'cover_from', start)
    FROM early
), first AS (
  SELECT DISTINCT ON (o.id) o.* FROM owed o
   WHERE NOT EXISTS (SELECT FROM refunds_refundcandidate k WHERE k.payment_id = o.id AND k.kind NOT IN ('AID_DIFF', 'PRICE'))
   ORDER BY o.id, o.rank, o.event_date
), found AS (
  SELECT 'DUPLICATE' AS kind, d.region_id, d.person_id, CAST(NULL AS bigint) AS payment_id, d.line_id AS duplicate_id, d.amount,
         'DUP_PAY' AS reason, CAST(NULL AS date) AS event_date,
         jsonb_build_object('carried_by', d.carried_by, 'exempt_by', d.exempt_by, 'paid_on', d.debited_on,
                            'channel', d.channel) AS evidence
    FROM payments_duplicatepayment d
   WHERE d.region_id = :region AND d.receivable_id >= :year * 10000000000 AND d.receivable_id < (:year + 1) * 10000000000
     AND NOT EXISTS (SELECT FROM payments_reversal v WHERE v.duplicate_id = d.line_id)
  UNION ALL
  SELECT 'AID_DIFF', a.region_id, a.person_id, a.payment_id, NULL, a.amount, 'AID_DIFF', a.listed_on,
         jsonb_build_object('category', a.category, 'listed_on', a.listed_on)
    FROM payments_aiddifference a JOIN live l ON l.id = a.payment_id
  UNION ALL
  -- A person decides it (GRADE): no rule of refunds knows prices that changed afterwards. The latest version counts.
  (SELECT DISTINCT ON (x.payment_id)
          'PRICE', x.region_id, x.person_id, x.payment_id, NULL, x.difference, 'GRADE', CAST(NULL AS date),
          jsonb_build_object('paid_on', x.debited_on, 'due', x.due, 'aid_listed', nullif(x.aid_listed, 0), 'policy', x.policy_id)
     FROM payments_pricedifference x JOIN live l ON l.id = x.payment_id
    ORDER BY x.payment_id, x.id DESC)
  UNION ALL
  SELECT kind, region_id, person_id, id, NULL, amount, reason, event_date, evidence FROM first
)
SELECT f.kind, f.region_id, f.person_id, :year, f.payment_id, f.duplicate_id, f.amount, f.reason, f.event_date, f.evidence,
       CAST(:at AS timestamptz), 'OPEN', ''
  FROM found f
 WHERE NOT EXISTS (
   SELECT FROM refunds_refundline l JOIN refunds_refundcase c ON c.id = l.case_id
    WHERE (l.payment_id = f.payment_id OR l.duplicate_id = f.duplicate_id) AND c.state NOT IN ('DRAFT', 'REJECTED', 'WITHDRAWN')
      AND (f.kind <> 'AID_DIFF' OR c.reason = 'AID_DIFF') AND (f.kind <> 'PRICE' OR c.reason <> 'AID_DIFF'))
 ORDER BY f.kind, f.payment_id, f.duplicate_id
    ON CONFLICT DO NOTHING;

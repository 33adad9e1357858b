-- What our books say of payments and duplicates that somebody wants back: the money, whether it is gone already, the cover
-- that was decided for it (an early end does not change when it began), the register's own proofs, the account it came from,
-- the treasury's voucher, and what live cases hold of it.
WITH money AS (
  SELECT p.id AS payment_id, CAST(NULL AS bigint) AS duplicate_id, p.id / 100 AS receivable_id, p.person_id, p.region_id,
         p.amount, p.debited_on, p.channel, p.line_id, p.instruction_id
    FROM payments_payment p WHERE p.id = ANY(CAST(:payments AS bigint[]))
  UNION ALL
  SELECT NULL, d.line_id, d.receivable_id, d.person_id, d.region_id, d.amount, d.debited_on, d.channel, d.line_id,
         d.instruction_id
    FROM payments_duplicatepayment d WHERE d.line_id = ANY(CAST(:duplicates AS bigint[]))
)
SELECT m.*, coalesce(vp.reversed_on, vd.reversed_on) AS gone_on, coalesce(vp.line_id, vd.line_id) AS gone_by,
       cover.start AS cover_start, spell.then_on, spell.later_on, e.death_date, e.name AS person_name, e.birth_date,
       aid.amount AS aid, aid.listed_on, i.account, i.holder, i.bank_name, i.cnaps, coalesce(tax.serial, '') AS tax_number,
       coalesce(held.amount, 0) AS held
  FROM money m
  JOIN enrollment_person e ON e.id = m.person_id
  LEFT JOIN payments_reversal vp ON vp.payment_id = m.payment_id
  LEFT JOIN payments_reversal vd ON vd.duplicate_id = m.duplicate_id
  LEFT JOIN LATERAL (
    SELECT c.start FROM enrollment_coverage c
     WHERE c.id BETWEEN m.receivable_id * 100 AND m.receivable_id * 100 + 99 AND c.payment_id = m.payment_id
       AND c.reason NOT IN ('DIED', 'LEFT', 'REVERSED', 'REFUNDED')
     ORDER BY c.id DESC LIMIT 1) AS cover ON TRUE
  LEFT JOIN LATERAL (
    SELECT min(s.started_on) FILTER (WHERE s.started_on <= m.debited_on
                                       AND coalesce(s.stopped_on, m.debited_on) >= m.debited_on) AS then_on,
           min(s.started_on) FILTER (WHERE s.started_on > m.debited_on) AS later_on
      FROM enrollment_employeespell s WHERE s.person_id = m.person_id) AS spell ON TRUE
  LEFT JOIN LATERAL (
    SELECT a.amount, a.listed_on FROM payments_aiddifference a WHERE a.payment_id = m.payment_id
     ORDER BY a.id DESC LIMIT 1) AS aid ON TRUE
  LEFT JOIN payments_instruction i ON i.id = m.instruction_id
  LEFT JOIN LATERAL (
    SELECT t.serial FROM payments_settlementline t
     WHERE t.side = 2 AND t.turn = 1 AND t.outcome = 1 AND t.ours_kind = CASE WHEN m.payment_id IS NULL THEN 3 ELSE 2 END
       AND t.ours_id = coalesce(m.payment_id, m.duplicate_id)
     ORDER BY t.id LIMIT 1) AS tax ON TRUE
  LEFT JOIN LATERAL (
    SELECT sum(l.amount) AS amount
      FROM refunds_refundline l JOIN refunds_refundcase c ON c.id = l.case_id
     WHERE (l.payment_id = m.payment_id OR l.duplicate_id = m.duplicate_id)
       AND c.state NOT IN ('DRAFT', 'REJECTED', 'WITHDRAWN') AND c.id <> ALL(CAST(:but AS bigint[]))) AS held ON TRUE
 ORDER BY m.payment_id, m.duplicate_id;

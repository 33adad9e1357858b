-- S05: a void has two officers and an approved proposal, and what it voided is collected no more; a push has the lines that it
-- counts, and answers only to them.
SELECT 'void' AS what, v.id::text AS key, 'VOID_WITHOUT_TWO_PERSONS' AS problem, 'an approved proposal' AS expected,
       coalesce(p.state, 'no proposal') AS found
  FROM payments_declarationvoid v LEFT JOIN bureau_proposal p ON p.id = v.proposal_id AND p.kind = 'declaration.void'
 WHERE p.state IS DISTINCT FROM 'APPROVED' OR p.made_by_id = p.reviewed_by_id
UNION ALL
SELECT 'void', v.id::text, 'VOID_STILL_HELD', 'no hold', 'order ' || h.order_id
  FROM payments_declarationvoid v JOIN payments_hold h ON h.id = v.receivable_id AND h.order_id = v.order_id
UNION ALL
SELECT 'void', v.id::text, 'VOID_STILL_HELD', 'no hold', 'instruction ' || h.instruction_id
  FROM payments_declarationvoid v JOIN payments_hold h ON h.id = v.receivable_id AND h.instruction_id = v.instruction_id
UNION ALL
SELECT 'void', v.id::text, 'VOIDED_ORDER_IS_OPEN', 'CANCELLED', coalesce(o.state, 'none')
  FROM payments_declarationvoid v LEFT JOIN payments_order o ON o.id = v.order_id
 WHERE v.order_id IS NOT NULL AND (o.state IS NULL OR o.state NOT IN ('CANCELLED', 'PAID'))
UNION ALL
SELECT 'push', b.id::text, 'PUSH_LINES_DIFFER', b.lines::text, count(l.id)::text
  FROM payments_pushbatch b LEFT JOIN payments_pushline l ON l.batch_id = b.id
 GROUP BY b.id, b.lines HAVING count(l.id) <> b.lines
UNION ALL
SELECT 'push line', l.id::text, 'RECEIVABLE_DIFFERS', concat_ws(' ', l.person_id, l.region_id), coalesce(concat_ws(' ', r.person_id, r.region_id), 'none')
  FROM payments_pushline l LEFT JOIN payments_receivable r ON r.id = l.receivable_id
 WHERE (r.person_id, r.region_id) IS DISTINCT FROM (l.person_id, l.region_id);

-- What was found has become a case each.
UPDATE refunds_refundcandidate k
   SET state = 'CASE', case_id = made.case_id, decided_by_id = :by, decided_at = CAST(:at AS timestamptz)
  FROM unnest(CAST(:candidates AS bigint[]), CAST(:cases AS bigint[])) AS made (id, case_id)
 WHERE k.id = made.id;

-- The lines of a push, frozen as they are told.
INSERT INTO payments_pushline
  (id, batch_id, region_id, op, receivable_id, enrollment_id, person_id, id_type, id_number, name, scheme, benefit_year, amount)
SELECT CAST(:batch AS bigint) * 100000000 + t.place, :batch, t.region_id, t.op, t.id, t.enrollment_id, t.person_id, p.id_type,
       p.id_number, p.name, t.scheme, t.benefit_year, t.amount
  FROM to_push t
  JOIN enrollment_person p ON p.id = t.person_id
 ORDER BY t.place;

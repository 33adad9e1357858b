-- Freezing, last step: the instructions with everything their line says, and the hold of each receivable.
-- The hold's primary key is the lock across all channels: where another order is faster this fails and freezing starts again.
INSERT INTO payments_instruction
  (id, batch_id, seq, region_id, person_id, mandate_id, amount, account, holder, cross_bank, bank_name, cnaps, mandate_no, remark)
SELECT c.id * 100 + c.try, (CAST(:batches AS bigint[]))[1 + (c.place - 1) / :max_lines], 1 + (c.place - 1) % :max_lines,
       :region, c.person_id, c.mandate_id, c.amount, c.account, c.holder, c.cross_bank, c.bank_name, c.cnaps,
       c.agreement_no, coalesce(said.remark, '')
  FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM candidate WHERE reason IS NULL) AS c
  LEFT JOIN unnest(CAST(:categories AS text[]), CAST(:remarks AS text[])) AS said (category, remark)
    ON said.category = c.aid_category
 ORDER BY c.id;
INSERT INTO payments_hold (id, region_id, instruction_id, held_at)
SELECT id, :region, id * 100 + try, CAST(:at AS timestamptz)
  FROM candidate
 WHERE reason IS NULL
 ORDER BY id;

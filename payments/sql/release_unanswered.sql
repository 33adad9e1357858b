-- Instructions of a batch without any line in any file: their holds go, and who let them go is written down.
-- A settled line is found through its payment, every other through the answer index.
INSERT INTO payments_instructionrelease (instruction_id, region_id, batch_id, proposal_id, released_at)
SELECT i.id, i.region_id, i.batch_id, :proposal, CAST(:at AS timestamptz)
  FROM payments_instruction i
  JOIN payments_hold h ON h.id = i.id / 100 AND h.instruction_id = i.id
 WHERE i.batch_id = :batch AND i.id > :year * 1000000000000 AND i.id < (:year + 1) * 1000000000000
   AND NOT EXISTS (SELECT FROM payments_bankline l WHERE l.instruction_id = i.id AND l.bucket <> 1)
   AND NOT EXISTS (SELECT FROM payments_payment p
        WHERE p.id BETWEEN i.id / 100 * 100 AND i.id / 100 * 100 + 99 AND p.instruction_id = i.id)
   AND NOT EXISTS (SELECT FROM payments_instructionrelease r WHERE r.instruction_id = i.id)
 ORDER BY i.id;
DELETE FROM payments_hold h
 USING payments_instructionrelease r
 WHERE r.batch_id = :batch AND r.proposal_id = :proposal AND h.id = r.instruction_id / 100
   AND h.instruction_id = r.instruction_id;

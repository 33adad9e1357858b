-- A receivable is free again when its instruction ended without money for it: declined, duplicate, reversed.
DELETE FROM payments_hold h
 USING judged j
 WHERE h.id = j.receivable_id AND h.instruction_id = j.instruction_id AND NOT j.repeated
   AND h.id BETWEEN :low / 100 AND :high / 100
   AND ((j.bucket = 3 AND j.reason <> 'CONTRADICTS_POSTED') OR j.bucket = 2);

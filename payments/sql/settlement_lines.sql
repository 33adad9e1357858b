-- A row for each judged line that says something new.
INSERT INTO payments_settlementline
  (id, region_id, side, channel, day, outcome, turn, amount, happened_on, serial, ref, ours_kind, ours_id, ours_amount, ours_on,
   reason, text)
SELECT line_id, :region, :side, channel, CAST(:day AS date), outcome, turn,
       amount, happened_on, serial, ref, ours_kind, ours_id, ours_amount, ours_on, reason, text
  FROM judged
 WHERE fresh
 ORDER BY line_id;

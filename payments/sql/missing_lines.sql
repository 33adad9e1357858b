-- A row for each of ours that the file lacks and none lacked before.
INSERT INTO payments_settlementline
  (id, region_id, side, channel, day, outcome, turn, amount, happened_on, serial, ref, ours_kind, ours_id, ours_amount, ours_on,
   reason, text)
SELECT CAST(:file AS bigint) * 100000000 + 50000000 + place, :region, :side, channel,
       CAST(:day AS date), 2, turn, amount, NULL, serial, ref, ours_kind, ours_id, amount, ours_on, '', ''
  FROM missing
 WHERE fresh
 ORDER BY place;

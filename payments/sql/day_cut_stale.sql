-- Days of the last year up to `day` of which our books or the channels' statements have more or less than their last cut: money that
-- was told, answered or stated late. Counted as the cut counts them; statements per channel, for the cut tells their regions.
WITH moved AS (
  SELECT payment_id, duplicate_id FROM payments_reversal WHERE line_id >= 7000000000000000000 AND line_id < 8000000000000000000
), money AS (
  SELECT p.region_id, p.channel, p.debited_on AS day, count(*) AS booked, 0::bigint AS twice
    FROM payments_payment p
   WHERE p.debited_on BETWEEN CAST(:day AS date) - 366 AND CAST(:day AS date)
     AND NOT EXISTS (SELECT FROM moved x WHERE x.payment_id = p.id)
   GROUP BY p.region_id, p.channel, p.debited_on
  UNION ALL
  SELECT u.region_id, u.channel, u.debited_on, 0, count(*)
    FROM payments_duplicatepayment u
   WHERE u.debited_on BETWEEN CAST(:day AS date) - 366 AND CAST(:day AS date)
     AND NOT EXISTS (SELECT FROM moved x WHERE x.duplicate_id = u.line_id)
   GROUP BY u.region_id, u.channel, u.debited_on
), books AS (
  SELECT region_id, channel, day, sum(booked) AS booked, sum(twice) AS twice FROM money GROUP BY region_id, channel, day
)
SELECT DISTINCT b.day
  FROM books b
  LEFT JOIN payments_daycut c ON c.region_id = b.region_id AND c.channel = b.channel AND c.day = b.day
 WHERE (b.booked, b.twice) IS DISTINCT FROM (coalesce(c.booked_lines, 0), coalesce(c.duplicate_lines, 0))
UNION
SELECT coalesce(s.day, c.day)
  FROM (SELECT s.channel, coalesce(s.ours_on, s.happened_on) AS day, count(*) AS lines
          FROM payments_settlementline s
         WHERE s.side = 1 AND coalesce(s.ours_on, s.happened_on) BETWEEN CAST(:day AS date) - 366 AND CAST(:day AS date)
           AND (s.outcome IN (1, 3, 4, 5) OR s.outcome = 6 AND s.reason = 'SECOND_DEBIT')
         GROUP BY 1, 2) AS s
  FULL JOIN (SELECT c.channel, c.day, sum(c.stated_lines + c.returned_lines) AS lines FROM payments_daycut c
              WHERE c.day BETWEEN CAST(:day AS date) - 366 AND CAST(:day AS date)
              GROUP BY 1, 2) AS c ON c.channel = s.channel AND c.day = s.day
 WHERE coalesce(s.lines, 0) <> coalesce(c.lines, 0)
UNION
SELECT DISTINCT k.debited_on
  FROM payments_debitcase k
 WHERE k.state IN ('OPEN', 'ESCALATED') AND k.debited_on <= CAST(:day AS date)
   AND NOT EXISTS (SELECT FROM payments_daycut c WHERE c.day = k.debited_on AND c.channel = k.channel AND c.region_id = k.region_id)
 ORDER BY 1;

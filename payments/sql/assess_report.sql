-- What an assessment added (numbers after :after), by price class.
SELECT r.price_class, count(*) AS lines, sum(r.amount) AS amount,
       count(*) FILTER (WHERE r.aid > 0) AS aided, count(*) FILTER (WHERE r.amount = 0) AS exempt
  FROM payments_receivable r
 WHERE r.id > :after AND r.id < (:year + 1) * 10000000000 AND r.region_id = :region
 GROUP BY r.price_class ORDER BY r.price_class;

-- I17: numbers of a series follow each other from 1 to the last one given, each once; a voucher belongs to a payment of its
-- region; a voucher whose money was taken back more than an hour ago is cancelled.
WITH counted AS MATERIALIZED (
  SELECT v.region_id, v.id / 1000000000000 AS year, count(*) AS n, max(v.number) AS top, count(DISTINCT v.number) AS distinct_n
    FROM payments_voucher v GROUP BY 1, 2
)
SELECT 'voucher series' AS what, c.region_id || '-' || c.year AS key, 'NUMBERS_WITH_GAPS' AS problem,
       coalesce(s.last::text, 'no series') AS expected, c.n || ' vouchers, ' || c.distinct_n || ' numbers, last ' || c.top AS found
  FROM counted c
  LEFT JOIN payments_voucherseries s ON s.region_id = c.region_id AND s.benefit_year = c.year
 WHERE (c.n, c.distinct_n, c.top) IS DISTINCT FROM (s.last::bigint, s.last::bigint, s.last)
UNION ALL
SELECT 'voucher', v.id::text, 'PAYMENT_MISSING', 'a payment of region ' || v.region_id, coalesce(p.region_id, 'none')
  FROM payments_voucher v
  LEFT JOIN payments_payment p ON p.id = v.id
 WHERE p.region_id IS DISTINCT FROM v.region_id
UNION ALL
SELECT 'voucher', v.id::text, 'NOT_CANCELLED', 'a cancellation', 'reversed'
  FROM payments_reversal r
  JOIN payments_voucher v ON v.id = r.payment_id
 WHERE r.posted_at < now() - interval '1 hour'
   AND NOT EXISTS (SELECT FROM payments_vouchercancellation c WHERE c.voucher_id = v.id);

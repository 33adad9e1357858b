-- The next vouchers of a series: payments posted before :before that are not taken back and have none, oldest first.
-- The series' row is locked by the caller, so numbers follow each other without gaps or doubles.
INSERT INTO payments_voucher (id, region_id, number, issued_at)
SELECT due.id, :region, :last + row_number() OVER (ORDER BY due.posted_at, due.id), :at
  FROM (SELECT p.id, p.posted_at
          FROM payments_payment p
         WHERE p.region_id = :region AND p.id >= :low AND p.id < :high AND p.posted_at <= :before
           AND NOT EXISTS (SELECT FROM payments_voucher v
                            WHERE v.id = p.id AND v.id >= :low AND v.id < :high)
           AND NOT EXISTS (SELECT FROM payments_reversal r WHERE r.payment_id = p.id)
           AND NOT EXISTS (SELECT FROM payments_vouchercancellation c WHERE c.voucher_id = p.id)
         ORDER BY p.posted_at, p.id
         LIMIT :most) AS due;

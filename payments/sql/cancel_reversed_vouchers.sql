-- Vouchers of payments that the bank or channel took back meanwhile.
INSERT INTO payments_vouchercancellation (voucher_id, region_id, reason, reference, cancelled_at)
SELECT v.id, v.region_id, 'REVERSED', '', :at
  FROM payments_reversal r
  JOIN payments_voucher v ON v.id = r.payment_id
 WHERE NOT EXISTS (SELECT FROM payments_vouchercancellation c WHERE c.voucher_id = v.id)
ON CONFLICT (voucher_id) DO NOTHING;

"""Damage to vouchers: gaps, vouchers of nothing, vouchers of money that went back."""

from tests.payments.plants.plant import plant

SERIES = "INSERT INTO payments_voucherseries (region_id, benefit_year, last) VALUES ('450800', 2025, 1)"
VOUCHER = "INSERT INTO payments_voucher (id, region_id, number, issued_at) VALUES ({0}, '450800', {1}, now())"

VOUCHERS = [
    plant(
        "I17",
        (SERIES, VOUCHER.format("{b.counter.pk}", 2)),
        "voucher series",
        "450800-2025",
        "NUMBERS_WITH_GAPS",
    ),
    plant(
        "I17",
        (SERIES, VOUCHER.format("2025999999999900", 1)),
        "voucher",
        "2025999999999900",
        "PAYMENT_MISSING",
    ),
    plant(
        "I17",
        (SERIES, VOUCHER.format("{b.reversed.receivable_id}00", 1)),
        "voucher",
        "{b.reversed.receivable_id}00",
        "NOT_CANCELLED",
    ),
]

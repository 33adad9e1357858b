"""Vouchers: every named constraint by raw writes, and what nobody may change."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.models import VoucherBatch, VoucherCancellation, VoucherPart, VoucherPrint, VoucherSeries
from payments.services import voucherbatches, vouchers
from tests import builders
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AT
from tests.payments.test_orders_constraints import copy, refused

pytestmark = pytest.mark.django_db
READY = AT + timedelta(hours=2)


def made() -> int:
    """A voucher, printed once, in a batch with one part."""
    payment = bookbuilders.pay_at_counter(bookbuilders.assess(), "S1")
    voucher = vouchers.of_payment(payment_id=payment.pk, at=READY)
    clerk = builders.make_staff("clerk")
    vouchers.print_paper(
        payment_id=payment.pk, nth=1, id_type="01", id_number=payment.person.id_number, collector="", by=clerk, at=READY
    )  # fmt: skip
    batch = voucherbatches.create(
        region_id=voucher.region_id, year=2025, first=1, last=1, address="https://x", by=clerk, at=READY
    )
    VoucherPart.objects.create(
        batch=batch, first=1, last=1, pages=1, stored_as="a.pdf", size=1, sha256="0" * 64, made_at=READY
    )
    return payment.pk


def test_numbers() -> None:
    """A number once in its series, whatever the payment; at most eight digits."""
    key = made()
    refused("payments_voucher_2025_number", "voucher", key, id=key + 100)
    refused("payments_voucher_2025_pkey", "voucher", key, number=2)
    refused("voucher_number_range", "voucher", key, id=key + 100, number=0)
    refused("voucher_number_range", "voucher", key, id=key + 100, number=100_000_000)
    series = VoucherSeries.objects.get()
    refused("voucher_series_once", "voucherseries", series.pk, id=series.pk + 1)


def test_prints_and_cancellations() -> None:
    key = made()
    row = VoucherPrint.objects.get()
    refused("voucher_print_once", "voucherprint", row.pk, id=900_000)
    refused("voucher_print_range", "voucherprint", row.pk, id=900_000, nth=1000)
    vouchers.cancel(payment_ids=[key], reason="REFUNDED", reference="", by=None, at=READY)
    with (
        pytest.raises(IntegrityError, match="voucher_cancellation_reason_known"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO payments_vouchercancellation (voucher_id, region_id, reason, reference, cancelled_at) "
            "VALUES (1, '450800', 'LOST', '', now())"
        )
    assert VoucherCancellation.objects.count() == 1


def test_batches() -> None:
    made()
    key = VoucherBatch.objects.get().pk
    for values in ({"last": 0}, {"first": 0, "reached": 0}, {"last": 50_001}):
        refused("voucher_batch_range", "voucherbatch", key, id=900_000, **values)
    refused("voucher_batch_reached", "voucherbatch", key, id=900_000, reached=2)
    refused("voucher_batch_end_evidence", "voucherbatch", key, id=900_000, state="DONE")
    refused("voucher_batch_end_evidence", "voucherbatch", key, id=900_000, finished_at=READY)
    refused("voucher_batch_state_known", "voucherbatch", key, id=900_000, state="LOST")
    copy("voucherbatch", key, id=900_000)
    part = VoucherPart.objects.get().pk
    refused("voucher_part_once", "voucherpart", part, id=900_000, stored_as="b.pdf")
    refused("voucher_part_stored_once", "voucherpart", part, id=900_000, first=2)


def test_a_batch_makes_only_the_listed_moves() -> None:
    made()
    with pytest.raises(DatabaseError, match="cannot become"), transaction.atomic():
        VoucherBatch.objects.update(state="PARKED")


@pytest.mark.parametrize(
    "table", ["voucher", "voucher_2025", "vouchercancellation", "voucherprint", "voucherpart"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_facts_are_for_ever(table: str, statement: str) -> None:
    key = made()
    vouchers.cancel(payment_ids=[key], reason="REFUNDED", reference="", by=None, at=READY)
    column = "region_id" if table != "voucherpart" else "pages"
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; " + statement.format(f"payments_{table}", column, column)
        )

"""Orders and channels: every named constraint by raw writes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.models import Hold, OrderConsent, OrderDebit, OrderLine
from payments.models.orders import FIRST_LINE
from tests.payments.test_orders import AT, REGION, open_for, pay, people

pytestmark = pytest.mark.django_db
LATER = datetime(2024, 10, 10, 3, 0, tzinfo=UTC)
PAID = {"state": "PAID", "ended_at": LATER, "channel_serial": "S1", "debited_at": LATER}


def copy(table: str, key: int, **values: Any) -> None:
    """Write a copy of a row with other values, past every layer of ours."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM payments_{table} WHERE id = %s", [key])
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True)) | values
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        cursor.execute(f"INSERT INTO payments_{table} ({columns}) VALUES ({marks})", list(row.values()))


def refused(name: str, table: str, key: int, **values: Any) -> None:
    """A copy of the row with these values breaks the constraint ``name``."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        copy(table, key, **values)


NEW = {"id": 900_000, "number": "NEW"}


def test_orders() -> None:
    """A number once, a serial once, and a state with its evidence."""
    (person,) = people(1)
    key = open_for(person).pk
    refused("order_number_once", "order", key, id=900_000)
    refused("order_amount_range", "order", key, **NEW, amount=0)
    refused("order_state_known", "order", key, **NEW, state="LOST", ended_at=LATER)
    refused("order_paid_evidence", "order", key, **NEW, state="PAID", ended_at=LATER)
    refused("order_paid_evidence", "order", key, **NEW, channel_serial="S1")
    refused("order_end_evidence", "order", key, **NEW, state="CANCELLED")
    refused("order_end_evidence", "order", key, **NEW, ended_at=LATER)
    refused("order_lock_order", "order", key, **NEW, locked_until=AT)
    refused("order_again_is_paid", "order", key, **NEW, again_for_id=key)
    copy("order", key, **NEW, **PAID)
    refused("order_serial_once", "order", key, id=900_001, number="OTHER", **PAID)


def test_lines() -> None:
    """A receivable once in an order, numbers above those of bank lines, an amount."""
    (person,) = people(1)
    line = OrderLine.objects.get(order=open_for(person))
    refused("order_line_once", "orderline", line.pk, id=line.pk + 1)
    other = {"receivable_id": line.receivable_id + 1}
    refused("order_line_number", "orderline", line.pk, id=FIRST_LINE - 1, **other)
    refused("order_line_amount_range", "orderline", line.pk, id=line.pk + 1, amount=0, **other)


def test_consents() -> None:
    """Each thing that was agreed to once, of those that can be agreed to; nothing is changed afterwards."""
    (person,) = people(1)
    late = datetime(2025, 3, 10, 2, 0, tzinfo=UTC)
    key = OrderConsent.objects.get(line__order=open_for(person, at=late, consent=True)).pk
    refused("order_consent_once", "orderconsent", key, id=900_000)
    refused("order_consent_known", "orderconsent", key, id=900_000, code="EVERYTHING")
    unchanged(OrderConsent, key, code="E_WAIT_PAST_YEAR_END")


def test_debits() -> None:
    """A channel's serial once, with an amount, and booked or on a work item; nothing is changed afterwards."""
    (person,) = people(1)
    pay(open_for(person))
    debit = OrderDebit.objects.get()
    other: dict[str, Any] = {"id": 900_000, "channel_serial": "S2"}
    refused("order_debit_once", "orderdebit", debit.pk, id=900_000)
    refused("order_debit_amount_range", "orderdebit", debit.pk, **other, amount=0)
    refused("order_debit_amount_range", "orderdebit", debit.pk, id=900_000, channel_serial="")
    refused("order_debit_evidence", "orderdebit", debit.pk, **other, outcome="DIFFERS")
    refused("order_debit_evidence", "orderdebit", debit.pk, **other, booked_as_id=None)
    refused("order_debit_source_known", "orderdebit", debit.pk, **other, source="GOSSIP")
    unchanged(OrderDebit, debit.pk, amount=1)


def unchanged(model: Any, key: int, **values: Any) -> None:
    """Neither UPDATE nor DELETE nor TRUNCATE."""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.filter(pk=key).update(**values)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.filter(pk=key).delete()


def test_a_hold_has_one_holder() -> None:
    """An order or an instruction, not both and not none."""
    (person,) = people(1)
    key = Hold.objects.get(order_id=open_for(person).pk).pk
    refused("hold_has_holder", "hold", key, id=key + 1, instruction_id=key * 100 + 1)
    refused("hold_has_holder", "hold", key, id=key + 1, order_id=None)


def test_channels() -> None:
    """Terms once for a region and once for everywhere, of known channels, within reason."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM payments_channelterms WHERE channel = 'WECHAT'")
        key = cursor.fetchone()[0]
    refused("channel_terms_once", "channelterms", key, id=900_000)
    copy("channelterms", key, id=900_000, region_id=REGION)
    refused("channel_terms_once", "channelterms", key, id=900_001, region_id=REGION)
    refused("channel_known", "channelterms", key, id=900_001, channel="PIGEON")
    for url in ("ftp://example.org/x", "https://user@example.org/", "https://a b/", "https://"):
        refused(
            "channel_status_url_format", "channelterms", key, id=900_001, region_id="110000", status_url=url
        )
    for values in ({"max_persons": 0}, {"lock_minutes": 1441}, {"settlement_days": 31}):
        refused("channel_terms_range", "channelterms", key, id=900_001, region_id="510000", **values)


@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_lines_are_for_ever(statement: str) -> None:
    """What an order was to pay is neither changed, nor removed, nor emptied."""
    (person,) = people(1)
    open_for(person)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; " + statement.format("payments_orderline"))

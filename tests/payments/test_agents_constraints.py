"""Village agents and cash: every named constraint by raw writes, and what nobody may change."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.models import CashHandover
from payments.services import agents
from tests.payments.test_agents import AT, Desk
from tests.payments.test_orders import people
from tests.payments.test_orders_constraints import copy, refused

pytestmark = pytest.mark.django_db


def test_constraints() -> None:
    """Each named constraint by a raw write."""
    desk = Desk()
    first, second = people(2)
    made = desk.key(1, first)
    desk.key(2, second)
    agents.hand_over(
        agent_id=desk.agent.pk, expected=Decimal(800), counted=Decimal(800), note="", by=desk.clerk, at=AT
    )
    refused("agent_code_once", "villageagent", desk.agent.pk, id=900_000)
    refused("agent_code_format", "villageagent", desk.agent.pk, id=900_000, code="a b")
    for values in ({"first": 0}, {"first": 60}, {"first": 60, "last": 1060}):
        refused("receipt_book_range", "receiptbook", desk.book.pk, id=900_000, **values)
    refused("receipt_book_series_format", "receiptbook", desk.book.pk, id=900_000, series="a")
    refused("receipt_book_apart", "receiptbook", desk.book.pk, id=900_000, first=50, last=60)
    copy("receiptbook", desk.book.pk, id=900_000, series="B")
    spoilt = {"id": 900_000, "order_id": None, "amount": 0, "spoilt": "wet"}
    refused("cash_receipt_once", "cashreceipt", made.pk, **spoilt)
    refused("cash_receipt_evidence", "cashreceipt", made.pk, **(spoilt | {"number": 9, "spoilt": ""}))
    refused("cash_receipt_evidence", "cashreceipt", made.pk, **(spoilt | {"number": 9, "amount": 1}))
    with pytest.raises(IntegrityError, match="payments_cashreceipt_order_id_key"), transaction.atomic():
        copy("cashreceipt", made.pk, id=900_000, number=9)
    key = CashHandover.objects.get().pk
    refused("cash_handover_once", "cashhandover", key, id=900_000)
    refused("cash_handover_amount_range", "cashhandover", key, id=900_000, nth=2, counted=-1, note="x")
    refused("cash_handover_difference_explained", "cashhandover", key, id=900_000, nth=2, counted=1)
    for table in ("receiptbook", "cashreceipt", "cashhandover"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM payments_{table}")

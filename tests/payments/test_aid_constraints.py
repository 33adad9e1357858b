"""Constraints of what payments learned from the register, provoked by raw writes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.models import AidDifference
from tests import builders
from tests.builders import GUIGANG

pytestmark = pytest.mark.django_db
PAYMENT = 20250000000001_00
COLUMNS = "payment_id, receivable_id, person_id, region_id, category, amount, listed_on, found_at"
GUARDED = ("UPDATE {table} SET found_at = found_at", "DELETE FROM {table}", "TRUNCATE {table}")
AT = datetime(2025, 3, 1, 1, 0, tzinfo=UTC)


def write(person_id: int, **changes: Any) -> None:
    """A row past the model."""
    values = {
        "payment_id": PAYMENT,
        "receivable_id": PAYMENT // 100,
        "person_id": person_id,
        "region_id": GUIGANG,
        "category": "DIBAO",
        "amount": "240.00",
        "listed_on": date(2025, 3, 1),
        "found_at": AT,
    } | changes
    with transaction.atomic(), connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(values))
        cursor.execute(
            f"INSERT INTO payments_aiddifference ({COLUMNS}) VALUES ({marks})", list(values.values())
        )


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("aid_difference_once", {"amount": "1.00"}),
        ("aid_difference_range", {"category": "TEKUN", "amount": "0.00"}),
        ("aid_difference_of_payment", {"category": "TEKUN", "receivable_id": PAYMENT // 100 + 1}),
    ],
)
def test_constraints(constraint: str, changes: dict[str, Any]) -> None:
    """One candidate a payment and category, of something, of the payment it names."""
    person = builders.make_person().pk
    write(person)
    with pytest.raises(IntegrityError) as caught:
        write(person, **changes)
    assert constraint in str(caught.value)
    assert AidDifference.objects.count() == 1


@pytest.mark.parametrize("statement", GUARDED)
def test_rows_are_for_ever(statement: str) -> None:
    """Neither changed, nor removed, nor emptied."""
    write(builders.make_person().pk)
    for table in ("aiddifference",):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; " + statement.format(table=f"payments_{table}"))

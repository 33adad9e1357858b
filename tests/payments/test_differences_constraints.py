"""What the database itself refuses about price differences."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.models import PriceDifference
from payments.services import pricedifferences
from tests.payments.test_price_differences import AT, date, paid, run_by, usual

pytestmark = pytest.mark.django_db
COLUMNS = "payment_id, person_id, region_id, policy_id, run_id, debited_on, paid, due, aid_listed, difference, found_at"
GUARDED = ("UPDATE {table} SET run_id = run_id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE")
CASES: tuple[tuple[str, dict[str, str]], ...] = (
    ("price_difference_once", {}),
    ("price_difference_range", {"payment_id": "1", "difference": "0", "paid": "due"}),
    ("price_difference_adds_up", {"payment_id": "1", "difference": "1.00"}),
)


@pytest.mark.parametrize(("name", "changes"), CASES, ids=[case[0] for case in CASES])
def test_raw_writes_meet_the_constraint(name: str, changes: dict[str, Any]) -> None:
    paid()
    run = run_by(usual(window_close=date(2025, 5, 31)))
    pricedifferences.compare(run_id=run.pk, at=AT)
    values = ", ".join(changes.get(column, column) for column in COLUMNS.split(", "))
    sql = f"INSERT INTO payments_pricedifference ({COLUMNS}) SELECT {values} FROM payments_pricedifference"
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert caught.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
    assert PriceDifference.objects.count() == 1


@pytest.mark.parametrize("statement", GUARDED)
def test_rows_are_for_ever(statement: str) -> None:
    """Neither changed, nor removed, nor emptied."""
    paid()
    run = run_by(usual(window_close=date(2025, 5, 31)))
    pricedifferences.compare(run_id=run.pk, at=AT)
    for table in ("pricedifference", "pricecheck"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; " + statement.format(table=f"payments_{table}"))

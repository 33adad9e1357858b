"""Swaps, retry rules and cleared debits: every named constraint by raw writes, and the guards of what is for ever."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bureau import proposals
from payments.models import RetryClearance, RetryRule, Swap
from payments.services import comparisons
from tests import builders
from tests.payments.test_orders import people
from tests.payments.test_orders_constraints import copy, refused
from tests.payments.test_swaps import approve, paid_twice, propose, staff

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)
GUARDED = ("UPDATE {table} SET region_id = region_id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE")


def swapped() -> Swap:
    (person,) = people(1)
    clerk, supervisor = staff()
    approve(propose(paid_twice(person), clerk), supervisor)
    return Swap.objects.get()


def cleared() -> RetryClearance:
    return RetryClearance.objects.create(
        instruction_id=1,
        region_id="450800",
        person=builders.make_person(),
        reason="已解冻",
        cleared_by=builders.make_staff("clerk"),
        cleared_at=AT,
    )


def test_a_swap_is_of_two_and_once() -> None:
    """Each of the payments, old and new, and the duplicate stand in one swap; a proposal makes one."""
    key = swapped().pk
    fresh = {"id": 900_000, "payment_id": 1, "duplicate_id": 2, "carried_by": 3, "proposal_id": _proposal()}
    for name, column in (
        ("swap_payment_once", "payment_id"),
        ("swap_duplicate_once", "duplicate_id"),
        ("swap_carrier_once", "carried_by"),
        ("payments_swap_proposal_id_key", "proposal_id"),
    ):
        refused(name, "swap", key, **{one: value for one, value in fresh.items() if one != column})
    refused("swap_of_two", "swap", key, **fresh | {"carried_by": 1})
    refused("swap_of_two", "swap", key, **fresh | {"line_id": 2})
    refused("swap_payment_with_line", "swap", key, **fresh | {"payment_id": None})
    refused("swap_payment_with_line", "swap", key, **fresh | {"line_id": None})
    copy("swap", key, **fresh)


def _proposal() -> int:
    (person,) = people(1)
    clerk, _supervisor = staff()
    made = propose(paid_twice(person), clerk)
    proposals.withdraw(proposal_id=made.pk, by=clerk, at=AT)
    return made.pk


def test_retry_rules() -> None:
    """One for a reason and bank, of known reasons and actions, a limit only where something is tried again."""
    key = RetryRule.objects.get(bank=None, internal="CLOSED").pk
    refused("retry_rule_once", "retryrule", key, id=900_000)
    refused("retry_rule_reason_known", "retryrule", key, id=900_000, internal="MOOD")
    refused("retry_rule_action_known", "retryrule", key, id=900_000, bank_id="103", action="PRAY")
    refused("retry_rule_limit", "retryrule", key, id=900_000, bank_id="103", stop_after=3)
    again = {"bank_id": "103", "action": "TRY_AGAIN"}
    refused("retry_rule_limit", "retryrule", key, id=900_000, **again, stop_after=0)
    refused("retry_rule_limit", "retryrule", key, id=900_000, **again, stop_after=21)
    copy("retryrule", key, id=900_000, **again, stop_after=20)


def test_a_cleared_debit_says_why() -> None:
    key = cleared().pk
    with pytest.raises(IntegrityError, match="retry_clearance_says_why"), transaction.atomic():
        _copy_clearance(key, 2, "")
    with pytest.raises(IntegrityError, match="retryclearance_pkey"), transaction.atomic():
        _copy_clearance(key, key, "x")


def _copy_clearance(key: int, fresh: int, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_retryclearance SELECT (jsonb_populate_record(r, %s::jsonb)).* "
            "FROM payments_retryclearance r WHERE instruction_id = %s",
            [f'{{"instruction_id": {fresh}, "reason": "{reason}"}}', key],
        )


@pytest.mark.parametrize("statement", GUARDED)
@pytest.mark.parametrize("table", ["swap", "retryclearance"])
def test_rows_are_for_ever(statement: str, table: str) -> None:
    """Neither changed, nor removed, nor emptied."""
    if table == "swap":
        swapped()
    else:
        cleared()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; " + statement.format(table=f"payments_{table}"))


def test_the_numbers_of_a_swap_lie_between_orders_and_refunds() -> None:
    """Reversing rows of the bank, of channels, of swaps and of refunds never meet."""
    of_payment, of_duplicate = swapped().reversal_numbers
    assert 7 * 10**18 < of_payment < of_duplicate < 8 * 10**18
    assert comparisons.live_payment(person_id=Swap.objects.get().person_id, year=2025) is not None

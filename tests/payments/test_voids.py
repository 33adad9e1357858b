"""Voids: two tax officers, a reason, and never a record that was debited or may have been."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bureau import audit, proposals
from bureau.errors import BureauError
from bureau.models import Proposal, User
from enrollment.models import Enrollment
from payments.models import DeclarationVoid, Hold, InstructionRelease, Order, Payment, Receivable
from payments.services import orders, voids
from tests import builders
from tests.payments import kit
from tests.payments import settlementkit as k
from tests.payments.settlementkit import Said
from tests.payments.test_orders import AT, LATER, REGION, open_for, pay, people

pytestmark = pytest.mark.django_db


def officers() -> tuple[User, User]:
    """Two of the tax office."""
    with audit.acting(by=None, why="a test's staff"):
        return builders.make_staff("tax_officer", REGION), builders.make_staff("tax_officer", REGION)


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


def ask(receivable: int, by: User, at: datetime = LATER) -> Proposal:
    """A void with its reason."""
    return voids.propose(receivable_id=receivable, reason="the channel confirms: not debited", by=by, at=at)


def decide(proposal: Proposal, by: User, at: datetime = LATER) -> Proposal:
    """Approved by the second officer."""
    return proposals.review(proposal_id=proposal.pk, approve=True, reason="", by=by, at=at)


def test_an_order_that_was_never_debited_is_voided_by_two() -> None:
    """P04: the record goes, the family's other lines with it, and everybody may pay again."""
    family = people(2)
    order = open_for(*family)
    first, second = officers()
    receivable = order.lines.order_by("pk")[0].receivable_id
    proposal = ask(receivable, first)
    with refused("SECOND_PERSON_NEEDED"):
        decide(proposal, first)
    decide(proposal, second)
    order.refresh_from_db()
    assert (order.state, Hold.objects.count()) == ("CANCELLED", 0)
    assert DeclarationVoid.objects.count() == 2
    assert {row.reason for row in DeclarationVoid.objects.all()} == {"the channel confirms: not debited"}
    kit.books_green()
    pay(open_for(family[0], at=LATER + timedelta(minutes=1)), serial="S9", at=LATER + timedelta(minutes=2))
    assert Payment.objects.count() == 1
    kit.books_green()


def test_what_was_debited_is_never_voided() -> None:
    """Paid; told with another amount; stated by the channel: each is refused, also when it comes between the two officers."""
    one, two, three = people(3)
    first, second = officers()
    paid = pay(open_for(one))
    with refused("NOTHING_DECLARED"):
        ask(paid.lines.get().receivable_id, first)
    differs = open_for(two)
    with refused("ORDER_AMOUNT_DIFFERS"):
        pay(differs, serial="S2", amount=differs.amount + 1)
    with refused("DEBITED_NOT_VOIDABLE"):
        ask(differs.lines.get().receivable_id, first)
    meanwhile = open_for(three)
    proposal = ask(meanwhile.lines.get().receivable_id, first)
    pay(meanwhile, serial="S3")
    with refused("NOTHING_DECLARED"):
        decide(proposal, second)
    assert Proposal.objects.get(pk=proposal.pk).state == "OPEN"
    assert DeclarationVoid.objects.count() == 0


def test_a_debit_that_only_the_statement_tells_stops_a_void() -> None:
    """The statement says that more was taken than the order's: money is there, whoever asks."""
    (person,) = people(1)
    order = open_for(person)
    k.stated([Said("S1", order.number, order.amount - 1)], k.clerk())
    with refused("DEBITED_NOT_VOIDABLE"):
        ask(order.lines.get().receivable_id, officers()[0])


def test_money_after_a_void_is_booked_all_the_same() -> None:
    """A channel that was wrong: a debit is a fact."""
    (person,) = people(1)
    order = open_for(person)
    first, second = officers()
    decide(ask(order.lines.get().receivable_id, first), second)
    pay(order, at=LATER + timedelta(minutes=5))
    assert (Payment.objects.count(), Order.objects.get().state) == (1, "PAID")
    kit.books_green()


def test_an_instruction_is_voided_after_the_banks_days(tmp_path: Path) -> None:
    """Without any answer and after three working days; one with an answer is the bank's."""
    town = kit.town(tmp_path, 12)
    first, second = officers()
    receivable = Receivable.objects.order_by("pk")[0].pk
    with refused("MAY_STILL_BE_DEBITED"):
        ask(receivable, first, kit.FROZEN_AT)
    late = datetime(2025, 2, 10, 2, 0, tzinfo=UTC)
    decide(ask(receivable, first, late), second, late)
    assert (InstructionRelease.objects.count(), DeclarationVoid.objects.count()) == (1, 1)
    assert not Hold.objects.filter(pk=receivable).exists()
    kit.books_green()
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    kit.flow(town, file)
    with refused("NOTHING_DECLARED"):
        ask(receivable, first, late)
    kit.books_green()


def test_who_may_void() -> None:
    (person,) = people(1)
    order = open_for(person)
    receivable = order.lines.get().receivable_id
    first, _second = officers()
    with audit.acting(by=None, why="a test's staff"):
        clerk = builders.make_staff("clerk", REGION)
        stranger = builders.make_staff("tax_officer", "510100")
    with refused("NOT_ALLOWED"):
        ask(receivable, clerk)
    with refused("OUT_OF_SCOPE"):
        ask(receivable, stranger)
    with refused("REASON_NEEDED"):
        voids.propose(receivable_id=receivable, reason=" ", by=first, at=AT)
    ask(receivable, first)
    with refused("VOID_PROPOSED"):
        ask(receivable, first)


def test_what_nobody_collects_is_voided_once_its_enrolment_has_ended() -> None:
    """P03: the enrolment that is over still has a receivable at the tax office; two officers void it, and it is named so."""
    (person,) = people(1)
    first, second = officers()
    due = Receivable.objects.get(person=person)
    with refused("NOTHING_DECLARED"):
        ask(due.pk, first)
    with audit.acting(by=None, why="a test"):
        Enrollment.objects.filter(pk=due.enrollment_id).update(
            state="4", ended_on=LATER.date(), end_reason="MOVED"
        )
    proposal = ask(due.pk, first)
    assert proposal.difference["channel"] == ""
    decide(proposal, second)
    row = DeclarationVoid.objects.get()
    assert (row.receivable_id, row.order_id, row.instruction_id, row.amount) == (
        due.pk,
        None,
        None,
        due.amount,
    )
    state: Any = Receivable.objects.with_state().get(pk=due.pk)
    assert state.state == "VOIDED"
    with refused("NOTHING_DECLARED"):
        ask(due.pk, first)
    kit.books_green()


def test_money_that_waits_for_the_bank_stops_the_void_of_an_ended_one() -> None:
    """Never a debited one: a wrong amount that a channel told of hangs on a work item."""
    (person,) = people(1)
    order = open_for(person)
    with refused("ORDER_AMOUNT_DIFFERS"):
        pay(order, amount=order.amount - 1)
    orders.cancel(number=order.number, client="wx", at=LATER)
    with audit.acting(by=None, why="a test"):
        Enrollment.objects.update(state="4", ended_on=LATER.date(), end_reason="MOVED")
    with refused("DEBITED_NOT_VOIDABLE"):
        ask(order.lines.get().receivable_id, officers()[0])

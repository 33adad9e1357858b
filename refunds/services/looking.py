"""What the pages of refunds show: rights over a case, the money picture, payments of a person. Changes nothing."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from bureau import access
from bureau.access import Role
from bureau.models import User
from bureau.money import ZERO
from enrollment.models import Person
from payments.models import DuplicatePayment, Payment, Reversal
from refunds.models import RefundCase, RefundLine
from refunds.services import caselines, filing, signing
from refunds.services.facts import Money, MoneyUnknown, Source, collect
from refunds.states import FOR_APPROVAL, FOR_REVIEW, NOT_RESERVING, CaseState


@dataclass(frozen=True)
class Sums:
    """Of one payment: what live cases hold, what was paid out, what is left."""

    reserved: Decimal
    refunded: Decimal
    left: Decimal


@dataclass(frozen=True)
class Paid:
    """A payment or a duplicate of a person that has not gone back."""

    person: Person
    is_duplicate: bool
    debited_on: date
    amount: Decimal
    channel: str
    query: str


def may(user: User, case: RefundCase) -> dict[str, bool]:
    """What ``user`` may do with ``case`` now, for buttons; the services decide."""
    roles = access.roles(user)
    clerk, bureau, tax = (access.may(user, one) for one in (filing.REQUEST, signing.REVIEW, signing.APPROVE))
    mine = case.held_by_id in (None, user.pk)
    fresh = user.pk not in (case.submitted_by_id, case.reviewed_by_id if case.state in FOR_APPROVAL else None)
    at_desk = (bureau and case.state in FOR_REVIEW) or (tax and case.state in FOR_APPROVAL)
    own = case.submitted_by_id in (None, user.pk) or Role.SUPERVISOR in roles
    return {
        "sees_account": at_desk and fresh,
        "may_put_together": clerk and case.state in (CaseState.DRAFT, CaseState.RETURNED),
        "may_attach": clerk and case.state in filing.ATTACHABLE and case.state != CaseState.SUBMITTED,
        "may_take": at_desk
        and fresh
        and case.state in (CaseState.SUBMITTED, CaseState.BUREAU_APPROVED)
        and mine,
        "may_put_back": at_desk and case.held_by_id == user.pk,
        "may_review": bureau and fresh and mine and case.state in FOR_REVIEW,
        "may_approve": tax and fresh and mine and case.state in FOR_APPROVAL,
        "may_turn_down": at_desk and fresh and mine,
        "may_withdraw": clerk and own and case.state in filing.WITHDRAWABLE,
        "may_correct": clerk and case.state == CaseState.PAY_FAILED,
        "has_letter": case.state not in (CaseState.DRAFT, CaseState.SUBMITTED, CaseState.BUREAU_REVIEW),
    }


def money_of(lines: Sequence[RefundLine]) -> dict[int, Sums]:
    """The money picture of the payments behind ``lines``, over all their cases."""
    about = Q(payment_id__in=[line.payment_id for line in lines if line.payment_id])
    about |= Q(duplicate_id__in=[line.duplicate_id for line in lines if line.duplicate_id])
    held: defaultdict[Source, list[tuple[str, Decimal]]] = defaultdict(list)
    rows = RefundLine.objects.filter(about).exclude(case__state__in=NOT_RESERVING)
    for payment, duplicate, state, amount in rows.values_list(
        "payment_id", "duplicate_id", "case__state", "amount"
    ):
        held[Source(payment, duplicate)].append((state, amount))
    found = {}
    for line in lines:
        mine = held[caselines.source_of(line)]
        done = sum((amount for state, amount in mine if state in (CaseState.PAID, CaseState.CLOSED)), ZERO)
        every = sum((amount for _state, amount in mine), ZERO)
        found[line.pk] = Sums(every - done, done, line.paid - every)
    return found


def lines_of(cases: Collection[RefundCase]) -> dict[int, list[RefundLine]]:
    """The lines of each case."""
    found: defaultdict[int, list[RefundLine]] = defaultdict(list)
    for line in RefundLine.objects.filter(case__in=[case.pk for case in cases]).order_by("pk"):
        found[line.case_id].append(line)
    return found


def paid_again(case: RefundCase) -> list[Payment]:
    """The other half of "refund first, then pay again": payments of the same receivable after the one that went back."""
    key = case.again_receivable_id or 0
    first = (
        case.lines.exclude(payment_id=None)
        .order_by("-payment_id")
        .values_list("payment_id", flat=True)
        .first()
    )
    rows = Payment.objects.filter(pk__gt=first or key * 100, pk__lt=key * 100 + 100)
    return list(rows.order_by("pk"))


def person_of(number: str) -> Person | None:
    """The person of an ID number."""
    return Person.objects.filter(id_number=number.upper()).order_by("id").first()


def payments_of(*, person: Person, by: User) -> list[Paid]:
    """What was paid for a person in the regions of ``by`` and has not gone back, newest first."""
    gone = Reversal.objects.filter(person=person)
    payments = Payment.objects.filter(person=person).exclude(
        pk__in=gone.exclude(payment_id=None).values("payment_id")
    )
    doubles = DuplicatePayment.objects.filter(person=person).exclude(
        pk__in=gone.exclude(duplicate_id=None).values("duplicate_id")
    )
    rows: list[Any] = [*access.for_user(payments, by), *access.for_user(doubles, by)]
    return [
        Paid(
            person=person,
            is_duplicate=isinstance(row, DuplicatePayment),
            debited_on=row.debited_on,
            amount=row.amount,
            channel=str(row.get_channel_display()),
            query=f"{'duplicate' if isinstance(row, DuplicatePayment) else 'payment'}={row.pk}",
        )
        for row in sorted(rows, key=lambda one: one.debited_on, reverse=True)
    ]


def money_in_scope(source: Source, by: User) -> Money | None:
    """The money of ``source`` where it lies in the regions of ``by``; None as if it did not exist."""
    try:
        (money,) = collect(sources=[source]).values()
    except MoneyUnknown:
        return None
    return money if access.in_scope(by, money.region_id) else None

"""Who carries a person's year, and a duplicate beside it: which of the two covers sooner, and what stands in the way of a change.

Where the payment that carried the year went back, nothing carries it, and the duplicate stands beside what is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from bureau.errors import BureauError, gettext_noop
from enrollment.coverage import Decision, decide
from enrollment.models import RESIDENT, Person
from enrollment.services import cover, policies
from enrollment.services.facts import known_of
from payments.keys import CHILDREN
from payments.models import DuplicatePayment, Payment, Receivable, Reversal, Swap
from payments.models.receivables import NUMBERS_A_YEAR


class DuplicateUnknown(BureauError):
    """No such duplicate."""

    code = "DUPLICATE_UNKNOWN"
    message = gettext_noop("There is no duplicate payment %(duplicate)s.")


class DuplicateSettled(BureauError):
    """The duplicate went back, or carries the year by now."""

    code = "DUPLICATE_SETTLED"
    message = gettext_noop("This money is no longer a duplicate: it was taken back or swapped.")


class CarriedByAid(BureauError):
    """Aid carries the year: no payment is there to change places with."""

    code = "SWAP_CARRIED_BY_AID"
    message = gettext_noop("Aid carries this year: the money goes back, nothing can be swapped.")


class CarrierWithoutLine(BureauError):
    """The payment names no line that could become a duplicate."""

    code = "SWAP_WITHOUT_LINE"
    message = gettext_noop("The payment that carries the year has no line of a file or an order.")


class SwappedBefore(BureauError):
    """The money has been on both sides already."""

    code = "SWAPPED_BEFORE"
    message = gettext_noop("These payments were swapped before: what is wrong now is settled by a refund.")


class YearNotPayable(BureauError):
    """The debit day of the duplicate buys nothing in its region and year."""

    code = "SWAP_DAY_OUTSIDE"
    message = gettext_noop("Nothing can be paid for the year on %(day)s: this money cannot carry it.")


class StillCollected(BureauError):
    """An order or an instruction is collecting the receivable that would be paid."""

    code = "SWAP_STILL_COLLECTED"
    message = gettext_noop("This receivable is being collected right now: wait until that is over.")


class GoingBack(BureauError):
    """A refund of one of the two is on its way."""

    code = "SWAP_REFUND_UNDER_WAY"
    message = gettext_noop("A refund of one of the two payments is under way: %(refund)s.")


Guard = Callable[[int | None, int], str]
_guards: dict[str, Guard] = {}


def guard(name: str, call: Guard) -> None:
    """Let an app above say what stands in the way of a swap.

    ``call(payment_id, duplicate_id)`` returns the number of a refund of either that is not given up, or "". It is asked
    under the person's lock, which whoever opens a refund takes as well. The same name again replaces it.
    """
    _guards[name] = call


@dataclass(frozen=True)
class Side:
    """One of the two: where and when the money came, and the cover that it buys."""

    line_id: int
    receivable_id: int
    region_id: str
    channel: str
    debited_on: date
    posted_at: datetime
    amount: Decimal
    instruction_id: int | None
    decision: Decision


@dataclass(frozen=True)
class Gone:
    """The payment that carried the year last, and the day on which it was taken back."""

    side: Side
    on: date


@dataclass(frozen=True)
class Comparison:
    """What carries the year beside the duplicate; `better`: the duplicate would cover sooner.

    Where nothing carries the year, `payment_id` and `carrier` are None, and `gone` is what carried it last (None where that
    was aid).
    """

    person: Person
    year: int
    payment_id: int | None
    carrier: Side | None
    duplicate: Side
    better: bool
    refund: str = ""
    gone: Gone | None = None


def compare(*, duplicate_id: int) -> Comparison:
    """The two side by side, as the books are now; changes nothing.

    Raises DuplicateUnknown, DuplicateSettled, CarriedByAid, CarrierWithoutLine, SwappedBefore.
    """
    row = duplicate_of(duplicate_id)
    if Reversal.objects.filter(duplicate_id=row.pk).exists():
        raise DuplicateSettled()
    year = row.receivable_id // NUMBERS_A_YEAR
    duplicate = _side(row, row.pk, row.receivable_id)
    live = live_payment(person_id=row.person_id, year=year)
    if live is None:
        return _alone(row, year, duplicate)
    if live.line_id is None:
        raise CarrierWithoutLine()
    if Swap.objects.filter(Q(carried_by=live.pk) | Q(line_id=row.pk)).exists():
        raise SwappedBefore()
    carrier = _side(live, live.line_id, live.receivable_id)
    better = sooner(duplicate.decision, carrier.decision)
    return Comparison(row.person, year, live.pk, carrier, duplicate, better, refund_of(live.pk, row.pk))


def _alone(row: DuplicatePayment, year: int, duplicate: Side) -> Comparison:
    """Nothing that was paid carries the year: aid does, or nothing."""
    if any(
        one.start is not None and one.payment_id is None for one in cover.in_force_for([row.person_id], year)
    ):
        raise CarriedByAid()
    better = duplicate.decision.start is not None
    gone = _last_gone(row.person_id, year)
    return Comparison(row.person, year, None, None, duplicate, better, refund_of(None, row.pk), gone)


def _last_gone(person_id: int, year: int) -> Gone | None:
    paid = {payment.pk: payment for payment in _payments(person_id, year)}
    back = Reversal.objects.filter(payment_id__in=paid).order_by("-posted_at", "-pk").first()
    if back is None:
        return None
    payment = paid[back.payment_id or 0]
    return Gone(_side(payment, payment.line_id or 0, payment.receivable_id), back.reversed_on)


def duplicate_of(duplicate_id: int) -> DuplicatePayment:
    """The duplicate with its person. Raises DuplicateUnknown."""
    row = DuplicatePayment.objects.select_related("person").filter(pk=duplicate_id).order_by("pk").first()
    if row is None:
        raise DuplicateUnknown(duplicate=duplicate_id)
    return row


def live_payment(*, person_id: int, year: int) -> Payment | None:
    """The payment that carries a person's year in whatever region, None where none does."""
    back = Reversal.objects.filter(person_id=person_id, payment_id__isnull=False).values("payment_id")
    return _payments(person_id, year).exclude(pk__in=back).order_by("pk").first()


def _payments(person_id: int, year: int) -> QuerySet[Payment]:
    """Every payment of a person for a year, of whatever region, reversed or not."""
    ranges = Q(pk__in=[])
    for key in receivables_of(person_id=person_id, year=year):
        ranges |= Q(pk__gte=key * CHILDREN, pk__lt=(key + 1) * CHILDREN)
    return Payment.objects.filter(ranges)


def receivables_of(*, person_id: int, year: int) -> list[int]:
    """The keys of a resident's receivables for a year, of whatever region."""
    due = Receivable.objects.for_year(year).filter(person_id=person_id, scheme=RESIDENT)
    return list(due.order_by("pk").values_list("pk", flat=True))


def _side(row: Any, line_id: int, receivable_id: int) -> Side:
    return Side(
        line_id=line_id,
        receivable_id=receivable_id,
        region_id=row.region_id,
        channel=row.channel,
        debited_on=row.debited_on,
        posted_at=row.posted_at,
        amount=row.amount,
        instruction_id=row.instruction_id,
        decision=_buys(row.person_id, row.region_id, receivable_id // NUMBERS_A_YEAR, row.debited_on),
    )


def _buys(person_id: int, region_id: str, year: int, on: date) -> Decision:
    terms = policies.in_force(region_id, year).values
    known = known_of(person_ids=[person_id], benefit_year=year)[person_id]
    return decide(terms, known.on(terms, on), on)


def sooner(one: Decision, other: Decision) -> bool:
    """Whether `one` begins cover before `other` does."""
    return one.start is not None and (other.start is None or one.start < other.start)


def refund_of(payment_id: int | None, duplicate_id: int) -> str:
    """The number of a refund of either that is under way, or ""."""
    return next((found for call in _guards.values() if (found := call(payment_id, duplicate_id))), "")

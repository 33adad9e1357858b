"""Two payments for one person and year changing places: a duplicate that gives the better cover carries the year instead.

The first debit to arrive carries the year, whatever its channel and region; where one that was made earlier arrives later
and covers sooner, a swap is put before a supervisor. Money rows are never changed: the swap reverses both bookings in the
books alone (no bank is involved) and books each line anew in the other's place; cover follows in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, User
from bureau.money import yuan
from bureau.states import ProposalState
from enrollment.coverage import Decision, decide
from enrollment.models import RESIDENT, Person
from enrollment.services import cover, policies
from enrollment.services.facts import known_of
from payments.keys import CHILDREN
from payments.models import (
    DuplicatePayment,
    Hold,
    OrderLine,
    Payment,
    Receivable,
    Reversal,
    Swap,
    WorkItem,
    WorkKind,
)
from payments.models.receivables import NUMBERS_A_YEAR
from payments.states import WorkState

KIND = "duplicate.swap"
PROPOSE = "duplicate.propose"
REASON = "SWAPPED"


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


class CarrierGone(BureauError):
    """The payment that carried the year was taken back."""

    code = "SWAP_CARRIER_GONE"
    message = gettext_noop(
        "The payment that carried the year was taken back: refund this money, and let the year be paid again."
    )


class CarrierChanged(BureauError):
    """Another payment carries the year than the one that was compared."""

    code = "SWAP_CARRIER_CHANGED"
    message = gettext_noop("Another payment carries the year by now: compare the two again.")


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


class SwapProposed(BureauError):
    """One proposal at a time."""

    code = "SWAP_PROPOSED"
    message = gettext_noop("This swap waits for a second person already.")


class OtherRegion(BureauError):
    """Cover of another region would end: somebody who answers for both decides."""

    code = "SWAP_OTHER_REGION"
    message = gettext_noop("The other payment is of region %(region)s: a supervisor of both regions decides.")


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
class Comparison:
    """What carries the year beside the duplicate; `better`: the duplicate would cover sooner."""

    person: Person
    year: int
    payment_id: int
    carrier: Side
    duplicate: Side
    better: bool
    refund: str = ""


def compare(*, duplicate_id: int) -> Comparison:
    """The two side by side, as the books are now; changes nothing.

    Raises DuplicateUnknown, DuplicateSettled, CarriedByAid, CarrierGone, CarrierWithoutLine, SwappedBefore.
    """
    row = _row(duplicate_id)
    if Reversal.objects.filter(duplicate_id=row.pk).exists():
        raise DuplicateSettled()
    year = row.receivable_id // NUMBERS_A_YEAR
    live = live_payment(person_id=row.person_id, year=year)
    if live is None:
        raise CarriedByAid() if row.carried_by is None else CarrierGone()
    if live.line_id is None:
        raise CarrierWithoutLine()
    if Swap.objects.filter(Q(carried_by=live.pk) | Q(line_id=row.pk)).exists():
        raise SwappedBefore()
    carrier = _side(live, live.line_id, live.receivable_id)
    duplicate = _side(row, row.pk, row.receivable_id)
    better = _sooner(duplicate.decision, carrier.decision)
    return Comparison(row.person, year, live.pk, carrier, duplicate, better, _refund(live.pk, row.pk))


def _row(duplicate_id: int) -> DuplicatePayment:
    row = DuplicatePayment.objects.select_related("person").filter(pk=duplicate_id).order_by("pk").first()
    if row is None:
        raise DuplicateUnknown(duplicate=duplicate_id)
    return row


def live_payment(*, person_id: int, year: int) -> Payment | None:
    """The payment that carries a person's year in whatever region, None where none does."""
    due = Receivable.objects.for_year(year).filter(person_id=person_id, scheme=RESIDENT)
    ranges = Q(pk__in=[])
    for key in due.values_list("pk", flat=True):
        ranges |= Q(pk__gte=key * CHILDREN, pk__lt=(key + 1) * CHILDREN)
    back = Reversal.objects.filter(person_id=person_id, payment_id__isnull=False).values("payment_id")
    return Payment.objects.filter(ranges).exclude(pk__in=back).order_by("pk").first()


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


def _sooner(one: Decision, other: Decision) -> bool:
    return one.start is not None and (other.start is None or one.start < other.start)


def _refund(payment_id: int | None, duplicate_id: int) -> str:
    return next((found for call in _guards.values() if (found := call(payment_id, duplicate_id))), "")


# --- the second person ---------------------------------------------------------------------------


def propose(*, duplicate_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """Propose that the duplicate carries the year; a supervisor decides.

    Raises as :func:`compare`, ReasonNeeded, YearNotPayable, StillCollected, GoingBack, SwapProposed, NotAllowed,
    OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, duplicate=duplicate_id):
        access.require(by, PROPOSE, _row(duplicate_id).region_id)
        if open_proposal(duplicate_id) is not None:
            raise SwapProposed()
        both = compare(duplicate_id=duplicate_id)
        _check(both)
        return proposals.propose(
            kind=KIND,
            subject=DuplicatePayment(pk=duplicate_id),
            region_id=both.duplicate.region_id,
            title=f"{both.person.name} {both.year}",
            difference={"payment": both.payment_id, **_told("now", both.carrier),
                        **_told("then", both.duplicate)},
            reason=reason,
            by=by,
            at=at,
        )  # fmt: skip


def open_proposal(duplicate_id: int) -> Proposal | None:
    """The proposal that waits for a second person, if there is one."""
    return (
        Proposal.objects.filter(
            kind=KIND,
            subject_type=DuplicatePayment._meta.label_lower,
            subject_id=str(duplicate_id),
            state=ProposalState.OPEN,
        )
        .order_by("pk")
        .first()
    )


def _told(when: str, side: Side) -> dict[str, Any]:
    start = side.decision.start
    return {
        f"{when}_debited_on": side.debited_on.isoformat(),
        f"{when}_region": side.region_id,
        f"{when}_amount": yuan(side.amount),
        f"{when}_cover_start": "" if start is None else start.isoformat(),
    }


def _check(both: Comparison) -> None:
    if both.duplicate.decision.refused:
        raise YearNotPayable(day=both.duplicate.debited_on.isoformat())
    held = Hold.objects.filter(pk=both.duplicate.receivable_id)
    if held.exclude(instruction_id=both.carrier.instruction_id, order_id__isnull=True).exists():
        raise StillCollected()
    if both.refund:
        raise GoingBack(refund=both.refund)


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    """Swap, under the person's lock, what was compared when the swap was proposed."""
    duplicate_id = int(proposal.subject_id)
    person_id = DuplicatePayment.objects.values_list("person_id", flat=True).get(pk=duplicate_id)
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)
    both = compare(duplicate_id=duplicate_id)
    if not access.in_scope(by, both.carrier.region_id):
        raise OtherRegion(region=both.carrier.region_id)
    if both.payment_id != proposal.difference["payment"]:
        raise CarrierChanged()
    _check(both)
    try:
        with transaction.atomic():
            _swap(both, proposal, at)
    except IntegrityError as error:
        # A file of the bank is posted without the person's lock: it took one of the two back a moment ago.
        raise CarrierChanged() from error
    items = WorkItem.objects.filter(kind=WorkKind.SWAP, line_id=duplicate_id).exclude(
        state=WorkState.RESOLVED
    )
    items.update(
        state=WorkState.RESOLVED.value,
        resolved_by=by,
        resolved_at=at,
        resolution=(proposal.review_reason or proposal.reason)[:500],
    )


def _swap(both: Comparison, proposal: Proposal, at: datetime) -> None:
    old, new = both.carrier, both.duplicate
    made = Swap.objects.create(
        region_id=new.region_id,
        person=both.person,
        payment_id=both.payment_id,
        line_id=old.line_id,
        duplicate_id=new.line_id,
        carried_by=_next_payment(new.receivable_id, old),
        proposal=proposal,
        swapped_at=at,
    )
    of_payment, of_duplicate = made.reversal_numbers
    _reverse(both, old, of_payment, at, payment_id=both.payment_id)
    _reverse(both, new, of_duplicate, at, duplicate_id=new.line_id)
    Payment.objects.create(
        id=made.carried_by,
        region_id=new.region_id,
        person=both.person,
        amount=new.amount,
        debited_on=new.debited_on,
        channel=new.channel,
        line_id=new.line_id,
        instruction_id=new.instruction_id,
        channel_serial=_serial(new.line_id),
        posted_at=at,
    )
    DuplicatePayment.objects.create(
        line_id=old.line_id,
        region_id=old.region_id,
        person=both.person,
        receivable_id=old.receivable_id,
        instruction_id=old.instruction_id,
        carried_by=made.carried_by,
        amount=old.amount,
        debited_on=old.debited_on,
        channel=old.channel,
        posted_at=at,
    )
    Hold.objects.filter(pk=old.receivable_id, instruction_id=old.instruction_id or 0).delete()
    _cover(both, made, at)


def _next_payment(receivable_id: int, old: Side) -> int:
    """The key after the reversals of the receivable; the carrier's own is among them where both pay the same one."""
    back = Reversal.objects.filter(receivable_id=receivable_id, payment_id__isnull=False).count()
    return receivable_id * CHILDREN + back + (1 if receivable_id == old.receivable_id else 0)


def _reverse(both: Comparison, side: Side, number: int, at: datetime, **what: int) -> None:
    Reversal.objects.create(
        line_id=number,
        region_id=side.region_id,
        person=both.person,
        receivable_id=side.receivable_id,
        amount=side.amount,
        reversed_on=day_of(at),
        posted_at=at,
        **what,
    )


def _serial(line_id: int) -> str:
    """The channel's own number of the money; lines of a bank's file have none in the payment."""
    line = OrderLine.objects.select_related("order").filter(pk=line_id).order_by("pk").first()
    return "" if line is None else line.order.channel_serial


def _cover(both: Comparison, made: Swap, at: datetime) -> None:
    """The receivable that is no longer paid loses its cover; the other one's is decided by its own debit date."""
    old, new = both.carrier, both.duplicate
    if old.receivable_id != new.receivable_id:
        cover.end_cover(receivable_ids=[old.receivable_id], reason=REASON, at=at)
    policy = cover.current_policy(region_id=new.region_id, year=both.year)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE swapped ON COMMIT DROP AS SELECT %s::bigint AS payment_id, "
            "%s::bigint AS receivable_id, %s::bigint AS person_id, %s::varchar AS region_id, %s::date AS paid_on",
            [made.carried_by, new.receivable_id, both.person.pk, new.region_id, new.debited_on],
        )
        cover.start_cover(relation="swapped", policy=policy, at=at)
        cursor.execute("DROP TABLE swapped")


# --- what the river finds ------------------------------------------------------------------------


@dataclass(frozen=True)
class Late:
    """A duplicate just booked."""

    line_id: int
    person_id: int
    region_id: str
    amount: Decimal
    debited_on: date
    carried_by: int
    file_id: int | None = None


def open_items(*, late: Sequence[Late], due_on: date, at: datetime) -> int:
    """A work item for each duplicate that was debited before the payment that carries the year and would cover sooner by
    its own region's terms; returns how many were opened.
    """
    carriers = Payment.objects.in_bulk([one.carried_by for one in late])
    earlier = [
        (one, carriers[one.carried_by])
        for one in late
        if one.carried_by in carriers and one.debited_on < carriers[one.carried_by].debited_on
    ]
    years = {carrier.benefit_year for _one, carrier in earlier}
    people = [one.person_id for one, _carrier in earlier]
    known = {year: known_of(person_ids=people, benefit_year=year) for year in years}
    places = {(row.region_id, pair[1].benefit_year) for pair in earlier for row in pair}
    terms = {place: policies.in_force(*place).values for place in places}

    def buys(row: Late | Payment, year: int) -> Decision:
        mine = terms[row.region_id, year]
        return decide(mine, known[year][row.person_id].on(mine, row.debited_on), row.debited_on)

    better = [
        one
        for one, carrier in earlier
        if _sooner(buys(one, carrier.benefit_year), buys(carrier, carrier.benefit_year))
    ]
    items = [
        WorkItem(
            kind=WorkKind.SWAP,
            region_id=one.region_id,
            person_id=one.person_id,
            file_id=one.file_id,
            line_id=one.line_id,
            amount=one.amount,
            reason="EARLIER_DEBIT",
            due_on=due_on,
            opened_at=at,
        )
        for one in better
    ]
    return len(WorkItem.objects.bulk_create(items, batch_size=1_000))


proposals.register(proposals.Kind(KIND, _("swap of two payments of a year"), KIND, _approve))

"""A duplicate that carries the year: instead of the payment that does, or alone, where the payment that did went back.

The first debit to arrive carries the year, whatever its channel and region; where one that was made earlier arrives later
and covers sooner, a swap is put before a supervisor. Money rows are never changed: a swap reverses both bookings in the
books alone (no bank is involved) and books each line anew in the other's place; cover follows in the same transaction. Where
nothing carries the year any more, only the duplicate is reversed and booked anew.
"""

from collections.abc import Callable
from datetime import datetime
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
from enrollment.models import Person
from enrollment.services import cover
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
from payments.services.comparisons import (
    Comparison,
    GoingBack,
    Side,
    StillCollected,
    YearNotPayable,
    compare,
    duplicate_of,
    receivables_of,
)
from payments.states import WorkState

KIND = "duplicate.swap"
PROPOSE = "duplicate.propose"
REASON = "SWAPPED"
LEFT = "DUPLICATE_LEFT"
"""Why a work item waits: nothing carries the year, a duplicate is here."""


class CarrierGone(BureauError):
    """The payment that carried the year was taken back."""

    code = "SWAP_CARRIER_GONE"
    message = gettext_noop(
        "The payment that carried the year was taken back: propose anew that this money carries it."
    )


class CarrierChanged(BureauError):
    """Another payment carries the year than the one that was compared."""

    code = "SWAP_CARRIER_CHANGED"
    message = gettext_noop("Another payment carries the year by now: compare the two again.")


class SwapProposed(BureauError):
    """One proposal at a time."""

    code = "SWAP_PROPOSED"
    message = gettext_noop("This swap waits for a second person already.")


class OtherRegion(BureauError):
    """Cover of another region would end: somebody who answers for both decides."""

    code = "SWAP_OTHER_REGION"
    message = gettext_noop("The other payment is of region %(region)s: a supervisor of both regions decides.")


Follow = Callable[[int, User, datetime], None]
_following: dict[str, Follow] = {}


def following(name: str, call: Follow) -> None:
    """Let an app above put away what it meant to do with a duplicate that carries the year now.

    ``call(duplicate_id, by, at)`` runs in the transaction of the change. The same name again replaces it.
    """
    _following[name] = call


def propose(*, duplicate_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """Propose that the duplicate carries the year, instead of what does or because nothing does; a supervisor decides.

    Raises as :func:`comparisons.compare`, ReasonNeeded, YearNotPayable, StillCollected, GoingBack, SwapProposed, NotAllowed,
    OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, duplicate=duplicate_id):
        access.require(by, PROPOSE, duplicate_of(duplicate_id).region_id)
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


def _told(when: str, side: Side | None) -> dict[str, Any]:
    if side is None:
        return {}
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
    if both.carrier is None:
        held = Hold.objects.filter(pk__in=receivables_of(person_id=both.person.pk, year=both.year))
    else:
        spent = Q(instruction_id=both.carrier.instruction_id, order_id__isnull=True)
        held = Hold.objects.filter(pk=both.duplicate.receivable_id).exclude(spent)
    if held.exists():
        raise StillCollected()
    if both.refund:
        raise GoingBack(refund=both.refund)


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    """Do, under the person's lock, what was compared when it was proposed."""
    duplicate = duplicate_of(int(proposal.subject_id))
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=duplicate.person_id)
    both = compare(duplicate_id=duplicate.pk)
    if both.carrier is not None and not access.in_scope(by, both.carrier.region_id):
        raise OtherRegion(region=both.carrier.region_id)
    if both.payment_id != proposal.difference["payment"]:
        raise CarrierGone() if both.payment_id is None else CarrierChanged()
    if both.carrier is None:
        _keep_from_freezing(both)
    _check(both)
    try:
        with transaction.atomic():
            if both.carrier is None:
                _carry(both, proposal, at)
            else:
                _swap(both, both.carrier, proposal, at)
    except IntegrityError as error:
        # A file of the bank is posted without the person's lock: it took one of the two back, or paid the year, a moment ago.
        raise CarrierChanged() from error
    for call in _following.values():
        call(duplicate.pk, by, at)
    _resolve(both, (proposal.review_reason or proposal.reason)[:500], by, at)


def _keep_from_freezing(both: Comparison) -> None:
    """No batch of the bank takes up a receivable between the look at its hold and the payment."""
    keys = receivables_of(person_id=both.person.pk, year=both.year)
    regions = Receivable.objects.filter(pk__in=keys).order_by("region_id").values_list("region_id", flat=True)
    with connection.cursor() as cursor:
        for region_id in regions.distinct():
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.freeze'), %s)", [int(region_id)])


def _resolve(both: Comparison, words: str, by: User, at: datetime) -> None:
    """What waited for this decision: about this duplicate, or that nothing carries the year."""
    first = both.year * NUMBERS_A_YEAR
    doubles = DuplicatePayment.objects.filter(
        person=both.person, receivable_id__gte=first, receivable_id__lt=first + NUMBERS_A_YEAR
    )
    about = Q(kind=WorkKind.SWAP, line_id=both.duplicate.line_id)
    about |= Q(kind=WorkKind.REVERSED, reason=LEFT, line_id__in=doubles.values("line_id"))
    WorkItem.objects.filter(about).exclude(state=WorkState.RESOLVED).update(
        state=WorkState.RESOLVED.value, resolved_by=by, resolved_at=at, resolution=words
    )


def _swap(both: Comparison, old: Side, proposal: Proposal, at: datetime) -> None:
    new = both.duplicate
    made = Swap.objects.create(
        region_id=new.region_id,
        person=both.person,
        payment_id=both.payment_id,
        line_id=old.line_id,
        duplicate_id=new.line_id,
        # The carrier's own reversal comes first where both pay the same receivable.
        carried_by=_next_payment(new.receivable_id) + (1 if new.receivable_id == old.receivable_id else 0),
        proposal=proposal,
        swapped_at=at,
    )
    of_payment, of_duplicate = made.reversal_numbers
    _reverse(both, old, of_payment, at, payment_id=both.payment_id)
    _reverse(both, new, of_duplicate, at, duplicate_id=new.line_id)
    _book(both, made, at)
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
    if old.receivable_id != new.receivable_id:
        # The receivable that is no longer paid loses its cover.
        cover.end_cover(receivable_ids=[old.receivable_id], reason=REASON, at=at)
    _cover(both, made, at)


def _carry(both: Comparison, proposal: Proposal, at: datetime) -> None:
    new = both.duplicate
    made = Swap.objects.create(
        region_id=new.region_id,
        person=both.person,
        duplicate_id=new.line_id,
        carried_by=_next_payment(new.receivable_id),
        proposal=proposal,
        swapped_at=at,
    )
    _reverse(both, new, made.reversal_numbers[1], at, duplicate_id=new.line_id)
    _book(both, made, at)
    _cover(both, made, at)


def _next_payment(receivable_id: int) -> int:
    """The key after the reversals of the receivable."""
    back = Reversal.objects.filter(receivable_id=receivable_id, payment_id__isnull=False).count()
    return receivable_id * CHILDREN + back


def _book(both: Comparison, made: Swap, at: datetime) -> None:
    """The duplicate's money as the payment that carries the year."""
    new = both.duplicate
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


def _reverse(both: Comparison, side: Side, number: int, at: datetime, **what: int | None) -> None:
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
    """Cover is decided by the debit date of what carries the year now."""
    new = both.duplicate
    policy = cover.current_policy(region_id=new.region_id, year=both.year)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE swapped ON COMMIT DROP AS SELECT %s::bigint AS payment_id, "
            "%s::bigint AS receivable_id, %s::bigint AS person_id, %s::varchar AS region_id, %s::date AS paid_on",
            [made.carried_by, new.receivable_id, both.person.pk, new.region_id, new.debited_on],
        )
        cover.start_cover(relation="swapped", policy=policy, at=at)
        cursor.execute("DROP TABLE swapped")


proposals.register(proposals.Kind(KIND, _("which payment carries a year"), KIND, _approve))

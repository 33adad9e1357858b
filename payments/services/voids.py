"""Voiding (作废): the tax office ends a declared record that was never debited, with a reason and a second officer.

What is declared is a hold: an order that a channel has open, or an instruction that a bank has. A record of which the bank
or the channel said that it was debited is never voided: it waits, or it is a debit not posted (design: domain 5.1, P04). A
receivable that nobody collects is voided where its enrolment has ended and the tax office still has it (P03).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.calendars import load_calendar
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, User
from bureau.money import yuan
from bureau.states import ProposalState
from enrollment.models import Person
from enrollment.states import EnrollmentState
from payments.keys import CHILDREN
from payments.models import (
    BankFile,
    BankLine,
    DeclarationVoid,
    Hold,
    Instruction,
    InstructionRelease,
    Order,
    OrderDebit,
    Payment,
    Receivable,
    Reversal,
    SettlementLine,
    Side,
    Turn,
    WorkItem,
)
from payments.services import orders
from payments.services.noanswer import WAIT_WORKDAYS
from payments.states import BatchState, Bucket, FileState, OrderState, ReceivableState, WorkState

KIND = "declaration.void"
_UNCOLLECTED = frozenset({ReceivableState.ASSESSED, ReceivableState.PUSHED})


class NothingDeclared(BureauError):
    """Nobody is collecting this receivable."""

    code = "NOTHING_DECLARED"
    message = gettext_noop("Nothing is declared for receivable %(receivable)s.")


class Debited(BureauError):
    """The money was taken, or may have been: only the bank can give it back."""

    code = "DEBITED_NOT_VOIDABLE"
    message = gettext_noop(
        "This record was debited, or the bank has it under way: it cannot be voided (%(evidence)s)."
    )


class MayStillBeDebited(BureauError):
    """The bank has its days to answer."""

    code = "MAY_STILL_BE_DEBITED"
    message = gettext_noop("The bank may answer until %(day)s; nothing is voided before.")


class VoidProposed(BureauError):
    """A colleague asked for the same."""

    code = "VOID_PROPOSED"
    message = gettext_noop("A void of this record waits for a second officer already.")


@dataclass(frozen=True)
class Declared:
    """What somebody is collecting: an order of a channel or an instruction of a bank; neither: what nobody will collect, for
    its enrolment has ended.
    """

    receivable_id: int
    since: datetime
    order: Order | None
    instruction: Instruction | None
    amount: Decimal

    @property
    def words(self) -> dict[str, str]:
        """Where and since when, for the second officer."""
        told = {
            "receivable": str(self.receivable_id),
            "amount": yuan(self.amount),
            "since": self.since.isoformat(timespec="seconds"),
        }
        if self.order is not None:
            return told | {"order": self.order.number, "channel": self.order.channel}
        if self.instruction is None:
            return told | {"channel": ""}
        return told | {"batch": self.instruction.batch.title, "channel": "BANK_BATCH"}


def declared(*, receivable_id: int, at: datetime) -> Declared:
    """What is declared for a receivable and may be voided now; changes nothing.

    Raises NothingDeclared, Debited, MayStillBeDebited.
    """
    hold = Hold.objects.filter(pk=receivable_id).order_by("pk").first()
    if hold is None:
        return _over(receivable_id)
    if _carried(receivable_id):
        raise NothingDeclared(receivable=receivable_id)
    if hold.order_id is not None:
        return _order(hold)
    return _instruction(hold, at)


def _over(receivable_id: int) -> Declared:
    """A receivable whose enrolment has ended and that nobody collects; money that was told for it waits for the bank first."""
    found: Any = (
        Receivable.objects.with_state()
        .select_related("enrollment")
        .filter(pk=receivable_id)
        .order_by("pk")
        .first()
    )
    if found is None or found.state not in _UNCOLLECTED or found.enrollment.state != EnrollmentState.ENDED:
        raise NothingDeclared(receivable=receivable_id)
    told = OrderDebit.objects.filter(order__lines__receivable_id=receivable_id).exclude(item=None)
    said = BankLine.objects.filter(
        instruction_id__range=(receivable_id * CHILDREN, receivable_id * CHILDREN + CHILDREN - 1),
        bucket=Bucket.UNMATCHED,
    )
    loose = WorkItem.objects.filter(
        Q(pk__in=told.values("item")) | Q(line_id__in=said.values("pk")), amount__gt=0
    ).exclude(state=WorkState.RESOLVED)
    if loose.exists():
        raise Debited(evidence=str(loose.order_by("pk")[0]))
    return Declared(found.pk, found.assessed_at, None, None, found.amount_due)


def _carried(receivable_id: int) -> bool:
    """A spent hold: its own payment is live."""
    paid = Payment.objects.filter(pk__gte=receivable_id * 100, pk__lt=receivable_id * 100 + 100)
    back = Reversal.objects.filter(receivable_id=receivable_id, payment_id__isnull=False)
    return paid.exclude(pk__in=back.values("payment_id")).exists()


def _order(hold: Hold) -> Declared:
    """An order that is still open, of which neither the channel nor its statement told a debit."""
    order = Order.objects.get(pk=hold.order_id or 0)
    if order.state == OrderState.PAID or OrderDebit.objects.filter(order=order).exists():
        raise Debited(evidence=order.number)
    stated = SettlementLine.objects.filter(
        channel=order.channel, ref=order.number, side=Side.CHANNEL, turn=Turn.RECEIPT
    )
    if stated.exists():
        raise Debited(evidence=str(stated.order_by("pk")[0]))
    return Declared(hold.pk, hold.held_at, order, None, order.lines.get(receivable_id=hold.pk).amount)


def _instruction(hold: Hold, at: datetime) -> Declared:
    """An instruction without any answer, after the bank's days to answer, as for a release without an answer."""
    asked = Instruction.objects.select_related("batch").get(pk=hold.instruction_id or 0)
    said = (
        BankLine.objects.filter(instruction_id=asked.pk).exclude(bucket=Bucket.SETTLED).order_by("pk").first()
    )
    if said is not None:
        raise Debited(evidence=str(said))
    batch = asked.batch
    calendar = load_calendar(batch.debit_to, batch.debit_to + timedelta(days=60))
    first = calendar.add_workdays(batch.debit_to, WAIT_WORKDAYS)
    if batch.state != BatchState.RELEASED or day_of(at) < first:
        raise MayStillBeDebited(day=first.isoformat())
    under_way = BankFile.objects.filter(
        batch=batch, state__in=[FileState.QUEUED, FileState.RUNNING, FileState.HELD, FileState.PARKED]
    )
    if under_way.exists():
        raise Debited(evidence=under_way.order_by("pk")[0].name)
    return Declared(hold.pk, hold.held_at, None, asked, asked.amount)


def propose(*, receivable_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """A tax officer asks to void what is declared for a receivable; a second officer decides.

    Raises ReasonNeeded, NothingDeclared, Debited, MayStillBeDebited, VoidProposed, NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    try:
        with transaction.atomic(), audit.acting(by=by, why=reason, receivable=receivable_id):
            receivable = Receivable.objects.select_related("person").get(pk=receivable_id)
            access.require(by, KIND, receivable.region_id)
            found = declared(receivable_id=receivable_id, at=at)
            return proposals.propose(
                kind=KIND,
                subject=receivable,
                region_id=receivable.region_id,
                title=str(receivable),
                difference=found.words,
                reason=reason.strip()[:500],
                by=by,
                at=at,
            )
    except IntegrityError as error:
        raise VoidProposed() from error


def waiting(*, receivable_id: int) -> Proposal | None:
    """The void that waits for a second officer."""
    found = Proposal.objects.filter(kind=KIND, subject_id=str(receivable_id), state=ProposalState.OPEN)
    return found.select_related("made_by").order_by("pk").first()


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    """Asked again under the locks: what was debited meanwhile is not voided."""
    receivable = Receivable.objects.select_related("person").get(pk=int(proposal.subject_id))
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=receivable.person_id)
    found = declared(receivable_id=receivable.pk, at=at)
    if found.order is not None:
        order = orders.locked(found.order.number)
        found = declared(receivable_id=receivable.pk, at=at)
        orders.end(order, OrderState.CANCELLED, at)
        lines = list(order.lines.order_by("pk"))
    elif found.instruction is not None:
        lines = []
        Hold.objects.select_for_update(of=("self",)).get(pk=receivable.pk)
        found = declared(receivable_id=receivable.pk, at=at)
        _let_go(found, proposal, at)
    else:
        lines = []
        owner = (receivable.pk, receivable.person_id, receivable.region_id)
        _write(proposal, *owner, found.amount, at)
    for line in lines:
        _write(
            proposal,
            line.receivable_id,
            line.person_id,
            line.region_id,
            line.amount,
            at,
            order_id=line.order_id,
        )
    if found.instruction is not None:
        asked = found.instruction
        _write(
            proposal,
            receivable.pk,
            receivable.person_id,
            receivable.region_id,
            asked.amount,
            at,
            instruction_id=asked.pk,
        )


def _let_go(found: Declared, proposal: Proposal, at: datetime) -> None:
    asked = found.instruction
    if asked is None:
        return
    InstructionRelease.objects.create(
        instruction_id=asked.pk,
        region_id=asked.region_id,
        batch_id=asked.batch_id,
        proposal_id=proposal.pk,
        released_at=at,
    )
    Hold.objects.filter(pk=found.receivable_id, instruction_id=asked.pk).delete()


def _write(
    proposal: Proposal,
    receivable_id: int,
    person_id: int,
    region_id: str,
    amount: Decimal,
    at: datetime,
    **holder: int,
) -> None:
    DeclarationVoid.objects.create(
        receivable_id=receivable_id,
        region_id=region_id,
        person_id=person_id,
        amount=amount,
        reason=proposal.reason,
        proposal=proposal,
        voided_at=at,
        **holder,
    )


proposals.register(proposals.Kind(KIND, _("void of a declared record"), KIND, _approve))

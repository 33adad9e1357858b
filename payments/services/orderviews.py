"""What can be read of an order, and of a person's year, by whoever may ask: facts as values, nothing changed."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bureau.identity import mask_name
from enrollment.services import cover
from payments.models import (
    DuplicatePayment,
    Hold,
    Instruction,
    Order,
    OrderDebit,
    OrderLine,
    Payment,
    Reversal,
    Swap,
)
from payments.models.orders import FIRST_LINE
from payments.services import obstacles
from payments.services.obstacles import Obstacle
from payments.services.orders import OrderUnknown
from payments.states import ReceivableState

PAID, TWICE = "PAYMENT", "DUPLICATE"


@dataclass(frozen=True)
class LineView:
    """A line with what became of its money: ``booked`` is PAYMENT or DUPLICATE, ``number`` names that booking."""

    line: OrderLine
    booked: str = ""
    number: int | None = None
    debited_on: date | None = None
    reversed_on: date | None = None


@dataclass(frozen=True)
class OrderView:
    """An order with its lines, what the payer agreed to, what the channel said of money, and what it holds now."""

    order: Order
    lines: list[LineView]
    agreed: list[str]
    debits: list[OrderDebit]
    held: set[int] = field(default_factory=set)


def view_of(order: Order) -> OrderView:
    """Everything about an order, in a fixed number of queries."""
    lines = list(order.lines.select_related("person", "region").prefetch_related("consents").order_by("pk"))
    numbers = [line.pk for line in lines]
    spans = [line.receivable_id * 100 for line in lines]
    paid = {
        row.line_id: row
        for row in Payment.objects.filter(pk__gte=min(spans), pk__lt=max(spans) + 100, line_id__in=numbers)
        # What changed places with a duplicate is one itself now, unless it carries the year again.
        .exclude(pk__in=Swap.objects.filter(line_id__in=numbers).values("payment_id"))
        .order_by("pk")
    }
    twice = {row.pk: row for row in DuplicatePayment.objects.filter(pk__in=numbers)}
    back = {row.booked_line_id: row for row in Reversal.objects.filter(booked_line_id__in=numbers)}
    shown = []
    for line in lines:
        booking: Any = paid.get(line.pk) or twice.get(line.pk)
        taken = back.get(line.pk)
        shown.append(
            LineView(
                line,
                "" if booking is None else PAID if line.pk in paid else TWICE,
                None if booking is None else booking.pk,
                None if booking is None else booking.debited_on,
                None if taken is None else taken.reversed_on,
            )
        )
    agreed = sorted({one.code for line in lines for one in line.consents.all()})
    debits = list(order.debits.select_related("booked_as", "item").order_by("pk"))
    held = set(
        Hold.objects.filter(pk__in=[line.receivable_id for line in lines], order_id=order.pk).values_list(
            "pk", flat=True
        )
    )
    return OrderView(order, shown, agreed, debits, held)


def of_client(*, number: str, client: str) -> OrderView:
    """The order of a partner. Raises OrderUnknown, also for an order of another partner."""
    order = Order.objects.filter(number=number, client_code=client).order_by("pk").first()
    if order is None:
        raise OrderUnknown(number=number)
    return view_of(order)


@dataclass(frozen=True)
class DueView:
    """What is due in a region: its state says whether it is open, being debited, paid, in the treasury."""

    receivable: int
    region: str
    state: str
    amount: Decimal


@dataclass(frozen=True)
class PaidView:
    """A payment that carries the year; ``payer`` masked, empty where the bank knows the payer."""

    day: date
    channel: str
    region: str
    amount: Decimal
    payer: str
    settled: bool


@dataclass(frozen=True)
class LockView:
    """Who is collecting now: an order with its number and time, or a bank file."""

    channel: str
    order: str = ""
    client: str = ""
    until: str = ""


@dataclass(frozen=True)
class Status:
    """Registered? Due? Locked? Declared? Paid? Settled? Covered from when? (P30), in all regions."""

    registered: bool
    regions: list[str] = field(default_factory=list)
    due: list[DueView] = field(default_factory=list)
    locked: LockView | None = None
    paid: list[PaidView] = field(default_factory=list)
    covered_from: date | None = None
    problems: list[Obstacle] = field(default_factory=list)

    @property
    def declared(self) -> bool:
        """Whether a record of money stands between the channel and the treasury."""
        return any(
            row.state in (ReceivableState.DECLARED_UNPAID, ReceivableState.DEBITING) for row in self.due
        )


def status_of(*, person_id: int, year: int, on: date) -> Status:
    """The standing of a person for a year, in all regions, on day ``on``."""
    standing = obstacles.standing_of(person_id=person_id, year=year, on=on)
    due = [DueView(row.pk, row.region_id, row.state, row.amount_due) for row in standing.receivables]
    covers = [row.start for row in cover.in_force_for([person_id], year) if row.start is not None]
    return Status(
        registered=bool(standing.enrollments),
        regions=sorted({row.region_id for row in standing.enrollments}),
        due=due,
        locked=_lock(
            [
                row.receivable
                for row in due
                if row.state in (ReceivableState.DECLARED_UNPAID, ReceivableState.DEBITING)
            ]
        ),
        paid=[_paid(row) for row in due if row.state in obstacles.PAID_STATES],
        covered_from=min(covers, default=None),
        problems=standing.obstacles,
    )


def _lock(receivables: list[int]) -> LockView | None:
    hold = Hold.objects.filter(pk__in=receivables).order_by("pk").first()
    if hold is None:
        return None
    if hold.order_id is None:
        return LockView("BANK_BATCH")
    order = Order.objects.get(pk=hold.order_id)
    return LockView(
        order.channel, order.number, order.client_code, order.locked_until.isoformat(timespec="seconds")
    )


def _paid(row: DueView) -> PaidView:
    payment = Payment.objects.filter(
        pk__gte=row.receivable * 100, pk__lt=row.receivable * 100 + 100
    ).order_by("-pk")[0]
    payer = ""
    if payment.line_id is not None and payment.line_id >= FIRST_LINE:
        payer = OrderLine.objects.select_related("order").get(pk=payment.line_id).order.payer_name
    elif payment.instruction_id is not None:
        payer = _holder(payment.instruction_id)
    settled = row.state == ReceivableState.IN_TREASURY
    return PaidView(
        payment.debited_on, payment.channel, row.region, payment.amount, mask_name(payer), settled
    )


def _holder(instruction_id: int) -> str:
    found = Instruction.objects.filter(pk=instruction_id).values_list("holder", flat=True)
    return str(found[0]) if found else ""


def nobody() -> Status:
    """Not registered, as far as the asker may know."""
    return Status(registered=False, problems=[obstacles.named("PERSON_NOT_FOUND")])

"""What a channel says of money: an order was debited, or a payment of it is taken back on the same day.

A debit is a fact. Each receivable of the order that nothing carries yet is paid and its cover starts; where another
payment or aid carries the year, the money is booked as a duplicate; where the amount differs it becomes work for a person.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from bureau import audit
from bureau.calendars import load_calendar
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.money import yuan
from enrollment.models import Coverage, Person
from enrollment.services import cover, policies
from payments.models import (
    DuplicatePayment,
    Order,
    OrderLine,
    Payment,
    Reversal,
    SiblingReceivable,
    WorkItem,
    WorkKind,
)
from payments.models.orders import FIRST_LINE
from payments.services import orders
from payments.states import OrderState

DAYS_LATE = 3
SLACK = timedelta(minutes=5)
"""So far the clocks of partners may be apart."""


class AmountDiffers(BureauError):
    """Another amount was debited than the order's: nothing is posted, a person looks at it."""

    code = "ORDER_AMOUNT_DIFFERS"
    message = gettext_noop(
        "The order is of %(due)s yuan; %(debited)s were debited. The bureau looks into it."
    )


class DebitTimeOutside(BureauError):
    """A debit before the order, or in the future."""

    code = "DEBIT_TIME_OUTSIDE"
    message = gettext_noop("The debit time lies outside the life of the order.")


class SerialTaken(BureauError):
    """The channel's serial paid another order."""

    code = "SERIAL_TAKEN"
    message = gettext_noop("This serial belongs to order %(number)s.")


class PaymentUnknown(BureauError):
    """No such payment of this partner."""

    code = "PAYMENT_UNKNOWN"
    message = gettext_noop("There is no payment %(payment)s.")


class ReversalTooLate(BureauError):
    """Channels take back on the day of the debit; later it is a refund."""

    code = "REVERSAL_TOO_LATE"
    message = gettext_noop("Payments of %(day)s can no longer be reversed: apply for a refund.")


@dataclass(frozen=True)
class _Place:
    """Where a line's money goes: its own payment, or beside what carries the year."""

    line: OrderLine
    payment_id: int
    carried_by: int | None = None
    exempt_by: int | None = None

    @property
    def is_payment(self) -> bool:
        """Whether nothing else carries the year."""
        return self.carried_by is None and self.exempt_by is None


def pay(
    *, number: str, client: str | None, serial: str, amount: Decimal, debited_at: datetime, at: datetime
) -> Order:
    """Book an order that the channel debited; the same call again changes nothing.

    Also for an order that was given up meanwhile. Raises OrderUnknown, OrderMoved (paid under another serial),
    SerialTaken, DebitTimeOutside, AmountDiffers (after the work item was written).
    """
    with transaction.atomic(), audit.acting(by=None, why="pay an order", client=client, order=number):
        order = orders.locked(number, client)
        if order.state == OrderState.PAID:
            if (order.channel_serial, order.amount) == (serial, amount):
                return order
            raise orders.OrderMoved(number=number, state=order.state, wanted=OrderState.PAID.value)
        other = Order.objects.filter(channel=order.channel, channel_serial=serial).order_by("pk").first()
        if other is not None:
            raise SerialTaken(number=other.number)
        if not order.opened_at - SLACK <= debited_at <= at + SLACK:
            raise DebitTimeOutside()
        if amount == order.amount:
            _book(order, serial, debited_at, at)
            return order
        _look_into(order, serial, amount, at)
    raise AmountDiffers(due=yuan(order.amount), debited=yuan(amount))


def _book(order: Order, serial: str, debited_at: datetime, at: datetime) -> None:
    lines = list(order.lines.order_by("receivable_id"))
    persons = sorted(line.person_id for line in lines)
    list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=persons).order_by("pk"))
    on = day_of(debited_at)
    places = [_place(line) for line in lines]
    paid = [place for place in places if place.is_payment]
    Payment.objects.bulk_create(
        Payment(
            id=place.payment_id,
            region_id=place.line.region_id,
            person_id=place.line.person_id,
            amount=place.line.amount,
            debited_on=on,
            channel=order.channel,
            line_id=place.line.pk,
            channel_serial=serial,
            posted_at=at,
        )
        for place in paid
    )
    DuplicatePayment.objects.bulk_create(
        DuplicatePayment(
            line_id=place.line.pk,
            region_id=place.line.region_id,
            person_id=place.line.person_id,
            receivable_id=place.line.receivable_id,
            carried_by=place.carried_by,
            exempt_by=place.exempt_by,
            amount=place.line.amount,
            debited_on=on,
            channel=order.channel,
            posted_at=at,
        )
        for place in places
        if not place.is_payment
    )
    _start_cover(paid, on, at)
    order.state, order.ended_at = OrderState.PAID.value, at
    order.channel_serial, order.debited_at = serial, debited_at
    order.save(update_fields=["state", "ended_at", "channel_serial", "debited_at"])
    orders.release(order)


def _place(line: OrderLine) -> _Place:
    """Looked at under the person's lock, which every writer of a payment for several regions takes."""
    back = Reversal.objects.filter(receivable_id=line.receivable_id, payment_id__isnull=False).count()
    payment_id = line.receivable_id * 100 + back
    if Payment.objects.filter(pk=payment_id).exists():
        return _Place(line, payment_id, carried_by=payment_id)
    mine = SiblingReceivable.objects.filter(pk=line.receivable_id).values("benefit_year")
    others = SiblingReceivable.objects.filter(person_id=line.person_id, benefit_year__in=mine)
    for other in others.exclude(pk=line.receivable_id).order_by("pk").values_list("pk", flat=True):
        there = {"pk__gte": other * 100, "pk__lt": other * 100 + 100}
        reversed_ones = Reversal.objects.filter(receivable_id=other, payment_id__isnull=False).values(
            "payment_id"
        )
        live = Payment.objects.filter(**there).exclude(pk__in=reversed_ones).order_by("pk").first()
        if live is not None:
            return _Place(line, payment_id, carried_by=live.pk)
        force = Coverage.objects.filter(**there).order_by("-pk").first()
        if force is not None and force.start is not None and force.payment_id is None:
            return _Place(line, payment_id, exempt_by=force.pk)
    return _Place(line, payment_id)


def _start_cover(paid: Sequence[_Place], on: date, at: datetime) -> None:
    """Cover of each region and year by its policy, from enrollment's own service."""
    groups: dict[tuple[str, int], list[_Place]] = defaultdict(list)
    for place in paid:
        groups[place.line.region_id, place.payment_id // 10**12].append(place)
    for (region_id, year), places in sorted(groups.items(), key=lambda one: one[0]):
        policy = policies.in_force(region_id, year)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE posted_order ON COMMIT DROP AS SELECT * FROM unnest("
                "%(payments)s::bigint[], %(receivables)s::bigint[], %(persons)s::bigint[]) AS t "
                "(payment_id, receivable_id, person_id) CROSS JOIN (SELECT %(region)s::varchar AS region_id, "
                "%(on)s::date AS paid_on) AS same",
                {
                    "payments": [place.payment_id for place in places],
                    "receivables": [place.line.receivable_id for place in places],
                    "persons": [place.line.person_id for place in places],
                    "region": region_id,
                    "on": on,
                },
            )
            cover.start_cover(relation="posted_order", policy=policy, at=at)
            cursor.execute("DROP TABLE posted_order")


def _look_into(order: Order, serial: str, amount: Decimal, at: datetime) -> None:
    """Money that fits no order hangs on a work item with its amount, once a serial."""
    line = order.lines.order_by("pk")[0]
    today = day_of(at)
    calendar = load_calendar(today, today + timedelta(days=21))
    WorkItem.objects.get_or_create(
        kind=WorkKind.UNMATCHED,
        line_id=line.pk,
        defaults={
            "region_id": order.region_id,
            "person_id": line.person_id,
            "amount": amount,
            "reason": "ORDER_AMOUNT_DIFFERS",
            "due_on": calendar.add_workdays(today, DAYS_LATE),
            "opened_at": at,
        },
    )


def reverse(*, payment_id: int, client: str | None, at: datetime) -> Reversal:
    """Take back a payment of an order on the day of its debit: cover ends, the receivable is open again.

    The same call again returns the same reversal. Raises PaymentUnknown, ReversalTooLate.
    """
    with (
        transaction.atomic(),
        audit.acting(by=None, why="reverse a payment", client=client, payment=payment_id),
    ):
        payment = Payment.objects.filter(pk=payment_id, line_id__gte=FIRST_LINE).order_by("pk").first()
        wanted = None if payment is None else payment.line_id
        line = OrderLine.objects.select_related("order").filter(pk=wanted or 0).order_by("pk").first()
        if payment is None or line is None or client not in (None, line.order.client_code):
            raise PaymentUnknown(payment=payment_id)
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.person_id)
        before = Reversal.objects.filter(payment_id=payment.pk).order_by("pk").first()
        if before is not None:
            return before
        if day_of(at) != payment.debited_on:
            raise ReversalTooLate(day=payment.debited_on.isoformat())
        made = Reversal.objects.create(
            line_id=line.pk,
            region_id=payment.region_id,
            person_id=payment.person_id,
            payment_id=payment.pk,
            booked_line_id=line.pk,
            receivable_id=line.receivable_id,
            amount=payment.amount,
            reversed_on=day_of(at),
            posted_at=at,
        )
        cover.end_cover(receivable_ids=[line.receivable_id], reason="REVERSED", at=at)
        return made

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
from enrollment.whatif import Window, window_on
from payments.models import (
    DuplicatePayment,
    Order,
    OrderDebit,
    OrderLine,
    Payment,
    Reversal,
    SiblingReceivable,
    Swap,
    WorkItem,
    WorkKind,
)
from payments.models.orders import FIRST_LINE
from payments.models.receivables import NUMBERS_A_YEAR
from payments.services import earlierdebits, orders, promised
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


class DebitedOutsideYear(BureauError):
    """Debited on a day on which the year cannot be paid: nothing is posted, a person looks at it."""

    code = "DEBITED_OUTSIDE_YEAR"
    message = gettext_noop("Nothing can be paid on %(day)s for this year. The bureau looks into it.")


class SerialTaken(BureauError):
    """The channel's serial stands for another order or amount."""

    code = "SERIAL_TAKEN"
    message = gettext_noop("This serial was told already, for another order or another amount.")


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
    *,
    number: str,
    client: str | None,
    serial: str,
    amount: Decimal,
    debited_at: datetime,
    at: datetime,
    source: str = OrderDebit.Source.CALL,
) -> Order:
    """Book money that a channel took for an order; the same serial again changes nothing.

    Also for an order that was given up meanwhile, and beside an order that is paid already: a second debit is booked as a
    further order whose lines are duplicates. ``source``: how the bureau knows (OrderDebit.Source). Raises OrderUnknown,
    SerialTaken, DebitTimeOutside; AmountDiffers and DebitedOutsideYear after the work item was written.
    """
    with transaction.atomic(), audit.acting(by=None, why="pay an order", client=client, order=number):
        order = orders.locked(number, client)
        told = OrderDebit.objects.filter(channel=order.channel, channel_serial=serial).order_by("pk").first()
        if told is not None:
            if (told.order_id, told.amount) != (order.pk, amount):
                raise SerialTaken()
        else:
            if not order.opened_at - SLACK <= debited_at <= at + SLACK:
                raise DebitTimeOutside()
            told = _take(order, _Said(serial, amount, debited_at, str(source)), at)
        if told.outcome != OrderDebit.Outcome.DIFFERS:
            return order
        refusal = _refusal(order, told)
    raise refusal


@dataclass(frozen=True)
class _Said:
    """What a channel says it took."""

    serial: str
    amount: Decimal
    debited_at: datetime
    source: str


def _take(order: Order, said: _Said, at: datetime) -> OrderDebit:
    """Write down what was said, once, and where the money went."""
    was, on = order.state, day_of(said.debited_at)
    lines = list(order.lines.select_related("person").order_by("receivable_id"))
    reason = ""
    if said.amount != order.amount:
        reason = AmountDiffers.code
    elif any(_outside(line, on) for line in lines):
        reason = DebitedOutsideYear.code
    item = booked = None
    outcome = OrderDebit.Outcome.DIFFERS
    if reason:
        item = _look_into(order, lines[0], said.amount, reason, at)
    elif was == OrderState.PAID:
        outcome, booked = OrderDebit.Outcome.AGAIN, _again(order, lines, said, at)
    else:
        outcome, booked = OrderDebit.Outcome.BOOKED, order
        _book(order, lines, said, at)
        orders.release(order)
    return OrderDebit.objects.create(
        order=order,
        region_id=order.region_id,
        channel=order.channel,
        channel_serial=said.serial,
        amount=said.amount,
        debited_at=said.debited_at,
        told_at=at,
        source=said.source,
        was=was,
        outcome=outcome,
        booked_as=booked,
        item=item,
    )


def _refusal(order: Order, told: OrderDebit) -> BureauError:
    if told.amount != order.amount:
        return AmountDiffers(due=yuan(order.amount), debited=yuan(told.amount))
    return DebitedOutsideYear(day=day_of(told.debited_at).isoformat())


def _outside(line: OrderLine, on: date) -> bool:
    """Whether nothing may be paid for the line on that day; newborns pay by a rule of their own."""
    year = line.receivable_id // NUMBERS_A_YEAR
    birth = line.person.birth_date
    if birth is not None and birth.year >= year - 1:
        return False
    return window_on(policies.in_force(line.region_id, year).values, on) in (Window.NOT_OPEN, Window.CLOSED)


def _again(order: Order, lines: Sequence[OrderLine], said: _Said, at: datetime) -> Order:
    """A further order for a second debit: its lines are duplicates of what carries the year."""
    key, numbers = orders.numbers_for(len(lines))
    further = Order.objects.create(
        pk=key,
        number=orders.number_of(key, at),
        client_code=order.client_code,
        channel=order.channel,
        region_id=order.region_id,
        payer_name=order.payer_name,
        payer_account=order.payer_account,
        card_type=order.card_type,
        amount=order.amount,
        state=OrderState.PAID.value,
        opened_at=at,
        locked_until=at + SLACK,
        ended_at=at,
        channel_serial=said.serial,
        debited_at=said.debited_at,
        again_for=order,
    )
    copies = OrderLine.objects.bulk_create(
        OrderLine(
            id=number,
            order=further,
            receivable_id=line.receivable_id,
            person_id=line.person_id,
            region_id=line.region_id,
            amount=line.amount,
        )
        for number, line in zip(numbers, lines, strict=True)
    )
    _book(further, copies, said, at)
    return further


def _book(order: Order, lines: Sequence[OrderLine], said: _Said, at: datetime) -> None:
    persons = sorted(line.person_id for line in lines)
    list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=persons).order_by("pk"))
    on = day_of(said.debited_at)
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
            channel_serial=said.serial,
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
    _compare(places, on, at)
    if order.state != OrderState.PAID:
        order.state, order.ended_at = OrderState.PAID.value, at
        order.channel_serial, order.debited_at = said.serial, said.debited_at
        order.save(update_fields=["state", "ended_at", "channel_serial", "debited_at"])


def _compare(places: Sequence[_Place], on: date, at: datetime) -> None:
    """A duplicate that was debited earlier than what carries the year and would cover sooner is put before a supervisor."""
    late = [
        earlierdebits.Late(
            place.line.pk, place.line.person_id, place.line.region_id, place.line.amount, on, place.carried_by
        )
        for place in places
        if place.carried_by is not None
    ]
    if late:
        today = day_of(at)
        calendar = load_calendar(today, today + timedelta(days=21))
        earlierdebits.open_items(late=late, due_on=calendar.add_workdays(today, DAYS_LATE), at=at)


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


def _look_into(order: Order, line: OrderLine, amount: Decimal, reason: str, at: datetime) -> WorkItem:
    """Money that fits no order hangs on a work item with its amount; the first one of an order names its line."""
    today = day_of(at)
    calendar = load_calendar(today, today + timedelta(days=21))
    first = not WorkItem.objects.filter(kind=WorkKind.UNMATCHED, line_id=line.pk).exists()
    return WorkItem.objects.create(
        kind=WorkKind.UNMATCHED,
        line_id=line.pk if first else None,
        region_id=order.region_id,
        person_id=line.person_id,
        amount=amount,
        reason=reason,
        due_on=calendar.add_workdays(today, DAYS_LATE),
        opened_at=at,
    )


def reverse(*, payment_id: int, client: str | None, at: datetime) -> Reversal:
    """Take back a payment of an order on the day of its debit: cover ends, the receivable is open again.

    ``payment_id`` is a payment's number or, for money booked as a duplicate, that of its line. The same call again returns
    the same reversal. Raises PaymentUnknown, ReversalTooLate, GoesBackAlready.
    """
    with (
        transaction.atomic(),
        audit.acting(by=None, why="reverse a payment", client=client, payment=payment_id),
    ):
        booked = _booked(payment_id)
        line_id = 0 if booked is None else booked.line_id
        line = OrderLine.objects.select_related("order").filter(pk=line_id or 0).order_by("pk").first()
        if booked is None or line is None or client not in (None, line.order.client_code):
            raise PaymentUnknown(payment=payment_id)
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=line.person_id)
        booked = _booked(payment_id) or booked
        before = Reversal.objects.filter(booked_line_id=line.pk).order_by("pk").first()
        if before is not None:
            return before
        if day_of(at) != booked.debited_on:
            raise ReversalTooLate(day=booked.debited_on.isoformat())
        is_payment = isinstance(booked, Payment)
        promised.check(
            payment_id=booked.pk if is_payment else None, duplicate_id=None if is_payment else booked.pk
        )
        made = Reversal.objects.create(
            line_id=line.pk,
            region_id=booked.region_id,
            person_id=line.person_id,
            payment_id=booked.pk if is_payment else None,
            duplicate_id=None if is_payment else booked.pk,
            booked_line_id=line.pk,
            receivable_id=line.receivable_id,
            amount=booked.amount,
            reversed_on=day_of(at),
            posted_at=at,
        )
        if is_payment:
            cover.end_cover(receivable_ids=[line.receivable_id], reason="REVERSED", at=at)
        return made


def _booked(number: int) -> Payment | DuplicatePayment | None:
    """What the money is booked as now: it may have changed places with another payment of the year, and back."""
    found: Payment | DuplicatePayment | None
    if number >= FIRST_LINE:
        found = DuplicatePayment.objects.filter(pk=number).order_by("pk").first()
    else:
        found = Payment.objects.filter(pk=number, line_id__gte=FIRST_LINE).order_by("pk").first()
    while found is not None:
        swaps = Swap.objects.order_by("pk")
        if isinstance(found, Payment):
            swap = swaps.filter(payment_id=found.pk).first()
            follower: Payment | DuplicatePayment | None = (
                None if swap is None else DuplicatePayment.objects.get(pk=swap.line_id or 0)
            )
        else:
            swap = swaps.filter(duplicate_id=found.pk).first()
            follower = None if swap is None else Payment.objects.get(pk=swap.carried_by)
        if follower is None:
            break
        found = follower
    return found

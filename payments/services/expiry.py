"""Orders whose lock time is over: the channel is asked first; what it says decides, and its silence after a day.

Asking happens outside of any transaction: a channel that is slow holds no lock of ours.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from bureau import access, audit
from bureau.errors import BureauError
from bureau.models import User
from payments.models import Order
from payments.services import asking, channels, orderpayments, orders
from payments.services.asking import Said, Source, Word
from payments.states import OrderState

GRACE = timedelta(hours=24)
"""So long a channel may take to say what became of an order whose lock time is over."""
_TAKEN = frozenset({orderpayments.AmountDiffers.code, orderpayments.DebitedOutsideYear.code})


@dataclass(frozen=True)
class Expired:
    """How many orders were asked about for the first time, found paid, given up, and still wait for an answer."""

    asked: int = 0
    paid: int = 0
    expired: int = 0
    waiting: int = 0

    def __add__(self, other: "Expired") -> "Expired":
        return Expired(
            self.asked + other.asked,
            self.paid + other.paid,
            self.expired + other.expired,
            self.waiting + other.waiting,
        )


def expire(*, at: datetime, most: int = 1_000, sources: Sequence[Source] | None = None) -> Expired:
    """Ask about every order whose lock time is over, at most ``most``; several of these at once share the work.

    Repeating it changes nothing but what the channels say anew. ``sources``: whom to ask (default: asking.SOURCES).
    """
    found = Expired()
    for key in _due(at, most):
        found += _one(key, at, sources)
    return found


def _due(at: datetime, most: int) -> list[int]:
    waiting = Order.objects.filter(
        state__in=[OrderState.OPEN, OrderState.ASKED], locked_until__lte=at
    ).order_by("locked_until", "pk")
    return list(waiting.values_list("pk", flat=True)[:most])


def ask_now(
    *, number: str, by: User, at: datetime, sources: Sequence[Source] | None = None
) -> tuple[Order, Said]:
    """A clerk asks the channel about an order that is not finished, before its time is over; silence changes nothing.

    Raises OrderUnknown, OrderMoved (finished), NotAllowed, OutOfScope.
    """
    with transaction.atomic():
        order = orders.locked(number)
        access.require(by, "order.cancel", order.region_id)
        if order.state not in (OrderState.OPEN, OrderState.ASKED):
            raise orders.OrderMoved(number=number, state=order.state, wanted=OrderState.ASKED.value)
    terms = channels.terms_of(channel=order.channel, region_id=order.region_id)
    said = asking.ask(order=order, terms=terms, at=at, sources=sources)
    if said.word == Word.PAID:
        _pay(order, said, at)
    elif said.word == Word.UNPAID:
        orders.cancel(number=number, client=None, at=at, by=by, reason="the channel says that it is not paid")
    order.refresh_from_db()
    return order, said


def _one(key: int, at: datetime, sources: Sequence[Source] | None) -> Expired:
    """One order: asked, then paid, given up, or waiting."""
    found = Expired()
    with _turn(key) as mine:
        if not mine:
            return found
        with transaction.atomic(), audit.acting(by=None, why="an order whose time is over"):
            order = Order.objects.select_for_update(of=("self",)).get(pk=key)
            if order.state == OrderState.OPEN:
                order.state, order.asked_at = OrderState.ASKED.value, at
                order.save(update_fields=["state", "asked_at"])
                found = replace(found, asked=1)
        if order.state != OrderState.ASKED:
            return found
        terms = channels.terms_of(channel=order.channel, region_id=order.region_id)
        said = asking.ask(order=order, terms=terms, at=at, sources=sources)
        if said.word == Word.PAID and _pay(order, said, at):
            return replace(found, paid=1)
        return _give_up(order, said, at, found)


@contextmanager
def _turn(key: int) -> Iterator[bool]:
    """One asks about an order at a time: a lock of the session, for no transaction is open while the channel thinks."""
    name = f"expire:{key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _pay(order: Order, said: Said, at: datetime) -> bool:
    """Whether the order is paid now; money that does not fit hangs on a work item, and the order waits on."""
    if said.debited_at is None:
        return False
    try:
        orderpayments.pay(
            number=order.number,
            client=None,
            serial=said.serial,
            amount=said.amount,
            debited_at=said.debited_at,
            at=at,
            source=said.source,
        )
    except BureauError:
        # Another serial's money, a time that cannot be, an amount that differs: nothing of it pays this order.
        return False
    return True


def _give_up(order: Order, said: Said, at: datetime, found: Expired) -> Expired:
    with transaction.atomic(), audit.acting(by=None, why="an order whose time is over", said=said.word.value):
        row = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        if row.state != OrderState.ASKED:
            return found
        late = row.asked_at is not None and row.asked_at <= at - GRACE
        if said.word == Word.UNPAID or late:
            orders.end(row, OrderState.EXPIRED, at)
            return replace(found, expired=1)
    return replace(found, waiting=1)

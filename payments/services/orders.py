"""Orders: opened under the locks of everybody they pay for, priced by the day, ended by payment, cancellation or time.

The hold of each receivable is the lock across all channels: its primary key lets one order or instruction collect at a
time. Money that a channel tells after an order was given up is a fact and is booked all the same (orderpayments.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from bureau import audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region
from bureau.money import ZERO
from enrollment.models import Person, Policy
from enrollment.services import policies
from payments.models import ChannelTerms, Hold, Order, OrderLine, Receivable
from payments.models.orders import FIRST_LINE
from payments.problems import CATALOGUE, Problem
from payments.services import channels, obstacles, receivables
from payments.services.obstacles import Obstacle
from payments.states import OrderState

GRACE = timedelta(hours=24)
"""So long a channel may take to say what became of an order whose lock time is over."""
CREDIT = "CREDIT"
_AGREED = frozenset({"LATE_WAIT", "NO_CARD_BOUND", "BATCH_DEBIT_FAILED", "DUP_PAYMENT", "STOP_NOT_SYNCED"})


class OrderRefused(BureauError):
    """A problem of the catalogue stands in the way; ``problem`` and ``obstacle`` say which and what is known of it."""

    code = "ORDER_REFUSED"
    message = gettext_noop("A problem stands in the way of this order.")

    def __init__(self, obstacle: Obstacle, **params: Any) -> None:
        super().__init__(**params)
        self.message = obstacle.problem.message
        self.obstacle = obstacle
        self.code = obstacle.problem.code

    @property
    def problem(self) -> Problem:
        """The row of the catalogue."""
        return self.obstacle.problem


class OrderUnknown(BureauError):
    """No such order of this partner."""

    code = "ORDER_UNKNOWN"
    message = gettext_noop("There is no order %(number)s.")


class OrderEmpty(BureauError):
    """An order for nobody."""

    code = "ORDER_EMPTY"
    message = gettext_noop("An order names at least one insured person, each once.")


class OrderMoved(BureauError):
    """The order is past that."""

    code = "illegal_transition"
    message = gettext_noop("Order %(number)s is %(state)s: it cannot be %(wanted)s.")


@dataclass(frozen=True)
class Wanted:
    """Somebody to pay for; ``region_id`` where receivables of several regions were found."""

    person_id: int
    year: int
    region_id: str | None = None


@dataclass(frozen=True)
class Payer:
    """Who pays, as the channel knows them."""

    name: str
    account: str = ""
    card_type: str = "DEBIT"


@dataclass(frozen=True)
class _Priced:
    """A line before it is written."""

    receivable: Any
    amount: Decimal
    start: date | None
    wait_months: int


def open_order(
    *,
    client: str,
    channel: str,
    payer: Payer,
    wanted: Sequence[Wanted],
    at: datetime,
    consent: bool = False,
) -> Order:
    """Open an order and hold every receivable it pays, all or none.

    ``client`` is the partner's code; ``consent`` says that the payer was told of the wait and agreed. Raises
    OrderRefused with the first problem of the catalogue that stands in the way, OrderEmpty, ChannelUnknown.
    """
    on = day_of(at)
    if not wanted or len({one.person_id for one in wanted}) != len(wanted):
        raise OrderEmpty()
    with transaction.atomic(), audit.acting(by=None, why="open an order", client=client, channel=channel):
        ids = sorted(one.person_id for one in wanted)
        list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk"))
        lines = [
            _line(one, channel, consent, on, at) for one in sorted(wanted, key=lambda one: one.person_id)
        ]
        terms, policy = _terms(channel, lines[0].receivable)
        _check_payer(terms, policy, payer, len(lines))
        return _write(client, channel, payer, consent, lines, terms, policy, at)


def _line(one: Wanted, channel: str, consent: bool, on: date, at: datetime) -> _Priced:
    """The receivable of one person, looked at under the person's lock and priced for the day."""
    standing = obstacles.standing_of(person_id=one.person_id, year=one.year, on=on)
    due = [row for row in standing.receivables if one.region_id in (None, row.region_id)]
    for obstacle in standing.obstacles:
        chosen = obstacle.code == "MULTI_RECEIVABLE" and one.region_id is not None
        agreed = obstacle.code in _AGREED and (consent or obstacle.code != "LATE_WAIT")
        if not chosen and not agreed:
            raise OrderRefused(obstacle, person=one.person_id)
    if len(due) != 1 or standing.answer is None:
        raise OrderRefused(Obstacle(CATALOGUE["NO_RECEIVABLE"]), person=one.person_id)
    receivable = due[0]
    _check_place(channel, receivable.region_id, one.year)
    receivables.reassess(
        region_id=receivable.region_id, year=one.year, on=on, reason="the price of the day", by=None, at=at,
        receivable_ids=[receivable.pk],
    )  # fmt: skip
    fresh: Any = Receivable.objects.with_state().get(pk=receivable.pk)
    if fresh.amount_due == ZERO:
        raise OrderRefused(Obstacle(CATALOGUE["ALREADY_PAID"], {"channel": "AID"}), person=one.person_id)
    decision = standing.answer.decision
    return _Priced(fresh, fresh.amount_due, decision.start, decision.wait_months)


def _terms(channel: str, receivable: Any) -> tuple[ChannelTerms, Policy]:
    terms = channels.terms_of(channel=channel, region_id=receivable.region_id)
    return terms, policies.in_force(receivable.region_id, receivable.benefit_year)


def _check_place(channel: str, region_id: str, year: int) -> None:
    """Online payment is the region's to allow, and the channel's terms say whether it is open there."""
    terms = channels.terms_of(channel=channel, region_id=region_id)
    if not terms.takes_orders:
        raise OrderRefused(Obstacle(CATALOGUE["CHANNEL_CLOSED"], {"region": region_id}))
    if terms.mode != ChannelTerms.Mode.REALTIME or terms.keyed_by != ChannelTerms.KeyedBy.CHANNEL:
        return
    region = Region.objects.get(pk=region_id)
    disabled = policies.in_force(region_id, year).values.online_disabled
    if not region.online_enabled or region_id in disabled:
        raise OrderRefused(Obstacle(CATALOGUE["REGION_NOT_ENABLED"], {"region": region_id}))


def _check_payer(terms: ChannelTerms, policy: Policy, payer: Payer, persons: int) -> None:
    if terms.debit_cards_only and payer.card_type == CREDIT:
        raise OrderRefused(Obstacle(CATALOGUE["CARD_TYPE_UNSUPPORTED"]))
    most = terms.max_persons or policy.values.max_persons_per_account
    if persons > most:
        raise OrderRefused(Obstacle(CATALOGUE["PAYER_LIMIT"], {"most": most}))


def _write(
    client: str,
    channel: str,
    payer: Payer,
    consent: bool,
    lines: Sequence[_Priced],
    terms: ChannelTerms,
    policy: Policy,
    at: datetime,
) -> Order:
    minutes = terms.lock_minutes or policy.values.lock_minutes
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('payments_order_id_seq'), array(SELECT nextval('payments_order_line_number') "
            "FROM generate_series(1, %s))",
            [len(lines)],
        )
        key, numbers = cursor.fetchone()
    order = Order.objects.create(
        pk=key,
        number=f"{day_of(at):%Y%m%d}{key:010d}",
        client_code=client,
        channel=channel,
        region_id=lines[0].receivable.region_id,
        payer_name=payer.name,
        payer_account=payer.account,
        card_type=payer.card_type,
        amount=sum((line.amount for line in lines), ZERO),
        consent=consent,
        opened_at=at,
        locked_until=at + timedelta(minutes=minutes),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            id=FIRST_LINE + number,
            order=order,
            receivable_id=line.receivable.pk,
            person_id=line.receivable.person_id,
            region_id=line.receivable.region_id,
            amount=line.amount,
            cover_start=line.start,
            wait_months=line.wait_months,
        )
        for number, line in zip(numbers, lines, strict=True)
    )
    _hold(order, lines, at)
    return order


def _hold(order: Order, lines: Sequence[_Priced], at: datetime) -> None:
    """The primary key decides between two orders that looked at the same moment."""
    for line in sorted(lines, key=lambda line: line.receivable.pk):
        try:
            with transaction.atomic():
                Hold.objects.create(
                    receivable_id=line.receivable.pk,
                    region_id=line.receivable.region_id,
                    order_id=order.pk,
                    held_at=at,
                )
        except IntegrityError:
            raise OrderRefused(Obstacle(CATALOGUE["OPEN_ORDER"]), person=line.receivable.person_id) from None


def locked(number: str, client: str | None = None) -> Order:
    """The order under its lock; raises OrderUnknown, also for an order of another partner."""
    found = Order.objects.select_for_update(of=("self",)).filter(number=number)
    if client is not None:
        found = found.filter(client_code=client)
    order = found.order_by("pk").first()
    if order is None:
        raise OrderUnknown(number=number)
    return order


def cancel(*, number: str, client: str | None, at: datetime) -> Order:
    """The payer gave up: the receivables are free again. An order that ended without money stays as it ended.

    Raises OrderUnknown, OrderMoved (paid).
    """
    with transaction.atomic(), audit.acting(by=None, why="cancel an order", client=client, order=number):
        order = locked(number, client)
        if order.state == OrderState.PAID:
            raise OrderMoved(number=number, state=order.state, wanted=OrderState.CANCELLED.value)
        if order.state in (OrderState.OPEN, OrderState.ASKED):
            _end(order, OrderState.CANCELLED, at)
        return order


def _end(order: Order, state: OrderState, at: datetime) -> None:
    order.state, order.ended_at = state.value, at
    order.save(update_fields=["state", "ended_at"])
    release(order)


def release(order: Order) -> None:
    """Let go of what the order held."""
    Hold.objects.filter(
        order_id=order.pk, pk__in=order.lines.values_list("receivable_id", flat=True)
    ).delete()


@dataclass(frozen=True)
class Expired:
    """How many orders were asked about, and how many were given up."""

    asked: int = 0
    expired: int = 0


def expire(*, at: datetime, most: int = 1_000) -> Expired:
    """Orders whose lock time is over: the channel is asked first; one that does not say within GRACE is given up.

    Several at once take different orders; repeating it changes nothing.
    """
    asked = expired = 0
    while asked + expired < most:
        with transaction.atomic(), audit.acting(by=None, why="orders whose time is over"):
            waiting = Order.objects.select_for_update(of=("self",), skip_locked=True)
            order = (
                waiting.filter(state=OrderState.OPEN, locked_until__lte=at)
                .order_by("locked_until", "pk")
                .first()
                or waiting.filter(state=OrderState.ASKED, asked_at__lte=at - GRACE)
                .order_by("asked_at", "pk")
                .first()
            )
            if order is None:
                break
            if order.state == OrderState.OPEN:
                order.state, order.asked_at = OrderState.ASKED.value, at
                order.save(update_fields=["state", "asked_at"])
                asked += 1
            else:
                _end(order, OrderState.EXPIRED, at)
                expired += 1
    return Expired(asked, expired)

"""Orders: opened under the locks of everybody they pay for, priced by the day, ended by payment, cancellation or time.

The hold of each receivable is the lock across all channels: its primary key lets one order or instruction collect at a
time. Money that a channel tells after an order was given up is a fact and is booked all the same (orderpayments.py).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.money import ZERO
from bureau.partners import RegionNotYours
from bureau.proposals import ReasonNeeded
from enrollment.models import Person, Policy
from enrollment.services import policies
from enrollment.whatif import WhatIf, sentence
from payments.models import ChannelTerms, Hold, Order, OrderConsent, OrderLine, Receivable
from payments.models.orders import FIRST_LINE
from payments.models.receivables import NUMBERS_A_YEAR
from payments.problems import CATALOGUE, Problem
from payments.services import channels, obstacles, receivables
from payments.services.obstacles import CREDIT, Obstacle
from payments.states import OrderState

LATE_WAIT, PAST_YEAR_END = "LATE_WAIT", "E_WAIT_PAST_YEAR_END"
_PASSED = frozenset(code for code, problem in CATALOGUE.items() if not problem.blocks) - {LATE_WAIT}
"""Worth telling, and no reason to refuse money."""


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
    """A line before it is written; ``agreed``: what the payer was told and accepted."""

    receivable: Any
    amount: Decimal
    answer: WhatIf
    agreed: tuple[str, ...]


@dataclass(frozen=True)
class _Terms:
    """What holds for an order: the channel, who may pay where, and what the payer agreed to."""

    channel: str
    consent: bool
    no_cover: bool
    regions: Collection[str] | None


def open_order(
    *,
    client: str,
    channel: str,
    payer: Payer,
    wanted: Sequence[Wanted],
    at: datetime,
    consent: bool = False,
    no_cover: bool = False,
    regions: Collection[str] | None = None,
) -> Order:
    """Open an order and hold every receivable it pays, all or none.

    ``client`` is the partner's code, ``regions`` those it may collect for (None: all). ``consent``: the payer was told of
    the wait and agreed; ``no_cover``: the payer was told that there is no cover this year and wants to pay all the same,
    where the channel's terms let that be. Raises OrderRefused with the first problem of the catalogue that stands in the
    way, OrderEmpty, ChannelUnknown, RegionNotYours.
    """
    on = day_of(at)
    if not wanted or len({one.person_id for one in wanted}) != len(wanted):
        raise OrderEmpty()
    how = _Terms(channel, consent, no_cover, regions)
    with transaction.atomic(), audit.acting(by=None, why="open an order", client=client, channel=channel):
        ids = sorted(one.person_id for one in wanted)
        list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk"))
        lines = [_line(one, how, on, at) for one in sorted(wanted, key=lambda one: one.person_id)]
        first = lines[0].receivable
        terms = channels.terms_of(channel=channel, region_id=first.region_id)
        policy = policies.in_force(first.region_id, first.benefit_year)
        _check_payer(terms, policy, payer, lines)
        return _write(client, payer, consent, lines, terms, policy, at)


def _line(one: Wanted, how: _Terms, on: date, at: datetime) -> _Priced:
    """The receivable of one person, looked at under the person's lock and priced for the day."""
    standing = obstacles.standing_of(person_id=one.person_id, year=one.year, on=on, region_id=one.region_id)
    due = [row for row in standing.receivables if one.region_id in (None, row.region_id)]
    place = due[0].region_id if len(due) == 1 else None
    if place is not None and one.region_id is None and standing.region_id != place:
        standing = obstacles.standing_of(person_id=one.person_id, year=one.year, on=on, region_id=place)
    agreed = _agreed(one, standing, how, place)
    if place is None or standing.answer is None:
        raise OrderRefused(Obstacle(CATALOGUE["NO_RECEIVABLE"]), person=one.person_id)
    _check_place(how, place, one)
    receivable = due[0]
    if receivable.amount_due != standing.answer.due.amount:
        receivables.reassess(
            region_id=place, year=one.year, on=on, reason="the price of the day", by=None, at=at,
            receivable_ids=[receivable.pk],
        )  # fmt: skip
        receivable = Receivable.objects.with_state().get(pk=receivable.pk)
    if receivable.amount_due == ZERO:
        raise OrderRefused(Obstacle(CATALOGUE["ALREADY_PAID"], {"channel": "AID"}), person=one.person_id)
    return _Priced(receivable, receivable.amount_due, standing.answer, agreed)


def _agreed(one: Wanted, standing: obstacles.Standing, how: _Terms, place: str | None) -> tuple[str, ...]:
    """What the payer agreed to; raises OrderRefused with the first obstacle that nobody can agree to, or did not."""
    agreed = []
    for obstacle in standing.obstacles:
        code = obstacle.code
        if code in _PASSED or (code == "MULTI_RECEIVABLE" and one.region_id is not None):
            continue
        if not _accepted(code, how, place):
            raise OrderRefused(obstacle, person=one.person_id)
        agreed.append(code)
    return tuple(agreed)


def _accepted(code: str, how: _Terms, place: str | None) -> bool:
    """Whether the payer was told of it and may accept it; cover for nothing only where the channel's terms say so."""
    if code == LATE_WAIT:
        return how.consent
    if code != PAST_YEAR_END or not how.no_cover or place is None:
        return False
    return channels.terms_of(channel=how.channel, region_id=place).past_year_end


def _check_place(how: _Terms, region_id: str, one: Wanted) -> None:
    """Online payment is the region's to allow, the channel's terms say whether it is open there, a partner has its regions."""
    if how.regions is not None and region_id not in how.regions:
        raise RegionNotYours(region=region_id)
    for obstacle in obstacles.of_channel(channel=how.channel, region_id=region_id, year=one.year):
        raise OrderRefused(obstacle, person=one.person_id)


def _check_payer(terms: ChannelTerms, policy: Policy, payer: Payer, lines: Sequence[_Priced]) -> None:
    """P18, P20: no credit card; an account pays for so many persons a year, over all its orders."""
    if terms.debit_cards_only and payer.card_type == CREDIT:
        raise OrderRefused(Obstacle(CATALOGUE["CARD_TYPE_UNSUPPORTED"]))
    most = terms.max_persons or policy.values.max_persons_per_account
    persons = {line.receivable.person_id for line in lines}
    if payer.account:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"payer:{terms.channel}:{payer.account}"],
            )
        year = lines[0].receivable.benefit_year
        persons |= set(
            OrderLine.objects.filter(
                order__channel=terms.channel,
                order__payer_account=payer.account,
                order__state__in=[OrderState.OPEN, OrderState.ASKED, OrderState.PAID],
                receivable_id__gte=year * NUMBERS_A_YEAR,
                receivable_id__lt=(year + 1) * NUMBERS_A_YEAR,
            ).values_list("person_id", flat=True)
        )
    if len(persons) > most:
        raise OrderRefused(Obstacle(CATALOGUE["PAYER_LIMIT"], {"most": most}))


def numbers_for(lines: int) -> tuple[int, list[int]]:
    """The key of a new order and the numbers of its lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('payments_order_id_seq'), array(SELECT nextval('payments_order_line_number') "
            "FROM generate_series(1, %s))",
            [lines],
        )
        key, numbers = cursor.fetchone()
    return key, [FIRST_LINE + number for number in numbers]


def number_of(key: int, at: datetime) -> str:
    """The order's number: its day and its key."""
    return f"{day_of(at):%Y%m%d}{key:010d}"


def _write(
    client: str,
    payer: Payer,
    consent: bool,
    lines: Sequence[_Priced],
    terms: ChannelTerms,
    policy: Policy,
    at: datetime,
) -> Order:
    minutes = terms.lock_minutes or policy.values.lock_minutes
    key, numbers = numbers_for(len(lines))
    order = Order.objects.create(
        pk=key,
        number=number_of(key, at),
        client_code=client,
        channel=terms.channel,
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
            id=number,
            order=order,
            receivable_id=line.receivable.pk,
            person_id=line.receivable.person_id,
            region_id=line.receivable.region_id,
            amount=line.amount,
            cover_start=line.answer.decision.start,
            wait_months=line.answer.decision.wait_months,
            told={"zh": sentence(line.answer), "en": sentence(line.answer, chinese=False)},
        )
        for number, line in zip(numbers, lines, strict=True)
    )
    OrderConsent.objects.bulk_create(
        OrderConsent(line_id=number, code=code, agreed_at=at)
        for number, line in zip(numbers, lines, strict=True)
        for code in line.agreed
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


def cancel(
    *, number: str, client: str | None, at: datetime, by: User | None = None, reason: str = ""
) -> Order:
    """The payer gave up: the receivables are free again. An order that ended without money stays as it ended.

    ``by``: the clerk who cancels at the desk, with a ``reason``. Raises OrderUnknown, OrderMoved (paid), ReasonNeeded,
    NotAllowed, OutOfScope.
    """
    why = reason.strip() or "cancel an order"
    with transaction.atomic(), audit.acting(by=by, why=why, client=client, order=number):
        order = locked(number, client)
        if by is not None:
            access.require(by, "order.cancel", order.region_id)
            if not reason.strip():
                raise ReasonNeeded()
        if order.state == OrderState.PAID:
            raise OrderMoved(number=number, state=order.state, wanted=OrderState.CANCELLED.value)
        if order.state in (OrderState.OPEN, OrderState.ASKED):
            end(order, OrderState.CANCELLED, at)
        return order


def end(order: Order, state: OrderState, at: datetime) -> None:
    """Without money; under the order's lock."""
    order.state, order.ended_at = state.value, at
    order.save(update_fields=["state", "ended_at"])
    release(order)


def release(order: Order) -> None:
    """Let go of what the order held."""
    Hold.objects.filter(
        order_id=order.pk, pk__in=order.lines.values_list("receivable_id", flat=True)
    ).delete()

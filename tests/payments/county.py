"""A county's whole window, day by day, over all channels: what people and machines do to it, by a seed, and where every
yuan must be at the end.

Orders are lost, told late, told twice, told wrong, taken back, paid in two channels at once; families pay together; who
paid nowhere is debited by the bank. The model beside it counts what each step must leave, without looking at the books.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db.models import Sum

from enrollment.models import Person
from payments.models import Channel, DuplicatePayment, Hold, Order, OrderDebit, Payment, Reversal, WorkItem
from payments.services import expiry, orderpayments, orders
from payments.services.asking import Said, Word
from payments.services.orders import Payer, Wanted
from tests.payments import kit

BEGIN = datetime(2024, 10, 8, 1, 0, tzinfo=UTC)
DAYS = 60
PRICE = Decimal("400.00")
NOT_ORDERED = {Channel.BANK_BATCH, Channel.MINZHENGTONG}
CHANNELS = [one.value for one in Channel if one not in NOT_ORDERED]
BATCH_SHARE = 0.2


@dataclass
class Model:
    """Where the money must be: fen by place, counted step by step."""

    told: Decimal = Decimal(0)
    payments: int = 0
    duplicates: int = 0
    reversed: int = 0
    loose: Decimal = Decimal(0)
    steps: Counter[str] = field(default_factory=Counter)


@dataclass
class County:
    """One seeded run; ``people`` pay in families of one to five."""

    people: Sequence[Person]
    seed: int
    model: Model = field(default_factory=Model)
    at: datetime = BEGIN
    serials: int = 0
    secret: dict[str, Said] = field(default_factory=dict)
    later: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    # ------------------------------------------------------------------ the window

    def play(self) -> None:
        """Every family does what the dice say, in the order of the days; then everything that is late comes."""
        families = self._families()
        step = timedelta(days=DAYS) / max(len(families), 1)
        acts = [self.plain] * 6 + [
            self.told_again, self.told_late, self.never_told, self.given_up, self.debited_twice, self.two_channels,
            self.wrong_amount, self.taken_back, self.cancelled,
        ]  # fmt: skip
        for nth, family in enumerate(families):
            self._until(BEGIN + step * nth)
            act = self.dice.choice(acts)
            self.model.steps[act.__name__] += 1
            act(family)
        self._until(self.at + timedelta(days=3))

    def _families(self) -> list[list[Person]]:
        rest, found = list(self.people), []
        while rest:
            size = min(self.dice.choice((1, 1, 2, 3, 4, 5)), len(rest))
            found.append(rest[:size])
            del rest[:size]
        return found

    def _until(self, moment: datetime) -> None:
        """What is due before ``moment`` happens; the beat asks about orders whose time is over."""
        self.later.sort(key=lambda one: one[0])
        while self.later and self.later[0][0] <= moment:
            when, act = self.later.pop(0)
            self.at = max(self.at, when)
            act()
            self.later.sort(key=lambda one: one[0])
        self.at = max(self.at, moment)
        expiry.expire(
            at=self.at, sources=[lambda order, *_: self.secret.get(order.number, Said(Word.UNPAID))]
        )

    # ------------------------------------------------------------------ what a channel does

    def _serial(self) -> str:
        self.serials += 1
        return f"C{self.seed}-{self.serials}"

    def _open(self, family: Sequence[Person], channel: str = "") -> Order:
        return orders.open_order(
            client="county",
            channel=channel or self.dice.choice(CHANNELS),
            payer=Payer(family[0].name),
            wanted=[Wanted(person.pk, kit.YEAR) for person in family],
            at=self.at,
        )

    def _tell(
        self, order: Order, serial: str, amount: Decimal | None = None, debited_at: datetime | None = None
    ) -> None:
        wrong = amount is not None
        try:
            orderpayments.pay(
                number=order.number,
                client="county",
                serial=serial,
                amount=order.amount if amount is None else amount,
                debited_at=debited_at or self.at,
                at=self.at,
            )
        except orderpayments.AmountDiffers:
            if not wrong:
                raise

    def _pays(
        self, order: Order, serial: str = "", carried: bool = False, debited_at: datetime | None = None
    ) -> str:
        """A first telling of a serial, and what it must leave: payments, or duplicates where the year is carried."""
        serial = serial or self._serial()
        self._tell(order, serial, debited_at=debited_at)
        lines = int(order.amount / PRICE)
        self.model.told += order.amount
        if carried:
            self.model.duplicates += lines
        else:
            self.model.payments += lines
        return serial

    # ------------------------------------------------------------------ what may happen

    def plain(self, family: Sequence[Person]) -> None:
        """Ordered, debited, told."""
        self._pays(self._open(family))

    def told_again(self, family: Sequence[Person]) -> None:
        """The answer was lost: the same serial is told until somebody answers."""
        order = self._open(family)
        serial = self._pays(order)
        for _time in range(self.dice.randint(1, 4)):
            self._tell(order, serial)

    def told_late(self, family: Sequence[Person]) -> None:
        """Debited in time, told days after the order was given up."""
        order, when = self._open(family), self.at
        self.later.append(
            (self.at + timedelta(days=self.dice.randint(1, 2)), lambda: self._late(order, when))
        )

    def _late(self, order: Order, when: datetime) -> None:
        self._pays(order, debited_at=when)

    def never_told(self, family: Sequence[Person]) -> None:
        """The channel forgot to tell, and says so when the bureau asks."""
        order = self._open(family)
        self.secret[order.number] = Said(Word.PAID, self._serial(), order.amount, self.at, "ASKED")
        self.model.told += order.amount
        self.model.payments += int(order.amount / PRICE)

    def given_up(self, family: Sequence[Person]) -> None:
        """Nobody paid; later the family pays elsewhere."""
        self._open(family)
        self.later.append((self.at + timedelta(hours=2), lambda: self._afresh(family)))

    def _afresh(self, family: Sequence[Person]) -> None:
        self._until_free()
        self._pays(self._open(family))

    def _until_free(self) -> None:
        expiry.expire(
            at=self.at, sources=[lambda order, *_: self.secret.get(order.number, Said(Word.UNPAID))]
        )

    def debited_twice(self, family: Sequence[Person]) -> None:
        """One order, two debits, days apart."""
        order = self._open(family)
        self._pays(order)
        self.later.append((self.at + timedelta(days=1), lambda: self._second(order)))

    def _second(self, order: Order) -> None:
        self._pays(order, carried=True)

    def two_channels(self, family: Sequence[Person]) -> None:
        """Cancelled in one app, paid in another one, and the first app debits all the same."""
        first = self._open(family, "WECHAT")
        orders.cancel(number=first.number, client="county", at=self.at)
        self._pays(self._open(family, "ALIPAY"))
        self._pays(first, carried=True)

    def wrong_amount(self, family: Sequence[Person]) -> None:
        """Too little first, twice, with two serials; then the right amount."""
        order = self._open(family)
        for _time in range(2):
            short = Decimal(self.dice.randint(1, 39_999)) / 100
            self._tell(order, self._serial(), amount=short)
            self.model.told += short
            self.model.loose += short
        self._pays(order)

    def taken_back(self, family: Sequence[Person]) -> None:
        """Everything of the order is taken back on the day; half of the families pay again."""
        order = self._open(family)
        self._pays(order)
        for line in order.lines.order_by("pk"):
            booked = Payment.objects.get(line_id=line.pk, pk__gte=line.receivable_id * 100)
            for _time in range(2):
                orderpayments.reverse(payment_id=booked.pk, client="county", at=self.at)
            self.model.reversed += 1
        if self.dice.random() < 0.5:
            self._pays(self._open(family))

    def cancelled(self, family: Sequence[Person]) -> None:
        """The payer gave up and comes back tomorrow."""
        order = self._open(family)
        orders.cancel(number=order.number, client="county", at=self.at)
        self.later.append((self.at + timedelta(days=1), lambda: self.plain(family)))

    # ------------------------------------------------------------------ the end

    def check(self) -> None:
        """Every yuan that a channel told is in one place, and in the place where the model has it."""
        lines = OrderDebit.objects.aggregate(told=Sum("amount"))["told"] or Decimal(0)
        ordered = Payment.objects.exclude(channel=Channel.BANK_BATCH)
        twice = DuplicatePayment.objects.exclude(channel=Channel.BANK_BATCH)
        loose = WorkItem.objects.filter(reason="ORDER_AMOUNT_DIFFERS")
        assert lines == self.model.told
        assert ordered.count() == self.model.payments
        assert twice.count() == self.model.duplicates
        assert (loose.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)) == self.model.loose
        booked = sum(
            (rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0) for rows in (ordered, twice)), Decimal(0)
        )
        assert booked + self.model.loose == self.model.told
        assert (
            Reversal.objects.filter(payment_id__isnull=False, line_id__gte=4 * 10**18).count()
            == self.model.reversed
        )
        assert not Order.objects.filter(state__in=["OPEN", "ASKED"]).exists()
        assert not Hold.objects.filter(order_id__isnull=False).exists()
        kit.books_green()


def split(persons: Sequence[Person]) -> tuple[list[Person], list[Person]]:
    """Who pays by themselves, and whom the bank debits."""
    cut = int(len(persons) * (1 - BATCH_SHARE))
    return list(persons[:cut]), list(persons[cut:])


def debit_the_rest(town: kit.Town, folder: Path, seed: int) -> None:
    """The bank's batch for everybody who still owes: what it answers goes down the river."""
    kit.send(town, folder)
    for file in kit.bank(town, seed=seed):
        kit.flow(town, file)

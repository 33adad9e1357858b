"""A county's whole window, day by day, over all channels: what people and machines do to it, by a seed, and where every
yuan must be at the end.

Orders are lost, told late, told twice, told wrong, never told, taken back, paid in two channels at once; families pay
together; who paid nowhere is debited by the bank. Every morning brings the channels' statements and the treasury's settlement
of the day before, and its cut. The model beside it counts what each step must leave, without looking at the books.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from bureau.calendars import load_calendar
from bureau.clock import BUREAU_ZONE
from bureau.models import User
from enrollment.models import Person
from payments.files.exchanges import statement_name, treasury_name
from payments.models import Channel, Order, Payment
from payments.services import channels, daycuts, expiry, orderpayments, orders, river
from payments.services.asking import Said, Word
from payments.services.orders import Payer, Wanted
from payments.states import FileKind
from tests.payments import kit
from tests.payments import settlementkit as lists
from tests.payments.ledgers import BATCH, ODD, ODD_SHARE, Channels, Entry, Treasury, bank_entries

BEGIN = datetime(2024, 10, 8, 1, 0, tzinfo=UTC)
DAYS = 60
FAMILIES_A_DAY = 5
"""A small county has a short window."""
LAST_LISTS = 9
"""So many days after the last order the lists still come."""
PRICE = Decimal("400.00")
NOT_ORDERED = {Channel.BANK_BATCH, Channel.MINZHENGTONG}
CHANNELS = [one.value for one in Channel if one not in NOT_ORDERED]
FEW, BATCH_SHARE, BATCH_SHARE_OF_MANY = 2_000, 0.2, 0.9
"""In a county of more than a few persons nine of ten have signed for the bank's batch."""
SILENCE = Said(Word.SILENT)


@dataclass
class Model:
    """Where the money must be: yuan by place, counted step by step."""

    told: Decimal = Decimal(0)
    payments: int = 0
    duplicates: int = 0
    reversed: int = 0
    loose: Decimal = Decimal(0)
    invented: Decimal = Decimal(0)
    phantom: Decimal = Decimal(0)
    steps: Counter[str] = field(default_factory=Counter)


@dataclass
class County:
    """One seeded run; ``people`` pay in families of one to five, ``by`` brings the lists."""

    people: Sequence[Person]
    seed: int
    by: User
    model: Model = field(default_factory=Model)
    at: datetime = BEGIN
    serials: int = 0
    secret: dict[str, Said] = field(default_factory=dict)
    later: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.ledger = Channels(random.Random(f"ledger {self.seed}"))
        self.treasury = Treasury(random.Random(f"treasury {self.seed}"))
        self.calendar = load_calendar(date(2024, 10, 1), date(2025, 12, 31))

    # ------------------------------------------------------------------ the window

    def play(self) -> None:
        """Every family does what the dice say, in the order of the days; then everything that is late comes."""
        families = self._families()
        days = min(DAYS, max(3, len(families) // FAMILIES_A_DAY))
        step = timedelta(days=days) / max(len(families), 1)
        acts = [self.plain] * 8 + [
            self.told_again, self.told_late, self.never_told, self.silent, self.given_up, self.debited_twice,
            self.ghost, self.two_channels, self.wrong_amount, self.silent_and_wrong, self.taken_back, self.cancelled,
            self.invented,
        ]  # fmt: skip
        for nth in range(days + LAST_LISTS):
            day = BEGIN.date() + timedelta(days=nth)
            self._at(_beijing(day + timedelta(days=1), 10), lambda day=day: self.morning(day))  # type: ignore[misc]
        for nth, family in enumerate(families):
            self._until(BEGIN + step * nth)
            act = self.dice.choice(acts)
            self.model.steps[act.__name__] += 1
            act(family)
        self._until(BEGIN + timedelta(days=days + LAST_LISTS + 1))

    def _families(self) -> list[list[Person]]:
        rest, found = list(self.people), []
        while rest:
            size = min(self.dice.choice((1, 1, 2, 3, 4, 5)), len(rest))
            found.append(rest[:size])
            del rest[:size]
        return found

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        self.later.append((moment, len(self.later), act))
        self.later.sort(key=lambda one: one[:2])

    def _until(self, moment: datetime) -> None:
        """What is due before ``moment`` happens; the beat asks about orders whose time is over."""
        while self.later and self.later[0][0] <= moment:
            when, _nth, act = self.later.pop(0)
            self.at = max(self.at, when)
            act()
        self.at = max(self.at, moment)
        self._ask()

    def _ask(self) -> None:
        expiry.expire(
            at=self.at, sources=[lambda order, *_: self.secret.get(order.number, Said(Word.UNPAID))]
        )

    # ------------------------------------------------------------------ the lists

    def morning(self, day: date) -> None:
        """The statements of ``day``, corrections of the day before it, the treasury's settlement, the cut."""
        self._ask()
        for channel in self.ledger.channels_of(day):
            self.statement(channel, day)
        before = day - timedelta(days=1)
        for channel in self.ledger.channels_of(before):
            lines = self.ledger.correction(channel, before)
            if lines:
                self._bring_statement(lines, channel, before)
        self.settlement(day)
        daycuts.cut(day=day, by=None, at=self.at)

    def statement(self, channel: str, day: date) -> None:
        """A channel's statement of a day; what the bureau hears of by it is booked."""
        lines, heard = self.ledger.statement(channel, day)
        self._bring_statement(lines, channel, day)
        for entry in heard:
            self._heard(entry)

    def _bring_statement(self, lines: Sequence[lists.Said], channel: str, day: date) -> None:
        content = lists.statement(lines, channel, day, kit.REGION)
        self._bring(content, FileKind.STATEMENT, statement_name(channel, kit.REGION, day))

    def settlement(self, day: date) -> None:
        """What the treasury has on a working day: everything whose working days are over."""
        self.treasury.learn(self.at)
        if not self.calendar.is_workday(day):
            return
        due = [
            number
            for number, (channel, on, _amount) in self.treasury.waiting.items()
            if self._expected(channel, on) <= day
        ]
        lines = self.treasury.settlement(due)
        if due:
            content = lists.treasury(lines, day, kit.REGION)
            self._bring(content, FileKind.TREASURY, treasury_name(kit.REGION, day))

    def _expected(self, channel: str, on: date) -> date:
        days = settlement_days(channel)
        return self.calendar.add_workdays(on, days) if days else on

    def _bring(self, content: bytes, kind: FileKind, name: str) -> None:
        received = lists.bring(content, kind, self.by, name=name, at=self.at)
        assert received.refusal is None, received.refusal
        assert river.process(file_id=received.file.pk, at=self.at).state == "APPLIED", received.file.reasons

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

    def _debit(
        self,
        order: Order,
        amount: Decimal | None = None,
        *,
        carried: bool = False,
        told: bool = True,
        fate: str = "",
    ) -> Entry:
        """The channel takes money for an order, and says so (``told``) or not."""
        amount = order.amount if amount is None else amount
        entry = Entry(
            order.channel, self._serial(), order.number, amount, self.at, order=order, carried=carried, told=False, fate=fate
        )  # fmt: skip
        self.ledger.add(entry)
        if told:
            self._tell(entry)
            self._heard(entry)
        return entry

    def _tell(self, entry: Entry) -> None:
        order = entry.order
        assert order is not None
        try:
            orderpayments.pay(
                number=order.number,
                client="county",
                serial=entry.serial,
                amount=entry.amount,
                debited_at=entry.at,
                at=self.at,
            )
        except orderpayments.AmountDiffers:
            if entry.amount == order.amount:
                raise

    def _heard(self, entry: Entry) -> None:
        """The bureau knows of it from now on; what it must have made of it."""
        entry.told = True
        if entry.order is None:
            self.model.invented += entry.amount
            return
        self.model.told += entry.amount
        lines = int(entry.order.amount / PRICE)
        if entry.amount != entry.order.amount:
            self.model.loose += entry.amount
        elif entry.carried:
            self.model.duplicates += lines
        else:
            self.model.payments += lines

    def _gives_back(self, entry: Entry) -> None:
        """Money that was never posted goes back to the payer within the bank's three days, or it does not."""
        if self.dice.random() < 0.7:
            at = self.at + timedelta(days=self.dice.randint(1, 2))
            self.ledger.add(Entry(entry.channel, entry.serial, entry.ref, entry.amount, at, turn=2))

    # ------------------------------------------------------------------ what may happen

    def plain(self, family: Sequence[Person]) -> None:
        """Ordered, debited, told; the statement may have faults."""
        odd = self.dice.random() < ODD_SHARE
        self._debit(self._open(family), fate=self.dice.choice(ODD) if odd else "")

    def told_again(self, family: Sequence[Person]) -> None:
        """The answer was lost: the same serial is told until somebody answers."""
        entry = self._debit(self._open(family))
        for _time in range(self.dice.randint(1, 4)):
            self._tell(entry)

    def told_late(self, family: Sequence[Person]) -> None:
        """Debited in time, told days after the order was given up, before or after the statement."""
        entry = self._debit(self._open(family), told=False)
        self._at(self.at + timedelta(days=self.dice.randint(1, 2)), lambda: self._late(entry))

    def _late(self, entry: Entry) -> None:
        self._tell(entry)
        if not entry.told:
            self._heard(entry)

    def never_told(self, family: Sequence[Person]) -> None:
        """The channel forgot to tell, and says so when the bureau asks."""
        order = self._open(family)
        entry = self._debit(order, told=False)
        self.secret[order.number] = Said(Word.PAID, entry.serial, order.amount, self.at, "ASKED")
        self._heard(entry)

    def silent(self, family: Sequence[Person]) -> None:
        """The channel forgot to tell and does not answer: its statement says it."""
        order = self._open(family)
        self.secret[order.number] = SILENCE
        self._debit(order, told=False)

    def given_up(self, family: Sequence[Person]) -> None:
        """Nobody paid; later the family pays elsewhere."""
        self._open(family)
        self._at(self.at + timedelta(hours=2), lambda: self._afresh(family))

    def _afresh(self, family: Sequence[Person]) -> None:
        self._ask()
        self._debit(self._open(family))

    def debited_twice(self, family: Sequence[Person]) -> None:
        """One order, two debits, a day apart, both told."""
        order = self._open(family)
        self._debit(order)
        self._at(self.at + timedelta(days=1), lambda: self._second(order))

    def _second(self, order: Order) -> None:
        self._debit(order, carried=True)

    def ghost(self, family: Sequence[Person]) -> None:
        """One order, two debits, of which the second stands in the statement alone."""
        order = self._open(family)
        self._debit(order)
        self._debit(order, carried=True, told=False, fate="GHOST")

    def two_channels(self, family: Sequence[Person]) -> None:
        """Cancelled in one app, paid in another one, and the first app debits all the same."""
        first = self._open(family, "WECHAT")
        orders.cancel(number=first.number, client="county", at=self.at)
        self._debit(self._open(family, "ALIPAY"))
        self._debit(first, carried=True)

    def wrong_amount(self, family: Sequence[Person]) -> None:
        """Too little first, twice, with two serials; then the right amount."""
        order = self._open(family)
        for _time in range(2):
            self._gives_back(self._debit(order, self._short()))
        self._debit(order)

    def silent_and_wrong(self, family: Sequence[Person]) -> None:
        """Too little, and only the statement says so; nobody pays."""
        order = self._open(family)
        self.secret[order.number] = SILENCE
        entry = self._debit(order, self._short(), told=False)
        self._at(self.at + timedelta(days=1, hours=3), lambda: self._gives_back(entry))

    def _short(self) -> Decimal:
        return Decimal(self.dice.randint(1, 39_999)) / 100

    def taken_back(self, family: Sequence[Person]) -> None:
        """Everything of the order is taken back on the day; half of the families pay again."""
        order = self._open(family)
        entry = self._debit(order)
        for nth, line in enumerate(order.lines.order_by("pk"), start=1):
            booked = Payment.objects.get(
                line_id=line.pk, pk__gte=line.receivable_id * 100, pk__lt=line.receivable_id * 100 + 100
            )
            for _time in range(2):
                orderpayments.reverse(payment_id=booked.pk, client="county", at=self.at)
            self.model.reversed += 1
            self.ledger.add(
                Entry(order.channel, f"{entry.serial}-{nth}", order.number, booked.amount, self.at, turn=2)
            )
        if self.dice.random() < 0.5:
            self._debit(self._open(family))

    def cancelled(self, family: Sequence[Person]) -> None:
        """The payer gave up and comes back tomorrow."""
        order = self._open(family)
        orders.cancel(number=order.number, client="county", at=self.at)
        self._at(self.at + timedelta(days=1), lambda: self.plain(family))

    def invented(self, family: Sequence[Person]) -> None:
        """Paid as it should be; and the channel's statement has money of nobody."""
        self._debit(self._open(family))
        entry = Entry(
            self.dice.choice(CHANNELS),
            self._serial(),
            f"NONE-{self.serials}",
            self._short(),
            self.at,
            told=False,
        )
        self.ledger.add(entry)
        self._at(self.at + timedelta(days=1, hours=3), lambda: self._gives_back(entry))

    # ------------------------------------------------------------------ the bank's batch

    def debit_the_rest(self, town: kit.Town, folder: Path) -> None:
        """The bank's batch for everybody who still owes: its answers go down the river, then its own statements and what the
        treasury has of it.
        """
        kit.send(town, folder)
        files = kit.bank(town, seed=self.seed, faults=["second_answers"])
        for file in files:
            kit.agree(kit.flow(town, file), file)
        entries, self.model.phantom = bank_entries(files)
        for entry in entries:
            self.ledger.add(entry)
        self.at = _beijing(date(2025, 2, 20), 10)
        for day in sorted({entry.day for entry in entries}):
            self.statement(BATCH, day)
        self.treasury.learn(datetime.max.replace(tzinfo=UTC))
        self.settlement(date(2025, 2, 19))
        daycuts.cut(day=date(2025, 2, 19), by=None, at=self.at)


def _beijing(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), BUREAU_ZONE).astimezone(UTC)


@cache
def settlement_days(channel: str) -> int:
    """Working days to the treasury by the terms for everywhere."""
    return channels.terms_of(channel=channel, region_id=kit.REGION).settlement_days


def split(persons: Sequence[Person]) -> tuple[list[Person], list[Person]]:
    """Who pays by themselves, and whom the bank debits."""
    share = BATCH_SHARE if len(persons) <= FEW else BATCH_SHARE_OF_MANY
    cut = round(len(persons) * (1 - share))
    return list(persons[:cut]), list(persons[cut:])

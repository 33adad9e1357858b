"""What only the other side knows: money as it moved at each channel, and the lists that channel, bank and treasury make of it.

A ledger writes its lists with faults of their own (lines left out, moved, changed, said twice, invented) and says beforehand,
without a look at the books, which outcome each line must get.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bureau.clock import BUREAU_ZONE, day_of
from payments.models import DuplicatePayment, Order, Payment, Reversal, SettlementLine
from payments.simulation.plan import Plant, SimulatedFile
from payments.states import Bucket, Outcome
from tests.payments.settlementkit import Said, Settled

ODD = ("LEFT_OUT", "CORRECTED", "CHANGED", "MOVED", "TWICE")
ODD_SHARE = 0.3
CENT = Decimal("0.01")
BATCH = "BANK_BATCH"
Key = tuple[str, date, int, int, Decimal, str, str]
"""Channel, day, direction, outcome, yuan, serial and reference of a line."""


@dataclass
class Entry:
    """Money that moved at a channel; ``told``: the bureau knows of it, ``order``: what it was for, ``fate``: what the statement
    makes of it.
    """

    channel: str
    serial: str
    ref: str
    amount: Decimal
    at: datetime
    turn: int = 1
    order: Order | None = None
    carried: bool = False
    told: bool = True
    fate: str = ""

    @property
    def day(self) -> date:
        """The bureau's day."""
        return day_of(self.at)

    def line(self, **changes: object) -> Said:
        """As a statement says it."""
        values = {"amount": self.amount, "at": self.at, **changes}
        return Said(self.serial, self.ref, turn=self.turn, **values)  # type: ignore[arg-type]


@dataclass
class Channels:
    """The ledgers of all channels."""

    dice: random.Random
    entries: list[Entry] = field(default_factory=list)
    expected: Counter[Key] = field(default_factory=Counter)
    days: defaultdict[tuple[str, date], list[Entry]] = field(default_factory=lambda: defaultdict(list))
    first: dict[tuple[str, date], list[Said]] = field(default_factory=dict)
    stated: Decimal = Decimal(0)

    def add(self, entry: Entry) -> Entry:
        """It moved."""
        self.entries.append(entry)
        self.days[entry.channel, entry.day].append(entry)
        if entry.fate == "MOVED":
            self.days[entry.channel, entry.day + timedelta(days=1)].append(entry)
        return entry

    def channels_of(self, day: date) -> list[str]:
        """Whose statement of that day says something."""
        return sorted(channel for channel, on in self.days if on == day)

    def statement(self, channel: str, day: date) -> tuple[list[Said], list[Entry]]:
        """The lines of a day, and what the bureau hears of by them; what must come of each is expected from now on."""
        lines: list[Said] = []
        heard = []
        for entry in self.days[channel, day]:
            found = self._lines(entry, day)
            lines += [line for line, _outcome in found]
            for line, outcome in found:
                self._expect(channel, day, line, outcome)
            if found and not entry.told:
                heard.append(entry)
        self.first[channel, day] = lines
        return lines, heard

    def _lines(self, entry: Entry, day: date) -> list[tuple[Said, Outcome]]:
        if entry.fate == "MOVED" and entry.day != day:
            after = datetime.combine(day, time(0, 5), BUREAU_ZONE).astimezone(UTC)
            return [(entry.line(at=after), Outcome.DATE_DIFF)]
        if entry.fate in ("LEFT_OUT", "CORRECTED", "MOVED"):
            self._expect(entry.channel, day, entry.line(), Outcome.OURS_ONLY)
            return []
        if entry.fate == "CHANGED":
            return [(entry.line(amount=entry.amount + CENT * self.dice.randint(1, 500)), Outcome.AMOUNT_DIFF)]
        if entry.fate == "TWICE":
            return [(entry.line(), Outcome.MATCHED), (entry.line(), Outcome.DUP)]
        return [(entry.line(), self._outcome(entry))]

    def _outcome(self, entry: Entry) -> Outcome:
        if entry.told:
            return Outcome.MATCHED
        return Outcome.DUP if entry.carried else Outcome.THEIRS_ONLY

    def correction(self, channel: str, day: date) -> list[Said]:
        """The statement of a day once more, with what it left out; no lines where there is nothing to correct."""
        missing = [
            entry for entry in self.days[channel, day] if entry.fate == "CORRECTED" and entry.day == day
        ]
        if not missing:
            return []
        seen = set()
        for line in self.first[channel, day]:
            if line.serial in seen:
                self._expect(channel, day, line, Outcome.DUP)
            seen.add(line.serial)
        # Said to be a second debit before, and booked as one: now it is equal.
        for entry in self.days[channel, day]:
            if entry.carried and entry.fate == "GHOST":
                self._expect(channel, day, entry.line(), Outcome.MATCHED)
        lines = [entry.line() for entry in missing]
        for line in lines:
            self._expect(channel, day, line, Outcome.MATCHED)
        return [*self.first[channel, day], *lines]

    def _expect(self, channel: str, day: date, line: Said, outcome: Outcome) -> None:
        amount = Decimal(line.amount)
        self.expected[channel, day, line.turn, outcome.value, amount, line.serial, line.ref] += 1

    def check(self) -> None:
        """Each line of each statement got the outcome that was expected, and nothing else is there."""
        rows = SettlementLine.objects.filter(side=1).values_list(
            "channel", "day", "turn", "outcome", "amount", "serial", "ref"
        )
        explained(self.expected, Counter(rows))


@dataclass
class Treasury:
    """What the treasury settles of what was booked, by the channel's days."""

    dice: random.Random
    expected: Counter[tuple[int, Decimal, str]] = field(default_factory=Counter)
    waiting: dict[int, tuple[str, date, Decimal]] = field(default_factory=dict)
    settled: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    never: dict[int, Decimal] = field(default_factory=dict)
    until: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    invented: int = 0

    def learn(self, at: datetime) -> None:
        """The numbers of what was booked since; what was taken back never gets here."""
        back = set(Reversal.objects.filter(posted_at__gt=self.until).values_list("booked_line_id", flat=True))
        new = [
            *Payment.objects.filter(posted_at__gt=self.until, posted_at__lte=at)
            .order_by("pk")
            .values_list("pk", "line_id", "channel", "debited_on", "amount"),
            *DuplicatePayment.objects.filter(posted_at__gt=self.until, posted_at__lte=at)
            .order_by("pk")
            .values_list("pk", "line_id", "channel", "debited_on", "amount"),
        ]
        for number, line, channel, day, amount in new:
            if line not in back:
                self.waiting[number] = (channel, day, amount)
        self.until = at

    def settlement(self, due: Iterable[int]) -> list[Settled]:
        """Lines for these numbers, with faults of the treasury's own."""
        lines: list[Settled] = []
        for number in due:
            channel, day, amount = self.waiting.pop(number)
            throw = self.dice.random()
            self.settled[channel] += amount
            if throw < 0.02:
                self.settled[channel] -= amount
                self.never[number] = amount
                self.expected[Outcome.OURS_ONLY.value, amount, str(number)] += 1
            elif throw < 0.04:
                other = amount - CENT * self.dice.randint(1, 99)
                lines.append(self._line(number, other, day + timedelta(days=1), Outcome.AMOUNT_DIFF))
            elif throw < 0.06:
                lines.append(self._line(number, amount, day - timedelta(days=1), Outcome.DATE_DIFF))
            else:
                lines.append(self._line(number, amount, day, Outcome.MATCHED))
            if 0.06 < throw < 0.08:
                second = Settled(number, voucher=f"9{number % 10**17:017d}", amount=amount, on=day)
                self.expected[Outcome.DUP.value, amount, str(number)] += 1
                lines.append(second)
        if lines and self.dice.random() < 0.1:
            self.invented += 1
            lines.append(
                self._line(10**12 + self.invented, Decimal("400.00"), lines[0].on, Outcome.THEIRS_ONLY)
            )
        return lines

    def _line(self, number: int, amount: Decimal, on: date, outcome: Outcome) -> Settled:
        self.expected[outcome.value, amount, str(number)] += 1
        return Settled(number, amount=amount, on=on)

    def check(self) -> None:
        """Each line of each settlement got the outcome that was expected."""
        rows = SettlementLine.objects.filter(side=2).values_list("outcome", "amount", "ref")
        explained(self.expected, Counter(rows))


def explained(expected: Counter[Any], found: Counter[Any]) -> None:
    """The two are equal; the first differences are told."""
    lacking, more = expected - found, found - expected
    differ = [*sorted(lacking.items(), key=str)[:5], *sorted(more.items(), key=str)[:5]]
    assert not differ, (len(lacking), len(more), differ)


# --- the bank ---------------------------------------------------------------------------------------------------------


def bank_entries(files: Sequence[SimulatedFile]) -> tuple[list[Entry], Decimal]:
    """What the bank really moved, by its answers: its own statement says it; and the yuan that only its answers say (a line said
    twice in a file, or once more in the next one, and refused both times).
    """
    entries: list[Entry] = []
    phantom = Decimal(0)
    for file in files:
        head, *lines = file.content.decode("gb18030").split("\r\n")
        processed = head.split("|")[13]
        for planned, line in zip(file.plan.lines, lines, strict=False):
            _seq, _account, _holder, _due, _paid, _code, _note, serial, day, ref, _end = line.split("|")
            if planned.plant == Plant.REVERSED:
                entries.append(Entry(BATCH, f"RV{ref}", ref, planned.amount, _noon(processed), turn=2))
            elif planned.debited and not planned.repeated:
                if planned.plant == Plant.REPEATED_IN_FILE or planned.plant == Plant.REPEATED:
                    phantom += planned.debited if planned.bucket == Bucket.REJECTED else 0
                else:
                    entries.append(Entry(BATCH, serial or f"NS{ref}", ref, planned.debited, _noon(day)))
    return entries, phantom


def _noon(text: str) -> datetime:
    return datetime.combine(
        date(int(text[:4]), int(text[4:6]), int(text[6:])), time(12), BUREAU_ZONE
    ).astimezone(UTC)

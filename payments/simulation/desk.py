"""The bank's desk: turns an instruction into one line of an answer, right or wrong on purpose."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bureau.errors import BureauError, gettext_noop
from bureau.money import ZERO, yuan
from payments.files.delimited import RequestHeader, RequestLine
from payments.files.resultcodes import CODE_SETS, FACTS, CodeClass, ResultCode, UnknownCodeSet, class_of
from payments.simulation.holders import somebody_else, spelled_otherwise
from payments.simulation.plan import BUCKET_OF, Plant, Planted
from payments.states import Bucket

CENT = Decimal("0.01")
_UNKNOWN_CODES = ("Z9", "9Z", "X404")


class UnknownSerialOrder(BureauError):
    """Bank serials can be `rising` or `random`."""

    code = "UNKNOWN_SERIAL_ORDER"
    message = gettext_noop("Bank serials are given rising or random, not %(serials)s.")


@dataclass(frozen=True, slots=True)
class SimulatedBank:
    """How the bank answers: its code set, and whether its serials rise with the file or come at random."""

    code_set: str = "AIPG"
    serials: str = "rising"


class Codes:
    """The codes of one code set, sorted by what they do; each with the text the bank writes beside it."""

    def __init__(self, code_set: str) -> None:
        if code_set not in CODE_SETS:
            raise UnknownCodeSet(code_set=code_set)
        of_class: dict[CodeClass, list[tuple[str, str]]] = {one: [] for one in CodeClass}
        self.no_funds: list[tuple[str, str]] = []
        for row in CODE_SETS[code_set]:
            pair = (row.code, row.text_pattern or FACTS[row.internal].text_zh)
            of_class[class_of(row.internal)].append(pair)
            if row.internal is ResultCode.NO_FUNDS:
                self.no_funds.append(pair)
        self.ok = of_class[CodeClass.OK]
        self.reversed = of_class[CodeClass.REVERSED]
        self.declined = of_class[CodeClass.DECLINED]
        known = {row.code for row in CODE_SETS[code_set]}
        self.unknown = [(code, "银行自定义") for code in _UNKNOWN_CODES if code not in known]
        # Some banks have no code for "not yet": they can only use one that the bureau does not know.
        self.pending = of_class[CodeClass.PENDING] or self.unknown


class Desk:
    """Answers instructions of one request. All chance comes from one seeded source, used in a fixed order."""

    def __init__(
        self,
        header: RequestHeader,
        lines: Sequence[RequestLine],
        *,
        bank: SimulatedBank,
        seed: int,
        paid_elsewhere: Collection[str] = (),
    ) -> None:
        if bank.serials not in ("rising", "random"):
            raise UnknownSerialOrder(serials=bank.serials)
        self.header = header
        self.lines = lines
        self.bank = bank
        self.codes = Codes(bank.code_set)
        where = f"{seed}|{header.bank}|{header.region}|{header.day}|{header.batch}"
        self.rng = random.Random(where)  # noqa: S311 (a simulation has to be repeatable)
        self._paid_elsewhere = frozenset(paid_elsewhere)
        self._refs = frozenset(line.ref for line in lines)
        self._used: set[str] = set()
        self._declined = 0
        self._strange = 0
        days = (header.debit_to - header.debit_from).days
        self._days = [header.debit_from + timedelta(days=count) for count in range(days + 1)]

    def answer(self, plant: Plant, line: RequestLine) -> Planted:
        """A line of the answer file to one instruction, by what is planted in it."""
        bucket = BUCKET_OF[plant]
        if plant in _NOT_OK:
            return self._not_ok(plant, line)
        one = self._plain(plant, line, ok=True, pair=self._pick(self.codes.ok, plain=0.9), paid=line.amount)
        if bucket is Bucket.SETTLED:
            one.bucket = self.settled(line.ref)
        if plant is Plant.HOLDER_VARIANT:
            one.holder = spelled_otherwise(line.holder, self.rng)
        elif plant is Plant.HOLDER_DIFFERS:
            one.holder = somebody_else(line.holder, self.rng)
        elif plant is Plant.ACCOUNT_DIFFERS:
            one.account = line.account[:-1] + str((int(line.account[-1]) + self.rng.randrange(1, 10)) % 10)
        elif plant is Plant.DUE_DIFFERS:
            one.due = self._other_amount(line.amount)
        elif plant is Plant.PAID_DIFFERS:
            one.paid = self._other_amount(line.amount)
        elif plant is Plant.DATE_OUTSIDE:
            one.debited_on = _day_text(self._day_outside())
        elif plant is Plant.OK_WITHOUT_MONEY:
            one.paid = ZERO
        elif plant is Plant.OK_WITHOUT_SERIAL:
            one.serial = ""
        elif plant in (Plant.UNKNOWN_REF_OK, Plant.OTHER_BATCH_OK):
            one.ref, one.own = self._strange_ref(plant, line), False
        return one

    def _not_ok(self, plant: Plant, line: RequestLine) -> Planted:
        if plant in (Plant.PENDING, Plant.STILL_PENDING):
            pair = self.rng.choice(self.codes.pending)
        elif plant is Plant.UNKNOWN_CODE:
            pair = self.rng.choice(self.codes.unknown)
        elif plant in (Plant.REVERSED_UNPOSTED, Plant.REVERSED):
            pair = self.rng.choice(self.codes.reversed)
        else:
            pair = self._next_declined()
        paid = line.amount if plant is Plant.MONEY_WITHOUT_OK else ZERO
        one = self._plain(plant, line, ok=False, pair=pair, paid=paid)
        if plant in (Plant.UNKNOWN_REF_DECLINED, Plant.OTHER_BATCH_DECLINED):
            one.ref, one.own = self._strange_ref(plant, line), False
        return one

    def settled(self, ref: str) -> Bucket:
        """Where good money for an instruction goes: DUPLICATE when the person's year was paid another way."""
        return Bucket.DUPLICATE if ref in self._paid_elsewhere else Bucket.SETTLED

    def contradict(self, line: RequestLine) -> Planted:
        """Any answer but OK to an instruction that was booked: declined, pending or a code nobody knows."""
        pair = self.rng.choice([self._next_declined(), self.codes.pending[0], self.codes.unknown[0]])
        return self._plain(Plant.CONTRADICTED, line, ok=False, pair=pair, paid=ZERO)

    def _plain(
        self, plant: Plant, line: RequestLine, *, ok: bool, pair: tuple[str, str], paid: Decimal
    ) -> Planted:
        return Planted(
            plant=plant,
            bucket=BUCKET_OF[plant],
            ref=line.ref,
            account=line.account,
            holder=line.holder,
            due=line.amount,
            paid=paid,
            ok=ok,
            code=pair[0],
            note=pair[1],
            serial=None if ok else "",
            debited_on=_day_text(self._pick(self._days, plain=0.8)),
        )

    def _pick(self, choices: Sequence[Any], *, plain: float) -> Any:
        """Mostly the first one, sometimes any."""
        return choices[0] if self.rng.random() < plain else self.rng.choice(choices)

    def _next_declined(self) -> tuple[str, str]:
        """Every other one for lack of funds, and all declining codes in turn, so that none is left out."""
        self._declined += 1
        if self._declined % 2 and self.codes.no_funds:
            return self.rng.choice(self.codes.no_funds)
        return self.codes.declined[self._declined // 2 % len(self.codes.declined)]

    def _other_amount(self, amount: Decimal) -> Decimal:
        steps = [CENT, Decimal("1.00"), Decimal("20.00")]
        return self.rng.choice(
            [amount + step for step in steps] + [amount - step for step in steps if amount > step]
        )

    def _day_outside(self) -> date:
        if self.rng.random() < 0.5:
            return self.header.debit_from - timedelta(days=self.rng.randrange(1, 8))
        return self.header.debit_to + timedelta(days=self.rng.randrange(1, 8))

    def _strange_ref(self, plant: Plant, line: RequestLine) -> str:
        """A reference that no instruction of this request has; every call gives another one."""
        self._strange += 1
        stem, _dash, again = line.ref.rpartition("-")
        if plant in (Plant.OTHER_BATCH_OK, Plant.OTHER_BATCH_DECLINED) and again.isdigit():
            for more in range(1, 60):
                ref = f"{stem}-{(int(again) + more) % 100:02d}"
                if ref not in self._refs and ref not in self._used:
                    self._used.add(ref)
                    return ref
        head = "-".join(line.ref.split("-")[:2])
        return f"{head}-{999_999_999 - self._strange:09d}-01"


_NOT_OK = frozenset(
    {
        Plant.DECLINED,
        Plant.REVERSED_UNPOSTED,
        Plant.PENDING,
        Plant.UNKNOWN_CODE,
        Plant.MONEY_WITHOUT_OK,
        Plant.UNKNOWN_REF_DECLINED,
        Plant.OTHER_BATCH_DECLINED,
        Plant.DECLINED_AGAIN,
        Plant.DECLINED_AFTER_PENDING,
        Plant.STILL_PENDING,
        Plant.REVERSED,
    }
)


def _day_text(day: date) -> str:
    return f"{day:%Y%m%d}"


def give_serials(planted: list[Planted], desk: Desk, *, answer: int) -> None:
    """Give every debit of a file its bank serial, and the wrong ones on purpose where that is planted.

    A serial is never given twice: it carries day, region, batch and answer. A SERIAL_REUSED line takes the
    serial of an OK line before it; where there is none it is an OK line like any other.
    """
    header = desk.header
    stem = f"{_day_text(header.day)}{header.region}{header.batch}{answer:02d}"
    numbers = list(range(1, len(planted) + 1))
    if desk.bank.serials == "random":
        desk.rng.shuffle(numbers)
    donors: list[str] = []
    for number, one in zip(numbers, planted, strict=True):
        if one.copy_of is not None:
            one.serial = one.copy_of.serial
        elif one.plant is Plant.SERIAL_REUSED and donors:
            one.serial = desk.rng.choice(donors)
        elif one.serial is None:
            one.serial = f"{stem}{number:08d}"
            if one.plant is Plant.SERIAL_REUSED:
                one.plant, one.bucket = Plant.OK, desk.settled(one.ref)
            if one.plant is Plant.OK:
                donors.append(one.serial)


def copy_line(original: Planted, plant: Plant) -> Planted:
    """The same line once more, as another plant."""
    return replace(original, plant=plant, bucket=BUCKET_OF[plant], copy_of=original)


_amount_text = lru_cache(maxsize=4096)(yuan)


def line_text(number: int, one: Planted) -> str:
    """A result line without its line end, as the bank writes it."""
    text = (
        f"{number}|{one.account}|{one.holder}|{_amount_text(one.due)}|{_amount_text(one.paid)}"
        f"|{one.code}|{one.note}|{one.serial}|{one.debited_on}|{one.ref}|"
    )
    return one.spoil(text) if one.spoil else text

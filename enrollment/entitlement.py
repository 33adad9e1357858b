"""Whether a person is entitled to benefits on a day: covered or not, why, since when, until when.

Pure, for one person; the statement for many (enrollment/services/entitlement.py) is its twin and a test holds the
two equal. Resident cover is the rows in force of the day's benefit year, of all regions; employee cover goes first,
because nobody draws on both (domain 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from enrollment.known import Spell

DAY = timedelta(days=1)
EMPLOYEE_RULE = "EMPLOYEE_COVER"


class Standing(StrEnum):
    """Why somebody is entitled or not."""

    COVERED = "COVERED"
    EMPLOYEE = "EMPLOYEE"
    WAITING = "WAITING"
    OVER = "OVER"
    WITHDRAWN = "WITHDRAWN"
    NOT_PAID = "NOT_PAID"
    DECEASED = "DECEASED"


ENTITLED = frozenset({Standing.COVERED, Standing.EMPLOYEE})


@dataclass(frozen=True, slots=True)
class Held:
    """A row of cover in force; half-open, both ends None where cover was taken away or the wait passes the year."""

    key: int
    region: str
    rule: str
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The answer for a day: `start` and `end` are the first and the last covered day (`end` None: no end is known).

    WAITING: cover starts on `start`, after the day; OVER: it ended with `end`; `key` is the row of cover it rests on.
    """

    day: date
    standing: Standing
    start: date | None = None
    end: date | None = None
    rule: str = ""
    region: str = ""
    key: int | None = None

    @property
    def covered(self) -> bool:
        """True where benefits are due on the day."""
        return self.standing in ENTITLED


def entitled(
    day: date, *, rows: Iterable[Held] = (), spells: Iterable[Spell] = (), death: date | None = None
) -> Entitlement:
    """The entitlement on a day by the cover in force of the day's year, employee cover and the date of death."""
    if death is not None and death < day:
        return Entitlement(day, Standing.DECEASED, end=death)
    running = [spell for spell in spells if spell.covers(day)]
    if running:
        spell = max(running, key=lambda one: one.first)
        return Entitlement(day, Standing.EMPLOYEE, spell.first, spell.last, EMPLOYEE_RULE)
    held = min(rows, key=lambda row: _rank(row, day), default=None)
    if held is None:
        return Entitlement(day, Standing.NOT_PAID)
    standing = (Standing.COVERED, Standing.WAITING, Standing.OVER, Standing.WITHDRAWN)[_kind(held, day)]
    last = None if held.end is None else held.end - DAY
    return Entitlement(day, standing, held.start, last, held.rule, held.region, held.key)


def _kind(row: Held, day: date) -> int:
    """0 the row covers the day, 1 it starts later, 2 it is over, 3 it covers nothing."""
    if row.start is None or row.end is None:
        return 3
    if day < row.start:
        return 1
    return 0 if day < row.end else 2


def _rank(row: Held, day: date) -> tuple[int, int, int]:
    """Of several rows the one that covers the day counts, else the one that starts first, else the one over last."""
    kind = _kind(row, day)
    if kind == 2 and row.end is not None:
        return kind, -row.end.toordinal(), -row.key
    return kind, row.start.toordinal() if row.start else 0, -row.key


_SENTENCES: dict[Standing, tuple[str, str]] = {
    Standing.COVERED: (
        "{day}在待遇享受期内（{start}至{end}）。",
        "On {day} the person is covered ({start} to {end}). ",
    ),
    Standing.EMPLOYEE: (
        "{day}在职工医保参保期内（自{start}起），按职工医保享受待遇。",
        "On {day} the person is in employee cover (since {start}) and draws on that.",
    ),
    Standing.WAITING: (
        "{day}尚在等待期内，{start}起享受待遇，至{end}。",
        "On {day} the person still waits: cover runs from {start} to {end}. ",
    ),
    Standing.OVER: (
        "{day}不在待遇享受期内，待遇已于{end}终止。",
        "On {day} the cover is over: it ended with {end}. ",
    ),
    Standing.WITHDRAWN: ("{day}没有待遇。", "On {day} there is no cover. "),
    Standing.NOT_PAID: (
        "{day}没有待遇：{year}年度没有缴费或资助参保记录。",
        "On {day} there is no cover: for {year} nothing was paid and no aid carries the contribution.",
    ),
    Standing.DECEASED: ("登记显示本人已于{end}死亡。", "By the register the person died on {end}."),
}


def told(found: Entitlement, *, chinese: bool = True, because: str = "") -> str:
    """The answer as a sentence to read out; `because` is the sentence of the row of cover it rests on."""
    text = _SENTENCES[found.standing][0 if chinese else 1]
    return text.format(day=found.day, year=found.day.year, start=found.start, end=found.end) + because

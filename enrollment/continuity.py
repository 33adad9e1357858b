"""Years of cover in a row, and what they add to the serious-illness ceiling (国办发〔2024〕38号; domain 3).

After four unbroken years each further year adds a step, and so does each year without a claim to the years after it;
both together add no more than a share of the old ceiling. A break starts the count anew and clears what was gathered;
a claim that draws on the incentive clears what the years without a claim had gathered. Years in employee cover keep the
row unbroken and count (the project's reading; the text speaks of continuous enrolment).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bureau.money import ZERO, round_fen
from enrollment.policy import Terms

FREE_YEARS = 4
HUNDRED = Decimal(100)


class Source(StrEnum):
    """Where a covered year is known from; of several the first one is told."""

    OWN = "OWN"
    PRIOR = "PRIOR"
    EMPLOYEE = "EMPLOYEE"


@dataclass(frozen=True, slots=True)
class Covered:
    """A year with cover, and where it is known from (`note`: the import, the region)."""

    year: int
    source: Source
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """What was settled in a year: nothing at all, or drawing on the incentive; neither: claims without it."""

    year: int
    zero: bool = False
    used: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The unbroken years up to and with `year`, oldest first (empty: the year itself is not covered), and the years
    without a claim whose steps still count.
    """

    year: int
    years: tuple[Covered, ...]
    zero_claim: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """How many years in a row."""
        return len(self.years)

    @property
    def steps(self) -> int:
        """Steps of the row itself: one for each year after the fourth."""
        return max(0, self.length - FREE_YEARS)

    @property
    def all_steps(self) -> int:
        """Steps of the row and of the years without a claim."""
        return self.steps + len(self.zero_claim)


@dataclass(frozen=True, slots=True)
class Incentive:
    """Yuan by which the ceiling rises: `gathered` by the steps, `amount` what the cap leaves (equal without a ceiling
    to measure it by).
    """

    gathered: Decimal
    amount: Decimal

    @property
    def capped(self) -> bool:
        """True where the cap took something away."""
        return self.amount < self.gathered


def by_year(covered: Iterable[Covered]) -> dict[int, Covered]:
    """Each covered year once, by its best source, in order."""
    order = list(Source)
    found: dict[int, Covered] = {}
    for one in sorted(covered, key=lambda each: (each.year, order.index(each.source), each.note)):
        found.setdefault(one.year, one)
    return found


def row_of(covered: Mapping[int, Covered], year: int, claims: Iterable[Claims] = ()) -> Row:
    """The row of years that ends with `year`, and the years without a claim inside it that still count for `year`."""
    years: list[Covered] = []
    at = year
    while at in covered:
        years.insert(0, covered[at])
        at -= 1
    inside = sorted(
        (one for one in claims if at < one.year < year and one.year in covered), key=lambda one: one.year
    )
    last_use = max((one.year for one in inside if one.used), default=0)
    zero = tuple(one.year for one in inside if one.zero and one.year > last_use)
    return Row(year, tuple(years), zero if years else ())


def broken(covered: Mapping[int, Covered], year: int) -> tuple[int, ...]:
    """The years without cover between the first covered one and `year`, each of which started the count anew."""
    first = min(covered, default=year)
    return tuple(missed for missed in range(first, year) if missed not in covered)


def incentive(terms: Terms, row: Row, ceiling: Decimal | None = None) -> Incentive:
    """What a row adds to the ceiling by a region's step and cap; `ceiling`: the old one in yuan, where it is known."""
    gathered = terms.incentive_step * row.all_steps
    if ceiling is None:
        return Incentive(gathered, gathered)
    most = round_fen(ceiling * terms.incentive_cap / HUNDRED)
    return Incentive(gathered, max(ZERO, min(gathered, most)))

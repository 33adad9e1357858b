"""The arithmetic of waiting: breaks, months, and the day on which cover starts (design: domain 4.2).

The months come from 国办发〔2024〕38号: 3 fixed months; one more for each further missed year; one less for
each year repaired; after four missed years in a row not under six.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from bureau.periods import add_months, first_of_month, first_of_next_month
from enrollment.choices import BreakCountMode, NewbornUnit, WaitRule
from enrollment.policy import Terms


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait in months and how it came about.

    `years` is the counted break; `unrepaired` what it adds without repair (V), `variable` what is left of it,
    so that the wait is `fixed + variable`; `floor_held` tells that the long-break floor stopped the repair.
    """

    fixed: int = 0
    variable: int = 0
    years: tuple[int, ...] = ()
    unrepaired: int = 0
    floor_held: bool = False

    @property
    def months(self) -> int:
        """The whole wait (W)."""
        return self.fixed + self.variable

    @property
    def repaired(self) -> int:
        """Months that repair took away."""
        return self.unrepaired - self.variable


NO_WAIT = Wait()


def missed_years(
    history: Collection[int], terms: Terms, benefit_year: int | None = None, birth_date: date | None = None
) -> tuple[int, ...]:
    """The break of a real person: the unbroken run of years without cover that ends with the year before.

    `history` holds the benefit years with cover of either scheme. No break: for somebody never insured
    before, before `break_from`, before the year of birth. A LEGACY region looks at any earlier break, so
    there the run is not cut at `break_from`. Sorted; `benefit_year` is that of the terms unless given.
    """
    year = terms.benefit_year if benefit_year is None else benefit_year
    born = birth_date.year if birth_date is not None else 0
    covered = {covered_year for covered_year in history if born <= covered_year < year}
    if not covered:
        return ()
    first = max(covered) + 1
    if terms.wait_rule != WaitRule.LEGACY:
        first = max(first, terms.break_from)
    return tuple(range(first, year))


def counted_break(terms: Terms, missed: Collection[int]) -> tuple[int, ...]:
    """The missed years that count (N of them): the run up to the year before, none before `break_from`."""
    years: list[int] = []
    year = terms.benefit_year - 1
    while year >= terms.break_from and year in missed:
        years.insert(0, year)
        year -= 1
    return tuple(years)


def wait_of(terms: Terms, missed: Collection[int], repair_years: int) -> Wait:
    """The wait of somebody who pays late or after a break; repair beyond what helps is ignored."""
    years = counted_break(terms, missed)
    unrepaired = 0
    if terms.variable_wait:
        unrepaired = len(years) if terms.break_count_mode == BreakCountMode.EACH else max(0, len(years) - 1)
    variable = max(0, unrepaired - repair_years)
    floor = 0
    if len(years) >= terms.long_break:
        floor = min(unrepaired, max(0, terms.long_floor - terms.wait_fixed))
    return Wait(terms.wait_fixed, max(variable, floor), years, unrepaired, floor_held=variable < floor)


def fixed_wait(terms: Terms) -> Wait:
    """The fixed months alone, as for a newborn who is treated like everybody else."""
    return Wait(fixed=terms.wait_fixed)


def late_start(terms: Terms, pay_date: date, wait: Wait, *, broken: bool = False) -> date:
    """The first covered day of a late payer by the region's counting; `broken` matters to LEGACY only."""
    month = first_of_month(pay_date)
    match terms.wait_rule:
        case WaitRule.CIVIL:
            return add_months(pay_date, wait.months) + timedelta(days=1)
        case WaitRule.ANNIV:
            return add_months(pay_date, wait.months)
        case WaitRule.MONTH_INCL:
            return add_months(month, wait.months)
        case WaitRule.MONTH_NEXT:
            return add_months(month, wait.months + 1)
        case WaitRule.DAY90:
            return add_months(pay_date + timedelta(days=91), wait.variable)
        case WaitRule.LEGACY:
            return add_months(month, 3 if broken else 1)


def start_from(choice: str, pay_date: date) -> date:
    """PAY_DATE, NEXT_DAY, NEXT_MONTH or PAY_MONTH of a payment date (the enumerations share these words)."""
    match choice:
        case "PAY_DATE":
            return pay_date
        case "NEXT_DAY":
            return pay_date + timedelta(days=1)
        case "NEXT_MONTH":
            return first_of_next_month(pay_date)
        case "PAY_MONTH":
            return first_of_month(pay_date)
    raise ValueError(f"{choice} does not depend on the payment date")


def newborn_last_day(terms: Terms, birth_date: date) -> date:
    """The last day on which paying covers a newborn from birth.

    90 days from 10 March end on 8 June, on 7 June where the day of birth is day 1; 3 months from 31 January
    end on 30 April.
    """
    last = (
        birth_date + timedelta(days=terms.newborn_limit)
        if terms.newborn_unit == NewbornUnit.DAY
        else add_months(birth_date, terms.newborn_limit)
    )
    return last - timedelta(days=1) if terms.newborn_count_birth_day else last


def first_birthday(birth_date: date) -> date:
    """The day on which a child is one year old (28 February for one born on 29 February)."""
    return add_months(birth_date, 12)


def switch_last_day(terms: Terms, stop_date: date) -> date:
    """The last day for going on without a wait: the end of the n-th calendar month after the stop's."""
    return add_months(first_of_month(stop_date), terms.switch_months + 1) - timedelta(days=1)


def special_last_day(terms: Terms, event_date: date) -> date:
    """The last day on which the event of a special group lifts the wait; the day after it is day 1."""
    return event_date + timedelta(days=terms.special_days)

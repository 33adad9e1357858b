"""Half-open periods of days and month arithmetic by the Civil Code.

A period [start, end) holds its first day and not its end, like a PostgreSQL daterange: neighbours share
an edge and never a day. Files and pages that speak of a last day convert with `of_days` and `last_day`.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta

from bureau.errors import BureauError, gettext_noop


class PeriodError(BureauError):
    """Base of everything that is wrong with a period."""

    code = "period_invalid"
    message = gettext_noop("The period is not valid.")


class PeriodEmpty(PeriodError):
    code = "period_empty"
    message = gettext_noop("The period must end after it starts (%(start)s to %(end)s).")


class DateOutOfRange(PeriodError):
    code = "date_out_of_range"
    message = gettext_noop("The date lies outside the calendar.")


def _require_day(value: date) -> None:
    # A datetime is a date to Python, but its day depends on a time zone: only clock.py may choose one.
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"a date is needed, not {type(value).__name__}")


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """Days from `start` up to, not including, `end`; never empty (PeriodEmpty). Sorts by start."""

    start: date
    end: date

    def __post_init__(self) -> None:
        _require_day(self.start)
        _require_day(self.end)
        if self.end <= self.start:
            raise PeriodEmpty(start=self.start, end=self.end)

    @classmethod
    def of_days(cls, first: date, last: date) -> Period:
        """The period from the first to the last day, both included."""
        _require_day(last)
        if last == date.max:
            raise DateOutOfRange()
        return cls(first, last + timedelta(days=1))

    @property
    def last_day(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """The number of days inside, at least 1."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def contains(self, other: date | Period) -> bool:
        """True when the day, or every day of the other period, lies inside."""
        if isinstance(other, Period):
            return self.start <= other.start and other.end <= self.end
        return other in self

    def overlaps(self, other: Period) -> bool:
        """True when both share at least one day; neighbours do not."""
        return self.start < other.end and other.start < self.end

    def touches(self, other: Period) -> bool:
        """True when one ends on the day the other starts."""
        return self.end == other.start or other.end == self.start

    def intersection(self, other: Period) -> Period | None:
        """The days both share, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


def add_months(day: date, months: int) -> date:
    """The corresponding day `months` later (or earlier), the last day of the month where there is none.

    Civil Code art. 202: 30 November + 3 months = 28 (29) February. Always counted from the original day, so
    chaining differs: 31 January + 1 + 1 month is 28 March, + 2 months is 31 March.
    Raises DateOutOfRange outside the years 1 to 9999.
    """
    _require_day(day)
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise DateOutOfRange()
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def months_between(start: date, end: date) -> int:
    """The whole months from `start` to `end`: the largest n with add_months(start, n) <= end.

    Raises PeriodError when `end` is before `start`.
    """
    _require_day(start)
    _require_day(end)
    if end < start:
        raise PeriodEmpty(start=start, end=end)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def first_of_month(day: date) -> date:
    """The first day of the day's month."""
    _require_day(day)
    return day.replace(day=1)


def first_of_next_month(day: date) -> date:
    """The first day of the month after the day's."""
    return add_months(first_of_month(day), 1)


def year_period(year: int) -> Period:
    """The benefit year as a period: 1 January up to the next 1 January."""
    if not MINYEAR <= year < MAXYEAR:
        raise DateOutOfRange()
    return Period(date(year, 1, 1), date(year + 1, 1, 1))

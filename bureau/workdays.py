"""The bureau's working days, as the State Council publishes them each autumn for the next year.

A calendar is a value: days with a yes or no, loaded by the caller. A day outside it is an error, never a
guess by weekday, because moved holidays make some Saturdays working days and some Mondays not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from bureau.errors import BureauError, gettext_noop


class YearNotPublished(BureauError):
    """Parameter `year`: the year whose working days are missing, wholly or in part."""

    code = "year_not_published"
    message = gettext_noop(
        "The working days of %(year)s are not in the calendar: enter them once they are published."
    )


class Calendar:
    """Working days over the days of `days` (day -> is it a working day). Every method raises YearNotPublished
    as soon as it would need a day that is not there."""

    def __init__(self, days: Mapping[date, bool]) -> None:
        self._days = dict(days)

    def is_workday(self, day: date) -> bool:
        """Whether the bureau and the banks work on that day."""
        try:
            return self._days[day]
        except KeyError:
            raise YearNotPublished(year=day.year) from None

    def _workdays(self, day: date, step: int) -> Iterator[date]:
        while True:
            if self.is_workday(day):
                yield day
            try:
                day += timedelta(days=step)
            except OverflowError:
                raise YearNotPublished(year=day.year) from None

    def next_workday(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it (a debit day is moved so)."""
        return next(self._workdays(day, 1))

    def previous_workday(self, day: date) -> date:
        """The day itself when it is a working day, else the last one before it."""
        return next(self._workdays(day, -1))

    def add_workdays(self, day: date, number: int) -> date:
        """The number-th working day after `day`, which itself never counts; before it for a negative number.

        "Within 3 working days" of an event on `day` ends on add_workdays(day, 3). Zero: next_workday(day).
        """
        if number == 0:
            return self.next_workday(day)
        step = 1 if number > 0 else -1
        found = self._workdays(day + timedelta(days=step), step)
        for _ in range(abs(number) - 1):
            next(found)
        return next(found)

    def nth_workday(self, start: date, number: int) -> date:
        """The number-th working day from `start` on, `start` counting as the first when it is one.

        The last of 3 debit days beginning on `start` is nth_workday(start, 3). `number` is at least 1.
        """
        if number < 1:
            raise ValueError("the first working day has number 1")
        found = self._workdays(start, 1)
        for _ in range(number - 1):
            next(found)
        return next(found)

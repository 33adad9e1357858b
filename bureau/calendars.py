"""The bureau's calendar in the database: loading it as a value, publishing a year, correcting a day."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User, Workday
from bureau.periods import Period, year_period
from bureau.workdays import Calendar, YearNotPublished

EDIT = "calendar.edit"


class DayOutsideYear(BureauError):
    """A holiday or worked weekend that does not belong to the year being published."""

    code = "DAY_OUTSIDE_YEAR"
    message = gettext_noop("%(day)s does not lie in %(year)s.")


class DayContradicts(BureauError):
    """The same day is listed as a holiday and as a working day."""

    code = "DAY_CONTRADICTS"
    message = gettext_noop("%(day)s is listed both as a holiday and as a working day.")


class DayNotPublished(BureauError):
    """A single day can be corrected only where its year is published."""

    code = "DAY_NOT_PUBLISHED"
    message = gettext_noop("%(day)s is not in the calendar: publish the whole year first.")


def load_calendar(first: date, last: date) -> Calendar:
    """The calendar of all whole years from the year of ``first`` to that of ``last``.

    A year that lacks a day is not published. Raises YearNotPublished when that is the year of ``first``; a
    later one is left out, so that the calendar itself raises as soon as a calculation reaches into it, and
    in December no earlier.
    """
    years: dict[int, dict[date, bool]] = {}
    wanted = Workday.objects.filter(day__gte=date(first.year, 1, 1), day__lt=date(last.year + 1, 1, 1))
    for day, is_workday in wanted.order_by("day").values_list("day", "is_workday"):
        years.setdefault(day.year, {})[day] = is_workday
    whole = {year: days for year, days in years.items() if len(days) == year_period(year).days}
    if first.year not in whole:
        raise YearNotPublished(year=first.year)
    return Calendar({day: is_workday for days in whole.values() for day, is_workday in days.items()})


def publish_year(
    *, year: int, holidays: Collection[date], worked: Collection[date], note: str = "", by: User, at: datetime
) -> int:
    """Enter the State Council's working days of ``year``: weekends and ``holidays`` are free, ``worked``
    weekends are not.

    Days that were entered before are overwritten. Returns the number of days whose value is new. Raises
    DayOutsideYear, DayContradicts, NotAllowed.
    """
    period = year_period(year)
    _check_lists(period, year, frozenset(holidays), frozenset(worked))
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    rows = [(day, (day.weekday() < 5 and day not in holidays) or day in worked) for day in days]
    with (
        transaction.atomic(),
        audit.acting(by=by, why="publish the working days", year=year, at=at.isoformat()),
    ):
        access.require(by, EDIT)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bureau_workday AS w (day, is_workday, note) "
                "SELECT day, is_workday, %s FROM unnest(%s::date[], %s::boolean[]) AS n(day, is_workday) "
                "ON CONFLICT (day) DO UPDATE SET is_workday = excluded.is_workday, note = excluded.note "
                "WHERE w.is_workday <> excluded.is_workday",
                [note, [day for day, _ in rows], [is_workday for _, is_workday in rows]],
            )
            return cursor.rowcount


def _check_lists(period: Period, year: int, holidays: frozenset[date], worked: frozenset[date]) -> None:
    for day in sorted(holidays | worked):
        if day not in period:
            raise DayOutsideYear(day=day.isoformat(), year=year)
    both = sorted(holidays & worked)
    if both:
        raise DayContradicts(day=both[0].isoformat())


def set_day(*, day: date, is_workday: bool, note: str, by: User, at: datetime) -> Workday:
    """Correct one day of a published year; raises DayNotPublished, NotAllowed."""
    with transaction.atomic(), audit.acting(by=by, why=note or "correct a day", at=at.isoformat()):
        row = Workday.objects.select_for_update(of=("self",)).filter(pk=day).order_by("pk").first()
        access.require(by, EDIT)
        if row is None:
            raise DayNotPublished(day=day.isoformat())
        row.is_workday, row.note = is_workday, note
        row.save(update_fields=["is_workday", "note"])
        return row

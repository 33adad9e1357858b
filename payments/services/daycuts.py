"""Day cuts (日切): per region, channel and day what we booked, what the channel states and what the treasury has.

A cut counts; it decides nothing, so it may be made again at any time. It also counts again the days that were not even at
the last cut, because their statements and their treasury lines come later, and the days whose money came later still.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from bureau import access
from bureau.calendars import load_calendar
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region, User
from bureau.workdays import Calendar
from payments.models import DayCut
from payments.services import channels, debitcases, statements

ACTION = "day.cut"
LONGEST = timedelta(days=60)
"""Working days to the treasury are found in the calendar of this many days."""
KEY = ("region_id", "channel", "day")
FIGURES = (
    "booked_lines", "booked", "duplicate_lines", "duplicate", "back_lines", "back", "loose_lines", "loose", "stated_lines",
    "stated", "returned_lines", "returned", "treasury_lines", "treasury", "unsettled_lines", "unsettled", "differences",
    "has_statement", "expected_on",
)  # fmt: skip


class DayToCome(BureauError):
    """A day that has not begun has nothing to count."""

    code = "DAY_TO_COME"
    message = gettext_noop("%(day)s is still to come: only today and earlier days can be cut.")


@dataclass(frozen=True)
class Cut:
    """The rows of the day, how many rows changed (earlier days among them), and what the pull of cases did."""

    day: date
    rows: list[DayCut]
    changed: int
    cases: debitcases.Pulled


def cut(*, day: date, by: User | None, at: datetime) -> Cut:
    """Count ``day``, every earlier day that was not even at its last cut, and those with money that came since.

    A second cut of the same facts changes nothing. Raises DayToCome, YearNotPublished, NotAllowed.
    """
    if day > day_of(at):
        raise DayToCome(day=day.isoformat())
    if by is not None:
        access.require(by, ACTION)
    cases = debitcases.pull(at=at)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.daycuts'))")
        uneven = DayCut.objects.filter(Q(unsettled_lines__gt=0) | Q(differences__gt=0) | Q(loose_lines__gt=0))
        days = sorted({day, *uneven.values_list("day", flat=True), *_new_days(day)})
        codes, ancestors = _above()
        found = statements.rows("day_cut", days=days, codes=codes, ancestors=ancestors)
        calendar = load_calendar(days[0], days[-1] + LONGEST)
        changed = _write(_expected(found, calendar), days, at)
    return Cut(
        day,
        list(DayCut.objects.select_related("region").filter(day=day).order_by("region", "channel")),
        changed,
        cases,
    )


def _new_days(day: date) -> list[date]:
    """Days up to ``day`` whose cut lacks something: money told or answered late, cases that a statement opened late."""
    return [row["day"] for row in statements.rows("day_cut_stale", day=day)]


def _above() -> tuple[list[str], list[str]]:
    """Every region with itself and each region above it."""
    parents = dict(Region.objects.values_list("code", "parent_id"))
    pairs = []
    for code in sorted(parents):
        at: str | None = code
        while at is not None:
            pairs.append((code, at))
            at = parents.get(at)
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _expected(found: list[dict[str, Any]], calendar: Calendar) -> list[dict[str, Any]]:
    """The figures with the day on which the treasury should have the money."""
    places = {(row["region_id"], row["channel"]) for row in found}
    terms = {place: channels.terms_of(channel=place[1], region_id=place[0]) for place in sorted(places)}
    rows = []
    for row in found:
        days = terms[row["region_id"], row["channel"]].settlement_days
        rows.append(row | {"expected_on": calendar.add_workdays(row["day"], days) if days else row["day"]})
    return rows


def _write(found: list[dict[str, Any]], days: list[date], at: datetime) -> int:
    """Only rows whose figures are new are written; a row whose facts are gone becomes zero."""
    before = {(c.region_id, c.channel, c.day): c for c in DayCut.objects.filter(day__in=days)}
    changed = 0
    for row in found:
        key = (row["region_id"], row["channel"], row["day"])
        kept = before.pop(key, None)
        figures = {name: row[name] for name in FIGURES}
        if kept is None:
            DayCut.objects.create(region_id=key[0], channel=key[1], day=key[2], cut_at=at, **figures)
            changed += 1
        elif any(getattr(kept, name) != value for name, value in figures.items()):
            DayCut.objects.filter(pk=kept.pk).update(cut_at=at, **figures)
            changed += 1
    for gone in before.values():
        zeros = {name: 0 for name in FIGURES if name not in ("has_statement", "expected_on")}
        if any(getattr(gone, name) for name in zeros):
            DayCut.objects.filter(pk=gone.pk).update(cut_at=at, **zeros)
            changed += 1
    return changed


def told(made: Cut) -> dict[str, Any]:
    """A cut as commands print it."""
    return {
        "day": made.day.isoformat(),
        "rows": [row_of(row) for row in made.rows],
        "cases": {
            "opened": made.cases.opened,
            "booked": made.cases.booked,
            "explained": made.cases.explained,
            "escalated": made.cases.escalated,
        },
        "changed": made.changed + made.cases.changed,
    }


def row_of(row: DayCut) -> dict[str, Any]:
    """A row of a cut: figures as text."""
    money = {
        name: {"lines": getattr(row, f"{name}_lines"), "amount": f"{getattr(row, name):.2f}"}
        for name in ("booked", "duplicate", "back", "loose", "stated", "returned", "treasury", "unsettled")
    }
    return {
        "region": row.region_id,
        "channel": row.channel,
        "state": state_of(row),
        **money,
        "differences": row.differences,
        "has_statement": row.has_statement,
        "expected_on": row.expected_on.isoformat(),
    }


def state_of(row: DayCut) -> str:
    """EVEN; DIFFERENT while something waits for a person; NO_STATEMENT; UNSETTLED while money is under way."""
    if row.differences or row.loose_lines:
        return "DIFFERENT"
    if row.unsettled_lines:
        return "UNSETTLED"
    return "EVEN" if row.has_statement else "NO_STATEMENT"

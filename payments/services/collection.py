"""How the collection goes: by region, channel and day, from the day cuts; declined debits from the answers themselves."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, Sum

from bureau.money import ZERO
from payments.models import DayCut

LATE = (0, 3, 10)
"""Days past the day on which the channel's money belongs in the treasury: not yet due, to 3, to 10, more."""

_DECLINED = """
SELECT l.internal, count(*), coalesce(sum(l.due), 0)
  FROM payments_bankfile f
  JOIN payments_bankline l ON l.bucket = 3 AND l.id BETWEEN f.id * 100000000 AND f.id * 100000000 + 99999999
 WHERE f.kind = 'RESULT' AND f.state = 'APPLIED' AND f.finished_at >= %(first)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
   AND f.finished_at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
   AND (%(regions)s::varchar[] IS NULL OR l.region_id = ANY(%(regions)s))
 GROUP BY l.internal ORDER BY 2 DESC, 1
"""


@dataclass
class Taken:
    """Money of some days: booked (payments), twice (duplicates), back (reversed), loose (not posted), and where it is."""

    lines: int = 0
    booked: Decimal = ZERO
    twice: Decimal = ZERO
    back: Decimal = ZERO
    loose: Decimal = ZERO
    settled: Decimal = ZERO
    unsettled: Decimal = ZERO
    differences: int = 0

    def add(self, row: DayCut) -> None:
        """One day of a channel more."""
        self.lines += row.booked_lines
        self.booked += row.booked
        self.twice += row.duplicate
        self.back += row.back
        self.loose += row.loose
        self.settled += row.treasury
        self.unsettled += row.unsettled
        self.differences += row.differences


@dataclass(frozen=True)
class Age:
    """Unsettled money that is ``late`` days late at most (None: more than all others)."""

    late: int | None
    lines: int = 0
    amount: Decimal = ZERO


@dataclass(frozen=True)
class Period:
    """The days of a period; ``rows`` are the day cuts, added up by whoever shows them."""

    rows: list[DayCut] = field(default_factory=list)

    def by(self, key: Callable[[DayCut], Any]) -> dict[Any, Taken]:
        """Added up by ``key``."""
        found: dict[Any, Taken] = {}
        for row in self.rows:
            found.setdefault(key(row), Taken()).add(row)
        return found

    def total(self) -> Taken:
        """All of it."""
        return self.by(lambda row: "").get("", Taken())


def of(*, regions: Collection[str] | None, first: date, last: date) -> Period:
    """The day cuts of a period in these regions (None: everywhere)."""
    rows = DayCut.objects.filter(day__gte=first, day__lte=last).select_related("region")
    if regions is not None:
        rows = rows.filter(region__in=regions)
    return Period(list(rows.order_by("day", "channel", "region_id")))


def latest(*, regions: Collection[str] | None) -> date | None:
    """The last day that was cut."""
    rows = DayCut.objects.all() if regions is None else DayCut.objects.filter(region__in=regions)
    return rows.aggregate(last=Max("day"))["last"]


def ages(*, regions: Collection[str] | None, on: date) -> list[Age]:
    """Money that the treasury has not confirmed, of all days, by how late it is on ``on``."""
    rows = DayCut.objects.filter(unsettled_lines__gt=0)
    if regions is not None:
        rows = rows.filter(region__in=regions)
    sums = (
        rows.values_list("expected_on")
        .annotate(n=Sum("unsettled_lines"), m=Sum("unsettled"))
        .order_by("expected_on")
    )
    found: dict[int | None, tuple[int, Decimal]] = dict.fromkeys((*LATE, None), (0, ZERO))
    for expected, lines, amount in sums:
        late = (on - expected).days
        bound = next((most for most in LATE if late <= most), None)
        found[bound] = (found[bound][0] + lines, found[bound][1] + amount)
    return [Age(bound, *found[bound]) for bound in (*LATE, None)]


def declined(*, regions: Collection[str] | None, first: date, last: date) -> list[tuple[str, int, Decimal]]:
    """Declined debits of result files applied in a period: internal code, how many, how much."""
    with connection.cursor() as cursor:
        codes = None if regions is None else sorted(regions)
        cursor.execute(_DECLINED, {"first": first, "last": last, "regions": codes})
        return [(code, number, amount) for code, number, amount in cursor.fetchall()]

"""Statistics of the register per region and benefit year: counted set-based, kept as tallies, read in a blink."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection, transaction

from payments.models import RegisterTally
from payments.services import statements


def count(*, year: int, on: date, at: datetime) -> int:
    """Count the register of benefit year ``year`` anew, for all regions, as of day ``on``; returns the tallies written.

    Categories are those held on ``on``, or on the year's last day where that is earlier. One count of a year at a
    time; counting again replaces what was counted.
    """
    year_end = date(year, 12, 31)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.statistics'), %s)", [year])
        # Fresh tables tell the planner nothing: a nested loop over a million rows would take hours.
        cursor.execute("SET LOCAL enable_nestloop = off")
        written = statements.run(
            cursor,
            "count_register",
            year=year,
            year_start=date(year, 1, 1),
            year_end=year_end,
            on=min(on, year_end),
            at=at,
        )
        cursor.execute("DROP TABLE counted, counted_due")
        return written


def years() -> list[int]:
    """The benefit years that were counted, latest first."""
    found = RegisterTally.objects.order_by("-benefit_year").values_list("benefit_year", flat=True)
    return list(found.distinct())


def of(*, years: Collection[int], regions: Collection[str] | None) -> list[RegisterTally]:
    """The tallies of ``years`` in ``regions`` (None: everywhere), a few hundred rows a year and province."""
    rows = RegisterTally.objects.filter(benefit_year__in=years).select_related("region")
    if regions is not None:
        rows = rows.filter(region__in=regions)
    return list(rows.order_by("benefit_year", "region", "topic", "code"))

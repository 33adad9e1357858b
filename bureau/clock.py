"""The only reader of time. Doors ask once and hand the answer down as `at` or `on`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bureau.errors import BureauError, gettext_noop

BUREAU_ZONE = ZoneInfo("Asia/Shanghai")
"""Days in law, at the bank and on every page are Beijing days; moments are stored in UTC."""


class NaiveMoment(BureauError):
    code = "naive_moment"
    message = gettext_noop("The point in time has no time zone.")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day in Asia/Shanghai."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The Asia/Shanghai day of an aware moment; raises NaiveMoment for one without a time zone."""
    if moment.tzinfo is None:
        raise NaiveMoment()
    return moment.astimezone(BUREAU_ZONE).date()

"""Closing an accounting day."""

from datetime import date, datetime

import pytest

from bureau import access
from payments.models import ClosedDay
from payments.services import closing
from tests import builders

DAY = date(2025, 1, 15)  # the fixture ``at`` is 10:00 of this day in Beijing


def test_a_day_is_closed_once(db: None, at: datetime) -> None:
    """The second attempt is told who was first."""
    first, second = builders.make_staff("supervisor"), builders.make_staff("supervisor")
    closing.close_day(region_id="450800", day=DAY, by=first, at=at)
    with pytest.raises(closing.DayAlreadyClosed) as refused:
        closing.close_day(region_id="450800", day=DAY, by=second, at=at)
    assert refused.value.params == {"day": "2025-01-15", "who": first.username}
    assert ClosedDay.objects.get().closed_by == first


def test_a_day_to_come_stays_open(db: None, at: datetime) -> None:
    """By the Beijing day of the moment."""
    with pytest.raises(closing.DayNotOver):
        closing.close_day(
            region_id="450800", day=date(2025, 1, 16), by=builders.make_staff("supervisor"), at=at
        )
    assert not ClosedDay.objects.exists()


def test_rights_and_regions(db: None, at: datetime) -> None:
    """A clerk closes nothing, a supervisor nothing elsewhere."""
    with pytest.raises(access.NotAllowed):
        closing.close_day(region_id="450800", day=DAY, by=builders.make_staff("clerk"), at=at)
    with pytest.raises(access.OutOfScope):
        closing.close_day(region_id="510100", day=DAY, by=builders.make_staff("supervisor"), at=at)

"""The one clock: moments in UTC, days in Beijing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from bureau import clock


def test_now_is_aware_and_in_utc() -> None:
    with time_machine.travel(datetime(2025, 2, 28, 15, 59, 59, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2025, 2, 28, 15, 59, 59, tzinfo=UTC)
        assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2025, 2, 28, 15, 59, 59, tzinfo=UTC), date(2025, 2, 28)),
        (datetime(2025, 2, 28, 16, 0, 0, tzinfo=UTC), date(2025, 3, 1)),
        (datetime(2024, 12, 31, 16, 0, 0, tzinfo=UTC), date(2025, 1, 1)),
    ],
)
def test_the_day_turns_at_midnight_in_beijing(moment: datetime, day: date) -> None:
    assert clock.day_of(moment) == day
    with time_machine.travel(moment, tick=False):
        assert clock.today() == day


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(clock.NaiveMoment) as caught:
        clock.day_of(datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None))
    assert caught.value.code == "naive_moment"

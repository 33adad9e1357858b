"""Half-open periods, and months as the Civil Code counts them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.periods import (
    DateOutOfRange,
    Period,
    PeriodEmpty,
    PeriodError,
    add_months,
    first_of_month,
    first_of_next_month,
    months_between,
    year_period,
)

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
PERIODS = (
    st.tuples(DAYS, DAYS)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Period(min(pair), max(pair)))
)


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


def test_a_period_holds_its_start_and_not_its_end() -> None:
    year = year_period(2025)
    assert date(2025, 1, 1) in year
    assert date(2025, 12, 31) in year
    assert date(2026, 1, 1) not in year
    assert date(2024, 12, 31) not in year
    assert (year.days, year.last_day) == (365, date(2025, 12, 31))
    assert year_period(2024).days == 366


def test_of_days_takes_both_ends_included() -> None:
    assert Period.of_days(date(2024, 9, 1), date(2025, 2, 28)) == period("2024-09-01", "2025-03-01")
    assert Period.of_days(date(2025, 6, 2), date(2025, 6, 2)).days == 1


@pytest.mark.parametrize(("start", "end"), [("2025-01-01", "2025-01-01"), ("2025-01-02", "2025-01-01")])
def test_an_empty_period_does_not_exist(start: str, end: str) -> None:
    with pytest.raises(PeriodEmpty) as caught:
        period(start, end)
    assert caught.value.code == "period_empty"
    assert str(caught.value) == f"The period must end after it starts ({start} to {end})."


def test_moments_are_not_days() -> None:
    with pytest.raises(TypeError):
        Period(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC))
    with pytest.raises(TypeError):
        add_months(datetime(2025, 1, 1, tzinfo=UTC), 1)


def test_neighbours_touch_and_do_not_overlap() -> None:
    first, second = period("2025-01-01", "2025-07-01"), period("2025-07-01", "2026-01-01")
    assert not first.overlaps(second)
    assert first.touches(second)
    assert second.touches(first)
    assert first.intersection(second) is None


def test_intersection_is_what_both_share() -> None:
    assert period("2025-01-01", "2025-07-01").intersection(period("2025-06-30", "2026-01-01")) == period(
        "2025-06-30", "2025-07-01"
    )


def test_contains_takes_a_day_or_a_period() -> None:
    year = year_period(2025)
    assert year.contains(date(2025, 6, 1))
    assert year.contains(period("2025-01-01", "2026-01-01"))
    assert not year.contains(period("2024-12-31", "2025-02-01"))
    assert not year.contains(period("2025-12-31", "2026-01-02"))


def test_periods_sort_by_start() -> None:
    assert sorted([year_period(2026), period("2025-03-01", "2025-04-01"), year_period(2025)]) == [
        year_period(2025),
        period("2025-03-01", "2025-04-01"),
        year_period(2026),
    ]


@given(PERIODS, PERIODS, DAYS)
def test_intersection_and_overlap_agree_day_by_day(one: Period, other: Period, day: date) -> None:
    shared = one.intersection(other)
    assert (shared is not None) == one.overlaps(other) == other.overlaps(one)
    assert (shared is not None and day in shared) == (day in one and day in other)
    if shared is not None:
        assert one.contains(shared)
        assert other.contains(shared)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        ("2025-03-01", 3, "2025-06-01"),
        ("2025-09-30", 3, "2025-12-30"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-11-29", 3, "2025-02-28"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2025-01-31", 2, "2025-03-31"),
        ("2025-03-31", -1, "2025-02-28"),
        ("2025-01-15", -1, "2024-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-12-31", 0, "2025-12-31"),
        ("2025-10-31", 6, "2026-04-30"),
    ],
)
def test_months_by_the_civil_code(day: str, months: int, result: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(result)


@given(DAYS, st.integers(min_value=-1200, max_value=1200))
def test_a_month_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (
        later.day < day.day and first_of_next_month(later).toordinal() == later.toordinal() + 1
    )


@given(DAYS, DAYS)
def test_months_between_is_the_largest_number_that_fits(one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)
    months = months_between(start, end)
    assert add_months(start, months) <= end < add_months(start, months + 1)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-01-15", "2025-04-14", 2),
        ("2025-01-15", "2025-04-15", 3),
        ("2025-01-31", "2025-02-28", 1),
        ("2025-02-28", "2025-02-28", 0),
        ("2024-02-29", "2025-02-28", 12),
    ],
)
def test_whole_months(start: str, end: str, months: int) -> None:
    assert months_between(date.fromisoformat(start), date.fromisoformat(end)) == months


def test_months_are_not_counted_backwards() -> None:
    with pytest.raises(PeriodError):
        months_between(date(2025, 2, 1), date(2025, 1, 1))


def test_first_days_of_months() -> None:
    assert first_of_month(date(2025, 2, 28)) == date(2025, 2, 1)
    assert first_of_next_month(date(2025, 1, 31)) == date(2025, 2, 1)
    assert first_of_next_month(date(2025, 12, 1)) == date(2026, 1, 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: add_months(date(9999, 12, 1), 1),
        lambda: add_months(date(1, 1, 1), -1),
        lambda: first_of_next_month(date(9999, 12, 31)),
        lambda: year_period(0),
        lambda: year_period(9999),
        lambda: Period.of_days(date(9999, 12, 1), date.max),
    ],
)
def test_the_calendar_has_named_ends(call: Callable[[], object]) -> None:
    with pytest.raises(DateOutOfRange) as caught:
        call()
    assert caught.value.code == "date_out_of_range"

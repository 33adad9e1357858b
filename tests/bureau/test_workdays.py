"""Working days: the published calendar, moved days, and no guess for a year that is not published."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.workdays import Calendar, YearNotPublished
from tests.tools.make_workdays import TARGET, workdays_csv


def rows() -> list[dict[str, str]]:
    with TARGET.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SHIPPED = Calendar({date.fromisoformat(row["day"]): row["is_workday"] == "1" for row in rows()})


def test_the_shipped_file_is_what_its_tool_writes() -> None:
    assert TARGET.read_bytes().decode("utf-8") == workdays_csv()


def test_the_shipped_file_has_every_day_of_2004_to_2026_once() -> None:
    days = [date.fromisoformat(row["day"]) for row in rows()]
    assert (days[0], days[-1], len(days)) == (date(2004, 1, 1), date(2026, 12, 31), 8401)
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_notes_tell_why_a_day_is_not_what_its_weekday_says() -> None:
    for row in rows():
        weekend = date.fromisoformat(row["day"]).weekday() >= 5
        if row["is_workday"] == "1":
            assert row["note"] == ("调休上班" if weekend else ""), row
        elif not weekend:
            assert row["note"], row
    names = Counter(row["note"] for row in rows() if row["is_workday"] == "0")
    assert {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"} <= names.keys()


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-01-26", True),  # a Sunday
        ("2025-02-08", True),  # a Saturday
        ("2025-01-28", False),  # New Year's Eve of the lunar year
        ("2025-02-15", False),
        ("2025-02-17", True),
        ("2025-10-08", False),  # a Wednesday
        ("2025-10-11", True),  # a Saturday
        ("2024-12-31", True),
        ("2020-01-31", False),  # the prolonged Spring Festival
    ],
)
def test_known_days(day: str, works: bool) -> None:
    assert SHIPPED.is_workday(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("2025-01-15", "2025-01-15"),
        ("2025-02-15", "2025-02-17"),
        ("2025-03-15", "2025-03-17"),
        ("2025-10-01", "2025-10-09"),
        ("2025-01-26", "2025-01-26"),
    ],
)
def test_a_debit_day_moves_to_the_next_working_day(day: str, moved: str) -> None:
    assert SHIPPED.next_workday(date.fromisoformat(day)) == date.fromisoformat(moved)


def test_the_last_working_day_before_a_holiday() -> None:
    assert SHIPPED.previous_workday(date(2025, 10, 8)) == date(2025, 9, 30)
    assert SHIPPED.previous_workday(date(2025, 9, 30)) == date(2025, 9, 30)


@pytest.mark.parametrize(
    ("day", "number", "result"),
    [
        ("2025-01-15", 1, "2025-01-16"),
        ("2025-01-15", 3, "2025-01-20"),  # Thursday, Friday, Monday
        ("2025-01-24", 1, "2025-01-26"),  # a working Sunday
        ("2025-09-30", 1, "2025-10-09"),
        ("2025-10-04", 1, "2025-10-09"),
        ("2025-10-09", -1, "2025-09-30"),
        ("2025-01-20", -3, "2025-01-15"),
        ("2025-02-15", 0, "2025-02-17"),
        ("2025-02-17", 0, "2025-02-17"),
    ],
)
def test_add_workdays_never_counts_the_day_itself(day: str, number: int, result: str) -> None:
    assert SHIPPED.add_workdays(date.fromisoformat(day), number) == date.fromisoformat(result)


@pytest.mark.parametrize(
    ("start", "number", "result"),
    [
        ("2025-01-15", 1, "2025-01-15"),
        ("2025-01-15", 3, "2025-01-17"),
        ("2025-02-15", 3, "2025-02-19"),
        ("2025-01-24", 3, "2025-01-27"),
        ("2025-09-30", 2, "2025-10-09"),
    ],
)
def test_nth_workday_counts_the_start(start: str, number: int, result: str) -> None:
    assert SHIPPED.nth_workday(date.fromisoformat(start), number) == date.fromisoformat(result)


def test_there_is_no_working_day_number_nought() -> None:
    with pytest.raises(ValueError, match="first working day"):
        SHIPPED.nth_workday(date(2025, 1, 15), 0)


@pytest.mark.parametrize(
    ("call", "year"),
    [
        (lambda: SHIPPED.is_workday(date(2027, 1, 4)), 2027),
        (lambda: SHIPPED.is_workday(date(2003, 12, 31)), 2003),
        (lambda: SHIPPED.next_workday(date(2027, 6, 1)), 2027),
        (lambda: SHIPPED.add_workdays(date(2026, 12, 30), 5), 2027),
        (lambda: SHIPPED.nth_workday(date(2026, 12, 31), 2), 2027),
        (lambda: SHIPPED.previous_workday(date(2004, 1, 1)), 2003),
    ],
)
def test_a_year_that_is_not_published_is_an_error_never_a_guess(
    call: Callable[[], object], year: int
) -> None:
    with pytest.raises(YearNotPublished) as caught:
        call()
    assert caught.value.code == "year_not_published"
    assert caught.value.params == {"year": year}


def test_a_day_missing_inside_a_year_is_an_error_too() -> None:
    partly = Calendar({date(2027, 1, 4): True})
    assert partly.next_workday(date(2027, 1, 4)) == date(2027, 1, 4)
    with pytest.raises(YearNotPublished):
        partly.add_workdays(date(2027, 1, 4), 1)


def test_the_calendar_ends_with_the_dates_of_the_language() -> None:
    with pytest.raises(YearNotPublished):
        Calendar({date.max: False}).next_workday(date.max)


def test_a_calendar_keeps_its_own_days() -> None:
    days = {date(2027, 1, 4): True}
    calendar = Calendar(days)
    days[date(2027, 1, 4)] = False
    assert calendar.is_workday(date(2027, 1, 4))


@given(
    st.dates(min_value=date(2005, 1, 1), max_value=date(2025, 12, 31)), st.integers(min_value=1, max_value=40)
)
def test_counting_forth_and_back_agrees(day: date, number: int) -> None:
    later = SHIPPED.add_workdays(day, number)
    between = [day + timedelta(days=n) for n in range(1, (later - day).days + 1)]
    assert sum(SHIPPED.is_workday(each) for each in between) == number
    assert SHIPPED.is_workday(later)
    if SHIPPED.is_workday(day):
        assert SHIPPED.add_workdays(later, -number) == day
        assert SHIPPED.nth_workday(day, number + 1) == later

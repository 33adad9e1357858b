"""The calendar in the database: loading, publishing a year, correcting a day."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from bureau import access, calendars
from bureau.models import User, Workday
from bureau.workdays import YearNotPublished

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]
NOW = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)


def test_a_published_year_is_loaded_whole() -> None:
    calendar = calendars.load_calendar(date(2025, 1, 15), date(2025, 1, 15))
    assert not calendar.is_workday(date(2025, 1, 1))
    assert calendar.is_workday(date(2025, 1, 26))
    assert calendar.next_workday(date(2025, 1, 28)) == date(2025, 2, 5)
    assert not calendar.is_workday(date(2025, 12, 28))


def test_a_range_over_new_year_takes_both_years() -> None:
    calendar = calendars.load_calendar(date(2024, 12, 31), date(2025, 1, 2))
    assert calendar.add_workdays(date(2024, 12, 31), 1) == date(2025, 1, 2)


@pytest.mark.parametrize("first", [date(2027, 1, 1), date(2003, 12, 31)])
def test_a_year_without_days_is_an_error(first: date) -> None:
    with pytest.raises(YearNotPublished) as caught:
        calendars.load_calendar(first, first)
    assert caught.value.params == {"year": first.year}


def test_a_year_that_lacks_one_day_is_not_published() -> None:
    Workday.objects.filter(day=date(2025, 7, 6)).delete()
    with pytest.raises(YearNotPublished):
        calendars.load_calendar(date(2025, 1, 15), date(2025, 1, 20))


def test_december_goes_on_until_the_new_year_is_needed() -> None:
    Workday.objects.create(day=date(2027, 1, 4), is_workday=True)
    calendar = calendars.load_calendar(date(2026, 12, 20), date(2027, 1, 10))
    assert calendar.add_workdays(date(2026, 12, 28), 3) == date(2026, 12, 31)
    with pytest.raises(YearNotPublished) as caught:
        calendar.add_workdays(date(2026, 12, 31), 1)
    assert caught.value.params == {"year": 2027}


def publish(by: User, **changes: object) -> int:
    values: dict[str, object] = {
        "year": 2027,
        "holidays": [date(2027, 1, 1), date(2027, 2, 8)],
        "worked": [date(2027, 2, 6)],
    }
    return calendars.publish_year(**(values | changes), note="国办", by=by, at=NOW)  # type: ignore[arg-type]


def test_publishing_a_year_enters_all_its_days(staff: Staff) -> None:
    assert publish(staff("sysadmin")) == 365
    calendar = calendars.load_calendar(date(2026, 12, 20), date(2027, 1, 10))
    assert calendar.add_workdays(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert calendar.is_workday(date(2027, 2, 6))
    assert not calendar.is_workday(date(2027, 2, 7))
    assert not calendar.is_workday(date(2027, 2, 8))


def test_publishing_again_changes_only_what_is_new(staff: Staff) -> None:
    supervisor = staff("supervisor")
    publish(supervisor)
    assert publish(supervisor) == 0
    assert publish(supervisor, holidays=[date(2027, 1, 1)]) == 1
    event = Workday.objects.get(day=date(2027, 2, 8)).events.order_by("-pgh_id").first()
    assert (event.is_workday, event.pgh_context.metadata["actor"]) == (True, supervisor.username)


def test_days_of_another_year_or_of_both_lists_are_refused(staff: Staff) -> None:
    with pytest.raises(calendars.DayOutsideYear) as outside:
        publish(staff("sysadmin"), worked=[date(2026, 12, 27)])
    assert (outside.value.code, outside.value.params["day"]) == ("DAY_OUTSIDE_YEAR", "2026-12-27")
    with pytest.raises(calendars.DayContradicts) as twice:
        publish(staff("sysadmin"), worked=[date(2027, 2, 8)])
    assert (twice.value.code, twice.value.params["day"]) == ("DAY_CONTRADICTS", "2027-02-08")
    assert not Workday.objects.filter(day__year=2027).exists()


def test_a_day_can_be_corrected_with_a_note(staff: Staff) -> None:
    supervisor = staff("supervisor")
    day = date(2025, 1, 26)
    calendars.set_day(day=day, is_workday=False, note="台风", by=supervisor, at=NOW)
    assert not calendars.load_calendar(day, day).is_workday(day)
    row = Workday.objects.get(pk=day)
    assert row.note == "台风"
    assert row.events.order_by("-pgh_id").first().pgh_context.metadata["why"] == "台风"


def test_a_day_outside_the_calendar_is_not_corrected(staff: Staff) -> None:
    with pytest.raises(calendars.DayNotPublished) as caught:
        calendars.set_day(day=date(2027, 1, 4), is_workday=True, note="", by=staff("sysadmin"), at=NOW)
    assert caught.value.code == "DAY_NOT_PUBLISHED"


@pytest.mark.parametrize("role", ["clerk", "auditor", "tax_officer"])
def test_the_calendar_is_not_everybodys(staff: Staff, role: str) -> None:
    with pytest.raises(access.NotAllowed):
        publish(staff(role))
    with pytest.raises(access.NotAllowed):
        calendars.set_day(day=date(2025, 1, 26), is_workday=False, note="", by=staff(role), at=NOW)

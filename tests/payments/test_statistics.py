"""Statistics: counted set-based by region, class and category, and shown against last year."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bureau.models import ExportRecord, User
from enrollment.models import PersonCategory
from payments.models import RegisterTally
from payments.services import statistics
from tests import builders
from tests.bureau.desk_world import client_of
from tests.payments import bookbuilders
from tests.payments.bookbuilders import Books

AT = datetime(2025, 6, 1, 2, 0, tzinfo=UTC)
YEAR = bookbuilders.YEAR
COUNTY = "450802"


@pytest.fixture
def books(db: None) -> Books:
    """Receivables in every state."""
    return bookbuilders.clean()


def counted(year: int = YEAR, **where: Any) -> list[RegisterTally]:
    """The tallies of a fresh count."""
    statistics.count(year=year, on=date(2025, 6, 1), at=AT)
    return list(RegisterTally.objects.filter(benefit_year=year, **where))


def total(rows: Sequence[RegisterTally], name: str) -> Any:
    """A column added up."""
    return sum(getattr(row, name) for row in rows)


def test_the_tallies_say_what_the_facts_say(books: Books) -> None:
    """As the state of each receivable says it, one by one."""
    rows = counted(topic="CLASS")
    due = list(bookbuilders.Receivable.objects.with_state())
    states = [one.state for one in due]
    assert total(rows, "paid") == states.count("SETTLED")
    assert total(rows, "exempt") == states.count("EXEMPT")
    assert total(rows, "unpaid") == len(states) - states.count("SETTLED") - states.count("EXEMPT")
    assert total(rows, "due_amount") == sum((one.amount_due for one in due), Decimal(0))


def test_people_count_where_they_are_registered_below_the_pooling_region(db: None) -> None:
    """A person of a county of Guigang in the county; a stranger who is enrolled in Guigang in Guigang."""
    home, away = builders.make_person(COUNTY), builders.make_person("510100")
    builders.enrol(home)
    builders.enrol(away)
    builders.enrol(away, "510100")
    found = {row.region_id: row for row in counted(topic="CLASS")}
    assert {code: (row.registered, row.enrolled) for code, row in found.items()} == {
        COUNTY: (1, 1),
        "450800": (0, 1),
        "510100": (1, 1),
    }


def test_the_dead_and_the_merged_are_not_registered(db: None) -> None:
    """Nor who is born after the year."""
    builders.make_person(death_date=date(2025, 5, 1))
    kept = builders.make_person()
    builders.make_person(merged_into=kept)
    builders.make_person(birth_date=date(2026, 1, 1), person_class="1401")
    assert total(counted(topic="CLASS"), "registered") == 1


def test_categories_count_on_the_day(db: None) -> None:
    """Once for each category that is held."""
    person = builders.make_person()
    for category, until in (("DIBAO", None), ("ZHONGCAN", None), ("TEKUN", date(2025, 6, 1))):
        PersonCategory.objects.create(
            person=person, category=category, valid_from=date(2024, 1, 1), valid_to=until
        )
    assert sorted(row.code for row in counted(topic="CATEGORY")) == ["DIBAO", "ZHONGCAN"]


def test_counting_again_replaces_the_year_and_no_other(books: Books) -> None:
    """Twice is once."""
    statistics.count(year=YEAR - 1, on=date(2025, 6, 1), at=AT)
    first = [(row.region_id, row.code, row.paid) for row in counted()]
    assert [(row.region_id, row.code, row.paid) for row in counted()] == first
    assert RegisterTally.objects.filter(benefit_year=YEAR - 1).exists()


def test_the_command_counts(books: Books) -> None:
    """For a task or by hand."""
    out = StringIO()
    call_command("count_statistics", year=YEAR, stdout=out)
    assert out.getvalue().startswith(f"{YEAR}: ")
    assert RegisterTally.objects.filter(benefit_year=YEAR).exists()


# ---------------------------------------------------------------------------------------------- the page


def shown(user: User, **query: Any) -> str:
    """The page's text."""
    response = client_of(user).get(reverse("desk:statistics"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_ones_own_regions_only(books: Books) -> None:
    """A city's clerk sees the city."""
    statistics.count(year=YEAR, on=date(2025, 6, 1), at=AT)
    clerk, other = builders.make_staff("clerk"), builders.make_staff("clerk", "110000")
    assert "贵港市" in shown(clerk)
    assert "贵港市" not in shown(other)
    assert shown(other, region="450800").count("贵港") == 0


def test_the_page_asks_the_same_number_of_questions(books: Books) -> None:
    """Whatever it shows."""
    clerk = builders.make_staff("clerk")
    asked = []
    for year in (YEAR, YEAR - 1):
        statistics.count(year=year, on=date(2025, 6, 1), at=AT)
        client = client_of(clerk)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("desk:statistics"), {"year": YEAR}).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_odd_years_and_regions_show_the_latest_of_all(books: Books) -> None:
    """Never an error."""
    statistics.count(year=YEAR, on=date(2025, 6, 1), at=AT)
    clerk = builders.make_staff("clerk")
    for query in (
        {"year": "x"},
        {"year": "99999999999999999999"},
        {"region": "'"},
        {"year": "", "region": ""},
    ):
        assert "统计" in shown(clerk, **query)


def test_the_figures_leave_by_the_export_register(books: Books) -> None:
    """By POST, for those who may export; entered before the first line."""
    statistics.count(year=YEAR, on=date(2025, 6, 1), at=AT)
    address = f"{reverse('desk:statistics_export')}?year={YEAR}"
    supervisor = client_of(builders.make_staff("supervisor"))
    body = b"".join(supervisor.post(address).streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(StringIO(body)))
    tallies = RegisterTally.objects.filter(region__code__startswith="4508")
    assert len(lines) == tallies.count() + 1
    assert ExportRecord.objects.get().what == "statistics"
    assert client_of(builders.make_staff("clerk")).post(address).status_code == 403
    assert supervisor.get(address).status_code == 302

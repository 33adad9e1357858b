"""The amount that the counter tells for a day is the one that an assessment of that day writes."""

from datetime import date
from typing import Any

import pytest

from enrollment.models import EmployeeSpell, Person, PersonCategory, Policy
from enrollment.services import whatif
from payments.models import Receivable
from payments.services import receivables
from tests import builders
from tests.enrollment.covered import AT

GUIYANG, YEAR = "520100", 2025
DAYS = (date(2024, 10, 1), date(2025, 2, 28), date(2025, 3, 1), date(2025, 4, 10), date(2025, 11, 30))


def somebody(**fields: Any) -> Person:
    """Somebody enrolled in Guiyang, where late payers owe the full cost."""
    person = builders.make_person(GUIYANG, **fields)
    builders.enrol(person, GUIYANG)
    return person


@pytest.fixture
def people(db: None) -> list[Person]:
    """Adults, newborns around the limits, switchers in time and too late, people on aid for some of the time."""
    terms = Policy.objects.get(region_id="520000", benefit_year=YEAR, state="PUBLISHED")
    assert terms.values.late_price_rule == "FULL_COST"
    found = [somebody(), somebody(person_class="1601", birth_date=date(1950, 1, 1))]
    births = (date(2024, 12, 1), date(2024, 12, 31), date(2025, 1, 1), date(2025, 3, 5))
    found.extend(somebody(person_class="1401", birth_date=birth) for birth in births)
    for stopped in (date(2024, 11, 30), date(2024, 12, 31), date(2025, 1, 31), date(2025, 4, 9), None):
        found.append(somebody())
        EmployeeSpell.objects.create(person=found[-1], started_on=date(2020, 1, 1), stopped_on=stopped)
    for category, since, until in (
        ("TEKUN", date(2024, 1, 1), None),
        ("DIBAO", date(2025, 3, 1), None),
        ("DIBAO", date(2024, 1, 1), date(2025, 4, 10)),
    ):
        found.append(somebody())
        PersonCategory.objects.create(person=found[-1], category=category, valid_from=since, valid_to=until)
    return found


@pytest.mark.parametrize("day", DAYS)
def test_the_counter_tells_what_is_assessed(people: list[Person], day: date) -> None:
    """Person by person: the rule for one and the statement for all agree."""
    clerk = builders.make_staff("clerk", GUIYANG)
    receivables.assess(region_id=GUIYANG, year=YEAR, on=day, by=clerk, at=AT)
    assessed = {row.person_id: row for row in Receivable.objects.filter(region_id=GUIYANG)}
    for person in people:
        told = whatif.ask(person_id=person.pk, year=YEAR, pay_date=day).answer.due
        row = assessed[person.pk]
        assert (told.standard, told.aid, told.aid_category, told.amount, told.is_late) == (
            row.standard,
            row.aid,
            row.aid_category,
            row.amount,
            row.is_late,
        )

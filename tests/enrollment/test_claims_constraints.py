"""Each constraint of the reports of claims, provoked by raw writes."""

import pytest
from django.db import IntegrityError, transaction

from enrollment.models import ClaimYear
from tests import builders


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"zero_claim": True, "incentive_used": True}, "claim_year_one_of_two"),
        ({"zero_claim": False, "incentive_used": False}, "claim_year_one_of_two"),
        ({"zero_claim": True, "benefit_year": 1999}, "claim_year_range"),
    ],
)
@pytest.mark.django_db
def test_the_database_refuses_what_no_report_says(fields: dict[str, object], name: str) -> None:
    """A year is without a claim or drew on the incentive."""
    person = builders.make_person()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ClaimYear.objects.create(**({"person": person, "benefit_year": 2024} | fields))


@pytest.mark.django_db
def test_a_year_is_reported_once() -> None:
    """A second row for it is refused."""
    person = builders.make_person()
    ClaimYear.objects.create(person=person, benefit_year=2024, zero_claim=True)
    with pytest.raises(IntegrityError, match="claim_year_once"), transaction.atomic():
        ClaimYear.objects.create(person=person, benefit_year=2024, incentive_used=True)

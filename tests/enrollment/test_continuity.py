"""Years in a row and the incentive of 国办发〔2024〕38号, by example and with the register."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bureau.partitions import open_year
from enrollment.continuity import Claims, Covered, Row, Source, broken, by_year, incentive, row_of
from enrollment.models import ClaimYear, EmployeeSpell, Person, PriorCover
from enrollment.services import continuity, cover
from tests import builders
from tests.enrollment.covered import AT, paid, relation, shipped
from tests.enrollment.values import make_terms


def years(*found: int, source: Source = Source.OWN) -> dict[int, Covered]:
    """Covered years."""
    return by_year(Covered(year, source) for year in found)


@pytest.mark.parametrize(
    ("covered", "length", "steps"),
    [
        ((), 0, 0),
        ((2025,), 1, 0),
        ((2022, 2023, 2024, 2025), 4, 0),
        ((2021, 2022, 2023, 2024, 2025), 5, 1),
        ((2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025), 8, 4),
        ((2018, 2019, 2020, 2021, 2022, 2024, 2025), 2, 0),
        ((2020, 2021, 2022, 2023, 2024), 0, 0),
    ],
)
def test_each_year_after_the_fourth_is_a_step(covered: tuple[int, ...], length: int, steps: int) -> None:
    """A year without cover starts the count anew."""
    row = row_of(years(*covered), 2025)
    assert (row.length, row.steps) == (length, steps)


def test_years_without_a_claim_count_for_the_years_after_them() -> None:
    """Only inside the row, only before the year, and not before a claim that drew on the incentive."""
    covered = years(2019, 2021, 2022, 2023, 2024, 2025)
    claims = [Claims(year, zero=True) for year in (2019, 2022, 2023, 2025)]
    assert row_of(covered, 2025, claims).zero_claim == (2022, 2023)
    assert row_of(covered, 2025, [*claims, Claims(2024, used=True)]).zero_claim == ()
    assert row_of(covered, 2025, [Claims(2022, used=True), *claims[2:]]).zero_claim == (2023,)


def test_the_incentive_is_steps_times_the_step_up_to_the_cap() -> None:
    """20 per cent of a ceiling of 300,000 are 60,000; without a known ceiling the steps are told."""
    terms = make_terms(incentive_step="4000.00")
    row = Row(2025, tuple(Covered(year, Source.OWN) for year in range(2002, 2026)), (2024,))
    assert incentive(terms, row).amount == Decimal("84000.00")
    found = incentive(terms, row, Decimal("300000.00"))
    assert (found.amount, found.capped) == (Decimal("60000.00"), True)


def test_of_several_sources_our_own_is_told_and_breaks_are_named() -> None:
    """Then what was imported, then employee cover."""
    found = by_year(
        [Covered(2023, Source.EMPLOYEE), Covered(2023, Source.PRIOR, "list"), Covered(2024, Source.OWN)]
    )
    assert (found[2023].source, found[2023].note) == (Source.PRIOR, "list")
    assert broken(years(2019, 2021, 2024), 2026) == (2020, 2022, 2023, 2025)
    assert broken({}, 2026) == ()


# ---------------------------------------------------------------------------------------------- with the register


@pytest.fixture
def person(db: None) -> Person:
    """Three imported years, one in employee cover, one of our own."""
    open_year(2025)
    person = builders.make_person()
    PriorCover.objects.bulk_create(
        PriorCover(person=person, benefit_year=year, source="city list") for year in (2021, 2022, 2023)
    )
    EmployeeSpell.objects.create(person=person, started_on=date(2024, 2, 1), stopped_on=date(2024, 11, 30))
    rows = [paid(person.pk, date(2024, 12, 1))]
    cover.start_cover(relation=relation(rows), policy=shipped("GG25"), at=AT)
    return person


def test_a_persons_years_come_from_all_sources(person: Person) -> None:
    """Five in a row: one step of 1,000 yuan."""
    found = continuity.of(person_id=person.pk, region_id="450800", year=2025)
    assert [(one.year, one.source) for one in found.row.years] == [
        (2021, Source.PRIOR),
        (2022, Source.PRIOR),
        (2023, Source.PRIOR),
        (2024, Source.EMPLOYEE),
        (2025, Source.OWN),
    ]
    assert found.incentive is not None
    assert found.incentive.amount == Decimal("1000.00")


def test_a_year_that_is_not_paid_yet_does_not_break_the_row(person: Person) -> None:
    """The next year is told by the row up to this one; the year after that has lost it."""
    assert continuity.of(person_id=person.pk, region_id="450800", year=2026).row.length == 5
    later = continuity.of(person_id=person.pk, region_id="450800", year=2027)
    assert (later.row.length, later.missed) == (0, (2026,))


def test_a_report_of_claims_is_taken_whole_or_not_at_all(person: Person, tmp_path: Path) -> None:
    """The same again changes nothing; a row that says nothing refuses the file."""
    clerk = builders.make_staff("clerk")
    path = tmp_path / "claims.csv"
    head = "id_number,year,zero_claim,incentive_used\n"
    path.write_text(f"{head}{person.id_number},2022,1,0\n{person.id_number},2023,0,1\n", encoding="utf-8")
    for _time in range(2):
        out = StringIO()
        call_command("import_claim_years", str(path), region="450800", by=clerk.username, stdout=out)
        assert out.getvalue().strip() == "2"
    found = continuity.of(person_id=person.pk, region_id="450800", year=2025)
    assert (found.claims[2022].zero, found.claims[2023].used, found.row.zero_claim) == (True, True, ())
    path.write_text(f"{head}{person.id_number},2024,1,0\n{person.id_number},2025,1,1\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"CLAIM_ROWS_WRONG.*line 3"):
        call_command("import_claim_years", str(path), region="450800", by=clerk.username)
    assert ClaimYear.objects.count() == 2

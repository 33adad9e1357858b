"""Entitlement on a day: by example, and the statement for many against the rule for one."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bureau.partitions import open_year
from enrollment.entitlement import Entitlement, Held, Standing, entitled, told
from enrollment.known import Spell
from enrollment.models import Coverage, EmployeeSpell, Person
from enrollment.services import cover, entitlement
from tests import builders
from tests.enrollment.covered import AT, paid, receivable, relation, shipped
from tests.enrollment.test_cover_equal import WITH_DATABASE

DAY = date(2025, 6, 1)
YEAR = Held(1, "450800", "IN_WINDOW", date(2025, 1, 1), date(2026, 1, 1))
LATER = Held(2, "510100", "LATE", date(2025, 8, 1), date(2026, 1, 1))
OVER = Held(3, "510100", "LATE", date(2025, 2, 1), date(2025, 5, 1))
GONE = Held(4, "510100", "LATE", None, None)


@pytest.mark.parametrize(
    ("rows", "standing", "key"),
    [
        ([], Standing.NOT_PAID, None),
        ([YEAR], Standing.COVERED, 1),
        ([LATER], Standing.WAITING, 2),
        ([OVER], Standing.OVER, 3),
        ([GONE], Standing.WITHDRAWN, 4),
        ([GONE, OVER, LATER, YEAR], Standing.COVERED, 1),
        ([GONE, OVER, LATER], Standing.WAITING, 2),
        ([GONE, OVER], Standing.OVER, 3),
    ],
)
def test_the_row_that_says_most_counts(rows: list[Held], standing: Standing, key: int | None) -> None:
    """Covers the day, starts later, is over, covers nothing; in that order."""
    found = entitled(DAY, rows=rows)
    assert (found.standing, found.key) == (standing, key)


def test_first_and_last_day_are_inside() -> None:
    """Half-open rows: 31 December is the last day."""
    assert entitled(date(2025, 1, 1), rows=[YEAR]).covered
    last = entitled(date(2025, 12, 31), rows=[YEAR])
    assert (last.covered, last.end) == (True, date(2025, 12, 31))
    assert entitled(date(2025, 7, 31), rows=[LATER]).start == date(2025, 8, 1)


def test_employee_cover_goes_first_and_nobody_is_entitled_after_death() -> None:
    """The day of death itself still counts."""
    spell = Spell(date(2024, 3, 1))
    assert entitled(DAY, rows=[YEAR], spells=[spell]).standing == Standing.EMPLOYEE
    assert entitled(DAY, rows=[YEAR], death=DAY).covered
    dead = entitled(DAY, rows=[YEAR], spells=[spell], death=DAY - timedelta(days=1))
    assert (dead.standing, dead.covered) == (Standing.DECEASED, False)


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_a_sentence_in_both_languages(standing: Standing) -> None:
    """With its day."""
    found = Entitlement(DAY, standing, date(2025, 1, 1), date(2025, 12, 31))
    for chinese in (True, False):
        assert told(found, chinese=chinese, because="")
        assert "{" not in told(found, chinese=chinese)


# ---------------------------------------------------------------------------------------------- with the register


@pytest.fixture
def late_payer(db: None) -> Person:
    """Who paid in March and waits until June."""
    open_year(2025)
    person = builders.make_person()
    builders.enrol(person)
    rows = [paid(person.pk, date(2025, 3, 10))]
    cover.start_cover(relation=relation(rows), policy=shipped("GG25"), at=AT)
    return person


def test_one_person_is_told_why_since_and_until(late_payer: Person) -> None:
    """With the sentence of the row of cover and the ratios of its region."""
    waiting = entitlement.look(person_id=late_payer.pk, on=date(2025, 6, 10))
    assert (waiting.found.standing, waiting.found.start) == (Standing.WAITING, date(2025, 6, 11))
    covered = entitlement.look(person_id=late_payer.pk, on=date(2025, 6, 11))
    assert (covered.found.covered, covered.found.end) == (True, date(2025, 12, 31))
    assert "等待期3个月" in covered.explain
    assert covered.ratios == shipped("GG25").values.benefit_ratios


def test_the_command_answers_by_number(late_payer: Person, tmp_path: Path) -> None:
    """One as an object; many as a list in the order asked, strangers named as such."""
    out = StringIO()
    call_command(
        "entitlement", "--id-number", late_payer.id_number, "--on", "2025-06-11", "--json", stdout=out
    )
    told_one = json.loads(out.getvalue())
    assert {key: told_one[key] for key in ("covered", "start", "end", "rule")} == {
        "covered": True,
        "start": "2025-06-11",
        "end": "2025-12-31",
        "rule": "LATE",
    }
    listed, out = tmp_path / "list.csv", StringIO()
    listed.write_text(f"id_number\n110101199003070000\n{late_payer.id_number}\n", encoding="utf-8")
    call_command("entitlement", "--file", str(listed), "--on", "2025-06-10", stdout=out)
    assert out.getvalue().splitlines()[1:] == [
        "110101199003070000,0,0,,,,",
        f"{late_payer.id_number},1,0,2025-06-11,2025-12-31,WAITING,LATE",
    ]


def test_many_are_answered_in_one_statement(late_payer: Person) -> None:
    """Whatever their number."""
    others = [builders.make_person().pk for _number in range(3)]
    with CaptureQueriesContext(connection) as asked:
        found = entitlement.look_many(
            person_ids=[*others, late_payer.pk, late_payer.pk, -1], on=date(2025, 7, 1)
        )
    assert len(asked.captured_queries) == 1
    assert set(found) == {*others, late_payer.pk}
    assert [one.covered for one in found.values()].count(True) == 1


DAYS = st.dates(date(2024, 12, 1), date(2026, 1, 31))


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[tuple[date | None, date | None]], list[Spell], date | None]:
    """Rows of cover of one person (several receivables, with rows that replace others), spells, a death."""
    rows = []
    for _number in range(draw(st.integers(0, 3))):
        for _seq in range(draw(st.integers(1, 2))):
            start = draw(st.none() | DAYS)
            rows.append((start, None if start is None else start + timedelta(days=draw(st.integers(1, 300)))))
        rows.append((None, date.max))  # the end of a receivable's rows
    firsts = draw(st.sets(DAYS, max_size=2))
    spells = [Spell(first, draw(st.none() | st.just(first + timedelta(days=60)))) for first in sorted(firsts)]
    return rows, spells, draw(st.none() | DAYS)


@pytest.mark.django_db
@WITH_DATABASE
@given(people=st.lists(lives(), min_size=1, max_size=6), day=DAYS)
def test_many_and_one_agree(
    people: list[tuple[list[tuple[date | None, date | None]], list[Spell], date | None]], day: date
) -> None:
    """For any cover in force, replaced rows, employee cover and death."""
    with transaction.atomic():
        for year in (2024, 2025, 2026):
            open_year(year)
        keys = []
        for rows, spells, death in people:
            person = builders.make_person(death_date=death, region="450800")
            keys.append(person.pk)
            EmployeeSpell.objects.bulk_create(
                EmployeeSpell(person=person, started_on=one.first, stopped_on=one.last) for one in spells
            )
            _write(person, rows, day.year)
        many = entitlement.look_many(person_ids=keys, on=day)
        one_by_one = {key: entitlement.look(person_id=key, on=day).found for key in keys}
        transaction.set_rollback(True)
    assert many == one_by_one


def _write(person: Person, rows: list[tuple[date | None, date | None]], year: int) -> None:
    number, seq = receivable(year), 0
    for start, end in rows:
        if end == date.max:
            number, seq = receivable(year), 0
            continue
        Coverage.objects.create(
            id=number * 100 + seq, person=person, region_id="450800", rule="LATE", start=start, end=end,
            policy=shipped("GG25"), paid_on=date(2025, 3, 10), decided_at=AT,
        )  # fmt: skip
        seq += 1

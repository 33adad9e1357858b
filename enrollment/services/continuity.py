"""Continuous cover of a person: the years, where each is known from, and what the row brings."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from enrollment.continuity import Claims, Covered, Incentive, Row, Source, broken, by_year, incentive, row_of
from enrollment.models import ClaimYear, Coverage, EmployeeSpell, PriorCover
from enrollment.policy import Terms
from enrollment.services import lookups, policies

REPORT = "list.upload"
YEAR = Coverage.partition.factor

# The cover in force of a receivable is its last row; an empty period is none.
_OWN = """
SELECT DISTINCT ON (last.year) last.year, r.name
  FROM (SELECT DISTINCT ON (id / 100) (id / %(factor)s)::int AS year, region_id, start
          FROM enrollment_coverage
         WHERE person_id = %(person)s AND id < %(behind)s
         ORDER BY id / 100, id DESC) AS last
  JOIN bureau_region r ON r.code = last.region_id
 WHERE last.start IS NOT NULL
 ORDER BY last.year, r.code
"""


class ClaimRowsWrong(BureauError):
    """A report of claims with rows that cannot be read; nothing of it is taken."""

    code = "CLAIM_ROWS_WRONG"
    message = gettext_noop("%(count)s rows cannot be read, the first is line %(line)s: %(problem)s.")


@dataclass(frozen=True)
class Continuity:
    """The row up to a year, all covered years, those missed between them, and the incentive by the region's terms."""

    row: Row
    covered: dict[int, Covered]
    missed: tuple[int, ...]
    claims: dict[int, Claims] = field(default_factory=dict)
    terms: Terms | None = None
    incentive: Incentive | None = None


def of(
    *,
    person_id: int,
    region_id: str,
    year: int,
    prior: Sequence[PriorCover] | None = None,
    spells: Sequence[EmployeeSpell] | None = None,
) -> Continuity:
    """Continuous cover of a person up to and with ``year``; where the year has no cover (yet), up to the one before.

    The step and the cap are those of ``region_id`` for ``year``; without a policy no incentive is told. ``prior`` and
    ``spells``: the person's rows, where the caller has read them already.
    """
    if prior is None:
        prior = list(PriorCover.objects.filter(person_id=person_id).order_by("benefit_year", "id"))
    if spells is None:
        spells = list(EmployeeSpell.objects.filter(person_id=person_id).order_by("started_on"))
    covered = by_year(_covered(person_id, year, prior, spells))
    last = year if year in covered else year - 1
    reported = {
        row.benefit_year: Claims(row.benefit_year, row.zero_claim, row.incentive_used, row.source)
        for row in ClaimYear.objects.filter(person_id=person_id, benefit_year__lt=year).order_by(
            "benefit_year"
        )
    }
    row = row_of(covered, last, reported.values())
    missed = broken(covered, year)
    try:
        terms = policies.in_force(region_id, year).values
    except policies.NoPolicy:
        return Continuity(row, covered, missed, reported)
    return Continuity(row, covered, missed, reported, terms, incentive(terms, row))


def _covered(
    person_id: int, year: int, prior: Iterable[PriorCover], spells: Iterable[EmployeeSpell]
) -> Iterable[Covered]:
    with connection.cursor() as cursor:
        cursor.execute(_OWN, {"person": person_id, "factor": YEAR, "behind": (year + 1) * YEAR})
        yield from [Covered(found, Source.OWN, region) for found, region in cursor.fetchall()]
    yield from [
        Covered(one.benefit_year, Source.PRIOR, one.source) for one in prior if one.benefit_year <= year
    ]
    for spell in spells:
        last = year if spell.stopped_on is None else min(year, spell.stopped_on.year)
        yield from [
            Covered(each, Source.EMPLOYEE, spell.source) for each in range(spell.started_on.year, last + 1)
        ]


def report(*, lines: Iterable[str], source: str, by: User, region_id: str) -> int:
    """Take a report of the settlement of claims: CSV with id_number, year, zero_claim, incentive_used (0 or 1).

    All rows or none; a year reported again takes the newer word. Returns the rows taken. Raises ClaimRowsWrong,
    NotAllowed, OutOfScope.
    """
    told = list(csv.DictReader(lines))
    persons = lookups.persons_of([row.get("id_number") or "" for row in told])
    problems: list[tuple[int, str]] = []
    rows: dict[tuple[int, int], ClaimYear] = {}
    for line, each in enumerate(told, start=2):
        try:
            row = _claim(each, persons, source)
        except _Unreadable as error:
            problems.append((line, str(error)))
            continue
        rows[row.person_id, row.benefit_year] = row
    with transaction.atomic(), audit.acting(by=by, why="report of claims", source=source):
        access.require(by, REPORT, region_id)
        if problems:
            raise ClaimRowsWrong(count=len(problems), line=problems[0][0], problem=problems[0][1])
        ClaimYear.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["person", "benefit_year"],
            update_fields=["zero_claim", "incentive_used", "source"],
            batch_size=1_000,
        )
    return len(rows)


class _Unreadable(ValueError):
    """A row that says nothing, with the reason."""


def _claim(told: dict[str, Any], persons: dict[str, int], source: str) -> ClaimYear:
    person = persons.get(told.get("id_number") or "")
    if person is None:
        raise _Unreadable("nobody has this ID number")
    year = str(told.get("year") or "").strip()
    if not (year.isascii() and year.isdigit() and 2000 <= int(year) <= 2199):
        raise _Unreadable("year is not a benefit year")
    zero, used = (str(told.get(name) or "").strip() for name in ("zero_claim", "incentive_used"))
    if sorted((zero, used)) != ["0", "1"]:
        raise _Unreadable("one of zero_claim and incentive_used is 1, the other 0")
    return ClaimYear(
        person_id=person,
        benefit_year=int(year),
        zero_claim=zero == "1",
        incentive_used=used == "1",
        source=source[:100],
    )

"""Persons for the tests of cover: described as values, written to the register, and the payments they
made.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from hypothesis import strategies as st

from bureau.partitions import open_years
from enrollment.coverage import Decision
from enrollment.known import Category, Known, Special, Spell
from enrollment.models import Category as Categories
from enrollment.models import (
    Coverage,
    EmployeeSpell,
    Person,
    PersonCategory,
    Policy,
    PriorCover,
    SpecialStatus,
)
from enrollment.services import cover
from enrollment.services.facts import known_of
from tests.builders import GUIGANG, id_number

AT = datetime(2025, 1, 16, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
_numbers = count(1)


@dataclass(frozen=True)
class Someone:
    """A person as the tests describe one: years of earlier cover by where they are written down."""

    known: Known
    prior: tuple[int, ...] = ()
    own: tuple[int, ...] = ()
    withdrawn: tuple[int, ...] = ()


def someone(
    prior: Iterable[int] = (), own: Iterable[int] = (), withdrawn: Iterable[int] = (), **known: Any
) -> Someone:
    """A person covered in the years ``prior`` (imported) and ``own`` (our rows); ``withdrawn`` cover was
    taken away.
    """
    covered = frozenset(prior) | frozenset(own)
    known.setdefault("birth_date", date(1980, 5, 17))
    return Someone(Known(covered=covered, **known), tuple(prior), tuple(own), tuple(withdrawn))


def write(people: Sequence[Someone]) -> list[int]:
    """Put the people into the register; returns their ids in the same order."""
    rows = Person.objects.bulk_create(
        Person(
            id_number=id_number(),
            name="张三",
            birth_date=one.known.birth_date,
            person_class="1501",
            region_id=GUIGANG,
            created_at=AT,
        )
        for one in people
    )
    ids = [row.pk for row in rows]
    pairs = list(zip(ids, people, strict=True))
    SpecialStatus.objects.bulk_create(
        SpecialStatus(person_id=pk, group=each.group, event_date=each.event_date)
        for pk, one in pairs
        for each in one.known.specials
    )
    PersonCategory.objects.bulk_create(
        PersonCategory(person_id=pk, category=each.code, valid_from=each.valid_from, valid_to=each.valid_to)
        for pk, one in pairs
        for each in one.known.categories
    )
    EmployeeSpell.objects.bulk_create(
        EmployeeSpell(person_id=pk, started_on=each.first, stopped_on=each.last)
        for pk, one in pairs
        for each in one.known.spells
    )
    PriorCover.objects.bulk_create(
        PriorCover(person_id=pk, benefit_year=year) for pk, one in pairs for year in one.prior
    )
    Coverage.objects.bulk_create(_own_rows(pairs))
    return ids


def _own_rows(pairs: Iterable[tuple[int, Someone]]) -> list[Coverage]:
    rows = []
    for pk, one in pairs:
        for year in (*one.own, *one.withdrawn):
            first = receivable(year) * 100
            row = {
                "person_id": pk,
                "region_id": GUIGANG,
                "rule": "IN_WINDOW",
                "policy_id": 1,
                "decided_at": AT,
            }
            rows.append(Coverage(id=first, start=date(year, 1, 1), end=date(year + 1, 1, 1), **row))
            if year in one.withdrawn:
                rows.append(Coverage(id=first + 1, supersedes=first, reason="REVERSED", **row))
    return rows


def receivable(year: int) -> int:
    """The key of a new receivable of the year."""
    return year * 10**10 + next(_numbers)


@dataclass(frozen=True)
class Paid:
    """A row of the relation that cover is started for."""

    person_id: int
    receivable_id: int
    paid_on: date
    payment_id: int | None

    @property
    def row(self) -> list[Any]:
        """Its columns."""
        return [self.payment_id, self.receivable_id, self.person_id, GUIGANG, self.paid_on]


def paid(person_id: int, on: date, year: int = 2025, exempt: bool = False) -> Paid:
    """A payment (or an exemption) of a person for a new receivable."""
    key = receivable(year)
    return Paid(person_id, key, on, None if exempt else key * 100)


def relation(rows: Iterable[Paid], name: str = "posted") -> str:
    """A temporary table of payments, in no particular order; an earlier one of that name goes."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {name} (payment_id bigint, receivable_id bigint, person_id bigint, "
            "region_id varchar, paid_on date) ON COMMIT DROP"
        )
        cursor.executemany(
            f"INSERT INTO {name} VALUES (%s, %s, %s, %s, %s)", [row.row for row in reversed(list(rows))]
        )
    return name


def shipped(key: str) -> Policy:
    """A policy that ships with the project."""
    return Policy.objects.get(key=key)


def expected(decision: Decision) -> dict[str, Any]:
    """What a decision looks like in a row of cover."""
    return {
        "start": decision.start,
        "end": decision.end + DAY if decision.end else None,
        "rule": str(decision.rule),
        "wait_fixed": decision.wait_fixed,
        "wait_variable": decision.wait_variable,
    }


def read_one_by_one(ids: Sequence[int], policy: Policy, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Start cover for persons set-based and return those of whom the service read what is known."""
    asked: list[int] = []

    def spy(*, person_ids: list[int], benefit_year: int) -> dict[int, Known]:
        asked.extend(person_ids)
        return known_of(person_ids=person_ids, benefit_year=benefit_year)

    with monkeypatch.context() as patch:
        patch.setattr(cover, "SMALL", 0)
        patch.setattr(cover, "known_of", spy)
        rows = [paid(pk, policy.values.window_open, policy.benefit_year) for pk in ids]
        cover.start_cover(relation=relation(rows), policy=policy, at=AT)
    return sorted(asked)


# ------------------------------------------------------------------------------------------- random people


def pay_dates(year: int) -> st.SearchStrategy[date]:
    """Days around a benefit year on which somebody may have paid."""
    return st.dates(date(year - 1, 8, 1), date(year + 1, 1, 20))


@st.composite
def spells(draw: st.DrawFn, year: int) -> tuple[Spell, ...]:
    """Up to two spells of employee cover, some of them running."""
    firsts = draw(st.sets(st.dates(date(year - 4, 1, 1), date(year, 12, 1)), max_size=2))
    return tuple(
        Spell(first, draw(st.none() | st.dates(first, first + 500 * DAY))) for first in sorted(firsts)
    )


@st.composite
def people(draw: st.DrawFn, year: int, opened: tuple[int, ...]) -> Someone:
    """Anybody: half of them with nothing special at all, the others with some of everything."""
    old = st.dates(date(1930, 1, 1), date(year - 3, 12, 31))
    if draw(st.booleans()):
        return someone(birth_date=draw(st.none() | old), prior=draw(st.sampled_from([(), (year - 1,)])))
    events = st.dates(date(year - 1, 6, 1), date(year, 12, 31))
    groups = st.sampled_from(["RELEASED", "CLERGY", "TEKUN"])
    starts = st.dates(date(year - 2, 1, 1), date(year, 12, 1))
    held = draw(st.lists(st.sampled_from(Categories.values), unique=True, max_size=2))
    earlier = [y for y in opened if y < year]
    own = draw(st.sets(st.sampled_from(earlier))) if earlier else set()
    return someone(
        birth_date=draw(st.none() | old | st.dates(date(year - 2, 11, 1), date(year, 12, 31))),
        specials=tuple(draw(st.lists(st.builds(Special, groups, st.none() | events), max_size=2))),
        categories=tuple(
            Category(code, first := draw(starts), draw(st.none() | st.just(first + 90 * DAY)))
            for code in held
        ),
        spells=draw(st.just(()) | spells(year)),
        prior=sorted(draw(st.sets(st.integers(year - 5, year - 1), max_size=4))),
        own=sorted(own),
        withdrawn=sorted(draw(st.sets(st.sampled_from(earlier))) - own) if earlier else (),
    )


def opened_years() -> tuple[int, ...]:
    """The years that have leaves."""
    return tuple(open_years())

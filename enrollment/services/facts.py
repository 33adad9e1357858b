"""What the register knows of persons, in a fixed number of queries whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, TypeVar

from django.db import connection

from enrollment.coverage import Facts
from enrollment.known import Category, Known, Special, Spell
from enrollment.models import Coverage, EmployeeSpell, Person, PersonCategory, PriorCover, SpecialStatus
from enrollment.policy import Terms

T = TypeVar("T")

# The cover in force of a receivable is its last row; an empty period is none.
_OWN_COVER = """
SELECT person_id, benefit_year
  FROM (SELECT DISTINCT ON (id / 100) person_id, (id / %(factor)s)::int AS benefit_year, start
          FROM enrollment_coverage
         WHERE person_id = ANY(%(persons)s) AND id < %(until)s
         ORDER BY id / 100, id DESC) AS last
 WHERE start IS NOT NULL
"""


def known_of(*, person_ids: Collection[int], benefit_year: int) -> dict[int, Known]:
    """Everything about each person that cover for ``benefit_year`` can rest on; six queries. Unknown ids
    are left out.
    """
    ids = sorted(set(person_ids))
    specials = _grouped(
        (person, Special(group, event_date))
        for person, group, event_date in SpecialStatus.objects.filter(person_id__in=ids)
        .order_by("id")
        .values_list("person_id", "group", "event_date")
    )
    categories = _grouped(
        (person, Category(code, valid_from, valid_to))
        for person, code, valid_from, valid_to in PersonCategory.objects.filter(person_id__in=ids)
        .order_by("id")
        .values_list("person_id", "category", "valid_from", "valid_to")
    )
    spells = _grouped(
        (person, Spell(first, last))
        for person, first, last in EmployeeSpell.objects.filter(person_id__in=ids)
        .order_by("id")
        .values_list("person_id", "started_on", "stopped_on")
    )
    covered = _grouped([*_prior(ids, benefit_year), *_own(ids, benefit_year)])
    births = Person.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "birth_date")
    return {
        person: Known(
            birth_date=birth_date,
            specials=tuple(specials[person]),
            categories=tuple(categories[person]),
            spells=tuple(spells[person]),
            covered=frozenset(covered[person]),
        )
        for person, birth_date in births
    }


def facts_of(
    *, person_ids: Collection[int], terms: Terms, benefit_year: int, region_id: str, on: date | None = None
) -> dict[int, Facts]:
    """The facts of each person for ``terms`` and a payment on ``on`` (None: what holds for the year as a
    whole).

    A fact may depend on the payment date (which stop of employee cover is the last before it, which special
    status lifts the wait), so a caller with several dates takes :func:`known_of` and asks ``known.on(terms,
    date)``. Facts of cover are nation-wide: ``region_id``, the region that asks, does not narrow them.
    """
    del region_id  # cover in another region is cover
    known = known_of(person_ids=person_ids, benefit_year=benefit_year)
    return {person: each.on(terms, on) for person, each in known.items()}


def _prior(ids: list[int], benefit_year: int) -> Iterable[tuple[int, int]]:
    earlier = PriorCover.objects.filter(person_id__in=ids, benefit_year__lt=benefit_year)
    return earlier.order_by("id").values_list("person_id", "benefit_year")


def _own(ids: list[int], benefit_year: int) -> list[tuple[int, int]]:
    factor = Coverage.partition.factor
    with connection.cursor() as cursor:
        cursor.execute(_OWN_COVER, {"persons": ids, "factor": factor, "until": benefit_year * factor})
        return cursor.fetchall()


def _grouped(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for person, value in pairs:
        found[person].append(value)
    return found

"""Entitlement on a day: one person with all that a clerk tells, or any number of persons in one statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from enrollment.entitlement import EMPLOYEE_RULE, Entitlement, Held, Standing, entitled, told
from enrollment.known import Spell
from enrollment.models import Coverage, EmployeeSpell, Person
from enrollment.policy import BenefitRatios
from enrollment.services import cover, lookups, policies

YEAR = Coverage.partition.factor


@dataclass(frozen=True)
class Looked:
    """The answer for one person, with the sentence in both languages and the ratios of the region (None: no policy)."""

    person: Person
    found: Entitlement
    explain: str
    explain_en: str
    ratios: BenefitRatios | None
    region: str


def look(*, person_id: int, on: date) -> Looked:
    """Whether a person is entitled on a day, and what to say; the ratios are information, they decide nothing."""
    person = Person.objects.select_related("region").get(pk=person_id)
    rows = {row.pk: row for row in cover.in_force_for([person_id], on.year)}
    spells = EmployeeSpell.objects.filter(person_id=person_id).order_by("id")
    found = entitled(
        on,
        rows=[Held(row.pk, row.region_id, row.rule, row.start, row.end) for row in rows.values()],
        spells=[Spell(one.started_on, one.stopped_on) for one in spells],
        death=person.death_date,
    )
    row = rows.get(found.key) if found.key is not None else None
    region = found.region or person.region_id
    return Looked(
        person,
        found,
        told(found, because=cover.explain(row, "zh") if row else ""),
        told(found, chinese=False, because=cover.explain(row, "en") if row else ""),
        _ratios(row, region, on.year),
        region,
    )


def _ratios(row: Coverage | None, region_id: str, year: int) -> BenefitRatios | None:
    """By the policy that decided the cover, else by the region's for the year."""
    if row is not None:
        return row.policy.values.benefit_ratios
    try:
        return policies.in_force(region_id, year).values.benefit_ratios
    except policies.NoPolicy:
        return None


# The twin of enrollment.entitlement.entitled, for many: what each asked person has in force on the day.
MANY = f"""
WITH asked AS (SELECT DISTINCT unnest(%(persons)s::bigint[]) AS person_id),
force AS (
  SELECT DISTINCT ON (c.id / 100) c.id, c.person_id, c.region_id, c.rule, c.start, c."end"
    FROM asked a JOIN enrollment_coverage c ON c.person_id = a.person_id
   WHERE c.id >= %(first)s AND c.id < %(behind)s
   ORDER BY c.id / 100, c.id DESC),
kind AS (
  SELECT f.*, CASE WHEN f.start IS NULL OR f."end" IS NULL THEN 3 WHEN %(day)s < f.start THEN 1
                   WHEN %(day)s < f."end" THEN 0 ELSE 2 END AS kind
    FROM force f),
best AS (
  SELECT DISTINCT ON (person_id) *
    FROM kind
   ORDER BY person_id, kind,
            CASE WHEN kind = 2 THEN date '0001-01-01' - "end" ELSE coalesce(start, date '0001-01-01') - date '0001-01-01' END,
            id DESC),
working AS (
  SELECT DISTINCT ON (s.person_id) s.person_id, s.started_on, s.stopped_on
    FROM asked a JOIN enrollment_employeespell s ON s.person_id = a.person_id
   WHERE s.started_on <= %(day)s AND (s.stopped_on IS NULL OR s.stopped_on >= %(day)s)
   ORDER BY s.person_id, s.started_on DESC)
SELECT p.id,
       CASE WHEN p.death_date < %(day)s THEN '{Standing.DECEASED}'
            WHEN w.person_id IS NOT NULL THEN '{Standing.EMPLOYEE}'
            WHEN b.kind = 0 THEN '{Standing.COVERED}' WHEN b.kind = 1 THEN '{Standing.WAITING}'
            WHEN b.kind = 2 THEN '{Standing.OVER}' WHEN b.kind = 3 THEN '{Standing.WITHDRAWN}'
            ELSE '{Standing.NOT_PAID}' END,
       CASE WHEN p.death_date < %(day)s THEN NULL WHEN w.person_id IS NOT NULL THEN w.started_on ELSE b.start END,
       CASE WHEN p.death_date < %(day)s THEN p.death_date WHEN w.person_id IS NOT NULL THEN w.stopped_on
            ELSE b."end" - 1 END,
       CASE WHEN p.death_date < %(day)s THEN '' WHEN w.person_id IS NOT NULL THEN '{EMPLOYEE_RULE}'
            ELSE coalesce(b.rule, '') END,
       CASE WHEN p.death_date < %(day)s OR w.person_id IS NOT NULL THEN '' ELSE coalesce(b.region_id, '') END,
       CASE WHEN p.death_date < %(day)s OR w.person_id IS NOT NULL THEN NULL ELSE b.id END
  FROM asked a
  JOIN enrollment_person p ON p.id = a.person_id
  LEFT JOIN best b ON b.person_id = p.id
  LEFT JOIN working w ON w.person_id = p.id
 ORDER BY p.id
"""


def look_many(*, person_ids: Sequence[int], on: date) -> dict[int, Entitlement]:
    """The entitlement of many persons on a day, in one statement; numbers of nobody are left out."""
    values: dict[str, Any] = {
        "persons": list(person_ids),
        "day": on,
        "first": on.year * YEAR,
        "behind": (on.year + 1) * YEAR,
    }
    with connection.cursor() as cursor:
        cursor.execute(MANY, values)
        return {
            key: Entitlement(on, Standing(standing), start, end, rule, region, row)
            for key, standing, start, end, rule, region, row in cursor.fetchall()
        }


def look_numbers(*, numbers: Sequence[str], on: date) -> Iterator[tuple[str, Entitlement | None]]:
    """The entitlement for each certificate number in the order asked; None where nobody has the number.

    Two statements for any count: one finds the persons, one their entitlement.
    """
    persons = lookups.persons_of(numbers)
    found = look_many(person_ids=list(persons.values()), on=on)
    for number in numbers:
        key = persons.get(number)
        yield number, None if key is None else found.get(key)

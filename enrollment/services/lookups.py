"""Finding persons the way a clerk thinks of them: number, last four places, name, initials, phone, household, village.

Every way enters an index at the right place and takes one page, whatever the size of the register (docs/search.md
shows the plans). Names go by prefix in one region after the other, so that a clerk of one county does not read the
country. A record that was merged into another one is found by its number only, and leads to the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Q

from bureau.errors import BureauError, gettext_noop
from bureau.identity import CERT_TYPES, IdNumberError, check_id, normalize_id
from enrollment.models import Household, HouseholdMember, Person

PAGE = 50
FAMILIES = 20
# Behind every text that begins with the prefix, in the order of code points.
_BEHIND = "\U0010ffff"


class PersonUnknown(BureauError):
    """Nobody with this number is in the register."""

    code = "PERSON_UNKNOWN"
    message = gettext_noop("Nobody with this number is in the register.")


class By(StrEnum):
    """What kind of thing was looked for."""

    NUMBER = "ID number"
    FOUR = "last four places"
    PHONE = "phone"
    HOUSEHOLD = "household"
    INITIALS = "initials"
    NAME = "name"
    VILLAGE = "village"


@dataclass(frozen=True)
class Found:
    """One page of persons, the cursor of the next page ("" where there is none), and the household of each."""

    by: By
    people: list[Person] = field(default_factory=list)
    after: str = ""
    households: dict[int, Household] = field(default_factory=dict)


def forms_of(number: str) -> set[str]:
    """A certificate number in the forms under which it may be registered: as it is, an old one with 18 places."""
    plain = normalize_id(number)
    try:
        return {plain, check_id("01", plain).number}
    except IdNumberError:
        return {plain}


def by_number(number: str) -> list[Person]:
    """The persons with this certificate number or old number; a merged record gives the one it went into."""
    forms = sorted(forms_of(number))
    rows = Person.objects.select_related("region", "merged_into__region").filter(
        Q(id_type__in=list(CERT_TYPES), id_number__in=forms)
    )
    old = (
        Person.objects.select_related("region", "merged_into__region")
        .exclude(id_alias="")
        .filter(id_alias=normalize_id(number))
    )
    found = {
        (row.merged_into or row).pk: row.merged_into or row
        for row in [*rows.order_by("id"), *old.order_by("id")]
    }
    return list(found.values())


def person_by_number(number: str) -> Person:
    """The first of :func:`by_number`; raises PersonUnknown."""
    found = by_number(number)
    if not found:
        raise PersonUnknown()
    return found[0]


# Numbers in the form in which they are registered, of any kind of certificate, each with the first person that has it.
_NUMBERED = """
SELECT DISTINCT ON (n.number) n.number, coalesce(p.merged_into_id, p.id)
  FROM unnest(%(numbers)s::varchar[]) AS n (number)
  JOIN enrollment_person p ON p.id_type = ANY(%(kinds)s::varchar[]) AND p.id_number = n.number
 ORDER BY n.number, p.id
"""


def persons_of(numbers: Sequence[str]) -> dict[str, int]:
    """The persons of many certificate numbers as written, in one statement; numbers of nobody are left out."""
    forms = {number: max(forms_of(number), key=len) for number in numbers}
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERED, {"numbers": sorted(set(forms.values())), "kinds": list(CERT_TYPES)})
        found: dict[str, int] = dict(cursor.fetchall())
    return {number: found[form] for number, form in forms.items() if form in found}


_BY_TEXT = """
SELECT look.id, look.word
  FROM unnest(%(regions)s::varchar[]) AS mine (code)
 CROSS JOIN LATERAL (
   SELECT p.id, p.{column} COLLATE "C" AS word
     FROM enrollment_person p
    WHERE p.region_id = mine.code
      AND (p.{column} COLLATE "C", p.id) > (%(word)s, %(id)s) AND p.{column} COLLATE "C" < %(behind)s
      AND p.merged_into_id IS NULL
    ORDER BY p.{column} COLLATE "C", p.id
    LIMIT %(most)s) AS look
 ORDER BY look.word COLLATE "C", look.id
 LIMIT %(most)s
"""

_BY_FOUR = """
SELECT p.id, p.name COLLATE "C" AS word
  FROM enrollment_person p
 WHERE right(p.id_number, 4) = %(four)s
   AND (p.name COLLATE "C", p.id) > (%(word)s, %(id)s) AND p.name COLLATE "C" < %(behind)s
   AND p.initials LIKE %(initials)s
   AND p.merged_into_id IS NULL
   AND (p.region_id = ANY(%(regions)s::varchar[])
        OR EXISTS (SELECT FROM enrollment_enrollment e
                    WHERE e.person_id = p.id AND e.region_id = ANY(%(regions)s::varchar[])))
 ORDER BY p.name COLLATE "C", p.id
 LIMIT %(most)s
"""

_BY_VILLAGE = """
SELECT look.id, look.word
  FROM unnest(%(regions)s::varchar[]) AS mine (code)
 CROSS JOIN LATERAL (
   SELECT h.id, h.village COLLATE "C" AS word
     FROM enrollment_household h
    WHERE h.region_id = mine.code
      AND (h.village COLLATE "C", h.id) > (%(word)s, %(id)s) AND h.village COLLATE "C" < %(behind)s
      AND h.closed_on IS NULL
    ORDER BY h.village COLLATE "C", h.id
    LIMIT %(most)s) AS look
 ORDER BY look.word COLLATE "C", look.id
 LIMIT %(most)s
"""


# One step from region to region in the index, instead of every region there ever was.
_INHABITED = """
WITH RECURSIVE region (code) AS (
  (SELECT region_id FROM enrollment_person ORDER BY region_id LIMIT 1)
   UNION ALL
  SELECT (SELECT p.region_id FROM enrollment_person p WHERE p.region_id > region.code ORDER BY p.region_id LIMIT 1)
    FROM region WHERE region.code IS NOT NULL
)
SELECT code FROM region WHERE code IS NOT NULL
"""


def inhabited() -> list[str]:
    """The regions in which somebody is registered, for those who look everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(_INHABITED)
        return [row[0] for row in cursor.fetchall()]


def by_name(name: str, *, regions: Sequence[str], after: str = "") -> Found:
    """Persons registered in ``regions`` whose name begins with ``name``, in the order of the names."""
    return _by_text(By.NAME, "name", " ".join(name.split()), regions, after)


def by_initials(letters: str, *, regions: Sequence[str], after: str = "") -> Found:
    """Persons registered in ``regions`` whose pinyin initials begin with ``letters``, the shortest first."""
    return _by_text(By.INITIALS, "initials", letters.lower(), regions, after)


def by_four(
    four: str, *, regions: Sequence[str], name: str = "", letters: str = "", after: str = ""
) -> Found:
    """Persons registered or enrolled in ``regions`` by the last four places of the number, and the beginning of the
    name or of its initials.
    """
    values = {"four": four.upper(), "initials": f"{letters.lower()}%"}
    return _page(By.FOUR, _BY_FOUR, " ".join(name.split()), regions, after, PAGE, values)


def by_phone(phone: str) -> list[Person]:
    """Persons with this phone, and those who live in a household with it, at most a page."""
    own = list(_people().filter(phone=phone).exclude(phone="").order_by("id")[:PAGE])
    homes = Household.objects.filter(phone=phone, closed_on__isnull=True).exclude(phone="").order_by("id")
    home = _people().filter(
        memberships__household__in=list(homes.values_list("pk", flat=True)[:FAMILIES]),
        memberships__left_on__isnull=True,
    )
    found = {row.pk: row for row in [*own, *home.order_by("id")[:PAGE]]}
    return list(found.values())[:PAGE]


def by_household(number: int) -> Found:
    """Who lives in a household now, the head first; of a merged one, in the one it went into."""
    home = Household.objects.select_related("merged_into").filter(pk=number).first()
    if home is None:
        return Found(By.HOUSEHOLD)
    return _families(By.HOUSEHOLD, [(home.merged_into or home).pk], "")


def by_village(village: str, *, regions: Sequence[str], after: str = "") -> Found:
    """The households of a village or community of ``regions``, by the beginning of its name, with who lives there."""
    keys, cursor = _keys(_BY_VILLAGE, village.strip(), regions, after, FAMILIES, {})
    return _families(By.VILLAGE, keys, cursor)


def _families(by: By, households: Sequence[int], after: str) -> Found:
    members = (
        HouseholdMember.objects.select_related("person__region", "household")
        .filter(household__in=households, left_on__isnull=True)
        .order_by("household_id", "id")
    )
    place = {pk: at for at, pk in enumerate(households)}
    rows = sorted(
        members,
        key=lambda one: (place[one.household_id], one.relation != "HEAD", one.person.birth_date is None),
    )
    return Found(by, [row.person for row in rows], after, {row.person_id: row.household for row in rows})


def _people() -> Any:
    return Person.objects.select_related("region").filter(merged_into__isnull=True)


def _by_text(by: By, column: str, prefix: str, regions: Sequence[str], after: str) -> Found:
    return _page(by, _BY_TEXT.format(column=column), prefix, regions, after, PAGE, {})


def _page(
    by: By, sql: str, prefix: str, regions: Sequence[str], after: str, size: int, values: dict[str, Any]
) -> Found:
    keys, cursor = _keys(sql, prefix, regions, after, size, values)
    rows = Person.objects.select_related("region").in_bulk(keys)
    return Found(by, [rows[key] for key in keys if key in rows], cursor)


def _keys(
    sql: str, prefix: str, regions: Sequence[str], after: str, size: int, values: dict[str, Any]
) -> tuple[list[int], str]:
    """The keys of one page in order, and the cursor behind it: the last word and number."""
    number, _, word = after.partition("~")
    known = number.isascii() and number.isdigit() and len(number) < 19
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "regions": list(regions),
                "behind": prefix + _BEHIND,
                # One lower bound only: of two, PostgreSQL enters the index at the wrong one.
                "word": max(prefix, word) if known else prefix,
                "id": int(number) if known else 0,
                "most": size + 1,
                **values,
            },
        )
        rows = cursor.fetchall()
    more, rows = len(rows) > size, rows[:size]
    return [row[0] for row in rows], f"{rows[-1][0]}~{rows[-1][1]}" if more else ""

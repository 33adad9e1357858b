"""``python -m tests.benchmarks.search``: every way of finding somebody in a register of ten million (docs/search.md).

The persons are made in the database, in the 500 cities of the region table; the figures are milliseconds of the whole
look-up (Python, statement, the fetching of the rows), the first time and then the median of ten. Figures are printed, never
asserted. ``--persons`` for a smaller register.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
django.setup()

# Django must be set up before its apps are imported.
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bureau.models import Region  # noqa: E402
from enrollment.models import Person  # noqa: E402
from enrollment.services import lookups  # noqa: E402

PERSONS, BLOCK, EACH = 10_000_000, 1_000_000, 10
TABLES = ("enrollment_person", "enrollment_household", "enrollment_householdmember")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
LETTERS = "wlzlcyhzwzxsmzhghglrzlxsxthfdc"
GIVEN, GIVEN_LETTERS = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平", "wfnmjlqljyyyjjtmcxxp"
_PERSONS = """
INSERT INTO enrollment_person (id_type, id_number, id_alias, name, initials, gender, birth_date, phone, person_class,
                               region_id, created_at, version)
SELECT '01', left(c.code, 4) || '02' || to_char(d.day, 'YYYYMMDD') || lpad((g / 18000 %% 1000)::text, 3, '0') || (g %% 10), '',
       substr(%(surnames)s, n.a, 1) || substr(%(given)s, n.b, 1) || substr(%(given)s, n.c, 1),
       substr(%(letters)s, n.a, 1) || substr(%(given_letters)s, n.b, 1) || substr(%(given_letters)s, n.c, 1),
       '1', d.day, '13' || lpad((g %% 1000000000)::text, 9, '0'), '1501', c.code, now(), 0
  FROM generate_series(%(first)s, %(last)s) g
  CROSS JOIN LATERAL (SELECT (%(codes)s::text[])[1 + g %% %(regions)s] AS code) c
  CROSS JOIN LATERAL (SELECT date '1950-01-01' + (g %% 18000)::int AS day) d
  CROSS JOIN LATERAL (SELECT 1 + (hashint8(g) & 1023) %% 30 AS a, 1 + (hashint8(g) >> 10 & 1023) %% 20 AS b,
                             1 + (hashint8(g) >> 20 & 1023) %% 20 AS c) n
ON CONFLICT DO NOTHING
"""
_HOUSEHOLDS = """
WITH head AS (SELECT id, region_id, phone FROM enrollment_person WHERE id %% 7 = 0),
     home AS (
  INSERT INTO enrollment_household (id, region_id, town, village, address, phone, opened_on, version)
  SELECT id, region_id, '港城街道', (id %% 997) || '村', (id %% 89) || '号', '', date '2024-09-01', 0 FROM head RETURNING id)
INSERT INTO enrollment_householdmember (household_id, person_id, relation, joined_on)
SELECT id, id, 'HEAD', date '2024-09-01' FROM home
"""


def fill(persons: int) -> None:
    """A register of about ``persons`` people, a seventh of them heads of households."""
    codes = sorted(Region.objects.filter(level=2).values_list("code", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(
            """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY (%s) AND indexname NOT IN (
                 SELECT conname FROM pg_constraint)""",
            [list(TABLES)],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        values = {"surnames": SURNAMES, "letters": LETTERS, "given": GIVEN, "given_letters": GIVEN_LETTERS}
        values |= {"codes": codes, "regions": len(codes)}  # type: ignore[dict-item]
        for first in range(0, persons, BLOCK):
            cursor.execute(_PERSONS, values | {"first": first, "last": min(first + BLOCK, persons) - 1})
            print(f"{first + cursor.rowcount:>12,} persons", flush=True)
        cursor.execute(_HOUSEHOLDS, {})
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
        cursor.execute("SET session_replication_role = origin")


def timed(way: Callable[[], object]) -> tuple[int, float, float]:
    """How many people it finds, milliseconds of the first time, and the median of the next ones."""
    taken = []
    for _ in range(EACH + 1):
        started = time.perf_counter()
        found = way()
        taken.append((time.perf_counter() - started) * 1000)
    people = found.people if isinstance(found, lookups.Found) else found
    return len(people), taken[0], statistics.median(taken[1:])  # type: ignore[arg-type]


def ways() -> dict[str, Callable[[], object]]:
    """Each way of looking somebody up, for one city, one province and everywhere."""
    city, everywhere = ["450800"], lookups.inhabited()
    province = [code for code in everywhere if code.startswith("45")]
    middle = Person.objects.filter(pk__gte=Person.objects.order_by("-pk")[0].pk // 2).order_by("pk")[0]
    four, number, phone = middle.id_number[-4:], middle.id_number, middle.phone
    page = lookups.by_name("张", regions=city).after
    return {
        "number": lambda: lookups.by_number(number),
        "name, a city": lambda: lookups.by_name("张伟", regions=city),
        "name, next page": lambda: lookups.by_name("张", regions=city, after=page),
        "name, a province": lambda: lookups.by_name("张伟", regions=province),
        "name (one character), everywhere": lambda: lookups.by_name("张", regions=everywhere),
        "initials, a city": lambda: lookups.by_initials("zw", regions=city),
        "initials (one letter), everywhere": lambda: lookups.by_initials("z", regions=everywhere),
        "last four places, everywhere": lambda: lookups.by_four(four, regions=everywhere),
        "last four places and name, a city": lambda: lookups.by_four(
            four, regions=[middle.region_id], name=middle.name
        ),
        "last four places and initials, everywhere": lambda: lookups.by_four(
            four, regions=everywhere, letters=middle.initials
        ),
        "phone": lambda: lookups.by_phone(phone),
        "household": lambda: lookups.by_household(700),
        "village, a province": lambda: lookups.by_village("17村", regions=province),
    }


def main() -> None:
    """Fill the register and look people up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=PERSONS)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    fill(options.persons)
    print(f"{Person.objects.count():,} persons in {len(lookups.inhabited())} regions")
    for name, way in ways().items():
        rows, first, later = timed(way)
        print(f"{name:45} {rows:4} rows  first {first:7.1f} ms  then {later:7.1f} ms", flush=True)


if __name__ == "__main__":
    main()

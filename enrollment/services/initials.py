"""The pinyin initials of persons, by which clerks look names up: filled in where they are missing."""

from django.db import connection, transaction

from bureau import audit
from enrollment.models import Person
from enrollment.pinyin import initials as initials  # offered here to other apps

BATCH = 10_000

_FILL = """
UPDATE enrollment_person p SET initials = n.initials
  FROM unnest(%(ids)s::bigint[], %(initials)s::varchar[], %(names)s::varchar[]) AS n (id, initials, name)
 WHERE p.id = n.id AND p.name = n.name AND p.initials <> n.initials
"""


def fill_missing(*, after: int = 0, size: int = BATCH) -> tuple[int, int]:
    """Fill the initials of the next ``size`` persons beyond number ``after`` that have none; returns the last number
    looked at (0: there is nobody beyond) and how many were filled.

    One transaction; a name that changes meanwhile keeps the initials of who changes it. Names without any reading
    stay without.
    """
    with transaction.atomic(), audit.acting(by=None, why="fill pinyin initials"):
        rows = list(
            Person.objects.filter(pk__gt=after, initials="").order_by("pk").values_list("pk", "name")[:size]
        )
        if not rows:
            return 0, 0
        found = [(pk, initials(name), name) for pk, name in rows]
        told = [row for row in found if row[1]]
        with connection.cursor() as cursor:
            cursor.execute(
                _FILL,
                {
                    "ids": [row[0] for row in told],
                    "initials": [row[1] for row in told],
                    "names": [row[2] for row in told],
                },
            )
            return rows[-1][0], cursor.rowcount

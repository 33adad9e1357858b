"""All checks of the books as one prepared function, for tests that look through small books thousands of times.

Nearly all the time of a check over a few rows goes into planning it: a function of the session keeps the plans. The queries are
those of ``payments.services.books``, word for word; what they return must be nothing.
"""

from django.db import connection

from payments.services import books

NAME = "pg_temp.all_books"
_SETTINGS = "SET enable_nestloop = off SET enable_mergejoin = off SET jit = off SET max_parallel_workers_per_gather = 0"
_PLACES = """
WITH RECURSIVE kept (code) AS (
  SELECT code FROM bureau_region WHERE code LIKE %(near)s
  UNION SELECT region_id FROM enrollment_policy
  UNION SELECT r.parent_id FROM kept k JOIN bureau_region r ON r.code = k.code WHERE r.parent_id IS NOT NULL
)
DELETE FROM bureau_region WHERE code NOT IN (SELECT code FROM kept)
"""


def prepare() -> int:
    """Make the function in this session, until the transaction is rolled back; returns how many checks it runs."""
    checks = books.known_checks()
    with connection.cursor() as cursor:
        parts = []
        for check in checks:
            query, values = check.query()
            told = cursor.mogrify(query, values)
            allowed = ", ".join(f"'{one}'" for one in sorted(check.warnings)) or "''"
            parts.append(
                f"RETURN QUERY SELECT '{check.code}'::text, f.what::text, f.key::text, f.problem::text, f.expected::text, "
                f"f.found::text FROM ({told}) AS f WHERE f.problem NOT IN ({allowed});"
            )
        body = "\n".join(parts)
        cursor.execute(
            f"CREATE FUNCTION {NAME}() RETURNS TABLE (code text, about text, nr text, wrong text, wanted text, seen text) "
            f"LANGUAGE plpgsql {_SETTINGS} AS $books$ #variable_conflict use_column\nBEGIN {body} END $books$"
        )
    return len(checks)


def shrink(*, near: str, years: tuple[int, int]) -> None:
    """Leave only the reference data that a small town needs, inside a transaction that is rolled back: the history of every
    region and every working day is compared at each look.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_PLACES, {"near": f"{near}%"})
        cursor.execute(
            "DELETE FROM bureau_regionevent e WHERE NOT EXISTS (SELECT FROM bureau_region r WHERE r.code = e.pgh_obj_id)"
        )
        cursor.execute("DELETE FROM bureau_workday WHERE extract(year FROM day) NOT BETWEEN %s AND %s", years)
        cursor.execute(
            "DELETE FROM bureau_workdayevent e WHERE NOT EXISTS (SELECT FROM bureau_workday w WHERE w.day = e.pgh_obj_id)"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


def green() -> None:
    """Every invariant holds; deferred constraints speak first, as a commit would let them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"SELECT * FROM {NAME}()")
        broken = cursor.fetchall()
    assert not broken, broken

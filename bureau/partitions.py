"""Tables partitioned by benefit year through their key: the id of a row carries the year, then its parent, then its own number.

``receivable.id = year * 10**10 + n``; everything that hangs on a receivable multiplies by 100 and adds its own number, so a
leaf-local unique key is unique over all years, a real primary key on ``id`` alone is possible, and a year can be detached
as a whole. A model takes part by ``partition = YearPartition(...)``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, migrations, models, transaction

FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass(frozen=True)
class YearPartition:
    """How a table is cut: ids of year y lie in [y * factor, (y + 1) * factor); ``leaf_ddl`` runs on each new leaf.

    In ``leaf_ddl`` the word ``{leaf}`` stands for the leaf's table name.
    """

    factor: int
    leaf_ddl: tuple[str, ...] = ()
    append_only: bool = False


class CreatePartitionedModel(migrations.CreateModel):
    """CreateModel whose table is ``PARTITION BY RANGE (id)``."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):  # type: ignore[no-untyped-def]
        """Create the parent table; leaves come from :func:`open_year`."""
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = plain + ' PARTITION BY RANGE ("id")'
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain


def partitioned_models() -> Iterable[type[models.Model]]:
    """Every model with a ``partition`` declaration, in app order."""
    return [model for model in apps.get_models() if getattr(model, "partition", None) is not None]


def year_of(row_id: int, factor: int) -> int:
    """The benefit year that an id carries."""
    return row_id // factor


def open_year(year: int) -> list[str]:
    """Create the missing leaves of benefit year ``year`` on every partitioned table; returns the names made.

    Idempotent; two callers at once are put in line by an advisory lock.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"benefit year {year} is outside {FIRST_YEAR}..{LAST_YEAR}")
    made: list[str] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('bureau.partitions'))")
        for model in partitioned_models():
            partition: YearPartition = model.partition  # type: ignore[attr-defined]
            table = model._meta.db_table
            leaf = f"{table}_{year}"
            cursor.execute("SELECT to_regclass(%s), to_regclass(%s)", [table, leaf])
            parent_exists, leaf_exists = cursor.fetchone()
            if parent_exists is None or leaf_exists is not None:
                continue
            low, high = year * partition.factor, (year + 1) * partition.factor
            cursor.execute(
                f'CREATE TABLE "{leaf}" PARTITION OF "{table}" FOR VALUES FROM ({low}) TO ({high})'
            )
            for ddl in partition.leaf_ddl:
                cursor.execute(ddl.format(leaf=leaf, year=year))
            if partition.append_only:
                cursor.execute(_truncate_guard(cursor, table, leaf))
            made.append(leaf)
    return made


def _truncate_guard(cursor, table: str, leaf: str) -> str:  # type: ignore[no-untyped-def]
    """The parent's TRUNCATE guard repeated on a leaf: statement triggers do not fire for statements naming a partition."""
    cursor.execute(
        "SELECT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgrelid = %s::regclass AND t.tgname LIKE %s",
        [table, "%_no_truncate%"],
    )
    row = cursor.fetchone()
    if row is None:
        raise LookupError(f"{table} has no TRUNCATE guard to repeat on {leaf}")
    return f'CREATE TRIGGER "no_truncate" BEFORE TRUNCATE ON "{leaf}" FOR EACH STATEMENT EXECUTE FUNCTION "{row[0]}"()'


def open_years() -> list[int]:
    """The benefit years whose leaves exist (read from the catalogue of the first partitioned table)."""
    first = next(iter(partitioned_models()))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(c.relname, 4)::int FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = %s::regclass ORDER BY 1",
            [first._meta.db_table],
        )
        return [row[0] for row in cursor.fetchall()]

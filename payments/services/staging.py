"""Bytes -> unlogged staging tables, by COPY; and what the lines say together (totals), before anything is applied."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from bureau import faults
from bureau.errors import BureauError, gettext_noop
from payments.files.blocks import BlockReader
from payments.files.layouts import RESULT, Layout
from payments.files.limits import Limits
from payments.services import statements

_REPORT_EVERY = 50_000


class StagingLost(BureauError):
    """A crash of the database emptied the unlogged staging tables; the file must be staged again."""

    code = "STAGING_LOST"
    message = gettext_noop("The staged lines of file %(file)s are gone; it must be read again.")


@dataclass(frozen=True)
class Tables:
    """The staging tables of one run; ``tag`` is the file's id, or a random word for a dry run."""

    tag: str

    @property
    def names(self) -> dict[str, str]:
        """Identifiers for the statements."""
        return {part: f"staging.f{self.tag}_{part}" for part in ("lines", "resolved", "prior", "loose")}


@dataclass(frozen=True)
class Staged:
    """What reading found: number of lines, digests of the bytes and of their content without line ends."""

    lines: int
    sha256: str
    content_sha256: str


@dataclass(frozen=True)
class Totals:
    """Sums over the lines of a file (yuan), as bank-files 8.1 "Totals" defines them, and what may hold the file."""

    lines: int
    amount: Decimal
    debited: Decimal
    ok_lines: int
    ok_amount: Decimal
    other_lines: int
    other_amount: Decimal
    rejected: int
    unreadable: int
    amount_unreadable: int
    over_limit: int
    first_fault: int | None
    first_serial: str | None
    last_serial: str | None
    low: int | None
    high: int | None


def stage(
    *,
    path: Path,
    tables: Tables,
    limits: Limits,
    seen: Callable[[int], None],
    layout: Layout = RESULT,
    open_stage: str = "stage_open",
) -> Staged:
    """Copy every line of the file at ``path`` into fresh staging tables; ``seen`` hears the number of lines so far.

    ``open_stage`` is the statement that makes the table for the columns of ``layout``.

    Raises what the reader refuses; then nothing stays.
    """
    with transaction.atomic(), path.open("rb") as stream, connection.cursor() as cursor:
        reader = BlockReader(stream, limits=limits, layout=layout)
        statements.run(cursor, open_stage, tables.names)
        table = ".".join(connection.ops.quote_name(part) for part in tables.names["lines"].split("."))
        reported = 0
        columns = ", ".join((*layout.columns, "tail"))
        copy_sql = f"COPY {table} ({columns}) FROM STDIN (FORMAT text, DELIMITER '|', NULL '\\N')"
        with cursor.copy(copy_sql) as copy:
            for block in reader.blocks():
                copy.write(block)
                if reader.lines - reported >= _REPORT_EVERY:
                    reported = reader.lines
                    seen(reported)
                    faults.hit("while_staging")
        seen(reader.lines)
        return Staged(reader.lines, reader.sha256, reader.content_sha256)


def require(cursor: CursorWrapper, tables: Tables, file_id: int | None) -> None:
    """Raise StagingLost when the matched lines are gone."""
    cursor.execute("SELECT to_regclass(%s)", [tables.names["resolved"]])
    if cursor.fetchone()[0] is None:
        raise StagingLost(file=file_id)


def drop(tables: Tables) -> None:
    """Remove the staging tables of a run, if they are there."""
    statements.execute("stage_drop", tables.names)


def totals(tables: Tables) -> Totals:
    """What the resolved lines say together."""
    row: dict[str, Any] = statements.rows("file_totals", tables.names)[0]
    return Totals(**row)

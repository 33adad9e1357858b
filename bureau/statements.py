"""Runs set-based statements kept as .sql files: one file per stage, each runnable alone in psql.

In a file ``:name`` is a value and ``:"name"`` an identifier, as psql reads them (``\\set``); values travel as parameters,
identifiers are quoted here. Each statement ends with ``;`` at the end of a line; comments stand on lines of their own.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

_VALUE = re.compile(r"(?<![:\w]):([a-z_]+)\b")
_NAME = re.compile(r':"([a-z_]+)"')


@cache
def read(folder: Path, stage: str) -> tuple[str, ...]:
    """The statements of ``<stage>.sql`` with values as ``%(name)s`` and identifiers left as ``{name}``."""
    text = (folder / f"{stage}.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    parts = [part.strip() for part in re.split(r";[ \t]*$", "\n".join(lines), flags=re.MULTILINE)]
    return tuple(_bind(part) for part in parts if part)


def _bind(statement: str) -> str:
    escaped = statement.replace("%", "%%").replace("{", "{{").replace("}", "}}")
    named = _NAME.sub(lambda found: "{" + found.group(1) + "}", escaped)
    return _VALUE.sub(lambda found: f"%({found.group(1)})s", named)


def quoted(name: str) -> str:
    """An identifier, perhaps schema.table, in quotes."""
    return ".".join(connection.ops.quote_name(part) for part in name.split("."))


def run(
    cursor: CursorWrapper, folder: Path, stage: str, names: dict[str, str] | None = None, **values: Any
) -> int:
    """Run every statement of ``stage`` on ``cursor``; returns the rows that the last one counted."""
    identifiers = {key: quoted(value) for key, value in (names or {}).items()}
    count = 0
    for statement in read(folder, stage):
        cursor.execute(statement.format(**identifiers), values)
        count = cursor.rowcount
    return count


def rows(
    folder: Path, stage: str, names: dict[str, str] | None = None, **values: Any
) -> list[dict[str, Any]]:
    """Run ``stage`` and return the rows of its last statement as dictionaries."""
    with connection.cursor() as cursor:
        run(cursor, folder, stage, names, **values)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

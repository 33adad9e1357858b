"""The set-based statements of payments/sql, run by the kernel's runner (bureau.statements)."""

from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from bureau import statements as kernel

SQL_DIR = Path(__file__).resolve().parent.parent / "sql"


def statements(stage: str) -> tuple[str, ...]:
    """The statements of ``payments/sql/<stage>.sql``."""
    return kernel.read(SQL_DIR, stage)


def execute(stage: str, names: dict[str, str] | None = None, **values: Any) -> int:
    """Run every statement of ``stage``; returns the rows that the last one counted. ``names`` may hold schema.table."""
    with connection.cursor() as cursor:
        return kernel.run(cursor, SQL_DIR, stage, names, **values)


def run(cursor: CursorWrapper, stage: str, names: dict[str, str] | None = None, **values: Any) -> int:
    """As :func:`execute`, on a given cursor, so that the last statement's rows can be fetched."""
    return kernel.run(cursor, SQL_DIR, stage, names, **values)


def rows(stage: str, names: dict[str, str] | None = None, **values: Any) -> list[dict[str, Any]]:
    """Run ``stage`` and return the rows of its last statement as dictionaries."""
    return kernel.rows(SQL_DIR, stage, names, **values)

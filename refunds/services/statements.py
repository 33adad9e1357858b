"""The set-based statements of refunds/sql, run by the kernel's runner (bureau.statements)."""

from pathlib import Path
from typing import Any

from django.db import connection

from bureau import statements as kernel

SQL_DIR = Path(__file__).resolve().parent.parent / "sql"


def execute(stage: str, names: dict[str, str] | None = None, **values: Any) -> int:
    """Run every statement of ``refunds/sql/<stage>.sql``; returns the rows that the last one counted."""
    with connection.cursor() as cursor:
        return kernel.run(cursor, SQL_DIR, stage, names, **values)


def rows(stage: str, names: dict[str, str] | None = None, **values: Any) -> list[dict[str, Any]]:
    """Run ``stage`` and return the rows of its last statement as dictionaries."""
    return kernel.rows(SQL_DIR, stage, names, **values)


def text(stage: str) -> str:
    """The one statement of ``refunds/sql/<stage>.sql``, for the books."""
    (statement,) = kernel.read(SQL_DIR, stage)
    return statement.format()

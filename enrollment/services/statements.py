"""The set-based statements of enrollment/sql, run by the kernel's runner (bureau.statements)."""

from pathlib import Path
from typing import Any

from django.db import connection

from bureau import statements as kernel

SQL_DIR = Path(__file__).resolve().parent.parent / "sql"


def execute(stage: str, names: dict[str, str] | None = None, **values: Any) -> int:
    """Run every statement of ``stage``; returns the rows that the last one counted. ``names`` may hold schema.table."""
    with connection.cursor() as cursor:
        return kernel.run(cursor, SQL_DIR, stage, names, **values)


def rows(stage: str, names: dict[str, str] | None = None, **values: Any) -> list[dict[str, Any]]:
    """Run ``stage`` and return the rows of its last statement as dictionaries."""
    return kernel.rows(SQL_DIR, stage, names, **values)

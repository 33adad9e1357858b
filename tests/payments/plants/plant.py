"""Damage, planted by raw SQL as the owner with triggers off: what a check must name, and nothing else.

``sql`` and the keys of ``seen`` are templates over the clean books (``{b.settled.pk}``).
"""

from typing import NamedTuple

DROP = "ALTER TABLE {0} DROP CONSTRAINT {1}"
PAYMENT = "{b.settled.receivable_id}00"
LINE = "{b.file.pk}00000001"


class Plant(NamedTuple):
    """A damage; ``seen``: the (what, key, problem) of every row that the check must name."""

    code: str
    sql: tuple[str, ...]
    seen: tuple[tuple[str, str, str], ...]


def plant(code: str, sql: str | tuple[str, ...], what: str, key: str, problem: str, times: int = 1) -> Plant:
    """A damage that is named by one row, or ``times`` the same row (two references of it are wrong)."""
    return Plant(code, (sql,) if isinstance(sql, str) else sql, ((what, key, problem),) * times)

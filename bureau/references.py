"""References that are proved once a statement instead of once a row.

A foreign key of PostgreSQL costs 4 to 6 microseconds a row, because each row is looked up on its own: half the cost of
inserting into a narrow table. Tables that are filled by lists of hundreds of thousands of rows hold their references
with the triggers of this module instead: the rows of an INSERT are compared with the parent in one join, a changed
reference is looked up, and the rows of such a parent are never deleted and never change their key.
"""

from __future__ import annotations

import pgtrigger

from bureau.audit import APPEND_ONLY_ERRCODE


def refers(
    table: str, field: str, parent: str, key: str = "id", *, shared: bool = False
) -> list[pgtrigger.Trigger]:
    """The declared triggers that hold ``table``.``field``_id to the rows of ``parent``; NULL refers to nobody.

    ``shared`` where rows that come together have few parents: each parent is then looked up once. The field itself
    says ``db_constraint=False``, and ``parent`` must be :func:`kept`. A violation is a foreign_key_violation (an
    IntegrityError) like any other.
    """
    column = f"{field}_id"
    refusal = (
        f"RAISE EXCEPTION '{table}.{column} refers to no row of {parent}' "
        f"USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = '{column}';"
    )
    named = f'(SELECT DISTINCT "{column}" FROM new_rows)' if shared else "new_rows"
    missing = f'NOT EXISTS (SELECT FROM "{parent}" p WHERE p."{key}" ='
    return [
        pgtrigger.Trigger(
            name=f"{field}_is_known",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=(
                f'IF EXISTS (SELECT FROM {named} n WHERE n."{column}" IS NOT NULL '
                f'AND {missing} n."{column}")) THEN {refusal} END IF; RETURN NULL;'
            ),
        ),
        pgtrigger.Trigger(
            name=f"{field}_stays_known",
            level=pgtrigger.Row,
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf(column),
            condition=pgtrigger.Condition(
                f'NEW."{column}" IS NOT NULL AND NEW."{column}" IS DISTINCT FROM OLD."{column}"'
            ),
            func=f'IF {missing} NEW."{column}") THEN {refusal} END IF; RETURN NULL;',
        ),
    ]


def kept(table: str, key: str = "id") -> list[pgtrigger.Trigger]:
    """The declared triggers by which rows of ``table`` stay for ever under their key: others refer to them."""
    refusal = (
        f"RAISE EXCEPTION '{table} rows are kept: others refer to them' "
        f"USING ERRCODE = '{APPEND_ONLY_ERRCODE}', TABLE = '{table}';"
    )
    return [
        pgtrigger.Trigger(
            name=f"{table[-30:]}_is_kept",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=refusal,
        ),
        pgtrigger.Trigger(
            name=f"{table[-30:]}_keeps_key",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf(key),
            condition=pgtrigger.Condition(f'NEW."{key}" IS DISTINCT FROM OLD."{key}"'),
            func=refusal,
        ),
    ]

"""Who did what and why: guards for append-only tables, guards for state moves, and the context that history rows carry.

An append-only table is its own history: it needs a guard against UPDATE, DELETE and TRUNCATE, not a copy. A table whose
rows change is tracked by pghistory at statement level (deletes included); every event points to one context row per
transaction, written from :func:`acting`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pghistory
import pgtrigger
from django.db import models
from pghistory import runtime

APPEND_ONLY_ERRCODE = "BU001"
MOVE_ERRCODE = "BU002"


def append_only(table: str) -> list[pgtrigger.Trigger]:
    """The declared triggers that make ``table`` append-only; a row trigger follows into every partition.

    The TRUNCATE guard of a partition is added when the partition is made (bureau.partitions).
    """
    return [
        pgtrigger.Trigger(
            name=f"{table[-25:]}_no_change",
            level=pgtrigger.Row,
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=_refusal(table),
        ),
        no_truncate(table),
    ]


def no_truncate(table: str) -> pgtrigger.Trigger:
    """The declared trigger against TRUNCATE, which no row trigger stops."""
    return pgtrigger.Trigger(
        name=f"{table[-25:]}_no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=_refusal(table),
    )


def _refusal(table: str) -> str:
    message = f"{table} is append-only: write a correcting row instead"
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = '{APPEND_ONLY_ERRCODE}', TABLE = '{table}';"


def moves_guard(table: str, moves: Mapping[str, frozenset[str]], field: str = "state") -> pgtrigger.Trigger:
    """The declared trigger that lets ``field`` make only the listed moves (the states.py table, in the database)."""
    pairs = ", ".join(sorted(f"('{old}', '{new}')" for old, news in moves.items() for new in news))
    return pgtrigger.Trigger(
        name=f"{table[-25:]}_moves",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(field),
        condition=pgtrigger.Condition(f'OLD."{field}" IS DISTINCT FROM NEW."{field}"'),
        func=(
            f'IF (OLD."{field}", NEW."{field}") NOT IN ({pairs}) THEN '
            f'RAISE EXCEPTION \'{table}: % cannot become %\', OLD."{field}", NEW."{field}" '
            f"USING ERRCODE = '{MOVE_ERRCODE}', TABLE = '{table}'; END IF; RETURN NEW;"
        ),
    )


def track(
    model: type[models.Model],
    exclude: list[str] | None = None,
    *,
    with_object: bool = True,
    indexed: bool = True,
) -> None:
    """History of ``model`` in ``<Model>Event``: one row per inserted, changed or deleted row, at statement level.

    ``with_object=False`` for a proxy of a many-to-many table, whose rows nobody else points to. ``indexed=False``
    for tables that are filled by the hundred thousand: history is read by its object, so its other references
    need no index.
    """
    options: dict[str, Any] = {} if with_object else {"obj_field": None}
    if not indexed:
        options["context_field"] = pghistory.ContextForeignKey(db_index=False)
        options["attrs"] = {
            field.name: models.ForeignKey(
                field.remote_field.model,
                null=field.null,
                on_delete=models.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                db_constraint=False,
                db_index=False,
                verbose_name=field.verbose_name,
            )
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
        }
    name = f"{model.__name__}Event"
    pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=exclude,
        model_name=name,
        # pghistory itself guards against UPDATE and DELETE only.
        meta={"triggers": [no_truncate(f"{model._meta.app_label}_{name.lower()}")]},
        **options,
    )(model)


@contextmanager
def acting(*, by: Any, why: str, **details: object) -> Iterator[None]:
    """History written inside this context says who (``by``, a User or None for the system), why, and the details.

    Inside another one, history written here says its own why beside what the outer one says, and what is
    written after it says the outer's again. (pghistory itself would let the inner words stand for both.)
    """
    said = {
        "user": getattr(by, "pk", None),
        "actor": getattr(by, "username", "system"),
        "why": why,
        **details,
    }
    outer = getattr(runtime._tracker, "value", None)
    if outer is None:
        with pghistory.context(**said):
            yield
        return
    runtime._tracker.value = runtime.Context(id=uuid.uuid4(), metadata=outer.metadata | said)
    try:
        yield
    finally:
        runtime._tracker.value = outer

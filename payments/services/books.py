"""The books: queries over the facts that return no row while everything is right (design: reliability 2).

Each check is one query whose columns are ``what`` (kind of row), ``key`` (its number), ``problem`` (a stable
code), ``expected`` and ``found``; no ID number, name or account is ever among them. All run in one read-only
snapshot. An app above adds its own checks with :func:`register`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pghistory.models
import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.states import PROPOSAL_MOVES
from enrollment.states import ENROLLMENT_MOVES, POLICY_MOVES, POLICY_RUN_MOVES
from payments import states
from payments.services import statements

SHOWN = 20
"""Rows shown of each check; all are counted."""

Query = Callable[[], tuple[str, dict[str, Any]]]
MOVES: dict[str, Mapping[str, frozenset[str]]] = {
    "proposal": PROPOSAL_MOVES,
    "enrolment": ENROLLMENT_MOVES,
    "policy": POLICY_MOVES,
    "policy run": POLICY_RUN_MOVES,
    "mandate": states.MANDATE_MOVES,
    "batch": states.BATCH_MOVES,
    "file": states.FILE_MOVES,
    "chunk": states.CHUNK_MOVES,
    "work item": states.WORK_MOVES,
    "voucher batch": states.VOUCHER_BATCH_MOVES,
    "debit not posted": states.DEBIT_CASE_MOVES,
}
# Somebody is the first: a log-in made on the command line (createsuperuser) has no actor, later changes do.
FIRST_ROW_FREE: tuple[type[models.Model], ...] = (User,)


class UnknownCheck(BureauError):
    """No check has this code."""

    code = "CHECK_UNKNOWN"
    message = gettext_noop("There is no check called %(check)s.")


@dataclass(frozen=True)
class Check:
    """An invariant: its code, its sentence, its query. Problems in ``warnings`` leave the books green."""

    code: str
    title: str
    query: Query
    warnings: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CheckResult:
    """What a check found: at most SHOWN rows, and how many there are."""

    code: str
    title: str
    ok: bool
    rows: list[dict[str, str]] = field(default_factory=list)
    count: int = 0


_checks: dict[str, Check] = {}


def register(check: Check) -> None:
    """Add ``check`` to the books; the same code again replaces it."""
    _checks[check.code] = check


def known_checks() -> list[Check]:
    """All checks by code."""
    return [_checks[code] for code in sorted(_checks)]


def run_checks(*, only: Collection[str] = ()) -> list[CheckResult]:
    """Run all checks, or those whose codes are in ``only``, in one read-only snapshot; results come by code.

    Inside a transaction of the caller the snapshot is the caller's. Raises :class:`UnknownCheck`.
    """
    for code in only:
        if code not in _checks:
            raise UnknownCheck(check=code)
    with _snapshot():
        return [_run(check) for check in known_checks() if not only or check.code in only]


@contextmanager
def _snapshot() -> Iterator[None]:
    """One snapshot that cannot write, planned for whole tables: statistics of a fresh year may be missing."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        settings = transaction.savepoint()
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SET LOCAL enable_mergejoin = off")
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        try:
            yield
        finally:
            # Back to the caller's settings; nothing was written.
            transaction.savepoint_rollback(settings)


def _run(check: Check) -> CheckResult:
    query, values = check.query()
    counted = (
        f"WITH found AS MATERIALIZED ({query}) "
        "SELECT what, key, problem, expected, found, count(*) OVER (), "
        "count(*) FILTER (WHERE problem <> ALL (%(warnings)s::text[])) OVER () "
        "FROM found ORDER BY what, problem, key LIMIT %(shown)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(counted, values | {"warnings": sorted(check.warnings), "shown": SHOWN})
        found = cursor.fetchall()
    names = ("what", "key", "problem", "expected", "found")
    rows = [dict(zip(names, (str(cell) for cell in row[:5]), strict=True)) for row in found]
    count, wrong = (found[0][5], found[0][6]) if found else (0, 0)
    return CheckResult(code=check.code, title=check.title, ok=wrong == 0, rows=rows, count=count)


def from_file(code: str, values: Callable[[], dict[str, Any]] = dict) -> Query:
    """The query in ``payments/sql/books/<code>.sql`` with the values that it asks for."""

    def query() -> tuple[str, dict[str, Any]]:
        (statement,) = statements.statements(f"books/{code}")
        return statement.format(), values()

    return query


def _moves() -> dict[str, Any]:
    steps = [(what, old, new) for what, moves in MOVES.items() for old, news in moves.items() for new in news]
    return {
        "tables": [step[0] for step in steps],
        "olds": [str(step[1]) for step in steps],
        "news": [str(step[2]) for step in steps],
    }


def _guards() -> dict[str, Any]:
    """Every trigger that the models declare, and which of them are guards of append-only tables (bureau.audit)."""
    declared = [(model._meta.db_table, trigger) for model, trigger in _declared()]
    guards = [(table, name) for table, (name, func) in declared if audit.APPEND_ONLY_ERRCODE in func]
    return {
        "tables": [table for table, _ in declared],
        "triggers": [name for _, (name, _) in declared],
        "guarded": sorted({table for table, _ in guards}),
        "guards": [name for _, name in guards],
    }


def _declared() -> list[tuple[Any, tuple[str, str]]]:
    """(model, (name in the database, body)) of each declared trigger."""
    return [
        (model, (trigger.get_pgid(model), str(getattr(trigger, "func", "") or "")))
        for model, trigger in pgtrigger.registered()
    ]


def _conflicts() -> dict[str, Any]:
    pairs = sorted(tuple(sorted(role.value for role in pair)) for pair in access.CONFLICTS)
    return {"ones": [pair[0] for pair in pairs], "others": [pair[1] for pair in pairs]}


def _everywhere() -> dict[str, Any]:
    return {"everywhere": sorted(role.value for role in access.EVERYWHERE)}


def tracked_models() -> list[tuple[type[models.Model], type[models.Model]]]:
    """Each model with a history, with the model of its events."""
    events = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]
    tracked: list[tuple[Any, type[models.Model]]] = [(event.pgh_tracked_model, event) for event in events]
    return [(model, event) for model, event in tracked if model is not None]


def _history() -> tuple[str, dict[str, Any]]:
    """I18, over all tables with a history: events without actor or reason, rows unlike their history."""
    parts: list[str] = []
    named = (
        "WITH named AS MATERIALIZED (SELECT id FROM pghistory_context WHERE metadata ->> 'actor' <> '' "
        "AND coalesce(metadata ->> 'why', metadata ->> 'request', '') <> '') "
    )
    for model, event in tracked_models():
        parts.append(_events_without_actor(model, event))
        if {"insert", "update", "delete"} <= _labels(model):
            parts.append(_rows_unlike_history(model, event))
    return named + " UNION ALL ".join(parts), {}


def _labels(model: type[models.Model]) -> set[str]:
    return {
        str(trigger.name).partition("_")[0] for tracked, trigger in pgtrigger.registered() if tracked is model
    }


def _events_without_actor(model: type[models.Model], event: type[models.Model]) -> str:
    obj = _row_column(model, event)
    first_row_free = "AND e.pgh_label <> 'insert'" if model in FIRST_ROW_FREE else ""
    return (
        f"SELECT '{model._meta.model_name}' AS what, e.{obj}::text AS key, "
        "'CHANGED_WITHOUT_ACTOR' AS problem, 'who and why' AS expected, "
        "e.pgh_label || ' ' || e.pgh_id AS found "
        f'FROM "{event._meta.db_table}" e LEFT JOIN named ON named.id = e.pgh_context_id '
        f"WHERE named.id IS NULL {first_row_free}"
    )


def _row_column(model: type[models.Model], event: type[models.Model]) -> str:
    """The column of an event that names its row; a history without such a reference keeps the row's own key."""
    pointer = any(f.column == "pgh_obj_id" for f in event._meta.fields)
    return "pgh_obj_id" if pointer else str(model._meta.pk.column)  # type: ignore[union-attr]


def _rows_unlike_history(model: type[models.Model], event: type[models.Model]) -> str:
    key, obj = model._meta.pk.column, _row_column(model, event)  # type: ignore[union-attr]
    kept = {f.column for f in event._meta.fields if not f.name.startswith("pgh_")}
    columns = [f.column for f in model._meta.concrete_fields if f.column in kept]
    now, then = (", ".join(f'{alias}."{column}"' for column in columns) for alias in ("t", "e"))
    return (
        f"SELECT '{model._meta.model_name}', coalesce(t.\"{key}\", e.{obj})::text, "
        "'CHANGED_WITHOUT_HISTORY', coalesce(e.pgh_label || ' ' || e.pgh_id, 'history'), "
        f"CASE WHEN t.\"{key}\" IS NULL THEN 'gone' ELSE 'differs' END "
        # Most rows have one event; only where there are several, the last one counts.
        f'FROM (SELECT x.* FROM "{event._meta.db_table}" x LEFT JOIN (SELECT {obj}, max(pgh_id) AS last FROM '
        f'"{event._meta.db_table}" GROUP BY {obj} HAVING count(*) > 1) many ON many.{obj} = x.{obj} '
        "WHERE many.last IS NULL OR many.last = x.pgh_id) e "
        f'FULL JOIN "{model._meta.db_table}" t ON t."{key}" = e.{obj} '
        f"WHERE CASE WHEN t.\"{key}\" IS NULL THEN e.pgh_label <> 'delete' "
        f"WHEN e.pgh_id IS NULL OR e.pgh_label = 'delete' THEN TRUE "
        f"ELSE ({now}) IS DISTINCT FROM ({then}) END"
    )


BUILT_IN = (
    Check("I01", gettext_noop("One payment carries a person-year"), from_file("I01")),
    Check("I02", gettext_noop("Every line has one bucket"), from_file("I02")),
    Check("I03", gettext_noop("Buckets add up to header and original"), from_file("I03")),
    Check("I04", gettext_noop("Debited money is booked or waits for a person"), from_file("I04")),
    Check("I05", gettext_noop("No file is applied twice"), from_file("I05")),
    Check("I06", gettext_noop("No debit is booked twice"), from_file("I06")),
    Check("I08", gettext_noop("Amounts are possible"), from_file("I08")),
    Check("I09", gettext_noop("Two persons, not one"), from_file("I09")),
    Check("I10", gettext_noop("States made only listed moves"), from_file("I10", _moves)),
    Check("I11", gettext_noop("Guards stand, no line is missing"), from_file("I11", _guards)),
    Check("I12", gettext_noop("Money received is money explained"), from_file("I12")),
    Check("I13", gettext_noop("Paid inside the year's days"), from_file("I13")),
    Check("I14", gettext_noop("Cover rests on a payment"), from_file("I14")),
    Check("I15", gettext_noop("Holds belong to who is collecting"), from_file("I15")),
    Check("I16", gettext_noop("Enrolments and ID numbers are sound"), from_file("I16")),
    Check(
        "I17",
        gettext_noop("Vouchers are numbered without gaps, none counts without its money"),
        from_file("I17"),
    ),
    Check("I18", gettext_noop("Changes leave who and why"), _history),
    Check("I21", gettext_noop("No work is stuck"), from_file("I21"), frozenset({"QUEUED_LONG"})),
    Check("I22", gettext_noop("Regions agree"), from_file("I22", _everywhere)),
    Check("I23", gettext_noop("No conflicting roles"), from_file("I23", _conflicts)),
    Check("R01", gettext_noop("Receivables: references"), from_file("R01")),
    Check("R02", gettext_noop("Instructions and batches: references"), from_file("R02")),
    Check("R03", gettext_noop("Payments: references"), from_file("R03")),
    Check("R04", gettext_noop("Bank lines: references"), from_file("R04")),
    Check("R05", gettext_noop("Cover: references"), from_file("R05")),
    Check("R06", gettext_noop("Duplicates: references"), from_file("R06")),
    Check("R07", gettext_noop("Reversals: references"), from_file("R07")),
    Check("R08", gettext_noop("What hangs on a row: references"), from_file("R08")),
    Check("R10", gettext_noop("Swapped payments: references"), from_file("R10")),
    Check("S01", gettext_noop("Statements add up to the fen"), from_file("S01")),
    Check("S02", gettext_noop("Statements: references"), from_file("S02")),
    Check(
        "S03",
        gettext_noop("Debits not posted have their case"),
        from_file("S03"),
        frozenset({"NO_CASE", "CASE_LATE"}),
    ),
    Check("S04", gettext_noop("Differences have an owner"), from_file("S04")),
    Check("S05", gettext_noop("Voids and pushes are sound"), from_file("S05")),
)
for _check in BUILT_IN:
    register(_check)

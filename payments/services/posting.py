"""Posting: one chunk of resolved lines becomes answers, payments, cover, duplicates, reversals and work, in one transaction.

The transaction, the chunk's row and the second try after a collision are those of every kind of file (chunks.py).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from bureau import faults
from bureau.calendars import load_calendar
from bureau.clock import day_of
from enrollment.models import Policy
from enrollment.services import cover
from payments.models import BankFile, FileChunk
from payments.services import earlierdebits, staging, statements
from payments.services.staging import Tables

DAYS_SOON, DAYS_LATE = 1, 3
Tally = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What all chunks of a file share."""

    file: BankFile
    tables: Tables
    policy: Policy
    due_soon: date
    due_late: date
    at: datetime

    @property
    def region(self) -> str:
        """The file's region."""
        return str(self.file.region_id)


def context(*, file: BankFile, policy: Policy, at: datetime) -> Context:
    """Due dates by the bureau's calendar; raises YearNotPublished rather than guess a working day."""
    today = day_of(at)
    calendar = load_calendar(today, date.fromordinal(today.toordinal() + 21))
    return Context(
        file=file,
        tables=Tables(str(file.pk)),
        policy=policy,
        due_soon=calendar.add_workdays(today, DAYS_SOON),
        due_late=calendar.add_workdays(today, DAYS_LATE),
        at=at,
    )


def post_chunk(ctx: Context, chunk: FileChunk, *, probe: bool) -> Tally:
    """Post a chunk that the caller's transaction has locked; its tally. Raises StagingLost when its lines are gone."""
    with connection.cursor() as cursor:
        low, high = _judge(cursor, ctx, chunk.first, chunk.last, probe=probe)
        faults.hit("after_judging")
        changed = _write(cursor, ctx, low, high)
        tally = _tally(cursor)
        cursor.execute("DROP TABLE judged")
    tally["changed"] = changed
    return tally


def preview(*, tables: Tables, bank: str, first: int, last: int, file_id: int) -> Tally:
    """The tally that the lines at positions first..last would get now; nothing is written (dry run, held files)."""
    with transaction.atomic(), connection.cursor() as cursor:
        values = {"file": file_id, "bank": bank, "first": first, "last": last, "check_serials": True}
        _judge_table(cursor, tables, values)
        tally = _tally(cursor)
        cursor.execute("DROP TABLE judged")
    tally["changed"] = 0
    return tally


def _judge(cursor: CursorWrapper, ctx: Context, first: int, last: int, *, probe: bool) -> tuple[int, int]:
    """Judge a chunk under the locks of its sibling persons; returns the bounds of its instruction ids."""
    names = ctx.tables.names
    staging.require(cursor, ctx.tables, ctx.file.pk)
    statements.run(cursor, "lock_siblings", names, first=first, last=last)
    values = {
        "file": ctx.file.pk,
        "bank": ctx.file.bank_id,
        "first": first,
        "last": last,
        "check_serials": probe,
    }
    low, high, lines = _judge_table(cursor, ctx.tables, values)
    if lines != last - first + 1:
        raise staging.StagingLost(file=ctx.file.pk)
    return low, high


def _judge_table(cursor: CursorWrapper, tables: Tables, values: dict[str, Any]) -> tuple[int, int, int]:
    statements.run(cursor, "chunk_bounds", tables.names, first=values["first"], last=values["last"])
    low, high = cursor.fetchone()
    _without_nested_loops(cursor)
    lines = statements.run(cursor, "judge", tables.names, **values, low=low, high=high)
    return low, high, lines


def _without_nested_loops(cursor: CursorWrapper) -> None:
    """Until the commit: the planner knows nothing of rows written a moment ago and would walk them row by row."""
    cursor.execute("SET LOCAL enable_nestloop = off")


def _write(cursor: CursorWrapper, ctx: Context, low: int, high: int) -> int:
    """Every fact of a judged chunk; returns how many rows were written or removed."""
    values = {
        "file": ctx.file.pk,
        "bank": ctx.file.bank_id,
        "region": ctx.region,
        "low": low,
        "high": high,
        "due_soon": ctx.due_soon,
        "due_late": ctx.due_late,
        "reversed_on": ctx.file.header["processed_on"],
    }
    names = ctx.tables.names
    changed = statements.run(cursor, "post_lines", **values)
    statements.run(cursor, "post_texts", names)
    faults.hit("after_lines")
    changed += statements.run(cursor, "post_payments", **values)
    faults.hit("after_payments")
    statements.run(cursor, "posted_view", **values)
    policy = cover.current_policy(region_id=ctx.region, year=ctx.policy.benefit_year)
    changed += cover.start_cover(relation="posted", policy=policy, at=ctx.at)
    cursor.execute("DROP VIEW posted")
    _without_nested_loops(cursor)
    faults.hit("after_cover")
    changed += statements.run(cursor, "post_duplicates", **values)
    changed += _reverse(cursor, ctx, values)
    changed += statements.run(cursor, "post_holds", **values)
    changed += statements.run(cursor, "post_workitems", **values)
    changed += statements.run(cursor, "post_matched", **values)
    changed += _propose_swaps(cursor, ctx)
    faults.hit("after_workitems")
    return changed


def _reverse(cursor: CursorWrapper, ctx: Context, values: dict[str, Any]) -> int:
    reversed_rows = statements.run(cursor, "post_reversals", **values)
    if not reversed_rows:
        return 0
    cursor.execute(
        "SELECT v.receivable_id FROM payments_reversal v JOIN judged j ON j.line_id = v.line_id "
        "WHERE v.payment_id IS NOT NULL ORDER BY 1"
    )
    receivables = [row[0] for row in cursor.fetchall()]
    return reversed_rows + cover.end_cover(receivable_ids=receivables, reason="REVERSED", at=ctx.at)


def _propose_swaps(cursor: CursorWrapper, ctx: Context) -> int:
    """A duplicate that was debited earlier than the carrying payment and would give better cover: a supervisor decides."""
    cursor.execute(
        "SELECT j.line_id, j.person_id, j.paid, j.debited_on, j.carried_by FROM judged j "
        "JOIN payments_payment p ON p.id = j.carried_by "
        "WHERE j.bucket = 2 AND NOT j.repeated AND j.debited_on < p.debited_on ORDER BY j.line_id"
    )
    late = [
        earlierdebits.Late(line, person, ctx.region, paid, day, carrier, ctx.file.pk)
        for line, person, paid, day, carrier in cursor.fetchall()
    ]
    return earlierdebits.open_items(late=late, due_on=ctx.due_late, at=ctx.at)


def _tally(cursor: CursorWrapper) -> Tally:
    statements.run(cursor, "judge_tally")
    columns = [column.name for column in cursor.description or ()]
    buckets = {}
    answered, answered_amount = 0, Decimal(0)
    for values in cursor.fetchall():
        row = dict(zip(columns, values, strict=True))
        answered += row.pop("answered")
        answered_amount += row.pop("answered_amount")
        buckets[str(row.pop("bucket"))] = {
            key: value if isinstance(value, int) else f"{value:.2f}" for key, value in row.items()
        }
    return {"buckets": buckets, "answered": answered, "answered_amount": f"{answered_amount:.2f}"}

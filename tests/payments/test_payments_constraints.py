"""PostgreSQL has the last word: each named constraint, state guard and append-only guard of the payments app,
provoked by raw writes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from pghistory.models import Event

from bureau import audit
from payments.models import (
    ClosedDay,
    DebitCase,
    HoldEvent,
    Order,
    VoucherBatch,
    WorkItem,
    WorkNote,
)
from payments.services import statements
from payments.states import (
    BATCH_MOVES,
    CHUNK_MOVES,
    DEBIT_CASE_MOVES,
    FILE_MOVES,
    MANDATE_MOVES,
    ORDER_MOVES,
    VOUCHER_BATCH_MOVES,
    WORK_MOVES,
)
from tests import slate
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AT, Books

YEAR = bookbuilders.YEAR
NEW = 9_000_000
LEAVES = (
    "payments_receivable_2025",
    "payments_instruction_2025",
    "payments_payment_2025",
    "payments_hold_2025",
)


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: Any) -> Iterator[Books]:
    """One case of everything, shared by the tests of this module; each of them is rolled back."""
    with django_db_blocker.unblock():
        mark = slate.mark()
        made = bookbuilders.clean()
        with audit.acting(by=None, why="books of a test"):
            WorkNote.objects.create(item=WorkItem.objects.all()[0], by=made.home.clerk, at=AT, text="seen")
            ClosedDay.objects.create(
                region_id="450800", day=date(2025, 1, 2), closed_by=made.home.supervisor, closed_at=AT
            )
            _movable(made)
    yield made
    with django_db_blocker.unblock():
        slate.wipe(mark)
        connection.close()


def _movable(made: Books) -> None:
    """A row of each table beside the river that has a state."""
    DebitCase.objects.get_or_create(
        item=WorkItem.objects.all()[0],
        defaults={
            "region_id": "450800",
            "channel": "WECHAT",
            "amount": 1,
            "opened_at": AT,
            "due_on": AT.date(),
        },
    )
    VoucherBatch.objects.create(
        region_id="450800", benefit_year=YEAR, first=1, last=1, reached=1, address="https://example.org",
        made_by=made.home.clerk, made_at=AT,
    )  # fmt: skip
    Order.objects.create(
        number="W1", client_code="W", channel="WECHAT", region_id="450800", payer_name="W", amount=1,
        opened_at=AT, locked_until=AT + timedelta(minutes=30),
    )  # fmt: skip


class Case(NamedTuple):
    """``constraint`` refuses a copy of the row of ``table`` at ``where`` with other values in some columns.

    ``before``: changes of copies that are written first, and are right. Text is a template over the books.
    """

    constraint: str
    table: str
    where: str
    changes: dict[str, Any]
    before: tuple[dict[str, Any], ...] = ()


MANDATE = ("mandate", "person_id = {b.settled.person_id}")
SPARE = {"id": NEW, "agreement_no": "NEW", "state": "CANCELLED"}
BATCH = ("debitbatch", "id = {b.batch.pk}")
DROPPED = ("debitbatch", "id = {b.dropped.pk}")
SENT = {"id": NEW, "number": 50}
INSTRUCTION = ("instruction", "id = {b.settled.pk}")
FILE = ("bankfile", "id = {b.file.pk}")
QUEUED = ("bankfile", "id = {b.held_file.pk}")
OTHER_BYTES = {"id": NEW, "sha256": "e" * 64}
CHUNK = ("filechunk", "file_id = {b.file.pk}")
LINE = ("bankline", "id = {b.file.pk}00000001")
TALLY = ("filetally", "file_id = {b.file.pk} AND bucket = 1")
PAID = ("payment", "id = {b.settled.receivable_id}00")
COUNTER = ("payment", "id = {b.counter.pk}")
TWICE = ("duplicatepayment", "instruction_id = {b.duplicate.pk}")
TAKEN_BACK = ("reversal", "receivable_id = {b.reversed.receivable_id}")
DUE = ("receivable", "id = {b.settled.receivable_id}")
LATER = ("assessment", "receivable_id = {b.reassessed.pk}")
HELD = ("hold", "id = {b.pending.receivable_id}")
ITEM = ("workitem", "instruction_id = {b.unmatched.pk}")
OTHER_ITEM = {"id": NEW, "line_id": None}
ID_2025 = YEAR * 10**10

CASES = [
    Case("bank_code_format", "bankprofile", "code = '103'", {"code": "10A"}),
    Case("bank_debit_days_range", "bankprofile", "code = '103'", {"code": "104", "debit_days": 0}),
    Case("bank_debit_days_range", "bankprofile", "code = '103'", {"code": "104", "debit_days": 21}),
    Case("bank_max_lines_range", "bankprofile", "code = '103'", {"code": "104", "max_lines": 0}),
    Case("bank_max_lines_range", "bankprofile", "code = '103'", {"code": "104", "max_lines": 5_000_001}),
    Case("result_code_once", "resultcode", "code_set = 'AIPG' AND code = '0000'", {"id": NEW}),
    Case("mandate_one_live", *MANDATE, {"id": NEW, "agreement_no": "NEW"}),
    Case("mandate_one_live", *MANDATE, {"id": NEW, "agreement_no": "NEW", "state": "SIGNED"}),
    Case("mandate_agreement_no_once", *MANDATE, {"id": NEW, "state": "CANCELLED"}),
    Case("mandate_debit_card", *MANDATE, {**SPARE, "card_type": "CREDIT"}),
    Case("mandate_account_format", *MANDATE, {**SPARE, "account": "6228 4800 1000"}),
    Case("mandate_account_format", *MANDATE, {**SPARE, "account": "6228"}),
    Case("mandate_cross_bank_named", *MANDATE, {**SPARE, "cross_bank": True}),
    Case(
        "mandate_cross_bank_named",
        *MANDATE,
        {**SPARE, "cross_bank": True, "bank_name": "中国银行", "cnaps": "1045"},
    ),
    Case("mandate_state_known", *MANDATE, {**SPARE, "state": "PAUSED"}),
    Case("batch_number_once", *BATCH, {"id": NEW}),
    Case("batch_number_range", *BATCH, {"id": NEW, "number": 0}),
    Case("batch_number_range", *BATCH, {"id": NEW, "number": 10_000}),
    Case("batch_days_order", *BATCH, {**SENT, "debit_to": "2025-01-14"}),
    Case("batch_amount_range", *BATCH, {**SENT, "amount": "-0.01"}),
    Case("batch_second_person", *BATCH, {**SENT, "released_by_id": "{b.home.clerk.pk}"}),
    Case("batch_release_evidence", *BATCH, {**SENT, "released_by_id": None}),
    Case("batch_release_evidence", *BATCH, {**SENT, "released_at": None}),
    Case("batch_release_evidence", *DROPPED, {**SENT, "released_at": "2025-01-10"}),
    Case("batch_state_known", *DROPPED, {**SENT, "state": "SENT"}),
    Case("instruction_amount_range", *INSTRUCTION, {"id": "{b.settled.receivable_id}50", "amount": "0.00"}),
    Case("payments_instruction_2025_line", *INSTRUCTION, {"id": "{b.settled.receivable_id}50"}),
    Case("payments_instruction_2025_pkey", *INSTRUCTION, {"seq": 50}),
    Case("payments_instructionrelease_pkey", "instructionrelease", "true", {}),
    Case("bankfile_bytes_once", *FILE, {"id": NEW}),
    Case(
        "bankfile_one_running_a_batch",
        *QUEUED,
        {**OTHER_BYTES, "state": "RUNNING"},
        ({"id": NEW + 1, "sha256": "f" * 64, "state": "RUNNING"},),
    ),
    Case(
        "bankfile_second_person",
        *QUEUED,
        {**OTHER_BYTES, "released_by_id": "{b.home.clerk.pk}", "released_at": "2025-01-20"},
    ),
    Case("bankfile_release_evidence", *QUEUED, {**OTHER_BYTES, "released_by_id": "{b.home.supervisor.pk}"}),
    Case("bankfile_release_evidence", *QUEUED, {**OTHER_BYTES, "released_at": "2025-01-20"}),
    Case("bankfile_applied_evidence", *FILE, {**OTHER_BYTES, "finished_at": None}),
    Case("bankfile_applied_evidence", *FILE, {**OTHER_BYTES, "batch_id": None}),
    Case("bankfile_state_known", *QUEUED, {**OTHER_BYTES, "state": "LOST"}),
    Case("payments_filelease_pkey", "filelease", "file_id = {b.file.pk}", {}),
    Case("chunk_once", *CHUNK, {"id": NEW}),
    Case("chunk_order", *CHUNK, {"id": NEW, "number": 9, "first": 5, "last": 4}),
    Case("chunk_state_known", *CHUNK, {"id": NEW, "number": 9, "state": "HALF"}),
    Case("bankline_serial_booked_once", *LINE, {"id": NEW}),
    Case("bankline_bucket_known", *LINE, {"id": NEW, "bucket": 7, "serial": "S"}),
    Case("bankline_bucket_known", *LINE, {"id": NEW, "bucket": 0, "serial": "S"}),
    Case("bankline_booked_evidence", *LINE, {"id": NEW, "serial": ""}),
    Case("bankline_booked_evidence", *LINE, {"id": NEW, "serial": "S", "ok": False}),
    Case("bankline_booked_evidence", *LINE, {"id": NEW, "serial": "S", "debited": "0.00"}),
    Case("bankline_booked_evidence", *LINE, {"id": NEW, "serial": "S", "instruction_id": None}),
    Case("bankline_booked_evidence", *LINE, {"id": NEW, "serial": "S", "debited_on": None}),
    Case("payments_linetext_pkey", "linetext", "line_id = {b.file.pk}00000004", {}),
    Case("tally_once", *TALLY, {"id": NEW}),
    Case("tally_repeated_part", *TALLY, {"id": NEW, "repeated": 99}),
    Case("closed_day_once", "closedday", "true", {"id": NEW}),
    Case("payments_payment_2025_pkey", *PAID, {"channel_serial": "again"}),
    Case("payment_amount_range", *PAID, {"id": "{b.settled.receivable_id}01", "amount": "0.00"}),
    Case("payment_evidence", *PAID, {"id": "{b.settled.receivable_id}01", "line_id": None}),
    Case("payment_evidence", *PAID, {"id": "{b.settled.receivable_id}01", "instruction_id": None}),
    Case("payment_evidence", *COUNTER, {"id": "{b.counter.receivable_id}01", "channel_serial": ""}),
    Case("duplicate_instruction_once", *TWICE, {"line_id": NEW}),
    Case("payments_duplicatepayment_pkey", *TWICE, {"instruction_id": NEW}),
    Case("duplicate_of_one", *TWICE, {"line_id": NEW, "instruction_id": NEW, "carried_by": None}),
    Case("duplicate_evidence", *TWICE, {"line_id": NEW, "instruction_id": None}),
    Case("duplicate_amount_range", *TWICE, {"line_id": NEW, "instruction_id": NEW, "amount": "0.00"}),
    Case("reversal_of_one", *TAKEN_BACK, {"line_id": NEW, "duplicate_id": NEW}),
    Case("reversal_of_one", *TAKEN_BACK, {"line_id": NEW, "payment_id": None}),
    Case("reversal_amount_range", *TAKEN_BACK, {"line_id": NEW, "payment_id": NEW, "amount": "0.00"}),
    Case("reversal_payment_once", *TAKEN_BACK, {"line_id": NEW, "booked_line_id": None}),
    Case("reversal_booked_line_once", *TAKEN_BACK, {"line_id": NEW, "payment_id": NEW}),
    Case(
        "reversal_duplicate_once",
        *TAKEN_BACK,
        {"line_id": NEW, "payment_id": None, "duplicate_id": 1, "booked_line_id": None},
        ({"line_id": NEW + 1, "payment_id": None, "duplicate_id": 1, "booked_line_id": NEW},),
    ),
    Case("receivable_amount_range", *DUE, {"id": ID_2025 + NEW, "standard": "-1", "amount": "-1"}),
    Case(
        "receivable_amount_range",
        *DUE,
        {"id": ID_2025 + NEW, "standard": "400.00", "aid": "-1", "amount": "401.00"},
    ),
    Case("receivable_amount_adds_up", *DUE, {"id": ID_2025 + NEW, "amount": "399.99"}),
    Case("receivable_key_carries_year", *DUE, {"id": ID_2025}),
    Case("receivable_key_carries_year", *DUE, {"id": ID_2025 + 10**9}),
    Case("payments_receivable_2025_year", *DUE, {"id": ID_2025 + NEW, "benefit_year": 2024}),
    Case("payments_receivable_2025_once", *DUE, {"id": ID_2025 + NEW}),
    Case("payments_receivable_2025_pkey", *DUE, {"person_id": NEW}),
    Case("assessment_key_carries_receivable", *LATER, {"id": "{b.reassessed.pk}00"}),
    Case("assessment_key_carries_receivable", *LATER, {"id": "{b.settled.receivable_id}01"}),
    Case("assessment_amount_adds_up", *LATER, {"id": "{b.reassessed.pk}02", "amount": "0.01"}),
    Case("payments_assessment_pkey", *LATER, {}),
    Case(
        "payments_siblingreceivable_pkey",
        "siblingreceivable",
        "receivable_id = {b.settled.receivable_id}",
        {},
    ),
    Case("payments_hold_2025_pkey", *HELD, {"instruction_id": NEW}),
    Case("hold_has_holder", *HELD, {"id": ID_2025 + NEW, "instruction_id": None}),
    Case("workitem_line_once", *ITEM, {"id": NEW}),
    Case("workitem_amount_range", *ITEM, {**OTHER_ITEM, "amount": "-0.01"}),
    Case("workitem_resolution_evidence", *ITEM, {**OTHER_ITEM, "state": "RESOLVED"}),
    Case(
        "workitem_resolution_evidence",
        *ITEM,
        {**OTHER_ITEM, "state": "RESOLVED", "resolved_at": "2025-01-20", "resolution": ""},
    ),
    Case("workitem_resolution_evidence", *ITEM, {**OTHER_ITEM, "resolution": "done"}),
    Case("workitem_taken_evidence", *ITEM, {**OTHER_ITEM, "state": "TAKEN"}),
    Case("workitem_state_known", *ITEM, {**OTHER_ITEM, "state": "ASLEEP"}),
    Case("worknote_has_text", "worknote", "true", {"id": NEW, "text": ""}),
]


def _filled(value: Any, books: Books) -> Any:
    return value.format(b=books) if isinstance(value, str) else value


def _copy(case: Case, changes: Mapping[str, Any], books: Books) -> int:
    """Write a copy of the case's row with ``changes``, past every layer of ours."""
    table = f"payments_{case.table}"
    record = json.dumps({key: _filled(value, books) for key, value in changes.items()})
    where = case.where.format(b=books)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(r, %s)).* FROM "
            f"(SELECT * FROM {table} WHERE {where} ORDER BY 1 LIMIT 1) AS s "
            f"JOIN {table} r ON to_jsonb(r) = to_jsonb(s)",
            [record],
        )
        return cursor.rowcount


@pytest.mark.parametrize("case", CASES, ids=[f"{case.constraint}-{n}" for n, case in enumerate(CASES)])
def test_constraint(db: None, books: Books, case: Case) -> None:
    for changes in case.before:
        assert _copy(case, changes, books) == 1
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        assert _copy(case, case.changes, books) == 1
    assert caught.value.__cause__.diag.constraint_name == case.constraint  # type: ignore[union-attr]


def _payments_models() -> list[type[models.Model]]:
    return [model for model in apps.get_app_config("payments").get_models() if not issubclass(model, Event)]


def _provoked_beside() -> set[str]:
    """What the other test_*_constraints.py of this folder name; what is beside the river has its cases there."""
    here = Path(__file__)
    beside = [path for path in here.parent.glob("test_*_constraints.py") if path != here]
    assert beside
    return {name for path in beside for name in re.findall(r'"(\w+)"', path.read_text("utf-8"))}


def test_each_named_constraint_is_provoked(db: None) -> None:
    """A new constraint needs a case here, or in a file of constraints beside this one."""
    provoked = {case.constraint for case in CASES}
    beside = _provoked_beside()
    for model in _payments_models():
        named = {constraint.name for constraint in model._meta.constraints}
        unique = {
            f"{model._meta.db_table}_{field.column}_key"
            for field in model._meta.local_fields
            if field.unique and not field.primary_key
        }
        assert named | unique <= provoked | beside, model
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint "
            "WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('u', 'p') OR conname LIKE %s",
            [list(LEAVES), "payments_%_2025_year"],
        )
        assert {row[0] for row in cursor.fetchall()} <= provoked


# --- states ------------------------------------------------------------------------------------------


class Walk(NamedTuple):
    """A guarded state column: its moves, a row, and the columns that each state asks for as evidence."""

    table: str
    where: str
    moves: Mapping[str, frozenset[str]]
    evidence: Mapping[str, str] = {}
    rest: str = ""


WALKS = [
    Walk("mandate", "person_id = {b.settled.person_id}", MANDATE_MOVES),
    Walk(
        "debitbatch",
        "id = {b.batch.pk}",
        BATCH_MOVES,
        {"RELEASED": "released_by_id = {b.home.supervisor.pk}, released_at = now()"},
        "released_by_id = NULL, released_at = NULL",
    ),
    Walk("bankfile", "id = {b.file.pk}", FILE_MOVES),
    Walk("filechunk", "file_id = {b.file.pk}", CHUNK_MOVES),
    Walk(
        "workitem",
        "instruction_id = {b.unmatched.pk}",
        WORK_MOVES,
        {
            "TAKEN": "taken_by_id = {b.home.clerk.pk}, resolved_at = NULL, resolution = ''",
            "RESOLVED": "resolved_at = now(), resolution = 'done'",
        },
        "resolved_at = NULL, resolution = ''",
    ),
    Walk(
        "debitcase",
        "id = (SELECT min(id) FROM payments_debitcase)",
        DEBIT_CASE_MOVES,
        {
            "RETURNED": "return_line_id = 1, returned_on = '2025-01-20', closed_at = now()",
            "BOOKED": "return_line_id = NULL, returned_on = NULL, closed_at = now()",
            "EXPLAINED": "return_line_id = NULL, returned_on = NULL, closed_at = now()",
        },
        "return_line_id = NULL, returned_on = NULL, closed_at = NULL",
    ),
    Walk("voucherbatch", "true", VOUCHER_BATCH_MOVES, {"DONE": "finished_at = now()"}, "finished_at = NULL"),
    Walk(
        "order",
        "number = 'W1'",
        ORDER_MOVES,
        {
            "PAID": "ended_at = now(), channel_serial = 'S', debited_at = now()",
            "CANCELLED": "ended_at = now(), channel_serial = '', debited_at = NULL",
            "EXPIRED": "ended_at = now(), channel_serial = '', debited_at = NULL",
        },
        "ended_at = NULL, channel_serial = '', debited_at = NULL",
    ),
]


@pytest.mark.parametrize("walk", WALKS, ids=[walk.table for walk in WALKS])
def test_the_database_knows_the_moves(db: None, books: Books, walk: Walk) -> None:
    where = walk.where.format(b=books)

    def move(cursor: Any, state: str) -> int:
        more = walk.evidence.get(state, walk.rest).format(b=books)
        cursor.execute(
            f"UPDATE payments_{walk.table} SET state = %s{', ' + more if more else ''} WHERE {where}", [state]
        )
        return int(cursor.rowcount)

    for old in walk.moves:
        for new in walk.moves:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                assert move(cursor, old) >= 1
                cursor.execute("SET LOCAL session_replication_role = origin")
                if new in walk.moves[old] or new == old:
                    assert move(cursor, new) >= 1
                else:
                    with pytest.raises(DatabaseError) as caught, transaction.atomic():
                        move(cursor, new)
                    assert caught.value.__cause__.sqlstate == audit.MOVE_ERRCODE  # type: ignore[union-attr]
                transaction.set_rollback(True)


def test_every_state_column_is_walked() -> None:
    guarded = {
        model._meta.db_table
        for model in _payments_models()
        if any(field.column == "state" for field in model._meta.local_fields)
    }
    assert guarded == {f"payments_{walk.table}" for walk in WALKS}


# --- append-only -------------------------------------------------------------------------------------

APPEND_ONLY = [
    "assessment",
    "bankline",
    "closedday",
    "duplicatepayment",
    "filetally",
    "instruction",
    "instruction_2025",
    "instructionrelease",
    "linetext",
    "payment",
    "payment_2025",
    "receivable",
    "receivable_2025",
    "reversal",
    "siblingreceivable",
    "worknote",
]


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_append_only(db: None, books: Books, table: str, statement: str) -> None:
    error = _refused(f"payments_{table}", statement)
    assert error.sqlstate == audit.APPEND_ONLY_ERRCODE
    assert "append-only" in str(error)


@pytest.mark.parametrize("table", ["holdevent", "mandateevent", "debitbatchevent", "workitemevent"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_history_is_append_only(db: None, books: Books, table: str, statement: str) -> None:
    assert "append_only" in str(_refused(f"payments_{table}", statement))


def _guarded() -> set[str]:
    """The tables that are declared to be append-only."""
    return {
        model._meta.db_table.removeprefix("payments_")
        for model in _payments_models()
        if any("_no_change" in trigger.name for trigger in getattr(model._meta, "triggers", []))
    }


ROWLESS = sorted(_guarded() - set(APPEND_ONLY))
"""Those of which the books hold nothing: a row is made for the trial."""
OF_TYPE = {
    "boolean": "false",
    "date": "now()",
    "timestamp with time zone": "now()",
    "jsonb": "'{}'",
    "ARRAY": "'{}'",
}
OF_TYPE |= dict.fromkeys(("character varying", "text"), "''")
OF_TYPE |= dict.fromkeys(("bigint", "integer", "smallint", "numeric"), "0")


def _make_row(table: str) -> None:
    """A row that says nothing, past every check and key: only the guard is tried on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
            "AND is_nullable = 'NO' AND is_identity = 'NO' AND column_default IS NULL",
            [table],
        )
        values = {name: OF_TYPE[kind] for name, kind in cursor.fetchall()}
        if "id" in values:
            values["id"] = f"{YEAR}000000000001"  # a partition takes it
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})")
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize("table", ROWLESS)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_append_only_beside_the_river(db: None, books: Books, table: str, statement: str) -> None:
    _make_row(f"payments_{table}")
    error = _refused(f"payments_{table}", statement)
    assert error.sqlstate == audit.APPEND_ONLY_ERRCODE
    assert "append-only" in str(error)


def _refused(table: str, statement: str) -> Any:
    """What PostgreSQL says to ``statement`` on a table that has rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] > 0
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "ORDER BY attnum LIMIT 1",
            [table],
        )
        (column,) = cursor.fetchone()
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column))
    return caught.value.__cause__


def test_every_guarded_table_is_tried(db: None) -> None:
    """Of all that PostgreSQL guards, whatever the models declare; a partition inherits the guard of its table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgparentid = 0 AND c.relname LIKE 'payments\\_%' AND t.tgname LIKE '%\\_no\\_change\\_%'"
        )
        held = {row[0] for row in cursor.fetchall()}
    assert held == {f"payments_{table}" for table in _guarded()}
    assert held <= {f"payments_{table}" for table in [*APPEND_ONLY, *ROWLESS]}


def test_a_hold_that_goes_leaves_who_and_why(db: None, books: Books) -> None:
    with transaction.atomic(), audit.acting(by=books.home.supervisor, why="the bank took it back"):
        statements.execute("drop_holds", batch=books.batch.pk, year=YEAR)
    left = HoldEvent.objects.filter(pgh_context__metadata__why="the bank took it back")
    assert {event.instruction_id for event in left} == {
        i.pk for i in (books.settled, books.pending, books.unmatched, books.unanswered)
    }
    assert {event.pgh_context.metadata["user"] for event in left} == {books.home.supervisor.pk}

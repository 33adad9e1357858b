"""What leaves the house as a list: masked, formula-safe, registered before the first row, in bounded memory."""

import csv
import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bureau import access, exports
from bureau.cells import is_formula
from bureau.models import ExportOutcome, ExportRecord
from payments.models import LineText, Payment, WorkItem
from payments.states import Bucket
from tests import builders
from tests.bureau import desk_world
from tests.bureau.desk_world import ELSEWHERE, HOME, World, client_of
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AWAY

LATER = datetime(2025, 1, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None) -> World:
    """A bureau with one of everything."""
    return desk_world.make()


def download(user: Any, name: str, query: str = "") -> tuple[bytes, list[dict[str, str]]]:
    """The file that a person gets, as bytes and as rows."""
    response = client_of(user).post(f"{reverse(f'admin:{name}_export')}{query}", {"purpose": "audit 7"})
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert data.startswith(b"\xef\xbb\xbf")
    return data, list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_payments_are_masked_and_scoped(world: World) -> None:
    """A supervisor takes the payments of the own regions; numbers and names are masked."""
    data, rows = download(world.who("supervisor"), "payments_payment")
    mine = Payment.objects.filter(region_id=HOME)
    assert sorted(int(row["缴费"]) for row in rows) == sorted(mine.values_list("pk", flat=True))
    text = data.decode("utf-8-sig")
    for payment in mine.select_related("person"):
        assert payment.person.id_number not in text
        assert f"{payment.person.id_number[:6]}********{payment.person.id_number[-4:]}" in text
    assert {row["参保人"] for row in rows} == {"张*"}
    assert {row["金额"] for row in rows} == {"400.00"}


def test_an_auditor_takes_every_region(world: World) -> None:
    """Everywhere, read-only."""
    bookbuilders.pay_at_counter(bookbuilders.assess(AWAY), "C-9")
    _data, rows = download(world.who("auditor", ELSEWHERE), "payments_payment")
    assert {row["地区代码"] for row in rows} == {HOME, AWAY}


def test_the_filters_of_the_list_hold(world: World) -> None:
    """What the list shows is what is taken, and the register says which filter it was."""
    auditor = world.who("auditor")
    _data, rows = download(auditor, "payments_payment", "?channel=BANK_COUNTER&after=1&o=x")
    assert [int(row["缴费"]) for row in rows] == [world.books.counter.pk]
    record = ExportRecord.objects.get(user=auditor)
    assert (record.what, record.filters, record.regions) == ("payments", {"channel": "BANK_COUNTER"}, [])
    assert (record.purpose, record.masked) == ("audit 7", True)


def test_the_register_knows_the_end(world: World) -> None:
    """Rows and digest of exactly what was sent."""
    auditor = world.who("auditor")
    data, rows = download(auditor, "payments_payment")
    outcome = ExportRecord.objects.get(user=auditor).outcome
    assert (outcome.rows, outcome.sha256) == (len(rows), hashlib.sha256(data).hexdigest())


def test_the_register_is_written_before_the_first_row(world: World) -> None:
    """An export that is broken off stands in the register without an outcome."""
    auditor = world.who("auditor")
    with CaptureQueriesContext(connection) as captured:
        response = client_of(auditor).post(reverse("admin:payments_payment_export"), {})
        record = ExportRecord.objects.get(user=auditor)
        stream = iter(response.streaming_content)  # type: ignore[attr-defined]
        next(stream)
    asked = [query["sql"] for query in captured]
    (entered,) = [nth for nth, sql in enumerate(asked) if 'INSERT INTO "bureau_exportrecord"' in sql]
    assert [sql for sql in asked[:entered] if "payments_payment" in sql] == []
    assert not ExportOutcome.objects.filter(pk=record.pk).exists()
    shown = client_of(auditor).get(reverse("admin:bureau_exportrecord_changelist")).content.decode()
    assert "中断" in shown


FORMULAS = ("=HYPERLINK(1)", "+cmd", "@SUM(A1)", "==1+1", "\tx", "\rx", "＝1+1", "-1+2")


def test_formulas_in_texts_are_defused(world: World) -> None:
    """S22: a resolution, a name or a bank's text that a spreadsheet would run gets an apostrophe."""
    clerk = world.who("clerk")
    for nth, formula in enumerate(FORMULAS):
        person = builders.make_person(HOME, name=formula.strip() or "x")
        WorkItem.objects.create(
            kind="SWAP",
            region_id=HOME,
            person=person,
            due_on="2025-02-01",
            opened_at=LATER,
            reason="",
            state="RESOLVED",
            resolved_by=clerk,
            resolved_at=LATER,
            resolution=f"{formula}{nth}",
        )
    _data, rows = download(world.who("supervisor"), "payments_workitem", "?who=resolved")
    assert len(rows) == len(FORMULAS)
    assert [cell for row in rows for cell in row.values() if is_formula(cell)] == []
    assert {row["处理结果"] for row in rows} == {f"'{formula}{nth}" for nth, formula in enumerate(FORMULAS)}


def test_lines_of_a_file(world: World) -> None:
    """One bucket of one file; the account comes from the kept text, masked."""
    line_id = world.books.line(4)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE payments_linetext SET text = %s WHERE line_id = %s",
            [
                "4|6228480099990000777|王五|400.00|400.00|0000|成功|S1|20250115|450800-2025-000000001-01|",
                line_id,
            ],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert LineText.objects.filter(pk=line_id).exists()
    query = f"?file={world.books.file.pk}&bucket={Bucket.UNMATCHED.value}"
    data, rows = download(world.who("auditor"), "payments_bankline", query)
    assert [(row["行号"], row["分类"]) for row in rows] == [("4", "未匹配"), ("7", "未匹配")]
    assert (rows[0]["账号"], rows[0]["户名"]) == ("6228****0777", "王*")
    assert b"6228480099990000777" not in data


def test_lines_of_another_region_do_not_exist(world: World) -> None:
    """404, and nothing in the register."""
    stranger = world.who("supervisor", ELSEWHERE)
    address = f"{reverse('admin:payments_bankline_export')}?file={world.books.file.pk}"
    assert client_of(stranger).post(address, {}).status_code == 404
    assert not ExportRecord.objects.filter(user=stranger).exists()


@pytest.mark.parametrize("role", ["clerk", "tax_officer", "sysadmin"])
def test_others_take_nothing(world: World, role: str) -> None:
    """403, and nothing in the register."""
    user = world.who(role)
    for name in ("payments_payment", "payments_workitem"):
        assert client_of(user).post(reverse(f"admin:{name}_export"), {}).status_code == 403
    assert not ExportRecord.objects.filter(user=user).exists()


def test_begin_asks_for_the_right_itself(world: World) -> None:
    """The service refuses as the page does, whoever calls it."""
    with pytest.raises(access.NotAllowed):
        exports.begin(what="payments", filters={}, by=world.who("clerk"), at=LATER)


def test_memory_does_not_grow_with_the_rows(world: World) -> None:
    """A hundred thousand rows pass through in blocks; what is held at a time is a block, not the file."""
    record = exports.begin(what="payments", filters={}, by=world.who("auditor"), at=LATER)

    def rows() -> Iterator[tuple[int, str]]:
        for number in range(100_000):
            yield number, "x" * 40

    blocks = exports.csv_blocks(record=record, headings=["n", "text"], rows=rows, now=lambda: LATER)
    tracemalloc.start()
    size = sum(len(block) for block in blocks)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 4_000_000
    assert peak < 2_000_000
    assert record.outcome.rows == 100_000


def test_the_rows_come_through_a_server_side_cursor(world: World) -> None:
    """The database hands the rows out in portions: a named cursor, not one answer of a million rows."""
    source = exports.streamed(Payment.objects.order_by("id"), "id")
    assert next(source)[0] == Payment.objects.order_by("id").values_list("id", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_cursors WHERE name LIKE '_django_curs_%%'")
        (declared,) = cursor.fetchone()
    assert "payments_payment" in declared
    source.close()  # type: ignore[attr-defined]

"""The checks of statements, debits not posted, voids and pushes: green on real work, and each damage is named."""

from collections.abc import Callable

import pytest
from django.db import connection

from bureau import audit, proposals
from payments.models import DebitCase, SettlementLine, WorkItem
from payments.services import books, debitcases, pushes, voids
from tests import builders
from tests.payments import settlementkit as k
from tests.payments.settlementkit import Said
from tests.payments.test_orders import AT, LATER, REGION, YEAR, open_for, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> None:
    """A statement with every kind of line, a return, a void and a push."""
    made = k.paid(3)
    by = k.clerk()
    k.stated([Said("S1", made[0].number), Said("S2", made[1].number, "399.00"), Said("X1", "NONE")], by)
    k.stated([Said("X1", "NONE", turn=2)], by)
    (person,) = people(1)
    with audit.acting(by=None, why="a test's staff"):
        one, two = builders.make_staff("tax_officer", REGION), builders.make_staff("tax_officer", REGION)
    order = open_for(person)
    asked = voids.propose(receivable_id=order.lines.get().receivable_id, reason="x", by=one, at=LATER)
    proposals.review(proposal_id=asked.pk, approve=True, reason="", by=two, at=LATER)
    pushes.make(region_id=REGION, year=YEAR, by=by, at=AT)


def found(code: str) -> set[tuple[str, str]]:
    """What a check finds."""
    (result,) = books.run_checks(only=[code])
    return {(row["what"], row["problem"]) for row in result.rows}


def damage(sql: str) -> None:
    """As the owner, with triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


def long_line() -> int:
    return SettlementLine.objects.get(outcome=3, turn=1).pk


PLANTS: list[tuple[str, Callable[[], str], str, str]] = [
    ("S01", lambda: f"DELETE FROM payments_settlementline WHERE id = {long_line()}", "file", "LINES_MISSING_OR_ADDED"),
    ("S01", lambda: "UPDATE payments_bankfile SET lines = lines + 1 WHERE kind = 'STATEMENT'", "file",
     "LINES_DIFFER_FROM_ORIGINAL"),
    ("S01", lambda: "UPDATE payments_bankfile SET amount = amount + 0.01 WHERE kind = 'STATEMENT'", "file",
     "RECEIVED_DIFFERS_FROM_ORIGINAL"),
    ("S01", lambda: "UPDATE payments_bankfile SET header = header || '{\"received\": \"1.00\"}' WHERE kind = 'STATEMENT'",
     "file", "RECEIVED_DIFFERS_FROM_HEADER"),
    ("S01", lambda: "UPDATE payments_bankfile SET debited = debited + 0.01 WHERE kind = 'STATEMENT'", "file",
     "RETURNED_DIFFERS_FROM_ORIGINAL"),
    ("S01", lambda: "UPDATE payments_bankfile SET header = header || '{\"returned\": \"1.00\"}' WHERE kind = 'STATEMENT'",
     "file", "RETURNED_DIFFERS_FROM_HEADER"),
    ("S01", lambda: "UPDATE payments_bankfile SET header = header || '{\"lines\": 99}' WHERE kind = 'STATEMENT'", "file",
     "LINES_DIFFER_FROM_HEADER"),
    ("S02", lambda: "UPDATE payments_settlementline SET channel = 'ALIPAY' WHERE outcome = 3", "settlement line",
     "NOT_IN_ITS_FILE"),
    ("S02", lambda: "UPDATE payments_settlementline SET ours_id = 1 WHERE outcome = 1 AND turn = 1", "settlement line",
     "OURS_DIFFERS"),
    ("S03", lambda: "UPDATE payments_debitcase SET amount = 1", "debit not posted", "AMOUNT_DIFFERS"),
    ("S03", lambda: f"UPDATE payments_debitcase SET return_line_id = {long_line()}", "debit not posted", "RETURN_DIFFERS"),
    ("S03", lambda: "UPDATE payments_workitem SET state = 'OPEN', resolution = '', resolved_at = NULL WHERE kind = 'LONG'",
     "debit not posted", "RETURNED_AND_STILL_WORK"),
    ("S03", lambda: "UPDATE payments_debitcase SET state = 'EXPLAINED', return_line_id = NULL, returned_on = NULL",
     "settlement line", "RETURN_CLOSES_NOTHING"),
    ("S03", lambda: "UPDATE payments_debitcase SET state = 'OPEN', return_line_id = NULL, returned_on = NULL, "
     "closed_at = NULL", "debit not posted", "CASE_LATE"),
    ("S03", lambda: "DELETE FROM payments_debitcase; UPDATE payments_workitem SET state = 'OPEN', resolution = '', "
     "resolved_at = NULL WHERE kind = 'LONG'", "work item", "NO_CASE"),
    ("S04", lambda: "DELETE FROM payments_workitem WHERE kind = 'SHORT'", "settlement line", "DIFFERS_AND_NOBODY_KNOWS"),
    ("S04", lambda: "DELETE FROM payments_workitem WHERE kind = 'STATED_AMOUNT'", "settlement line",
     "DIFFERS_AND_NOBODY_KNOWS"),
    ("S05", lambda: "UPDATE bureau_proposal SET state = 'REJECTED' WHERE kind = 'declaration.void'", "void",
     "VOID_WITHOUT_TWO_PERSONS"),
    ("S05", lambda: "INSERT INTO payments_hold (id, region_id, order_id, held_at) "
     "SELECT receivable_id, region_id, order_id, now() FROM payments_declarationvoid", "void", "VOID_STILL_HELD"),
    ("S05", lambda: "UPDATE payments_order SET state = 'OPEN', ended_at = NULL WHERE state = 'CANCELLED'", "void",
     "VOIDED_ORDER_IS_OPEN"),
    ("S05", lambda: "UPDATE payments_pushbatch SET lines = lines + 1", "push", "PUSH_LINES_DIFFER"),
    ("S05", lambda: "UPDATE payments_pushline SET receivable_id = 1 WHERE id = (SELECT min(id) FROM payments_pushline)",
     "push line", "RECEIVABLE_DIFFERS"),
]  # fmt: skip


def test_the_checks_are_green(work: None) -> None:
    for code in ("S01", "S02", "S03", "S04", "S05"):
        assert (code, found(code)) == (code, set())


@pytest.mark.parametrize(
    ("code", "sql", "what", "problem"), PLANTS, ids=[f"{p[0]}-{p[3]}-{n}" for n, p in enumerate(PLANTS)]
)
def test_damage_is_named(work: None, code: str, sql: Callable[[], str], what: str, problem: str) -> None:
    damage(sql())
    assert (what, problem) in found(code)


def test_work_without_its_case_is_a_warning_until_the_next_pull(work: None) -> None:
    """Without the line of the return, which would close nothing: that one is no warning."""
    damage("DELETE FROM payments_debitcase; DELETE FROM payments_settlementline WHERE turn = 2")
    damage(
        "UPDATE payments_workitem SET state = 'OPEN', resolution = '', resolved_at = NULL WHERE kind = 'LONG'"
    )
    (result,) = books.run_checks(only=["S03"])
    assert {(row["what"], row["problem"]) for row in result.rows} == {("work item", "NO_CASE")}
    assert result.ok
    assert not DebitCase.objects.exists()
    assert WorkItem.objects.filter(kind="LONG", state="OPEN").exists()
    debitcases.pull(at=LATER)
    assert found("S03") == set()

"""The books of refunds name what was damaged behind their back."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from enrollment.choices import RefundReason
from payments.services import books
from refunds.services.books import CHECKS
from tests.refunds import refundkit
from tests.refunds.refundkit import approved, form_for, paid, paid_twice

pytestmark = pytest.mark.django_db


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


PLANTS = [
    ("I07", "UPDATE refunds_refundline SET amount = 400.01, paid = 500", "REFUNDED_MORE_THAN_PAID"),
    ("I07", "UPDATE refunds_refundcase SET amount = 1", "CASE_IS_NOT_ITS_LINES"),
    ("I09R", "UPDATE refunds_refundcase SET approved_by_id = reviewed_by_id", "SIGNED_TWICE_BY_ONE"),
    ("I09R", "UPDATE refunds_payeeaccount SET made_by_id = confirmed_by_id", "CONFIRMED_BY_ITS_WRITER"),
    ("I10R", "UPDATE refunds_refundstep SET from_state = 'PAID' WHERE number = 3", "STEPS_DO_NOT_FOLLOW"),
    ("I10R", "UPDATE refunds_refundstep SET to_state = 'PAID' WHERE number = 2", "MOVE_NOT_LISTED"),
    ("I10R", "UPDATE refunds_refundcase SET state = 'CLOSED', paid_on = now(), ended_at = now()", "CASE_IS_NOT_ITS_LAST_STEP"),
    ("R09", "UPDATE payments_reversal SET line_id = line_id + 7", "REFUND_WITHOUT_CASE"),
    ("R09", "DELETE FROM payments_reversal", "GIVEN_BACK_AND_STILL_COUNTED"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "sql", "problem"), PLANTS, ids=[f"{one[0]}-{one[2]}" for one in PLANTS])
def test_damage_is_named(code: str, sql: str, problem: str, settings: Any, tmp_path: Path) -> None:
    """Planted as the owner with every guard off."""
    settings.VAR_DIR = tmp_path
    desk = refundkit.desk()
    approved(desk, form_for(paid_twice(desk)[0], RefundReason.DUP_PAY))
    approved(desk, form_for(paid(desk)[0], RefundReason.CLERK_ERROR))
    refundkit.books_green()
    with connection.cursor() as cursor:
        for constraint in ("refund_line_range", "refund_paid_evidence"):
            cursor.execute(f"ALTER TABLE refunds_refundline DROP CONSTRAINT IF EXISTS {constraint}")
        cursor.execute("ALTER TABLE refunds_refundcase DROP CONSTRAINT refund_four_persons")
        cursor.execute("ALTER TABLE refunds_payeeaccount DROP CONSTRAINT payee_account_second_person")
    run(sql)
    (result,) = books.run_checks(only=[code])
    assert problem in {row["problem"] for row in result.rows}


def test_every_check_has_its_plant() -> None:
    assert {code for code, _sql, _problem in PLANTS} == {check.code for check in CHECKS}

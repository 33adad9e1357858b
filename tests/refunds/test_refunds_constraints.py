"""Refunds: every named constraint and every guard by raw writes, past every layer of ours."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bureau import audit
from bureau.models import ApiClient
from enrollment.choices import RefundReason
from refunds.models import (
    PayeeAccount,
    PayoutAnswer,
    PayoutLine,
    RefundCandidate,
    RefundLimit,
    RefundLine,
    RefundReminder,
    RefundStep,
)
from refunds.services import candidates, payouts
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, approved, form_for, paid, paid_twice, submitted

pytestmark = pytest.mark.django_db
NEW = {"id": 900_000_000}


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


def copy(table: str, key: int, **values: Any) -> None:
    """Write a copy of a row with other values."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM refunds_{table} WHERE id = %s", [key])
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True)) | values
        for name, value in row.items():
            if isinstance(value, list | dict):
                row[name] = "[]" if isinstance(value, list) else "{}"
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        cursor.execute(f"INSERT INTO refunds_{table} ({columns}) VALUES ({marks})", list(row.values()))


def refused(name: str, table: str, key: int, **values: Any) -> None:
    """A copy of the row with these values breaks the constraint ``name``."""
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        _copied(table, key, values)


def _copied(table: str, key: int, values: dict[str, Any]) -> None:
    copy(table, key, **values)
    refundkit.settle()


def updated(name: str, table: str, key: int, change: str) -> None:
    """The row with this change breaks the constraint ``name``."""
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        _changed(table, key, change)


def _changed(table: str, key: int, change: str) -> None:
    with audit.acting(by=None, why="a raw write"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE refunds_{table} SET {change} WHERE id = %s", [key])
        refundkit.settle()


def test_cases(desk: refundkit.Desk) -> None:
    """A number once, an amount, and each state with its evidence."""
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, RefundReason.DUP_PAY))
    refundkit.settle()
    refused("refund_number_once", "refundcase", case.pk, **NEW)
    for name, change in {
        "refund_state_known": "state = 'LOST'",
        "refund_reason_known": "reason = 'WHIM'",
        "refund_amount_range": "amount = -1",
        "refund_origin_evidence": "origin = 'PARTNER'",
        "refund_submit_evidence": "target_on = NULL",
        "refund_review_evidence": "state = 'BUREAU_APPROVED'",
        "refund_approval_evidence": "state = 'TAX_APPROVED', reviewed_by_id = 1, reviewed_at = now()",
        "refund_payout_evidence": "state = 'FUND_PAYMENT', tries = 0",
        "refund_paid_evidence": "paid_on = '2025-01-20'",
        "refund_words_evidence": "state = 'RETURNED', words = ''",
        "refund_end_evidence": "ended_at = now()",
        "refund_hand_evidence": "state = 'BUREAU_REVIEW', held_by_id = NULL",
        "refund_four_persons": "reviewed_by_id = submitted_by_id",
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            _alone(case.pk, change, name)


def _alone(key: int, change: str, name: str) -> None:
    """The guard of moves and the evidence of later states would speak first."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE refunds_refundcase DISABLE TRIGGER USER")
        for other in ("refund_review_evidence", "refund_approval_evidence", "refund_payout_evidence"):
            if other != name:
                cursor.execute(f"ALTER TABLE refunds_refundcase DROP CONSTRAINT {other}")
        cursor.execute(f"UPDATE refunds_refundcase SET {change} WHERE id = %s", [key])


def test_a_partners_number_once(desk: refundkit.Desk) -> None:
    """Two applications of one partner never share the partner's number."""
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, RefundReason.DUP_PAY))
    with audit.acting(by=None, why="a partner"):
        client = ApiClient.objects.create(code="wx", name="微信", made_by=desk.clerk, made_at=AT)
    refundkit.settle()
    partner = {"client_id": client.pk, "origin": "PARTNER", "reference": "R-1"}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE refunds_refundcase DISABLE TRIGGER USER")
    copy("refundcase", case.pk, **NEW, **partner, number="TF-A")
    with pytest.raises(IntegrityError, match="refund_reference_once"), transaction.atomic():
        copy("refundcase", case.pk, id=900_000_001, **partner, number="TF-B")


def test_lines(desk: refundkit.Desk) -> None:
    """One payment or one duplicate, within what was paid, with an amount where something goes back."""
    (double,) = paid_twice(desk)
    line = submitted(desk, form_for(double, RefundReason.DUP_PAY)).lines.get()
    refundkit.settle()
    refused("refund_line_once", "refundline", line.pk, **NEW)
    refused("refund_line_of_one", "refundline", line.pk, **NEW, payment_id=1)
    updated("refund_line_range", "refundline", line.pk, "amount = 400.01")
    updated("refund_line_decision", "refundline", line.pk, "amount = 0")


def test_no_more_than_was_paid(desk: refundkit.Desk) -> None:
    """The deferred guard sums what live cases hold, whoever wrote it."""
    (payment,) = paid(desk)
    line = submitted(desk, form_for(payment, RefundReason.CLERK_ERROR)).lines.get()
    second = submitted(desk, form_for(paid(desk)[0], RefundReason.CLERK_ERROR))
    refundkit.settle()
    refused("exceed what was paid", "refundline", line.pk, **NEW, case_id=second.pk)


def test_a_move_leaves_its_step(desk: refundkit.Desk) -> None:
    """A state without a step of the same transaction is refused; steps are for ever."""
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, RefundReason.DUP_PAY))
    refundkit.settle()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE refunds_refundstep SET xid = 1 WHERE case_id = %s", [case.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    updated("without a step", "refundcase", case.pk, "state = 'WITHDRAWN', words = 'x', ended_at = now()")
    step = RefundStep.objects.filter(case=case).order_by("pk")[0]
    refused("refund_step_once", "refundstep", step.pk, **NEW)
    refused("refund_step_state_known", "refundstep", step.pk, **NEW, number=9, to_state="LOST")
    refused("refund_step_words", "refundstep", step.pk, **NEW, number=9, to_state="REJECTED")
    updated("append-only", "refundstep", step.pk, "number = 7")
    updated("cannot become", "refundcase", case.pk, "state = 'PAID'")


def test_accounts(desk: refundkit.Desk) -> None:
    """Numbered, of a known form, with a holder, confirmed by another than the writer."""
    (double,) = paid_twice(desk)
    row = PayeeAccount.objects.get(case=submitted(desk, form_for(double, RefundReason.DUP_PAY)))
    refundkit.settle()
    refused("payee_account_once", "payeeaccount", row.pk, **NEW)
    fresh = NEW | {"number": 2}
    refused("payee_account_format", "payeeaccount", row.pk, **fresh, account="12")
    refused("payee_account_has_holder", "payeeaccount", row.pk, **fresh, holder="")
    refused("payee_account_cnaps", "payeeaccount", row.pk, **fresh, cnaps="12")
    by = desk.clerk.pk
    both = {"made_by_id": by, "confirmed_by_id": by, "confirmed_at": AT}
    refused("payee_account_second_person", "payeeaccount", row.pk, **fresh, **both)
    refused("payee_account_confirm_evidence", "payeeaccount", row.pk, **fresh, confirmed_at=AT)


def test_limits_candidates_reminders(desk: refundkit.Desk) -> None:
    """What stands around the cases."""
    limit = RefundLimit.objects.get(desk="REVIEW")
    refused("refund_limit_once", "refundlimit", limit.pk, **NEW)
    refused("refund_limit_range", "refundlimit", limit.pk, **NEW, most=0, region_id="450800")
    refused("refund_limit_desk", "refundlimit", limit.pk, **NEW, desk="OTHER")
    paid_twice(desk)
    candidates.find(region_id=refundkit.REGION, year=2025, at=AT)
    found = RefundCandidate.objects.get()
    refused("candidate_once", "refundcandidate", found.pk, **NEW)
    fresh = NEW | {"kind": "DEATH", "payment_id": 7, "duplicate_id": None}
    refused("candidate_of_one", "refundcandidate", found.pk, **NEW, payment_id=7)
    refused("candidate_amount_range", "refundcandidate", found.pk, **fresh, amount=0)
    refused("candidate_decision_evidence", "refundcandidate", found.pk, **fresh, state="DISMISSED")
    refundkit.settle()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE refunds_refundcandidate DROP CONSTRAINT candidate_decision_evidence")
    refused("candidate_state_known", "refundcandidate", found.pk, **fresh, state="LOST")
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, RefundReason.DUP_PAY))
    row = RefundReminder.objects.create(
        case=case,
        region_id=case.region_id,
        kind="TARGET",
        step="SUBMITTED",
        desk="supervisor",
        due_on=date(2025, 2, 21),
        reminded_at=AT,
    )
    refused("reminder_once", "refundreminder", row.pk, **NEW)
    refused("reminder_step_known", "refundreminder", row.pk, **NEW, step="LOST")


def test_payouts(desk: refundkit.Desk) -> None:
    """Batches with their digest and two persons; a line once; one payout of a case at a time."""
    (double,) = paid_twice(desk)
    case = approved(desk, form_for(double, RefundReason.DUP_PAY))
    batch = payouts.freeze(
        route="FUND_ACCOUNT", region_id=refundkit.REGION, bank="103", by=desk.payer_out, at=AT
    )
    refundkit.settle()
    refused("payout_number_once", "payoutbatch", batch.pk, **NEW)
    fresh = NEW | {"number": 2}
    refused("payout_number_range", "payoutbatch", batch.pk, **NEW, number=0)
    refused("payout_not_empty", "payoutbatch", batch.pk, **fresh, lines=0)
    refused("payout_digest_format", "payoutbatch", batch.pk, **fresh, digest="x")
    refused("payout_route_layout", "payoutbatch", batch.pk, **fresh, bank_id=None)
    same = {"released_by_id": desk.payer_out.pk, "released_at": AT, "state": "RELEASED"}
    refused("payout_second_person", "payoutbatch", batch.pk, **fresh, **same)
    refused("payout_release_evidence", "payoutbatch", batch.pk, **fresh, state="RELEASED")
    refused("payout_state_known", "payoutbatch", batch.pk, **fresh, state="LOST")
    line = PayoutLine.objects.get(case=case)
    refused("did not fail", "payoutline", line.pk, **NEW, seq=2, nth=2, ref="TF-2")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE refunds_payoutline DISABLE TRIGGER USER; ALTER TABLE refunds_payoutanswer DISABLE TRIGGER USER"
        )
    refused("payout_line_once", "payoutline", line.pk, **NEW, nth=2, ref="TF-2")
    refused("payout_try_once", "payoutline", line.pk, **NEW, seq=2, ref="TF-2")
    refused("payout_ref_once", "payoutline", line.pk, **NEW, seq=2, nth=2)
    refused("payout_line_range", "payoutline", line.pk, **NEW, seq=2, nth=2, ref="TF-2", amount=0)


def test_answers(desk: refundkit.Desk) -> None:
    """Final once, a bank's serial once, paid with amount and day; a file once, released by another."""
    (double,) = paid_twice(desk)
    case = approved(desk, form_for(double, RefundReason.DUP_PAY))
    batch = payouts.freeze(
        route="FUND_ACCOUNT", region_id=refundkit.REGION, bank="103", by=desk.payer_out, at=AT
    )
    line = PayoutLine.objects.get(case=case)
    values = {"payout": line, "region_id": line.region_id, "bank_key": "103"}
    paid_one = PayoutAnswer.objects.create(
        id=1, outcome="PAID", paid=400, paid_on=date(2025, 1, 21), serial="S1", **values
    )
    refundkit.settle()
    refused("payout_answer_once", "payoutanswer", paid_one.pk, id=2, serial="S2")
    PayoutAnswer.objects.create(id=3, outcome="PENDING", **values)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP INDEX payout_answer_once")
        refused("payout_serial_once", "payoutanswer", 1, id=2)
        transaction.set_rollback(True)
    refused("payout_answer_line", "payoutanswer", 3, id=2, payout_id=None)
    refused("payout_paid_evidence", "payoutanswer", 1, id=2, paid_on=None, serial="S2")
    refused("payout_answer_range", "payoutanswer", 3, id=2, paid=-1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO refunds_payoutfile (name, stored_as, size, sha256, region_id, batch_id, state, reasons, report, "
            "uploaded_by_id, uploaded_at) VALUES ('a', 'b', 1, 'c', %s, %s, 'APPLIED', '[]', '{}', %s, %s) RETURNING id",
            [refundkit.REGION, batch.pk, desk.payer_out.pk, AT],
        )
        key = cursor.fetchone()[0]
    refused("payoutfile_bytes_once", "payoutfile", key, **NEW)
    fresh = NEW | {"sha256": "d"}
    refused("payoutfile_batch_evidence", "payoutfile", key, **fresh, batch_id=None)
    both = {"released_by_id": desk.payer_out.pk, "released_at": AT}
    refused("payoutfile_second_person", "payoutfile", key, **fresh, **both)
    refused("payoutfile_release_evidence", "payoutfile", key, **fresh, released_at=AT)
    refused("payoutfile_state_known", "payoutfile", key, **fresh, state="LOST")


def test_decided_lines_are_for_ever(desk: refundkit.Desk) -> None:
    """Lines of cases change with history, never silently."""
    (double,) = paid_twice(desk)
    submitted(desk, form_for(double, RefundReason.DUP_PAY))
    line = RefundLine.objects.get()
    line.rule = "MANUAL"
    line.save(update_fields=["rule"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM refunds_refundlineevent WHERE pgh_obj_id = %s", [line.pk])
        assert cursor.fetchone()[0] == 2

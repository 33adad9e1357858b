"""Two at once, each on a connection of its own (design: reliability X24 to X27). ROUNDS rounds in the suite; the benchmark and
the nightly run set REFUND_ROUNDS=1000.
"""

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from bureau.errors import BureauError
from enrollment.choices import RefundReason
from payments.models import Reversal
from refunds.models import RefundCase, RefundLine, RefundStep
from refunds.services import filing, signing
from tests.payments.racing import race
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, form_for, paid, paid_twice, submitted

ROUNDS = int(os.environ.get("REFUND_ROUNDS", "8"))
R = RefundReason


@pytest.fixture
def desk(committed: None, settings: Any, tmp_path: Path) -> refundkit.Desk:
    settings.VAR_DIR = tmp_path
    return refundkit.desk()


def reviewed(desk: refundkit.Desk, number: int) -> list[RefundCase]:
    rows = paid_twice(desk, number)
    cases = [submitted(desk, form_for(row, R.DUP_PAY)) for row in rows]
    signing.review(case_ids=[case.pk for case in cases], by=desk.supervisor, at=AT)
    return cases


def codes(results: list[Any]) -> list[str]:
    return sorted(one.code if isinstance(one, BureauError) else type(one).__name__ for one in results)


def approve(case: RefundCase, by: Any) -> Callable[[], RefundCase]:
    return lambda: signing.approve(case_ids=[case.pk], by=by, at=AT).one()


def test_x24_a_double_click_approves_once(desk: refundkit.Desk) -> None:
    """The second click is told that it is done already, by whom and when."""
    for case in reviewed(desk, ROUNDS):
        results = race(*[approve(case, desk.officer)] * 4)
        assert codes(results) == ["RefundCase", *["illegal_transition"] * 3]
        refusal = next(one for one in results if isinstance(one, BureauError))
        assert refusal.params["who"] == desk.officer.username
        assert RefundStep.objects.filter(case=case, to_state="TAX_APPROVED").count() == 1
    assert Reversal.objects.count() == ROUNDS
    refundkit.books_green()


def test_x25_two_officers_one_case(desk: refundkit.Desk) -> None:
    """One wins, the other sees who and when."""
    for case in reviewed(desk, ROUNDS):
        results = race(approve(case, desk.officer), approve(case, desk.releaser))
        assert codes(results) == ["RefundCase", "illegal_transition"]
    refundkit.books_green()


def test_x26_approved_or_withdrawn(desk: refundkit.Desk) -> None:
    """Exactly one of them."""
    for case in reviewed(desk, ROUNDS):
        results = race(
            approve(case, desk.officer),
            lambda case=case: filing.withdraw(case_id=case.pk, words="不要了", by=desk.clerk, at=AT),  # type: ignore[misc]
        )
        assert codes(results) == ["RefundCase", "illegal_transition"]
        case.refresh_from_db()
        assert case.state in ("TAX_APPROVED", "WITHDRAWN")
        assert Reversal.objects.filter(duplicate_id=case.lines.get().duplicate_id).exists() == (
            case.state == "TAX_APPROVED"
        )
    refundkit.books_green()


def test_x27_sixty_and_sixty_percent(desk: refundkit.Desk) -> None:
    """Two drafts of 60 % each are submitted at once: the second finds too little left, whoever it is."""
    for payment in paid(desk, ROUNDS):
        cases = []
        for _nth in range(2):
            case = filing.draft(form=form_for(payment, R.GRADE), by=desk.clerk, at=AT)
            refundkit.with_papers(case, desk.clerk)
            cases.append(case)
        results = race(
            *[
                lambda case=case: filing.submit(case_id=case.pk, by=desk.clerk, at=AT)  # type: ignore[misc]
                for case in cases
            ]
        )
        assert codes(results) == ["REFUND_NOTHING_LEFT", "RefundCase"]
    refundkit.books_green()


def test_x27_past_every_check_of_ours(desk: refundkit.Desk) -> None:
    """Two raw writers who never looked: the deferred guard lets one commit."""
    for payment in paid(desk, ROUNDS):
        first = submitted(desk, form_for(payment, R.CLERK_ERROR))
        line = first.lines.get()
        RefundLine.objects.filter(pk=line.pk).update(amount=Decimal("160.00"))
        cases = [submitted(desk, form_for(paid(desk)[0], R.CLERK_ERROR)) for _nth in range(2)]

        def write(case: RefundCase, payment_id: int = payment.pk, line: RefundLine = line) -> RefundLine:
            row = RefundLine.objects.get(pk=line.pk)
            row.pk, row.case, row.payment_id, row.amount = None, case, payment_id, Decimal("240.00")
            row.save(force_insert=True)
            return row

        results = race(*[lambda case=case: write(case) for case in cases])  # type: ignore[misc]
        assert sum(isinstance(one, RefundLine) for one in results) == 1
        assert sum(isinstance(one, DatabaseError) for one in results) == 1

"""Two at once, each on a connection of its own (design: reliability X24 to X27). ROUNDS rounds in the suite; the benchmark and
the nightly run set REFUND_ROUNDS=1000.
"""

import os
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from bureau import audit
from bureau.errors import BureauError
from enrollment.choices import RefundReason
from payments.models import DuplicatePayment, Payment, Reversal
from refunds.models import RefundCase, RefundLine, RefundStep
from refunds.papers import Applicant
from refunds.services import filing, found, signing
from tests.payments.racing import track
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, form_for, paid, paid_twice

ROUNDS = int(os.environ.get("REFUND_ROUNDS", "8"))
R = RefundReason


@pytest.fixture
def desk(committed: None, settings: Any, tmp_path: Path) -> refundkit.Desk:
    settings.VAR_DIR = tmp_path
    return refundkit.desk()


def reviewed(desk: refundkit.Desk, number: int) -> list[RefundCase]:
    cases = opened(desk, paid_twice(desk, number), R.DUP_PAY)
    for first in range(0, number, 500):
        ids = [case.pk for case in cases[first : first + 500]]
        assert not signing.review(case_ids=ids, by=desk.supervisor, at=AT).conflicts
    return cases


def opened(
    desk: refundkit.Desk, rows: Sequence[Payment | DuplicatePayment], reason: RefundReason
) -> list[RefundCase]:
    """Submitted cases, one a row, made at once."""
    with transaction.atomic(), audit.acting(by=desk.clerk, why="a test's cases"):
        forms = {row.pk: form_for(row, reason) for row in rows}
        made, errors = found.open_found(forms=forms, by=desk.clerk, at=AT)
        assert not errors
    return list(made.values())


def holding_a_part(desk: refundkit.Desk, payments: Sequence[Payment]) -> list[RefundLine]:
    """The lines of submitted cases that hold 40 % of each payment."""
    cases = opened(desk, payments, R.CLERK_ERROR)
    with transaction.atomic(), audit.acting(by=desk.clerk, why="a part of it"):
        RefundLine.objects.filter(case__in=cases).update(amount=Decimal("160.00"))
        RefundCase.objects.filter(pk__in=[case.pk for case in cases]).update(amount=Decimal("160.00"))
    return list(RefundLine.objects.filter(case__in=cases).order_by("pk"))


def codes(results: list[Any]) -> list[str]:
    return sorted(one.code if isinstance(one, BureauError) else type(one).__name__ for one in results)


def approve(case: RefundCase, by: Any) -> Callable[[], RefundCase]:
    return lambda: signing.approve(case_ids=[case.pk], by=by, at=AT).one()


def test_x24_a_double_click_approves_once(desk: refundkit.Desk) -> None:
    """The second click is told that it is done already, by whom and when."""
    with track(3) as race:
        for case in reviewed(desk, ROUNDS):
            results = race(*[approve(case, desk.officer)] * 3)
            assert codes(results) == ["RefundCase", *["illegal_transition"] * 2]
            refusal = next(one for one in results if isinstance(one, BureauError))
            assert refusal.params["who"] == desk.officer.username
            assert RefundStep.objects.filter(case=case, to_state="TAX_APPROVED").count() == 1
    assert Reversal.objects.count() == ROUNDS
    refundkit.books_green()


def test_x25_two_officers_one_case(desk: refundkit.Desk) -> None:
    """One wins, the other sees who and when."""
    with track(2) as race:
        for case in reviewed(desk, ROUNDS):
            results = race(approve(case, desk.officer), approve(case, desk.releaser))
            assert codes(results) == ["RefundCase", "illegal_transition"]
    refundkit.books_green()


def test_x26_approved_or_withdrawn(desk: refundkit.Desk) -> None:
    """Exactly one of them."""
    ended = set()
    with track(2) as race:
        for case in reviewed(desk, ROUNDS):
            results = race(
                approve(case, desk.officer),
                lambda case=case: filing.withdraw(case_id=case.pk, words="不要了", by=desk.clerk, at=AT),  # type: ignore[misc]
            )
            assert codes(results) == ["RefundCase", "illegal_transition"]
            case.refresh_from_db()
            ended.add(case.state)
            assert Reversal.objects.filter(duplicate_id=case.lines.get().duplicate_id).exists() == (
                case.state == "TAX_APPROVED"
            )
    assert ended <= {"TAX_APPROVED", "WITHDRAWN"}
    refundkit.books_green()


def test_x27_sixty_and_sixty_percent(desk: refundkit.Desk) -> None:
    """A case holds 40 %; two drafts that would take the rest are submitted at once: the second finds nothing left."""
    payments = paid(desk, ROUNDS)
    holding_a_part(desk, payments)
    with track(2) as race:
        for payment in payments:
            # The bureau asks itself: no papers to bring.
            form = form_for(payment, R.GRADE, applicant=Applicant.BUREAU)
            cases = [filing.draft(form=form, by=desk.clerk, at=AT) for _nth in range(2)]
            results = race(
                *[
                    lambda case=case: filing.submit(case_id=case.pk, by=desk.clerk, at=AT)  # type: ignore[misc]
                    for case in cases
                ]
            )
            assert codes(results) == ["REFUND_NOTHING_LEFT", "RefundCase"]
    refundkit.books_green()


def test_x27_past_every_check_of_ours(desk: refundkit.Desk) -> None:
    """Of a payment 40 % are held; two raw writers who never looked take 60 % each: the deferred guard lets one commit."""
    payments = paid(desk, ROUNDS)
    lines = holding_a_part(desk, payments)
    others = opened(desk, paid(desk, 2), R.CLERK_ERROR)

    def write(line: RefundLine, case: RefundCase) -> RefundLine:
        row = RefundLine.objects.get(pk=line.pk)
        row.pk, row.case, row.amount = None, case, Decimal("240.00")
        row.save(force_insert=True)
        return row

    with track(2) as race:
        for line in lines:
            results = race(*[lambda line=line, case=case: write(line, case) for case in others])  # type: ignore[misc]
            assert sorted(isinstance(one, RefundLine) for one in results) == [False, True]
            assert sum(isinstance(one, DatabaseError) for one in results) == 1

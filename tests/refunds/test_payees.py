"""Who may be paid, and on which account: what nobody could pay to is refused when it is written down, and no case is stuck."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bureau import audit, proposals
from bureau.errors import BureauError
from bureau.models import Proposal
from enrollment.choices import RefundReason
from refunds.models import RefundCase
from refunds.papers import Paper
from refunds.services import accounts, answers, filing, payouts
from tests.bureau.drawings import picture
from tests.refunds import refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import AT, account_of, approved, form_for, paid, paid_twice

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


@pytest.mark.parametrize(
    "typed",
    [
        {"account": "6228-48"},
        {"account": "1234"},
        {"account": "六二二八四八"},
        {"bank_name": "贵港|支行"},
        {"cnaps": "12345"},
        {"holder": "张三\n"},
    ],
)
def test_what_no_file_can_hold_is_refused_at_once(desk: refundkit.Desk, typed: dict[str, str]) -> None:
    """Not weeks later, when the batch leaves it out."""
    (payment,) = paid(desk)
    account = account_of(payment.person, **typed)
    form = form_for(payment, RefundReason.CLERK_ERROR, account=account)
    if typed == {"holder": "张三\n"}:
        assert filing.draft(form=form, by=desk.clerk, at=AT).accounts.get().holder == "张三"
        return
    with refused("REFUND_ACCOUNT_FORMAT"):
        filing.draft(form=form, by=desk.clerk, at=AT)
    assert not RefundCase.objects.exists()


def bounced(desk: refundkit.Desk) -> RefundCase:
    """Paid twice, approved, and the bank says that the account is closed."""
    (double,) = paid_twice(desk)
    case = approved(desk, form_for(double, RefundReason.DUP_PAY))
    where = {"route": "FUND_ACCOUNT", "region_id": refundkit.REGION, "bank": "103"}
    batch = payouts.freeze(**where, by=desk.payer_out, at=AT)
    payouts.release(batch_id=batch.pk, by=desk.releaser, at=AT)
    said = io.BytesIO(answer(batch, {1: ("3018", "已清户")}))
    answers.receive(source=said, name="R", digest=None, by=desk.payer_out, at=AT)
    return RefundCase.objects.get(pk=case.pk)


def test_who_died_after_the_approval_is_paid_through_an_heir(desk: refundkit.Desk) -> None:
    """With a paper that proves the kinship, and a second person who looks at it; without, nobody else is paid."""
    case = bounced(desk)
    wish = {"case_id": case.pk, "words": "本人已去世，由子女代领", "by": desk.clerk, "at": AT}
    heirs = account_of(case.person, holder="李小红")
    with refused("REFUND_ACCOUNT_HOLDER"):
        accounts.correct(account=heirs, **wish)
    filing.attach(case_id=case.pk, file=picture(), kind=Paper.KINSHIP, by=desk.clerk, at=AT)
    with refused("REFUND_ACCOUNT_HOLDER"):
        accounts.correct(account=heirs, **wish)
    with audit.acting(by=None, why="a test's death"):
        type(case.person).objects.filter(pk=case.person_id).update(death_date=date(2025, 1, 22))
    accounts.correct(account=heirs, **wish)
    waiting = Proposal.objects.get(kind=accounts.KIND, state="OPEN")
    proposals.review(proposal_id=waiting.pk, approve=True, reason="", by=desk.supervisor, at=AT)
    case.refresh_from_db()
    assert (case.state, accounts.current(case).holder) == ("TAX_APPROVED", "李小红")  # type: ignore[union-attr]
    refundkit.books_green()

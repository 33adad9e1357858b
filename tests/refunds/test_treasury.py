"""退库: money that the treasury has goes back from there, by its vouchers; what it cannot pay comes back to the clerk."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bureau import proposals
from bureau.errors import BureauError
from bureau.models import Proposal
from enrollment.choices import RefundReason
from payments.models import Payment, Reversal
from refunds.models import PayoutBatch, PayoutFile, RefundCase
from refunds.payoutfile import is_payout_name
from refunds.services import accounts, answers, payouts, signing
from tests.payments import settlementkit
from tests.payments.settlementkit import Settled
from tests.refunds import refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import AT, approved, form_for, paid, paid_twice, submitted
from tests.refunds.test_payouts import receive

pytestmark = pytest.mark.django_db
VOUCHERS = ("345000000000000011", "345000000000000012")


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def in_treasury(desk: refundkit.Desk) -> list[RefundCase]:
    """Two payments that the treasury has confirmed with its vouchers, asked back and signed twice."""
    rows = paid(desk, 2)
    lines = [
        Settled(row.pk, voucher, row.amount, on=row.debited_on)
        for row, voucher in zip(rows, VOUCHERS, strict=True)
    ]
    report = settlementkit.settled(lines, desk.clerk, at=AT, day=date(2025, 1, 17))
    assert settlementkit.lines_of(report) == {"MATCHED": 2}
    return [approved(desk, form_for(row, RefundReason.CLERK_ERROR)) for row in rows]


def listed(desk: refundkit.Desk) -> PayoutBatch:
    """The next list, released by a second person."""
    batch = payouts.freeze(route="TREASURY", region_id=refundkit.REGION, by=desk.payer_out, at=AT)
    return payouts.release(batch_id=batch.pk, by=desk.releaser, at=AT)


def test_from_the_list_to_the_money(desk: refundkit.Desk, tmp_path: Path) -> None:
    """Listed by voucher, one paid and one refused, the refused one corrected by two persons and on the next list."""
    made = in_treasury(desk)
    assert {case.route for case in made} == {"TREASURY"}
    with pytest.raises(BureauError, check=lambda error: error.code == "PAYOUT_NOTHING"):
        payouts.freeze(route="FUND_ACCOUNT", region_id=refundkit.REGION, bank="103", by=desk.payer_out, at=AT)
    batch = listed(desk)
    written = payouts.write(batch_id=batch.pk, folder=tmp_path, by=desk.payer_out, at=AT)
    assert written.path.name == "YBTK_450800_20250120_0001.txt"
    assert is_payout_name(written.path.name)
    head, first, second, end = written.path.read_bytes().decode("gb18030").split("\r\n")
    assert (head, end) == ("K|1.0|450800|TKK|20250120|0001|2|800.00|", "")
    account = made[0].accounts.get()
    assert first == f"1|{VOUCHERS[0]}|{made[0].number}-01|400.00|{account.account}|{account.holder}|"
    assert second.split("|")[1:4] == [VOUCHERS[1], f"{made[1].number}-01", "400.00"]
    assert set(RefundCase.objects.values_list("state", flat=True)) == {"TREASURY_SENT"}
    report = receive(desk, answer(batch, {2: ("24002", "收款账户已销户")}), name="YBTK_R1.txt")
    assert (report["state"], report["buckets"]["PAID"]["amount"]) == ("APPLIED", "400.00")
    states = RefundCase.objects.order_by("pk").values_list("state", "words", "paid_on")
    assert list(states) == [
        ("PAID", "", date(2025, 1, 21)),
        ("PAY_FAILED", "收款账户已销户", None),
    ]
    accounts.correct(
        case_id=made[1].pk,
        account=refundkit.account_of(made[1].person),
        words="原卡已销",
        by=desk.clerk,
        at=AT,
    )
    proposals.review(
        proposal_id=Proposal.objects.get(kind="refund.account").pk,
        approve=True,
        reason="",
        by=desk.supervisor,
        at=AT,
    )
    again = listed(desk)
    line = again.payouts.get()
    assert (again.title, line.tax_number, line.ref) == (
        "TK_450800_20250120_0002",
        VOUCHERS[1],
        f"{made[1].number}-02",
    )
    assert receive(desk, answer(again), name="YBTK_R2.txt")["buckets"]["PAID"]["lines"] == 1
    assert set(RefundCase.objects.values_list("state", flat=True)) == {"PAID"}
    assert Reversal.objects.count() == Payment.objects.count() == 2
    refundkit.books_green()


def test_another_voucher_in_the_answer_is_held(desk: refundkit.Desk) -> None:
    """A line of ours with a voucher that is not of ours pays nothing before a second person has looked."""
    in_treasury(desk)
    batch = listed(desk)
    content = answer(batch).replace(VOUCHERS[0].encode(), b"345000000000000099")
    report = receive(desk, content, name="YBTK_R1.txt")
    assert (report["state"], [one["code"] for one in report["reasons"]]) == ("HELD", ["VALUES_DIFFER"])
    assert set(RefundCase.objects.values_list("state", flat=True)) == {"TREASURY_SENT"}
    answers.decide_held(file_id=PayoutFile.objects.get().pk, approve=True, words="", by=desk.releaser, at=AT)
    assert sorted(RefundCase.objects.values_list("state", flat=True)) == ["PAID", "TREASURY_SENT"]
    refundkit.books_green()


def test_what_the_treasury_does_not_have_goes_the_other_way(desk: refundkit.Desk) -> None:
    """Without a voucher there is nothing to return from the treasury: the fund account pays, whoever asked for the treasury."""
    (double, other) = paid_twice(desk, 2)
    case = submitted(desk, form_for(other, RefundReason.DUP_PAY))
    signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT).one()
    with pytest.raises(BureauError, check=lambda error: error.code == "REFUND_NOT_IN_TREASURY"):
        signing.approve(case_ids=[case.pk], route="TREASURY", by=desk.officer, at=AT).one()
    assert approved(desk, form_for(double, RefundReason.DUP_PAY)).route == "FUND_ACCOUNT"
    with pytest.raises(BureauError, check=lambda error: error.code == "PAYOUT_NOTHING"):
        payouts.freeze(route="TREASURY", region_id=refundkit.REGION, by=desk.payer_out, at=AT)

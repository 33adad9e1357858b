"""What a refund means elsewhere: the person is told once, the voucher of money that goes back counts no more."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bureau import audit
from enrollment.choices import RefundReason
from enrollment.models import EmployeeSpell
from payments.models import Message, VoucherCancellation
from payments.services import messages, vouchers
from tests.refunds import refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import approved, form_for, paid
from tests.refunds.test_payouts import LATER, cases, receive, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.VAR_DIR = tmp_path


def test_who_got_money_back_is_told_once() -> None:
    """Nothing while the bank has not said so; then each line of the case, with its amount and day."""
    desk = refundkit.desk()
    cases(desk, 2)
    batch = sent(desk)
    assert messages.pull(at=LATER)["REFUND_PAID"] == 0
    receive(desk, answer(batch))
    assert [messages.pull(at=LATER)["REFUND_PAID"] for _ in range(2)] == [2, 0]
    said = set(Message.objects.filter(event="REFUND_PAID").values_list("text", flat=True))
    assert said == {"张*，您2025年度城乡居民基本医疗保险费400.00元已于2025年1月21日退回，请注意查收。"}


def test_the_voucher_of_a_payment_that_goes_back_is_cancelled() -> None:
    """At the approval, with the case's number; the sweep of reversed payments finds nothing to add."""
    desk = refundkit.desk()
    (payment,) = paid(desk)
    voucher = vouchers.of_payment(payment_id=payment.pk, at=LATER)
    with audit.acting(by=None, why="a spell"):
        EmployeeSpell.objects.create(person_id=payment.person_id, started_on=date(2023, 3, 1))
    case = approved(desk, form_for(payment, RefundReason.EMPLOYEE))
    gone = VoucherCancellation.objects.get()
    assert (gone.voucher_id, gone.reason, gone.reference) == (voucher.pk, "REFUNDED", case.number)
    assert vouchers.cancel_reversed(at=LATER) == 0
    with pytest.raises(vouchers.VoucherCancelled):
        vouchers.of_payment(payment_id=payment.pk, at=LATER)

"""What an approved refund gives back, whole or in part, no channel takes back as well."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bureau.errors import BureauError
from enrollment.choices import RefundReason
from payments.models import Payment, Reversal
from payments.services import orderpayments
from refunds.services import signing
from tests.payments.test_orders import LATER, open_for, pay, people
from tests.refunds import refundkit
from tests.refunds.refundkit import form_for, submitted


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "amount"), [(RefundReason.CLERK_ERROR, None), (RefundReason.GRADE, Decimal("70.00"))]
)
def test_approved_on_the_day_of_the_debit(
    settings: Any, tmp_path: Path, reason: RefundReason, amount: Decimal | None
) -> None:
    """The channel's own reversal is refused by name, and nothing changes."""
    settings.VAR_DIR = tmp_path
    desk = refundkit.desk()
    (person,) = people(1)
    pay(open_for(person))
    payment = Payment.objects.get(person=person)
    case = submitted(desk, form_for(payment, reason, account=refundkit.account_of(person)), at=LATER)
    amounts = {case.pk: amount} if amount else {}
    signing.review(case_ids=[case.pk], amounts=amounts, by=desk.supervisor, at=LATER).one()
    signing.approve(case_ids=[case.pk], by=desk.officer, at=LATER).one()
    before = Reversal.objects.count()
    with pytest.raises(BureauError, check=lambda error: error.code == "PAYMENT_GOES_BACK"):
        orderpayments.reverse(payment_id=payment.pk, client="wx", at=LATER)
    assert Reversal.objects.count() == before
    refundkit.books_green()

"""先退费再重缴: refund first, then pay again, is one case with both halves in sight."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enrollment.choices import RefundReason
from payments.models import Payment
from refunds.services import looking
from tests.bureau.desk_world import client_of
from tests.payments.test_orders import LATER, open_for, pay, people
from tests.refunds import refundkit
from tests.refunds.refundkit import approved, form_for


@pytest.mark.django_db
def test_both_halves_are_on_the_page(settings: Any, tmp_path: Path) -> None:
    """The receivable opens with the approval; what is paid then stands beside what went back, and carries the year."""
    settings.VAR_DIR = tmp_path
    desk = refundkit.desk()
    (person,) = people(1)
    pay(open_for(person))
    first = Payment.objects.get(person=person)
    form = form_for(first, RefundReason.CLERK_ERROR, pay_again=True, account=refundkit.account_of(person))
    case = approved(desk, form, at=LATER)
    assert case.again_receivable_id == first.receivable_id
    assert refundkit.state_of(first.receivable_id) not in ("SETTLED", "IN_TREASURY")
    address = f"/desk/refunds/refundcase/{case.pk}/change/"
    page = client_of(desk.clerk).get(address).content.decode()
    assert "尚未重新缴费" in page
    again = LATER + timedelta(hours=1)
    pay(open_for(person, at=again), serial="S2", at=again + timedelta(minutes=1))
    (second,) = looking.paid_again(case)
    assert second.pk == first.pk + 1
    page = client_of(desk.clerk).get(address).content.decode()
    assert (str(first.pk) in page, str(second.pk) in page, "尚未重新缴费" in page) == (True, True, False)
    assert refundkit.in_force(first.receivable_id).payment_id == second.pk
    refundkit.books_green()

"""Limits of signatures as data: proposed by one supervisor, approved by another, from a day on."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bureau import proposals
from bureau.clock import today
from bureau.errors import BureauError
from bureau.models import Proposal
from enrollment.choices import RefundReason
from refunds.models import RefundLimit
from refunds.services import limits, signing
from tests import builders
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, form_for, paid_twice, submitted

pytestmark = pytest.mark.django_db
REVIEW = RefundLimit.Desk.REVIEW


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


def wish(desk: refundkit.Desk, **changes: Any) -> Proposal:
    values = {
        "desk": REVIEW,
        "region_id": refundkit.REGION,
        "most": Decimal("300.00"),
        "valid_from": date(2025, 1, 20),
        "reason": "市局通知",
        "by": desk.supervisor,
        "at": AT,
    }
    return limits.propose(**(values | changes))


def agree(proposal: Proposal, by: Any) -> None:
    proposals.review(proposal_id=proposal.pk, approve=True, reason="", by=by, at=AT)


def test_a_second_supervisor_makes_it_hold(desk: refundkit.Desk) -> None:
    """Nobody approves their own proposal; from then on the desk signs up to it, and the old row stays."""
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, RefundReason.DUP_PAY))
    proposal = wish(desk)
    assert proposal.difference["most"] == ["5000.00", "300.00"]
    with refused("SECOND_PERSON_NEEDED"):
        agree(proposal, desk.supervisor)
    agree(proposal, builders.make_staff("supervisor", refundkit.REGION))
    assert RefundLimit.objects.filter(desk="REVIEW").count() == 2
    done = signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT)
    assert [one.error.code for one in done.conflicts] == ["REFUND_OVER_LIMIT"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_from": date(2025, 1, 19)}, "REFUND_LIMIT_PAST"),
        ({"most": Decimal("5000.00")}, "REFUND_LIMIT_SAME"),
        ({"region_id": "510000"}, "OUT_OF_SCOPE"),
    ],
)
def test_what_cannot_be_proposed(desk: refundkit.Desk, changes: dict[str, Any], code: str) -> None:
    with refused(code):
        wish(desk, **changes)


def test_one_wish_at_a_time(desk: refundkit.Desk) -> None:
    """A second proposal, and a second row for the same day, are named."""
    wish(desk)
    with refused("REFUND_LIMIT_TAKEN"):
        wish(desk, most=Decimal("200.00"))
    agree(Proposal.objects.get(kind=limits.KIND), builders.make_staff("supervisor", refundkit.REGION))
    with refused("REFUND_LIMIT_TAKEN"):
        wish(desk, most=Decimal("200.00"))


def test_who_may_not(desk: refundkit.Desk) -> None:
    with refused("NOT_ALLOWED"):
        wish(desk, by=desk.clerk)


def test_on_the_page(desk: refundkit.Desk, client: Client) -> None:
    """The supervisor's form proposes; the proposal shows old and new."""
    client.force_login(desk.supervisor)
    url = reverse("admin:refunds_refundlimit_propose")
    answer = client.post(
        url,
        {
            "desk": "REVIEW",
            "region": refundkit.REGION,
            "most": "300",
            "valid_from": today().isoformat(),
            "reason": "市局通知",
        },
    )
    assert answer.status_code == 302, answer.context["form"].errors
    proposal = Proposal.objects.get(kind=limits.KIND)
    page = client.get(reverse("admin:bureau_proposal_change", args=[proposal.pk])).content.decode()
    assert "5000.00" in page
    assert "300.00" in page

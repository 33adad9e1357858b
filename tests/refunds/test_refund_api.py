"""Partners forward a citizen's application and read where it stands."""

import base64
from pathlib import Path
from typing import Any

import pytest

from bureau import audit
from enrollment.choices import RefundReason
from refunds.models import RefundCase
from refunds.services import signing
from tests.bureau.drawings import picture
from tests.bureau.partner_world import Caller, make_caller
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, paid, paid_twice

pytestmark = pytest.mark.django_db
WHERE = "/api/v1/refund-applications"


@pytest.fixture(autouse=True)
def _var(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def caller() -> Caller:
    with audit.acting(by=None, why="a partner of a test"):
        return make_caller(scopes=["refunds"])


def body(person: Any, reason: str = "DUP_PAY", **changes: Any) -> dict[str, Any]:
    photo = base64.b64encode(picture()).decode()
    papers = [{"kind": kind, "content": photo} for kind in ("ID_FRONT", "ID_BACK", "FORM", "BANK_CARD")]
    return {
        "id_type": "01",
        "id_number": person.id_number,
        "name": person.name,
        "region": refundkit.REGION,
        "benefit_year": 2025,
        "reason": reason,
        "reference": "W-1",
        "papers": papers,
    } | changes


def test_forwarded_signed_and_told(caller: Caller) -> None:
    """The citizen reads a sentence at every step; the same number twice is one application."""
    desk = refundkit.desk()
    (double,) = paid_twice(desk)
    answer = caller.post(WHERE, body(double.person))
    told = answer.json()
    assert (answer.status_code, told.get("status"), told.get("code")) == (201, "SUBMITTED", None)
    assert told["amount"] == "400.00"
    case = RefundCase.objects.get()
    assert (case.origin, case.submitted_by, case.client_id) == ("PARTNER", None, case.client_id)
    signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT).one()
    signing.approve(case_ids=[case.pk], by=desk.officer, at=AT).one()
    told = caller.get(f"{WHERE}/{case.number}").json()
    assert (told["status"], told["text"]["zh"]) == ("TAX_APPROVED", "400.00元退费已审批，即将退付。")
    again = caller.post(WHERE, body(double.person))
    assert (again.status_code, again.json()["code"]) == (409, "REFUND_REFERENCE_USED")
    refundkit.books_green()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"papers": []}, 422, "REFUND_PAPERS_MISSING"),
        ({"benefit_year": 2031}, 404, "REFUND_NOTHING_PAID"),
        ({"reason": "WHIM"}, 400, ""),
        ({"region": "510000"}, 403, ""),
        ({"approved": True}, 400, ""),
    ],
)
def test_what_is_wrong_is_named(caller: Caller, changes: dict[str, Any], status: int, code: str) -> None:
    desk = refundkit.desk()
    (payment,) = paid(desk)
    answer = caller.post(WHERE, body(payment.person) | {"reason": RefundReason.CLERK_ERROR.value} | changes)
    assert answer.status_code == status
    assert code in ("", answer.json()["code"])
    assert not RefundCase.objects.exists()


def test_a_stranger_sees_nothing(caller: Caller) -> None:
    desk = refundkit.desk()
    (double,) = paid_twice(desk)
    case = refundkit.submitted(desk, refundkit.form_for(double, RefundReason.DUP_PAY))
    assert caller.get(f"{WHERE}/{case.number}").status_code == 404

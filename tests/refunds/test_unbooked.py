"""Money that is in no books: the counter and a partner are told by the same decision who moves it; nothing can be applied for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bureau import audit
from enrollment.models import Person
from payments.models import DebitCase, WorkItem
from refunds.models import RefundCase
from refunds.services.unbooked import unbooked_of
from tests.bureau.desk_world import client_of
from tests.bureau.partner_world import make_caller
from tests.payments.test_orders import open_for, people
from tests.refunds import refundkit
from tests.refunds.test_refund_api import WHERE, body

pytestmark = pytest.mark.django_db
TODAY = date(2025, 1, 20)
VOID, RETURNED = "由税务部门作废申报记录", "由银行在3个工作日内原路退回"


@pytest.fixture(autouse=True)
def _var(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def declared() -> Person:
    """An order is open, nothing was debited."""
    (person,) = people(1)
    open_for(person)
    return person


def not_posted() -> Person:
    """The channel's statement shows a debit that no order of ours explains."""
    (person,) = people(1)
    at = datetime(2025, 1, 18, 2, 0, tzinfo=UTC)
    told: dict[str, Any] = {"region_id": refundkit.REGION, "person": person, "amount": Decimal("400.00")}
    with audit.acting(by=None, why="a test's debit"):
        item = WorkItem.objects.create(
            kind="UNMATCHED", reason="NO_SUCH_ORDER", due_on=date(2025, 1, 22), opened_at=at, **told
        )
        DebitCase.objects.create(
            item=item,
            channel="WECHAT",
            debited_on=date(2025, 1, 17),
            opened_at=at,
            due_on=date(2025, 1, 22),
            **told,
        )
    return person


@pytest.mark.parametrize(
    ("made", "rule", "sentence", "code"),
    [
        (declared, "UNSETTLED_VOID", VOID, "REFUND_UNSETTLED_VOID"),
        (not_posted, "BANK_RETURNS", RETURNED, "REFUND_BANK_RETURNS"),
    ],
)
def test_the_same_answer_at_the_counter_and_for_partners(
    made: Any, rule: str, sentence: str, code: str
) -> None:
    person = made()
    (found,) = unbooked_of(person=person, on=TODAY)
    assert (found.decision.rule, found.decision.amount, found.amount) == (rule, 0, Decimal("400.00"))
    desk = refundkit.desk()
    page = client_of(desk.clerk).post("/desk/refunds/refundcase/start/", {"who": person.id_number})
    assert sentence in page.content.decode()
    elsewhere = refundkit.desk("510100")
    page = client_of(elsewhere.clerk).post("/desk/refunds/refundcase/start/", {"who": person.id_number})
    assert sentence not in page.content.decode()
    with audit.acting(by=None, why="a partner of a test"):
        caller = make_caller(scopes=["refunds"])
    answer = caller.post(WHERE, body(person, "BANK_ERROR"))
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert not RefundCase.objects.exists()

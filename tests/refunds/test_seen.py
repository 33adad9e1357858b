"""What the first page and a case's page say of refunds that wait, are late, or bounced."""

import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bureau import audit, clock
from bureau.models import User
from enrollment.choices import RefundReason
from refunds.models import RefundCase
from refunds.services import answers, candidates, clocks, payouts, signing
from tests import builders
from tests.bureau.desk_world import client_of
from tests.refunds import refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import AT, approved, form_for, paid, paid_twice, submitted

pytestmark = pytest.mark.django_db


def tiles(user: User) -> dict[str, str]:
    """The numbers of the first page by their words."""
    client = Client()
    client.force_login(user)
    page = client.get(reverse("admin:index"))
    return {str(tile.label): tile.number for tile in page.context["desk"]["tiles"]}


def test_each_desk_sees_its_own_queue(settings: Any, tmp_path: Path) -> None:
    """Clerk: to mend and found; supervisor and officer: to sign; officer: to pay out; everybody: late."""
    settings.MEDIA_ROOT = tmp_path
    desk = refundkit.desk()
    doubles = paid_twice(desk, 6)
    forms = [form_for(one, RefundReason.DUP_PAY) for one in doubles]
    bounced = approved(desk, forms[0])
    batch = payouts.freeze(
        route="FUND_ACCOUNT", region_id=refundkit.REGION, bank="103", by=desk.payer_out, at=AT
    )
    payouts.release(batch_id=batch.pk, by=desk.releaser, at=AT)
    said = io.BytesIO(answer(batch, {1: ("3018", "已清户")}))
    answers.receive(source=said, name="R1", digest=None, by=desk.payer_out, at=AT)
    approved(desk, forms[1])
    late = submitted(desk, forms[2])
    fresh = [submitted(desk, one, at=clock.now()) for one in forms[3:5]]
    signing.review(case_ids=[fresh[0].pk], by=desk.supervisor, at=clock.now()).one()
    candidates.find(region_id=refundkit.REGION, year=2025, at=AT)
    clerk, supervisor, officer = (tiles(user) for user in (desk.clerk, desk.supervisor, desk.officer))
    assert (clerk["退费待补正"], clerk["应退线索"]) == ("1", "1")
    assert "退费待签署" not in clerk
    assert (supervisor["退费待签署"], officer["退费待签署"]) == ("2", "1")
    assert officer["退费待退付"] == "1"
    assert clerk["退费逾期"] == officer["退费逾期"] == "3"
    assert officer["银行逾期未退回"] == "0"
    clocks.tick(at=clock.now() + timedelta(days=1))
    client = Client()
    client.force_login(desk.clerk)
    pages = [
        client.get(reverse("admin:refunds_refundcase_change", args=[case.pk])).content.decode()
        for case in (late, bounced)
    ]
    assert all("催办记录" in page for page in pages)
    assert "已清户" in pages[1]


def test_a_morning_s_list_names_what_waits(settings: Any, tmp_path: Path) -> None:
    """Everything at first, each reason with its number; what differs is marked and what is refused is not ticked; two officers
    on one list: the second is told case by case who was faster.
    """
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    desk = refundkit.desk()
    doubles = [submitted(desk, form_for(one, RefundReason.DUP_PAY)) for one in paid_twice(desk, 3)]
    payment, other = paid(desk, 2)
    part = submitted(desk, form_for(payment, RefundReason.GRADE, correct=Decimal("330.00")))
    submitted(desk, form_for(other, RefundReason.VOLUNTARY))
    address = reverse("admin:refunds_refundcase_sign")
    page = client_of(desk.supervisor).get(address)
    shown = {choice.label: choice.active for choice in page.context["reasons"]}
    assert shown == {"全部 5": True, "重复缴费 3": False, "变更缴费档次 1": False, "个人不愿参保 1": False}
    rows = {row["number"]: row for row in page.context["rows"]}
    assert [rows[case.number]["plain"] for case in (doubles[0], part)] == [True, False]
    assert (rows[doubles[0].number]["marks"], len(rows[part.number]["marks"])) == ([], 2)
    keys = [str(case.pk) for case in doubles]
    signing.review(case_ids=[doubles[0].pk], by=desk.supervisor, at=AT)
    signing.approve(case_ids=[doubles[0].pk], by=desk.officer, at=AT)
    with audit.acting(by=None, why="a second supervisor"):
        colleague = builders.make_staff("supervisor")
    told = (
        client_of(colleague).post(address, {"case": keys, "reason": "DUP_PAY"}, follow=True).content.decode()
    )
    assert doubles[0].number in told
    assert "已审批待付款" in told
    states = set(RefundCase.objects.filter(pk__in=keys[1:]).values_list("state", flat=True))
    assert states == {"BUREAU_APPROVED"}

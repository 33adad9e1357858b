"""Duplicates of a bank run, all the way: found, made cases, signed twice, paid out, 3 % bounced, corrected, paid again; every
yuan back once. REFUND_MANY sets how many (10,000 in the nightly run).
"""

import io
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from bureau import proposals
from bureau.models import Proposal
from refunds.models import PayoutAnswer, RefundCandidate, RefundCase
from refunds.services import accounts, answers, candidates, payouts, signing
from tests.refunds import refundkit
from tests.refunds.refundkit import AT
from tests.refunds.test_payouts import answer, receive

MANY = int(os.environ.get("REFUND_MANY", "40"))
EVERY = 33


@pytest.mark.django_db
def test_every_yuan_goes_back_once(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    desk = refundkit.desk()
    refundkit.paid_twice(desk, MANY)
    assert candidates.find(region_id=refundkit.REGION, year=2025, at=AT).new == MANY
    ids = list(RefundCandidate.objects.values_list("pk", flat=True))
    made = candidates.make_cases(candidate_ids=ids, by=desk.clerk, at=AT)
    assert (len(made.cases), made.conflicts) == (MANY, [])
    keys = [case.pk for case in made.cases]
    for first in range(0, MANY, 500):
        part = keys[first : first + 500]
        assert not signing.review(case_ids=part, by=desk.supervisor, at=AT).conflicts
        assert not signing.approve(case_ids=part, by=desk.officer, at=AT).conflicts
    where = {"route": "FUND_ACCOUNT", "region_id": refundkit.REGION, "bank": "103"}
    batch = payouts.freeze(**where, by=desk.payer_out, at=AT)
    payouts.release(batch_id=batch.pk, by=desk.releaser, at=AT)
    bounced = dict.fromkeys(range(EVERY, MANY + 1, EVERY), ("3018", "已清户"))
    assert receive(desk, answer(batch, bounced))["buckets"]["FAILED"]["lines"] == len(bounced)
    for case in RefundCase.objects.filter(state="PAY_FAILED").select_related("person"):
        accounts.correct(
            case_id=case.pk, account=refundkit.account_of(case.person), words="换卡", by=desk.clerk, at=AT
        )
    for waiting in Proposal.objects.filter(kind="refund.account"):
        proposals.review(proposal_id=waiting.pk, approve=True, reason="", by=desk.supervisor, at=AT)
    again = payouts.freeze(**where, by=desk.payer_out, at=AT)
    payouts.release(batch_id=again.pk, by=desk.releaser, at=AT)
    source = io.BytesIO(answer(again))
    answers.receive(source=source, name="R2", digest=None, by=desk.payer_out, at=AT)
    assert set(RefundCase.objects.values_list("state", flat=True)) == {"PAID"}
    sent = PayoutAnswer.objects.filter(outcome="PAID").aggregate(all=Sum("paid"))["all"]
    assert sent == Decimal(400) * MANY
    assert PayoutAnswer.objects.filter(outcome="PAID").values("payout__case").distinct().count() == MANY
    refundkit.books_green()

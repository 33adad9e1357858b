"""The whole way of many duplicates: found, made cases, signed twice as lists, paid out, some bounced, corrected by two persons,
paid with the next batch. The test walks it with a few, the benchmark with ten thousand.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db.models import Sum

from bureau import proposals
from bureau.models import Proposal, User
from payments.models import DuplicatePayment, Reversal
from refunds.models import PayoutAnswer, PayoutBatch, RefundCandidate, RefundCase
from refunds.services import accounts, answers, candidates, payouts, signing
from tests.refunds import refundkit
from tests.refunds.answering import answer

Lap = Callable[[str], AbstractContextManager[None]]
EVERY = 33
"""Each so-manieth payout bounces: 3 %."""
AT_ONCE = 500


@contextmanager
def untimed(_name: str) -> Iterator[None]:
    """A step that nobody measures."""
    yield


def walk(
    desk: refundkit.Desk, folder: Path, *, region: str, bank: str, year: int, at: datetime, lap: Lap = untimed
) -> tuple[int, int]:
    """Refund every duplicate of a region and year; how many there were, and how many bounced."""
    with lap("find"):
        found = candidates.find(region_id=region, year=year, at=at).new
    ids = list(
        RefundCandidate.objects.filter(region_id=region, kind="DUPLICATE", state="OPEN").values_list(
            "pk", flat=True
        )
    )
    assert (found, len(ids)) == (len(ids), DuplicatePayment.objects.filter(region_id=region).count())
    with lap("cases"):
        made = candidates.make_cases(candidate_ids=ids, by=desk.clerk, at=at)
    assert (len(made.cases), made.conflicts) == (len(ids), [])
    keys = [case.pk for case in made.cases]
    for name, sign, by in (
        ("review", signing.review, desk.supervisor),
        ("approve", signing.approve, desk.officer),
    ):
        with lap(name):
            for first in range(0, len(keys), AT_ONCE):
                assert not sign(case_ids=keys[first : first + AT_ONCE], by=by, at=at).conflicts
    batch = _sent(desk, folder, region, bank, at, lap)
    bounced = dict.fromkeys(range(EVERY, len(ids) + 1, EVERY), ("3018", "已清户"))
    report = _answered(batch, bounced, desk.payer_out, at, lap)
    assert (report["state"], report["buckets"]["FAILED"]["lines"]) == ("APPLIED", len(bounced))
    with lap("correct"):
        _corrected(desk, region, at)
    if bounced:
        again = _sent(desk, folder, region, bank, at, lap)
        assert again.lines == len(bounced)
        assert _answered(again, {}, desk.payer_out, at, lap)["state"] == "APPLIED"
    return len(ids), len(bounced)


def _sent(desk: refundkit.Desk, folder: Path, region: str, bank: str, at: datetime, lap: Lap) -> PayoutBatch:
    with lap("batch"):
        batch = payouts.freeze(route="FUND_ACCOUNT", region_id=region, bank=bank, by=desk.payer_out, at=at)
        payouts.release(batch_id=batch.pk, by=desk.releaser, at=at)
        payouts.write(batch_id=batch.pk, folder=folder, by=desk.payer_out, at=at)
    return batch


def _answered(
    batch: PayoutBatch, codes: dict[int, tuple[str, str]], by: User, at: datetime, lap: Lap
) -> dict[str, object]:
    content = answer(batch, codes)
    with lap("answer"):
        return answers.receive(source=io.BytesIO(content), name=f"R{batch.pk}.txt", digest=None, by=by, at=at)


def _corrected(desk: refundkit.Desk, region: str, at: datetime) -> None:
    """Case by case, as two persons do it."""
    for case in RefundCase.objects.filter(state="PAY_FAILED", region_id=region).select_related("person"):
        account = refundkit.account_of(case.person)
        accounts.correct(case_id=case.pk, account=account, words="换卡", by=desk.clerk, at=at)
    for waiting in Proposal.objects.filter(kind="refund.account", state="OPEN", region_id=region):
        proposals.review(proposal_id=waiting.pk, approve=True, reason="", by=desk.supervisor, at=at)


def every_yuan_once(region: str) -> None:
    """Each duplicate went back by one answer, whole, and nothing else did."""
    paid = PayoutAnswer.objects.filter(outcome="PAID", region_id=region)
    owed = DuplicatePayment.objects.filter(region_id=region)
    assert set(RefundCase.objects.filter(region_id=region).values_list("state", flat=True)) == {"PAID"}
    assert _sum(paid, "paid") == _sum(owed, "amount") > 0
    assert paid.values("payout__case").distinct().count() == paid.count() == owed.count()
    assert Reversal.objects.filter(duplicate_id__in=owed.values("pk")).count() == owed.count()
    refundkit.books_green()


def _sum(rows: object, field: str) -> Decimal:
    return rows.aggregate(all=Sum(field))["all"]  # type: ignore[attr-defined,no-any-return]

"""One refund of everything for the pages of the desk, made when a page first asks for it."""

from typing import Any

from enrollment.choices import RefundReason
from refunds.models import PayoutBatch, PayoutFile, RefundCandidate, RefundCase, RefundLimit
from refunds.services import candidates, filing, payouts, signing
from refunds.services.facts import Source
from refunds.services.wishes import Form
from tests.payments.bookbuilders import AT
from tests.refunds import refundkit


def case(world: Any) -> RefundCase:
    """A draft about the payment of the insured person."""
    found = RefundCase.objects.order_by("pk").first()
    if found is not None:
        return found
    form = Form(RefundReason.CLERK_ERROR, [payment(world)])
    return filing.draft(form=form, by=world.books.home.clerk, at=AT)


def decided(world: Any) -> RefundCase:
    """A case that went back for papers."""
    found = RefundCase.objects.filter(state="RETURNED").order_by("pk").first()
    if found is not None:
        return found
    made = refundkit.desk()
    (double,) = refundkit.paid_twice(made)
    one = refundkit.submitted(made, refundkit.form_for(double, RefundReason.DUP_PAY))
    return signing.send_back(case_ids=[one.pk], words="请补材料", by=made.supervisor, at=AT).one()


def payment(world: Any) -> Source:
    """What was paid for the insured person."""
    return Source(payment_id=world.books.settled.receivable_id * 100)


def candidate(world: Any) -> RefundCandidate:
    """What the system found in Guigang."""
    made = refundkit.Desk(
        world.books.home.clerk, world.books.home.supervisor, *(world.who("tax_officer") for _ in range(3))
    )
    if not RefundCandidate.objects.exists():
        refundkit.paid_twice(made)
        candidates.find(region_id=refundkit.REGION, year=2025, at=AT)
    return RefundCandidate.objects.order_by("pk")[0]


def batch(world: Any) -> PayoutBatch:
    """A frozen batch with one line."""
    found = PayoutBatch.objects.order_by("pk").first()
    if found is not None:
        return found
    made = refundkit.desk()
    (double,) = refundkit.paid_twice(made)
    refundkit.approved(made, refundkit.form_for(double, RefundReason.DUP_PAY))
    return payouts.freeze(
        route="FUND_ACCOUNT", region_id=refundkit.REGION, bank="103", by=made.payer_out, at=AT
    )


def answer(world: Any) -> PayoutFile:
    """A held answer to the batch."""
    one = batch(world)
    found = PayoutFile.objects.order_by("pk").first()
    return found or PayoutFile.objects.create(
        name="YBTF_103_450800_20250120_0001_R1.txt",
        stored_as="x",
        size=100,
        sha256="0" * 64,
        region_id=one.region_id,
        batch=one,
        state="HELD",
        reasons=[{"code": "COUNT_DIFFERS", "params": {"expected": "1", "found": "2"}}],
        report={"buckets": {"PAID": {"lines": 1, "amount": "400.00"}}},
        uploaded_by=one.made_by,
        uploaded_at=AT,
    )


def limit() -> RefundLimit:
    """The limit that every region starts with."""
    return RefundLimit.objects.order_by("pk")[0]

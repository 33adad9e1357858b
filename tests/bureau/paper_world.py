"""A voucher that was printed, one in a batch, and a message in a file, made when a page first asks for them."""

from datetime import timedelta
from typing import Any

from payments.models import (
    Event,
    Message,
    MessageFile,
    MessageSending,
    MessageTemplate,
    Voucher,
    VoucherBatch,
    VoucherPrint,
)
from payments.services import voucherbatches, vouchers
from tests.payments.bookbuilders import AT

READY = AT + timedelta(hours=73)


def voucher(world: Any) -> Voucher:
    """The voucher of the payment at the counter."""
    made = vouchers.of_payment(payment_id=world.books.counter.pk, at=READY)
    if not VoucherPrint.objects.filter(voucher_id=made.pk).exists():
        VoucherPrint.objects.create(
            voucher_id=made.pk, nth=1, region_id=made.region_id, id_type="01", printed_by=world.books.home.clerk,
            printed_at=READY,
        )  # fmt: skip
    return made


def batch(world: Any) -> VoucherBatch:
    """A batch that waits, the same at each call."""
    made = voucher(world)
    found = VoucherBatch.objects.order_by("pk").first()
    return found or voucherbatches.create(
        region_id=made.region_id, year=made.benefit_year, first=1, last=1, address="https://x.cn",
        by=world.books.home.clerk, at=READY,
    )  # fmt: skip


def template() -> int:
    """The first wording of a success."""
    return MessageTemplate.objects.get(event=Event.DEBIT_PAID, version=1).pk


def message(world: Any) -> Message:
    """What the insured was told, the same at each call."""
    made, _new = Message.objects.get_or_create(
        event=Event.DEBIT_PAID,
        subject_id=1,
        defaults={
            "region_id": world.person.region_id, "person": world.person, "template_id": template(),
            "text": "张*，您2025年度城乡居民基本医疗保险费400.00元已扣款成功。", "until": "2025-01-25", "queued_at": READY,
        },
    )  # fmt: skip
    return made


def sent(world: Any) -> MessageFile:
    """The file that the message is in."""
    found = MessageSending.objects.filter(message=message(world)).select_related("file").first()
    if found is not None:
        return found.file
    file = MessageFile.objects.create(
        region_id=message(world).region_id,
        messages=1,
        made_by=world.books.home.supervisor,
        made_at=READY,
        sha256="0" * 64,
    )
    MessageSending.objects.create(message=message(world), file=file, phone="13812345678")
    return file

"""Money given back after an approved refund: the payment no longer carries the year, its cover ends, the receivable may be
paid again, the voucher is cancelled. Called by the refunds above, inside the transaction that approves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from enrollment.reasons import CoverReason
from enrollment.services import cover
from payments.models import DuplicatePayment, Hold, Payment, Reversal, Voucher, VoucherCancellation
from payments.models.payments import FIRST_REFUND


class GoneAlready(BureauError):
    """The bank or the channel was faster, or another refund took all of it."""

    code = "PAYMENT_GONE_ALREADY"
    message = gettext_noop("One of these payments was taken back a moment ago.")


@dataclass(frozen=True)
class GivenBack:
    """A payment or a duplicate that goes back whole; ``number`` is that of the refund's line, ``reference`` of its case."""

    number: int
    reference: str
    payment_id: int | None = None
    duplicate_id: int | None = None


def give_back(*, items: Sequence[GivenBack], on: date, by: User | None, at: datetime) -> int:
    """Write the reversing rows of ``items`` and what follows from them; returns how many there are.

    The caller holds the locks of persons and payments. Nothing here moves money: that is the payout's. Raises GoneAlready.
    """
    payments = Payment.objects.in_bulk([one.payment_id for one in items if one.payment_id is not None])
    duplicates = DuplicatePayment.objects.in_bulk(
        [one.duplicate_id for one in items if one.duplicate_id is not None]
    )
    rows = []
    for one in items:
        row = payments[one.payment_id] if one.payment_id is not None else duplicates[one.duplicate_id or 0]
        rows.append(
            # No booked line: a file that repeats the debit says nothing new, a second debit would be another one.
            Reversal(
                line_id=FIRST_REFUND + one.number,
                region_id=row.region_id,
                person_id=row.person_id,
                payment_id=one.payment_id,
                duplicate_id=one.duplicate_id,
                receivable_id=row.receivable_id,
                amount=row.amount,
                reversed_on=on,
                posted_at=at,
            )
        )
    try:
        with transaction.atomic():
            Reversal.objects.bulk_create(rows)
    except IntegrityError as error:
        raise GoneAlready() from error
    _free(list(payments.values()))
    cover.end_cover(
        receivable_ids=[payment.receivable_id for payment in payments.values()],
        reason=CoverReason.REFUNDED,
        at=at,
    )
    _cancel_vouchers({one.payment_id: one.reference for one in items if one.payment_id is not None}, by, at)
    return len(rows)


def _free(payments: Sequence[Payment]) -> None:
    """A spent hold would keep the receivable from being collected again."""
    for payment in payments:
        if payment.instruction_id is not None:
            Hold.objects.filter(pk=payment.receivable_id, instruction_id=payment.instruction_id).delete()


def _cancel_vouchers(references: dict[int, str], by: User | None, at: datetime) -> None:
    cancelled = set(
        VoucherCancellation.objects.filter(pk__in=references).values_list("voucher_id", flat=True)
    )
    vouchers = Voucher.objects.filter(pk__in=references).exclude(pk__in=cancelled).order_by("pk")
    VoucherCancellation.objects.bulk_create(
        VoucherCancellation(
            voucher_id=voucher.pk,
            region_id=voucher.region_id,
            reason=VoucherCancellation.Reason.REFUNDED,
            reference=references[voucher.pk],
            cancelled_by=by,
            cancelled_at=at,
        )
        for voucher in vouchers
    )

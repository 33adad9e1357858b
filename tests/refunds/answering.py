"""Answers to payout batches as a bank or the treasury writes them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from payments.files.results import ResultHeader, ResultLine
from refunds.models import PayoutBatch
from refunds.payoutfile import TREASURY_KEY, answer_bytes

PAID = BANK_PAID, TREASURY_PAID = "0000", "90000"
"""Done, in the words of the banks' code set and of the treasury's."""


def answer(batch: PayoutBatch, codes: dict[int, tuple[str, str]] | None = None, **changes: Any) -> bytes:
    """What the bank or the treasury writes: every line paid, but those in ``codes``, by number; ``changes`` to the header."""
    lines = []
    for payout in batch.payouts.order_by("seq"):
        code, note = (codes or {}).get(
            payout.seq, (BANK_PAID if batch.bank_id else TREASURY_PAID, "交易成功")
        )
        good = code in PAID
        lines.append(
            ResultLine(
                payout.seq,
                payout.account if batch.bank_id else payout.tax_number,
                payout.holder,
                payout.amount,
                payout.amount if good else Decimal(0),
                code,
                note,
                f"B{batch.pk}-{payout.seq}" if good else "",
                date(2025, 1, 21) if good else None,
                payout.ref,
            )
        )
    lines = changes.pop("lines", lines)
    good_ones = [line for line in lines if line.code in PAID]
    others = [line for line in lines if line.code not in PAID]
    header = ResultHeader(
        region=batch.region_id,
        bank=batch.bank_id or TREASURY_KEY,
        agency=batch.unit,
        day=batch.day,
        batch=f"{batch.number:04d}",
        lines=len(lines),
        amount=sum((line.due for line in lines), Decimal("0.00")),
        ok_lines=len(good_ones),
        ok_amount=sum((line.paid for line in good_ones), Decimal("0.00")),
        failed_lines=len(others),
        failed_amount=sum((line.due for line in others), Decimal("0.00")),
        processed_on=date(2025, 1, 21),
    )
    return answer_bytes(replace(header, **changes), lines)

"""Models of money back."""

from refunds.models.caserows import PayeeAccount, RefundStep
from refunds.models.cases import RefundCase, RefundLine
from refunds.models.desk import RefundCandidate, RefundLimit, RefundReminder
from refunds.models.payouts import PayoutAnswer, PayoutBatch, PayoutFile, PayoutLine

__all__ = [
    "PayeeAccount",
    "PayoutAnswer",
    "PayoutBatch",
    "PayoutFile",
    "PayoutLine",
    "RefundCandidate",
    "RefundCase",
    "RefundLimit",
    "RefundLine",
    "RefundReminder",
    "RefundStep",
]

"""Money in, as facts."""

from payments.models.bankfiles import (
    BankFile,
    BankLine,
    ClosedDay,
    FileChunk,
    FileLease,
    FileTally,
    LineText,
)
from payments.models.channels import Channel, ChannelTerms
from payments.models.debits import (
    BankProfile,
    DebitBatch,
    Instruction,
    InstructionRelease,
    Mandate,
    ResultCode,
)
from payments.models.differences import PriceCheck, PriceDifference
from payments.models.orders import Order, OrderConsent, OrderDebit, OrderLine
from payments.models.payments import DuplicatePayment, Payment, Reversal
from payments.models.receivables import Assessment, Hold, Receivable, SiblingReceivable
from payments.models.register import AidDifference, RegisterMark
from payments.models.retries import RetryAction, RetryClearance, RetryRule
from payments.models.swaps import Swap
from payments.models.tallies import RegisterTally, Topic
from payments.models.workitems import WorkItem, WorkKind, WorkNote

__all__ = [
    "AidDifference",
    "Assessment",
    "BankFile",
    "BankLine",
    "BankProfile",
    "Channel",
    "ChannelTerms",
    "ClosedDay",
    "DebitBatch",
    "DuplicatePayment",
    "FileChunk",
    "FileLease",
    "FileTally",
    "Hold",
    "Instruction",
    "InstructionRelease",
    "LineText",
    "Mandate",
    "Order",
    "OrderConsent",
    "OrderDebit",
    "OrderLine",
    "Payment",
    "PriceCheck",
    "PriceDifference",
    "Receivable",
    "RegisterMark",
    "RegisterTally",
    "ResultCode",
    "RetryAction",
    "RetryClearance",
    "RetryRule",
    "Reversal",
    "SiblingReceivable",
    "Swap",
    "Topic",
    "WorkItem",
    "WorkKind",
    "WorkNote",
]

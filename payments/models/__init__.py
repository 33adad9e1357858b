"""Money in, as facts."""

from payments.models.agents import CashHandover, CashReceipt, ReceiptBook, VillageAgent
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
from payments.models.messages import (
    Event,
    Message,
    MessageFile,
    MessageOptOut,
    MessageReceipt,
    MessageSending,
    MessageTemplate,
)
from payments.models.orders import Order, OrderConsent, OrderDebit, OrderLine
from payments.models.payments import DuplicatePayment, Payment, Reversal
from payments.models.pushes import PushAnswer, PushBatch, PushLine, PushOp
from payments.models.receivables import Assessment, Hold, Receivable, SiblingReceivable
from payments.models.register import AidDifference, RegisterMark
from payments.models.retries import RetryAction, RetryClearance, RetryRule
from payments.models.settlement import DayCut, DebitCase, DeclarationVoid, Ours, SettlementLine, Side, Turn
from payments.models.swaps import Swap
from payments.models.tallies import RegisterTally, Topic
from payments.models.vouchers import (
    Voucher,
    VoucherBatch,
    VoucherCancellation,
    VoucherLease,
    VoucherPart,
    VoucherPrint,
    VoucherSeries,
)
from payments.models.workitems import WorkItem, WorkKind, WorkNote

__all__ = [
    "AidDifference",
    "Assessment",
    "BankFile",
    "BankLine",
    "BankProfile",
    "CashHandover",
    "CashReceipt",
    "Channel",
    "ChannelTerms",
    "ClosedDay",
    "DayCut",
    "DebitBatch",
    "DebitCase",
    "DeclarationVoid",
    "DuplicatePayment",
    "Event",
    "FileChunk",
    "FileLease",
    "FileTally",
    "Hold",
    "Instruction",
    "InstructionRelease",
    "LineText",
    "Mandate",
    "Message",
    "MessageFile",
    "MessageOptOut",
    "MessageReceipt",
    "MessageSending",
    "MessageTemplate",
    "Order",
    "OrderConsent",
    "OrderDebit",
    "OrderLine",
    "Ours",
    "Payment",
    "PriceCheck",
    "PriceDifference",
    "PushAnswer",
    "PushBatch",
    "PushLine",
    "PushOp",
    "ReceiptBook",
    "Receivable",
    "RegisterMark",
    "RegisterTally",
    "ResultCode",
    "RetryAction",
    "RetryClearance",
    "RetryRule",
    "Reversal",
    "SettlementLine",
    "SiblingReceivable",
    "Side",
    "Swap",
    "Topic",
    "Turn",
    "VillageAgent",
    "Voucher",
    "VoucherBatch",
    "VoucherCancellation",
    "VoucherLease",
    "VoucherPart",
    "VoucherPrint",
    "VoucherSeries",
    "WorkItem",
    "WorkKind",
    "WorkNote",
]

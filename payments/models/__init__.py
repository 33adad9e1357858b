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
from payments.models.debits import (
    BankProfile,
    DebitBatch,
    Instruction,
    InstructionRelease,
    Mandate,
    ResultCode,
)
from payments.models.payments import Channel, DuplicatePayment, Payment, Reversal
from payments.models.receivables import Assessment, Hold, Receivable, SiblingReceivable
from payments.models.register import AidDifference, RegisterMark
from payments.models.workitems import WorkItem, WorkKind, WorkNote

__all__ = [
    "AidDifference",
    "Assessment",
    "BankFile",
    "BankLine",
    "BankProfile",
    "Channel",
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
    "Payment",
    "Receivable",
    "RegisterMark",
    "ResultCode",
    "Reversal",
    "SiblingReceivable",
    "WorkItem",
    "WorkKind",
    "WorkNote",
]

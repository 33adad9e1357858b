"""States of the river: what each object may be, and the moves between them.

A receivable and an instruction have no state column: their state is what the fact rows say (see
``ReceivableQuerySet.with_state`` and ``InstructionQuerySet.with_state``). Files, batches and work items are moved one at a
time by a person or a worker; theirs is a column, guarded by a trigger built from these tables.
"""

from enum import IntEnum, StrEnum


class Bucket(IntEnum):
    """Where a line of a result file ends: exactly one of six (design: bank-files 8.1)."""

    SETTLED = 1
    DUPLICATE = 2
    DECLINED = 3
    PENDING = 4
    UNMATCHED = 5
    REJECTED = 6


BOOKED = frozenset({Bucket.SETTLED, Bucket.DUPLICATE})


class ReceivableState(StrEnum):
    """What the facts of a receivable say (design: bank-files 7)."""

    ASSESSED = "ASSESSED"
    EXEMPT = "EXEMPT"
    PUSHED = "PUSHED"
    DECLARED_UNPAID = "DECLARED_UNPAID"
    DEBITING = "DEBITING"
    SETTLED = "SETTLED"
    IN_TREASURY = "IN_TREASURY"
    VOIDED = "VOIDED"
    REVERSED = "REVERSED"
    REFUNDED = "REFUNDED"


RECEIVABLE_MOVES: dict[str, frozenset[str]] = {
    ReceivableState.ASSESSED: frozenset(
        {
            ReceivableState.PUSHED,
            ReceivableState.DECLARED_UNPAID,
            ReceivableState.DEBITING,
            ReceivableState.SETTLED,
            ReceivableState.EXEMPT,
            ReceivableState.VOIDED,
        }
    ),
    ReceivableState.EXEMPT: frozenset({ReceivableState.ASSESSED}),
    ReceivableState.PUSHED: frozenset(
        {
            ReceivableState.ASSESSED,
            ReceivableState.EXEMPT,
            ReceivableState.DECLARED_UNPAID,
            ReceivableState.DEBITING,
            ReceivableState.SETTLED,
            ReceivableState.VOIDED,
        }
    ),
    ReceivableState.DECLARED_UNPAID: frozenset(
        {
            ReceivableState.ASSESSED,
            ReceivableState.PUSHED,
            ReceivableState.DEBITING,
            ReceivableState.SETTLED,
            ReceivableState.VOIDED,
        }
    ),
    ReceivableState.DEBITING: frozenset(
        {
            ReceivableState.ASSESSED,
            ReceivableState.PUSHED,
            ReceivableState.SETTLED,
            ReceivableState.REVERSED,
        }
    ),
    ReceivableState.SETTLED: frozenset(
        {ReceivableState.IN_TREASURY, ReceivableState.REVERSED, ReceivableState.REFUNDED}
    ),
    ReceivableState.IN_TREASURY: frozenset({ReceivableState.REVERSED, ReceivableState.REFUNDED}),
    # Money that was on its way is told all the same, and is booked.
    ReceivableState.VOIDED: frozenset({ReceivableState.SETTLED}),
    ReceivableState.REVERSED: frozenset(
        {ReceivableState.DECLARED_UNPAID, ReceivableState.DEBITING, ReceivableState.SETTLED}
    ),
    ReceivableState.REFUNDED: frozenset({ReceivableState.DEBITING, ReceivableState.SETTLED}),
}


class InstructionState(StrEnum):
    """What the answers to an instruction say so far."""

    FROZEN = "FROZEN"
    SENT = "SENT"
    PENDING = "PENDING"
    DECLINED = "DECLINED"
    UNMATCHED = "UNMATCHED"
    SETTLED = "SETTLED"
    DUPLICATE = "DUPLICATE"
    RELEASED = "RELEASED"
    REVERSED = "REVERSED"


INSTRUCTION_MOVES: dict[str, frozenset[str]] = {
    InstructionState.FROZEN: frozenset({InstructionState.SENT}),
    InstructionState.SENT: frozenset(
        {
            InstructionState.PENDING,
            InstructionState.DECLINED,
            InstructionState.UNMATCHED,
            InstructionState.SETTLED,
            InstructionState.DUPLICATE,
            InstructionState.RELEASED,
        }
    ),
    InstructionState.PENDING: frozenset(
        {
            InstructionState.DECLINED,
            InstructionState.UNMATCHED,
            InstructionState.SETTLED,
            InstructionState.DUPLICATE,
        }
    ),
    InstructionState.DECLINED: frozenset(
        {
            InstructionState.PENDING,
            InstructionState.UNMATCHED,
            InstructionState.SETTLED,
            InstructionState.DUPLICATE,
        }
    ),
    InstructionState.UNMATCHED: frozenset(
        {
            InstructionState.PENDING,
            InstructionState.DECLINED,
            InstructionState.SETTLED,
            InstructionState.DUPLICATE,
        }
    ),
    InstructionState.RELEASED: frozenset(
        {
            InstructionState.PENDING,
            InstructionState.DECLINED,
            InstructionState.UNMATCHED,
            InstructionState.SETTLED,
            InstructionState.DUPLICATE,
        }
    ),
    # Two payments of one person and year may change places (payments/services/swaps.py).
    InstructionState.SETTLED: frozenset({InstructionState.REVERSED, InstructionState.DUPLICATE}),
    InstructionState.DUPLICATE: frozenset({InstructionState.REVERSED, InstructionState.SETTLED}),
    InstructionState.REVERSED: frozenset(),
}


class FileState(StrEnum):
    """A received file. REJECTED and APPLIED end it; HELD and PARKED wait for a person."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    HELD = "HELD"
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"
    PARKED = "PARKED"


FILE_MOVES: dict[str, frozenset[str]] = {
    FileState.QUEUED: frozenset({FileState.RUNNING, FileState.REJECTED, FileState.PARKED}),
    FileState.RUNNING: frozenset(
        {FileState.QUEUED, FileState.HELD, FileState.APPLIED, FileState.REJECTED, FileState.PARKED}
    ),
    FileState.HELD: frozenset({FileState.QUEUED, FileState.REJECTED}),
    FileState.PARKED: frozenset({FileState.QUEUED, FileState.REJECTED}),
    FileState.APPLIED: frozenset(),
    FileState.REJECTED: frozenset(),
}


class FileKind(StrEnum):
    """What a received file brings, and so which course of the river it takes (design: bank-files 8.1, 8.5)."""

    RESULT = "RESULT"
    STATEMENT = "STATEMENT"
    TREASURY = "TREASURY"
    PUSH_ANSWER = "PUSH_ANSWER"
    PAYOUT = "PAYOUT"


class Outcome(IntEnum):
    """Where a line ends when another's list is held against our books: exactly one of six (design: bank-files 7)."""

    MATCHED = 1
    OURS_ONLY = 2
    THEIRS_ONLY = 3
    AMOUNT_DIFF = 4
    DATE_DIFF = 5
    DUP = 6


class DebitCaseState(StrEnum):
    """Money debited and not posted: it waits for the bank's return, late after three working days."""

    OPEN = "OPEN"
    ESCALATED = "ESCALATED"
    RETURNED = "RETURNED"
    BOOKED = "BOOKED"
    EXPLAINED = "EXPLAINED"


_ENDS = frozenset({DebitCaseState.RETURNED, DebitCaseState.BOOKED, DebitCaseState.EXPLAINED})
DEBIT_CASE_MOVES: dict[str, frozenset[str]] = {
    DebitCaseState.OPEN: _ENDS | {DebitCaseState.ESCALATED},
    DebitCaseState.ESCALATED: _ENDS,
    DebitCaseState.RETURNED: frozenset(),
    DebitCaseState.BOOKED: frozenset(),
    DebitCaseState.EXPLAINED: frozenset(),
}


class BatchState(StrEnum):
    """A debit batch: frozen, released by a second person, or dropped before its release."""

    FROZEN = "FROZEN"
    RELEASED = "RELEASED"
    DROPPED = "DROPPED"


BATCH_MOVES: dict[str, frozenset[str]] = {
    BatchState.FROZEN: frozenset({BatchState.RELEASED, BatchState.DROPPED}),
    BatchState.RELEASED: frozenset(),
    BatchState.DROPPED: frozenset(),
}


class ChunkState(StrEnum):
    """A range of a file's resolved lines that one transaction posts."""

    TODO = "TODO"
    DONE = "DONE"


CHUNK_MOVES: dict[str, frozenset[str]] = {
    ChunkState.TODO: frozenset({ChunkState.DONE}),
    ChunkState.DONE: frozenset(),
}


class WorkState(StrEnum):
    """A piece of work for a person."""

    OPEN = "OPEN"
    TAKEN = "TAKEN"
    RESOLVED = "RESOLVED"


WORK_MOVES: dict[str, frozenset[str]] = {
    WorkState.OPEN: frozenset({WorkState.TAKEN, WorkState.RESOLVED}),
    WorkState.TAKEN: frozenset({WorkState.OPEN, WorkState.RESOLVED}),
    WorkState.RESOLVED: frozenset(),
}


class MandateState(StrEnum):
    """A direct-debit mandate counts only when bank and tax data agree (verified)."""

    SIGNED = "SIGNED"
    VERIFIED = "VERIFIED"
    CANCELLED = "CANCELLED"


MANDATE_MOVES: dict[str, frozenset[str]] = {
    MandateState.SIGNED: frozenset({MandateState.VERIFIED, MandateState.CANCELLED}),
    MandateState.VERIFIED: frozenset({MandateState.CANCELLED}),
    MandateState.CANCELLED: frozenset(),
}


class OrderState(StrEnum):
    """An order of a channel. When its lock time is over, the channel is asked first what became of it."""

    OPEN = "OPEN"
    ASKED = "ASKED"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


# Money is a fact: a debit told after the order was given up is booked all the same.
ORDER_MOVES: dict[str, frozenset[str]] = {
    OrderState.OPEN: frozenset({OrderState.PAID, OrderState.CANCELLED, OrderState.ASKED}),
    OrderState.ASKED: frozenset({OrderState.PAID, OrderState.CANCELLED, OrderState.EXPIRED}),
    OrderState.CANCELLED: frozenset({OrderState.PAID}),
    OrderState.EXPIRED: frozenset({OrderState.PAID}),
    OrderState.PAID: frozenset(),
}


class VoucherBatchState(StrEnum):
    """Vouchers printed into files: stopped by a person, parked after failures, both may be resumed."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    DONE = "DONE"
    PARKED = "PARKED"


VOUCHER_BATCH_MOVES: dict[str, frozenset[str]] = {
    VoucherBatchState.QUEUED: frozenset({VoucherBatchState.RUNNING, VoucherBatchState.STOPPED}),
    VoucherBatchState.RUNNING: frozenset(
        {VoucherBatchState.STOPPED, VoucherBatchState.DONE, VoucherBatchState.PARKED}
    ),
    VoucherBatchState.STOPPED: frozenset({VoucherBatchState.QUEUED}),
    VoucherBatchState.PARKED: frozenset({VoucherBatchState.QUEUED}),
    VoucherBatchState.DONE: frozenset(),
}

"""What the simulated bank plants in a file, and what the bureau must make of it.

The plan is the oracle of the matching: it follows from what was planted, line by line, by the table below,
and never looks at a file or at the books (design: bank-files 8.1, line buckets).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bureau.money import ZERO, yuan
from payments.states import Bucket, FileState


class Plant(StrEnum):
    """Everything the bank may say about one instruction, or about none."""

    # first answers
    OK = "OK"
    HOLDER_VARIANT = "HOLDER_VARIANT"
    DECLINED = "DECLINED"
    REVERSED_UNPOSTED = "REVERSED_UNPOSTED"
    PENDING = "PENDING"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    HOLDER_DIFFERS = "HOLDER_DIFFERS"
    ACCOUNT_DIFFERS = "ACCOUNT_DIFFERS"
    DUE_DIFFERS = "DUE_DIFFERS"
    PAID_DIFFERS = "PAID_DIFFERS"
    DATE_OUTSIDE = "DATE_OUTSIDE"
    SERIAL_REUSED = "SERIAL_REUSED"
    OK_WITHOUT_MONEY = "OK_WITHOUT_MONEY"
    OK_WITHOUT_SERIAL = "OK_WITHOUT_SERIAL"
    MONEY_WITHOUT_OK = "MONEY_WITHOUT_OK"
    REPEATED_IN_FILE = "REPEATED_IN_FILE"
    UNKNOWN_REF_OK = "UNKNOWN_REF_OK"
    UNKNOWN_REF_DECLINED = "UNKNOWN_REF_DECLINED"
    OTHER_BATCH_OK = "OTHER_BATCH_OK"
    OTHER_BATCH_DECLINED = "OTHER_BATCH_DECLINED"
    UNREADABLE = "UNREADABLE"
    NO_ANSWER = "NO_ANSWER"
    # later answers
    REPEATED = "REPEATED"
    DECLINED_AGAIN = "DECLINED_AGAIN"
    OK_AFTER_PENDING = "OK_AFTER_PENDING"
    OK_AFTER_DECLINED = "OK_AFTER_DECLINED"
    OK_AFTER_NOTHING = "OK_AFTER_NOTHING"
    DECLINED_AFTER_PENDING = "DECLINED_AFTER_PENDING"
    STILL_PENDING = "STILL_PENDING"
    REVERSED = "REVERSED"
    CONTRADICTED = "CONTRADICTED"
    SECOND_DEBIT = "SECOND_DEBIT"
    OLD_SERIAL = "OLD_SERIAL"


BUCKET_OF: dict[Plant, Bucket] = {
    Plant.OK: Bucket.SETTLED,
    Plant.HOLDER_VARIANT: Bucket.SETTLED,
    Plant.DECLINED: Bucket.DECLINED,
    Plant.REVERSED_UNPOSTED: Bucket.DECLINED,
    Plant.PENDING: Bucket.PENDING,
    Plant.UNKNOWN_CODE: Bucket.PENDING,
    Plant.HOLDER_DIFFERS: Bucket.UNMATCHED,
    Plant.ACCOUNT_DIFFERS: Bucket.UNMATCHED,
    Plant.DUE_DIFFERS: Bucket.UNMATCHED,
    Plant.PAID_DIFFERS: Bucket.UNMATCHED,
    Plant.DATE_OUTSIDE: Bucket.UNMATCHED,
    Plant.SERIAL_REUSED: Bucket.UNMATCHED,
    Plant.OK_WITHOUT_MONEY: Bucket.REJECTED,
    Plant.OK_WITHOUT_SERIAL: Bucket.REJECTED,
    Plant.MONEY_WITHOUT_OK: Bucket.REJECTED,
    Plant.REPEATED_IN_FILE: Bucket.REJECTED,
    Plant.UNKNOWN_REF_OK: Bucket.UNMATCHED,
    Plant.UNKNOWN_REF_DECLINED: Bucket.REJECTED,
    Plant.OTHER_BATCH_OK: Bucket.UNMATCHED,
    Plant.OTHER_BATCH_DECLINED: Bucket.REJECTED,
    Plant.UNREADABLE: Bucket.REJECTED,
    Plant.DECLINED_AGAIN: Bucket.DECLINED,
    Plant.OK_AFTER_PENDING: Bucket.SETTLED,
    Plant.OK_AFTER_DECLINED: Bucket.SETTLED,
    Plant.OK_AFTER_NOTHING: Bucket.SETTLED,
    Plant.DECLINED_AFTER_PENDING: Bucket.DECLINED,
    Plant.STILL_PENDING: Bucket.PENDING,
    Plant.REVERSED: Bucket.DECLINED,
    Plant.CONTRADICTED: Bucket.DECLINED,
    Plant.SECOND_DEBIT: Bucket.UNMATCHED,
    Plant.OLD_SERIAL: Bucket.UNMATCHED,
}
"""What must come of each plant. Missing: REPEATED, which keeps its bucket, and NO_ANSWER, which is no line.

SETTLED is DUPLICATE where the person's year was paid by another way before.
"""


@dataclass(slots=True)
class Planted:
    """A line as the bank writes it, and its bucket. `serial` None: still to be given, "": none.

    `spoil` damages the finished text of the line; the flags then say what can still be read of it. `own`
    means that the line carries, readably, the reference of an instruction of the request.
    """

    plant: Plant
    bucket: Bucket
    ref: str
    account: str
    holder: str
    due: Decimal
    paid: Decimal
    ok: bool
    code: str
    note: str
    serial: str | None
    debited_on: str
    own: bool = True
    repeated: bool = False
    copy_of: Planted | None = None
    spoil: Callable[[str], str] | None = None
    due_read: bool = True
    paid_read: bool = True

    @property
    def amount(self) -> Decimal:
        """应扣 as the bureau can read it; what it cannot read counts as nothing."""
        return self.due if self.due_read else ZERO

    @property
    def debited(self) -> Decimal:
        """实扣 of an OK line as the bureau can read it; of every other line nothing."""
        return self.paid if self.ok and self.paid_read else ZERO


@dataclass(frozen=True, slots=True)
class Total:
    """Lines and yuan of a bucket: `amount` sums 应扣, `debited` sums 实扣 of the OK lines.

    `repeated` counts those of the lines that only say what an earlier file said.
    """

    lines: int = 0
    amount: Decimal = ZERO
    debited: Decimal = ZERO
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of the file: `line_no` counts data lines from 1, the order in which COPY brings them."""

    line_no: int
    plant: Plant
    bucket: Bucket
    ref: str
    amount: Decimal
    debited: Decimal
    repeated: bool


@dataclass(slots=True)
class FilePlan:
    """What the report of a file must say. For a HELD file the buckets are those it gets once released."""

    file: str
    state: FileState
    reasons: tuple[str, ...] = ()
    buckets: dict[Bucket, Total] = field(default_factory=lambda: dict.fromkeys(Bucket, Total()))
    no_answer: Total = Total()
    changed: int | None = None
    planted: dict[str, int] = field(default_factory=dict)
    lines: list[PlannedLine] = field(default_factory=list)

    @property
    def refused_because(self) -> str | None:
        """The code of the first reason, None for an APPLIED file."""
        return self.reasons[0] if self.reasons else None

    def report(self) -> dict[str, Any]:
        """The plan in the keys of receive_file's report, amounts as text; `changed` where it is known."""
        total = add_up(self.buckets.values())
        report: dict[str, Any] = {
            "file": self.file,
            "name": self.file,
            "state": self.state.value,
            "refused_because": self.refused_because,
            "lines": total.lines,
            "amount": yuan(total.amount),
            "buckets": {
                bucket.name: {
                    "lines": one.lines,
                    "amount": yuan(one.amount),
                    "debited": yuan(one.debited),
                    "repeated": one.repeated,
                }
                for bucket, one in self.buckets.items()
            },
            "no_answer": {"lines": self.no_answer.lines, "amount": yuan(self.no_answer.amount)},
            "reasons": list(self.reasons),
            "planted": self.planted,
        }
        if self.changed is not None:
            report["changed"] = self.changed
        return report


@dataclass(frozen=True, slots=True)
class SimulatedFile:
    """A file to be written: name, bytes, content of its digest file (None: the right one), and its plan."""

    name: str
    content: bytes
    digest: bytes | None
    plan: FilePlan


def add_up(totals: Iterable[Total]) -> Total:
    """The sum of several totals."""
    parts = list(totals)
    return Total(
        sum(part.lines for part in parts),
        sum((part.amount for part in parts), ZERO),
        sum((part.debited for part in parts), ZERO),
        sum(part.repeated for part in parts),
    )


def plan_lines(plan: FilePlan, planted: list[Planted]) -> None:
    """Fill in lines, buckets and counters of a plan from the lines of its file, in their order."""
    plan.lines = [
        PlannedLine(number, one.plant, one.bucket, one.ref, one.amount, one.debited, one.repeated)
        for number, one in enumerate(planted, start=1)
    ]
    by_bucket: dict[Bucket, list[PlannedLine]] = {bucket: [] for bucket in Bucket}
    for line in plan.lines:
        by_bucket[line.bucket].append(line)
    for bucket, lines in by_bucket.items():
        plan.buckets[bucket] = Total(
            len(lines),
            sum((line.amount for line in lines), ZERO),
            sum((line.debited for line in lines), ZERO),
            sum(line.repeated for line in lines),
        )
    plan.planted = dict(sorted(Counter(str(line.plant) for line in plan.lines).items()))

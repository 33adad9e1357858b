"""Statements and settlements for tests: lines as values, a header that fits them (or not), and the file going down."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bureau import audit
from bureau.clock import BUREAU_ZONE
from bureau.models import User
from payments.files.exchanges import statement_name, text_file, treasury_name
from payments.models import BankFile, Order, Payment
from payments.services import intake, reports, river, settlements
from payments.services.reports import Report
from payments.states import FileKind
from tests import builders
from tests.payments import kit
from tests.payments.test_orders import LATER, REGION, open_for, pay, people

DAY = date(2024, 10, 10)
RECEIVED = datetime(2024, 10, 11, 2, 0, tzinfo=UTC)
PRICE = Decimal("400.00")


@dataclass(frozen=True)
class Said:
    """A line of a statement; ``turn`` 1 received, 2 returned."""

    serial: str
    ref: str = ""
    amount: Any = PRICE
    at: datetime = LATER
    turn: int = 1

    @property
    def fields(self) -> tuple[Any, ...]:
        """Without the number."""
        return (
            self.serial,
            self.ref,
            self.amount,
            f"{self.at.astimezone(BUREAU_ZONE):%Y%m%d%H%M%S}",
            self.turn,
        )


@dataclass(frozen=True)
class Settled:
    """A line of a settlement."""

    number: int | str
    voucher: str = ""
    amount: Any = PRICE
    on: date = DAY

    @property
    def fields(self) -> tuple[Any, ...]:
        """Without the number."""
        voucher = self.voucher or f"3450{int(self.number) % 10**14:014d}"
        return (voucher, self.number, self.amount, f"{self.on:%Y%m%d}")


def clerk() -> User:
    """Somebody who brings files."""
    with audit.acting(by=None, why="a test's staff"):
        return builders.make_staff("clerk", REGION)


def _yuan(lines: Sequence[Any], turn: int) -> str:
    return (
        f"{sum((Decimal(line.amount) for line in lines if getattr(line, 'turn', 1) == turn), Decimal(0)):.2f}"
    )


def statement(
    lines: Sequence[Said], channel: str = "WECHAT", day: date = DAY, region: str = REGION, **claims: Any
) -> bytes:
    """A statement's bytes; ``claims`` replace what its header says (count, received, returned)."""
    said = {"count": len(lines)} | claims
    received = said.get("received") or _yuan(lines, 1)
    returned = said.get("returned") or _yuan(lines, 2)
    head = ("S", "1.0", region, channel, f"{day:%Y%m%d}", said["count"], received, returned)
    return b"".join(text_file(head, ((seq, *line.fields) for seq, line in enumerate(lines, start=1))))


def treasury(lines: Sequence[Settled], day: date = DAY, region: str = REGION, **claims: Any) -> bytes:
    """A settlement's bytes."""
    said = {"count": len(lines)} | claims
    total = said.get("amount") or _yuan(lines, 1)
    head = ("T", "1.0", region, "1900", f"{day:%Y%m%d}", said["count"], total)
    return b"".join(text_file(head, ((seq, *line.fields) for seq, line in enumerate(lines, start=1))))


def bring(
    content: bytes, kind: FileKind, by: User, name: str = "", at: datetime = RECEIVED
) -> intake.Received:
    """The file enters; nothing is processed yet."""
    way = settlements.statement_of() if kind == FileKind.STATEMENT else settlements.treasury_of()
    made = statement_name("WECHAT", REGION, DAY) if kind == FileKind.STATEMENT else treasury_name(REGION, DAY)
    return intake.receive(
        source=io.BytesIO(content),
        name=name or made,
        digest=None,
        by=by,
        at=at,
        kind=kind,
        course=way,
        action=settlements.ACTION,
    )


def flow(content: bytes, kind: FileKind, by: User, at: datetime = RECEIVED) -> Report:
    """Bring and process; the report."""
    received = bring(content, kind, by, at=at)
    again = isinstance(received.refusal, intake.AlreadyReceived)
    if received.refusal is None:
        river.process(file_id=received.file.pk, at=at)
    return reports.report_of(BankFile.objects.get(pk=received.file.pk), already=again)


def stated(lines: Sequence[Said], by: User, at: datetime = RECEIVED, **header: Any) -> Report:
    """A statement of these lines goes down the river."""
    return flow(statement(lines, **header), FileKind.STATEMENT, by, at)


def settled(lines: Sequence[Settled], by: User, at: datetime = RECEIVED, **header: Any) -> Report:
    """A settlement of these lines goes down the river."""
    return flow(treasury(lines, **header), FileKind.TREASURY, by, at)


def paid(count: int, channel: str = "WECHAT") -> list[Order]:
    """As many persons, each with an order of the channel that is paid: serials S1, S2, ..."""
    return [
        pay(open_for(person, channel=channel), serial=f"S{number}")
        for number, person in enumerate(people(count), start=1)
    ]


def payment_of(order: Order) -> Payment:
    """The payment of an order for one person."""
    return Payment.objects.get(line_id=order.lines.get().pk)


def lines_of(report: Report) -> dict[str, int]:
    """The outcomes that are there, by name."""
    return {name: row["lines"] for name, row in report["outcomes"].items() if row["lines"]}


def adds_up(report: Report, received: Decimal | str, returned: Decimal | str = "0.00") -> None:
    """Each line of the file is in one outcome, to the fen."""
    theirs = [row for name, row in report["outcomes"].items() if name != "OURS_ONLY"]
    assert sum(row["lines"] for row in theirs) == report["lines"]
    assert sum(Decimal(row["amount"]) for row in theirs) == Decimal(received)
    assert sum(Decimal(row["returned"]) for row in theirs) == Decimal(returned)


__all__ = [
    "DAY",
    "LATER",
    "PRICE",
    "RECEIVED",
    "REGION",
    "Said",
    "Settled",
    "kit",
    "open_for",
    "pay",
    "people",
    "timedelta",
]

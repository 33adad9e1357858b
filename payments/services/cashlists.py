"""The daily list of a village agent, looked at, then taken in by receipt: a bad one never stops a good one, twice is once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.sheets.limits import IN_A_REQUEST
from bureau.sheets.reader import open_list
from bureau.sheets.rows import Row
from payments.files.cashlist import LAYOUT, Line
from payments.models import CashReceipt
from payments.services import agents


class DaysDiffer(BureauError):
    """One receipt, one day."""

    code = "RECEIPT_DAYS_DIFFER"
    message = gettext_noop("The rows of receipt %(receipt)s name several days.")


@dataclass(frozen=True)
class Outcome:
    """What a receipt, or a row that cannot be read, came to; ``error`` None: posted, or (``again``) known before."""

    lines: Sequence[int]
    receipt: str
    amount: Decimal | None = None
    error: BureauError | None = None
    column: str = ""
    again: bool = False


@dataclass
class Taken:
    """A list's outcomes."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def posted(self) -> int:
        """Receipts posted now."""
        return sum(one.error is None and not one.again for one in self.outcomes)


def take(*, path: Path, agent_id: int, year: int, by: User, at: datetime) -> Taken:
    """Read the list at ``path`` and key in each of its receipts. Raises a SheetRefused where it is no such list, NotAllowed."""
    found = Taken()
    receipts: dict[tuple[str, int], list[tuple[int, Line]]] = {}
    with open_list(path, layout=LAYOUT, limits=IN_A_REQUEST) as sheet:
        for row in sheet.rows:
            if row.fault is not None:
                found.outcomes.append(_faulty(row))
            else:
                line = Line(*row.values)
                receipts.setdefault(line.receipt, []).append((row.line, line))
    broken = {one.receipt for one in found.outcomes}
    for receipt, lines in receipts.items():
        if f"{receipt[0]}{receipt[1]:08d}" not in broken:
            found.outcomes.append(_receipt(receipt, lines, agent_id, year, by, at))
    found.outcomes.sort(key=lambda one: one.lines[0])
    return found


def look(*, path: Path, agent_id: int, year: int, by: User, at: datetime) -> Taken:
    """What would become of the list now, receipt by receipt; changes nothing. Raises as :func:`take`."""
    with transaction.atomic():
        found = take(path=path, agent_id=agent_id, year=year, by=by, at=at)
        transaction.set_rollback(True)
    return found


def _faulty(row: Row) -> Outcome:
    receipt = row.values[0] if row.values else None
    written = f"{receipt[0]}{receipt[1]:08d}" if receipt else ""
    return Outcome(
        [row.line],
        written,
        error=row.fault.error if row.fault else None,
        column=row.fault.column if row.fault else "",
    )


def _receipt(
    receipt: tuple[str, int],
    lines: Sequence[tuple[int, Line]],
    agent_id: int,
    year: int,
    by: User,
    at: datetime,
) -> Outcome:
    numbers = [number for number, _line in lines]
    amount = sum((line.amount for _number, line in lines), Decimal("0.00"))
    written = f"{receipt[0]}{receipt[1]:08d}"
    known = CashReceipt.objects.filter(series=receipt[0], number=receipt[1], agent=agent_id, amount=amount)
    if known.exists():
        return Outcome(numbers, written, amount, again=True)
    try:
        agents.key_in(
            agent_id=agent_id,
            receipt=receipt,
            year=year,
            insured=[agents.Insured(line.id_number, line.name) for _number, line in lines],
            amount=amount,
            paid_on=_day(written, lines, at),
            consent=False,
            by=by,
            at=at,
        )
    except BureauError as error:
        return Outcome(numbers, written, amount, error=error)
    return Outcome(numbers, written, amount)


def _day(written: str, lines: Sequence[tuple[int, Line]], at: datetime) -> date:
    days = {line.paid_on or day_of(at) for _number, line in lines}
    if len(days) != 1:
        raise DaysDiffer(receipt=written)
    return days.pop()

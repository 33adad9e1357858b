"""The columns of a list, and what a cell of each kind may hold: one value, or one named fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bureau.characters import is_clean
from bureau.errors import BureauError, gettext_noop
from bureau.money import AmountError, parse_yuan
from bureau.sheets import refusals
from bureau.sheets.package import column_letters

_DAY = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_CHINESE_DAY = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_MONTH = re.compile(r"([0-9]{4})(?:-|/|年)?([0-9]{1,2})月?")
_FIRST, _LAST = date(1850, 1, 1), date(2199, 12, 31)


class CellFault(BureauError):
    """Base of what can be wrong with one cell. ``expected`` says what should stand there."""

    code = "CELL"
    message = gettext_noop("The cell cannot be read.")


class CellEmpty(CellFault):
    code = "CELL_EMPTY"
    message = gettext_noop("The cell is empty; a value is needed.")


class CellNumber(CellFault):
    code = "CELL_NUMBER"
    message = gettext_noop("The cell is a number; format the column as text and type the value again.")


class CellDate(CellFault):
    code = "CELL_DATE"
    message = gettext_noop("This is not a day; write it as 2025-01-31.")


class CellNoDate(CellFault):
    code = "CELL_IS_DATE"
    message = gettext_noop("The cell is a date; format the column as text and type the value again.")


class CellFormula(CellFault):
    code = "CELL_FORMULA"
    message = gettext_noop("Formula in column %(column)s; copy the column and paste its values.")


class CellMistake(CellFault):
    code = "CELL_MISTAKE"
    message = gettext_noop("The cell shows a mistake of the spreadsheet (such as #N/A); type the value.")


class CellLong(CellFault):
    code = "CELL_LONG"
    message = gettext_noop("The cell has more than %(limit)s characters.")


class CellCharacters(CellFault):
    code = "CELL_CHARACTERS"
    message = gettext_noop(
        "The cell holds characters that cannot be seen (control or direction marks); type it again."
    )


class CellChoice(CellFault):
    code = "CELL_CHOICE"
    message = gettext_noop("Not one of the values of this column: %(choices)s.")


class CellAmount(CellFault):
    code = "CELL_AMOUNT"
    message = gettext_noop("This is not an amount in yuan; write it as 400.00.")


class CellForbidden(CellFault):
    code = "CELL_FORBIDDEN"
    message = gettext_noop(
        "Column not allowed for your role: leave it empty; such a change is a case of its own."
    )


class RowShort(CellFault):
    code = "ROW_SHORT"
    message = gettext_noop("The row has %(found)s cells; %(expected)s are expected.")


class RowLong(CellFault):
    code = "ROW_LONG"
    message = gettext_noop("The row has a value beyond the last column (%(column)s).")


Parse = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name; ``parse`` turns a cell that is not empty into a value or raises a CellFault."""

    key: str
    name: str
    parse: Parse
    needed: bool = True
    filled: bool = True
    shown: str = "text"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of list; ``forbidden`` names columns that may stand there but must be empty."""

    columns: Sequence[Column]
    forbidden: frozenset[str] = frozenset()
    names: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {column.name: column for column in self.columns})


def text(most: int = 100) -> Parse:
    """Text with its blanks made single; anything else than text is a fault."""

    def parse(cell: Any) -> str:
        if type(cell) is not str:
            raise CellNoDate() if isinstance(cell, date | time) else CellNumber()
        if len(cell) > most:
            raise CellLong(limit=most)
        if not cell.isprintable():
            cell = cell.replace("\t", " ").replace("\r", " ").replace("\n", " ")
            if not is_clean(cell):
                raise CellCharacters()
            return " ".join(cell.split())
        # Of all blanks only the usual one is printable.
        return " ".join(cell.split()) if " " in cell else cell

    return parse


def digits(most: int = 20) -> Parse:
    """A phone number: text, or a whole number short enough to be exact."""
    words = text(most)

    def parse(cell: Any) -> str:
        if type(cell) is float and cell.is_integer() and 0 <= cell < 10**15:
            cell = str(int(cell))
        return words(cell)

    return parse


def choice(values: Mapping[str, str], *, shown: str = "") -> Parse:
    """One of the names or codes of a closed list."""
    listed = shown or ", ".join(values)

    def parse(cell: Any) -> str:
        if type(cell) is str and (found := values.get(cell)) is not None:
            return found
        if isinstance(cell, float | int) and not isinstance(cell, bool) and float(cell).is_integer():
            cell = str(int(cell))  # a code without leading zeros means the same as text
        found = values.get(cell.strip()) if type(cell) is str else None
        if found is None:
            raise CellChoice(choices=listed)
        return found

    return parse


def day(cell: Any) -> date:
    """A day: a cell formatted as a date, or text such as 2025-01-31, 2025/1/31, 20250131 or 2025年1月31日."""
    if type(cell) is datetime:
        if cell.time() != time():
            raise CellDate()
        cell = cell.date()
    elif type(cell) is str:
        cell = _typed_day(cell.strip())
    elif type(cell) is not date:
        raise CellDate()
    if not _FIRST <= cell <= _LAST:
        raise CellDate()
    return cell


def _typed_day(written: str) -> date:
    if len(written) == 10 and written[4] == "-" == written[7] and written.isascii():
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise CellDate() from None
    found = _DAY.fullmatch(written) or _CHINESE_DAY.fullmatch(written)
    if found is None:
        raise CellDate()
    year, month, number = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, number)
    except ValueError:
        raise CellDate() from None


def month(cell: Any) -> date:
    """A month as its first day: 2025-01, 202501, 2025年1月, or a day in it."""
    if type(cell) is str and (found := _MONTH.fullmatch(cell.strip())):
        if 1 <= int(found[2]) <= 12 and 1850 <= int(found[1]) <= 2199:
            return date(int(found[1]), int(found[2]), 1)
        raise CellDate()
    return day(cell).replace(day=1)


def yuan(cell: Any) -> Decimal:
    """An amount in yuan; a number cell counts when it has at most two decimals."""
    if type(cell) in (float, int) and not isinstance(cell, bool):
        cell = f"{cell:.2f}" if round(cell, 2) == cell else ""
    if type(cell) is not str:
        raise CellAmount()
    try:
        return parse_yuan(cell.strip())
    except AmountError:
        raise CellAmount() from None


def anything(cell: Any) -> str:
    """A column that is kept for people and read by nobody."""
    if isinstance(cell, timedelta | time):
        raise CellDate()
    return str(cell)[:200]


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column of the layout stands (0-based), and the forbidden ones."""

    places: Sequence[tuple[int, Column]]
    forbidden: Sequence[tuple[int, str]]
    width: int


def match_header(cells: Sequence[Any], layout: Layout) -> Header:
    """Find the layout's columns in row 1, in any order.

    Raises HeaderDuplicate, HeaderUnknown, HeaderMissing, SheetEmpty.
    """
    names = [" ".join(cell.split()) if isinstance(cell, str) else str(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not any(names):
        raise refusals.SheetEmpty()
    expected = ", ".join(column.name for column in layout.columns)
    found = ", ".join(name or "–" for name in names)
    unknown = [name or "–" for name in names if name not in layout.names and name not in layout.forbidden]
    missing = [column.name for column in layout.columns if column.needed and column.name not in names]
    for at, name in enumerate(names):
        if name and name in names[:at]:
            raise refusals.HeaderDuplicate(
                name=name, first=column_letters(names.index(name) + 1), second=column_letters(at + 1)
            )
    if missing:
        raise refusals.HeaderMissing(missing=", ".join(missing), expected=expected, found=found)
    if unknown:
        raise refusals.HeaderUnknown(unknown=", ".join(unknown), expected=expected, found=found)
    return Header(
        [(at, layout.names[name]) for at, name in enumerate(names) if name in layout.names],
        [(at, name) for at, name in enumerate(names) if name in layout.forbidden],
        len(names),
    )


def header_elsewhere(rows: Sequence[Sequence[Any]], layout: Layout) -> int | None:
    """The row (1-based) among the first ones that holds every needed column, where row 1 does not."""
    needed = {column.name for column in layout.columns if column.needed}
    for line, cells in enumerate(rows, start=1):
        if needed <= {" ".join(cell.split()) for cell in cells if isinstance(cell, str)}:
            return line if line > 1 else None
    return None

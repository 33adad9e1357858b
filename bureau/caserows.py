"""Rows of a CSV file of cases: read strictly, each bad row named with its line and column, the others kept.

What a column holds is the caller's; here are the heading, the shapes of cells, and the errors that know their place.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from bureau.errors import BureauError, gettext_noop, render
from bureau.money import AmountError, parse_yuan

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,3}")
YEARS = range(1900, 2201)
E = TypeVar("E", bound=StrEnum)


class CaseError(BureauError):
    """A row, or the heading, that cannot be read: `line` is its first line in the file."""

    code = "case_invalid"
    message = gettext_noop("line %(line)s, column %(column)s: %(reason)s")


class Row:
    """The cells of one row by heading, with errors that know their place."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line = line
        self.cells = cells

    def error(self, column: str, reason: str) -> CaseError:
        """What is wrong in a column of this row."""
        return CaseError(line=self.line, column=column, reason=reason)

    def text(self, column: str) -> str:
        """The cell without blanks around it; "" where the column is absent."""
        return self.cells.get(column, "").strip()

    def needed(self, column: str) -> str:
        """The cell, which must not be empty."""
        text = self.text(column)
        if not text:
            raise self.error(column, "is empty")
        return text

    def day(self, column: str) -> date | None:
        """A date written YYYY-MM-DD, or None for an empty cell."""
        text = self.text(column)
        if not text:
            return None
        if _DAY.fullmatch(text) is None:
            raise self.error(column, f"{text!r} is not a date written YYYY-MM-DD")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise self.error(column, f"{text!r} is not a date of the calendar") from None
        if day.year not in YEARS:
            raise self.error(column, f"{text!r} lies outside the years 1900 to 2200")
        return day

    def needed_day(self, column: str) -> date:
        """A date, which must not be missing."""
        day = self.day(column)
        if day is None:
            raise self.error(column, "is empty")
        return day

    def flag(self, column: str) -> bool:
        """0 or 1; empty is 0."""
        text = self.text(column)
        if text not in {"", "0", "1"}:
            raise self.error(column, f"{text!r} is neither 0 nor 1")
        return text == "1"

    def count(self, column: str) -> int:
        """A small whole number; empty is 0."""
        text = self.text(column) or "0"
        if _COUNT.fullmatch(text) is None:
            raise self.error(column, f"{text!r} is not a number of years")
        return int(text)

    def yuan(self, column: str) -> Decimal | None:
        """An amount in yuan, or None for an empty cell."""
        text = self.text(column)
        if not text:
            return None
        try:
            return parse_yuan(text)
        except AmountError as error:
            raise self.error(column, render(error)) from None

    def choice(self, column: str, known: type[E], default: E | None = None) -> E:
        """One of the codes of ``known``; an empty cell is the default, or an error without one."""
        text = self.text(column)
        if not text and default is not None:
            return default
        if text not in {member.value for member in known}:
            raise self.error(column, f"{text!r} is none of {', '.join(member.value for member in known)}")
        return known(text)


def read_rows(
    lines: Iterable[str],
    *,
    needed: Sequence[str],
    known: Collection[str],
    passed_over: Collection[str],
    what: str,
) -> Iterator[Row | CaseError]:
    """Read CSV lines (opened with newline=""); a bad row comes as its error, and reading goes on.

    ``what`` names the kind of cases in an error. Raises CaseError where the heading cannot be read.
    """
    rows = _rows(lines)
    line, cells = next(rows, (1, []))
    if isinstance(cells, CaseError):
        raise cells
    headings = _headings(line, cells, needed, {*known, *passed_over}, what)
    for line, cells in rows:
        if isinstance(cells, CaseError):
            yield cells
        elif cells:
            yield _row(line, headings, cells)


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str] | CaseError]]:
    """Each row with the number of its first line; a row that is not CSV as its error."""
    reader = csv.reader(lines, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            yield first, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first, CaseError(line=first, column="-", reason=f"the row is not CSV ({error})")


def _headings(
    line: int, cells: list[str], needed: Sequence[str], may_stand: Collection[str], what: str
) -> list[str]:
    headings = [cell.strip() for cell in cells]
    if headings:
        headings[0] = headings[0].removeprefix("\ufeff")
    for name in needed:
        if name not in headings:
            raise CaseError(line=line, column=name, reason="is missing from the heading")
    for position, name in enumerate(headings):
        if name in headings[:position]:
            raise CaseError(line=line, column=name, reason="stands twice in the heading")
        if name not in may_stand:
            raise CaseError(
                line=line, column=name or f"no. {position + 1}", reason=f"is not a column of {what}"
            )
    return headings


def _row(line: int, headings: list[str], cells: list[str]) -> Row | CaseError:
    if len(cells) == len(headings):
        return Row(line, dict(zip(headings, cells, strict=True)))
    column = headings[len(cells)] if len(cells) < len(headings) else f"no. {len(headings) + 1}"
    reason = f"the row has {len(cells)} cells, the heading {len(headings)}"
    return CaseError(line=line, column=column, reason=reason)

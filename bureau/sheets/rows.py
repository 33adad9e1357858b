"""Rows of cells -> rows of values, each whole or with the fault that is named first; a bad row never stops a good one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bureau.sheets import refusals
from bureau.sheets.columns import (
    CellEmpty,
    CellFault,
    CellForbidden,
    CellFormula,
    CellMistake,
    Header,
    Layout,
    RowLong,
    RowShort,
)
from bureau.sheets.package import column_letters, column_number


class Fault(NamedTuple):
    """What is wrong, in which column (by its name, else its letters), and what stands there."""

    error: CellFault
    column: str
    value: str


class Row(NamedTuple):
    """A row by its number in the file (the header is 1): its values in the order of the layout, and its first fault."""

    line: int
    values: Sequence[Any]
    fault: Fault | None


def read_rows(
    raw: Iterable[tuple[int, Sequence[Any]]],
    *,
    header: Header,
    layout: Layout,
    most: int,
    exact: bool = False,
    formulas: Mapping[int, Sequence[str]] | None = None,
    mistakes: Mapping[int, Sequence[str]] | None = None,
) -> Iterator[Row]:
    """The rows after the header; empty ones are passed over. ``exact``: a row must have as many cells as the header.

    Raises SheetRows beyond ``most`` rows.
    """
    place = {column.name: at for at, column in enumerate(layout.columns)}
    plan = [
        (at, column.name, column.parse, column.filled, place[column.name]) for at, column in header.places
    ]
    empty = [None] * len(layout.columns)
    marked: Mapping[int, tuple[str, type[CellFault]]] = {
        **{line: (letters[0], CellMistake) for line, letters in (mistakes or {}).items()},
        **{line: (letters[0], CellFormula) for line, letters in (formulas or {}).items()},
    }
    forbidden, width, read = header.forbidden, header.width, 0
    for line, cells in raw:
        if (
            (not cells or not cells[0])
            and line not in marked
            and not any(cell not in ("", None) for cell in cells)
        ):
            continue
        read += 1
        if read > most:
            raise refusals.SheetRows(limit=most)
        fault = None
        if line in marked or len(cells) != width or forbidden:
            fault = _shape(line, cells, header, marked, exact=exact)
        if fault is not None:
            yield Row(line, (), fault)
            continue
        values = empty.copy()
        name, cell = "", None
        try:
            for at, name, parse, filled, into in plan:  # noqa: B007 - the fault names its column
                cell = cells[at]
                if cell == "" or cell is None:
                    if filled:
                        raise CellEmpty()
                    continue
                value = parse(cell)
                if value == "" and filled:
                    raise CellEmpty()
                values[into] = value
        except CellFault as error:
            yield Row(line, _readable(cells, plan, empty), Fault(error, name, shown(cell)))
            continue
        yield Row(line, values, None)


def _readable(cells: Sequence[Any], plan: Sequence[tuple[Any, ...]], empty: Sequence[Any]) -> Sequence[Any]:
    """The values of a row in error that can be read all the same."""
    values = list(empty)
    for at, _name, parse, _filled, into in plan:
        try:
            values[into] = None if cells[at] == "" else parse(cells[at])
        except CellFault:
            continue
    return values


def shown(cell: Any) -> str:
    """A cell as text, cut to what a message can hold. Numbers are shown as the spreadsheet would."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**20:
        return f"{cell:.0f}"
    return "" if cell is None else str(cell)[:60]


def _shape(
    line: int,
    cells: Sequence[Any],
    header: Header,
    marked: Mapping[int, tuple[str, type[CellFault]]],
    *,
    exact: bool,
) -> Fault | None:
    """What is wrong with a row before its cells are looked at one by one."""
    if line in marked:
        letters, kind = marked[line]
        names = {at: column.name for at, column in header.places}
        return Fault(kind(column=letters), names.get(column_number(letters) - 1, letters), "")
    for at, cell in enumerate(cells[header.width :], start=header.width):
        if cell != "" and cell is not None:
            return Fault(RowLong(column=column_letters(header.width)), column_letters(at + 1), shown(cell))
    if len(cells) < header.width:
        return Fault(RowShort(found=len(cells), expected=header.width), "", "")
    if exact and len(cells) > header.width:
        return Fault(RowLong(column=column_letters(header.width)), column_letters(header.width + 1), "")
    for at, name in header.forbidden:
        if cells[at] != "" and cells[at] is not None:
            return Fault(CellForbidden(), name, shown(cells[at]))
    return None

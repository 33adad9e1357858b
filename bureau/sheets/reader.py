"""A list of any kind of file -> checked header, warnings, and rows of typed values with their line numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import python_calamine

from bureau.errors import gettext_noop
from bureau.sheets import delimited, refusals
from bureau.sheets.columns import Header, Layout, header_elsewhere, match_header
from bureau.sheets.limits import Limits
from bureau.sheets.package import Package, Seen, SheetEntry
from bureau.sheets.rows import Row, read_rows

HIDDEN_ROWS = gettext_noop("%(number)s rows are hidden or filtered out; they are read like all others.")
DIMENSION_DIFFERS = gettext_noop("The workbook says it has %(said)s rows; %(read)s were counted and read.")
AS_GB18030 = gettext_noop("The file was read as GB18030.")
_LOOK = 20

Warning_ = dict[str, Any]


@dataclass(frozen=True)
class OpenList:
    """An opened list; ``rows`` may be read once. ``held``: a second person must look, whatever the number of rows."""

    sheet: str
    warnings: list[Warning_]
    held: bool
    expected_rows: int
    rows: Iterator[Row]


@contextmanager
def open_list(path: Path, *, layout: Layout, limits: Limits, sheet: str = "") -> Iterator[OpenList]:
    """Open the list at ``path``; ``sheet`` names the sheet where a workbook has several.

    Raises a subclass of refusals.SheetRefused (SheetChoice: several sheets and none named), here or while rows are read.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        package = Package(path, limits)
        try:
            yield _open_workbook(path, package, layout, limits, sheet)
        finally:
            package.close()
    else:
        yield _open_csv(path, layout, limits)


def _open_csv(path: Path, layout: Layout, limits: Limits) -> OpenList:
    text, encoding = delimited.read_text(path, limits)
    lines = text.count("\n") + (not text.endswith("\n"))
    raw = delimited.rows(text, limits)
    first = list(islice(raw, 1))
    if not first:
        raise refusals.SheetEmpty()
    delimited.check_separator(first[0][1], list(layout.names))
    header, ahead = _header(first, raw, layout)
    warnings = [_warning("READ_AS_GB18030", AS_GB18030)] if encoding == "GB18030" else []
    rows = read_rows(chain(ahead, raw), header=header, layout=layout, most=limits.rows, exact=True)
    return OpenList("", warnings, False, lines - 1, _at_least_one(rows))


def _open_workbook(path: Path, package: Package, layout: Layout, limits: Limits, wanted: str) -> OpenList:
    entry = _chosen(package.sheets, wanted)
    seen = package.scan(entry)
    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            sheet = book.get_sheet_by_name(entry.name)
            raw = _numbered(sheet)
    except python_calamine.CalamineError as error:
        raise refusals.SheetDamaged(part=entry.part[:60]) from error
    first = list(islice(raw, 1))
    if not first:
        raise refusals.SheetEmpty()
    header, ahead = _header(first, raw, layout)
    rows = read_rows(
        chain(ahead, raw),
        header=header,
        layout=layout,
        most=limits.rows,
        formulas=seen.formulas,
        mistakes=seen.mistakes,
    )
    return OpenList(
        entry.name, _warnings(seen), seen.hidden_rows > 0, max(seen.rows - 1, 0), _at_least_one(rows)
    )


def _numbered(sheet: python_calamine.CalamineSheet) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows by their number in the file, from column A on."""
    start = sheet.start
    if start is None:
        return iter(())
    if start == (0, 0):
        return enumerate(sheet.iter_rows(), start=1)
    return enumerate(sheet.to_python(skip_empty_area=False), start=1)


def _chosen(sheets: Sequence[SheetEntry], wanted: str) -> SheetEntry:
    if wanted:
        found = [entry for entry in sheets if entry.name == wanted]
        if not found:
            raise refusals.SheetUnknown(name=wanted[:60])
        return found[0]
    if len(sheets) != 1:
        raise refusals.SheetChoice(
            number=len(sheets),
            names=", ".join(entry.name for entry in sheets)[:300],
            sheets=[{"name": entry.name, "hidden": entry.hidden} for entry in sheets[:100]],
        )
    return sheets[0]


def _header(
    first: list[tuple[int, Sequence[Any]]], raw: Iterator[tuple[int, Sequence[Any]]], layout: Layout
) -> tuple[Header, list[tuple[int, Sequence[Any]]]]:
    """The matched header, and the rows that were read ahead to judge it."""
    cells = first[0][1]
    ahead: list[tuple[int, Sequence[Any]]] = []
    try:
        return match_header(cells, layout), ahead
    except refusals.SheetRefused:
        ahead = list(islice(raw, _LOOK))
        at = header_elsewhere([cells, *(row for _, row in ahead)], layout)
        if at is not None:
            raise refusals.HeaderNotFirst(line=at) from None
        raise


def _warnings(seen: Seen) -> list[Warning_]:
    found = []
    if seen.hidden_rows:
        found.append(_warning("HIDDEN_ROWS", HIDDEN_ROWS, number=seen.hidden_rows))
    if seen.said_rows is not None and seen.said_rows != max(seen.last_row, 1):
        found.append(
            _warning("DIMENSION_DIFFERS", DIMENSION_DIFFERS, said=seen.said_rows, read=seen.last_row)
        )
    return found


def _warning(code: str, message: str, **params: Any) -> Warning_:
    return {"code": code, "message": message, "params": params}


def _at_least_one(rows: Iterator[Row]) -> Iterator[Row]:
    """A list without a row is an empty list."""
    row = None
    for row in rows:
        yield row
    if row is None:
        raise refusals.SheetEmpty()

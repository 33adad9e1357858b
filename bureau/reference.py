"""The reference data that ships with the project, as rows: regions of GB/T 2260 and the working days.

Readers only; the columns are described in bureau/fixtures/README.md. A row that does not fit stops the
reading, because a half-read table of regions is worse than none.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bureau.errors import BureauError, gettext_noop

FIXTURES = Path(__file__).resolve().parent / "fixtures"
REGIONS = FIXTURES / "regions.csv"
WORKDAYS = FIXTURES / "workdays.csv"
REGION_COLUMNS = ("code", "name", "level", "parent", "valid_from", "valid_to", "online_enabled")
WORKDAY_COLUMNS = ("day", "is_workday", "note")


class ReferenceRowInvalid(BureauError):
    """A row of a shipped table cannot be read; `line` is its number in the file."""

    code = "REFERENCE_ROW_INVALID"
    message = gettext_noop("%(file)s, line %(line)s cannot be read.")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A division: level 1 province, 2 prefecture, 3 county; `parent` is "" for a province."""

    code: str
    name: str
    level: int
    parent: str
    valid_from: date | None
    valid_to: date | None
    online_enabled: bool


@dataclass(frozen=True, slots=True)
class WorkdayRow:
    """A day of the calendar and why it is unusual, if it is."""

    day: date
    is_workday: bool
    note: str


def read_regions(path: Path = REGIONS) -> Iterator[RegionRow]:
    """The regions of a CSV file in its order; raises ReferenceRowInvalid."""
    flags = {"true": True, "false": False}
    for line, row in _rows(path, REGION_COLUMNS):
        try:
            yield RegionRow(
                code=row["code"],
                name=row["name"],
                level=int(row["level"]),
                parent=row["parent"],
                valid_from=_day(row["valid_from"]),
                valid_to=_day(row["valid_to"]),
                online_enabled=flags[row["online_enabled"]],
            )
        except (KeyError, ValueError):
            raise ReferenceRowInvalid(file=path.name, line=line) from None


def read_workdays(path: Path = WORKDAYS) -> Iterator[WorkdayRow]:
    """The days of a CSV file in its order; raises ReferenceRowInvalid."""
    flags = {"1": True, "0": False}
    for line, row in _rows(path, WORKDAY_COLUMNS):
        try:
            yield WorkdayRow(date.fromisoformat(row["day"]), flags[row["is_workday"]], row["note"])
        except (KeyError, ValueError):
            raise ReferenceRowInvalid(file=path.name, line=line) from None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        if tuple(next(reader, ())) != columns:
            raise ReferenceRowInvalid(file=path.name, line=1)
        for cells in reader:
            if len(cells) != len(columns):
                raise ReferenceRowInvalid(file=path.name, line=reader.line_num)
            yield reader.line_num, dict(zip(columns, cells, strict=True))

"""Coverage cases from a CSV file: read, decided, and written back with their explanation.

Columns: case_id, policy and pay_date are needed; birth_date, newborn (0/1), missed_years (2025;2026),
repair_years, special_group, special_event_date and employee_stop_date may be empty or absent; expected_* and
note are passed over. A payment date is a date, or a moment that becomes its day in Asia/Shanghai (one without
a zone is taken as written there).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bureau.errors import BureauError, gettext_noop, render
from enrollment.coverage import Decision, Facts, decide
from enrollment.policy import Terms
from enrollment.policyfile import PolicyRowError

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEEDED = ("case_id", "policy", "pay_date")
KNOWN = (
    *NEEDED,
    "birth_date",
    "newborn",
    "missed_years",
    "repair_years",
    "special_group",
    "special_event_date",
    "employee_stop_date",
)
PASSED_OVER = ("expected_start", "expected_end", "expected_rule", "expected_wait_months", "note")
OUTPUT = ("case_id", "start", "end", "rule", "wait_months", "explain")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)
_YEAR = re.compile(r"(19|20|21)[0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,3}")
_YEARS = range(1900, 2201)


class CaseError(BureauError):
    """A row, or the heading, that cannot be read: `line` is its first line in the file."""

    code = "case_invalid"
    message = gettext_noop("line %(line)s, column %(column)s: %(reason)s")


@dataclass(frozen=True, slots=True)
class Case:
    """A readable row."""

    case_id: str
    terms: Terms
    facts: Facts
    pay_date: date


Policies = Mapping[str, Terms | PolicyRowError]


class _Row:
    """The cells of one row by heading, with errors that know their place."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line = line
        self.cells = cells

    def error(self, column: str, reason: str) -> CaseError:
        return CaseError(line=self.line, column=column, reason=reason)

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def needed(self, column: str) -> str:
        text = self.text(column)
        if not text:
            raise self.error(column, "is empty")
        return text

    def day(self, column: str) -> date | None:
        text = self.text(column)
        if not text:
            return None
        if _DAY.fullmatch(text) is None:
            raise self.error(column, f"{text!r} is not a date written YYYY-MM-DD")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise self.error(column, f"{text!r} is not a date of the calendar") from None
        if day.year not in _YEARS:
            raise self.error(column, f"{text!r} lies outside the years 1900 to 2200")
        return day

    def pay_date(self) -> date:
        text = self.needed("pay_date")
        if _MOMENT.fullmatch(text) is not None:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                raise self.error("pay_date", f"{text!r} is not a moment of the calendar") from None
            if moment.year in _YEARS:
                return (moment.astimezone(SHANGHAI) if moment.tzinfo is not None else moment).date()
            raise self.error("pay_date", f"{text!r} lies outside the years 1900 to 2200")
        if _DAY.fullmatch(text) is None:
            raise self.error(
                "pay_date", f"{text!r} is neither a date YYYY-MM-DD nor a moment such as 2025-02-28T16:30Z"
            )
        day = self.day("pay_date")
        if day is None:
            raise self.error("pay_date", "is empty")
        return day

    def flag(self, column: str) -> bool:
        text = self.text(column)
        if text not in {"", "0", "1"}:
            raise self.error(column, f"{text!r} is neither 0 nor 1")
        return text == "1"

    def count(self, column: str) -> int:
        text = self.text(column) or "0"
        if _COUNT.fullmatch(text) is None:
            raise self.error(column, f"{text!r} is not a number of years")
        return int(text)

    def years(self, column: str) -> tuple[int, ...]:
        text = self.text(column)
        if not text:
            return ()
        years: set[int] = set()
        for part in text.split(";"):
            if _YEAR.fullmatch(part.strip()) is None:
                raise self.error(column, f"{part!r} is not a year; years are separated by semicolons")
            years.add(int(part))
        return tuple(sorted(years))


def read_cases(lines: Iterable[str], policies: Policies) -> Iterator[Case | CaseError]:
    """Read CSV lines (opened with newline=""); a bad row comes as its error, and reading goes on.

    Raises CaseError where the heading cannot be read.
    """
    rows = _rows(lines)
    line, cells = next(rows, (1, []))
    if isinstance(cells, CaseError):
        raise cells
    headings = _headings(line, cells)
    for line, cells in rows:
        if isinstance(cells, CaseError):
            yield cells
        elif cells:
            yield _read_case(line, headings, cells, policies)


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


def _headings(line: int, cells: list[str]) -> list[str]:
    headings = [cell.strip() for cell in cells]
    if headings:
        headings[0] = headings[0].removeprefix("\ufeff")
    for name in NEEDED:
        if name not in headings:
            raise CaseError(line=line, column=name, reason="is missing from the heading")
    for position, name in enumerate(headings):
        if name in headings[:position]:
            raise CaseError(line=line, column=name, reason="stands twice in the heading")
        if name not in KNOWN and name not in PASSED_OVER:
            raise CaseError(
                line=line, column=name or f"no. {position + 1}", reason="is not a column of coverage cases"
            )
    return headings


def _read_case(line: int, headings: list[str], cells: list[str], policies: Policies) -> Case | CaseError:
    if len(cells) != len(headings):
        column = headings[len(cells)] if len(cells) < len(headings) else f"no. {len(headings) + 1}"
        reason = f"the row has {len(cells)} cells, the heading {len(headings)}"
        return CaseError(line=line, column=column, reason=reason)
    row = _Row(line, dict(zip(headings, cells, strict=True)))
    try:
        return _case(row, policies)
    except CaseError as error:
        return error


def _case(row: _Row, policies: Policies) -> Case:
    case_id, key = row.needed("case_id"), row.needed("policy")
    terms = policies.get(key)
    if terms is None:
        raise row.error("policy", f"there is no policy {key!r} in the policy file")
    if isinstance(terms, PolicyRowError):
        raise row.error("policy", render(terms))
    birth_date, newborn = row.day("birth_date"), row.flag("newborn")
    if newborn and birth_date is None:
        raise row.error("birth_date", "is empty, and a newborn needs one")
    facts = Facts(
        birth_date=birth_date,
        newborn=newborn,
        missed_years=row.years("missed_years"),
        repair_years=row.count("repair_years"),
        special_group=row.text("special_group"),
        special_event_date=row.day("special_event_date"),
        employee_stop_date=row.day("employee_stop_date"),
    )
    return Case(case_id, terms, facts, row.pay_date())


def decide_case(case: Case) -> Decision:
    """The decision of a readable row."""
    return decide(case.terms, case.facts, case.pay_date)


def output_row(case: Case, decision: Decision, *, chinese: bool = True) -> list[str]:
    """The cells of OUTPUT; no start and end where there is no cover in the year."""
    return [
        case.case_id,
        decision.start.isoformat() if decision.start else "",
        decision.end.isoformat() if decision.end else "",
        str(decision.rule),
        str(decision.wait_months),
        decision.explain_zh if chinese else decision.explain_en,
    ]

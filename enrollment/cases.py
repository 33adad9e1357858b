"""Coverage cases from a CSV file: read, decided, and written back with their explanation.

Columns: case_id, policy and pay_date are needed; birth_date, newborn (0/1), missed_years (2025;2026),
repair_years, special_group, special_event_date and employee_stop_date may be empty or absent; expected_* and
note are passed over. A payment date is a date, or a moment that becomes its day in Asia/Shanghai (one without
a zone is taken as written there).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bureau.caserows import YEARS, CaseError, Row, read_rows
from bureau.errors import render
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


@dataclass(frozen=True, slots=True)
class Case:
    """A readable row."""

    case_id: str
    terms: Terms
    facts: Facts
    pay_date: date


Policies = Mapping[str, Terms | PolicyRowError]


class OneForAll(Mapping[str, Terms | PolicyRowError]):
    """The same terms whatever policy a case names: for trying a version on cases made for another."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def __getitem__(self, key: str) -> Terms:
        return self.terms

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Row(Row):
    """A row of coverage cases."""

    def pay_date(self) -> date:
        """A date, or a moment that becomes its day in Asia/Shanghai."""
        text = self.needed("pay_date")
        if _MOMENT.fullmatch(text) is not None:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                raise self.error("pay_date", f"{text!r} is not a moment of the calendar") from None
            if moment.year in YEARS:
                return (moment.astimezone(SHANGHAI) if moment.tzinfo is not None else moment).date()
            raise self.error("pay_date", f"{text!r} lies outside the years 1900 to 2200")
        if _DAY.fullmatch(text) is None:
            raise self.error(
                "pay_date", f"{text!r} is neither a date YYYY-MM-DD nor a moment such as 2025-02-28T16:30Z"
            )
        return self.needed_day("pay_date")

    def years(self, column: str) -> tuple[int, ...]:
        """Years separated by semicolons, in order, each once."""
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
    rows = read_rows(lines, needed=NEEDED, known=KNOWN, passed_over=PASSED_OVER, what="coverage cases")
    for row in rows:
        if isinstance(row, CaseError):
            yield row
            continue
        try:
            yield _case(_Row(row.line, row.cells), policies)
        except CaseError as error:
            yield error


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

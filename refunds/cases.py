"""Refund cases from a CSV file: read, decided, and written back with their explanation.

Columns: case_id, benefit_year, paid_amount, paid_on, payment_state, channel, reason and applied_on are needed; the
region's terms (refund_cutoff, after_start_reasons separated by semicolons, aid_applies, correction_mode, claims_block)
and the other facts may be empty or absent; expected_* and note are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bureau.caserows import YEARS, CaseError, Row, read_rows
from bureau.errors import BureauError, render
from bureau.money import yuan
from enrollment.choices import AidApplies, CorrectionMode, RefundCutoff, RefundReason
from refunds.eligibility import Decision, Facts, MoneyState, RefundTerms, decide

NEEDED = (
    "case_id", "benefit_year", "paid_amount", "paid_on", "payment_state", "channel", "reason", "applied_on",
)  # fmt: skip
KNOWN = (
    *NEEDED,
    "refund_cutoff",
    "after_start_reasons",
    "aid_applies",
    "correction_mode",
    "claims_block",
    "cover_start",
    "event_date",
    "aid_amount",
    "correct_amount",
    "claims_settled_on",
)
PASSED_OVER = ("expected_decision", "expected_amount", "expected_payee", "expected_rule", "note")
OUTPUT = ("case_id", "decision", "amount", "payee", "rule", "explain")


@dataclass(frozen=True, slots=True)
class Case:
    """A readable row."""

    case_id: str
    terms: RefundTerms
    facts: Facts


def read_cases(lines: Iterable[str]) -> Iterator[Case | CaseError]:
    """Read CSV lines (opened with newline=""); a bad row comes as its error, and reading goes on.

    Raises CaseError where the heading cannot be read.
    """
    for row in read_rows(lines, needed=NEEDED, known=KNOWN, passed_over=PASSED_OVER, what="refund cases"):
        if isinstance(row, CaseError):
            yield row
            continue
        try:
            yield Case(row.needed("case_id"), _terms(row), _facts(row))
        except CaseError as error:
            yield error


def decide_case(case: Case) -> Decision:
    """The decision of a readable row."""
    return decide(case.terms, case.facts)


def output_row(case: Case, decision: Decision, *, chinese: bool = True) -> list[str]:
    """The cells of OUTPUT."""
    return [
        case.case_id,
        decision.outcome.value,
        yuan(decision.amount),
        decision.payee.value,
        decision.rule,
        decision.explain_zh if chinese else decision.explain_en,
    ]


def _terms(row: Row) -> RefundTerms:
    default = RefundTerms()
    listed = row.text("after_start_reasons")
    return RefundTerms(
        cutoff=row.choice("refund_cutoff", RefundCutoff, default.cutoff),
        after_start_reasons=_reasons(row, listed) if listed else default.after_start_reasons,
        aid_applies=row.choice("aid_applies", AidApplies, default.aid_applies),
        correction_mode=row.choice("correction_mode", CorrectionMode, default.correction_mode),
        claims_block=row.flag("claims_block") if row.text("claims_block") else default.claims_block,
    )


def _reasons(row: Row, listed: str) -> tuple[RefundReason, ...]:
    known = {reason.value for reason in RefundReason}
    parts = [part.strip() for part in listed.split(";")]
    for part in parts:
        if part not in known:
            raise row.error(
                "after_start_reasons", f"{part!r} is no reason; reasons are separated by semicolons"
            )
    return tuple(RefundReason(part) for part in parts)


def _facts(row: Row) -> Facts:
    year = row.needed("benefit_year")
    if not (year.isascii() and year.isdigit()) or int(year) not in YEARS:
        raise row.error("benefit_year", f"{year!r} is not a year")
    paid = row.yuan("paid_amount")
    if paid is None:
        raise row.error("paid_amount", "is empty")
    values: dict[str, Any] = {
        "benefit_year": int(year),
        "paid": paid,
        "paid_on": row.needed_day("paid_on"),
        "money_state": row.choice("payment_state", MoneyState),
        "channel": row.needed("channel"),
        "reason": row.choice("reason", RefundReason),
        "applied_on": row.needed_day("applied_on"),
        "cover_start": row.day("cover_start"),
        "event_date": row.day("event_date"),
        "aid": row.yuan("aid_amount"),
        "correct": row.yuan("correct_amount"),
        "claims_settled_on": row.day("claims_settled_on"),
    }
    try:
        return Facts(**values)
    except BureauError as error:
        raise row.error("reason" if "reason" in error.params else "paid_amount", render(error)) from None

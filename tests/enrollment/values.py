"""Terms and facts for the tests: the terms of Sichuan 2025, with changes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from enrollment.coverage import Decision, Facts, decide
from enrollment.policy import Terms

DATA = Path(__file__).parent / "data"
SHIPPED = Path(__file__).parents[2] / "enrollment" / "fixtures" / "policies.json"

BASE: dict[str, Any] = {
    "benefit_year": 2025,
    "window_open": "2024-09-01",
    "window_close": "2025-02-28",
    "personal_standard": {"ALL": "400.00"},
    "fiscal_standard": {"ALL": "670.00"},
}


def make_terms(**changes: Any) -> Terms:
    """The base terms with some keys changed, read as a policy file would be."""
    return Terms.from_dict({**BASE, **changes})


def terms_of_year(year: int, **changes: Any) -> Terms:
    """The base terms moved to another year: window from 1 September to 28 February."""
    window = {"window_open": f"{year - 1}-09-01", "window_close": f"{year}-02-28"}
    return make_terms(benefit_year=year, **{**window, **changes})


def day(text: str) -> date:
    """A date from its text."""
    return date.fromisoformat(text)


def decided(terms: Terms, pay_date: str, **facts: Any) -> Decision:
    """A decision; facts given as text become dates."""
    values: dict[str, Any] = {k: day(v) if k.endswith("_date") else v for k, v in facts.items()}
    return decide(terms, Facts(**values), day(pay_date))


def outcome(decision: Decision) -> tuple[str, str | None]:
    """The rule and the start as text."""
    return str(decision.rule), decision.start.isoformat() if decision.start else None


def public_policies() -> list[dict[str, Any]]:
    """The rows of the public policy file."""
    rows: list[dict[str, Any]] = json.loads((DATA / "policies.json").read_text("utf-8"))["policies"]
    return rows

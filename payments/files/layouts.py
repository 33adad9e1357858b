"""What tells one text file of the bureau's partners from another: the first field of its header and its columns.

All keep to layout A's style (GB18030, `|` after every field, CRLF), so one reader takes them all (design: bank-files 8).
"""

from __future__ import annotations

from dataclasses import dataclass

from payments.files.limits import RESULT_COLUMNS


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout: the record letter of its header, the columns of a line, and those kept of a line that is not clean."""

    record: str
    columns: tuple[str, ...]
    kept: frozenset[str]


RESULT = Layout("R", RESULT_COLUMNS, frozenset({"due", "paid", "code", "serial", "debited_on", "ref"}))
STATEMENT = Layout(
    "S",
    ("seq", "serial", "ref", "amount", "happened", "turn"),
    frozenset({"amount", "turn"}),
)
TREASURY = Layout(
    "T",
    ("seq", "serial", "ref", "amount", "happened"),
    frozenset({"amount"}),
)
PUSH_ANSWER = Layout("V", ("seq", "ref", "taken", "reason"), frozenset())

"""Limits of the files that come in, and field widths of the files that go out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read at most; a bank profile may set smaller ones.

    The longest legal result line has about 400 bytes. `max_lines` does not count the header.
    """

    max_line_bytes: int = 1024
    max_lines: int = 5_000_000
    max_file_bytes: int = 2 * 1024**3


REQUEST_WIDTHS: dict[str, int] = {
    "seq": 8,
    "account": 32,
    "holder": 120,
    "amount": 13,
    "cross_bank": 1,
    "bank_name": 80,
    "cnaps": 12,
    "mandate_no": 60,
    "ref": 35,
    "summary": 40,
    "remark": 60,
}
"""Bytes of each field in GB18030, in the order of the line (design: bank-files 8.1, request line)."""

REQUEST_TEXTS = frozenset({"holder", "bank_name", "summary", "remark"})
"""The fields of the request line that may hold Chinese; all others are ASCII."""

RESULT_COLUMNS = (
    "seq",
    "account",
    "holder",
    "due",
    "paid",
    "code",
    "note",
    "serial",
    "debited_on",
    "ref",
)
"""Fields of a result line, in order; staging has one column more, `tail`, for what follows the last one."""

"""Cells of exported tables that a spreadsheet will not take for a formula."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def safe_cell(value: object) -> str:
    """One value as the text of a CSV or XLSX cell.

    Text that a spreadsheet would run as a formula (it begins with = + - @ tab CR LF or a full-width
    ＝＋－＠, also after leading blanks) gets an apostrophe in front, which the spreadsheet hides.
    Numbers and dates are written as they are (a negative amount is a number, the text "-1+2" is not);
    None is an empty cell, a Decimal is written in plain digits, a truth value as 1 or 0.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run the text."""
    return text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)

"""Exported cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.cells import is_formula, safe_cell

DANGEROUS = [
    '=HYPERLINK("http://evil.example","张三")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "==1+1",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "-1+2",
]
FURTHER = ["\n=1", "＋1", "－1", "＠SUM", "  =1+1", "\u3000=1+1", " \t@x", "\u00a0-1", "\x0b=1", "-"]


@pytest.mark.parametrize("text", DANGEROUS + FURTHER)
def test_formulas_get_an_apostrophe_and_keep_their_text(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_csv_carries_the_text_back_and_forth(text: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow([safe_cell(text), "next"])
    file.seek(0)
    cell, neighbour = next(csv.reader(file))
    assert neighbour == "next"
    assert cell[0] == "'"
    assert cell[1:] == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        ("张三", "张三"),
        ("阿不都·热合曼", "阿不都·热合曼"),
        ("a=b", "a=b"),
        ("400.00", "400.00"),
        (Decimal("400.00"), "400.00"),
        (Decimal("-12.30"), "-12.30"),
        (Decimal("1E+3"), "1000"),
        (-5, "-5"),
        (True, "1"),
        (False, "0"),
        (date(2025, 1, 15), "2025-01-15"),
        ("   ", "   "),
    ],
)
def test_other_values_stay_as_they_are(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_other_objects_are_escaped_by_their_text() -> None:
    class Note:
        def __str__(self) -> str:
            return "=1+1"

    assert safe_cell(Note()) == "'=1+1"


@given(st.text())
def test_no_text_leaves_as_a_formula_and_nothing_is_lost(text: str) -> None:
    cell = safe_cell(text)
    assert not is_formula(cell)
    assert cell in (text, "'" + text)
    assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠")

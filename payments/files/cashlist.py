"""The daily list of a village agent: a row for each insured person, the rows of a receipt under its number."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from bureau.errors import gettext_noop
from bureau.sheets.columns import CellFault, Column, Layout, day, text, yuan

_RECEIPT = re.compile(r"([A-Z0-9]{1,8}?)-?([0-9]{8})")


class CellReceipt(CellFault):
    """Not a receipt number."""

    code = "CELL_RECEIPT"
    message = gettext_noop("This is not a receipt number; write series and eight digits, such as A00000012.")


def receipt(cell: Any) -> tuple[str, int]:
    """Series and number of a receipt as printed."""
    found = _RECEIPT.fullmatch(text(20)(cell).upper())
    if found is None or int(found[2]) == 0:
        raise CellReceipt()
    return found[1], int(found[2])


class Line(NamedTuple):
    """A row of the list."""

    receipt: tuple[str, int]
    id_number: str
    name: str
    amount: Decimal
    paid_on: date | None


LAYOUT = Layout(
    [
        Column("receipt", "票据号", receipt),
        Column("id_number", "证件号码", text(40)),
        Column("name", "姓名", text(80)),
        Column("amount", "金额", yuan),
        Column("paid_on", "缴费日期", day, needed=False, filled=False, shown="day"),
    ]
)

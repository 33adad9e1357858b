"""Amounts in capital characters, as 票据法 wants them on vouchers."""

from decimal import Decimal

import pytest

from payments.capitals import capitals


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("1.00", "壹元整"),
        ("10", "壹拾元整"),
        ("20.05", "贰拾元零伍分"),
        ("101.10", "壹佰零壹元壹角整"),
        ("400.00", "肆佰元整"),
        ("1070.00", "壹仟零柒拾元整"),
        ("10001", "壹万零壹元整"),
        ("101000", "壹拾万壹仟元整"),
        ("1010000", "壹佰零壹万元整"),
        ("30000500", "叁仟万零伍佰元整"),
        ("100000001", "壹亿零壹元整"),
        ("9999999999.99", "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_capitals(amount: str, text: str) -> None:
    assert capitals(Decimal(amount)) == text

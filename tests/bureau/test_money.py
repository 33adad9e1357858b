"""Amounts: what is read, what is refused, and that nothing is rounded in silence."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau import money

AMOUNTS = st.integers(min_value=0, max_value=999_999_999_999).map(lambda n: Decimal(n).scaleb(-2))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("400.00", "400.00"),
        ("400", "400.00"),
        ("400.5", "400.50"),
        ("0", "0.00"),
        ("0.01", "0.01"),
        ("0400.00", "400.00"),
        ("9999999999.99", "9999999999.99"),
        ("0000000001", "1.00"),
    ],
)
def test_amounts_are_read_with_two_decimals(text: str, amount: str) -> None:
    parsed = money.parse_yuan(text)
    assert str(parsed) == amount


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1,000.00",
            "1e5",
            "１２３",
            "1_000",
            " 12",
            "12 ",
            "+5",
            "-5",
            "NaN",
            "Infinity",
            "٣",
            "12.",
            ".5",
            "1.2.3",
        ),
        *("12\n", "0x10", "¥400", "400元", "四百", "12,34", "1\u00a0000", "4\u200b00", "1.2 "),
    ],
)
def test_damaged_amounts_are_refused(text: str) -> None:
    with pytest.raises(money.AmountFormat) as caught:
        money.parse_yuan(text)
    assert caught.value.code == "amount_format"
    assert caught.value.params == {}


@pytest.mark.parametrize("value", [None, 400, 12.1, Decimal("400"), b"400"])
def test_only_text_is_parsed(value: object) -> None:
    with pytest.raises(money.AmountFormat):
        money.parse_yuan(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("", money.AmountEmpty, "amount_empty"),
        ("12.345", money.AmountDecimals, "amount_decimals"),
        ("12.000", money.AmountDecimals, "amount_decimals"),
        ("10000000000.00", money.AmountOverLimit, "amount_over_limit"),
        ("1000000000000000", money.AmountOverLimit, "amount_over_limit"),
        ("9" * 5000, money.AmountOverLimit, "amount_over_limit"),
    ],
)
def test_each_fault_has_its_code(text: str, error: type[money.AmountError], code: str) -> None:
    with pytest.raises(error) as caught:
        money.parse_yuan(text)
    assert caught.value.code == code
    assert isinstance(caught.value, money.AmountError)


@given(AMOUNTS)
def test_every_amount_survives_writing_and_reading(amount: Decimal) -> None:
    assert money.parse_yuan(money.yuan(amount)) == amount
    assert money.from_fen(money.fen(amount)) == amount


@given(st.text(max_size=14))
def test_whatever_is_read_is_ascii_and_within_the_limit(text: str) -> None:
    try:
        amount = money.parse_yuan(text)
    except money.AmountError:
        return
    assert text.isascii()
    assert Decimal(0) <= amount <= money.LIMIT
    assert amount == Decimal(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("400", "400.00"),
        ("400.5", "400.50"),
        ("4E+2", "400.00"),
        ("-0.00", "0.00"),
        ("-12.30", "-12.30"),
        ("12.3000", "12.30"),
        ("123456789012345678901234.56", "123456789012345678901234.56"),
    ],
)
def test_yuan_writes_two_plain_decimals(amount: str, text: str) -> None:
    assert money.yuan(Decimal(amount)) == text


@pytest.mark.parametrize("function", [money.yuan, money.fen])
@pytest.mark.parametrize(
    ("value", "error"),
    [
        (Decimal("0.001"), money.AmountDecimals),
        (Decimal("NaN"), money.AmountFormat),
        (Decimal("-Infinity"), money.AmountFormat),
        (400.0, money.AmountFormat),
        (400, money.AmountFormat),
        (Decimal("1e50"), money.AmountOverLimit),
    ],
)
def test_nothing_is_rounded_or_converted_in_silence(
    function: Callable[[Any], object], value: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        function(value)


@pytest.mark.parametrize(
    ("amount", "number"), [("400.01", 40001), ("0", 0), ("-0.01", -1), ("9999999999.99", 999999999999)]
)
def test_fen_is_exact(amount: str, number: int) -> None:
    assert money.fen(Decimal(amount)) == number
    assert money.from_fen(number) == Decimal(amount)
    assert money.from_fen(number).as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("-0.005", "-0.01"),
        ("133.334", "133.33"),
        ("240", "240.00"),
        ("-0.001", "0.00"),
    ],
)
def test_computed_amounts_are_rounded_half_away_from_zero(amount: str, rounded: str) -> None:
    assert str(money.round_fen(Decimal(amount))) == rounded


def test_only_finite_decimals_are_rounded() -> None:
    with pytest.raises(money.AmountFormat):
        money.round_fen(Decimal("NaN"))


def test_the_limit_is_the_largest_amount_that_can_be_read() -> None:
    assert money.parse_yuan("9999999999.99") == money.LIMIT

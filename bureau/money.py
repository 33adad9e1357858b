"""Money: Decimal yuan inside, text with two decimals at the edges, fen only where a foreign format wants it.

Nothing here rounds silently and nothing accepts a float.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation

from bureau.errors import BureauError, gettext_noop

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LIMIT = Decimal("9999999999.99")
"""The largest single amount: numeric(12,2), N(12).2 of the bank layout. Totals may be larger."""

_DIGITS = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_INTEGER_DIGITS = 10
_EXACT = Context(prec=38, traps=[InvalidOperation, Inexact])
_ROUNDING = Context(prec=38, rounding=ROUND_HALF_UP, traps=[InvalidOperation])


class AmountError(BureauError):
    """Base of everything that is wrong with an amount."""

    code = "amount_invalid"
    message = gettext_noop("The amount must be digits with at most two decimals.")


class AmountEmpty(AmountError):
    code = "amount_empty"
    message = gettext_noop("The amount is empty.")


class AmountFormat(AmountError):
    """Sign, blank, separator, exponent, full-width or other digits, NaN, or not a text at all."""

    code = "amount_format"
    message = gettext_noop(
        "The amount must be digits with at most two decimals, no sign, blank or separator."
    )


class AmountDecimals(AmountError):
    code = "amount_decimals"
    message = gettext_noop("The amount has more than two decimals.")


class AmountOverLimit(AmountError):
    code = "amount_over_limit"
    message = gettext_noop("The amount is over the limit of 9,999,999,999.99 yuan.")


def parse_yuan(text: str) -> Decimal:
    """Read an amount in yuan: 1 to 10 ASCII digits, then optionally a point and 1 or 2 digits.

    Always returns two decimals ("400" -> 400.00). `Decimal()` alone would take " 12", "+5", "1e5", "1_000",
    "NaN" and digits of other scripts, each of them a damaged field here (design: reliability B22).
    Zero is a number; whether it is allowed is the caller's rule. The offending text is not kept in the
    error, since a shifted column may put an account number here.

    Raises AmountEmpty, AmountFormat, AmountDecimals or AmountOverLimit, all of them AmountError.
    """
    if not isinstance(text, str):
        raise AmountFormat()
    if text == "":
        raise AmountEmpty()
    match = _DIGITS.fullmatch(text)
    if match is None:
        raise AmountFormat()
    whole, decimals = match.groups()
    if decimals is not None and len(decimals) > 2:
        raise AmountDecimals()
    if len(whole) > _INTEGER_DIGITS:
        raise AmountOverLimit()
    return Decimal(text).quantize(CENT, context=_EXACT)


def _exact(amount: Decimal) -> Decimal:
    """The amount with exactly two decimals; refuses what would have to be rounded."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise AmountFormat()
    try:
        return _EXACT.add(amount.quantize(CENT, context=_EXACT), ZERO)  # adding zero turns -0.00 into 0.00
    except Inexact:
        raise AmountDecimals() from None
    except InvalidOperation:
        raise AmountOverLimit() from None


def yuan(amount: Decimal) -> str:
    """Write an amount in yuan with two decimals and no separators: Decimal("400") -> "400.00".

    Negative amounts (reversals, differences) keep an ASCII minus. Raises AmountFormat for anything that
    is not a finite Decimal, AmountDecimals where a digit would be lost.
    """
    return f"{_exact(amount):f}"


def fen(amount: Decimal) -> int:
    """The amount in fen, exactly: Decimal("400.01") -> 40001. Raises as `yuan` does."""
    return int(_exact(amount).scaleb(2, context=_EXACT))


def from_fen(number: int) -> Decimal:
    """Fen as Decimal yuan with two decimals: 40001 -> Decimal("400.01")."""
    return Decimal(number).scaleb(-2, context=_EXACT).quantize(CENT, context=_EXACT)


def round_fen(amount: Decimal) -> Decimal:
    """Round a computed amount (a percentage of a price) to the fen, half away from zero, as SQL's round()."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise AmountFormat()
    return _ROUNDING.add(amount.quantize(CENT, context=_ROUNDING), ZERO)

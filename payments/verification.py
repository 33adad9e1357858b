"""Numbers of vouchers, and the code on the paper: an HMAC over what was printed, so that no other paper can carry it.

The code covers number, name and amount. Whoever checks a paper enters name and amount as they stand there: a code copied
on to another paper does not fit it, and the page need not tell what is right.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from bureau.money import yuan
from bureau.names import fold_name

_NUMBER = re.compile(r"([0-9]{6})-([0-9]{4})-([0-9]{8})")
_POINT = re.compile(r"\[U\+([0-9A-Fa-f]{4,5})\]")
_BYTES = 10
CODE_LENGTH = 16


@dataclass(frozen=True)
class VoucherNumber:
    """Region, benefit year and number in the series."""

    region: str
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.region}-{self.year}-{self.number:08d}"


def read_number(text: str) -> VoucherNumber | None:
    """A voucher number as printed; None where it is not one."""
    found = _NUMBER.fullmatch(text.strip()) if text.isascii() else None
    return VoucherNumber(found[1], int(found[2]), int(found[3])) if found else None


def read_name(text: str) -> str:
    """A name as printed: a character that the font lacked stands there as its code point, ``[U+20BB7]``."""
    return _POINT.sub(lambda found: chr(int(found[1], 16)), text)


def code_of(secret: str, *, number: str, name: str, amount: Decimal) -> str:
    """The code of a paper: 16 letters and digits (80 bits)."""
    said = "\n".join(["voucher", number, fold_name(read_name(name)), yuan(amount)])
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_BYTES]).decode()


def agrees(secrets: Sequence[str], code: str, *, number: str, name: str, amount: Decimal) -> bool:
    """Whether ``code`` is that of such a paper under one of ``secrets`` (the present one, and those before it)."""
    typed = code.replace(" ", "").upper().encode(errors="replace")
    fits = [
        hmac.compare_digest(typed, code_of(one, number=number, name=name, amount=amount).encode())
        for one in secrets
    ]
    return any(fits)


def address_of(base: str, *, number: str, code: str) -> str:
    """The address in the QR code, below ``base``."""
    return f"{base.rstrip('/')}/voucher/?{urlencode({'n': number, 'c': code})}"

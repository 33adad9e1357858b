"""Payout files of layout E and the return list for the treasury, and the answers to both (design: bank-files 8.5).

The answer to either has the header of a result file under the letter Q, and its lines: 应付金额 and 实付金额 stand for what
was due and debited there, 退费单号 for the reference, and for the treasury 原税票号码 for the account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bureau.errors import BureauError, gettext_noop
from bureau.money import yuan
from payments.files.characters import DELIMITER, ENCODING, encodable, is_clean
from payments.files.delimited import CURRENCY, VERSION, one_dot, read_day
from payments.files.refusals import HeaderUnreadable
from payments.files.results import ResultHeader, ResultLine, read_header, result_header_text

SUMMARY = "城乡居民医保退费"
TREASURY_KEY = "TKK"
"""What stands in the place of the bank in the treasury's files."""
WIDTHS = {"account": 32, "holder": 120, "bank_name": 80, "cnaps": 12, "ref": 35, "tax_number": 40}
_TEXTS = frozenset({"holder", "bank_name"})
_NAME = re.compile(
    r"(?:YBTF_(?P<bank>[0-9]{3})|YBTK)_(?P<region>[0-9]{6})_(?P<day>[0-9]{8})_(?P<batch>[0-9]{4})"
    r"(?:_R(?P<answer>[1-9][0-9]{0,3}))?\.(?:txt|xml)"
)


class PayoutNotWritable(BureauError):
    """A value that cannot stand in its field as it is: it is named, never mangled."""

    code = "PAYOUT_FIELD_NOT_WRITABLE"
    message = gettext_noop("Refund %(ref)s: the field %(field)s cannot be written to the payout file.")


@dataclass(frozen=True, slots=True)
class PayoutHeader:
    """Who pays, when, how much; amounts in yuan, ``batch`` four digits."""

    region: str
    bank: str
    unit: str
    day: date
    batch: str
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """One order to pay; ``tax_number`` is that of the money's voucher in the treasury."""

    seq: int
    account: str
    holder: str
    amount: Decimal
    ref: str
    bank_name: str = ""
    cnaps: str = ""
    tax_number: str = ""

    def crosses(self, bank: str) -> bool:
        """Whether the account is at another bank, as far as its code says."""
        return bool(self.cnaps) and not self.cnaps.startswith(bank)


def payout_name(header: PayoutHeader, ending: str = "txt") -> str:
    """`YBTF_103_450800_20250120_0001.txt`, or `YBTK_450800_20250120_0001.txt` for the treasury."""
    head = "YBTK" if header.bank == TREASURY_KEY else f"YBTF_{header.bank}"
    return f"{head}_{header.region}_{header.day:%Y%m%d}_{header.batch}.{ending}"


def is_payout_name(name: str) -> bool:
    """Whether a file of this name belongs to the payouts."""
    match = _NAME.fullmatch(name)
    return match is not None and read_day(match["day"]) is not None


def unwritable(row: PayoutRow) -> str:
    """The first field of a row that cannot be written, or nothing."""
    for name, width in WIDTHS.items():
        value = getattr(row, name)
        text = one_dot(value) if name in _TEXTS else value
        clean = is_clean(text) and DELIMITER not in text and encodable(text, max_bytes=width)
        if not clean or not (name in _TEXTS or text.isascii()):
            return name
    if not row.holder or not row.ref or not row.account or row.amount <= 0:
        return "holder" if not row.holder else "account"
    return ""


def layout_e(header: PayoutHeader, rows: Sequence[PayoutRow]) -> bytes:
    """The payout file for a bank, the same bytes each time. Raises PayoutNotWritable."""
    head = (
        "P", VERSION, header.region, header.bank, header.unit, f"{header.day:%Y%m%d}", header.batch, header.lines,
        yuan(header.amount), CURRENCY,
    )  # fmt: skip
    return _file(head, (_e_line(row, header.bank) for row in rows))


def _e_line(row: PayoutRow, bank: str) -> tuple[object, ...]:
    _check(row)
    crosses = row.crosses(bank)
    return (
        row.seq, row.account, one_dot(row.holder), yuan(row.amount), "1" if crosses else "0",
        row.bank_name if crosses else "", row.cnaps if crosses else "", row.ref, SUMMARY,
    )  # fmt: skip


def treasury_list(header: PayoutHeader, rows: Sequence[PayoutRow]) -> bytes:
    """The return list for the treasury, the same bytes each time. Raises PayoutNotWritable."""
    head = (
        "K", VERSION, header.region, header.bank, f"{header.day:%Y%m%d}", header.batch, header.lines,
        yuan(header.amount),
    )  # fmt: skip
    return _file(head, (_treasury_line(row) for row in rows))


def _treasury_line(row: PayoutRow) -> tuple[object, ...]:
    _check(row)
    return (row.seq, row.tax_number, row.ref, yuan(row.amount), row.account, one_dot(row.holder))


def _check(row: PayoutRow) -> None:
    field = unwritable(row)
    if field:
        raise PayoutNotWritable(ref=row.ref, field=field)


def _file(head: Iterable[object], lines: Iterable[Iterable[object]]) -> bytes:
    texts = [_line(head), *(_line(fields) for fields in lines)]
    return "".join(texts).encode(ENCODING)


def _line(fields: Iterable[object]) -> str:
    return DELIMITER.join(str(field) for field in fields) + DELIMITER + "\r\n"


def answer_header(first_line: bytes) -> ResultHeader:
    """The `Q` line of an answer: field by field that of a result file. Raises HeaderUnreadable, WrongEncoding."""
    if not first_line.startswith(b"Q|"):
        raise HeaderUnreadable(field="record")
    return read_header(b"R" + first_line[1:])


def answer_bytes(header: ResultHeader, lines: Iterable[ResultLine]) -> bytes:
    """An answer file as a bank or the treasury writes it, for rehearsals."""
    first = "Q" + result_header_text(header)[1:] + "\r\n"
    return (first + "".join(_line(_answer_fields(line)) for line in lines)).encode(ENCODING)


def _answer_fields(line: ResultLine) -> tuple[object, ...]:
    day = f"{line.debited_on:%Y%m%d}" if line.debited_on else ""
    return (
        line.seq, line.account, line.holder, yuan(line.due), yuan(line.paid), line.code, line.note, line.serial, day,
        line.ref,
    )  # fmt: skip

"""Result files of layout A: the header and single lines, read strictly (design: bank-files 8.1).

Whole files, millions of lines long, are read by `payments.files.blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bureau.errors import BureauError, gettext_noop
from bureau.money import AmountError, parse_yuan, yuan
from payments.files.characters import DELIMITER, ENCODING, is_clean
from payments.files.delimited import VERSION, read_day, read_total
from payments.files.limits import RESULT_COLUMNS
from payments.files.refusals import HeaderUnreadable, WrongEncoding
from payments.files.sniffing import UNKNOWN_ENCODING, looks_like

_COUNT = "[0-9]{1,8}"


class LineUnreadable(BureauError):
    """A result line whose field cannot be read; `field` is "fields" when their number is wrong."""

    code = "LINE_UNREADABLE"
    message = gettext_noop("The line cannot be read: field %(field)s.")


@dataclass(frozen=True, slots=True)
class ResultHeader:
    """The `R` line. Amounts in yuan; being totals they may have up to 16 integer digits."""

    region: str
    bank: str
    agency: str
    day: date
    batch: str
    lines: int
    amount: Decimal
    ok_lines: int
    ok_amount: Decimal
    failed_lines: int
    failed_amount: Decimal
    processed_on: date
    version: str = VERSION


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One answer; `due` is 应扣金额, `paid` 实扣金额, in yuan; `debited_on` is None where nothing stands."""

    seq: int
    account: str
    holder: str
    due: Decimal
    paid: Decimal
    code: str
    note: str
    serial: str
    debited_on: date | None
    ref: str


def result_header_text(header: ResultHeader) -> str:
    """The `R` line without its line end."""
    fields = (
        "R",
        header.version,
        header.region,
        header.bank,
        header.agency,
        f"{header.day:%Y%m%d}",
        header.batch,
        str(header.lines),
        yuan(header.amount),
        str(header.ok_lines),
        yuan(header.ok_amount),
        str(header.failed_lines),
        yuan(header.failed_amount),
        f"{header.processed_on:%Y%m%d}",
    )
    return DELIMITER.join(fields) + DELIMITER


def read_header(first_line: bytes) -> ResultHeader:
    """The header of a result file from its first line (line end or not).

    Raises WrongEncoding or HeaderUnreadable, whose `field` names the first field in order that cannot be
    read; "record" when this is no `R` line at all, "fields" when their number is wrong.
    """
    raw = first_line.removesuffix(b"\n").removesuffix(b"\r")
    try:
        text = raw.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise WrongEncoding(
            line=1, byte=error.start + 1, looks_like=looks_like(raw) or UNKNOWN_ENCODING
        ) from None
    parts = text.split(DELIMITER)
    if parts[0] != "R":
        raise HeaderUnreadable(field="record")
    if len(parts) != 15 or parts[14] or not is_clean(text):
        raise HeaderUnreadable(field="fields")
    return ResultHeader(
        version=_matching("version", parts[1], re.escape(VERSION)),
        region=_matching("region", parts[2], "[0-9]{6}"),
        bank=_matching("bank", parts[3], "[0-9A-Z]{3}"),
        agency=_matching("agency", parts[4], "[0-9A-Za-z]{1,32}"),
        day=_header_day("day", parts[5]),
        batch=_matching("batch", parts[6], "[0-9]{4}"),
        lines=int(_matching("lines", parts[7], _COUNT)),
        amount=_header_total("amount", parts[8]),
        ok_lines=int(_matching("ok_lines", parts[9], _COUNT)),
        ok_amount=_header_total("ok_amount", parts[10]),
        failed_lines=int(_matching("failed_lines", parts[11], _COUNT)),
        failed_amount=_header_total("failed_amount", parts[12]),
        processed_on=_header_day("processed_on", parts[13]),
    )


def _matching(field: str, text: str, pattern: str) -> str:
    if not re.fullmatch(pattern, text):
        raise HeaderUnreadable(field=field)
    return text


def _header_day(field: str, text: str) -> date:
    day = read_day(text)
    if day is None:
        raise HeaderUnreadable(field=field)
    return day


def _header_total(field: str, text: str) -> Decimal:
    total = read_total(text)
    if total is None:
        raise HeaderUnreadable(field=field)
    return total


def split_result_line(text: str) -> list[str]:
    """The ten fields of a result line without its line end. Raises LineUnreadable."""
    parts = text.split(DELIMITER)
    if len(parts) != len(RESULT_COLUMNS) + 1 or parts.pop():
        raise LineUnreadable(field="fields")
    for name, part in zip(RESULT_COLUMNS, parts, strict=True):
        if not is_clean(part):
            raise LineUnreadable(field=name)
    return parts


def parse_result_line(fields: Sequence[str]) -> ResultLine:
    """A result line from its ten fields, strictly: what cannot be read here makes the line REJECTED.

    `seq` is 1 to 8 digits, amounts are those of `parse_yuan`, the date is yyyymmdd and exists, or is empty
    (where nothing was debited). Whether values agree with the instruction is not asked here.
    Raises LineUnreadable naming the field; `cause` is the amount's own code.
    """
    if len(fields) != len(RESULT_COLUMNS):
        raise LineUnreadable(field="fields")
    seq, account, holder, due, paid, code, note, serial, day, ref = fields
    if not re.fullmatch(_COUNT, seq):
        raise LineUnreadable(field="seq")
    debited_on = read_day(day)
    if day and debited_on is None:
        raise LineUnreadable(field="debited_on")
    return ResultLine(
        seq=int(seq),
        account=account,
        holder=holder,
        due=_line_amount("due", due),
        paid=_line_amount("paid", paid),
        code=code,
        note=note,
        serial=serial,
        debited_on=debited_on,
        ref=ref,
    )


def _line_amount(field: str, text: str) -> Decimal:
    try:
        return parse_yuan(text)
    except AmountError as error:
        raise LineUnreadable(field=field, cause=error.code) from None

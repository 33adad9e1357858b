"""Layout A, the Chinese bank style: GB18030, CRLF, `|` after every field (design: bank-files 8.1).

Here: names, single fields, and the request file, which is written and, for the simulator, read strictly. The
answers are in `payments.files.results` (header, single lines) and `payments.files.blocks` (whole files).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import gt

from bureau.errors import BureauError, gettext_noop
from bureau.money import AmountError, parse_yuan, yuan
from bureau.names import MIDDLE_DOT, MIDDLE_DOTS
from payments.files.characters import DELIMITER, ENCODING, encodable, is_clean
from payments.files.limits import REQUEST_TEXTS, REQUEST_WIDTHS

VERSION = "1.0"
CURRENCY = "CNY"
_ONE_DOT = str.maketrans(dict.fromkeys(MIDDLE_DOTS, MIDDLE_DOT))
_CHUNK_BYTES = 1 << 16
_BATCH_LIMIT = 10_000
_SURE_WIDTHS = tuple(width // 4 if name in REQUEST_TEXTS else width for name, width in REQUEST_WIDTHS.items())
_TOTAL = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,2})?")
_COUNT = re.compile(r"[0-9]{1,8}")
_FILE_NAME = re.compile(
    r"YBDK_(?P<bank>[0-9A-Z]{3})_(?P<region>[0-9]{6})_(?P<day>[0-9]{8})_(?P<batch>[0-9]{4})"
    r"(?:_R(?P<answer>[1-9][0-9]{0,3}))?\.txt"
)


class NotWritable(BureauError):
    """A value that cannot stand in its field as it is: it is listed, never mangled."""

    code = "FIELD_NOT_WRITABLE"
    message = gettext_noop("Line %(line)s: the field %(field)s cannot be written to the bank's file.")


class TotalsDiffer(BureauError):
    """The lines to be written are not those which the frozen header counts."""

    code = "REQUEST_TOTALS_DIFFER"
    message = gettext_noop(
        "The header announces %(lines)s lines and %(amount)s yuan, "
        "the batch has %(found_lines)s and %(found_amount)s."
    )


class RequestUnreadable(BureauError):
    """A request file that is not exactly as this project writes it; `line` counts the header as 1."""

    code = "REQUEST_UNREADABLE"
    message = gettext_noop("Line %(line)s of the request file cannot be read: field %(field)s.")


@dataclass(frozen=True, slots=True)
class RequestHeader:
    """The `H` line. `amount` in yuan; `debit_from` and `debit_to` are the first and last day of the debit."""

    region: str
    bank: str
    agency: str
    day: date
    batch: str
    lines: int
    amount: Decimal
    debit_from: date
    debit_to: date
    version: str = VERSION


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One debit instruction; field by field the request line of bank-files 8.1. `amount` in yuan."""

    seq: int
    account: str
    holder: str
    amount: Decimal
    mandate_no: str
    ref: str
    summary: str
    cross_bank: bool = False
    bank_name: str = ""
    cnaps: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class FileName:
    """The parts of a name; `answer` is n of `_Rn`, None for a request."""

    bank: str
    region: str
    day: date
    batch: str
    answer: int | None


# --- names -----------------------------------------------------------------------------------------


def batch_number(number: int) -> str:
    """The four digits of a batch, 1 to 9999. Raises NotWritable beyond."""
    if not 0 < number < _BATCH_LIMIT:
        raise NotWritable(line=1, field="batch")
    return f"{number:04d}"


def request_name(bank: str, region: str, day: date, batch: str) -> str:
    """`YBDK_103_450800_20250115_0001.txt`."""
    return f"YBDK_{bank}_{region}_{day:%Y%m%d}_{batch}.txt"


def result_name(bank: str, region: str, day: date, batch: str, answer: int) -> str:
    """`YBDK_103_450800_20250115_0001_R1.txt`; `answer` grows with every file the bank sends for the batch."""
    return request_name(bank, region, day, batch).removesuffix(".txt") + f"_R{answer}.txt"


def parse_name(name: str) -> FileName | None:
    """The parts of a layout A file name, None when it is no such name."""
    match = _FILE_NAME.fullmatch(name)
    day = read_day(match["day"]) if match else None
    if match is None or day is None:
        return None
    answer = match["answer"]
    return FileName(match["bank"], match["region"], day, match["batch"], int(answer) if answer else None)


# --- single fields ---------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def read_day(text: str) -> date | None:
    """A day written yyyymmdd in ASCII digits; None for every other form and for days that do not exist."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def read_total(text: str) -> Decimal | None:
    """A total in yuan: as `parse_yuan`, but with up to 16 integer digits, since it may exceed any amount."""
    return Decimal(text).quantize(Decimal("0.01")) if _TOTAL.fullmatch(text) else None


_cached_yuan = lru_cache(maxsize=4096)(yuan)


def one_dot(name: str) -> str:
    """The name with every kind of middle dot written as U+00B7, the one that GBK has and banks expect."""
    return name.translate(_ONE_DOT)


# --- writing requests ------------------------------------------------------------------------------


def request_header_text(header: RequestHeader) -> str:
    """The `H` line without its line end."""
    fields = (
        "H",
        header.version,
        header.region,
        header.bank,
        header.agency,
        f"{header.day:%Y%m%d}",
        header.batch,
        str(header.lines),
        yuan(header.amount),
        CURRENCY,
        f"{header.debit_from:%Y%m%d}",
        f"{header.debit_to:%Y%m%d}",
    )
    for field in fields:
        if DELIMITER in field or not is_clean(field):
            raise NotWritable(line=1, field="header")
    return DELIMITER.join(fields) + DELIMITER


def request_line_text(line: RequestLine) -> str:
    """A request line without its line end. Raises NotWritable, naming the field that breaks its rule."""
    fields = (
        str(line.seq),
        line.account,
        one_dot(line.holder),
        _cached_yuan(line.amount),
        "1" if line.cross_bank else "0",
        line.bank_name,
        line.cnaps,
        line.mandate_no,
        line.ref,
        line.summary,
        line.remark,
    )
    text = DELIMITER.join(fields) + DELIMITER
    right = text.count(DELIMITER) == len(fields) and is_clean(text)
    ascii_only = (line.account + line.cnaps + line.mandate_no + line.ref).isascii()
    wrong = None
    # Bytes are counted only where there are more characters than surely fit.
    if not right or not ascii_only or any(map(gt, map(len, fields), _SURE_WIDTHS)):
        wrong = _unfitting(fields)
    if wrong is None and not (line.account.isascii() and line.account.isdigit()):
        wrong = "account"
    if wrong is None and not (line.holder and line.mandate_no and line.ref):
        wrong = "holder" if not line.holder else "ref" if line.mandate_no else "mandate_no"
    if wrong is None and line.cross_bank and not (line.bank_name and line.cnaps):
        wrong = "cnaps" if line.bank_name else "bank_name"
    if wrong is None and line.amount <= 0:
        wrong = "amount"
    if wrong is not None:
        raise NotWritable(line=line.seq + 1, field=wrong)
    return text


def _unfitting(fields: Iterable[str]) -> str | None:
    """The first field with a character that cannot be in it, or with more bytes than it may have."""
    for (name, width), field in zip(REQUEST_WIDTHS.items(), fields, strict=True):
        if not encodable(field, max_bytes=width) or not (name in REQUEST_TEXTS or field.isascii()):
            return name
    return None


def request_bytes(header: RequestHeader, lines: Iterable[RequestLine]) -> Iterator[bytes]:
    """The whole request file in chunks, the same bytes each time from the same values.

    `lines` in order of `seq`, 1 to n without gaps. Raises NotWritable for a value that cannot be written and
    TotalsDiffer, at the end, when lines and header do not belong together; what came until then is no file.
    """
    gathered = [request_header_text(header)]
    size = 0
    number, total = 0, Decimal("0.00")
    for number, line in enumerate(lines, start=1):
        if line.seq != number:
            raise NotWritable(line=number + 1, field="seq")
        text = request_line_text(line)
        total += line.amount
        gathered.append(text)
        size += len(text)
        if size > _CHUNK_BYTES:
            yield _encoded(gathered)
            gathered, size = [], 0
    if number != header.lines or total != header.amount:
        raise TotalsDiffer(
            lines=header.lines, amount=yuan(header.amount), found_lines=number, found_amount=yuan(total)
        )
    yield _encoded(gathered)


def _encoded(texts: list[str]) -> bytes:
    return "".join(f"{text}\r\n" for text in texts).encode(ENCODING)


# --- reading requests ------------------------------------------------------------------------------


def parse_request(data: bytes) -> tuple[RequestHeader, list[RequestLine]]:
    """A whole request file, read as strictly as a bank would.

    Raises RequestUnreadable with the line and the field: encoding, line ends, number of fields, values, the
    order of `seq`, and totals that are not those of the lines.
    """
    try:
        texts = data.decode(ENCODING).split("\r\n")
    except UnicodeDecodeError as error:
        raise RequestUnreadable(line=data.count(b"\n", 0, error.start) + 1, field="encoding") from None
    if texts.pop() != "":
        raise RequestUnreadable(line=len(texts) + 1, field="line end")
    if not texts:
        raise RequestUnreadable(line=1, field="record")
    header = _request_header(texts[0])
    lines = [_request_line(number, text) for number, text in enumerate(texts[1:], start=1)]
    if len(lines) != header.lines:
        raise RequestUnreadable(line=1, field="lines")
    if sum((line.amount for line in lines), Decimal("0.00")) != header.amount:
        raise RequestUnreadable(line=1, field="amount")
    return header, lines


def _request_header(text: str) -> RequestHeader:
    parts = text.split(DELIMITER)
    if len(parts) != 13 or parts[12] or parts[0] != "H" or not is_clean(text):
        raise RequestUnreadable(line=1, field="record")
    days = {name: read_day(parts[at]) for name, at in (("day", 5), ("debit_from", 10), ("debit_to", 11))}
    total = read_total(parts[8])
    checks = {
        "version": parts[1] == VERSION,
        "region": len(parts[2]) == 6 and parts[2].isascii() and parts[2].isdigit(),
        "bank": len(parts[3]) == 3 and parts[3].isascii() and parts[3].isalnum(),
        "agency": bool(parts[4]),
        "batch": len(parts[6]) == 4 and parts[6].isascii() and parts[6].isdigit(),
        "lines": bool(_COUNT.fullmatch(parts[7])),
        "amount": total is not None,
        "currency": parts[9] == CURRENCY,
    }
    for name, right in checks.items():
        if not right:
            raise RequestUnreadable(line=1, field=name)
    day, first, last = days["day"], days["debit_from"], days["debit_to"]
    if day is None or first is None or last is None or total is None or first > last:
        raise RequestUnreadable(
            line=1, field=next((name for name, read in days.items() if read is None), "debit_to")
        )
    return RequestHeader(parts[2], parts[3], parts[4], day, parts[6], int(parts[7]), total, first, last)


def _request_line(number: int, text: str) -> RequestLine:
    parts = text.split(DELIMITER)
    if len(parts) != len(REQUEST_WIDTHS) + 1 or parts[-1] or not is_clean(text):
        raise RequestUnreadable(line=number + 1, field="fields")
    if parts[0] != str(number):
        raise RequestUnreadable(line=number + 1, field="seq")
    if parts[4] not in ("0", "1"):
        raise RequestUnreadable(line=number + 1, field="cross_bank")
    try:
        amount = parse_yuan(parts[3])
        line = RequestLine(
            seq=number,
            account=parts[1],
            holder=parts[2],
            amount=amount,
            cross_bank=parts[4] == "1",
            bank_name=parts[5],
            cnaps=parts[6],
            mandate_no=parts[7],
            ref=parts[8],
            summary=parts[9],
            remark=parts[10],
        )
        again = request_line_text(line)
    except AmountError:
        raise RequestUnreadable(line=number + 1, field="amount") from None
    except NotWritable as error:
        raise RequestUnreadable(line=number + 1, field=error.params["field"]) from None
    if again != text:
        raise RequestUnreadable(line=number + 1, field="amount" if parts[3] != yuan(amount) else "holder")
    return line

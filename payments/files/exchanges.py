"""The other files of the style of layout A: channel statements, treasury settlements, pushes to the tax side and their
acknowledgements (design: bank-files 8.5, C, D, F). Headers are read strictly; lines are read by PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bureau.errors import BureauError, gettext_noop
from bureau.money import yuan
from payments.files.characters import DELIMITER, ENCODING, encodable, is_clean
from payments.files.delimited import VERSION, read_day, read_total
from payments.files.refusals import HeaderUnreadable, WrongEncoding
from payments.files.sniffing import UNKNOWN_ENCODING, looks_like

_COUNT = "[0-9]{1,8}"
_REGION = "[0-9]{6}"
_CHUNK_LINES = 2000
NAME_BYTES = 120
PUSH_FIELDS = 10


class PushNotWritable(BureauError):
    """A value that cannot stand in its field as it is: it is listed, never mangled."""

    code = "PUSH_FIELD_NOT_WRITABLE"
    message = gettext_noop(
        "Line %(line)s: the field %(field)s cannot be written to the file for the tax office."
    )


@dataclass(frozen=True, slots=True)
class StatementHeader:
    """The `S` line: `received` 收款金额 and `returned` 退款金额 in yuan; they may have up to 16 integer digits."""

    region: str
    channel: str
    day: date
    lines: int
    received: Decimal
    returned: Decimal


@dataclass(frozen=True, slots=True)
class TreasuryHeader:
    """The `T` line; `amount` in yuan."""

    region: str
    treasury: str
    day: date
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PushHeader:
    """The `U` line of a push."""

    region: str
    day: date
    batch: str
    lines: int


@dataclass(frozen=True, slots=True)
class PushRow:
    """A line of a push; amounts in yuan."""

    seq: int
    op: str
    enrollment: str
    id_type: str
    id_number: str
    name: str
    year: int
    scheme: str
    amount: Decimal
    receivable: str


@dataclass(frozen=True, slots=True)
class PushAnswerHeader:
    """The `V` line of an acknowledgement: how many lines were taken and refused."""

    region: str
    day: date
    batch: str
    lines: int
    taken: int
    refused: int


def statement_name(channel: str, region: str, day: date) -> str:
    """`YBDZ_WECHAT_450800_20250115.txt`."""
    return f"YBDZ_{channel}_{region}_{day:%Y%m%d}.txt"


def treasury_name(region: str, day: date) -> str:
    """`YBRK_450800_20250117.txt`."""
    return f"YBRK_{region}_{day:%Y%m%d}.txt"


def push_name(region: str, day: date, batch: str) -> str:
    """`YBTS_450800_20241008_0001.txt`; its acknowledgement ends with `_A1.txt`."""
    return f"YBTS_{region}_{day:%Y%m%d}_{batch}.txt"


def read_statement_header(first_line: bytes) -> StatementHeader:
    """Raises WrongEncoding or HeaderUnreadable naming the first field in order that cannot be read."""
    parts = _fields(first_line, "S", 8)
    return StatementHeader(
        region=_matching("region", parts[2], _REGION),
        channel=_matching("channel", parts[3], "[A-Z_]{2,14}"),
        day=_day("day", parts[4]),
        lines=int(_matching("lines", parts[5], _COUNT)),
        received=_total("received", parts[6]),
        returned=_total("returned", parts[7]),
    )


def read_treasury_header(first_line: bytes) -> TreasuryHeader:
    """Raises WrongEncoding or HeaderUnreadable naming the first field in order that cannot be read."""
    parts = _fields(first_line, "T", 7)
    return TreasuryHeader(
        region=_matching("region", parts[2], _REGION),
        treasury=_matching("treasury", parts[3], "[0-9A-Za-z]{1,32}"),
        day=_day("day", parts[4]),
        lines=int(_matching("lines", parts[5], _COUNT)),
        amount=_total("amount", parts[6]),
    )


def read_push_answer_header(first_line: bytes) -> PushAnswerHeader:
    """Raises WrongEncoding or HeaderUnreadable naming the first field in order that cannot be read."""
    parts = _fields(first_line, "V", 8)
    return PushAnswerHeader(
        region=_matching("region", parts[2], _REGION),
        day=_day("day", parts[3]),
        batch=_matching("batch", parts[4], "[0-9]{4}"),
        lines=int(_matching("lines", parts[5], _COUNT)),
        taken=int(_matching("taken", parts[6], _COUNT)),
        refused=int(_matching("refused", parts[7], _COUNT)),
    )


def _fields(first_line: bytes, record: str, number: int) -> list[str]:
    """The header's fields; `number` of them with the record letter, before the last bar."""
    raw = first_line.removesuffix(b"\n").removesuffix(b"\r")
    try:
        text = raw.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise WrongEncoding(
            line=1, byte=error.start + 1, looks_like=looks_like(raw) or UNKNOWN_ENCODING
        ) from None
    parts = text.split(DELIMITER)
    if parts[0] != record:
        raise HeaderUnreadable(field="record")
    if len(parts) != number + 1 or parts[number] or not is_clean(text):
        raise HeaderUnreadable(field="fields")
    _matching("version", parts[1], re.escape(VERSION))
    return parts


def _matching(field: str, text: str, pattern: str) -> str:
    if not re.fullmatch(pattern, text):
        raise HeaderUnreadable(field=field)
    return text


def _day(field: str, text: str) -> date:
    day = read_day(text)
    if day is None:
        raise HeaderUnreadable(field=field)
    return day


def _total(field: str, text: str) -> Decimal:
    total = read_total(text)
    if total is None:
        raise HeaderUnreadable(field=field)
    return total


# --- writing: the push, and what the rehearsals of channel and treasury send -----------------------------------------


def text_file(header: Iterable[object], lines: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """A file of this style in chunks: the header's fields, then each line's, as they are."""
    gathered = [_line(header)]
    for line in lines:
        gathered.append(_line(line))
        if len(gathered) >= _CHUNK_LINES:
            yield "".join(gathered).encode(ENCODING)
            gathered = []
    yield "".join(gathered).encode(ENCODING)


def _line(fields: Iterable[object]) -> str:
    return DELIMITER.join(str(field) for field in fields) + DELIMITER + "\r\n"


def push_bytes(header: PushHeader, rows: Iterable[PushRow]) -> Iterator[bytes]:
    """The file of a push in chunks, the same bytes each time from the same values. Raises PushNotWritable."""
    first = ("U", VERSION, header.region, f"{header.day:%Y%m%d}", header.batch, header.lines)
    return text_file(first, (_push_fields(row) for row in rows))


def _push_fields(row: PushRow) -> tuple[object, ...]:
    for field, value, limit in (("id_number", row.id_number, 40), ("name", row.name, NAME_BYTES)):
        if not value or not encodable(value, max_bytes=limit):
            raise PushNotWritable(line=row.seq + 1, field=field)
    return (
        row.seq,
        row.op,
        row.enrollment,
        row.id_type,
        row.id_number,
        row.name,
        row.year,
        row.scheme,
        yuan(row.amount),
        row.receivable,
    )


def named(parts: Mapping[str, object]) -> dict[str, str]:
    """Header values as stored on the file: days and yuan as text."""
    return {
        key: f"{value:.2f}"
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, date)
        else str(value)
        for key, value in parts.items()
    }

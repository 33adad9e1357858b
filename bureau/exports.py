"""Lists that leave the house: as CSV or XLSX, streamed, masked, formula-safe, entered in the register before the first row.

UTF-8 with a byte-order mark, so that spreadsheets read Chinese; every cell passes bureau.cells.safe_cell. Memory does not
grow with the number of rows. An export that breaks off has no outcome in the register, and is seen there as broken off.
"""

import csv
import hashlib
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import xlsxwriter
from django.db import models, transaction

from bureau import access
from bureau.cells import safe_cell
from bureau.models import ExportOutcome, ExportRecord, User

BOM = b"\xef\xbb\xbf"
ROWS_A_BLOCK = 2_000
ROWS_A_SHEET = 1_000_000
BYTES_A_BLOCK = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Rows = Iterable[Sequence[Any]]
_names: dict[str, Any] = {}


def register(what: str, name: Any) -> None:
    """Let the register call exports of the kind ``what`` by ``name``."""
    _names[what] = name


def name_of(what: str) -> str:
    """A kind of export in words."""
    return str(_names.get(what, what))


def begin(
    *,
    what: str,
    filters: Mapping[str, str],
    by: User,
    at: datetime,
    purpose: str = "",
    masked: bool = True,
    action: str = "export.list",
    region_id: str | None = None,
) -> ExportRecord:
    """Enter an export in the register before anything is read. Raises NotAllowed, OutOfScope."""
    with transaction.atomic():
        access.require(by, action, region_id)
        codes = access.regions_of(by)
        return ExportRecord.objects.create(
            user=by,
            at=at,
            what=what,
            filters=dict(filters),
            regions=[] if codes is None else sorted(codes),
            masked=masked,
            purpose=purpose,
        )


def finish(*, record: ExportRecord, rows: int, sha256: str, at: datetime) -> ExportOutcome:
    """Enter how an export ended: how many rows were sent, and the digest of what was sent."""
    return ExportOutcome.objects.create(export=record, rows=rows, sha256=sha256, finished_at=at)


def csv_blocks(
    *, record: ExportRecord, headings: Sequence[str], rows: Callable[[], Rows], now: Callable[[], datetime]
) -> Iterator[bytes]:
    """The file in blocks; ``rows`` is called inside one transaction that only reads. The last block ends the entry."""
    digest, sent = hashlib.sha256(), 0

    def block(part: Rows, *, mark: bytes = b"") -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerows([safe_cell(cell) for cell in row] for row in part)
        data = mark + text.getvalue().encode()
        digest.update(data)
        return data

    yield block([headings], mark=BOM)
    with transaction.atomic():
        left = iter(rows())
        while part := list(islice(left, ROWS_A_BLOCK)):
            sent += len(part)
            yield block(part)
    finish(record=record, rows=sent, sha256=digest.hexdigest(), at=now())


def xlsx_blocks(
    *, record: ExportRecord, headings: Sequence[str], rows: Callable[[], Rows], now: Callable[[], datetime]
) -> Iterator[bytes]:
    """The workbook in blocks, written row by row into a file of its own first: a zip has its directory at the end.

    Text is text whatever it looks like, amounts are numbers; a million rows a sheet.
    """
    with tempfile.TemporaryFile() as file:
        with transaction.atomic():
            sent = _write_book(file, headings, rows())
        file.seek(0)
        digest = hashlib.sha256()
        while data := file.read(BYTES_A_BLOCK):
            digest.update(data)
            yield data
    finish(record=record, rows=sent, sha256=digest.hexdigest(), at=now())


def _write_book(file: Any, headings: Sequence[str], rows: Rows) -> int:
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    yuan = book.add_format({"num_format": "0.00"})
    sent, sheet = 0, _sheet(book, headings)
    for row in rows:
        if sent and sent % ROWS_A_SHEET == 0:
            sheet = _sheet(book, headings)
        line = sent % ROWS_A_SHEET + 1
        for column, cell in enumerate(row):
            if isinstance(cell, Decimal):
                sheet.write_number(line, column, float(cell), yuan)
            else:
                sheet.write_string(line, column, safe_cell(cell))
        sent += 1
    book.close()
    return sent


def _sheet(book: Any, headings: Sequence[str]) -> Any:
    sheet = book.add_worksheet()
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, safe_cell(heading))
    return sheet


def byte_blocks(
    *, record: ExportRecord, blocks: Iterable[bytes], rows: int, now: Callable[[], datetime]
) -> Iterator[bytes]:
    """Bytes that are ready as they are (a request file), passed on and entered when the last one is out."""
    digest = hashlib.sha256()
    for data in blocks:
        digest.update(data)
        yield data
    finish(record=record, rows=rows, sha256=digest.hexdigest(), at=now())


def streamed(queryset: models.QuerySet[Any], *names: str) -> Iterator[tuple[Any, ...]]:
    """The columns ``names`` of a queryset through a server-side cursor."""
    return queryset.values_list(*names).iterator(chunk_size=ROWS_A_BLOCK)

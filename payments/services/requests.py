"""Request files: a released batch as the bank reads it, streamed from the frozen rows, the same bytes each
time.

The rows come by COPY in UTF-8 and are encoded here, so that what GB18030 writes does not depend on the
server's tables. A block of lines that holds nothing unusual is passed on as a whole; any other goes line by
line through the pure writer.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.money import yuan
from bureau.names import MIDDLE_DOT, MIDDLE_DOTS
from payments.files.characters import ENCODING, CleanBlocks
from payments.files.delimited import (
    RequestHeader,
    RequestLine,
    TotalsDiffer,
    batch_number,
    request_header_text,
    request_line_text,
    request_name,
)
from payments.files.delivery import write_atomically
from payments.files.limits import REQUEST_WIDTHS
from payments.models import DebitBatch
from payments.services import debits, statements
from payments.states import BatchState

DOWNLOAD = "batch.download"
BLOCK_BYTES = 1 << 18
_ODD = (b"\\", *(dot.encode() for dot in MIDDLE_DOTS if dot != MIDDLE_DOT))
_FIELD = re.compile(r"((?:[^|\\]|\\.)*)\|")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class BatchNotReleased(BureauError):
    """A batch becomes a file when a second person has released it."""

    code = "BATCH_NOT_RELEASED"
    message = gettext_noop("Batch %(batch)s is not released.")


class RequestChanged(BureauError):
    """The file would differ from the one written first; nothing is written."""

    code = "REQUEST_CHANGED"
    message = gettext_noop("Batch %(batch)s would give another file than the one written first.")


@dataclass(frozen=True)
class Written:
    """A request file: its batch (bank, region, day, number), path, SM3 digest, lines and yuan."""

    batch: str
    path: Path
    digest: str
    lines: int
    amount: Decimal


@dataclass(frozen=True)
class Exported:
    """The files of a debit day, by batch number, and what stayed out of all of them, by reason."""

    files: list[Written]
    left_out: dict[str, int]


def summary_of(year: int) -> str:
    """摘要: what the payer reads on the bank statement."""
    return f"城乡居民医保{year}"


def write_request(*, batch_id: int, folder: Path, by: User, at: datetime) -> Written:
    """Write the request file of a released batch and its digest file into ``folder``, each whole or not at
    all.

    The digest of the first writing is kept on the batch; every later writing must give the same bytes. Files
    of the same name are replaced. Raises BatchNotReleased, RequestChanged, TotalsDiffer, NotWritable,
    NotAllowed, OutOfScope.
    """
    why = "write a request file"
    with transaction.atomic(), audit.acting(by=by, why=why, batch=batch_id, at=at.isoformat()):
        batch = DebitBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        access.require(by, DOWNLOAD, batch.region_id)
        if batch.state != BatchState.RELEASED:
            raise BatchNotReleased(batch=batch.title)
        name = request_name(batch.bank_id, batch.region_id, batch.entrusted_on, batch_number(batch.number))
        done = write_atomically(folder / name, _verified(batch))
        if not batch.digest:
            batch.digest = done.sm3
            batch.save(update_fields=["digest"])
    return Written(batch.title, done.path, done.sm3, batch.lines, batch.amount)


def export_day(
    *,
    region_id: str,
    year: int,
    bank: str,
    debit_date: date,
    folder: Path,
    by: User,
    release_by: User,
    at: datetime,
) -> Exported:
    """Freeze what may be debited on the day, release it by a second person, and write all files of the day.

    Batches of the day that are there already are written again, identically; new ones hold only what became
    debitable since. Raises what freeze, release and write_request raise.
    """
    where: dict[str, Any] = {"region_id": region_id, "year": year, "bank": bank, "debit_date": debit_date}
    new = debits.freeze(**where, by=by, at=at)
    left_out = new[0].left_out if new else debits.left_out(**where)
    files = []
    for batch in debits.batches_of_day(**where):
        if batch.state == BatchState.FROZEN:
            debits.release(batch_id=batch.pk, by=release_by, at=at)
        files.append(write_request(batch_id=batch.pk, folder=folder, by=release_by, at=at))
    return Exported(files, left_out)


def _verified(batch: DebitBatch) -> Iterator[bytes]:
    """The chunks of the file; at their end, before the file gets its name, the digest is held against the
    first one.
    """
    if not batch.digest:
        yield from request_chunks(batch)
        return
    digest = hashlib.new("sm3")
    for chunk in request_chunks(batch):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != batch.digest:
        raise RequestChanged(batch=batch.title)


def request_chunks(batch: DebitBatch) -> Iterator[bytes]:
    """The bytes of the batch's request file in chunks; equal to those of the pure writer on the same rows.

    Raises TotalsDiffer before the first chunk, NotWritable for a value that cannot stand in its field.
    """
    bounds: dict[str, Any] = {"batch": batch.pk, "year": batch.benefit_year}
    totals = statements.rows("request_totals", **bounds)[0]
    if (totals["lines"], totals["amount"], totals["last_seq"]) != (batch.lines, batch.amount, batch.lines):
        raise TotalsDiffer(
            lines=batch.lines,
            amount=yuan(batch.amount),
            found_lines=totals["lines"],
            found_amount=yuan(totals["amount"]),
        )
    header = RequestHeader(
        region=batch.region_id,
        bank=batch.bank_id,
        agency=batch.entrusting_unit,
        day=batch.entrusted_on,
        batch=batch_number(batch.number),
        lines=batch.lines,
        amount=batch.amount,
        debit_from=batch.debit_from,
        debit_to=batch.debit_to,
    )
    yield f"{request_header_text(header)}\r\n".encode(ENCODING)
    clean = CleanBlocks(len(REQUEST_WIDTHS), b"\n")
    for block in _copied(batch):
        if any(odd in block for odd in _ODD) or clean.count(block) is None:
            yield _line_by_line(block)
        else:
            yield block.replace(b"\n", b"\r\n").decode().encode(ENCODING)


def _copied(batch: DebitBatch) -> Iterator[bytes]:
    """The batch's lines as COPY text, in blocks of whole lines."""
    (statement,) = statements.statements("request_lines")
    values = {
        "batch": batch.pk,
        "year": batch.benefit_year,
        "prefix": f"{batch.region_id}-{batch.benefit_year}-",
        "summary": summary_of(batch.benefit_year),
    }
    block = bytearray()
    with connection.cursor() as cursor, cursor.copy(statement.format(), values) as copy:
        for row in copy:
            block += row
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
    if block:
        yield bytes(block)


def _line_by_line(block: bytes) -> bytes:
    texts = [request_line_text(_parsed(row)) for row in block.decode().split("\n")[:-1]]
    return "".join(f"{text}\r\n" for text in texts).encode(ENCODING)


def _parsed(row: str) -> RequestLine:
    """A row of COPY text as the line it stands for."""
    values = [_ESCAPE.sub(_unescaped, field) for field in _FIELD.findall(row)]
    line = dict(zip(REQUEST_WIDTHS, values, strict=True))
    return RequestLine(
        seq=int(line["seq"]),
        account=line["account"],
        holder=line["holder"],
        amount=Decimal(line["amount"]),
        mandate_no=line["mandate_no"],
        ref=line["ref"],
        summary=line["summary"],
        cross_bank=line["cross_bank"] == "1",
        bank_name=line["bank_name"],
        cnaps=line["cnaps"],
        remark=line["remark"],
    )


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])

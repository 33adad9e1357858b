"""Vouchers by the thousand: one task prints a range of numbers into files, part by part, and may be stopped and resumed.

A part is written, then its row and the batch's progress in one transaction: whoever dies before leaves a file that no row
names, and the next worker prints the part again.
"""

import hashlib
import os
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from bureau import access, audit, leasing
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.models import Voucher, VoucherBatch, VoucherLease, VoucherPart, VoucherSeries
from payments.models.vouchers import MOST_IN_A_BATCH
from payments.services import vouchers
from payments.services.vouchers import PAYMENTS_A_YEAR, PRINT, Content
from payments.states import VoucherBatchState

PART = 500
UNPRINTABLE_KEPT = 2000
_TABLE = leasing.LeaseTable("payments_voucherlease", "batch_id")
_WAITING = """
SELECT b.id FROM payments_voucherbatch b JOIN payments_voucherlease l ON l.batch_id = b.id
 WHERE b.state IN ('QUEUED', 'RUNNING')
   AND (l.token IS NULL OR l.expires_at < clock_timestamp()
        OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.backend_pid AND a.backend_start = l.backend_start))
 ORDER BY b.id
"""


class VoucherRangeEmpty(BureauError):
    """Nothing to print."""

    code = "VOUCHER_RANGE_EMPTY"
    message = gettext_noop("The series has the numbers 1 to %(last)s; choose at most %(most)s of them.")


class VoucherBatchBusy(BureauError):
    """Another worker prints it."""

    code = "VOUCHER_BATCH_BUSY"
    message = gettext_noop("Another worker prints batch %(batch)s.")


class VoucherBatchMoved(BureauError):
    """The batch is not in a state for this."""

    code = "VOUCHER_BATCH_STATE"
    message = gettext_noop("Batch %(batch)s is %(state)s.")


class VoucherFileMissing(BureauError):
    """The row is there, the file is not, or not as it was written."""

    code = "VOUCHER_FILE_MISSING"
    message = gettext_noop("The stored file is missing or altered. Print the batch again.")


@dataclass(frozen=True)
class Printed:
    """A part as its printer returns it; ``unprintable``: voucher number and the characters that no font has."""

    pdf: bytes
    pages: int
    unprintable: Sequence[tuple[str, str]] = ()


Printer = Callable[[Sequence[Content], str], Printed]


def create(
    *, region_id: str, year: int, first: int, last: int, address: str, by: User, at: datetime
) -> VoucherBatch:
    """Queue the vouchers ``first`` to ``last`` of a series for printing. Raises VoucherRangeEmpty, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="print vouchers", region=region_id, year=year):
        access.require(by, PRINT, region_id)
        series = VoucherSeries.objects.filter(region_id=region_id, benefit_year=year).order_by("pk").first()
        end = series.last if series else 0
        if not 1 <= first <= last <= end or last - first >= MOST_IN_A_BATCH:
            raise VoucherRangeEmpty(last=end, most=MOST_IN_A_BATCH)
        batch = VoucherBatch.objects.create(
            region_id=region_id,
            benefit_year=year,
            first=first,
            last=last,
            reached=first - 1,
            address=address,
            made_by=by,
            made_at=at,
        )
        VoucherLease.objects.create(batch=batch)
        return batch


def stop(*, batch_id: int, by: User) -> VoucherBatch:
    """Stop a batch; the part in work is thrown away. Raises VoucherBatchMoved, NotAllowed, OutOfScope."""
    return _move(batch_id, VoucherBatchState.STOPPED, by, "stop printing vouchers")


def resume(*, batch_id: int, by: User) -> VoucherBatch:
    """Let a stopped or parked batch go on where it was. Raises VoucherBatchMoved, NotAllowed, OutOfScope."""
    batch = _move(batch_id, VoucherBatchState.QUEUED, by, "go on printing vouchers")
    VoucherLease.objects.filter(pk=batch_id).update(attempts=0)
    return batch


_FROM = {
    VoucherBatchState.STOPPED: (VoucherBatchState.QUEUED, VoucherBatchState.RUNNING),
    VoucherBatchState.QUEUED: (VoucherBatchState.STOPPED, VoucherBatchState.PARKED),
}


def _move(batch_id: int, wanted: VoucherBatchState, by: User, why: str) -> VoucherBatch:
    with transaction.atomic(), audit.acting(by=by, why=why, batch=batch_id):
        batch = VoucherBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        access.require(by, PRINT, batch.region_id)
        if batch.state not in _FROM[wanted]:
            raise VoucherBatchMoved(batch=batch_id, state=batch.get_state_display())
        batch.state = wanted.value
        batch.save(update_fields=["state"])
        return batch


def waiting() -> list[int]:
    """Batches that are queued, or whose worker is gone; oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return [row[0] for row in cursor.fetchall()]


def process(*, batch_id: int, printer: Printer, at: datetime, part: int = PART) -> VoucherBatch:
    """Print a batch to its end, or until it is stopped. Raises VoucherBatchBusy, VoucherBatchMoved, and what failed."""
    token = _claim(batch_id)
    try:
        with leasing.heartbeat(_TABLE, batch_id, token, dict):
            while _advance(batch_id, token, printer, at, part):
                continue
    finally:
        VoucherLease.objects.filter(pk=batch_id, token=token).update(
            token=None, backend_pid=None, backend_start=None, expires_at=None
        )
    return VoucherBatch.objects.get(pk=batch_id)


def _claim(batch_id: int) -> uuid.UUID:
    with transaction.atomic(), audit.acting(by=None, why="print vouchers", batch=batch_id):
        batch = VoucherBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        if batch.state not in (VoucherBatchState.QUEUED, VoucherBatchState.RUNNING):
            raise VoucherBatchMoved(batch=batch_id, state=batch.state)
        taken = _TABLE.take(batch_id)
        if taken is None:
            raise VoucherBatchBusy(batch=batch_id)
        token, attempts = taken
        if batch.state == VoucherBatchState.QUEUED:
            batch.state = VoucherBatchState.RUNNING.value
            batch.save(update_fields=["state"])
        if attempts > leasing.MAX_ATTEMPTS:
            batch.state = VoucherBatchState.PARKED.value
            batch.save(update_fields=["state"])
            VoucherLease.objects.filter(pk=batch_id).update(token=None, expires_at=None)
    if attempts > leasing.MAX_ATTEMPTS:
        raise VoucherBatchMoved(batch=batch_id, state=VoucherBatchState.PARKED.value)
    return token


def _advance(batch_id: int, token: uuid.UUID, printer: Printer, at: datetime, part: int) -> bool:
    """Print the next part; whether there is more to do."""
    batch = VoucherBatch.objects.get(pk=batch_id)
    if batch.state != VoucherBatchState.RUNNING or batch.reached >= batch.last:
        return False
    first = batch.reached + 1
    last = min(batch.last, batch.reached + part)
    low = batch.benefit_year * PAYMENTS_A_YEAR
    rows = Voucher.objects.filter(
        pk__gte=low, pk__lt=low + PAYMENTS_A_YEAR, region_id=batch.region_id, number__range=(first, last)
    )
    found = vouchers.contents(list(rows.order_by("number")))
    live = [content for content in found if content.cancelled_on is None]
    printed = printer(live, batch.address) if live else Printed(b"", 0)
    stored_as = _write(printed.pdf) if printed.pages else ""
    with transaction.atomic(), audit.acting(by=None, why="print vouchers", batch=batch_id):
        batch = VoucherBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        mine = VoucherLease.objects.select_for_update(of=("self",)).filter(pk=batch_id, token=token)
        if batch.state != VoucherBatchState.RUNNING or not mine.exists():
            _remove(stored_as)
            return False
        if stored_as:
            VoucherPart.objects.create(
                batch=batch,
                first=first,
                last=last,
                pages=printed.pages,
                stored_as=stored_as,
                size=len(printed.pdf),
                sha256=hashlib.sha256(printed.pdf).hexdigest(),
                made_at=at,
            )
        batch.reached = last
        batch.printed += printed.pages
        batch.left_out += len(found) - len(live)
        batch.unprintable = [*batch.unprintable, *map(list, printed.unprintable)][:UNPRINTABLE_KEPT]
        if last == batch.last:
            batch.state, batch.finished_at = VoucherBatchState.DONE.value, at
        batch.save()
        VoucherLease.objects.filter(pk=batch_id).update(attempts=1)
    return last < batch.last


def folder() -> Path:
    """Where the files are, below the data directory and outside everything the web server hands out."""
    return Path(settings.VAR_DIR) / "vouchers"


def read(part: VoucherPart) -> bytes:
    """The bytes of a part, proven to be those that were written. Raises VoucherFileMissing."""
    try:
        content = (folder() / part.stored_as[:2] / part.stored_as).read_bytes()
    except OSError as error:
        raise VoucherFileMissing() from error
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise VoucherFileMissing()
    return content


def _write(pdf: bytes) -> str:
    """The whole file on the disk before the row that names it."""
    stored_as = f"{secrets.token_hex(16)}.pdf"
    path = folder() / stored_as[:2] / stored_as
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pdf)
        file.flush()
        os.fsync(file.fileno())
    return stored_as


def _remove(stored_as: str) -> None:
    if stored_as:
        (folder() / stored_as[:2] / stored_as).unlink(missing_ok=True)

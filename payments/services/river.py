"""The river of one file: staging -> matching -> (held?) -> posting -> report, by whoever holds the lease.

What differs between kinds of files is their course (courses.py); leases, holds, chunks and replay are the same for all.

Every stage may be repeated: staging and matching only make unlogged tables, posting is once per chunk by the chunk's row. So
the same task again, after any crash, ends in the same books.
"""

import hashlib
import logging
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from bureau import audit, faults, proposals
from bureau.errors import BureauError
from bureau.models import User
from payments.files.refusals import FileRefused
from payments.models import BankFile, FileChunk
from payments.services import chunks, courses, intake, leases, reports, results, staging
from payments.services.courses import Course, Identify
from payments.services.reports import Report
from payments.states import ChunkState, FileKind, FileState

log = logging.getLogger(__name__)
RELEASE_KIND = "file.release"


def load(file_id: int) -> BankFile:
    """The file as it stands now, with what its course needs."""
    related = ("batch", "bank", "push", "uploaded_by", "released_by")
    return BankFile.objects.select_related(*related).get(pk=file_id)


def process(*, file_id: int, at: datetime) -> BankFile:
    """Take a waiting file as far as it goes: APPLIED, HELD, REJECTED, back to QUEUED after a failure, or PARKED.

    Raises leases.NotWaiting, leases.Busy, leases.BatchBusy when it is not this worker's turn. A failure of the database or
    of the code counts as an attempt; the third parks the file.
    """
    lease = leases.claim(file_id)
    started = time.monotonic()
    try:
        with leases.heartbeat(lease):
            _run(lease, at, started)
    except leases.LeaseLost:
        log.warning("file %s: the lease was lost", file_id)
    except FileRefused as error:
        _refuse(lease, error, at, started)
    except BureauError as error:
        _park(lease, intake.reason(error))
    except Exception as error:
        connection.close_if_unusable_or_obsolete()
        _fail(lease, error)
        log.exception("file %s: attempt %s failed", file_id, lease.attempts)
    return BankFile.objects.get(pk=file_id)


def _run(lease: leases.Lease, at: datetime, started: float) -> None:
    course = courses.of(load(lease.file_id), at)
    course.prepare()
    faults.hit("after_claim")
    staged = _read(course, lease)
    if not _admit(course, lease, staged, at, started):
        return
    faults.hit("after_admission")
    lease.phase = "POSTING"
    finished = False
    while not finished:
        while chunks.post_next(course):
            faults.hit("after_chunk_commit")
        finished = _finish(lease, at, started)


def _read(course: Course, lease: leases.Lease) -> staging.Staged:
    """Stage and match the stored original; raises OriginalAltered when it is not what was received."""
    file = course.file
    path = intake.path_of(file)
    if not path.is_file():
        raise intake.OriginalAltered(file=file.pk)

    def seen(lines: int) -> None:
        lease.lines_seen = lines

    staged = course.stage(path=path, seen=seen)
    if staged.sha256 != file.sha256:
        raise intake.OriginalAltered(file=file.pk)
    faults.hit("after_staging")
    lease.phase = "MATCHING"
    course.match()
    faults.hit("after_matching")
    return staged


def _admit(course: Course, lease: leases.Lease, staged: staging.Staged, at: datetime, started: float) -> bool:
    """Hold the file for a second person, or cut it into chunks; True when posting may go on."""
    file = course.file
    reasons, sums = course.hold_reasons(staged), course.sums()
    read_now = {
        "content_sha256": staged.content_sha256,
        "lines": sums.lines,
        "amount": sums.amount,
        "debited": sums.debited,
    }
    begun = FileChunk.objects.filter(file=file).exists()
    if reasons and file.released_by_id is None and not begun:
        _hold(course, lease, reasons, read_now, at, started)
        return False
    with transaction.atomic(), audit.acting(by=None, why="cut a bank file into chunks", file=file.pk):
        leases.confirm(lease)
        BankFile.objects.filter(pk=file.pk).update(**read_now)
        if not begun:
            probe = course.probe()
            FileChunk.objects.bulk_create(
                FileChunk(file=file, number=number, first=first, last=last, probe_serials=probe)
                for number, (first, last) in enumerate(_ranges(sums.lines), start=1)
            )
    return True


def _ranges(lines: int) -> list[tuple[int, int]]:
    size = settings.RIVER_CHUNK_LINES
    return [(first, min(first + size - 1, lines)) for first in range(1, lines + 1, size)]


def _hold(
    course: Course,
    lease: leases.Lease,
    reasons: list[dict[str, object]],
    read_now: dict[str, Any],
    at: datetime,
    started: float,
) -> None:
    file = course.file
    report = course.preview(_ranges(read_now["lines"]))
    staging.drop(course.tables)
    with transaction.atomic(), audit.acting(by=None, why="hold a bank file", file=file.pk):
        leases.confirm(lease)
        BankFile.objects.filter(pk=file.pk).update(
            **read_now, reasons=reasons, report=report, seconds=file.seconds + time.monotonic() - started
        )
        proposals.propose(
            kind=RELEASE_KIND,
            subject=file,
            region_id=course.region,
            title=file.name,
            difference={
                "reasons": reasons,
                "header": file.header,
                "buckets": report.get("buckets", report.get("outcomes", {})),
            },
            by=file.uploaded_by,
            at=at,
        )
        leases.give_up(lease, state=FileState.HELD)


def _finish(lease: leases.Lease, at: datetime, started: float) -> bool:
    """When every chunk is posted: prove the sums, write the tallies and the report, end the file; False: chunks are left."""
    with transaction.atomic(), audit.acting(by=None, why="finish a bank file", file=lease.file_id):
        leases.confirm(lease)
        file = load(lease.file_id)
        # Another worker may still be posting its chunk: its row is locked until it commits.
        parts = list(FileChunk.objects.select_for_update(of=("self",)).filter(file=file).order_by("number"))
        if any(chunk.state != ChunkState.DONE for chunk in parts):
            return False
        file.report = courses.of(file, at).prove(parts)
        file.finished_at = at
        file.seconds += time.monotonic() - started
        file.state = FileState.APPLIED.value
        file.save(update_fields=["report", "finished_at", "seconds", "state"])
        staging.drop(staging.Tables(str(file.pk)))
        leases.give_up(lease, state=FileState.APPLIED)
    faults.hit("after_finish")
    return True


def _refuse(lease: leases.Lease, error: FileRefused, at: datetime, started: float) -> None:
    with transaction.atomic(), audit.acting(by=None, why="refuse a bank file", file=lease.file_id):
        leases.confirm(lease)
        file = BankFile.objects.select_for_update(of=("self",)).get(pk=lease.file_id)
        file.reasons, file.finished_at = [intake.reason(error)], at
        file.seconds += time.monotonic() - started
        file.save(update_fields=["reasons", "finished_at", "seconds"])
        leases.give_up(lease, state=FileState.REJECTED)


def _park(lease: leases.Lease, reason: dict[str, object]) -> None:
    with transaction.atomic(), audit.acting(by=None, why="park a bank file", file=lease.file_id):
        BankFile.objects.filter(pk=lease.file_id).update(reasons=[reason])
        leases.give_up(lease, state=FileState.PARKED, error=str(reason["code"]))


def _fail(lease: leases.Lease, error: Exception) -> None:
    """Count the attempt; the third one parks the file with the last error's name."""
    last = lease.attempts >= leases.MAX_ATTEMPTS
    try:
        if last:
            _park(lease, {"code": "ATTEMPTS_FAILED", "message": type(error).__name__, "params": {}})
        else:
            leases.give_up(lease, state=FileState.QUEUED, error=f"{type(error).__name__}: {error}")
    except DatabaseError:
        log.warning("file %s: the database is away; the lease will expire by itself", lease.file_id)


def help_posting(*, file_id: int, at: datetime) -> int:
    """Post chunks of a file that another worker leads; returns how many. Ends quietly when nothing is left to take."""
    file = load(file_id)
    if file.state != FileState.RUNNING:
        return 0
    course = courses.of(file, at)
    course.prepare()
    posted = 0
    while chunks.post_next(course):
        posted += 1
    return posted


def dry_run(
    *,
    path: Path,
    name: str,
    sm3: str,
    digest: bytes | None,
    by: User,
    at: datetime,
    kind: FileKind = FileKind.RESULT,
    course: Identify = results.identify,
) -> Report:
    """The report that a file of ``kind`` would get, without applying or keeping anything."""
    started = time.monotonic()
    with path.open("rb") as stream:
        earlier = intake.same_bytes(hashlib.file_digest(stream, "sha256").hexdigest())
    if earlier is not None:
        return reports.report_of(earlier, already=True)
    tables = staging.Tables("dry" + uuid.uuid4().hex[:12])
    shell = BankFile(name=name, uploaded_by=by, kind=kind.value)
    try:
        target = intake.identify(path=path, name=name, sm3=sm3, digest=digest, by=by, course=course)
        shell.batch, shell.bank, shell.region_id = target.batch, target.bank, target.region_id
        shell.channel, shell.day, shell.push = target.channel, target.day, target.push
        shell.header = target.header
        way = courses.of(shell, at, tables)
        staged = way.stage(path=path, seen=lambda lines: None)
        way.match()
        sums = way.sums()
        shell.lines, shell.amount, shell.debited = sums.lines, sums.amount, sums.debited
        shell.reasons = way.hold_reasons(staged)
        shell.state = (FileState.HELD if shell.reasons else FileState.APPLIED).value
        shell.report = way.preview(_ranges(sums.lines))
    except FileRefused as error:
        shell.state, shell.reasons = FileState.REJECTED.value, [intake.reason(error)]
    finally:
        staging.drop(tables)
    shell.seconds = time.monotonic() - started
    return reports.report_of(shell)

"""The river of one file: staging -> matching -> (held?) -> posting -> report, by whoever holds the lease.

Every stage may be repeated: staging and matching only make unlogged tables, posting is once per chunk by the chunk's row. So
the same task again, after any crash, ends in the same books.
"""

import hashlib
import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from bureau import audit, faults, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from enrollment.services import policies
from payments.files.refusals import FileRefused
from payments.models import BankFile, BankProfile, DebitBatch, FileChunk, FileTally
from payments.services import intake, leases, matching, posting, reports, staging
from payments.services.reports import Report
from payments.states import ChunkState, FileState

log = logging.getLogger(__name__)
RELEASE_KIND = "file.release"


class NotIdentified(BureauError):
    """A file whose header pointed nowhere was never queued; reaching the river it is a defect."""

    code = "FILE_NOT_IDENTIFIED"
    message = gettext_noop("File %(file)s belongs to no batch.")


@dataclass(frozen=True)
class Job:
    """An identified file: what its header pointed to."""

    file: BankFile
    batch: DebitBatch
    bank: BankProfile
    region: str

    @classmethod
    def of(cls, file: BankFile) -> "Job":
        """Raises NotIdentified."""
        if file.batch is None or file.bank is None or file.region_id is None:
            raise NotIdentified(file=file.pk)
        return cls(file, file.batch, file.bank, file.region_id)

    @classmethod
    def load(cls, file_id: int) -> "Job":
        """The file as it stands now. Raises NotIdentified."""
        related = ("batch", "bank", "uploaded_by", "released_by")
        return cls.of(BankFile.objects.select_related(*related).get(pk=file_id))

    def context(self, at: datetime) -> posting.Context:
        """What its chunks share; raises NoPolicy, YearNotPublished."""
        policy = policies.in_force(self.region, self.batch.benefit_year)
        return posting.context(file=self.file, policy=policy, at=at)


@dataclass(frozen=True)
class Read:
    """A staged and resolved file."""

    staged: staging.Staged
    totals: staging.Totals


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
    job = Job.load(lease.file_id)
    ctx = job.context(at)
    faults.hit("after_claim")
    read = _read(job, lease, at)
    if not _admit(job, lease, read, at, started):
        return
    faults.hit("after_admission")
    lease.phase = "POSTING"
    finished = False
    while not finished:
        while posting.post_next(ctx):
            faults.hit("after_chunk_commit")
        finished = _finish(lease, at, started)


def _read(job: Job, lease: leases.Lease, at: datetime) -> Read:
    """Stage and resolve the stored original; raises OriginalAltered when it is not what was received."""
    file = job.file
    path = intake.path_of(file)
    if not path.is_file():
        raise intake.OriginalAltered(file=file.pk)

    def seen(lines: int) -> None:
        lease.lines_seen = lines

    tables = staging.Tables(str(file.pk))
    staged = staging.stage(path=path, tables=tables, limits=intake.limits_of(job.bank), seen=seen)
    if staged.sha256 != file.sha256:
        raise intake.OriginalAltered(file=file.pk)
    faults.hit("after_staging")
    lease.phase = "MATCHING"
    matching.resolve(tables=tables, batch=job.batch, profile=job.bank, file_id=file.pk, today=day_of(at))
    faults.hit("after_matching")
    return Read(staged, staging.totals(tables))


def _admit(job: Job, lease: leases.Lease, read: Read, at: datetime, started: float) -> bool:
    """Hold the file for a second person, or cut it into chunks; True when posting may go on."""
    file = job.file
    reasons = matching.hold_reasons(
        header=file.header,
        totals=read.totals,
        content_sha256=read.staged.content_sha256,
        file_id=file.pk,
        region_id=job.region,
    )
    read_now = {
        "content_sha256": read.staged.content_sha256,
        "lines": read.totals.lines,
        "amount": read.totals.amount,
        "debited": read.totals.debited,
    }
    begun = FileChunk.objects.filter(file=file).exists()
    if reasons and file.released_by_id is None and not begun:
        _hold(job, lease, read, reasons, read_now, at, started)
        return False
    with transaction.atomic(), audit.acting(by=None, why="cut a bank file into chunks", file=file.pk):
        leases.confirm(lease)
        BankFile.objects.filter(pk=file.pk).update(**read_now)
        if not begun:
            probe = matching.serials_overlap(bank=job.bank.pk, file_id=file.pk, totals=read.totals)
            FileChunk.objects.bulk_create(
                FileChunk(file=file, number=number, first=first, last=last, probe_serials=probe)
                for number, (first, last) in enumerate(_ranges(read.totals.lines), start=1)
            )
    return True


def _ranges(lines: int) -> list[tuple[int, int]]:
    size = settings.RIVER_CHUNK_LINES
    return [(first, min(first + size - 1, lines)) for first in range(1, lines + 1, size)]


def _preview(tables: staging.Tables, job: Job, lines: int) -> Report:
    """The report the staged lines would get now, without writing anything."""
    tallies = [
        posting.preview(tables=tables, bank=job.bank.pk, first=first, last=last, file_id=job.file.pk or 0)
        for first, last in _ranges(lines)
    ]
    return reports.body(
        summed=reports.add_up(tallies),
        batch_lines=job.batch.lines,
        batch_amount=job.batch.amount,
        answered_before=_answered_before(job),
    )


def _answered_before(job: Job) -> tuple[int, Decimal]:
    """Instructions of the batch, and their yuan, that earlier applied files answered."""
    lines, amount = 0, reports.ZERO
    earlier = job.batch.files.filter(state=FileState.APPLIED).exclude(pk=job.file.pk)
    for (report,) in earlier.values_list("report"):
        lines += report["answered"]["lines"]
        amount += Decimal(report["answered"]["amount"])
    return lines, amount


def _hold(
    job: Job,
    lease: leases.Lease,
    read: Read,
    reasons: list[dict[str, object]],
    read_now: dict[str, object],
    at: datetime,
    started: float,
) -> None:
    file = job.file
    tables = staging.Tables(str(file.pk))
    report = _preview(tables, job, read.totals.lines)
    staging.drop(tables)
    with transaction.atomic(), audit.acting(by=None, why="hold a bank file", file=file.pk):
        leases.confirm(lease)
        BankFile.objects.filter(pk=file.pk).update(
            **read_now, reasons=reasons, report=report, seconds=file.seconds + time.monotonic() - started
        )
        proposals.propose(
            kind=RELEASE_KIND,
            subject=file,
            region_id=job.region,
            title=file.name,
            difference={"reasons": reasons, "header": file.header, "buckets": report["buckets"]},
            by=file.uploaded_by,
            at=at,
        )
        leases.give_up(lease, state=FileState.HELD)


def _finish(lease: leases.Lease, at: datetime, started: float) -> bool:
    """When every chunk is posted: prove the sums, write the tallies and the report, end the file; False: chunks are left."""
    with transaction.atomic(), audit.acting(by=None, why="finish a bank file", file=lease.file_id):
        leases.confirm(lease)
        job = Job.load(lease.file_id)
        file = job.file
        # Another worker may still be posting its chunk: its row is locked until it commits.
        chunks = list(FileChunk.objects.select_for_update(of=("self",)).filter(file=file).order_by("number"))
        if any(chunk.state != ChunkState.DONE for chunk in chunks):
            return False
        summed = reports.add_up(chunk.tally for chunk in chunks)
        rows = summed["buckets"]
        sums = tuple(
            sum((row[key] for row in rows.values()), start=reports.ZERO) for key in ("amount", "debited")
        )
        if (sum(row["lines"] for row in rows.values()), *sums) != (file.lines, file.amount, file.debited):
            raise SumsDiffer(file=file.pk)
        FileTally.objects.bulk_create(
            FileTally(file=file, region_id=job.region, bucket=bucket.value, **row)
            for bucket, row in rows.items()
        )
        file.report = reports.body(
            summed=summed,
            batch_lines=job.batch.lines,
            batch_amount=job.batch.amount,
            answered_before=_answered_before(job),
        )
        file.finished_at = at
        file.seconds += time.monotonic() - started
        file.state = FileState.APPLIED.value
        file.save(update_fields=["report", "finished_at", "seconds", "state"])
        staging.drop(staging.Tables(str(file.pk)))
        leases.give_up(lease, state=FileState.APPLIED)
    faults.hit("after_finish")
    return True


class SumsDiffer(BureauError):
    """The buckets do not add up to the lines read: a defect of ours, never applied in silence."""

    code = "SUMS_DIFFER"
    message = gettext_noop("The buckets of file %(file)s do not add up to its lines.")


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
    job = Job.load(file_id)
    if job.file.state != FileState.RUNNING:
        return 0
    ctx = job.context(at)
    posted = 0
    while posting.post_next(ctx):
        posted += 1
    return posted


def dry_run(*, path: Path, name: str, sm3: str, digest: bytes | None, by: User, at: datetime) -> Report:
    """The report that a file would get, without applying or keeping anything."""
    started = time.monotonic()
    with path.open("rb") as stream:
        earlier = intake.same_bytes(hashlib.file_digest(stream, "sha256").hexdigest())
    if earlier is not None:
        return reports.report_of(earlier, already=True)
    tables = staging.Tables("dry" + uuid.uuid4().hex[:12])
    shell = BankFile(name=name, uploaded_by=by)
    try:
        target = intake.identify(path=path, name=name, sm3=sm3, digest=digest, by=by)
        shell.batch, shell.bank, shell.region_id = target.batch, target.profile, target.batch.region_id
        shell.header = intake.header_json(target.header)
        limits = intake.limits_of(target.profile)
        staged = staging.stage(path=path, tables=tables, limits=limits, seen=lambda lines: None)
        matching.resolve(
            tables=tables, batch=target.batch, profile=target.profile, file_id=0, today=day_of(at)
        )
        totals = staging.totals(tables)
        shell.lines, shell.amount = totals.lines, totals.amount
        shell.reasons = matching.hold_reasons(
            header=shell.header,
            totals=totals,
            content_sha256=staged.content_sha256,
            file_id=0,
            region_id=target.batch.region_id,
        )
        shell.state = (FileState.HELD if shell.reasons else FileState.APPLIED).value
        shell.report = _preview(tables, Job.of(shell), totals.lines)
    except FileRefused as error:
        shell.state, shell.reasons = FileState.REJECTED.value, [intake.reason(error)]
    finally:
        staging.drop(tables)
    shell.seconds = time.monotonic() - started
    return reports.report_of(shell)

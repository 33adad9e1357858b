"""The course of a bank's result file: matched against its batch, posted as answers, payments and work."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from bureau import access
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region, User
from enrollment.services import policies
from payments.files.layouts import RESULT, Layout
from payments.files.limits import Limits
from payments.files.refusals import FileRefused
from payments.files.results import ResultHeader, read_header
from payments.models import BankFile, BankProfile, DebitBatch, FileChunk, FileTally
from payments.services import courses, debitcases, matching, posting, reports, staging
from payments.services.courses import Course, Report, Sums, SumsDiffer, Tally, Target
from payments.states import BatchState, FileKind, FileState


class UnknownBank(FileRefused):
    """No profile of this bank."""

    code = "UNKNOWN_BANK"
    message = gettext_noop("There is no profile of bank %(bank)s.")


class UnknownRegion(FileRefused):
    """No such region, or not one of the uploader's."""

    code = "UNKNOWN_REGION"
    message = gettext_noop("Region %(region)s is not one of yours.")


class UnknownBatch(FileRefused):
    """The header names a batch that was never released to this bank."""

    code = "UNKNOWN_BATCH"
    message = gettext_noop("Batch %(batch)s of %(day)s was never sent to bank %(bank)s.")


class NotIdentified(BureauError):
    """A file whose header pointed nowhere was never queued; reaching the river it is a defect."""

    code = "FILE_NOT_IDENTIFIED"
    message = gettext_noop("File %(file)s belongs to no batch.")


def check_region(code: str, by: User) -> str:
    """The region of a header, if it is one of the uploader's. Raises UnknownRegion."""
    if not Region.objects.filter(code=code).exists() or not access.in_scope(by, code):
        raise UnknownRegion(region=code)
    return code


def identify(first_line: bytes, by: User) -> Target:
    """What the header of a result file points to.

    Raises HeaderUnreadable, WrongEncoding, UnknownBank, UnknownRegion, UnknownBatch.
    """
    header = read_header(first_line)
    profile = BankProfile.objects.filter(code=header.bank).first()
    if profile is None:
        raise UnknownBank(bank=header.bank)
    check_region(header.region, by)
    batch = DebitBatch.objects.filter(
        bank=profile,
        region_id=header.region,
        entrusted_on=header.day,
        number=int(header.batch),
        state=BatchState.RELEASED,
    ).first()
    if batch is None or header.agency != batch.entrusting_unit:
        raise UnknownBatch(batch=header.batch, day=header.day.isoformat(), bank=header.bank)
    return Target(region_id=batch.region_id, header=header_json(header), bank=profile, batch=batch)


def header_json(header: ResultHeader) -> dict[str, Any]:
    """The header's claims as stored on the file: counts as numbers, yuan and days as text."""
    return {
        "lines": header.lines,
        "amount": f"{header.amount:.2f}",
        "ok_lines": header.ok_lines,
        "ok_amount": f"{header.ok_amount:.2f}",
        "failed_lines": header.failed_lines,
        "failed_amount": f"{header.failed_amount:.2f}",
        "processed_on": header.processed_on.isoformat(),
        "day": header.day.isoformat(),
        "batch": header.batch,
    }


class ResultCourse(Course):
    """Stage, match and post a result file (design: bank-files 8.1)."""

    kind: ClassVar[FileKind] = FileKind.RESULT
    layout: ClassVar[Layout] = RESULT

    def __init__(self, file: BankFile, at: datetime, tables: staging.Tables | None = None) -> None:
        """Raises NotIdentified."""
        super().__init__(file, at, tables)
        if file.batch is None or file.bank is None or file.region_id is None:
            raise NotIdentified(file=file.pk)
        self.batch: DebitBatch = file.batch
        self.bank: BankProfile = file.bank
        self._totals: staging.Totals | None = None
        self._ctx: posting.Context | None = None

    def limits(self) -> Limits:
        """By the bank's profile."""
        return Limits(
            max_line_bytes=self.bank.max_line_bytes,
            max_lines=self.bank.max_lines,
            max_file_bytes=self.bank.max_file_bytes,
        )

    def prepare(self) -> None:
        """Raises NoPolicy, YearNotPublished."""
        self._context()

    def _context(self) -> posting.Context:
        if self._ctx is None:
            policy = policies.in_force(self.region, self.batch.benefit_year)
            self._ctx = posting.context(file=self.file, policy=policy, at=self.at)
        return self._ctx

    def match(self) -> None:
        """Each line against its instruction."""
        matching.resolve(
            tables=self.tables,
            batch=self.batch,
            profile=self.bank,
            file_id=self.file.pk or 0,
            today=self._today(),
        )

    def _today(self) -> date:
        return day_of(self.at)

    def _read(self) -> staging.Totals:
        if self._totals is None:
            self._totals = staging.totals(self.tables)
        return self._totals

    def sums(self) -> Sums:
        """Lines, 应扣, 实扣."""
        read = self._read()
        return Sums(read.lines, read.amount, read.debited)

    def hold_reasons(self, staged: staging.Staged) -> list[dict[str, Any]]:
        """Totals, unreadable lines, twins, closed days."""
        return matching.hold_reasons(
            header=self.file.header,
            totals=self._read(),
            content_sha256=staged.content_sha256,
            file_id=self.file.pk or 0,
            region_id=self.region,
        )

    def probe(self) -> bool:
        """Whether another file of the bank may hold the same serials."""
        return matching.serials_overlap(bank=self.bank.pk, file_id=self.file.pk, totals=self._read())

    def preview(self, ranges: Sequence[tuple[int, int]]) -> Report:
        """The buckets that the lines would get now."""
        tallies = [
            posting.preview(
                tables=self.tables, bank=self.bank.pk, first=first, last=last, file_id=self.file.pk or 0
            )
            for first, last in ranges
        ]
        return self._body(reports.add_up(tallies))

    def _body(self, summed: dict[str, Any]) -> Report:
        return reports.body(
            summed=summed,
            batch_lines=self.batch.lines,
            batch_amount=self.batch.amount,
            answered_before=self._answered_before(),
        )

    def _answered_before(self) -> tuple[int, Decimal]:
        """Instructions of the batch, and their yuan, that earlier applied files answered."""
        lines, amount = 0, reports.ZERO
        earlier = self.batch.files.filter(state=FileState.APPLIED).exclude(pk=self.file.pk)
        for (report,) in earlier.values_list("report"):
            lines += report["answered"]["lines"]
            amount += Decimal(report["answered"]["amount"])
        return lines, amount

    def post(self, chunk: FileChunk, *, probe: bool) -> Tally:
        """Answers, payments, cover, duplicates, reversals, work. Raises StagingLost."""
        return posting.post_chunk(self._context(), chunk, probe=probe)

    def prove(self, chunks: Sequence[FileChunk]) -> Report:
        """Buckets add up to the lines read; tallies are written."""
        summed = reports.add_up(chunk.tally for chunk in chunks)
        rows, file = summed["buckets"], self.file
        sums = tuple(
            sum((row[key] for row in rows.values()), start=reports.ZERO) for key in ("amount", "debited")
        )
        if (sum(row["lines"] for row in rows.values()), *sums) != (file.lines, file.amount, file.debited):
            raise SumsDiffer(file=file.pk)
        FileTally.objects.bulk_create(
            FileTally(file=file, region_id=self.region, bucket=bucket.value, **row)
            for bucket, row in rows.items()
        )
        debitcases.pull(at=self.at)
        return self._body(summed)


courses.register(ResultCourse)

"""The push to the tax side: what is due and what ended goes out as a file, its acknowledgement comes in by the river.

What the tax office has not taken is told again: a receivable is pushed until the last line about it was taken and says what
our books say now. A line waits for its answer; a refused one is listed with its reason and goes out again with the next file
(design: bank-files 8.5 F; domain P06, P27).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.files.delivery import Delivered, write_atomically
from payments.files.exchanges import (
    PushHeader,
    PushRow,
    named,
    push_bytes,
    push_name,
    read_push_answer_header,
)
from payments.files.layouts import PUSH_ANSWER, Layout
from payments.files.refusals import HELD_CODES, FileRefused, too_many_rejected
from payments.models import FileChunk, PushBatch, PushLine
from payments.services import courses, staging, statements
from payments.services.courses import Course, Report, Sums, SumsDiffer, Tally, Target
from payments.services.matching import twin_of
from payments.services.results import check_region
from payments.states import FileKind

MAKE = "push.make"
TALLY = ("taken", "refused", "unknown", "repeated", "changed")


class NothingToPush(BureauError):
    """The tax office knows everything that is to be known, or has it under way."""

    code = "NOTHING_TO_PUSH"
    message = gettext_noop("Nothing of region %(region)s for %(year)s is new to the tax office.")


class PushBusy(BureauError):
    """A colleague makes one at this moment."""

    code = "PUSH_BUSY"
    message = gettext_noop("Another push of region %(region)s was made at this moment: look at it first.")


class UnknownPush(FileRefused):
    """The acknowledgement names a push that was never made."""

    code = "UNKNOWN_PUSH"
    message = gettext_noop("Push %(batch)s of %(day)s was never made for region %(region)s.")


@dataclass(frozen=True)
class Standing:
    """How a push stands: lines, taken, refused, without an answer."""

    lines: int
    taken: int
    refused: int

    @property
    def waiting(self) -> int:
        """Lines without an answer."""
        return self.lines - self.taken - self.refused


def make(*, region_id: str, year: int, by: User, at: datetime) -> PushBatch:
    """Freeze what the tax office must be told of ``region_id`` and ``year``: new, changed and ended receivables.

    Receivables whose last line waits for its answer are left for the next time. Raises NothingToPush, PushBusy, NotAllowed,
    OutOfScope.
    """
    day = day_of(at)
    try:
        with (
            transaction.atomic(),
            audit.acting(by=by, why="push to the tax office"),
            connection.cursor() as cursor,
        ):
            access.require(by, MAKE, region_id)
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.pushes.' || %s))", [region_id])
            lines = statements.run(cursor, "push_collect", region=region_id, year=year)
            if not lines:
                raise NothingToPush(region=region_id, year=year)
            number = PushBatch.objects.filter(region_id=region_id, day=day).count() + 1
            batch = PushBatch.objects.create(
                region_id=region_id, day=day, number=number, lines=lines, made_by=by, made_at=at
            )
            statements.run(cursor, "push_write", batch=batch.pk)
            cursor.execute("DROP TABLE to_push")
            return batch
    except IntegrityError as error:
        raise PushBusy(region=region_id) from error


def name_of(batch: PushBatch) -> str:
    """The file's name."""
    return push_name(batch.region_id, batch.day, f"{batch.number:04d}")


def content(batch: PushBatch) -> Any:
    """The file in chunks, the same bytes each time. Raises PushNotWritable."""
    header = PushHeader(batch.region_id, batch.day, f"{batch.number:04d}", batch.lines)
    rows = PushLine.objects.filter(batch=batch).order_by("pk").iterator(chunk_size=2000)
    return push_bytes(
        header,
        (
            PushRow(
                seq=row.pk % 10**8,
                op=row.op,
                enrollment=str(row.enrollment_id),
                id_type=row.id_type,
                id_number=row.id_number,
                name=row.name,
                year=row.benefit_year,
                scheme=row.scheme,
                amount=row.amount,
                receivable=str(row.receivable_id),
            )
            for row in rows
        ),
    )


def write(*, batch_id: int, folder: Path, by: User) -> Delivered:
    """Write the file of a push with its digest into ``folder``. Raises PushNotWritable, NotAllowed, OutOfScope."""
    batch = PushBatch.objects.get(pk=batch_id)
    access.require(by, MAKE, batch.region_id)
    return write_atomically(folder / name_of(batch), content(batch))


def standing(batch: PushBatch) -> Standing:
    """Counted from the answers."""
    row = PushLine.objects.filter(batch=batch).aggregate(
        taken=Count("pk", filter=Q(answer__taken=True)), refused=Count("pk", filter=Q(answer__taken=False))
    )
    return Standing(batch.lines, row["taken"], row["refused"])


def identify(first_line: bytes, by: User) -> Target:
    """What the header of an acknowledgement points to. Raises HeaderUnreadable, WrongEncoding, UnknownRegion, UnknownPush."""
    header = read_push_answer_header(first_line)
    region = check_region(header.region, by)
    push = PushBatch.objects.filter(region_id=region, day=header.day, number=int(header.batch)).first()
    if push is None:
        raise UnknownPush(batch=header.batch, day=header.day.isoformat(), region=region)
    claims = named({"day": header.day, "batch": header.batch})
    counts = {"lines": header.lines, "taken": header.taken, "refused": header.refused}
    return Target(region_id=region, header=claims | counts, day=header.day, push=push)


class PushAnswerCourse(Course):
    """The acknowledgement of a push: each line taken or refused, counted, and nothing else decided."""

    kind: ClassVar[FileKind] = FileKind.PUSH_ANSWER
    layout: ClassVar[Layout] = PUSH_ANSWER
    open_stage: ClassVar[str] = "push_answer_open"

    def prepare(self) -> None:
        """Raises UnknownPush for a row that was never identified (a defect)."""
        if self.file.push_id is None:
            raise UnknownPush(batch="", day="", region=self.region)

    def match(self) -> None:
        """What each line says."""
        with transaction.atomic(), connection.cursor() as cursor:
            statements.run(cursor, "push_answer_resolve", self.tables.names)

    def _read(self) -> dict[str, Any]:
        return statements.rows("push_answer_totals", self.tables.names)[0]

    def sums(self) -> Sums:
        """Lines; no money."""
        return Sums(self._read()["lines"], courses.NOTHING, courses.NOTHING)

    def hold_reasons(self, staged: staging.Staged) -> list[dict[str, Any]]:
        """Counts that differ from the header, unreadable lines, twins."""
        header, read = self.file.header, self._read()
        found: list[dict[str, Any]] = []
        for claim, code in (
            ("lines", "COUNT_DIFFERS"),
            ("taken", "TOTAL_DIFFERS"),
            ("refused", "TOTAL_DIFFERS"),
        ):
            if int(header[claim]) != read[claim]:
                found.append(
                    {"code": code, "field": claim, "said": str(header[claim]), "read": str(read[claim])}
                )
        if read["unreadable"]:
            found.append(
                {
                    "code": "LINE_UNREADABLE",
                    "lines": read["unreadable"],
                    "first_line": (read["first_fault"] or 0) + 1,
                }
            )
        if too_many_rejected(read["rejected"], read["lines"]):
            found.append({"code": "TOO_MANY_REJECTED", "lines": read["rejected"]})
        twin = twin_of(content_sha256=staged.content_sha256, file_id=self.file.pk or 0)
        if twin is not None:
            found.append({"code": "SAME_CONTENT", "file": twin})
        return sorted(found, key=lambda reason: HELD_CODES.index(reason["code"]))

    def _values(self, first: int, last: int) -> dict[str, Any]:
        push = self.file.push_id
        return {"push": push, "file": self.file.pk or 0, "region": self.region, "first": first, "last": last}

    def preview(self, ranges: Sequence[tuple[int, int]]) -> Report:
        """What the answers would be now."""
        return _report([self._judged(first, last) | {"changed": 0} for first, last in ranges])

    def _judged(self, first: int, last: int) -> Tally:
        with connection.cursor() as cursor:
            staging.require(cursor, self.tables, self.file.pk)
        row = statements.rows("push_answer_judge", self.tables.names, **self._values(first, last))[0]
        return {key: int(row[key]) for key in ("taken", "refused", "unknown", "repeated")}

    def post(self, chunk: FileChunk, *, probe: bool) -> Tally:
        """An answer for each line of the push that had none. Raises StagingLost."""
        tally = self._judged(chunk.first, chunk.last)
        values = self._values(chunk.first, chunk.last) | {"at": self.at}
        return tally | {"changed": statements.execute("push_answer_post", self.tables.names, **values)}

    def prove(self, chunks: Sequence[FileChunk]) -> Report:
        """Taken, refused, unknown and repeated lines are all lines. Raises SumsDiffer."""
        report = _report([chunk.tally for chunk in chunks])
        if sum(report["answers"].values()) != self.file.lines:
            raise SumsDiffer(file=self.file.pk)
        return report


def _report(tallies: Sequence[Tally]) -> Report:
    added = {key: sum(tally[key] for tally in tallies) for key in TALLY}
    changed = added.pop("changed")
    return {"answers": added, "changed": changed}


courses.register(PushAnswerCourse)

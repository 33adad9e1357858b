"""Courses of the river: what differs between kinds of files. The river itself (lease, original, hold, chunks, replay) is one.

A kind of file registers its course once; an app above may add its own (the answers to payouts are refunds' affair).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.files.layouts import Layout
from payments.files.limits import Limits
from payments.models import BankFile, BankProfile, DebitBatch, FileChunk, PushBatch
from payments.services import staging
from payments.states import FileKind

Report = dict[str, Any]
NOTHING = Decimal("0.00")
Tally = dict[str, Any]


class NoCourse(BureauError):
    """No app knows files of this kind: a defect."""

    code = "NO_COURSE"
    message = gettext_noop("Nothing is known of files of kind %(kind)s.")


class SumsDiffer(BureauError):
    """The buckets do not add up to the lines read: a defect of ours, never applied in silence."""

    code = "SUMS_DIFFER"
    message = gettext_noop("The buckets of file %(file)s do not add up to its lines.")


@dataclass(frozen=True)
class Target:
    """What a readable header points to; ``header`` as it is stored on the file."""

    region_id: str
    header: dict[str, Any]
    bank: BankProfile | None = None
    batch: DebitBatch | None = None
    channel: str = ""
    day: Any = None
    push: PushBatch | None = None


@dataclass(frozen=True)
class Sums:
    """What the lines of a file say together: their number, what they are worth, what of it moved (yuan)."""

    lines: int
    amount: Decimal
    debited: Decimal


Identify = Callable[[bytes, User], Target]
"""The first line of a file and who brings it -> what it points to; raises a FileRefused."""


class Course(ABC):
    """One file on its way: stage, match, say what holds it, post a chunk, prove the sums. Every step may be repeated."""

    kind: ClassVar[FileKind]
    layout: ClassVar[Layout]
    open_stage: ClassVar[str] = "stage_open"

    def __init__(self, file: BankFile, at: datetime, tables: staging.Tables | None = None) -> None:
        self.file, self.at = file, at
        self.tables = tables or staging.Tables(str(file.pk))

    @property
    def region(self) -> str:
        """The file's region."""
        return str(self.file.region_id)

    def limits(self) -> Limits:
        """The reader's limits."""
        return Limits()

    @abstractmethod
    def prepare(self) -> None:
        """Load what all chunks share; raises what parks the file (no terms, no calendar)."""

    def stage(self, *, path: Path, seen: Callable[[int], None]) -> staging.Staged:
        """Bytes -> staging tables. Raises FileRefused."""
        return staging.stage(
            path=path,
            tables=self.tables,
            limits=self.limits(),
            seen=seen,
            layout=self.layout,
            open_stage=self.open_stage,
        )

    @abstractmethod
    def match(self) -> None:
        """Hold each staged line against the books."""

    @abstractmethod
    def sums(self) -> Sums:
        """What the matched lines say together."""

    @abstractmethod
    def hold_reasons(self, staged: staging.Staged) -> list[dict[str, Any]]:
        """Why the file must wait for a second person; empty when nothing speaks against it."""

    def probe(self) -> bool:
        """Whether chunks must look for rows of other files that could collide."""
        return False

    @abstractmethod
    def preview(self, ranges: Sequence[tuple[int, int]]) -> Report:
        """The report that the lines would get now; nothing is written."""

    @abstractmethod
    def post(self, chunk: FileChunk, *, probe: bool) -> Tally:
        """Write everything that a chunk means, inside the caller's transaction; its tally."""

    @abstractmethod
    def prove(self, chunks: Sequence[FileChunk]) -> Report:
        """Prove the sums of the posted chunks against what was read; the report. Raises SumsDiffer."""


_courses: dict[str, type[Course]] = {}


def register(course: type[Course]) -> None:
    """Make a course known; the same kind again replaces it."""
    _courses[course.kind.value] = course


def of(file: BankFile, at: datetime, tables: staging.Tables | None = None) -> Course:
    """The course of ``file``. Raises NoCourse."""
    if file.kind not in _courses:
        raise NoCourse(kind=file.kind)
    return _courses[file.kind](file, at, tables)

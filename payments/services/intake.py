"""The door of the river: a file's bytes are kept, identified and queued, or refused with a name.

Nothing of a refused file is read into the books. The row of a queued file is the work itself (the outbox): the broker only
rings.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction

from bureau import access, audit, faults
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.files.blocks import BlockReader
from payments.files.delivery import check_digest
from payments.files.limits import Limits
from payments.files.refusals import EmptyFile, FileRefused, TooLarge
from payments.models import BankFile, FileLease
from payments.services import results
from payments.services.courses import Identify, Target
from payments.states import FileKind, FileState

FOLDER = "bankfiles"
_BLOCK = 1 << 20


class AlreadyReceived(FileRefused):
    """The same bytes are here; the first report counts."""

    code = "ALREADY_RECEIVED"
    message = gettext_noop("Already uploaded on %(at)s by %(who)s as file %(file)s.")


class OriginalAltered(BureauError):
    """The stored original is not what was received."""

    code = "ORIGINAL_ALTERED"
    message = gettext_noop("The stored original of file %(file)s was changed or is gone.")


@dataclass(frozen=True)
class Received:
    """The outcome of an upload: the file's row, and why it was refused (None: it is queued)."""

    file: BankFile
    refusal: BureauError | None


@dataclass(frozen=True)
class _Kept:
    path: Path
    stored_as: str
    size: int
    sha256: str
    sm3: str


def path_of(file: BankFile) -> Path:
    """Where the stored original lies."""
    return Path(settings.MEDIA_ROOT) / FOLDER / file.stored_as


def identify(
    *, path: Path, name: str, sm3: str, digest: bytes | None, by: User, course: Identify = results.identify
) -> Target:
    """What the header of the file at ``path`` points to; ``digest`` is the content of a digest file that came with it.

    Raises a FileRefused: what the reader refuses at the beginning, DigestDiffers, and what ``course`` raises.
    """
    with path.open("rb") as stream:
        first = BlockReader(stream).first_line()
    if digest is not None:
        check_digest(digest, hexdigest=sm3, name=name)
    return course(first, by)


def receive(
    *,
    source: BinaryIO,
    name: str,
    digest: bytes | None,
    by: User,
    at: datetime,
    kind: FileKind = FileKind.RESULT,
    course: Identify = results.identify,
    action: str = "file.upload",
) -> Received:
    """Keep the bytes of ``source``, identify them, and queue the file; refused files leave their row and reason.

    ``digest``: content of the bank's digest file, if one came along; ``course`` reads the header of a file of ``kind``;
    ``action`` is the right that it takes. The same bytes again are answered with the first file's row and AlreadyReceived;
    nothing is written. Raises NotAllowed.
    """
    access.require(by, action)
    kept = _keep(source, with_sm3=digest is not None)
    try:
        earlier = same_bytes(kept.sha256)
        if earlier is not None:
            kept.path.unlink()
            return Received(earlier, _already(earlier))
        target, refusal = None, None
        try:
            if kept.size == 0:
                raise EmptyFile()
            target = identify(path=kept.path, name=name, sm3=kept.sm3, digest=digest, by=by, course=course)
        except FileRefused as error:
            refusal = error
        file = _record(kept, name, kind, target, refusal, by, at)
        faults.hit("after_upload")
        return Received(file, refusal)
    except IntegrityError:
        earlier = same_bytes(kept.sha256)
        if earlier is None:
            raise
        kept.path.unlink(missing_ok=True)
        return Received(earlier, _already(earlier))


def same_bytes(sha256: str) -> BankFile | None:
    """The file that brought these bytes before, unless it was rejected."""
    return BankFile.objects.filter(sha256=sha256).exclude(state=FileState.REJECTED).order_by("id").first()


def _already(file: BankFile) -> AlreadyReceived:
    return AlreadyReceived(
        at=file.uploaded_at.isoformat(timespec="seconds"), who=file.uploaded_by.username, file=file.pk
    )


def _record(
    kept: _Kept,
    name: str,
    kind: FileKind,
    target: Target | None,
    refusal: BureauError | None,
    by: User,
    at: datetime,
) -> BankFile:
    with transaction.atomic(), audit.acting(by=by, why="upload a bank file"):
        file = BankFile.objects.create(
            name=name[:200],
            stored_as=kept.stored_as,
            size=kept.size,
            sha256=kept.sha256,
            kind=kind.value,
            region_id=target.region_id if target else _home_region(by),
            bank=target.bank if target else None,
            batch=target.batch if target else None,
            channel=target.channel if target else "",
            day=target.day if target else None,
            push=target.push if target else None,
            header=target.header if target else {},
            state=(FileState.QUEUED if refusal is None else FileState.REJECTED).value,
            reasons=[] if refusal is None else [reason(refusal)],
            uploaded_by=by,
            uploaded_at=at,
            finished_at=None if refusal is None else at,
        )
        FileLease.objects.create(file=file)
    return file


def _home_region(by: User) -> str | None:
    """A refused file without a readable region is shown where its uploader works."""
    return by.staff_regions.order_by("region_id").values_list("region_id", flat=True).first()


def reason(error: BureauError) -> dict[str, object]:
    """An error as it is stored: its code, its parameters and its English text."""
    return {
        "code": error.code,
        "message": error.message,
        "params": {k: str(v) for k, v in error.params.items()},
    }


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    while block := source.read(_BLOCK):
        yield block


def _keep(source: BinaryIO, *, with_sm3: bool) -> _Kept:
    """Write the bytes below MEDIA_ROOT under a random name, hashing on the way; whole and synced, or not at all."""
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stored_as = f"{uuid.uuid4().hex}.txt"
    path = folder / stored_as
    sha256, sm3, size = hashlib.sha256(), hashlib.new("sm3") if with_sm3 else None, 0
    limit = Limits().max_file_bytes
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            for block in _blocks(source):
                size += len(block)
                if size > limit:
                    raise TooLarge(what=gettext_noop("bytes"), limit=limit)
                sha256.update(block)
                if sm3 is not None:
                    sm3.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return _Kept(path, stored_as, size, sha256.hexdigest(), sm3.hexdigest() if sm3 else "")

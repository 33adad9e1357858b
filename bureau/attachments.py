"""Attachments: kept below the data directory under random names, written whole or not at all, shown to who may see their subject.

An app says once which right its subjects ask for (:func:`register`); a subject nobody registered shows nothing. A file is
written before its row: a row whose transaction fails leaves a file that :func:`sweep` removes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import models

from bureau import access, pictures
from bureau.errors import BureauError, gettext_noop
from bureau.models import Attachment, User

MOST_A_SUBJECT = 30
ORPHAN_AFTER = timedelta(days=1)
_rights: dict[str, str] = {"bureau.proposal": "proposal.view"}


class AttachmentMissing(BureauError):
    """The row is there, the file is not."""

    code = "ATTACHMENT_MISSING"
    message = gettext_noop("The stored file is missing. Please tell the system administrator.")


class AttachmentAltered(BureauError):
    """The file is not the one that was uploaded."""

    code = "ATTACHMENT_ALTERED"
    message = gettext_noop(
        "The stored file was altered after it was uploaded. Please tell the system administrator."
    )


class TooManyAttachments(BureauError):
    """Nobody looks through more."""

    code = "TOO_MANY_ATTACHMENTS"
    message = gettext_noop("There are already %(limit)s files here.")


def register(subject_type: str, action: str) -> None:
    """Let those who may ``action`` (bureau.access.ACTIONS) see what is attached to subjects of this type."""
    _rights[subject_type] = action


def right_of(attachment: Attachment) -> str | None:
    """The right that seeing the attachment asks for; None: nobody may."""
    return _rights.get(attachment.subject_type)


def folder() -> Path:
    """Where the files are, below the data directory and outside everything the web server hands out."""
    return Path(settings.VAR_DIR) / "attachments"


def store(
    *,
    file: BinaryIO | bytes,
    subject: models.Model,
    region_id: str,
    by: User | None,
    at: datetime,
    name: str = "",
    kind: str = "",
) -> Attachment:
    """Keep a picture or document with ``subject``; called inside the transaction of whoever attaches it, who checked the right.

    ``file`` is an uploaded file or its bytes; ``kind`` is a word of the subject's app (which side of the card). Raises what
    bureau.pictures raises, TooManyAttachments.
    """
    uploaded_name = name or Path(str(getattr(file, "name", "") or "")).name
    content = file if isinstance(file, bytes) else file.read(pictures.MOST_BYTES + 1)
    kept = pictures.clean(content)
    if of(subject).count() >= MOST_A_SUBJECT:
        raise TooManyAttachments(limit=MOST_A_SUBJECT)
    stored_as = f"{secrets.token_hex(16)}.{pictures.ENDINGS[kept.content_type]}"
    _write(path_of(stored_as), kept.content)
    return Attachment.objects.create(
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        region_id=region_id,
        kind=kind,
        name=pictures.display_name(uploaded_name or kind, kept.content_type),
        stored_as=stored_as,
        content_type=kept.content_type,
        size=len(kept.content),
        width=kept.width,
        height=kept.height,
        sha256=hashlib.sha256(kept.content).hexdigest(),
        uploaded_by=by,
        uploaded_at=at,
    )


def of(subject: models.Model) -> models.QuerySet[Attachment]:
    """What is attached to ``subject``, oldest first."""
    return Attachment.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
    ).order_by("id")


def visible(user: Any) -> models.QuerySet[Attachment]:
    """The attachments in the regions of ``user``."""
    return access.for_user(Attachment.objects.all(), user)


def path_of(stored_as: str) -> Path:
    """Where a file of this stored name lies; a thousand files do not share a folder."""
    return folder() / stored_as[:2] / stored_as


def read(attachment: Attachment) -> bytes:
    """The bytes, proven to be those that were stored. Raises AttachmentMissing, AttachmentAltered."""
    try:
        content = path_of(attachment.stored_as).read_bytes()
    except OSError as error:
        raise AttachmentMissing() from error
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise AttachmentAltered()
    return content


def sweep(*, at: datetime) -> int:
    """Remove files of transactions that failed more than a day ago; returns how many."""
    removed, oldest = 0, (at - ORPHAN_AFTER).timestamp()
    for shelf in _shelves():
        old = [path for path in shelf.iterdir() if path.is_file() and path.stat().st_mtime < oldest]
        known = set(
            Attachment.objects.filter(stored_as__in=[path.name for path in old]).values_list(
                "stored_as", flat=True
            )
        )
        for path in old:
            if path.name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _shelves() -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from sorted(path for path in folder().iterdir() if path.is_dir())


def _write(path: Path, content: bytes) -> None:
    """The whole file or none, on the disk before the row that names it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise

"""Who works on a file: a lease on its row by the database's clock, renewed by a heartbeat, void when its owner is gone.

The broker may deliver a task twice, late or never; only the lease decides. A worker killed with -9 loses its database session
at once, so the next one need not wait for the lease to expire.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from bureau import audit, leasing
from bureau.errors import BureauError, gettext_noop
from payments.models import BankFile, FileLease
from payments.states import FileState

MAX_ATTEMPTS = leasing.MAX_ATTEMPTS


class Busy(BureauError):
    """Another worker has the file."""

    code = "FILE_BUSY"
    message = gettext_noop("Another worker is at file %(file)s.")


class BatchBusy(BureauError):
    """Another file of the same batch is being applied; this one waits."""

    code = "BATCH_BUSY"
    message = gettext_noop("Another file of the same batch is being applied; file %(file)s waits.")


class NotWaiting(BureauError):
    """The file is not one to be worked on now."""

    code = "FILE_NOT_WAITING"
    message = gettext_noop("File %(file)s is %(state)s.")


class LeaseLost(BureauError):
    """The lease went to another worker meanwhile."""

    code = "LEASE_LOST"
    message = gettext_noop("Another worker took over file %(file)s.")


@dataclass
class Lease:
    """A claimed file, and what its heartbeat tells others."""

    file_id: int
    token: uuid.UUID
    attempts: int
    phase: str = "STAGING"
    lines_seen: int = 0


_TABLE = leasing.LeaseTable("payments_filelease", "file_id", ("phase", "lines_seen"))


def claim(file_id: int) -> Lease:
    """Take the lease on a waiting file and move it to RUNNING; the attempt counts from here on.

    Raises NotWaiting (ended, held, parked), Busy (a live lease), BatchBusy (another file of the batch is RUNNING). A file
    that used up its attempts is PARKED here, and NotWaiting is raised.
    """
    try:
        with transaction.atomic(), audit.acting(by=None, why="work on a bank file", file=file_id):
            file = BankFile.objects.select_for_update(of=("self",)).get(pk=file_id)
            if file.state not in (FileState.QUEUED, FileState.RUNNING):
                raise NotWaiting(file=file_id, state=file.state)
            taken = _TABLE.take(file_id)
            if taken is None:
                raise Busy(file=file_id)
            token, attempts = taken
            FileLease.objects.filter(pk=file_id).update(phase="STAGING", lines_seen=0)
            parked = attempts > MAX_ATTEMPTS
            wanted = FileState.PARKED if parked else FileState.RUNNING
            if file.state != wanted:
                BankFile.objects.filter(pk=file_id).update(state=wanted.value)
            if parked:
                FileLease.objects.filter(pk=file_id).update(token=None, expires_at=None, phase="")
    except IntegrityError as error:
        raise BatchBusy(file=file_id) from error
    if parked:
        raise NotWaiting(file=file_id, state=FileState.PARKED)
    return Lease(file_id=file_id, token=token, attempts=attempts)


def confirm(lease: Lease) -> None:
    """Inside a transaction: raise LeaseLost unless the lease is still ours, and keep it so until the commit.

    Locks the file before its lease, the order of every writer here.
    """
    BankFile.objects.select_for_update(of=("self",)).get(pk=lease.file_id)
    held = FileLease.objects.select_for_update(of=("self",)).filter(pk=lease.file_id, token=lease.token)
    if not held.exists():
        raise LeaseLost(file=lease.file_id)


def give_up(lease: Lease, *, state: FileState, error: str = "") -> None:
    """End the lease and leave the file in ``state`` (QUEUED for another attempt, PARKED for a person)."""
    with transaction.atomic(), audit.acting(by=None, why="work on a bank file ended", file=lease.file_id):
        BankFile.objects.select_for_update(of=("self",)).get(pk=lease.file_id)
        freed = FileLease.objects.filter(pk=lease.file_id, token=lease.token).update(
            token=None,
            backend_pid=None,
            backend_start=None,
            expires_at=None,
            phase="",
            last_error=error[:500],
        )
        if freed:
            BankFile.objects.filter(pk=lease.file_id, state=FileState.RUNNING).update(state=state.value)


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Renew ``lease`` from a thread with its own connection while the body works."""
    with leasing.heartbeat(
        _TABLE, lease.file_id, lease.token, lambda: {"phase": lease.phase, "lines_seen": lease.lines_seen}
    ):
        yield

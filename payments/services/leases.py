"""Who works on a file: a lease on its row by the database's clock, renewed by a heartbeat, void when its owner is gone.

The broker may deliver a task twice, late or never; only the lease decides. A worker killed with -9 loses its database session
at once, so the next one need not wait for the lease to expire.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from bureau import audit
from bureau.errors import BureauError, gettext_noop
from payments.models import BankFile, FileLease
from payments.states import FileState

MAX_ATTEMPTS = 3


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
    _stop: threading.Event = field(default_factory=threading.Event)


_TAKE = """
UPDATE payments_filelease AS l
   SET token = %(token)s, backend_pid = pg_backend_pid(),
       backend_start = (SELECT a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid()),
       expires_at = clock_timestamp() + %(seconds)s * interval '1 second',
       attempts = l.attempts + 1, phase = 'STAGING', lines_seen = 0
 WHERE l.file_id = %(file)s
   AND (l.token IS NULL OR l.expires_at < clock_timestamp()
        OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.backend_pid AND a.backend_start = l.backend_start))
RETURNING l.attempts
"""
_BEAT = """
UPDATE payments_filelease
   SET expires_at = clock_timestamp() + %(seconds)s * interval '1 second', phase = %(phase)s, lines_seen = %(seen)s
 WHERE file_id = %(file)s AND token = %(token)s
"""


def claim(file_id: int) -> Lease:
    """Take the lease on a waiting file and move it to RUNNING; the attempt counts from here on.

    Raises NotWaiting (ended, held, parked), Busy (a live lease), BatchBusy (another file of the batch is RUNNING). A file
    that used up its attempts is PARKED here, and NotWaiting is raised.
    """
    token = uuid.uuid4()
    try:
        with transaction.atomic(), audit.acting(by=None, why="work on a bank file", file=file_id):
            file = BankFile.objects.select_for_update(of=("self",)).get(pk=file_id)
            if file.state not in (FileState.QUEUED, FileState.RUNNING):
                raise NotWaiting(file=file_id, state=file.state)
            with connection.cursor() as cursor:
                values = {"token": token, "file": file_id, "seconds": settings.RIVER_LEASE_SECONDS}
                cursor.execute(_TAKE, values)
                taken = cursor.fetchone()
            if taken is None:
                raise Busy(file=file_id)
            parked = taken[0] > MAX_ATTEMPTS
            wanted = FileState.PARKED if parked else FileState.RUNNING
            if file.state != wanted:
                BankFile.objects.filter(pk=file_id).update(state=wanted.value)
            if parked:
                FileLease.objects.filter(pk=file_id).update(token=None, expires_at=None, phase="")
    except IntegrityError as error:
        raise BatchBusy(file=file_id) from error
    if parked:
        raise NotWaiting(file=file_id, state=FileState.PARKED)
    return Lease(file_id=file_id, token=token, attempts=taken[0])


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
    thread = threading.Thread(target=_beat, args=(lease,), daemon=True, name=f"lease-{lease.file_id}")
    thread.start()
    try:
        yield
    finally:
        lease._stop.set()
        thread.join(timeout=10)


def _beat(lease: Lease) -> None:
    pause = min(1.0, settings.RIVER_LEASE_SECONDS / 3)
    try:
        while not lease._stop.wait(pause):
            values = {
                "file": lease.file_id,
                "token": lease.token,
                "seconds": settings.RIVER_LEASE_SECONDS,
                "phase": lease.phase,
                "seen": lease.lines_seen,
            }
            with connection.cursor() as cursor:
                cursor.execute(_BEAT, values)
    except Exception:  # noqa: BLE001 - the lease then simply expires, which is what a lost database means
        return
    finally:
        connection.close()

"""Which worker has a list: claimed by a lease, given back in the state in which the next one finds it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from bureau import audit, leasing
from bureau.errors import BureauError, gettext_noop
from enrollment.models import ListFile, ListLease
from enrollment.states import ListState

TABLE = leasing.LeaseTable("enrollment_listlease", "list_id", ("phase", "lines_seen"))
_WAITING = """
SELECT f.id FROM enrollment_listfile f JOIN enrollment_listlease l ON l.list_id = f.id
 WHERE f.state IN ('QUEUED', 'READING', 'CONFIRMED', 'APPLYING')
   AND (l.token IS NULL OR l.expires_at < clock_timestamp()
        OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.backend_pid AND a.backend_start = l.backend_start))
 ORDER BY f.id
"""
BEGIN = {
    ListState.QUEUED: ListState.READING,
    ListState.READING: ListState.READING,
    ListState.CONFIRMED: ListState.APPLYING,
    ListState.APPLYING: ListState.APPLYING,
}
AGAIN = {ListState.READING: ListState.QUEUED, ListState.APPLYING: ListState.CONFIRMED}


class ListBusy(BureauError):
    """Another worker has the list."""

    code = "LIST_BUSY"
    message = gettext_noop("Another worker is at list %(list)s.")


class ListNotWaiting(BureauError):
    """The list is not in a state for this."""

    code = "LIST_NOT_WAITING"
    message = gettext_noop("List %(list)s is %(state)s.")


class ListLeaseLost(BureauError):
    """The lease went to another worker meanwhile."""

    code = "LIST_LEASE_LOST"
    message = gettext_noop("Another worker took over list %(list)s.")


@dataclass
class Work:
    """A claimed list, and what its heartbeat tells others."""

    list_id: int
    token: uuid.UUID
    attempts: int
    state: ListState
    lines_seen: int = 0


def waiting() -> list[int]:
    """Lists that are queued, or whose worker is gone; oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return [row[0] for row in cursor.fetchall()]


def claim(list_id: int) -> Work:
    """Take the lease on a waiting list; a list that used up its attempts is PARKED. Raises ListNotWaiting, ListBusy."""
    with transaction.atomic(), audit.acting(by=None, why="work on a list", list=list_id):
        file = ListFile.objects.select_for_update(of=("self",)).get(pk=list_id)
        begun = BEGIN.get(ListState(file.state))
        if begun is None:
            raise ListNotWaiting(list=list_id, state=file.state)
        taken = TABLE.take(list_id)
        if taken is None:
            raise ListBusy(list=list_id)
        token, attempts = taken
        if attempts > leasing.MAX_ATTEMPTS:
            ListFile.objects.filter(pk=list_id).update(state=ListState.PARKED.value)
            ListLease.objects.filter(pk=list_id).update(token=None, expires_at=None)
        elif file.state != begun:
            ListFile.objects.filter(pk=list_id).update(state=begun.value)
    if attempts > leasing.MAX_ATTEMPTS:
        raise ListNotWaiting(list=list_id, state=ListState.PARKED)
    return Work(list_id, token, attempts, begun)


@contextmanager
def kept(work: Work) -> Iterator[None]:
    """Renew the lease of ``work`` while the body works."""
    with leasing.heartbeat(
        TABLE, work.list_id, work.token, lambda: {"phase": work.state, "lines_seen": work.lines_seen}
    ):
        yield


def confirm(work: Work) -> ListFile:
    """Inside a transaction: the locked list, its lease still ours until the commit. Raises ListLeaseLost."""
    file = ListFile.objects.select_for_update(of=("self",)).get(pk=work.list_id)
    held = ListLease.objects.select_for_update(of=("self",)).filter(pk=work.list_id, token=work.token)
    if not held.exists():
        raise ListLeaseLost(list=work.list_id)
    return file


def let_go(work: Work, *, error: str = "", attempts: int | None = 0) -> None:
    """End the lease, inside the transaction that moves the list on; ``attempts`` None keeps what was counted."""
    told = {} if attempts is None else {"attempts": attempts}
    ListLease.objects.filter(pk=work.list_id, token=work.token).update(
        token=None,
        backend_pid=None,
        backend_start=None,
        expires_at=None,
        phase="",
        last_error=error[:500],
        **told,
    )


def give_back(work: Work, error: str) -> None:
    """After a failure: another attempt, or PARKED when this was the last one."""
    with transaction.atomic(), audit.acting(by=None, why="work on a list failed", list=work.list_id):
        file = ListFile.objects.select_for_update(of=("self",)).get(pk=work.list_id)
        mine = ListLease.objects.filter(pk=work.list_id, token=work.token).exists()
        if not mine or ListState(file.state) not in AGAIN:
            return
        last = work.attempts >= leasing.MAX_ATTEMPTS
        file.state = (ListState.PARKED if last else AGAIN[ListState(file.state)]).value
        file.save(update_fields=["state"])
        let_go(work, error=error, attempts=None)

"""Who works on a thing: a lease on a row by the database's clock, renewed by a heartbeat, void when its owner is gone.

The broker may deliver a task twice, late or never; only the lease decides. A worker killed with -9 loses its database session
at once, so the next one need not wait for the lease to expire. The table of leases has the columns token, backend_pid,
backend_start, expires_at and attempts beside its key.
"""

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

MAX_ATTEMPTS = 3
_TAKE = """
UPDATE {table} AS l
   SET token = %(token)s, backend_pid = pg_backend_pid(),
       backend_start = (SELECT a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid()),
       expires_at = clock_timestamp() + %(seconds)s * interval '1 second',
       attempts = l.attempts + 1
 WHERE l.{key} = %(subject)s
   AND (l.token IS NULL OR l.expires_at < clock_timestamp()
        OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.backend_pid AND a.backend_start = l.backend_start))
RETURNING l.attempts
"""
_BEAT = """
UPDATE {table}
   SET expires_at = clock_timestamp() + %(seconds)s * interval '1 second'{told}
 WHERE {key} = %(subject)s AND token = %(token)s
"""


@dataclass(frozen=True)
class LeaseTable:
    """A table of leases: its name, its key, and the columns that the heartbeat tells (progress)."""

    table: str
    key: str
    told: tuple[str, ...] = ()

    def take(self, subject: int) -> tuple[uuid.UUID, int] | None:
        """Take the lease on ``subject``: the token and the number of this attempt; None while a live worker has it."""
        token = uuid.uuid4()
        with connection.cursor() as cursor:
            cursor.execute(
                _TAKE.format(table=self.table, key=self.key),
                {"token": token, "subject": subject, "seconds": settings.RIVER_LEASE_SECONDS},
            )
            taken = cursor.fetchone()
        return None if taken is None else (token, taken[0])

    def beat(self, subject: int, token: uuid.UUID, told: Mapping[str, Any]) -> None:
        """Renew the lease and tell how far the work is."""
        columns = "".join(f", {name} = %({name})s" for name in self.told)
        with connection.cursor() as cursor:
            cursor.execute(
                _BEAT.format(table=self.table, key=self.key, told=columns),
                {**told, "token": token, "subject": subject, "seconds": settings.RIVER_LEASE_SECONDS},
            )


@contextmanager
def heartbeat(
    leases: LeaseTable, subject: int, token: uuid.UUID, told: Callable[[], Mapping[str, Any]]
) -> Iterator[None]:
    """Renew a lease from a thread with its own connection while the body works; ``told`` says how far it is."""
    stop = threading.Event()

    def run() -> None:
        pause = min(1.0, settings.RIVER_LEASE_SECONDS / 3)
        try:
            while not stop.wait(pause):
                leases.beat(subject, token, told())
        except Exception:  # noqa: BLE001 - the lease then simply expires, which is what a lost database means
            return
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True, name=f"lease-{subject}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)

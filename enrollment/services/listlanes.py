"""Two chunks of a large list at a time: each is worked out in a transaction of its own, and they commit in their order.

So the mark ``done_through`` stays one number without gaps, whatever is killed or stopped when: a chunk whose predecessor
did not commit does not commit either.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, connection, transaction
from psycopg import errors

from bureau import audit, faults
from enrollment.models import ListFile
from enrollment.services import listwork

log = logging.getLogger(__name__)
LANES = 2
PATIENCE = 10
"""Seconds a lane waits for a locked row: another lane that waits for its turn may hold it."""


class _Abandoned(Exception):
    """Another lane failed: nothing behind it may commit."""


class _Order:
    """Hands out the chunks, and lets each commit when the one before has."""

    def __init__(self, done: int, last: int, size: int) -> None:
        self._next, self._done, self._last, self._size = done, done, last, size
        self._stopped = False
        self._failed: int | None = None
        self._moved = threading.Condition()

    def take(self) -> tuple[int, int] | None:
        """The first and the last line of the next chunk; None when nothing is left or somebody stopped."""
        with self._moved:
            if self._stopped or self._failed is not None or self._next >= self._last:
                return None
            first, self._next = self._next + 1, min(self._next + self._size, self._last)
            return first, self._next

    def await_turn(self, first: int) -> None:
        """Wait until every line before ``first`` is committed. Raises _Abandoned."""
        with self._moved:
            self._moved.wait_for(lambda: self._failed_before(first) or self._done == first - 1)
            if self._failed_before(first):
                raise _Abandoned

    def passed(self, last: int, *, stop: bool) -> None:
        """The lines up to ``last`` are committed."""
        with self._moved:
            self._done, self._stopped = last, self._stopped or stop
            self._moved.notify_all()

    def fail(self, first: int) -> None:
        """The chunk that begins at ``first`` failed: nothing behind it may commit."""
        with self._moved:
            self._failed = first if self._failed is None else min(self._failed, first)
            self._moved.notify_all()

    def _failed_before(self, first: int) -> bool:
        return self._failed is not None and self._failed < first


def run(work: listwork.Work, file: ListFile, *, size: int, apply: Callable[[int, int], None]) -> None:
    """Apply chunks of ``size`` lines until all are committed or somebody stops the list; ``apply(first, last)`` does one.

    Rows that two chunks want both (one person under a new and an old number) end it early: the caller goes on alone.
    Raises ListLeaseLost, and what ``apply`` raises.
    """
    order = _Order(file.done_through, file.last_line, size)
    with ThreadPoolExecutor(LANES, thread_name_prefix=f"list-{file.pk}") as pool:
        lanes = [pool.submit(_lane, work, order, apply) for _ in range(LANES)]
    for failure in [error for lane in lanes if (error := lane.exception()) is not None]:
        if isinstance(failure, OperationalError) and isinstance(
            failure.__cause__, errors.LockNotAvailable | errors.DeadlockDetected
        ):
            log.warning("list %s: two chunks want one row; it goes on with one chunk at a time", file.pk)
        elif not isinstance(failure, _Abandoned):
            raise failure


def _lane(work: listwork.Work, order: _Order, apply: Callable[[int, int], None]) -> None:
    first = 0
    try:
        while (chunk := order.take()) is not None:
            first, last = chunk
            with transaction.atomic(), audit.acting(by=None, why="apply a list", list=work.list_id):
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE}s"])
                apply(first, last)
                order.await_turn(first)
                file = listwork.confirm(work)
                file.done_through = last
                file.save(update_fields=["done_through"])
            order.passed(last, stop=file.stop_wanted)
            work.lines_seen = last
            faults.hit("after_list_chunk")
    except BaseException:
        order.fail(first)
        raise
    finally:
        connection.close()

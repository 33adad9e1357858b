"""A worker in a process of its own, forked from the test: Django is loaded already, and SIGKILL is as final as anywhere."""

import os
import signal
import subprocess
import time
import traceback
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection

from bureau import faults

SECONDS = 120
_inherited: list[Any] = []


def run(work: Callable[[], object], **changes: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``work`` in a forked process on a database session of its own; ``changes`` to settings (FAULT_POINT) are its own.

    Returns when it has ended: the exit code is 0, 1 after an exception (its traceback is ``stderr``), or minus the signal
    that killed it.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work(work, changes, write)
    os.close(write)
    deadline = time.monotonic() + SECONDS
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with os.fdopen(read, "rb") as told:
                return subprocess.CompletedProcess([], os.waitstatus_to_exitcode(status), b"", told.read())
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise subprocess.TimeoutExpired("forked worker", SECONDS)
        time.sleep(0.02)


def _work(work: Callable[[], object], changes: dict[str, str], tell: int) -> None:
    """The child: never returns, and closes nothing of its parent's."""
    code = 1
    try:
        _inherited.append(connection.connection)  # the parent's session: kept, so that nobody ends it
        connection.connection = None
        faults._hits.clear()
        for name, value in changes.items():
            setattr(settings, name, type(getattr(settings, name))(value))
        work()
        connection.close()
        code = 0
    except BaseException:  # noqa: BLE001 - the parent sees the exit code
        os.write(tell, traceback.format_exc()[-30_000:].encode())
    finally:
        os._exit(code)

"""Child processes and file locks of an installation on one machine (standard library only).

A process is known by its pid together with its birth (start ticks and boot id), so a pid that the system has
given to somebody else is never taken for ours, and nothing is ever stopped by name. A zombie counts as dead:
it answers signals for as long as nobody waits for it, which would block a restart for ever.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOG_LIMIT = 10 * 1024 * 1024
TICK = 0.05


def birth(pid: int) -> str:
    """Return what tells this process from an earlier owner of its pid; "" when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _birth_by_ps(pid)
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{boot[:8]}-{fields[19]}"


def _birth_by_ps(pid: int) -> str:
    """The same where there is no /proc (macOS)."""
    shown = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = shown.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()


def command_line(pid: int) -> str:
    """Return the arguments of a running process joined by blanks; "" when they cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        shown = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return shown.stdout.strip()


def working_in(directory: Path) -> "list[Child]":
    """Return the living processes whose working directory this is (Linux; empty elsewhere)."""
    found = []
    for name in os.listdir("/proc") if Path("/proc/self/stat").exists() else []:
        try:
            there = name.isdigit() and os.path.samefile(f"/proc/{name}/cwd", directory)
        except OSError:
            continue
        if there:
            found.append(Child(int(name), birth(int(name))))
    return [child for child in found if child.alive()]


@dataclass
class Child:
    """A process we answer for: started here (`popen`), or inherited from a supervisor that was killed."""

    pid: int
    born: str
    popen: subprocess.Popen[bytes] | None = None

    def alive(self) -> bool:
        """Say whether it still runs; a child started here is waited for, so it never stays a zombie."""
        if self.popen is not None:
            return self.popen.poll() is None
        return bool(self.born) and birth(self.pid) == self.born

    def stop(self, *plan: tuple[signal.Signals, float]) -> bool:
        """Send each signal of the plan and give it its seconds, until the process ends; False if it never
        did.

        SIGKILL goes to the whole process group when the process leads one, so that no pool child outlives it.
        """
        for number, patience in plan:
            if not self.alive():
                return True
            try:
                if number == signal.SIGKILL and os.getpgid(self.pid) == self.pid:
                    os.killpg(self.pid, number)
                else:
                    os.kill(self.pid, number)
            except ProcessLookupError:
                continue
            wait_until(lambda: not self.alive(), patience)
        return not self.alive()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds, at most so many seconds; say whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(TICK)
    return True


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, readable by its owner only; a long one is put aside as `<name>.1` first."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab")


def spawn(
    args: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    die_with_us: bool = False,
) -> Child:
    """Start a process in a session of its own (a Ctrl-C at the terminal goes to us alone) with its output in
    `log`.

    With `die_with_us` the kernel sends it SIGTERM when we are killed without a chance to stop it (Linux
    only).
    """
    prefix = dying_with_parent() if die_with_us else []
    with open_log(log) as output:
        popen = subprocess.Popen(
            [*prefix, *args],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            umask=0o077,
        )
    return Child(popen.pid, birth(popen.pid), popen)


def dying_with_parent() -> list[str]:
    """Return the command prefix by which the kernel ends a process with its parent; [] where it has none."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    prefix = [setpriv, "--pdeathsig", "TERM", "--"]
    tried = subprocess.run([*prefix, sys.executable, "--version"], capture_output=True, check=False)
    return [] if tried.returncode else prefix


def tail(path: Path, *, start: int = 0, lines: int = 12) -> str:
    """Return the last lines of a log written after byte `start`, for an error message."""
    try:
        with path.open("rb") as log:
            log.seek(start if start <= path.stat().st_size else 0)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def open_lock(path: Path) -> int:
    """Return a descriptor to lock; the lock ends with this process, however it ends; no child inherits it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def grab(descriptor: int) -> bool:
    """Try to hold the lock alone, without waiting; say whether we do. A shared lock held before may go."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def held(path: Path) -> bool:
    """Say whether some process holds this lock, alone or shared."""
    if not path.exists():
        return False
    descriptor = open_lock(path)
    try:
        return not grab(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock alone, waiting for it."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM while something is put in order; they arrive right after it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

"""The servers we bring along: who shares them, who stops them, and the environment that names them.

`ensure(var)` lends the servers of a directory: those that run already, or new ones. They are the children of
a supervisor process in the background, which waits for them, starts them again when they die, and ends when
the last user is gone. A user is whoever holds the shared lock `run/users`; the kernel drops it however the
user ends, so nothing is left behind even by `kill -9`. If the supervisor itself is killed, the last user
stops the servers by their pid, and the next supervisor goes on with those that still run.

Addresses (environment variables, see `environment`)
    DATABASE_URL   postgres://bureau@/bureau?host=/var/run&port=5432        through a unix socket
                   postgres://bureau:PASSWORD@127.0.0.1:PORT/bureau         where the path is too long for one
    REDIS_URL      unix:///var/run/valkey.sock?db=0                         redis-py's form; see `broker_url`
                   redis://:PASSWORD@127.0.0.1:PORT/0

Commands
    python -m bureau.embedded run [--throwaway] -- COMMAND...   run a command with servers and environment
    python manage.py embedded                                   keep the servers up until Ctrl-C

Importing this module needs no Django and starts nothing.
"""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from bureau.children import (
    birth,
    dying_with_parent,
    grab,
    held,
    locked,
    open_lock,
    open_log,
    tail,
    undisturbed,
    wait_until,
)
from bureau.home import EmbeddedError, Home, read_state, write_private
from bureau.servers import NAMES, Servers, stop_recorded
from bureau.wheels import POSTGRES, VALKEY

__all__ = [
    "NAMES",
    "POSTGRES",
    "VALKEY",
    "EmbeddedError",
    "Home",
    "Servers",
    "Urls",
    "broker_url",
    "default_var",
    "end_on_signals",
    "ensure",
    "environment",
    "missing",
    "planned_urls",
    "supervised",
    "throwaway_var",
]

ROOT = Path(__file__).resolve().parent.parent
SUPERVISOR_TICK = 0.1
STOP_SECONDS = 180.0
VARIABLES = {POSTGRES: "DATABASE_URL", VALKEY: "REDIS_URL"}


class _Supervisor(subprocess.Popen[bytes]):
    """A supervisor this process started; it may outlive us, when others still use its servers."""

    def __del__(self) -> None:
        """Say nothing about a process that still runs."""


_supervisors: dict[Path, _Supervisor] = {}  # must be waited for when they end


class Urls(NamedTuple):
    """The addresses of the embedded servers; "" for one that was not asked for."""

    database: str
    redis: str


def default_var(env: Mapping[str, str] = os.environ) -> Path:
    """Return the directory of this installation's data: BUREAU_VAR, or var/ in the checkout."""
    return Path(env.get("BUREAU_VAR") or ROOT / "var").absolute()


def missing(env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the servers for which the environment names no address, so that we must bring them along."""
    return tuple(name for name in NAMES if not env.get(VARIABLES[name]))


def broker_url(redis_url: str) -> str:
    """Return the address as Celery wants it: a unix:// one becomes redis+socket://, others stay the same."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = parse_qs(parts.query)
    number = (query.get("db") or query.get("virtual_host") or ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


def planned_urls(var: Path) -> Urls:
    """Return the addresses on record, or those the servers would have; nothing is started."""
    servers = Servers(var)
    return Urls(servers.database_url, servers.redis_url)


def supervised(var: Path) -> bool:
    """Say whether some process answers for the servers of this directory now."""
    return held(Home(var).run / "supervisor")


def environment(var: Path, urls: Urls, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables to set for a workstation with embedded servers; what is set already stays.

    DATABASE_URL, REDIS_URL, SECRET_KEY (kept in var/secret_key), BUREAU_DEMO=1; BUREAU_VAR is always `var`.
    """
    home = Home(var)
    home.prepare()
    offered = {
        "DATABASE_URL": env.get("DATABASE_URL") or urls.database,
        "REDIS_URL": env.get("REDIS_URL") or urls.redis,
        "SECRET_KEY": env.get("SECRET_KEY") or home.secret("secret_key", 48),
        "BUREAU_DEMO": env.get("BUREAU_DEMO") or "1",
        "BUREAU_VAR": str(home.var),
    }
    return {name: value for name, value in offered.items() if value}


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end this process the way Ctrl-C does, through its `finally` blocks."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def throwaway_var(var: Path) -> Path:
    """Make a new directory for throw-away servers inside `var`, and remove those that were left by a kill."""
    place = var / "t"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(place / "lock"):
        for old in (path for path in place.iterdir() if path.is_dir()):
            if not birth(int(old.name.partition("-")[0])) and not held(old / "run" / "users"):
                stop_recorded(Home(old))
                shutil.rmtree(old, ignore_errors=True)
        fresh = place / f"{os.getpid()}-{secrets.token_hex(2)}"
        fresh.mkdir(mode=0o700)
        Home(fresh).prepare()
        return fresh


@contextmanager
def ensure(
    var: Path, names: Sequence[str] = NAMES, throwaway: bool = False, durable: bool | None = None
) -> Iterator[Urls]:
    """Lend the servers of a directory for the time of the block: the running ones, or new ones.

    The last of all users stops them, and the block ends when they have ended. With `throwaway` the directory
    goes with them, and unless `durable` says otherwise they are fast instead of durable. Raises
    EmbeddedError, with the end of the server's log, when one cannot start.
    """
    durable = not throwaway if durable is None else durable
    flags = [*(["--throwaway"] if throwaway else []), *(["--durable"] if durable else [])]
    home = Home(Path(var).absolute())
    home.prepare()
    users = open_lock(home.run / "users")
    try:
        with locked(home.run / "lock"):
            fcntl.flock(users, fcntl.LOCK_SH)
            urls = _join(home, names, flags)
        yield urls
    finally:
        with undisturbed():
            try:
                _leave(home, users, throwaway)
            finally:
                os.close(users)


def _join(home: Home, names: Sequence[str], flags: Sequence[str]) -> Urls:
    """Ask the supervisor for the servers, starting it if there is none; wait until they answer."""
    if names:
        known = _wanted(home) if supervised(home.var) else set()
        write_private(home.run / "wanted", " ".join(sorted(known | set(names))))
        if not supervised(home.var):
            _supervise_in_background(home, flags)
        process = _supervisors.get(home.var)

        def settled() -> bool:
            if Servers(home.var, names=names).running():
                return True
            started = process is not None and process.poll() is None
            if started or supervised(home.var):
                return False
            said = read_state(home)["error"] or tail(home.log / "embedded.log")
            raise EmbeddedError(problem=said or "the supervisor has ended")

        wait_until(settled, float("inf"))
    urls = planned_urls(home.var)
    return Urls(urls.database if POSTGRES in names else "", urls.redis if VALKEY in names else "")


def _supervise_in_background(home: Home, flags: Sequence[str]) -> None:
    """Start the supervisor in a session of its own, so that a Ctrl-C at the terminal does not reach it."""
    state = read_state(home) | {"error": ""}
    for entry in state["services"].values():
        entry["ready"] = False  # until the new supervisor has taken over what still runs
    write_private(home.state, json.dumps(state))
    with open_log(home.log / "embedded.log") as log:
        _supervisors[home.var] = _Supervisor(
            [sys.executable, "-m", "bureau.embedded", "supervise", *flags, str(home.var)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )


def _leave(home: Home, users: int, throwaway: bool) -> None:
    """Stop the servers if nobody else uses them; otherwise only let go."""
    with locked(home.run / "lock"):
        if not grab(users):
            return
        process = _supervisors.pop(home.var, None)
        if process is not None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)
        if supervised(home.var):
            supervisor = int(read_state(home)["supervisor"])
            if not supervisor:
                return  # they belong to a process that holds them itself
            with contextlib.suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGTERM)
        if not wait_until(lambda: not supervised(home.var), STOP_SECONDS):
            raise EmbeddedError(problem=f"the supervisor does not end; see {home.log}")
        if home.var.exists():
            stop_recorded(home)
        if throwaway:
            shutil.rmtree(home.var, ignore_errors=True)


def _wanted(home: Home) -> set[str]:
    try:
        return set((home.run / "wanted").read_text().split())
    except OSError:
        return set()


def supervise(var: Path, *, throwaway: bool, durable: bool) -> int:
    """Be the supervisor: hold the wanted servers until SIGTERM, SIGINT or the end of the last user."""
    os.umask(0o077)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: told.set())
    home = Home(var)
    servers = Servers(var, throwaway, durable=durable, names=tuple(_wanted(home)), cancelled=told.is_set)
    servers.supervisor = os.getpid()
    guard = open_lock(home.run / "lock")
    users = open_lock(home.run / "users")
    problem = ""
    try:
        servers.start()
        while not told.wait(SUPERVISOR_TICK):
            servers.wanted |= _wanted(home)
            servers.tend()
            if grab(guard):  # nobody is coming or leaving just now
                if grab(users):
                    break
                fcntl.flock(guard, fcntl.LOCK_UN)
    except EmbeddedError as error:
        problem = str(error.params["problem"])
        print(problem, file=sys.stderr)
    finally:
        servers.stop(keep=bool(problem), error=problem)
    return 1 if problem else 0


def run(command: Sequence[str], *, var: Path, throwaway: bool = False, durable: bool | None = None) -> int:
    """Run a command with the servers its environment lacks; return its exit code. SIGTERM is passed on."""
    end_on_signals()
    place = throwaway_var(var) if throwaway else var
    with ensure(place, missing(), throwaway, durable) as urls:
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal sends it to the child as well
        child = subprocess.Popen([*dying_with_parent(), *command], env=os.environ | environment(place, urls))
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code


def main(argv: Sequence[str] | None = None) -> int:
    """The command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m bureau.embedded")
    commands = parser.add_subparsers(dest="action", required=True)
    runner = commands.add_parser("run", help="run a command with the servers and the environment")
    supervisor = commands.add_parser("supervise", help="used by this module itself")
    supervisor.add_argument("var", type=Path)
    for each in (runner, supervisor):
        each.add_argument("--throwaway", action="store_true", help="new servers, removed afterwards")
        each.add_argument("--durable", action="store_true", help="with --throwaway: safe instead of fast")
    runner.add_argument("--offline", action="store_true", help="only the environment, no servers")
    runner.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    if options.action == "supervise":
        return supervise(options.var, throwaway=options.throwaway, durable=options.durable)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("no command given")
    try:
        if options.offline:
            var = default_var()
            return subprocess.call(command, env=os.environ | environment(var, planned_urls(var)))
        durable = options.durable or not options.throwaway
        return run(command, var=default_var(), throwaway=options.throwaway, durable=durable)
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

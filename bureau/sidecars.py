"""The processes beside a demonstration: worker, beat, web. Stopped with it, however it ends."""

import json
import os
import signal
import socket
from collections.abc import Sequence
from typing import Self

from bureau.children import Child, spawn, tail, wait_until
from bureau.embedded import ROOT
from bureau.home import EmbeddedError, Home, write_private

STOP = ((signal.SIGTERM, 40.0), (signal.SIGKILL, 5.0))
PORTS = 100
READY_SECONDS = 60.0


class Sidecars:
    """Children in sessions of their own, with their output in var/log/<name>.log.

    They are stopped by their pid when the block ends; if we are killed, the kernel tells them to end; and
    whatever is left all the same is stopped by the next one to start here.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self._note = home.run / "sidecars.json"
        self._children: dict[str, Child] = {}

    def __enter__(self) -> Self:
        try:
            left = json.loads(self._note.read_text())
        except (OSError, ValueError):
            left = []
        for pid, born in left:
            Child(pid, born).stop(*STOP)
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children.values()):
            child.stop(*STOP)
        self._note.unlink(missing_ok=True)

    def start(self, name: str, command: Sequence[str], *, port: int = 0) -> None:
        """Start one; with a port, wait until it listens there."""
        log = self.home.log / f"{name}.log"
        env = os.environ | {"BUREAU_PROCESS": name}
        self._children[name] = spawn(command, log=log, env=env, cwd=ROOT, die_with_us=True)
        write_private(self._note, json.dumps(self.running()))
        if port:
            wait_until(lambda: listens(port) or not self._children[name].alive(), READY_SECONDS)
            self.check()
            if not listens(port):
                raise EmbeddedError(problem=f"{name} does not listen on port {port}; see {log}")

    def running(self) -> list[tuple[int, str]]:
        """Return pid and birth of those that run."""
        return [(child.pid, child.born) for child in self._children.values() if child.alive()]

    def check(self) -> None:
        """Raise EmbeddedError with the end of its log when one of them has ended."""
        for name, child in self._children.items():
            if not child.alive():
                log = self.home.log / f"{name}.log"
                raise EmbeddedError(problem=f"{name} has ended; {log} says:\n{tail(log)}")


def listens(port: int) -> bool:
    """Say whether somebody accepts connections on this port of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port_from(first: int) -> int:
    """Return the first port from `first` on that nobody uses on the loopback interface."""
    for port in range(first, first + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise EmbeddedError(problem=f"no free port from {first} on")

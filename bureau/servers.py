"""The servers of one directory as children of this process (standard library only)."""

import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

from bureau.children import Child, grab, open_lock
from bureau.home import EmbeddedError, Home, read_state, recorded, write_private
from bureau.wheels import POSTGRES, VALKEY, Postgres, Service, Valkey

NAMES = (POSTGRES, VALKEY)
RESTARTS, RESTART_WINDOW = 5, 60.0


class Servers:
    """The servers of one directory as children of this process, which must call `tend` now and then.

    Only one process at a time may hold the servers of a directory. `throwaway` gives up durability for speed
    and removes the directory at `stop`. URLs: `Postgres.url`, `Valkey.url`.
    """

    def __init__(
        self,
        var: Path,
        throwaway: bool = False,
        names: Sequence[str] = NAMES,
        durable: bool | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.home = Home(Path(var).absolute())
        self.throwaway = throwaway
        self.wanted = set(names)
        durable = not throwaway if durable is None else durable
        self._services: dict[str, Service] = {
            POSTGRES: Postgres(self.home, durable, cancelled),
            VALKEY: Valkey(self.home, durable, cancelled),
        }
        self.supervisor = 0  # our pid, when others may end us
        self._children: dict[str, Child] = {}
        self._records: dict[str, dict[str, Any]] = {}
        self._restarts: list[float] = []
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def database_url(self) -> str:
        """Where PostgreSQL is, for DATABASE_URL; known before the start where sockets are used."""
        return self._url(POSTGRES)

    @property
    def redis_url(self) -> str:
        """Where Valkey is, for REDIS_URL; known before the start where sockets are used."""
        return self._url(VALKEY)

    def _url(self, name: str) -> str:
        known = read_state(self.home)["services"].get(name)
        return str(known["url"]) if known else self._services[name].url

    def pids(self) -> dict[str, int]:
        """The process of each server that runs now, whoever started it."""
        found = {name: recorded(self.home, name) for name in NAMES}
        return {name: child.pid for name, child in found.items() if child is not None}

    def running(self) -> bool:
        """Say whether all wanted servers run and answer, whoever started them."""
        alive = self.pids()
        # Read after the processes: who was on record for them may have been ended and forgotten since.
        services = read_state(self.home)["services"]
        return all(name in alive and name in services and services[name]["ready"] for name in self.wanted)

    def start(self) -> None:
        """Start what is wanted; EmbeddedError when another process holds the servers of this directory."""
        self.home.prepare()
        self._lock = open_lock(self.home.run / "supervisor")
        if not grab(self._lock):
            os.close(self._lock)
            self._lock = None
            raise EmbeddedError(problem=f"the servers in {self.home.var} already have a supervisor")
        self._records = read_state(self.home)["services"]
        self.wanted |= self.pids().keys()
        self._save()
        try:
            self.tend()
        except BaseException as error:
            self.stop(
                keep=True, error=str(error.params["problem"]) if isinstance(error, EmbeddedError) else ""
            )
            raise

    def tend(self) -> None:
        """Start what is wanted and does not run, at the address it had before; wait for what has ended."""
        for name in sorted(self.wanted):
            child = self._children.get(name)
            if child is not None and child.alive():
                continue
            if child is not None:
                moment = time.monotonic()
                self._restarts = [
                    *(past for past in self._restarts if moment - past < RESTART_WINDOW),
                    moment,
                ]
                logging.getLogger(__name__).warning(
                    "%s (process %s) has ended, starting it again", name, child.pid
                )
                if len(self._restarts) > RESTARTS:
                    raise EmbeddedError(problem=f"{name} ends again and again; see {self.home.log}")
            self._children[name] = self._services[name].start(partial(self._note, name))
            self._records.setdefault(name, {})["ready"] = True
            self._save()

    def _note(self, name: str, child: Child, url: str) -> None:
        self._children[name] = child
        port = self._services[name].port
        self._records[name] = {"pid": child.pid, "born": child.born, "url": url, "port": port, "ready": False}
        self._save()

    def _save(self, error: str = "") -> None:
        state = {"supervisor": self.supervisor, "services": self._records, "error": error}
        write_private(self.home.state, json.dumps(state))

    def stop(self, *, keep: bool = False, error: str = "") -> None:
        """Stop the servers this process holds; a throw-away directory goes with them, unless `keep`."""
        if self._lock is None:
            return
        for name in (VALKEY, POSTGRES):
            if name in self._children:
                try:
                    self._services[name].stop(self._children.pop(name))
                except EmbeddedError as failure:
                    error = str(failure.params["problem"])
                    logging.getLogger(__name__).exception(error)
        self._records = {}
        self._save(error)
        if self.throwaway and not keep:
            shutil.rmtree(self.home.var, ignore_errors=True)
        os.close(self._lock)
        self._lock = None


def stop_recorded(home: Home) -> None:
    """Stop the servers that a killed supervisor left behind."""
    for service in (Valkey(home, True, lambda: False), Postgres(home, True, lambda: False)):
        child = recorded(home, service.name)
        if child is not None:
            service.stop(child)
            service.tidy()
    home.state.unlink(missing_ok=True)

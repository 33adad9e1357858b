"""``receive_file PATH``: a bank's result file enters the river."""

import hashlib
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from payments.files.delivery import DIGEST_SUFFIX
from payments.management.reporting import write_report
from payments.models import BankFile
from payments.services import intake, leases, reports, river
from payments.states import FileState
from payments.tasks import ring

AWAY_SECONDS = 120


class Command(BaseCommand):
    """Receive a file; exit 0 whatever the answer about the file is, 2 when the command itself fails."""

    help = "Receive a bank result file: queue it, run it here (--wait), or only look (--dry-run)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PATH and the flags of the interface."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--wait", action="store_true", help="run the river in this process")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--by")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; the report is printed."""
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file", returncode=2)
        digest_path = path.with_name(path.name + DIGEST_SUFFIX)
        digest = digest_path.read_bytes()[:1000] if digest_path.is_file() else None
        try:
            by = actor(options["by"], Role.CLERK, _region_in(path.name))
            if options["dry_run"]:
                report = self._look(path, digest, by)
            else:
                report = self._receive(path, digest, by, wait=options["wait"])
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        write_report(report, as_json=options["json"], write=self.stdout.write)

    def _look(self, path: Path, digest: bytes | None, by: Any) -> reports.Report:
        sm3 = ""
        if digest is not None:
            with path.open("rb") as stream:
                sm3 = hashlib.file_digest(stream, lambda: hashlib.new("sm3")).hexdigest()
        return river.dry_run(path=path, name=path.name, sm3=sm3, digest=digest, by=by, at=clock.now())

    def _receive(self, path: Path, digest: bytes | None, by: Any, *, wait: bool) -> reports.Report:
        with path.open("rb") as stream:
            received = intake.receive(source=stream, name=path.name, digest=digest, by=by, at=clock.now())
        file = received.file
        unfinished = file.state in (FileState.QUEUED, FileState.RUNNING)
        if unfinished and wait:
            return reports.report_of(run_here(file.pk))
        if unfinished and received.refusal is None:
            ring()
        again = isinstance(received.refusal, intake.AlreadyReceived)
        return reports.report_of(file, already=again)


def _region_in(name: str) -> str | None:
    """The region that the file's name tells (YBDK_bank_region_...), to find its demo staff; the header decides later."""
    parts = name.split("_")
    return parts[2] if len(parts) > 2 and parts[2].isdigit() else None


def run_here(file_id: int) -> BankFile:
    """Run the river in this process until the file has ended, is held or parked.

    Waits where another worker has it, and for a database that is restarting (AWAY_SECONDS at most).
    """
    deadline = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            file = river.process(file_id=file_id, at=clock.now())
            deadline = time.monotonic() + AWAY_SECONDS
        except OperationalError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
            continue
        except (leases.Busy, leases.BatchBusy):
            time.sleep(0.5)
            file = BankFile.objects.get(pk=file_id)
        except leases.NotWaiting:
            return BankFile.objects.get(pk=file_id)
        if file.state not in (FileState.QUEUED, FileState.RUNNING):
            return file
        time.sleep(0.5)

"""What the commands that bring a statement or a settlement share: receive, run the river here, print outcomes."""

import hashlib
import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from payments.files.delivery import DIGEST_SUFFIX
from payments.management.commands.receive_file import run_here
from payments.models import BankFile
from payments.services import intake, reports, river
from payments.services.courses import Identify
from payments.states import FileKind, FileState

UNFINISHED = (FileState.QUEUED, FileState.RUNNING)


class ImportCommand(BaseCommand):
    """Receive a file of another kind than a bank's result and run it here; exit 2 only when the command itself fails."""

    kind: FileKind
    action = "settlement.upload"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and the flags of the interface."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--by")

    def course(self, options: dict[str, Any]) -> Identify:
        """What reads the header."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; the report is printed."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file", returncode=2)
        digest_path = path.with_name(path.name + DIGEST_SUFFIX)
        digest = digest_path.read_bytes()[:1000] if digest_path.is_file() else None
        parts = path.name.split("_")
        region = next((part for part in parts[1:] if len(part) == 6 and part.isdigit()), None)
        try:
            by = actor(options["by"], Role.CLERK, region)
            look = self._look if options["dry_run"] else self._receive
            report = look(path, digest, by, self.course(options))
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        write_outcomes(report, as_json=options["json"], write=self.stdout.write)

    def _look(self, path: Path, digest: bytes | None, by: Any, course: Identify) -> reports.Report:
        sm3 = ""
        if digest is not None:
            with path.open("rb") as stream:
                sm3 = hashlib.file_digest(stream, lambda: hashlib.new("sm3")).hexdigest()
        return river.dry_run(
            path=path,
            name=path.name,
            sm3=sm3,
            digest=digest,
            by=by,
            at=clock.now(),
            kind=self.kind,
            course=course,
        )

    def _receive(self, path: Path, digest: bytes | None, by: Any, course: Identify) -> reports.Report:
        with path.open("rb") as stream:
            received = intake.receive(
                source=stream,
                name=path.name,
                digest=digest,
                by=by,
                at=clock.now(),
                kind=self.kind,
                course=course,
                action=self.action,
            )
        if received.file.state in UNFINISHED:
            run_here(received.file.pk)
        again = isinstance(received.refusal, intake.AlreadyReceived)
        return reports.report_of(BankFile.objects.get(pk=received.file.pk), already=again)


def write_outcomes(report: dict[str, Any], *, as_json: bool, write: Callable[[str], object]) -> None:
    """Print the report of a statement, a settlement or an acknowledgement."""
    if as_json:
        write(json.dumps(report, ensure_ascii=False))
        return
    write(
        f"{report['name']}  #{report['file']}  {report['state']}  {report['refused_because'] or ''}".rstrip()
    )
    for reason in report["reasons"]:
        write("  " + ", ".join(f"{key}={value}" for key, value in reason.items() if key != "message"))
    for name, number in report.get("answers", {}).items():
        write(f"{name:12}{number:>10}")
    for name, row in report.get("outcomes", {}).items():
        numbers = "".join(f"{value:>18}" for value in row.values())
        write(f"{name:12}{numbers}")
    write(f"{_('changed')}: {report['changed']}   {_('seconds')}: {report['seconds']}")

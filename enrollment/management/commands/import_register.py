"""``import_register FILE``: a list of registrations enters the register."""

import csv
import json
import tempfile
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bureau import clock
from bureau.access import Role
from bureau.cells import safe_cell
from bureau.errors import BureauError
from bureau.management.actors import actor
from bureau.models import User
from enrollment.models import Issuer, ListFile, ListKind
from enrollment.services import listlines, lists
from enrollment.states import ListState

USAGE = 2


class Command(BaseCommand):
    """Import a list; exit 0 whatever the answer about the file is, 2 when the command itself fails."""

    help = "Import a list of registrations (XLSX or CSV): good rows are applied, the others are written to an error file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and the flags of the interface."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", required=True)
        parser.add_argument("--dry-run", action="store_true", help="only look: nothing is kept or applied")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--by", help="who uploads the list")
        parser.add_argument("--confirm-by", help="the second person, where one is needed (over 500 rows)")
        parser.add_argument("--sheet", default="", help="the sheet to read, where a workbook has several")
        parser.add_argument("--kind", choices=ListKind.values, default=ListKind.REGISTER.value)
        parser.add_argument("--issuer", choices=Issuer.values, default=Issuer.BUREAU.value)
        parser.add_argument(
            "--month", type=date.fromisoformat, help="a day in the month an aid list speaks of"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Receive, read, confirm where that is possible, apply; the counts are printed."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file", returncode=USAGE)
        try:
            by = actor(options["by"], Role.CLERK, options["region"])
            file = self._read(path, by, options)
            if file.state == ListState.READ and not options["dry_run"]:
                file = self._apply(file, by, options)
            report = self._report(file, options["dry_run"])
            if options["dry_run"] and file.state in (ListState.READ, ListState.HELD):
                lists.drop(list_id=file.pk, by=by, at=clock.now())
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=USAGE) from error
        self._write(report, as_json=options["json"])

    def _read(self, path: Path, by: User, options: dict[str, Any]) -> ListFile:
        with path.open("rb") as stream:
            file = lists.receive(
                source=stream,
                name=path.name,
                kind=options["kind"],
                issuer=options["issuer"],
                month=options["month"],
                region_id=options["region"],
                sheet=options["sheet"],
                by=by,
                at=clock.now(),
            )
        return lists.process(list_id=file.pk, at=clock.now())

    def _apply(self, file: ListFile, by: User, options: dict[str, Any]) -> ListFile:
        """Confirmed by the uploader where that suffices, else by the second person named (or the demo supervisor)."""
        second = by
        if file.second_person:
            named, demo = (
                options["confirm_by"],
                not User.objects.filter(is_active=True, is_demo=False).exists(),
            )
            if not named and not demo:
                return file
            second = actor(named, Role.SUPERVISOR, file.region_id)
        lists.confirm(list_id=file.pk, by=second, at=clock.now())
        return lists.process(list_id=file.pk, at=clock.now())

    def _report(self, file: ListFile, dry_run: bool) -> dict[str, Any]:
        counts = listlines.counts(file)
        reasons = [_(reason["message"]) % reason["params"] for reason in file.reasons]
        error_file = self._errors(file) if counts["errors"] else None
        state = ListState.DROPPED if dry_run and file.state == ListState.READ else file.state
        return {**counts, "error_file": error_file, "list": file.pk, "state": str(state), "reasons": reasons,
                "warnings": [_(one["message"]) % one["params"] for one in file.warnings]}  # fmt: skip

    def _errors(self, file: ListFile) -> str:
        """A CSV of the lines in error below the system's folder for such things; its path."""
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8-sig", newline="", prefix=f"list-{file.pk}-", suffix=".csv", delete=False
        ) as out:
            writer = csv.writer(out, lineterminator="\r\n")
            writer.writerow(
                [_("line"), _("column"), _("value"), _("code"), _("what is wrong, and what to do")]
            )
            for line in listlines.wrong_lines(file).iterator(chunk_size=2_000):
                cells = [line.line_no, line.column, line.value, line.code, listlines.sentence(line, _)]
                writer.writerow([safe_cell(cell) for cell in cells])
        return out.name

    def _write(self, report: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for key, value in report.items():
            self.stdout.write(f"{key:12}{value}")

"""``export_debits``: the request files of a debit day."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from bureau.money import yuan
from payments.services.debits import usual_debit_date
from payments.services.requests import export_day


class Command(BaseCommand):
    """Freeze, release by a second person, write; called again, the same files are written again."""

    help = "Write the request files of a debit day: freeze, release by a second person, export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose debits, at which bank, on which day, and where to."""
        parser.add_argument("--region", required=True)
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--bank", required=True)
        parser.add_argument(
            "--debit-date",
            type=date.fromisoformat,
            help="moved to the next working day; default: the region's own debit day, where it has one",
        )
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--by", help="who freezes")
        parser.add_argument("--release-by", help="who releases: another person")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; files and what stayed out are printed."""
        region, year = options["region"], options["year"]
        folder: Path = options["out"].resolve()
        try:
            day = options["debit_date"] or usual_debit_date(region_id=region, year=year, today=clock.today())
            maker = actor(options["by"], Role.CLERK, region)
            releaser = actor(options["release_by"], Role.SUPERVISOR, region)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            done = export_day(
                region_id=region,
                year=year,
                bank=options["bank"],
                debit_date=day,
                folder=folder,
                by=maker,
                release_by=releaser,
                at=clock.now(),
            )
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}", returncode=2) from error
        files = [
            {
                "batch": written.batch,
                "file": str(written.path),
                "digest": written.digest,
                "lines": written.lines,
                "amount": yuan(written.amount),
            }
            for written in done.files
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"files": files, "left_out": done.left_out}, ensure_ascii=False))
            return
        for file in files:
            self.stdout.write(f"{file['file']}  {file['lines']:>9}  {file['amount']:>16}  {file['digest']}")
        self.stdout.write(_("left out:") if done.left_out else _("nothing left out"))
        for reason, lines in done.left_out.items():
            self.stdout.write(f"  {reason:24}{lines:>9}")

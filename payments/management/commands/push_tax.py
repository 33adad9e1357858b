"""``push_tax --region R --year Y --out DIR``: the file for the tax office."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from payments.services import pushes


class Command(BaseCommand):
    """Freeze what the tax office must be told, and write it; nothing new is no failure."""

    help = "Push receivables and ended enrolments to the tax office: a file with its digest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Of which region and year, and where to."""
        parser.add_argument("--region", required=True)
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--by")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, write, tell."""
        options["out"].mkdir(parents=True, exist_ok=True)
        try:
            by = actor(options["by"], Role.CLERK, options["region"])
            batch = pushes.make(region_id=options["region"], year=options["year"], by=by, at=clock.now())
            written = pushes.write(batch_id=batch.pk, folder=options["out"], by=by)
            told = {"push": batch.pk, "file": str(written.path), "lines": batch.lines, "sm3": written.sm3}
        except pushes.NothingToPush:
            told = {"push": None, "file": None, "lines": 0, "sm3": None}
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        self.stdout.write(json.dumps(told) if options["json"] else f"{told['file'] or '-'}  {told['lines']}")

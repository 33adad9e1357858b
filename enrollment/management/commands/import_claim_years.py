"""manage.py import_claim_years: what the settlement of claims reports, year by year."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau.access import Role
from bureau.errors import BureauError, render
from bureau.management.actors import actor
from enrollment.services import continuity


class Command(BaseCommand):
    """All rows of the file or none; the same file again changes nothing."""

    help = "Take years without a claim, and years whose claims drew on the incentive, from a CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.csv", help="id_number, year, zero_claim, incentive_used")
        parser.add_argument("--region", required=True)
        parser.add_argument("--by", metavar="USER")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call."""
        path = options["file"]
        try:
            data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
            lines = data.decode("utf-8-sig").splitlines()
            by = actor(options["by"], Role.CLERK, options["region"])
            taken = continuity.report(lines=lines, source=Path(path).name, by=by, region_id=options["region"])
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
        except UnicodeDecodeError as error:
            raise CommandError(f"{path}: is not UTF-8 (byte {error.start + 1})", returncode=2) from None
        except BureauError as error:
            raise CommandError(f"{error.code}: {render(error)}", returncode=2) from None
        self.stdout.write(str(taken))

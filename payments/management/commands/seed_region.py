"""``seed_region``: generated people of a region, and its demo staff, for a rehearsal."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bureau import clock
from bureau.errors import BureauError
from payments.seeding.load import seed


class Command(BaseCommand):
    """The same arguments make the same people; a second run adds nothing."""

    help = "Fill a region with generated people and create its demo staff (workstations and tests only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which people, and how many of them."""
        parser.add_argument("--region", required=True)
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--persons", type=int, default=100_000)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; the report is printed."""
        started = time.perf_counter()
        try:
            done = seed(
                region_id=options["region"],
                year=options["year"],
                persons=options["persons"],
                seed=options["seed"],
                folder=settings.VAR_DIR,
                at=clock.now(),
            )
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        report = {
            "region": done.region,
            "year": done.year,
            "persons": done.persons,
            "seed": done.seed,
            "added": done.added,
            "newborns": done.newborns,
            "aided": done.aided,
            "mandates": dict(sorted(done.mandates.items())),
            "staff": done.staff,
            "logins": str(done.logins),
            "seconds": round(time.perf_counter() - started, 2),
        }
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for key, value in report.items():
            shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            self.stdout.write(f"{key:10} {', '.join(shown) if isinstance(shown, list) else shown}")

"""``day_cut --date D``: count a day three ways, per region and channel."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bureau import clock
from bureau.errors import BureauError
from payments.services import daycuts


class Command(BaseCommand):
    """Our books, the channels' statements, the treasury; days that were not even are counted again."""

    help = "Cut a day: what was booked, stated and settled, per region and channel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which day."""
        parser.add_argument("--date", type=date.fromisoformat, required=True)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; the rows of the day are printed."""
        try:
            made = daycuts.told(daycuts.cut(day=options["date"], by=None, at=clock.now()))
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(made, ensure_ascii=False))
            return
        for row in made["rows"]:
            figures = "".join(
                f"{row[name]['amount']:>16}" for name in ("booked", "stated", "treasury", "unsettled")
            )
            self.stdout.write(f"{row['region']} {row['channel']:14}{figures}  {row['state']}")
        self.stdout.write(f"{made['day']}: {len(made['rows'])} rows, changed {made['changed']}")

"""``count_statistics``: the tallies that the page of statistics reads."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from bureau import clock
from payments.services import statistics


class Command(BaseCommand):
    """Counting again replaces what was counted."""

    help = (
        "Count registered, enrolled, paid and unpaid persons of a benefit year by region, class and category."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The year."""
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call."""
        started = time.perf_counter()
        written = statistics.count(year=options["year"], on=clock.today(), at=clock.now())
        seconds = round(time.perf_counter() - started, 2)
        if options["json"]:
            self.stdout.write(json.dumps({"year": options["year"], "tallies": written, "seconds": seconds}))
        else:
            self.stdout.write(f"{options['year']}: {written}  {seconds} s")

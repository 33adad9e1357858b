"""``assess``: the receivables of a region and benefit year."""

import json
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from bureau.money import yuan
from payments.services.receivables import Assessed, assess, usual_day


class Command(BaseCommand):
    """Running it again adds only what is new; exit 2 when it cannot run."""

    help = "Assess the receivables of a region for a benefit year, set-based."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Region, year and, for another day than the usual one, the day whose prices hold."""
        parser.add_argument("--region", required=True)
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument(
            "--on",
            type=date.fromisoformat,
            help="the day whose prices hold: today while the year is being paid, else the window's first day",
        )
        parser.add_argument("--by")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; the report is printed."""
        started = time.perf_counter()
        region, year = options["region"], options["year"]
        try:
            on = options["on"] or usual_day(region_id=region, year=year, today=clock.today())
            by = actor(options["by"], Role.CLERK, region)
            done = assess(region_id=region, year=year, on=on, by=by, at=clock.now())
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        report = _report(done, round(time.perf_counter() - started, 2))
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self._table(report)

    def _table(self, report: dict[str, Any]) -> None:
        self.stdout.write(f"{report['region']} {report['year']}  {_('prices of')} {report['on']}")
        for price_class, row in report["by_class"].items():
            self.stdout.write(f"{price_class:10}{row['lines']:>10}{row['amount']:>18}")
        self.stdout.write(f"{_('assessed'):10}{report['assessed']:>10}{report['amount']:>18}")
        for key in ("already", "aided", "exempt", "siblings", "unpriced"):
            self.stdout.write(f"{_(key):10}{report[key]:>10}")
        self.stdout.write(f"{_('seconds')}: {report['seconds']}")


def _report(done: Assessed, seconds: float) -> dict[str, Any]:
    return {
        "region": done.region,
        "year": done.year,
        "on": done.on.isoformat(),
        "assessed": done.assessed,
        "already": done.already,
        "exempt": done.exempt,
        "amount": yuan(done.amount),
        "by_class": done.by_class,
        "aided": done.aided,
        "siblings": done.siblings,
        "unpriced": done.unpriced,
        "seconds": seconds,
    }

"""manage.py refund_candidates: look through the books of a region and year for money that is owed back."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau import clock
from bureau.models import Region
from refunds.services import candidates


class Command(BaseCommand):
    """What is new, and what waits by kind; running it again finds nothing twice."""

    help = "Find duplicates, aid differences and payments without cover that are owed back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--region", required=True, help="pooling region, six digits")
        parser.add_argument("--year", required=True, type=int, help="benefit year")
        parser.add_argument("--json", action="store_true", help="a JSON object instead of a sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        region = options["region"]
        if not Region.objects.filter(pk=region).exists():
            raise CommandError(f"There is no region {region}.")
        found = candidates.find(region_id=region, year=options["year"], at=clock.now())
        if options["json"]:
            report = {
                "region": region,
                "year": options["year"],
                "new": found.new,
                "waiting": found.waiting,
                "amount": f"{found.amount:.2f}",
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        kinds = ", ".join(f"{kind} {number}" for kind, number in found.waiting.items()) or "nothing"
        self.stdout.write(f"{found.new} new; waiting: {kinds}; {found.amount:.2f} yuan")

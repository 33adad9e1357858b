"""``expire_orders``: orders whose lock time is over, each after its channel was asked what became of it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from bureau import clock
from payments.services import expiry


class Command(BaseCommand):
    """Repeating it is safe: an order that a channel does not tell of waits, at most a day."""

    help = (
        "Ask the channels about orders whose lock time is over; book those that are paid, give up the others."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many at most."""
        parser.add_argument("--most", type=int, default=1_000, help="orders in one run (default: 1000)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call."""
        found = expiry.expire(at=clock.now(), most=max(options["most"], 0))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found)))
        else:
            parts = (f"{name} {number}" for name, number in asdict(found).items())
            self.stdout.write("  ".join(parts))

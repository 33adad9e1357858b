"""``make bench``: the river as a ratio to the floor F1, in the same run on the same database.

Each round gets new people, a batch and the bank's answer of its own; floor and river take turns. Figures are printed, never
asserted. ``--smoke`` is a small round that only shows that the benchmark still runs, with a few refunds before it
(``python -m tests.benchmarks.refunds`` measures ten thousand).
"""

import argparse
import os
import statistics
import tempfile
from datetime import date, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
django.setup()

# Django must be set up before its apps are imported.
from tests.benchmarks import refunds  # noqa: E402
from tests.benchmarks.rounds import prepare, take  # noqa: E402

ROUNDS, PERSONS, SMOKE_PERSONS, SMOKE_REFUNDS = 3, 125_000, 3_000, 80


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--persons", type=int, default=PERSONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--random-serials", action="store_true")
    options = parser.parse_args()
    persons, rounds = (SMOKE_PERSONS, 1) if options.smoke else (options.persons, options.rounds)
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        if options.smoke:
            print(refunds.run(SMOKE_REFUNDS, Path(folder)), flush=True)
        day = date(2025, 1, 6)
        found = []
        for number in range(1, rounds + 1):
            one = take(Path(folder), persons * number, number, day, random_serials=options.random_serials)
            found.append(one)
            print(one.line(), flush=True)
            day += timedelta(days=1)
    print(f"median ratio to F1: {statistics.median(one.ratio for one in found):.2f}")


if __name__ == "__main__":
    main()

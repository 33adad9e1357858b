"""``python -m tests.benchmarks.refunds``: duplicates of a bank run refunded all the way, step by step.

The bank does not answer a batch; two persons let its receivables go and debit again; then the answers to both batches arrive,
the newer first: everybody who could pay has paid twice. The river books it; the refunds find it, sign it, pay it out, 3 %
bounce, are corrected and paid. Books and sums are checked at the end; seconds are printed, never asserted.
``--duplicates`` for a smaller run.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
django.setup()

# Django must be set up before its apps are imported.
from django.core.management import call_command  # noqa: E402

from bureau import audit, proposals  # noqa: E402
from bureau.models import User  # noqa: E402
from payments.models import BankFile, DebitBatch  # noqa: E402
from payments.seeding import load  # noqa: E402
from payments.services import debits, intake, noanswer, receivables, requests, river  # noqa: E402
from tests.benchmarks import answers  # noqa: E402
from tests.refunds import refundkit, wholeway  # noqa: E402

REGION, YEAR, BANK = "450800", 2025, "103"
DUPLICATES, DEBITED = 10_000, 0.8
OTHERS = ("before", "river", "books")
ASSESSED = date(2024, 10, 1)
MOMENT, LATER = datetime(2025, 1, 6, 1, 0, tzinfo=UTC), datetime(2025, 1, 20, 2, 0, tzinfo=UTC)
FIRST_DAY, SECOND_DAY = date(2025, 1, 6), date(2025, 1, 20)


class Laps:
    """Seconds by step, in their order; a step taken twice adds up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Measure one step."""
        started = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


def main() -> None:
    """Make the duplicates, refund them, print the steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duplicates", type=int, default=DUPLICATES)
    wanted = parser.parse_args().duplicates
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as name:
        print(run(wanted, Path(name)), flush=True)


def run(wanted: int, folder: Path) -> str:
    """One run; its figures in a line. The ratio is to the river that booked both answers, in the same run."""
    laps = Laps()
    started, worked = time.perf_counter(), time.process_time()
    with laps("before"):
        asked = batches(wanted, folder)
    with laps("river"):
        answered(asked, folder)
    with audit.acting(by=None, why="a benchmark's staff"):
        desk = refundkit.desk(REGION)
    number, bounced = wholeway.walk(desk, folder, region=REGION, bank=BANK, year=YEAR, at=LATER, lap=laps)
    with laps("books"):
        wholeway.every_yuan_once(REGION)
    refunds = sum(seconds for name, seconds in laps.seconds.items() if name not in OTHERS)
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in laps.seconds.items())
    total, python = time.perf_counter() - started, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{number} duplicates refunded, {bounced} bounced and paid again: {refunds:.1f} s, ratio "
        f"{refunds / laps.seconds['river']:.1f} to the river that booked them ({steps} s); all in all {total:.1f} s, "
        f"of them {python:.1f} s in Python; {memory:.0f} MB"
    )


def batches(wanted: int, folder: Path) -> list[Path]:
    """Requests of two batches for the same people, the later first; it was made because nothing came for the other."""
    load.seed(region_id=REGION, year=YEAR, persons=int(wanted / DEBITED), seed=7, folder=folder, at=MOMENT)
    clerk = User.objects.get(username=f"clerk-{REGION}")
    supervisor = User.objects.get(username=f"supervisor-{REGION}")
    receivables.assess(region_id=REGION, year=YEAR, on=ASSESSED, by=clerk, at=MOMENT)
    first, asked = _batch(FIRST_DAY, MOMENT, clerk, supervisor, folder)
    waiting = noanswer.propose_no_answer_release(
        batch_id=first.pk, reason="the bank has no such file", by=clerk, at=LATER
    )
    proposals.review(proposal_id=waiting.pk, approve=True, reason="", by=supervisor, at=LATER)
    _second, again = _batch(SECOND_DAY, LATER, clerk, supervisor, folder)
    return [again, asked]


def answered(asked: Sequence[Path], folder: Path) -> None:
    """The bank's answers, everybody debited, through the river in this process."""
    clerk = User.objects.get(username=f"clerk-{REGION}")
    for seed, request in enumerate(asked):
        (said,) = answers.write([request], folder, seed=seed, mix=answers.ALL_PAID)
        received = intake.receive(source=said.open("rb"), name=said.name, digest=None, by=clerk, at=LATER)
        river.process(file_id=received.file.pk, at=LATER)
        file = BankFile.objects.get(pk=received.file.pk)
        if file.state != "APPLIED":
            raise RuntimeError(f"the file ended as {file.state}: {file.reasons}")


def _batch(day: date, at: datetime, clerk: User, supervisor: User, folder: Path) -> tuple[DebitBatch, Path]:
    (batch,) = debits.freeze(region_id=REGION, year=YEAR, bank=BANK, debit_date=day, by=clerk, at=at)
    batch = debits.release(batch_id=batch.pk, by=supervisor, at=at)
    return batch, requests.write_request(batch_id=batch.pk, folder=folder, by=supervisor, at=at).path


if __name__ == "__main__":
    main()

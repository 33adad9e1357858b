"""One round of the benchmark: people, receivables, a batch, the bank's answer, the floor, the river, the river again."""

import io
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bureau import clock
from bureau.models import User
from payments.models import BankFile
from payments.seeding import load
from payments.services import debits, intake, receivables, requests
from tests.benchmarks import answers, floor

REGION, YEAR, BANK = "450800", 2025, "103"


@dataclass(frozen=True)
class Round:
    """What one round measured: seconds, lines, memory of the worker process (MB), WAL (bytes a line)."""

    lines: int
    floor: float
    river: float
    again: float
    assess: float
    freeze: float
    write: float
    memory: float
    wal: float

    @property
    def ratio(self) -> float:
        """River to floor."""
        return self.river / self.floor

    def line(self) -> str:
        """The round as printed."""
        return (
            f"{self.lines} lines: F1 {self.floor:.2f} s, river {self.river:.2f} s, ratio {self.ratio:.2f}; "
            f"same file again {self.again:.2f} s; assess {self.assess:.2f} s, freeze {self.freeze:.2f} s, "
            f"request {self.write:.2f} s; worker {self.memory:.0f} MB; WAL {self.wal:.0f} bytes a line"
        )


def prepare() -> None:
    """A migrated database."""
    call_command("migrate", verbosity=0)


def take(folder: Path, persons: int, number: int, day: date, *, random_serials: bool) -> Round:
    """Measure one round; ``persons`` grows from round to round, only the new ones are in its batch."""
    at = clock.now()
    load.seed(region_id=REGION, year=YEAR, persons=persons, seed=7, folder=folder, at=at)
    clerk = User.objects.get(username=f"clerk-{REGION}")
    supervisor = User.objects.get(username=f"supervisor-{REGION}")
    started = time.perf_counter()
    receivables.assess(region_id=REGION, year=YEAR, on=date(2024, 10, 1), by=clerk, at=at)
    assessed = time.perf_counter()
    batches = debits.freeze(region_id=REGION, year=YEAR, bank=BANK, debit_date=day, by=clerk, at=at)
    frozen = time.perf_counter()
    batch = debits.release(batch_id=batches[0].pk, by=supervisor, at=at)
    writing = time.perf_counter()
    request = requests.write_request(batch_id=batch.pk, folder=folder, by=supervisor, at=at).path
    written = time.perf_counter()
    (answer,) = answers.write([request], folder, seed=number, random_serials=random_serials)
    plain = floor.connect(settings.DATABASE_URL)
    floor.prepare(plain, [batch.pk])
    floor_seconds = floor.run(plain, answer)
    floor.drop(plain)
    plain.execute("CHECKPOINT")
    before = _wal()
    river_seconds, memory = _river(answer, clerk)
    wal = _wal() - before
    file = BankFile.objects.order_by("-id").first()
    if file is None or file.state != "APPLIED":
        raise RuntimeError(f"the file ended as {file and file.state}: {file and file.reasons}")
    again = time.perf_counter()
    received = intake.receive(source=answer.open("rb"), name=answer.name, digest=None, by=clerk, at=at)
    again = time.perf_counter() - again
    if not isinstance(received.refusal, intake.AlreadyReceived):
        raise RuntimeError("the same bytes were taken twice")
    return Round(
        lines=file.lines,
        floor=floor_seconds,
        river=river_seconds,
        again=again,
        assess=assessed - started,
        freeze=frozen - assessed,
        write=written - writing,
        memory=memory,
        wal=wal / max(file.lines, 1),
    )


def _river(answer: Path, clerk: User) -> tuple[float, float]:
    """Intake here, the rest in a worker process of its own; its start-up is not the river's."""
    started = time.perf_counter()
    received = intake.receive(
        source=io.BytesIO(answer.read_bytes()), name=answer.name, digest=None, by=clerk, at=clock.now()
    )
    intake_seconds = time.perf_counter() - started
    subprocess.run(
        [sys.executable, "-m", "tests.payments.child", str(received.file.pk), clock.now().isoformat()],
        env=os.environ | {"BUREAU_VAR": str(settings.VAR_DIR)},
        check=True,
    )
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    worked = BankFile.objects.values_list("seconds", flat=True).get(pk=received.file.pk)
    return intake_seconds + worked, memory


def _wal() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
        return int(cursor.fetchone()[0])

"""A small river for tests: people with mandates, a released batch, the simulated bank, and files going down."""

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from bureau import audit
from bureau.models import User
from enrollment.models import Enrollment, Person
from payments.files.delimited import parse_request
from payments.models import BankFile, DebitBatch, Mandate
from payments.services import books, debits, intake, receivables, reports, requests, river
from payments.services.reports import Report
from payments.simulation.plan import SimulatedFile
from payments.simulation.simulate import simulate
from tests import builders

REGION, YEAR, BANK = "450800", 2025, "103"
DEBIT_DAY = date(2025, 1, 15)
FROZEN_AT = datetime(2025, 1, 14, 2, 0, tzinfo=UTC)
RECEIVED_AT = datetime(2025, 1, 20, 2, 0, tzinfo=UTC)
NAMES = ("张三", "李四", "买买提·艾力", "䶮𠮷", "王小明", "欧阳\u3400")
COMPARED = ("state", "refused_because", "lines", "amount", "buckets", "no_answer")
ENDED = {"REJECTED", "HELD", "APPLIED", "PARKED"}


@dataclass
class Town:
    """A region with staff and a released batch; ``request`` is the file the bank got."""

    clerk: User
    supervisor: User
    region: str = REGION
    batches: list[DebitBatch] = field(default_factory=list)
    request: Path = Path()


def people(count: int, region: str = REGION) -> list[Person]:
    """Registered adults with a live enrolment and a verified mandate each."""
    with audit.acting(by=None, why="a test's people"):
        return _people(count, region)


def _people(count: int, region: str) -> list[Person]:
    persons = Person.objects.bulk_create(
        Person(
            id_number=builders.id_number(),
            name=NAMES[number % len(NAMES)],
            birth_date=date(1980, 5, 17),
            person_class="1501",
            region_id=region,
            created_at=FROZEN_AT,
        )
        for number in range(count)
    )
    Enrollment.objects.bulk_create(
        Enrollment(person=person, region_id=region, started_on=date(2024, 9, 1)) for person in persons
    )
    Mandate.objects.bulk_create(
        Mandate(
            agreement_no=f"SF{region}{person.pk:012d}",
            person=person,
            bank_id=BANK,
            account=f"6228480{person.pk:012d}",
            holder=person.name,
            state="VERIFIED",
            signed_on=date(2024, 10, 8),
        )
        for person in persons
    )
    return persons


def town(folder: Path, count: int = 240, region: str = REGION) -> Town:
    """``count`` people assessed, frozen, released, and their request file written."""
    with audit.acting(by=None, why="a test's staff"):
        made = Town(builders.make_staff("clerk", region), builders.make_staff("supervisor", region), region)
    people(count, region)
    send(made, folder)
    return made


def twin_town(of: Town, region: str) -> Town:
    """Another region in which the same people are enrolled too (the citizens' problem P03)."""
    with audit.acting(by=None, why="a test's second region"):
        for enrollment in Enrollment.objects.filter(region_id=of.region).select_related("person"):
            builders.enrol(enrollment.person, region)
        return Town(builders.make_staff("clerk", region), builders.make_staff("supervisor", region), region)


def send(made: Town, folder: Path, day: date = DEBIT_DAY) -> Path:
    """Assess and debit whoever is new; the request file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    receivables.assess(region_id=made.region, year=YEAR, on=date(2024, 10, 1), by=made.clerk, at=FROZEN_AT)
    where: dict[str, Any] = {"region_id": made.region, "year": YEAR, "bank": BANK, "debit_date": day}
    made.batches = debits.freeze(**where, by=made.clerk, at=FROZEN_AT)
    for batch in made.batches:
        debits.release(batch_id=batch.pk, by=made.supervisor, at=FROZEN_AT)
    written = requests.write_request(
        batch_id=made.batches[0].pk, folder=folder, by=made.supervisor, at=FROZEN_AT
    )
    made.request = written.path
    return made.request


def bank(made: Town, *, seed: int, faults: Sequence[str] = ()) -> list[SimulatedFile]:
    """What the simulated bank answers to the town's request."""
    header, lines = parse_request(made.request.read_bytes())
    return simulate(header, lines, seed=seed, faults=faults)


def upload(made: Town, file: SimulatedFile, by: User | None = None) -> intake.Received:
    """The file enters; nothing is processed yet."""
    return intake.receive(
        source=io.BytesIO(file.content),
        name=file.name,
        digest=file.digest,
        by=by or made.clerk,
        at=RECEIVED_AT,
    )


def flow(made: Town, file: SimulatedFile) -> Report:
    """Upload and process a file in this process; its report."""
    received = upload(made, file)
    again = isinstance(received.refusal, intake.AlreadyReceived)
    if received.refusal is None:
        river.process(file_id=received.file.pk, at=RECEIVED_AT)
    return reports.report_of(BankFile.objects.get(pk=received.file.pk), already=again)


def agree(report: Report, file: SimulatedFile) -> None:
    """Report and plan say the same."""
    plan = file.plan.report()
    assert {key: report[key] for key in COMPARED} == {key: plan[key] for key in COMPARED}, file.name


def books_green() -> None:
    """Every invariant holds."""
    broken = {result.code: result.rows for result in books.run_checks() if not result.ok}
    assert not broken, broken


def environment(**more: str) -> dict[str, str]:
    """The environment of a child process that works on the test's own database."""
    name = connection.settings_dict["NAME"]
    head, _, query = settings.DATABASE_URL.partition("?")
    url = head.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
    return (
        os.environ | {"DATABASE_URL": url, "BUREAU_TESTING": "1", "BUREAU_VAR": str(settings.VAR_DIR)} | more
    )

"""The push to the tax side: what is new goes out, the answer comes in, what was not taken goes out again."""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bureau import audit
from bureau.errors import BureauError
from bureau.models import User
from enrollment.models import Enrollment
from payments.files.exchanges import text_file
from payments.models import Assessment, BankFile, PushAnswer, PushBatch, PushLine, Receivable
from payments.services import intake, pushes, reports, river
from payments.services.reports import Report
from payments.states import FileKind
from tests import builders
from tests.payments import kit
from tests.payments import settlementkit as k
from tests.payments.test_orders import AT, REGION, YEAR, people

pytestmark = pytest.mark.django_db


def make(by: User, at: datetime = AT) -> PushBatch:
    """A push of the town's year."""
    return pushes.make(region_id=REGION, year=YEAR, by=by, at=at)


def text_of(batch: PushBatch) -> list[str]:
    """The file's lines."""
    return b"".join(pushes.content(batch)).decode("gb18030").split("\r\n")[:-1]


def acknowledgement(batch: PushBatch, said: Sequence[tuple[int, int, str]], **claims: int) -> bytes:
    """The tax office's file: (receivable, 0 taken or 1 refused, reason) for each line."""
    taken = sum(1 for one in said if one[1] == 0)
    counts = {"lines": len(said), "taken": taken, "refused": len(said) - taken} | claims
    head = ("V", "1.0", batch.region_id, f"{batch.day:%Y%m%d}", f"{batch.number:04d}", *counts.values())
    return b"".join(text_file(head, ((seq, *one) for seq, one in enumerate(said, start=1))))


def answer(content: bytes, by: User, at: datetime = AT) -> Report:
    """The acknowledgement goes down the river."""
    received = intake.receive(
        source=io.BytesIO(content), name="YBTS_A1.txt", digest=None, by=by, at=at, kind=FileKind.PUSH_ANSWER,
        course=pushes.identify, action="settlement.upload",
    )  # fmt: skip
    again = isinstance(received.refusal, intake.AlreadyReceived)
    if received.refusal is None:
        river.process(file_id=received.file.pk, at=at)
    return reports.report_of(BankFile.objects.get(pk=received.file.pk), already=again)


def numbers() -> list[int]:
    """The receivables in order."""
    return list(Receivable.objects.order_by("pk").values_list("pk", flat=True))


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


def test_what_is_due_goes_out_once(tmp_path: Path) -> None:
    """New receivables as A; while they wait for their answer nothing is said twice; the bytes are the same each time."""
    people(3)
    by = k.clerk()
    batch = make(by)
    lines = text_of(batch)
    assert lines[0] == f"U|1.0|{REGION}|20241010|0001|3|"
    person = Receivable.objects.select_related("person").order_by("pk")[0].person
    enrolment = Enrollment.objects.get(person=person).pk
    assert lines[1] == f"1|A|{enrolment}|01|{person.id_number}|{person.name}|2025|390|400.00|{numbers()[0]}|"
    assert text_of(batch) == lines
    written = pushes.write(batch_id=batch.pk, folder=tmp_path, by=by)
    assert (written.path.name, written.path.read_bytes().count(b"\r\n")) == (
        f"YBTS_{REGION}_20241010_0001.txt",
        4,
    )
    with refused("NOTHING_TO_PUSH"):
        make(by)
    kit.books_green()


def test_what_was_not_taken_goes_out_again() -> None:
    people(3)
    by = k.clerk()
    first = make(by)
    one, two, three = numbers()
    report = answer(acknowledgement(first, [(one, 0, ""), (two, 1, "证件号码不符"), (three, 0, "")]), by)
    assert (report["state"], report["lines"], report["changed"]) == ("APPLIED", 3, 3)
    assert report["answers"] == {"taken": 2, "refused": 1, "unknown": 0, "repeated": 0}
    assert PushAnswer.objects.get(taken=False).reason == "证件号码不符"
    second = make(by, AT + timedelta(hours=1))
    assert (second.number, [row.receivable_id for row in PushLine.objects.filter(batch=second)]) == (2, [two])
    rows: Any = Receivable.objects.with_state()
    states = {row.pk: row.state for row in rows}
    assert states == {one: "PUSHED", two: "ASSESSED", three: "PUSHED"}
    kit.books_green()


def test_changes_and_ends_are_told() -> None:
    """P27: another amount goes out as U, an enrolment that ended as D, and nothing once that is taken."""
    made = people(2)
    by = k.clerk()
    first = make(by)
    one, two = numbers()
    answer(acknowledgement(first, [(one, 0, ""), (two, 0, "")]), by)
    with refused("NOTHING_TO_PUSH"):
        make(by)
    row = Receivable.objects.get(pk=one)
    Assessment.objects.create(
        id=one * 100 + 1, receivable=row, region_id=REGION, policy=row.policy, standard=Decimal("400.00"),
        aid=Decimal("120.00"), amount=Decimal("280.00"), reason="list", assessed_on=date(2024, 11, 1), assessed_at=AT,
    )  # fmt: skip
    with audit.acting(by=None, why="a test's end"):
        Enrollment.objects.filter(person=made[1]).update(
            state="4", ended_on=date(2024, 11, 1), end_reason="MOVED"
        )
    second = make(by, AT + timedelta(days=1))
    told = {line.split("|")[9]: line.split("|")[1] + line.split("|")[8] for line in text_of(second)[1:]}
    assert told == {str(one): "U280.00", str(two): "D400.00"}
    answer(acknowledgement(second, [(one, 0, ""), (two, 0, "")]), by)
    with refused("NOTHING_TO_PUSH"):
        make(by, AT + timedelta(days=2))
    kit.books_green()


def test_the_same_acknowledgement_twice_changes_nothing() -> None:
    """Nor does one that repeats what was said, or speaks of strangers."""
    people(2)
    by = k.clerk()
    batch = make(by)
    one, two = numbers()
    content = acknowledgement(batch, [(one, 0, "")])
    assert answer(content, by)["changed"] == 1
    assert (answer(content, by)["refused_because"], PushAnswer.objects.count()) == ("ALREADY_RECEIVED", 1)
    later = answer(
        acknowledgement(batch, [(one, 1, "x"), (two, 0, ""), (20259999999999, 0, ""), (two, 0, "")]), by
    )
    assert later["answers"] == {"taken": 1, "refused": 0, "unknown": 1, "repeated": 2}
    assert PushAnswer.objects.filter(taken=True).count() == 2


@pytest.mark.parametrize(
    ("claims", "change", "state", "code"),
    [
        ({"lines": 3}, (b"", b""), "HELD", "COUNT_DIFFERS"),
        ({"taken": 2}, (b"", b""), "HELD", "TOTAL_DIFFERS"),
        ({}, (b"|0|", b"|7|"), "HELD", "LINE_UNREADABLE"),
        ({}, (b"V|1.0", b"W|1.0"), "REJECTED", "HEADER_UNREADABLE"),
        ({}, (b"|20241010|0001|", b"|20241010|0002|"), "REJECTED", "UNKNOWN_PUSH"),
        ({}, (b"|450800|", b"|110000|"), "REJECTED", "UNKNOWN_REGION"),
    ],
)
def test_bad_acknowledgements(
    claims: dict[str, int], change: tuple[bytes, bytes], state: str, code: str
) -> None:
    people(2)
    by = k.clerk()
    batch = make(by)
    one, two = numbers()
    content = acknowledgement(batch, [(one, 0, ""), (two, 1, "x")], **claims)
    report = answer(content.replace(*change, 1) if change[0] else content, by)
    assert (report["state"], report["refused_because"], PushAnswer.objects.count()) == (state, code, 0)


def test_a_push_is_the_desks_work() -> None:
    people(1)
    with audit.acting(by=None, why="a test's staff"):
        auditor, stranger = builders.make_staff("auditor"), builders.make_staff("clerk", "510100")
    with refused("NOT_ALLOWED"):
        make(auditor)
    with refused("OUT_OF_SCOPE"):
        make(stranger)

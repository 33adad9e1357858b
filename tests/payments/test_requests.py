"""Request files: the public example byte for byte, the pure writer's bytes from the stream, the same each
time.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.access import NotAllowed, OutOfScope
from bureau.models import Proposal, User
from bureau.names import MIDDLE_DOTS
from enrollment.models import Person
from payments.files.delimited import (
    NotWritable,
    RequestHeader,
    RequestLine,
    TotalsDiffer,
    parse_request,
    request_bytes,
)
from payments.models import BankProfile, DebitBatch, Hold, Instruction, Mandate, Receivable
from payments.services import requests
from payments.services.debits import freeze, release
from payments.services.requests import BatchNotReleased, RequestChanged, export_day, write_request
from tests import builders
from tests.payments import bookbuilders
from tests.payments.bookbuilders import assess
from tests.payments.requests import HOLDERS

Staff = Callable[..., User]
EXAMPLE = Path(__file__).parent / "data" / "YBDK_103_450800_20250115_0001.txt"
AT = datetime(2025, 1, 10, 1, 0, tzinfo=UTC)
DAY = date(2025, 1, 15)
WHERE: dict[str, Any] = {"region_id": builders.GUIGANG, "year": 2025, "bank": "103", "debit_date": DAY}


@pytest.fixture
def crew(db: None) -> bookbuilders.Staff:
    return bookbuilders.staff_of()


def ready(holder: str = "张三", **mandate: Any) -> Receivable:
    due = assess()
    values: dict[str, Any] = {
        "agreement_no": f"SF{due.pk}",
        "person": due.person,
        "bank_id": "103",
        "account": "6228480010000000017",
        "holder": holder,
        "state": "VERIFIED",
        "signed_on": date(2024, 9, 1),
    }
    Mandate.objects.create(**(values | mandate))
    return due


def released(crew: bookbuilders.Staff) -> DebitBatch:
    (batch,) = freeze(**WHERE, by=crew.clerk, at=AT)
    return release(batch_id=batch.pk, by=crew.supervisor, at=AT)


def write(crew: bookbuilders.Staff, batch: DebitBatch, folder: Path) -> requests.Written:
    return write_request(batch_id=batch.pk, folder=folder, by=crew.supervisor, at=AT)


def pure(batch: DebitBatch) -> bytes:
    """The file by the pure writer, from the rows read one by one."""
    header = RequestHeader(
        region=batch.region_id,
        bank=batch.bank_id,
        agency="YBJ45080001",
        day=batch.entrusted_on,
        batch=f"{batch.number:04d}",
        lines=batch.lines,
        amount=batch.amount,
        debit_from=batch.debit_from,
        debit_to=batch.debit_to,
    )
    lines = (
        RequestLine(
            seq=row.seq,
            account=row.account,
            holder=row.holder,
            amount=row.amount,
            mandate_no=row.mandate_no,
            ref=row.ref,
            summary="城乡居民医保2025",
            cross_bank=row.cross_bank,
            bank_name=row.bank_name,
            cnaps=row.cnaps,
            remark=row.remark,
        )
        for row in Instruction.objects.filter(batch=batch).order_by("seq")
    )
    return b"".join(request_bytes(header, lines))


# --- the bytes ---------------------------------------------------------------------------------------


def test_the_public_example_comes_out_byte_for_byte(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('payments_receivable_2025_number', 1, false)")
    ready("张三", agreement_no="SF450800202500000001", account="6228480010000000017")
    ready("买买提·艾力", agreement_no="SF450800202500000002", account="6228480010000000025")
    aided = assess(aid=Decimal("240.00"))
    Mandate.objects.create(
        agreement_no="SF450800202500000003",
        person=aided.person,
        bank_id="103",
        account="6217000010000000037",
        holder="䶮𠮷",
        cross_bank=True,
        bank_name="中国建设银行贵港分行",
        cnaps="105624000015",
        state="VERIFIED",
        signed_on=date(2024, 9, 1),
    )
    done = write(crew, released(crew), tmp_path)
    assert done.path.name == EXAMPLE.name
    assert done.path.read_bytes() == EXAMPLE.read_bytes()
    digest_file = EXAMPLE.with_name(f"{EXAMPLE.name}.sm3")
    assert done.path.with_name(digest_file.name).read_bytes() == digest_file.read_bytes()
    assert (done.batch, done.lines, done.amount) == ("103_450800_20250115_0001", 3, Decimal("960.00"))


ANY_HOLDER = st.one_of(
    st.sampled_from(HOLDERS),
    st.text(
        st.sampled_from("张买·提\\艾ⅧAé\u2028\u3000𠮷䶮㛃|\u200b" + MIDDLE_DOTS), min_size=1, max_size=12
    ),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(holders=st.lists(ANY_HOLDER, min_size=1, max_size=8), block=st.sampled_from([1, 200, 1 << 18]))
def test_the_stream_is_the_pure_writer(crew: bookbuilders.Staff, holders: list[str], block: int) -> None:
    """Whatever the names and wherever the blocks are cut: the same bytes, or the same refusal."""
    with transaction.atomic():
        due = [assess() for _ in holders]
        batch, made = bookbuilders.freeze(due, crew, number=1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for instruction, holder in zip(made, holders, strict=True):
                cursor.execute(
                    "UPDATE payments_instruction SET holder = %s WHERE id = %s", [holder, instruction.pk]
                )
            cursor.execute("SET LOCAL session_replication_role = origin")
        requests_block, requests.BLOCK_BYTES = requests.BLOCK_BYTES, block
        try:
            outcomes = [
                _outcome(lambda: pure(batch)),
                _outcome(lambda: b"".join(requests.request_chunks(batch))),
            ]
        finally:
            requests.BLOCK_BYTES = requests_block
        transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1]
    if isinstance(outcomes[0], bytes):
        header, lines = parse_request(outcomes[0])
        assert header.lines == len(lines) == len(holders)


def _outcome(build: Callable[[], bytes]) -> Any:
    try:
        return build()
    except NotWritable as error:
        return error


@pytest.mark.parametrize("holder", HOLDERS)
def test_names_survive_the_way_there_and_back(crew: bookbuilders.Staff, tmp_path: Path, holder: str) -> None:
    ready(holder)
    done = write(crew, released(crew), tmp_path)
    _header, (line,) = parse_request(done.path.read_bytes())
    assert line.holder == holder


def test_again_the_same_bytes(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    for holder in HOLDERS:
        ready(holder)
    batch = released(crew)
    first = write(crew, batch, tmp_path)
    content = first.path.read_bytes()
    first.path.unlink()
    # What changes afterwards changes nothing in what was frozen.
    Mandate.objects.update(holder="李四", state="CANCELLED")
    Person.objects.update(name="李四")
    assert write(crew, batch, tmp_path) == first
    assert first.path.read_bytes() == content == pure(batch)
    batch.refresh_from_db()
    assert batch.digest == first.digest == hashlib.new("sm3", content).hexdigest()


# --- refusals ----------------------------------------------------------------------------------------


def _tamper(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_changed_row_gives_no_file(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    ready()
    batch = released(crew)
    done = write(crew, batch, tmp_path)
    content = done.path.read_bytes()
    _tamper("UPDATE payments_instruction SET holder = '李四'")
    with pytest.raises(RequestChanged):
        write(crew, batch, tmp_path)
    assert done.path.read_bytes() == content
    _tamper("UPDATE payments_instruction SET amount = 1")
    with pytest.raises(TotalsDiffer):
        write(crew, batch, tmp_path)


def test_a_missing_row_gives_no_file(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    for _ in range(2):
        ready()
    batch = released(crew)
    _tamper("DELETE FROM payments_instruction WHERE seq = 1")
    with pytest.raises(TotalsDiffer):
        write(crew, batch, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_row_gives_no_file(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    ready()
    batch = released(crew)
    _tamper("UPDATE payments_instruction SET holder = E'张\\t三'")
    with pytest.raises(NotWritable) as caught:
        write(crew, batch, tmp_path)
    assert caught.value.params == {"line": 2, "field": "holder"}
    assert list(tmp_path.iterdir()) == []
    batch.refresh_from_db()
    assert batch.digest == ""


def test_only_what_a_second_person_released(crew: bookbuilders.Staff, tmp_path: Path, staff: Staff) -> None:
    ready()
    (batch,) = freeze(**WHERE, by=crew.clerk, at=AT)
    with pytest.raises(BatchNotReleased):
        write(crew, batch, tmp_path)
    release(batch_id=batch.pk, by=crew.supervisor, at=AT)
    for who, error in ((crew.clerk, NotAllowed), (staff("supervisor", "510000"), OutOfScope)):
        with pytest.raises(error):
            write_request(batch_id=batch.pk, folder=tmp_path, by=who, at=AT)
    assert list(tmp_path.iterdir()) == []


# --- a debit day -------------------------------------------------------------------------------------


def export(crew: bookbuilders.Staff, folder: Path) -> requests.Exported:
    return export_day(**WHERE, folder=folder, by=crew.clerk, release_by=crew.supervisor, at=AT)


def test_a_day_again_is_the_same_and_new_ones_come_on_top(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    BankProfile.objects.filter(pk="103").update(max_lines=2)
    for _ in range(3):
        ready()
    assess()
    first = export(crew, tmp_path)
    assert [(f.path.name[-8:], f.lines) for f in first.files] == [("0001.txt", 2), ("0002.txt", 1)]
    assert first.left_out == {"NO_MANDATE": 1}
    contents = {file.path: file.path.read_bytes() for file in first.files}

    again = export(crew, tmp_path)
    assert again == first
    assert {file.path: file.path.read_bytes() for file in again.files} == contents
    assert DebitBatch.objects.count() == 2

    ready()
    more = export(crew, tmp_path)
    assert more.files[:2] == first.files
    assert [(f.path.name[-8:], f.lines) for f in more.files[2:]] == [("0003.txt", 1)]
    assert sum(f.lines for f in more.files) == Hold.objects.count() == 4


def test_a_run_that_broke_off_is_finished(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    ready()
    freeze(**WHERE, by=crew.clerk, at=AT)
    done = export(crew, tmp_path)
    assert [file.lines for file in done.files] == [1]
    assert set(Proposal.objects.values_list("state", flat=True)) == {"APPROVED"}


def test_nothing_to_debit(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    assess()
    assert export(crew, tmp_path) == requests.Exported([], {"NO_MANDATE": 1})
    assert list(tmp_path.iterdir()) == []


def command(folder: Path, *arguments: str) -> str:
    out = StringIO()
    where = ("--region", builders.GUIGANG, "--year", "2025", "--bank", "103", "--out", str(folder))
    call_command("export_debits", *where, *arguments, stdout=out)
    return out.getvalue()


def test_command(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    ready()
    assess()
    folder = tmp_path / "out"
    people = ("--by", crew.clerk.username, "--release-by", crew.supervisor.username)
    report = json.loads(command(folder, *people, "--debit-date", "2025-01-15", "--json"))
    path = folder / "YBDK_103_450800_20250115_0001.txt"
    assert report == {
        "files": [
            {
                "batch": "103_450800_20250115_0001",
                "file": str(path),
                "digest": hashlib.new("sm3", path.read_bytes()).hexdigest(),
                "lines": 1,
                "amount": "400.00",
            }
        ],
        "left_out": {"NO_MANDATE": 1},
    }
    assert json.loads(command(folder, *people, "--debit-date", "2025-01-15", "--json")) == report
    assert str(path) in command(folder, *people, "--debit-date", "2025-01-15")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--debit-date", "2025-03-10"], "DEBIT_AFTER_WINDOW"),
        ([], "DEBIT_DAY_MISSING"),
        (["--debit-date", "2025-01-15", "--bank", "999"], "BANK_UNKNOWN"),
        (["--debit-date", "2025-01-15", "--release-by", "same"], "SECOND_PERSON_NEEDED"),
    ],
)
def test_command_says_why_it_cannot(
    crew: bookbuilders.Staff, tmp_path: Path, arguments: list[str], code: str
) -> None:
    ready()
    maker = builders.make_staff("supervisor", username="same")
    people = ["--by", maker.username, "--release-by", crew.supervisor.username]
    with pytest.raises(CommandError, match=code) as caught:
        command(tmp_path, *people, *arguments)
    assert caught.value.returncode == 2


def test_command_takes_the_demo_staff(crew: bookbuilders.Staff, tmp_path: Path) -> None:
    User.objects.update(is_demo=True)
    ready()
    command(tmp_path, "--debit-date", "2025-01-15")
    batch = DebitBatch.objects.get()
    assert (batch.made_by, batch.released_by, batch.state) == (crew.clerk, crew.supervisor, "RELEASED")

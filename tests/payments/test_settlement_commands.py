"""The commands of statements, settlements, day cuts and pushes: JSON for programs, exit code 2 only for their own failure."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from payments.files.delivery import digest_bytes, sm3
from payments.models import BankFile, SettlementLine
from tests.payments import settlementkit as k
from tests.payments.settlementkit import Said, Settled
from tests.payments.test_orders import REGION

pytestmark = pytest.mark.django_db


def told(command: str, *args: str) -> dict[str, Any]:
    """What a command prints."""
    out = StringIO()
    call_command(command, *args, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_a_statement_and_a_settlement_by_command(tmp_path: Path) -> None:
    """Looked at first, applied once, refused the second time; then the day is cut."""
    made = k.paid(2)
    by = k.clerk().username
    path = tmp_path / "YBDZ_WECHAT_450800_20241010.txt"
    path.write_bytes(k.statement([Said(order.channel_serial, order.number) for order in made]))
    where = (str(path), "--channel", "WECHAT", "--date", "2024-10-10", "--by", by)
    looked = told("import_statement", *where, "--dry-run")
    assert (looked["state"], looked["changed"], BankFile.objects.count()) == ("APPLIED", 0, 0)
    applied = told("import_statement", *where)
    assert applied["outcomes"]["MATCHED"] == {
        "lines": 2,
        "amount": "800.00",
        "returned": "0.00",
        "repeated": 0,
    }
    assert looked["outcomes"] == applied["outcomes"]
    assert (applied["state"], applied["lines"], applied["changed"]) == ("APPLIED", 2, 2)
    again = told("import_statement", *where)
    assert (again["state"], again["refused_because"], again["changed"]) == ("REJECTED", "ALREADY_RECEIVED", 0)
    treasury = tmp_path / "YBRK_450800_20241011.txt"
    treasury.write_bytes(
        k.treasury([Settled(k.payment_of(order).pk) for order in made], day=date(2024, 10, 11))
    )
    settled = told("import_treasury", str(treasury), "--by", by)
    assert (settled["state"], k.lines_of(settled)) == ("APPLIED", {"MATCHED": 2})
    cut = told("day_cut", "--date", "2024-10-10")
    assert [(row["region"], row["channel"], row["state"]) for row in cut["rows"]] == [
        (REGION, "WECHAT", "EVEN")
    ]
    assert told("day_cut", "--date", "2024-10-10")["changed"] == 0


@pytest.mark.parametrize(
    ("channel", "day", "code"),
    [("ALIPAY", "2024-10-10", "WRONG_CHANNEL"), ("WECHAT", "2024-10-11", "WRONG_DAY")],
)
def test_a_statement_of_another_channel_or_day(tmp_path: Path, channel: str, day: str, code: str) -> None:
    """B47: what the person says and what the header says must agree."""
    path = tmp_path / "s.txt"
    path.write_bytes(k.statement([Said("S7", "A")]))
    report = told(
        "import_statement", str(path), "--channel", channel, "--date", day, "--by", k.clerk().username
    )
    assert (report["state"], report["refused_because"]) == ("REJECTED", code)
    assert not SettlementLine.objects.exists()


def test_a_digest_of_other_bytes(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_bytes(k.statement([Said("S7", "A")]))
    path.with_name("s.txt.sm3").write_bytes(digest_bytes(sm3(b"other"), "s.txt"))
    where = ("--channel", "WECHAT", "--date", "2024-10-10", "--by", k.clerk().username)
    assert told("import_statement", str(path), *where)["refused_because"] == "DIGEST_DIFFERS"


def test_a_push_by_command(tmp_path: Path) -> None:
    k.people(1)
    by = k.clerk().username
    made = told("push_tax", "--region", REGION, "--year", "2025", "--out", str(tmp_path), "--by", by)
    assert (made["lines"], Path(made["file"]).is_file()) == (1, True)
    assert (
        told("push_tax", "--region", REGION, "--year", "2025", "--out", str(tmp_path), "--by", by)["lines"]
        == 0
    )


def test_what_is_no_file_fails_with_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("import_treasury", str(tmp_path / "none.txt"))
    assert caught.value.returncode == 2

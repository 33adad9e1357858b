"""The command: the public cases, and rows that cannot be read."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

PUBLIC = Path(__file__).parent / "data" / "refund_cases.csv"
HEAD = "case_id,benefit_year,paid_amount,paid_on,payment_state,channel,reason,applied_on"
GOOD = "A,2025,400.00,2024-10-08,SETTLED,WECHAT,ARMY,2024-12-01"


def run(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("decide_refund", str(path), *options, stdout=out)
    return out.getvalue()


def with_rows(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "cases.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_public_cases() -> None:
    """All 21, by decision, amount, payee and rule; each has its sentence."""
    with PUBLIC.open(newline="", encoding="utf-8") as source:
        wanted = {
            row["case_id"]: tuple(row[f"expected_{name}"] for name in ("decision", "amount", "payee", "rule"))
            for row in csv.DictReader(source)
        }
    rows = list(csv.DictReader(io.StringIO(run(PUBLIC))))
    assert {
        row["case_id"]: (row["decision"], row["amount"], row["payee"], row["rule"]) for row in rows
    } == wanted
    assert len(wanted) == 21
    assert all(row["explain"].endswith("。") for row in rows)


def test_json_and_english(tmp_path: Path) -> None:
    (decided,) = json.loads(run(with_rows(tmp_path, GOOD), "--json", "--lang", "en"))
    assert decided == {
        "case_id": "A",
        "decision": "REFUND",
        "amount": "400.00",
        "payee": "PAYER",
        "rule": "ARMY",
        "explain": "Since the insured person joined the army, 400.00 of the 400.00 yuan paid on 2024-10-08 go back to the "
        "payer, the way it came.",
    }


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("B,20x5,400.00,2024-10-08,SETTLED,WECHAT,ARMY,2024-12-01", "benefit_year", "'20x5' is not a year"),
        ("B,2025,,2024-10-08,SETTLED,WECHAT,ARMY,2024-12-01", "paid_amount", "is empty"),
        ("B,2025,1e3,2024-10-08,SETTLED,WECHAT,ARMY,2024-12-01", "paid_amount", ""),
        ("B,2025,0.00,2024-10-08,SETTLED,WECHAT,ARMY,2024-12-01", "paid_amount", "Nothing was paid: 0.00."),
        (
            "B,2025,400.00,2024-02-30,SETTLED,WECHAT,ARMY,2024-12-01",
            "paid_on",
            "is not a date of the calendar",
        ),
        ("B,2025,400.00,2024-10-08,PAID,WECHAT,ARMY,2024-12-01", "payment_state", "'PAID' is none of"),
        ("B,2025,400.00,2024-10-08,SETTLED,WECHAT,BORED,2024-12-01", "reason", "'BORED' is none of"),
        ("B,2025,400.00,2024-10-08,SETTLED,WECHAT,NOT_ELIGIBLE_WHEN_PAID,2024-12-01", "reason", "EMPLOYEE"),
        ("B,2025,400.00,2024-10-08,SETTLED,WECHAT,ARMY", "applied_on", "the row has 7 cells, the heading 8"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_decided(
    tmp_path: Path, row: str, column: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("decide_refund", str(with_rows(tmp_path, row, GOOD)), stdout=out)
    assert caught.value.returncode == 2
    assert f"line 2, column {column}: " in str(caught.value)
    assert problem in str(caught.value)
    assert [line.split(",")[:2] for line in out.getvalue().splitlines()[1:]] == [["A", "REFUND"]]


def test_a_heading_that_lacks_a_column(tmp_path: Path) -> None:
    path = with_rows(tmp_path, GOOD.removesuffix(",2024-12-01"), head=HEAD.removesuffix(",applied_on"))
    with pytest.raises(CommandError, match="line 1, column applied_on: is missing from the heading"):
        run(path)


def test_reasons_that_a_region_lists(tmp_path: Path) -> None:
    head = HEAD + ",cover_start,after_start_reasons"
    rows = [
        "A,2025,400.00,2024-10-08,SETTLED,WECHAT,ARMY,2025-03-01,2025-01-01,DUP_PAY;ARMY",
        "B,2025,400.00,2024-10-08,SETTLED,WECHAT,ARMY,2025-03-01,2025-01-01,DUP_PAY",
    ]
    found = csv.DictReader(io.StringIO(run(with_rows(tmp_path, *rows, head=head))))
    assert [(row["case_id"], row["rule"]) for row in found] == [("A", "ARMY"), ("B", "AFTER_START")]
    with pytest.raises(CommandError, match="line 2, column after_start_reasons: 'NAVY' is no reason"):
        run(with_rows(tmp_path, rows[0].replace("ARMY\n", "").replace("DUP_PAY;ARMY", "NAVY"), head=head))

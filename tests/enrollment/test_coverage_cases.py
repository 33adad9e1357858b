"""The public cases through decide_coverage, and what the command says about rows it cannot read."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from enrollment.cases import Case, CaseError, read_cases
from enrollment.management.commands.decide_coverage import Command
from tests.enrollment.values import DATA, SHIPPED, day, make_terms

CASES = DATA / "coverage_cases.csv"
PUBLIC = DATA / "policies.json"
HEADING = (
    "case_id,policy,pay_date,birth_date,newborn,missed_years,repair_years,"
    "special_group,special_event_date,employee_stop_date"
)


def run(cases: Path, policies: Path = PUBLIC, **options: Any) -> list[dict[str, str]]:
    """The command's rows."""
    stdout = io.StringIO()
    call_command(Command(), str(cases), policies=str(policies), stdout=stdout, **options)
    return list(csv.DictReader(io.StringIO(stdout.getvalue())))


def run_with_errors(cases: Path, policies: Path = PUBLIC) -> tuple[list[str], CommandError]:
    """The ids of the rows that were printed, and the error."""
    stdout = io.StringIO()
    with pytest.raises(CommandError) as raised:
        call_command(Command(), str(cases), policies=str(policies), stdout=stdout)
    return [row["case_id"] for row in csv.DictReader(io.StringIO(stdout.getvalue()))], raised.value


def write(tmp_path: Path, *lines: str, heading: str = HEADING) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text("\n".join((heading, *lines)) + "\n", "utf-8")
    return path


def expected_cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("policies", [PUBLIC, SHIPPED], ids=["public", "shipped"])
def test_all_public_cases(policies: Path) -> None:
    wanted = expected_cases()
    assert len(wanted) == 38
    found = run(CASES, policies)
    assert list(found[0]) == ["case_id", "start", "end", "rule", "wait_months", "explain"]
    for row, case in zip(found, wanted, strict=True):
        assert row["case_id"] == case["case_id"]
        for column in ("start", "end", "rule", "wait_months"):
            assert row[column] == case[f"expected_{column}"], row
        assert case["pay_date"] in row["explain"]


def test_language() -> None:
    assert all(row["explain"].endswith("。") for row in run(CASES))
    english = run(CASES, lang="en")
    assert all(row["explain"].isascii() and row["explain"].endswith(".") for row in english)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2025-02-28", "2025-02-28"),
        ("2025-02-28T15:59:59Z", "2025-02-28"),
        ("2025-02-28T16:00Z", "2025-03-01"),
        ("2025-02-28T16:30Z", "2025-03-01"),
        ("2025-02-28T16:30:00.250+00:00", "2025-03-01"),
        ("2025-02-28T23:59:59+08:00", "2025-02-28"),
        ("2025-03-01T01:00+0900", "2025-03-01"),
        ("2025-02-28 23:59:59", "2025-02-28"),
        ("2025-02-28T12:00:00-05:00", "2025-03-01"),
    ],
)
def test_a_moment_is_a_day_in_shanghai(stamp: str, expected: str) -> None:
    (case,) = read_cases(["case_id,policy,pay_date\n", f"A,SC25,{stamp}\n"], {"SC25": make_terms()})
    assert isinstance(case, Case)
    assert case.pay_date == day(expected)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",SC25,2025-03-01,,,,,,,", "case_id"),
        ("X,,2025-03-01,,,,,,,", "policy"),
        ("X,SC99,2025-03-01,,,,,,,", "policy"),
        ("X,SC25,,,,,,,,", "pay_date"),
        ("X,SC25,2025-3-1,,,,,,,", "pay_date"),
        ("X,SC25,2025-02-29,,,,,,,", "pay_date"),
        ("X,SC25,2025-02-28T25:00Z,,,,,,,", "pay_date"),
        ("X,SC25,0001-01-01T00:00Z,,,,,,,", "pay_date"),
        ("X,SC25,9999-12-31,,,,,,,", "pay_date"),
        ("X,SC25,２０２５-03-01,,,,,,,", "pay_date"),
        ("X,SC25,2025-03-01,2025/03/01,,,,,,", "birth_date"),
        ("X,SC25,2025-03-01,,1,,,,,", "birth_date"),
        ("X,SC25,2025-03-01,2025-01-01,yes,,,,,", "newborn"),
        ("X,SC25,2025-03-01,,,2025|2026,,,,", "missed_years"),
        ("X,SC25,2025-03-01,,,2025;,,,,", "missed_years"),
        ("X,SC25,2025-03-01,,,,-1,,,", "repair_years"),
        ("X,SC25,2025-03-01,,,,1.5,,,", "repair_years"),
        ("X,SC25,2025-03-01,,,,,RELEASED,today,", "special_event_date"),
        ("X,SC25,2025-03-01,,,,,,,2025-04-31", "employee_stop_date"),
        ("X,SC25,2025-03-01,,,,,,", "employee_stop_date"),
        ("X,SC25,2025-03-01,,,,,,,,", "no. 11"),
        ('X,SC25,"2025"-03-01,,,,,,,', "-"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_decided(tmp_path: Path, row: str, column: str) -> None:
    path = write(tmp_path, "A,SC25,2025-03-01,,,,,,,", row, "B,SC25,2025-03-01,,0,,0,,,")
    printed, error = run_with_errors(path)
    assert printed == ["A", "B"]
    assert error.returncode == 2
    assert f"{path}: line 3, column {column}: " in str(error)


def test_the_line_of_a_row_after_a_cell_with_a_line_break(tmp_path: Path) -> None:
    path = write(
        tmp_path, 'A,SC25,2025-03-01,"two\nlines"', "B,SC25,nonsense,", heading="case_id,policy,pay_date,note"
    )
    printed, error = run_with_errors(path)
    assert printed == ["A"]
    assert "line 4, column pay_date" in str(error)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("case_id,policy", "pay_date"),
        ("case_id,policy,pay_date,missed_year", "missed_year"),
        ("case_id,policy,pay_date,policy", "policy"),
        ("", "case_id"),
    ],
)
def test_a_bad_heading(tmp_path: Path, heading: str, column: str) -> None:
    printed, error = run_with_errors(write(tmp_path, heading=heading))
    assert printed == []
    assert error.returncode == 2
    assert f"line 1, column {column}: " in str(error)


def test_absent_columns_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes("\ufeffcase_id,policy,pay_date\r\n\r\n=A,SC25,2025-03-01\r\n".encode())
    (row,) = run(path)
    assert (row["case_id"], row["start"], row["rule"]) == ("'=A", "2025-06-02", "LATE")


def test_a_bad_policy_stops_only_its_own_rows(tmp_path: Path) -> None:
    policies = tmp_path / "policies.json"
    policies.write_text(
        PUBLIC.read_text("utf-8").replace('"wait_rule": "DAY90"', '"wait_rule": "DAY91"'), "utf-8"
    )
    printed, error = run_with_errors(
        write(tmp_path, "A,SC25,2025-03-01,,,,,,,", "B,CD25,2025-03-01,,,,,,,"), policies
    )
    assert printed == ["A"]
    assert error.returncode == 2
    assert "line 3, column policy: Policy CD25: wait_rule must be one of" in str(error)
    assert "Policy GZ25: wait_rule must be one of" in str(error)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"case_id,policy,pay_date\n\xff,SC25,2025-03-01\n")
    for cases, policies in (
        (tmp_path / "none.csv", PUBLIC),
        (CASES, tmp_path / "none.json"),
        (CASES, CASES),
        (latin, PUBLIC),
    ):
        printed, error = run_with_errors(cases, policies)
        assert printed == []
        assert error.returncode == 2


def test_errors_know_their_place() -> None:
    (error,) = read_cases(["case_id,policy,pay_date\n", "A,SC25,\n"], {"SC25": make_terms()})
    assert isinstance(error, CaseError)
    assert error.params == {"line": 2, "column": "pay_date", "reason": "is empty"}

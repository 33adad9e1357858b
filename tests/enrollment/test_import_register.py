"""``import_register FILE``: what programs read, and what leaves the command with exit code 2."""

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bureau.models import User
from enrollment.models import ListFile, Person
from tests import builders
from tests.enrollment import listkit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(staff: Callable[..., User]) -> None:
    """A demo desk, as on a workstation."""
    for role in ("clerk", "supervisor"):
        user = staff(role)
        user.is_demo = True
        user.save(update_fields=["is_demo"])


def run(path: Path, *flags: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_register", str(path), "--region", builders.GUIGANG, "--json", *flags, stdout=out)
    return json.loads(out.getvalue())


def test_good_rows_are_applied_and_the_others_written_to_a_file(tmp_path: Path) -> None:
    path, number = tmp_path / "list.xlsx", builders.id_number()
    path.write_bytes(listkit.xlsx([listkit.row(number), listkit.row("450802199008150014", "=1")]))
    looked = run(path, "--dry-run")
    assert (looked["created"], looked["errors"], Person.objects.count()) == (1, 1, 0)
    report = run(path)
    error_file = Path(report.pop("error_file"))
    kept = ("rows", "created", "updated", "unchanged", "errors", "state")
    assert [report[key] for key in kept] == [2, 1, 0, 0, 1, "APPLIED"]
    assert "CELL_FORMULA" in error_file.read_text(encoding="utf-8-sig")
    error_file.unlink()
    again = run(path)
    assert [again[key] for key in kept] == [2, 0, 0, 1, 1, "APPLIED"]


def test_a_large_list_is_confirmed_by_the_second_person(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    numbers = [builders.id_number(date(1950 + n // 900, 1, 1), order=n % 900) for n in range(600)]
    path.write_bytes(listkit.csv([listkit.row(number) for number in numbers]))
    report = run(path)
    assert (report["created"], report["error_file"], report["state"]) == (600, None, "APPLIED")
    file = ListFile.objects.get()
    assert file.confirmed_by is not None
    assert file.confirmed_by != file.uploaded_by


def test_a_refused_file_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"%PDF-1.7")
    report = run(path)
    assert (report["state"], report["rows"], report["error_file"]) == ("REJECTED", 0, None)
    assert report["reasons"] == ["这像是PDF文件，不像名单。请另存为XLSX或CSV。"]


def test_a_command_that_cannot_run_leaves_with_2(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with pytest.raises(CommandError) as missing:
        run(path)
    path.write_bytes(listkit.csv([listkit.row(builders.id_number())]))
    with pytest.raises(CommandError) as foreign:
        call_command("import_register", str(path), "--region", "999999", "--by", "nobody")
    assert (missing.value.returncode, foreign.value.returncode) == (2, 2)

"""The command `simulate_bank`: a thin door that needs no database."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from payments.files.delimited import parse_request
from payments.files.delivery import check_digest, sm3
from payments.simulation.simulate import simulate
from tests.payments.requests import request_file

EXAMPLE = Path(__file__).parent / "data" / "YBDK_103_450800_20250115_0001.txt"


def run(*args: object) -> str:
    out = StringIO()
    call_command("simulate_bank", *(str(arg) for arg in args), stdout=out)
    return out.getvalue()


def test_json_is_the_plan_of_the_first_file_and_of_all(tmp_path: Path) -> None:
    source = tmp_path / "request.txt"
    source.write_bytes(request_file(300))
    out = tmp_path / "new" / "out"
    plan = json.loads(
        run(source, "--out", out, "--seed", 7, "--fault", "second_answers", "same_bytes", "--json")
    )
    files = simulate(*parse_request(source.read_bytes()), seed=7, faults=["second_answers", "same_bytes"])
    assert [one["name"] for one in plan["files"]] == [file.name for file in files]
    for one, file in zip(plan["files"], files, strict=True):
        assert one == {**json.loads(json.dumps(file.plan.report())), "file": str(out.resolve() / file.name)}
        content = Path(one["file"]).read_bytes()
        assert content == file.content
        digest = Path(one["file"] + ".sm3").read_bytes()
        check_digest(digest, hexdigest=sm3(content), name=one["name"])
    assert {key: plan[key] for key in plan["files"][0]} == plan["files"][0]
    wanted = {"file", "state", "refused_because", "lines", "amount", "buckets", "no_answer"}
    assert wanted <= plan.keys()
    assert all({"lines", "amount", "debited"} <= bucket.keys() for bucket in plan["buckets"].values())
    assert len(list(out.iterdir())) == 6


def test_the_public_example_is_answered_and_shown_as_a_table(tmp_path: Path) -> None:
    shown = run(EXAMPLE, "--out", tmp_path, "--seed", 1, "--fault", "all_ok")
    assert "APPLIED" in shown
    settled = next(line.split() for line in shown.splitlines() if "SETTLED" in line)
    assert settled == ["SETTLED", "3", "960.00", "960.00"]
    assert (tmp_path / "YBDK_103_450800_20250115_0001_R1.txt").is_file()


def test_faults_can_be_repeated_and_are_listed(tmp_path: Path) -> None:
    plan = json.loads(
        run(EXAMPLE, "--out", tmp_path, "--fault", "wrong_total", "--fault", "wrong_digest", "--json")
    )
    assert (plan["state"], plan["refused_because"]) == ("REJECTED", "DIGEST_DIFFERS")
    listed = run("--list-faults")
    assert "second_answers" in listed
    assert "TOTAL_DIFFERS" in listed


def test_failures_of_the_command_itself_end_with_2(tmp_path: Path) -> None:
    broken = tmp_path / "broken.txt"
    broken.write_bytes(EXAMPLE.read_bytes()[:-5])
    for args in (
        (EXAMPLE, "--out", tmp_path, "--fault", "nonsense"),
        (tmp_path / "missing.txt", "--out", tmp_path),
        (broken, "--out", tmp_path),
        (EXAMPLE,),
    ):
        with pytest.raises(CommandError) as caught:
            run(*args)
        assert caught.value.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["broken.txt"]

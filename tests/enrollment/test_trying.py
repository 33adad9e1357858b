"""What terms would change: on the cover of a region, and through the command."""

import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bureau.models import User
from enrollment import tasks
from enrollment.models import Coverage, Policy, PolicyRun
from enrollment.services import policies, policyruns, trying
from enrollment.services.trying import Turn, try_on_region
from tests.builders import GUIGANG
from tests.enrollment.test_recompute import (
    PUBLISHED,
    WORKED,
    YEAR,
    closed_early,
    extended,
    in_force,
    late_payers,
    publish,
    recomputed,
    start,
)

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]


def test_trying_tells_what_publishing_would_do_and_writes_nothing() -> None:
    rows = late_payers()
    start(rows, closed_early())
    before = list(Coverage.objects.order_by("pk").values())
    tried = try_on_region(region_id=GUIGANG, terms=extended(), at=WORKED, samples=3)
    assert (tried.persons, tried.changed, tried.moved, tried.complete) == (7, 7, 7, True)
    assert dict(tried.turns) == {Turn("LATE", "IN_WINDOW", True, True, -1): 7}
    assert [sample.receivable_id for sample in tried.samples] == [row.receivable_id for row in rows[:3]]
    first = tried.samples[0]
    assert (first.old_start, first.new_start, first.new_end) == (
        date(2025, 4, 11),
        date(2025, 1, 1),
        date(2025, 12, 31),
    )
    assert "2025年1月1日" in first.explain or "2025-01-01" in first.explain
    assert list(Coverage.objects.order_by("pk").values()) == before
    run = recomputed(publish(extended(), 3, at=PUBLISHED + timedelta(hours=1)))
    assert (run.persons, run.moved) == (tried.persons, tried.changed)


def test_a_large_region_is_tried_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    start(late_payers(), closed_early())
    monkeypatch.setattr(trying, "CHUNK", 2)
    tried = try_on_region(region_id=GUIGANG, terms=extended(), at=WORKED, most=4)
    assert (tried.persons, tried.complete) == (4, False)


def test_the_sweep_rings_for_what_waits_and_the_task_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = late_payers(2)
    start(rows, closed_early())
    policy = publish(extended(), 3, at=PUBLISHED + timedelta(hours=1))
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.recompute_cover, "apply_async", lambda **sent: rung.append(sent["kwargs"]))
    tasks.sweep_policy_runs()
    run = PolicyRun.objects.get(policy=policy)
    assert {"run_id": run.pk} in rung
    for sent in rung:
        tasks.recompute_cover(**sent)
    tasks.recompute_cover(run_id=run.pk)
    assert in_force(rows[0].receivable_id).start == date(2025, 1, 1)
    assert policyruns.waiting() == []


# --------------------------------------------------------------------------------------------- the command


def file_of(tmp_path: Path, terms: Any, version: int = 3) -> Path:
    path = tmp_path / "policies.json"
    row = {"key": "EXT", "region": GUIGANG, "version": version, **terms.to_dict()}
    path.write_text(json.dumps({"policies": [row]}), "utf-8")
    return path


def command(path: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("republish_policy", str(path), region=GUIGANG, year=YEAR, stdout=out, **options)
    return out.getvalue()


def test_the_dry_run_reports_and_publishes_nothing(tmp_path: Path) -> None:
    rows = late_payers(2)
    start(rows, closed_early())
    report = json.loads(command(file_of(tmp_path, extended()), dry_run=True, json=True))
    assert (report["persons"], report["cover_changed"]) == (2, 2)
    assert report["samples"][0] == {
        "person": rows[0].person_id,
        "receivable": rows[0].receivable_id,
        "paid_on": "2025-01-10",
        "before": {"rule": "LATE", "start": "2025-04-11", "end": "2025-12-31"},
        "after": {"rule": "IN_WINDOW", "start": "2025-01-01", "end": "2025-12-31"},
        "explain": report["samples"][0]["explain"],
    }
    assert policies.in_force(GUIGANG, YEAR).version == 2
    assert "2 persons, cover of 2" in command(file_of(tmp_path, extended()), dry_run=True)


def test_the_command_publishes_and_recomputes_once(tmp_path: Path, staff: Staff) -> None:
    rows = late_payers(2)
    start(rows, closed_early())
    path, by = file_of(tmp_path, extended()), staff("supervisor").username
    done = json.loads(command(path, json=True, by=by))
    assert (done["published"], done["state"], done["moved"], done["cover_changed"]) == (True, "DONE", 2, 2)
    assert in_force(rows[0].receivable_id).start == date(2025, 1, 1)
    again = json.loads(command(path, json=True, by=by))
    assert (again["published"], again["cover_changed"], again["moved"]) == (False, 0, 0)
    assert Policy.objects.filter(key="EXT").count() == 1


def test_a_file_without_the_region_and_year_ends_with_exit_code_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("republish_policy", str(file_of(tmp_path, extended())), region="510000", year=YEAR)
    assert caught.value.returncode == 2


def test_somebody_signs_where_real_staff_exist(tmp_path: Path, staff: Staff) -> None:
    staff("supervisor")
    with pytest.raises(CommandError, match="--by"):
        command(file_of(tmp_path, extended()))
    with pytest.raises(CommandError) as caught:
        command(file_of(tmp_path, extended()), by=staff("clerk").username)
    assert caught.value.returncode == 2

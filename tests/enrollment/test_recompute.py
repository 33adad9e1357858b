"""Cover recomputed after a publication: what each person's own decision says, in chunks, once, whatever happens."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau import access
from bureau.models import User
from enrollment.coverage import decide
from enrollment.models import Coverage, EndReason, Policy, PolicyMove, PolicyRun
from enrollment.services import cover, coverlife, policies, policyruns
from enrollment.services.facts import known_of
from tests.builders import GUIGANG
from tests.enrollment.covered import (
    AT,
    Paid,
    expected,
    opened_years,
    paid,
    pay_dates,
    people,
    relation,
    someone,
    write,
)
from tests.enrollment.test_cover_equal import WITH_DATABASE, undone
from tests.enrollment.test_coverage_properties import any_terms

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]
YEAR = 2025
PUBLISHED = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)
WORKED = PUBLISHED + timedelta(minutes=1)
COUNTY = "450802"


def old_terms(**changes: Any) -> Any:
    """Guigang's terms, with a window that closes at the end of the year before."""
    return replace(policies.in_force(GUIGANG, YEAR).values, **changes)


def extended(**changes: Any) -> Any:
    """The window open until the end of February after all."""
    return old_terms(window_close=date(2025, 2, 28), **changes)


def publish(terms: Any, version: int = 2, region: str = GUIGANG, at: datetime = PUBLISHED) -> Policy:
    row = policies.PolicyRow(f"N{region[-3:]}{version}", region, terms.benefit_year, version, "", "", terms)
    return policies.load(rows=[row], by=None, at=at).published[0]


def closed_early() -> Policy:
    """The first version, whose window closes on 31 December, in force."""
    return publish(old_terms(window_close=date(2024, 12, 31)))


def start(rows: Sequence[Paid], policy: Policy) -> None:
    """What the payments bought when they were posted."""
    cover.start_cover(relation=relation([row for row in rows if row.payment_id]), policy=policy, at=AT)
    cover.start_exempt_cover(
        relation=relation([row for row in rows if not row.payment_id]), policy=policy, at=AT
    )


def run_of(policy: Policy) -> PolicyRun:
    return PolicyRun.objects.get(policy=policy)


def recomputed(policy: Policy, rows: int = 3) -> PolicyRun:
    return policyruns.complete(run_id=run_of(policy).pk, at=WORKED, rows=rows)


def in_force(key: int) -> Coverage:
    return Coverage.objects.filter(pk__gte=key * 100, pk__lt=key * 100 + 100).latest("pk")


def held(row: Coverage) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("start", "end", "rule", "wait_fixed", "wait_variable")}


# --------------------------------------------------------------------------------- what each decision says


@WITH_DATABASE
@given(data=st.data(), terms=any_terms(), later=any_terms())
def test_recomputing_is_deciding_everybody_one_by_one(
    data: st.DataObject, terms: Any, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = terms.benefit_year
    later = replace(later, benefit_year=year) if later.benefit_year == year else terms
    one = st.tuples(people(year, opened_years()), pay_dates(year), st.booleans())
    with undone(), monkeypatch.context() as patch:
        patch.setattr(cover, "SMALL", data.draw(st.sampled_from([0, 1_000])))
        everybody = data.draw(st.lists(one, min_size=1, max_size=8))
        ids = write([who for who, _day, _exempt in everybody])
        version = 50
        former = publish(terms, version)
        rows = [paid(pk, day, year, exempt) for pk, (_w, day, exempt) in zip(ids, everybody, strict=True)]
        start(rows, former)
        before = {row.receivable_id: held(in_force(row.receivable_id)) for row in rows}
        policy = publish(later, version + 1, at=PUBLISHED + timedelta(hours=1))
        run = recomputed(policy, rows=data.draw(st.integers(1, 5)))
        changed = 0
        for row in rows:
            known = known_of(person_ids=[row.person_id], benefit_year=year)[row.person_id]
            wanted = expected(decide(later, known.on(later, row.paid_on), row.paid_on))
            found = in_force(row.receivable_id)
            assert held(found) == wanted
            differs = wanted != before[row.receivable_id]
            changed += differs
            assert (found.reason, found.policy_id) == (
                ("POLICY", policy.pk) if differs else (found.reason, former.pk)
            )
            assert cover.explain(found, "zh").startswith("政策调整后") == differs
        moves = PolicyMove.objects.filter(run=run)
        assert (run.state, run.persons, run.moved, len(moves)) == ("DONE", len(rows), changed, changed)


def killed(*_args: Any, **_named: Any) -> None:
    raise RuntimeError("killed")


def late_payers(number: int = 7) -> list[Paid]:
    ids = write([someone() for _ in range(number)])
    return [paid(pk, date(2025, 1, 10 + nth)) for nth, pk in enumerate(ids)]


def test_an_extended_window_covers_who_paid_in_between_from_1_january() -> None:
    rows = late_payers()
    start(rows, closed_early())
    assert {in_force(row.receivable_id).rule for row in rows} == {"LATE"}
    policy = publish(extended(), 3, at=PUBLISHED + timedelta(hours=1))
    run = recomputed(policy)
    assert (run.state, run.persons, run.moved, run.finished_at) == ("DONE", 7, 7, WORKED)
    for row in rows:
        found = in_force(row.receivable_id)
        assert (found.start, found.rule, found.supersedes) == (date(2025, 1, 1), "IN_WINDOW", found.pk - 1)
        assert (found.payment_id, found.paid_on) == (row.payment_id, row.paid_on)
    move = PolicyMove.objects.filter(run=run).order_by("pk")[0]
    assert (move.old_start, move.new_start) == (date(2025, 4, 11), date(2025, 1, 1))


def test_running_it_again_changes_nothing(staff: Staff) -> None:
    rows = late_payers()
    start(rows, closed_early())
    policy = publish(extended(), 3, at=PUBLISHED + timedelta(hours=1))
    recomputed(policy)
    before = list(Coverage.objects.order_by("pk").values())
    again = policyruns.start_again(policy_id=policy.pk, by=staff("supervisor"), at=WORKED)
    again = policyruns.complete(run_id=again.pk, at=WORKED)
    assert (again.state, again.persons, again.moved) == ("DONE", 7, 0)
    assert list(Coverage.objects.order_by("pk").values()) == before
    with pytest.raises(policyruns.RunNotWaiting):
        policyruns.advance(run_id=again.pk, at=WORKED)


def test_a_chunk_that_breaks_off_is_done_by_the_next_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = late_payers()
    start(rows, closed_early())
    run = run_of(publish(extended(), 3, at=PUBLISHED + timedelta(hours=1)))
    policyruns.advance(run_id=run.pk, at=WORKED, rows=3)
    with monkeypatch.context() as patch:
        patch.setattr(PolicyRun, "save", killed)
        with pytest.raises(RuntimeError):
            policyruns.advance(run_id=run.pk, at=WORKED, rows=3)
    run.refresh_from_db()
    assert (run.state, run.persons, PolicyMove.objects.count(), policyruns.waiting()) == (
        "RUNNING",
        3,
        3,
        [run.pk],
    )
    done = policyruns.complete(run_id=run.pk, at=WORKED, rows=3)
    assert (done.persons, done.moved, PolicyMove.objects.count()) == (7, 7, 7)


def test_failures_park_a_run_until_a_supervisor_lets_it_go_on(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(late_payers(2), closed_early())
    run = run_of(publish(extended(), 3, at=PUBLISHED + timedelta(hours=1)))
    with monkeypatch.context() as patch:
        patch.setattr(policyruns, "CHUNK", 0)
        patch.setattr(policyruns.recompute, "write", lambda *_, **__: 1 / 0)
        for _attempt in range(policyruns.MAX_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                policyruns.complete(run_id=run.pk, at=WORKED)
    run.refresh_from_db()
    assert (run.state, run.error, policyruns.waiting()) == ("PARKED", "ZeroDivisionError", [])
    with pytest.raises(access.NotAllowed):
        policyruns.requeue(run_id=run.pk, reason="", by=staff("clerk"))
    policyruns.requeue(run_id=run.pk, reason="repaired", by=staff("supervisor"))
    assert policyruns.complete(run_id=run.pk, at=WORKED).moved == 2


def test_a_later_version_overtakes_a_run() -> None:
    start(late_payers(2), closed_early())
    first = publish(extended(), 3, at=PUBLISHED + timedelta(hours=1))
    second = publish(extended(wait_fixed=1), 4, at=PUBLISHED + timedelta(hours=2))
    assert recomputed(first).state == "OVERTAKEN"
    assert (recomputed(second).state, Coverage.objects.filter(policy=first).count()) == ("DONE", 0)


def test_what_was_taken_away_stays_away_and_what_ended_early_ends_early() -> None:
    gone, left, never = late_payers(3)
    start([gone, left, never], closed_early())
    cover.end_cover(receivable_ids=[gone.receivable_id], reason="REVERSED", at=AT)
    for row, day in ((left, date(2025, 6, 30)), (never, date(2025, 2, 1))):
        coverlife.shorten_cover(
            person_id=row.person_id, region_id=None, last_day=day, reason=EndReason.DEATH, at=AT
        )
    run = recomputed(publish(extended(), 3, at=PUBLISHED + timedelta(hours=1)))
    assert run.persons == 2
    assert (in_force(gone.receivable_id).reason, in_force(gone.receivable_id).start) == ("REVERSED", None)
    ended = in_force(left.receivable_id)
    assert (ended.start, ended.end, ended.reason) == (date(2025, 1, 1), date(2025, 7, 1), "DIED")
    assert in_force(never.receivable_id).start is None


def test_repaired_years_stay_repaired() -> None:
    (person,) = write([someone(prior=[2020])])
    row = paid(person, date(2028, 4, 10), 2028)
    terms = replace(policies.in_force("510000", 2028).values)
    first = publish(terms, 50)
    start([row], first)
    last = in_force(row.receivable_id)
    key = last.pk + 1
    columns = {f.attname: getattr(last, f.attname) for f in Coverage._meta.concrete_fields}
    Coverage.objects.create(
        **columns | {"id": key, "repair_years": 1, "supersedes": last.pk, "wait_variable": 1}
    )
    recomputed(publish(replace(terms, wait_fixed=2), 51, at=PUBLISHED + timedelta(hours=1)))
    found = in_force(row.receivable_id)
    assert (found.repair_years, found.wait_fixed, found.wait_variable) == (1, 2, 1)


# --------------------------------------------------------------------------------- where it reaches


def test_a_region_with_terms_of_its_own_is_left_alone() -> None:
    assert "450802" in policies.governed(GUIGANG, YEAR)
    publish(old_terms(), 1, COUNTY)
    assert COUNTY not in policies.governed(GUIGANG, YEAR)
    assert "510100" not in policies.governed("510000", YEAR)
    assert "510300" in policies.governed("510000", YEAR)


def test_without_any_cover_nothing_is_queued() -> None:
    assert not PolicyRun.objects.filter(policy=publish(old_terms(wait_fixed=1))).exists()

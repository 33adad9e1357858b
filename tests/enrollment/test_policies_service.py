"""Policies: which one is in force, loading files, drafts and the second person, and the command."""

import dataclasses
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bureau import access, proposals
from bureau.models import Region, User
from bureau.partitions import open_years
from bureau.states import ProposalState
from enrollment.inheritance import carried_forward
from enrollment.models import Policy
from enrollment.policy import Terms
from enrollment.policyfile import PolicyRow, read_policies
from enrollment.services import policies, policydrafts
from tests.builders import GUIGANG
from tests.enrollment.values import DATA, SHIPPED, terms_of_year

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REVIEWED = NOW + timedelta(hours=3)
SICHUAN, CHENGDU, WUHOU, NOWHERE = "510000", "510100", "510107", "460100"
YEAR = 2041


def row(version: int = 1, region: str = GUIGANG, year: int = YEAR, **terms: Any) -> PolicyRow:
    """A version as a file brings it."""
    return PolicyRow(f"T{region[:2]}{version}", region, year, version, "", "", terms_of_year(year, **terms))


def load(*rows: PolicyRow, at: datetime = NOW, by: User | None = None) -> policies.Loaded:
    return policies.load(rows=rows, by=by, at=at)


# --------------------------------------------------------------------------------------------- in force


def test_the_nearest_region_with_terms_decides() -> None:
    assert policies.in_force(SICHUAN, 2025).key == "SC25"
    assert policies.in_force(CHENGDU, 2025).key == "CD25"
    assert policies.in_force(WUHOU, 2025).key == "CD25"
    assert policies.in_force(CHENGDU, 2026).key == "SC26"
    assert policies.in_force("450802", 2018).key == "GG18"


@pytest.mark.parametrize(("region", "year"), [(SICHUAN, 2035), ("460100", 2025), ("999999", 2025)])
def test_without_terms_there_is_a_named_error(region: str, year: int) -> None:
    with pytest.raises(policies.NoPolicy) as caught:
        policies.in_force(region, year)
    assert caught.value.code == "POLICY_MISSING"
    assert caught.value.params == {"region": region, "year": year}


def test_hubei_extended_its_window_after_it_had_closed() -> None:
    in_autumn = policies.in_force("420000", 2025, datetime(2024, 10, 15, tzinfo=UTC))
    afterwards = policies.in_force("420000", 2025, datetime(2025, 1, 1, tzinfo=UTC))
    assert (in_autumn.key, afterwards.key) == ("HB25", "HB25b")
    assert policies.in_force("420000", 2025).key == "HB25b"
    midnight_in_wuhan = datetime(2024, 12, 31, 16, 0, tzinfo=UTC)
    assert in_autumn.in_force.upper == afterwards.in_force.lower == midnight_in_wuhan


def test_shipped_versions_follow_one_another_without_a_gap() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE upper_inf(in_force)), "
            "range_agg(in_force) = range_agg(tstzrange(since, NULL)) "
            "FROM enrollment_policy JOIN (SELECT region_id, benefit_year, min(lower(in_force)) AS since "
            "FROM enrollment_policy GROUP BY 1, 2) AS first USING (region_id, benefit_year) "
            "GROUP BY region_id, benefit_year"
        )
        groups = cursor.fetchall()
    assert sum(versions for versions, *_ in groups) == 27
    assert all(latest == 1 and whole for _versions, latest, whole in groups)


def test_every_shipped_row_is_stored_as_it_stands_in_the_file() -> None:
    rows = read_policies(SHIPPED.read_text("utf-8"))
    stored = {policy.key: policy for policy in Policy.objects.all()}
    assert len(rows) == len(stored)
    for each in rows:
        policy = stored[each.key]
        assert policy.values == each.terms
        assert (policy.region_id, policy.benefit_year, policy.version) == (
            each.region,
            each.benefit_year,
            each.version,
        )
        assert (policy.mark, policy.note) == (each.mark, each.note)


# --------------------------------------------------------------------------------------------- loading


def test_a_new_version_replaces_the_former_at_the_same_instant() -> None:
    first = load(row(1)).published[0]
    later = NOW + timedelta(days=40)
    second = load(row(2, wait_fixed=2), at=later).published[0]
    first.refresh_from_db()
    assert (first.state, second.state) == ("REPLACED", "PUBLISHED")
    assert (first.in_force.lower, first.in_force.upper) == (NOW, later)
    assert (second.in_force.lower, second.in_force.upper) == (later, None)
    assert policies.in_force(GUIGANG, YEAR, later - timedelta(microseconds=1)) == first
    assert policies.in_force(GUIGANG, YEAR, later) == second


def test_publishing_opens_the_leaves_of_the_year() -> None:
    assert YEAR not in open_years()
    load(row())
    assert YEAR in open_years()


def test_the_same_file_again_changes_nothing() -> None:
    load(row(1), row(2, wait_fixed=2))
    before = list(Policy.objects.order_by("id").values())
    done = load(row(2, wait_fixed=2), row(1), at=NOW + timedelta(days=1))
    assert (done.published, done.passed_over, len(done.unchanged)) == ([], [], 2)
    assert list(Policy.objects.order_by("id").values()) == before


def test_of_two_new_versions_the_later_comes_into_force_and_the_other_never_was() -> None:
    done = load(row(2, wait_fixed=2), row(1))
    assert [policy.version for policy in done.published] == [2]
    passed = Policy.objects.get(pk=done.passed_over[0].pk)
    assert (passed.version, passed.state, passed.in_force.isempty) == (1, "REPLACED", True)
    assert policies.in_force(GUIGANG, YEAR, NOW).version == 2


def test_a_version_never_changes_its_terms() -> None:
    load(row(1))
    with pytest.raises(policies.PolicyVersionDiffers) as caught:
        load(row(2, wait_fixed=1), row(1, wait_fixed=2, long_floor=5))
    assert caught.value.code == "POLICY_VERSION_DIFFERS"
    assert caught.value.params["keys"] == "long_floor, wait_fixed"
    assert list(Policy.objects.filter(benefit_year=YEAR).values_list("version", flat=True)) == [1]


def test_all_versions_of_a_file_or_none() -> None:
    load(row(1))
    other_first = row(1, region="130000")
    with pytest.raises(policies.PolicyVersionDiffers):
        load(other_first, row(1, wait_fixed=2))
    assert not Policy.objects.filter(region_id="130000", benefit_year=YEAR).exists()


def test_an_older_version_cannot_come_after_a_later_one() -> None:
    load(row(3))
    with pytest.raises(policies.PolicyVersionStale) as caught:
        load(row(2, wait_fixed=2))
    assert (caught.value.code, caught.value.params["current"]) == ("POLICY_VERSION_STALE", 3)


def test_a_version_cannot_come_into_force_before_its_predecessor() -> None:
    load(row(1))
    with pytest.raises(policies.PolicyBeforeCurrent) as caught:
        load(row(2, wait_fixed=2), at=NOW - timedelta(seconds=1))
    assert caught.value.code == "POLICY_BEFORE_CURRENT"


def test_terms_for_no_region_are_refused() -> None:
    with pytest.raises(policies.PolicyRegionUnknown) as caught:
        load(row(region="999999"))
    assert caught.value.code == "POLICY_REGION_UNKNOWN"


def test_somebody_who_loads_needs_the_right_in_each_region(staff: Staff) -> None:
    assert load(row(), by=staff("supervisor")).published[0].published_by is not None
    with pytest.raises(access.NotAllowed):
        load(row(region=GUIGANG, year=YEAR + 1), by=staff("clerk"))
    with pytest.raises(access.OutOfScope):
        load(row(region=SICHUAN), by=staff("supervisor"))


# --------------------------------------------------------------------------------------------- drafts


def draft(by: User, **terms: Any) -> Policy:
    return policydrafts.draft(
        region_id=GUIGANG, benefit_year=YEAR, terms=terms_of_year(YEAR, **terms), by=by, at=NOW
    )


def review(proposal_id: int, by: User, approve: bool = True) -> None:
    proposals.review(proposal_id=proposal_id, approve=approve, reason="checked", by=by, at=REVIEWED)


def test_a_draft_takes_effect_when_another_person_approves(staff: Staff) -> None:
    load(row(1))
    maker, supervisor = staff("supervisor"), staff("supervisor")
    made = draft(maker, wait_fixed=2)
    assert (made.version, made.state, made.in_force, made.key) == (2, "DRAFT", None, f"{GUIGANG}-{YEAR}-2")
    assert policies.in_force(GUIGANG, YEAR).version == 1
    proposal = policydrafts.propose(policy_id=made.pk, reason="the province says so", by=maker, at=NOW)
    assert proposal.difference == {"base": 1, "terms": {"wait_fixed": [3, 2]}}
    assert list(proposals.waiting_for(supervisor)) == [proposal]
    review(proposal.pk, supervisor)
    now = policies.in_force(GUIGANG, YEAR)
    assert (now.version, now.made_by, now.published_by) == (2, maker, supervisor)
    assert Policy.objects.get(region_id=GUIGANG, benefit_year=YEAR, version=1).in_force.upper == REVIEWED


def test_the_first_version_of_a_year_is_held_against_the_year_before(staff: Staff) -> None:
    before = carried_forward(policies.in_force(GUIGANG, 2025).values, YEAR)
    terms = dataclasses.replace(before, wait_fixed=2)
    made = policydrafts.draft(
        region_id=GUIGANG, benefit_year=YEAR, terms=terms, by=staff("supervisor"), at=NOW
    )
    assert policydrafts.difference(made) == {
        "base": None,
        "compared": {"region": GUIGANG, "year": 2025, "version": 1},
        "terms": {"wait_fixed": [3, 2]},
    }


def test_where_nothing_went_before_all_terms_are_new(staff: Staff) -> None:
    made = policydrafts.draft(
        region_id=NOWHERE,
        benefit_year=YEAR,
        terms=terms_of_year(YEAR),
        by=staff("supervisor", NOWHERE),
        at=NOW,
    )
    told = policydrafts.difference(made)
    assert told["base"] is None
    assert told["terms"].keys() == made.values.to_dict().keys()
    assert told["terms"]["wait_fixed"] == [None, 3]


def test_nobody_publishes_what_they_drafted(staff: Staff) -> None:
    maker, other = staff("supervisor"), staff("supervisor")
    made = draft(maker)
    proposal = policydrafts.propose(policy_id=made.pk, reason="", by=other, at=NOW)
    with pytest.raises(proposals.SecondPersonNeeded):
        review(proposal.pk, maker)
    proposal.refresh_from_db()
    made.refresh_from_db()
    assert (proposal.state, made.state) == (ProposalState.OPEN, "DRAFT")


def test_a_clerk_does_not_publish_and_other_regions_see_nothing(staff: Staff) -> None:
    made = draft(staff("supervisor"))
    proposal = policydrafts.propose(policy_id=made.pk, reason="", by=staff("supervisor"), at=NOW)
    with pytest.raises(access.NotAllowed):
        review(proposal.pk, staff("clerk"))
    with pytest.raises(access.OutOfScope):
        review(proposal.pk, staff("supervisor", CHENGDU))


@pytest.mark.parametrize("role", ["auditor", "tax_officer", "sysadmin"])
def test_only_the_desk_drafts(staff: Staff, role: str) -> None:
    with pytest.raises(access.NotAllowed):
        draft(staff(role))


def test_a_rejected_draft_is_dropped(staff: Staff) -> None:
    made = draft(staff("supervisor"))
    proposal = policydrafts.propose(policy_id=made.pk, reason="", by=staff("supervisor"), at=NOW)
    review(proposal.pk, staff("supervisor"), approve=False)
    made.refresh_from_db()
    assert (made.state, made.in_force) == ("DROPPED", None)
    with pytest.raises(policydrafts.PolicyNotDraft) as caught:
        policydrafts.propose(policy_id=made.pk, reason="", by=staff("supervisor"), at=NOW)
    assert caught.value.code == "POLICY_NOT_DRAFT"
    assert draft(staff("supervisor")).version == 2


def test_a_draft_of_what_is_in_force_is_refused(staff: Staff) -> None:
    load(row(1))
    with pytest.raises(policydrafts.PolicyUnchanged) as caught:
        draft(staff("supervisor"))
    assert caught.value.code == "POLICY_UNCHANGED"


def test_a_file_does_not_publish_what_is_a_draft(staff: Staff) -> None:
    made = draft(staff("supervisor"))
    with pytest.raises(policies.PolicyVersionTaken) as caught:
        load(row(1))
    assert (caught.value.code, caught.value.params["state"]) == ("POLICY_VERSION_TAKEN", "DRAFT")
    made.refresh_from_db()
    assert made.state == "DRAFT"


def test_who_approves_has_seen_the_difference_that_takes_effect(staff: Staff) -> None:
    load(row(1))
    maker, supervisor = staff("supervisor"), staff("supervisor")
    old, new = draft(maker, wait_fixed=2), draft(maker, wait_fixed=1)
    asked = [policydrafts.propose(policy_id=made.pk, reason="", by=maker, at=NOW) for made in (old, new)]
    review(asked[0].pk, supervisor)
    with pytest.raises(policydrafts.PolicyBaseMoved) as caught:
        review(asked[1].pk, supervisor)
    assert caught.value.code == "POLICY_BASE_MOVED"
    assert policies.in_force(GUIGANG, YEAR) == old


def test_a_draft_that_was_overtaken_cannot_be_proposed(staff: Staff) -> None:
    maker = staff("supervisor")
    old, new = draft(maker, wait_fixed=2), draft(maker, wait_fixed=1)
    asked = policydrafts.propose(policy_id=new.pk, reason="", by=maker, at=NOW)
    review(asked.pk, staff("supervisor"))
    with pytest.raises(policies.PolicyVersionStale):
        policydrafts.propose(policy_id=old.pk, reason="", by=maker, at=NOW)


def test_history_says_who_published_and_why(staff: Staff) -> None:
    maker, supervisor = staff("supervisor"), staff("supervisor")
    made = draft(maker)
    proposal = policydrafts.propose(policy_id=made.pk, reason="", by=maker, at=NOW)
    review(proposal.pk, supervisor)
    event = made.events.order_by("-pgh_id").select_related("pgh_context").first()
    assert event.state == "PUBLISHED"
    assert (event.pgh_context.metadata["actor"], event.pgh_context.metadata["why"]) == (
        supervisor.username,
        "checked",
    )


# --------------------------------------------------------------------------------------------- the command


def command(path: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("load_policies", str(path), stdout=out, **options)
    return out.getvalue()


def policy_file(tmp_path: Path, *rows: PolicyRow) -> Path:
    document = [
        {"key": each.key, "region": each.region, "version": each.version, **each.terms.to_dict()}
        for each in rows
    ]
    path = tmp_path / "policies.json"
    path.write_text(json.dumps({"policies": document}), "utf-8")
    return path


@pytest.mark.parametrize("path", [SHIPPED, DATA / "policies.json"], ids=["shipped", "public"])
def test_what_ships_is_loaded_already(path: Path) -> None:
    rows = len(read_policies(path.read_text("utf-8")))
    assert command(path) == f"0 new, {rows} unchanged\n"


def test_the_command_publishes_what_is_new(tmp_path: Path) -> None:
    assert command(policy_file(tmp_path, row(1), row(1, SICHUAN))) == (
        f"published T451: {GUIGANG} {YEAR} v1\npublished T511: {SICHUAN} {YEAR} v1\n2 new, 0 unchanged\n"
    )


def test_other_terms_for_a_known_version_end_with_exit_code_2(tmp_path: Path) -> None:
    load(row(1))
    with pytest.raises(CommandError, match="exists with other terms: wait_fixed") as caught:
        command(policy_file(tmp_path, replace(row(1), terms=terms_of_year(YEAR, wait_fixed=1))))
    assert caught.value.returncode == 2


@pytest.mark.parametrize("text", ["{", '{"policies": [{"key": "X"}]}', "\ufffe"])
def test_a_file_that_cannot_be_read_ends_with_exit_code_2(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policies.json"
    path.write_bytes(text.encode("utf-16-le") if text == "\ufffe" else text.encode())
    with pytest.raises(CommandError) as caught:
        command(path)
    assert caught.value.returncode == 2


def test_no_file_ends_with_exit_code_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        command(tmp_path / "absent.json")
    assert caught.value.returncode == 2


def test_where_real_staff_exist_somebody_signs(tmp_path: Path, staff: Staff) -> None:
    supervisor = staff("supervisor")
    path = policy_file(tmp_path, row(1))
    with pytest.raises(CommandError, match="--by") as caught:
        command(path)
    assert caught.value.returncode == 2
    command(path, by=supervisor.username)
    assert policies.in_force(GUIGANG, YEAR).published_by == supervisor


def test_demo_staff_do_not_stop_the_system(tmp_path: Path, staff: Staff) -> None:
    User.objects.filter(pk=staff("clerk").pk).update(is_demo=True)
    command(policy_file(tmp_path, row(1)))
    assert policies.in_force(GUIGANG, YEAR).published_by is None


def test_terms_are_values() -> None:
    assert isinstance(policies.in_force(GUIGANG, 2025).values, Terms)
    assert Region.objects.get(pk=GUIGANG).policies.count() == 2

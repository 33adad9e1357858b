"""Terms taken from the region above, carried to another year, drafted below and drafted again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from bureau import proposals
from bureau.models import User
from enrollment.inheritance import carried_forward, merged, read_each, said_otherwise
from enrollment.models import Policy
from enrollment.policy import TermRange, TermType, UnknownTerm, WindowBackwards, YearConflict
from enrollment.services import policies, policydrafts
from tests.enrollment.test_coverage_properties import any_terms
from tests.enrollment.values import terms_of_year

Staff = Callable[..., User]
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PROVINCE, CITY, COUNTY = "450000", "450800", "450802"
YEAR = 2042


# ------------------------------------------------------------------------------------------------ values


@given(base=any_terms(), other=any_terms())
def test_what_is_said_otherwise_gives_the_terms_back(base: Any, other: Any) -> None:
    other = (
        replace(other, benefit_year=base.benefit_year) if other.benefit_year == base.benefit_year else base
    )
    assert merged(base, said_otherwise(base, other)) == other


def test_a_term_can_be_said_although_it_is_the_same() -> None:
    base = terms_of_year(YEAR)
    assert said_otherwise(base, base, ["wait_fixed"]) == {"wait_fixed": 3}
    later = replace(base, wait_fixed=2)
    assert merged(later, {"wait_fixed": 3}).wait_fixed == 3


def test_what_cannot_be_said_is_named() -> None:
    base = terms_of_year(YEAR)
    for overrides, wrong in (
        ({"wait_fixed": "3"}, TermType),
        ({"wait": 3}, UnknownTerm),
        ({"benefit_year": YEAR + 1}, YearConflict),
        ({"window_close": f"{YEAR - 1}-01-01"}, WindowBackwards),
    ):
        with pytest.raises(wrong):
            merged(base, overrides)


def test_every_unreadable_term_is_told_at_once() -> None:
    wrong = read_each({"wait_fixed": 99, "window_open": "soon", "wait_rule": "CIVIL"})
    assert {key: type(error) for key, error in wrong.items()} == {
        "wait_fixed": TermRange,
        "window_open": TermType,
    }


@pytest.mark.parametrize(
    ("year", "close"), [(2026, date(2026, 2, 28)), (2028, date(2028, 2, 29)), (2029, date(2029, 2, 28))]
)
def test_the_end_of_february_stays_its_end(year: int, close: date) -> None:
    terms = carried_forward(replace(terms_of_year(2025), window_close=date(2025, 2, 28)), year)
    assert (terms.benefit_year, terms.window_close, terms.window_open.year) == (year, close, year - 1)


# ------------------------------------------------------------------------------------------------ drafts


def publish_above(version: int = 1, at: datetime = NOW, **terms: Any) -> Policy:
    """A version of the province, in force."""
    row = policies.PolicyRow(f"P{version}", PROVINCE, YEAR, version, "", "", terms_of_year(YEAR, **terms))
    return policies.load(rows=[row], by=None, at=at).published[0]


def below(by: User, region: str = CITY, **overrides: Any) -> Policy:
    return policydrafts.draft_below(region_id=region, benefit_year=YEAR, overrides=overrides, by=by, at=NOW)


def put_in_force(policy: Policy, staff: Staff, at: datetime = NOW) -> Policy:
    asked = policydrafts.propose(
        policy_id=policy.pk, reason="", by=staff("supervisor", policy.region_id), at=NOW
    )
    by = staff("supervisor", policy.region_id)
    proposals.review(proposal_id=asked.pk, approve=True, reason="", by=by, at=at)
    policy.refresh_from_db()
    return policy


@pytest.mark.django_db
def test_a_city_takes_the_provinces_terms_but_for_what_it_says(staff: Staff) -> None:
    base = publish_above(wait_fixed=2, wait_rule="ANNIV")
    made = below(staff("supervisor"), wait_fixed=5)
    assert (made.base, made.overrides) == (base, {"wait_fixed": 5})
    assert made.values == replace(base.values, wait_fixed=5)
    assert put_in_force(made, staff).state == "PUBLISHED"
    assert policies.in_force(COUNTY, YEAR) == made


@pytest.mark.django_db
def test_a_county_inherits_from_the_city_where_the_city_has_its_own(staff: Staff) -> None:
    publish_above()
    city = put_in_force(below(staff("supervisor"), wait_fixed=5), staff)
    county = below(staff("supervisor"), COUNTY, special_days=30)
    assert county.base == city
    assert (county.values.wait_fixed, county.values.special_days) == (5, 30)


@pytest.mark.django_db
def test_a_new_version_above_lists_who_depends_and_they_are_drafted_again(staff: Staff) -> None:
    publish_above()
    city = put_in_force(below(staff("supervisor"), wait_fixed=5), staff)
    later = NOW + timedelta(days=1)
    newer = publish_above(2, later, special_days=60)
    assert list(policydrafts.dependants(newer)) == [city]
    maker = staff("supervisor")
    again = policydrafts.redraft(policy_id=city.pk, by=maker, at=later)
    assert (again.base, again.overrides, again.version) == (newer, {"wait_fixed": 5}, 2)
    assert (again.values.wait_fixed, again.values.special_days) == (5, 60)
    put_in_force(again, staff, later)
    assert list(policydrafts.dependants(newer)) == []
    city.refresh_from_db()
    assert (city.state, city.values.special_days) == ("REPLACED", 90)


@pytest.mark.django_db
def test_a_draft_on_a_version_that_was_replaced_is_stale(staff: Staff) -> None:
    publish_above()
    made, proposed = below(staff("supervisor"), wait_fixed=5), below(staff("supervisor"), wait_fixed=4)
    asked = policydrafts.propose(policy_id=proposed.pk, reason="", by=staff("supervisor"), at=NOW)
    publish_above(2, NOW + timedelta(days=1), special_days=60)
    with pytest.raises(policydrafts.PolicyBaseMoved):
        policydrafts.propose(policy_id=made.pk, reason="", by=staff("supervisor"), at=NOW)
    with pytest.raises(policydrafts.PolicyBaseMoved):
        proposals.review(proposal_id=asked.pk, approve=True, reason="", by=staff("supervisor"), at=NOW)
    proposals.review(proposal_id=asked.pk, approve=False, reason="stale", by=staff("supervisor"), at=NOW)
    proposed.refresh_from_db()
    assert proposed.state == "DROPPED"


@pytest.mark.django_db
def test_who_saw_another_version_does_not_draft_over_it(staff: Staff) -> None:
    first = publish_above()
    publish_above(2, NOW + timedelta(days=1), special_days=60)
    with pytest.raises(policydrafts.PolicyBaseMoved):
        policydrafts.draft_below(
            region_id=CITY, benefit_year=YEAR, overrides={}, base_id=first.pk, by=staff("supervisor"), at=NOW
        )
    with pytest.raises(policydrafts.PolicyBaseMoved):
        policydrafts.draft(
            region_id=CITY,
            benefit_year=YEAR,
            terms=terms_of_year(YEAR),
            seen=1,
            by=staff("supervisor"),
            at=NOW,
        )


@pytest.mark.django_db
def test_a_region_with_nothing_above_stands_for_itself(staff: Staff) -> None:
    with pytest.raises(policydrafts.PolicyNothingAbove):
        below(staff("supervisor"), wait_fixed=5)
    whole = policydrafts.draft(
        region_id=CITY, benefit_year=YEAR, terms=terms_of_year(YEAR), by=staff("supervisor"), at=NOW
    )
    with pytest.raises(policydrafts.PolicyNotInherited):
        policydrafts.redraft(policy_id=whole.pk, by=staff("supervisor"), at=NOW)


@pytest.mark.django_db
def test_a_draft_is_dropped_by_who_may_draft_unless_it_waits(staff: Staff) -> None:
    publish_above()
    made = below(staff("supervisor"), wait_fixed=5)
    assert policydrafts.drop(policy_id=made.pk, reason="", by=staff("supervisor"), at=NOW).state == "DROPPED"
    with pytest.raises(policydrafts.PolicyNotDraft):
        policydrafts.drop(policy_id=made.pk, reason="", by=staff("supervisor"), at=NOW)
    other = below(staff("supervisor"), wait_fixed=6)
    policydrafts.propose(policy_id=other.pk, reason="", by=staff("supervisor"), at=NOW)
    with pytest.raises(policydrafts.PolicyProposed):
        policydrafts.drop(policy_id=other.pk, reason="", by=staff("supervisor"), at=NOW)
    with pytest.raises(policydrafts.PolicyProposed):
        policydrafts.propose(policy_id=other.pk, reason="", by=staff("supervisor"), at=NOW)

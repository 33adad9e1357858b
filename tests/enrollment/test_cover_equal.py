"""Cover for a chunk is the pure decision for each person, whichever way it is written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from enrollment.coverage import NO_FACTS, Decision, decide
from enrollment.models import Coverage, Policy
from enrollment.services import cover
from enrollment.services.facts import facts_of, known_of
from tests.builders import GUIGANG
from tests.enrollment.covered import (
    AT,
    Paid,
    Someone,
    expected,
    opened_years,
    paid,
    pay_dates,
    people,
    read_one_by_one,
    relation,
    shipped,
    write,
)
from tests.enrollment.test_coverage_properties import any_terms

KEYS = ("SC24", "SC25", "SC26", "SC28", "GG18", "GG25", "CD25", "NM26", "BJ25", "JX25b", "HB25b", "FJ25")
WITH_DATABASE = settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@contextmanager
def undone() -> Iterator[None]:
    """One example's rows, rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def start(
    rows: Sequence[Paid], policy: Policy, monkeypatch: pytest.MonkeyPatch, small: int
) -> dict[int, Coverage]:
    """Start cover by the way that ``small`` forces, read the rows and undo them."""
    with undone(), monkeypatch.context() as patch:
        patch.setattr(cover, "SMALL", small)
        started = cover.start_cover(relation=relation(rows), policy=policy, at=AT)
        found = {
            row.pk: row for row in Coverage.objects.filter(pk__in=[row.receivable_id * 100 for row in rows])
        }
        assert started == len(rows) == len(found)
        assert started.without_cover == sum(row.start is None for row in found.values())
        return found


def check(everybody: Sequence[tuple[Someone, date]], policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways give the decision by what is known of each person, in its row and in its sentence."""
    ids = write([one for one, _day in everybody])
    year = policy.benefit_year
    assert known_of(person_ids=ids, benefit_year=year) == {
        pk: one.known for pk, (one, _day) in zip(ids, everybody, strict=True)
    }
    rows = [paid(pk, day, year) for pk, (_one, day) in zip(ids, everybody, strict=True)]
    wanted = {row.receivable_id * 100: decision_for(row, policy) for row in rows}
    for small in (0, 1_000):
        found = start(rows, policy, monkeypatch, small)
        for row in rows:
            written, decision = found[row.receivable_id * 100], wanted[row.receivable_id * 100]
            columns = row_of(row, decision, policy)
            assert {name: getattr(written, name) for name in columns} == columns
            assert cover.explain(written, "zh") == decision.explain_zh
            assert cover.explain(written, "en") == decision.explain_en


def decision_for(row: Paid, policy: Policy) -> Decision:
    """The pure decision by what the register says of this one person."""
    facts = facts_of(
        person_ids=[row.person_id],
        terms=policy.values,
        benefit_year=policy.benefit_year,
        region_id=GUIGANG,
        on=row.paid_on,
    )
    return decide(policy.values, facts[row.person_id], row.paid_on)


def row_of(row: Paid, decision: Decision, policy: Policy) -> dict[str, Any]:
    """The columns of the row of cover that a payment must get."""
    return expected(decision) | {
        "person_id": row.person_id,
        "region_id": GUIGANG,
        "scheme": "390",
        "policy_id": policy.pk,
        "payment_id": row.payment_id,
        "paid_on": row.paid_on,
        "supersedes": None,
        "reason": "DECIDED",
        "decided_at": AT,
        "repair_years": 0,
    }


@pytest.mark.django_db
@WITH_DATABASE
@given(data=st.data())
def test_every_row_is_the_decision_for_its_person(
    data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = shipped(data.draw(st.sampled_from(KEYS)))
    year = policy.benefit_year
    one = st.tuples(people(year, opened_years()), pay_dates(year))
    with undone():
        check(data.draw(st.lists(one, min_size=1, max_size=8)), policy, monkeypatch)


@pytest.mark.django_db
@WITH_DATABASE
@given(data=st.data(), terms=any_terms())
def test_so_it_is_by_any_terms(data: st.DataObject, terms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    year = terms.benefit_year
    one = st.tuples(people(year, opened_years()), pay_dates(year))
    with undone():
        policy = Policy.objects.create(
            key="ANY", region_id=GUIGANG, benefit_year=year, version=9, terms=terms.to_dict()
        )
        check(data.draw(st.lists(one, min_size=1, max_size=8)), policy, monkeypatch)


@pytest.mark.django_db
@WITH_DATABASE
@given(data=st.data())
def test_who_is_plain_is_told_alike_by_the_database_and_in_python(
    data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = shipped(data.draw(st.sampled_from(KEYS)))
    year = policy.benefit_year
    everybody = data.draw(st.lists(people(year, opened_years()), min_size=1, max_size=12))
    with undone():
        ids = write(everybody)
        asked = read_one_by_one(ids, policy, monkeypatch)
    odd = [pk for pk, one in zip(ids, everybody, strict=True) if not one.known.is_plain(policy.values)]
    assert asked == odd


@settings(deadline=None, max_examples=300)
@given(data=st.data(), terms=any_terms())
def test_nothing_known_of_plain_people_changes_a_decision(data: st.DataObject, terms: Any) -> None:
    earlier = tuple(range(terms.benefit_year - 6, terms.benefit_year))
    known = data.draw(people(terms.benefit_year, earlier)).known
    day = data.draw(pay_dates(terms.benefit_year))
    assume(known.is_plain(terms))
    assert decide(terms, known.on(terms, day), day) == decide(terms, NO_FACTS, day)

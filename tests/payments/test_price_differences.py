"""Whose payment is more than a later version asks: found set-based as the pure rules say, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.models import User
from enrollment.models import PersonCategory, Policy, PolicyRun
from enrollment.policy import Terms
from enrollment.services import policies, policyruns
from payments import tasks
from payments.models import AidDifference, Payment, PriceCheck, PriceDifference, Reversal
from payments.services import pricedifferences
from tests import builders
from tests.enrollment.test_constraints import APPEND_ONLY, refused_with
from tests.payments import bookbuilders
from tests.payments.test_receivables import SOMEBODY, YEAR_DAYS, _expected, _store, random_terms

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]
AT = datetime(2026, 2, 1, 2, 0, tzinfo=UTC)
REGION, YEAR = builders.GUIGANG, 2025
DEAR = Decimal("1070.00")


def paid(amount: str = "1070.00", on: date = date(2025, 4, 10), **person: Any) -> Payment:
    """A payment at the counter with its cover."""
    who = builders.make_person(REGION, **person)
    builders.enrol(who)
    due = bookbuilders.assess(person=who)
    payment = Payment.objects.create(
        id=due.pk * 100, region_id=REGION, person=who, amount=Decimal(amount), debited_on=on, channel="BANK_COUNTER",
        channel_serial=f"S-{due.pk}", posted_at=AT,
    )  # fmt: skip
    bookbuilders.cover(due, payment)
    return payment


def run_by(terms: Terms, version: int = 2) -> PolicyRun:
    """The terms published, the cover recomputed."""
    row = policies.PolicyRow(f"N{version}", REGION, YEAR, version, "", "", terms)
    policy = policies.load(rows=[row], by=None, at=AT).published[0]
    run = PolicyRun.objects.get(policy=policy)
    return policyruns.complete(run_id=run.pk, at=AT)


def usual(**changes: Any) -> Terms:
    return replace(policies.in_force(REGION, YEAR).values, **changes)


def test_who_paid_the_late_price_inside_the_extended_window_gets_the_difference() -> None:
    late, cheap = paid(), paid("400.00", date(2024, 10, 10))
    run = run_by(usual(window_close=date(2025, 5, 31), late_price_rule="FULL_COST"))
    assert pricedifferences.waiting() == [run.pk]
    assert pricedifferences.compare(run_id=run.pk, at=AT) == 1
    found = PriceDifference.objects.get()
    assert (found.payment_id, found.paid, found.due, found.difference) == (
        late.pk,
        DEAR,
        Decimal("400.00"),
        Decimal("670.00"),
    )
    assert (found.person_id, found.region_id, found.policy_id) == (late.person_id, REGION, run.policy_id)
    assert not PriceDifference.objects.filter(payment_id=cheap.pk).exists()


def test_again_finds_nothing_more() -> None:
    paid()
    run = run_by(usual(window_close=date(2025, 5, 31)))
    assert [pricedifferences.compare(run_id=run.pk, at=AT) for _ in range(2)] == [1, 1]
    assert (PriceDifference.objects.count(), PriceCheck.objects.count(), pricedifferences.waiting()) == (
        1,
        1,
        [],
    )


def test_reversed_payments_and_late_ones_that_stay_late_are_not_listed() -> None:
    back = paid()
    paid(on=date(2025, 7, 1))
    Reversal.objects.create(
        line_id=1, region_id=REGION, person_id=back.person_id, payment_id=back.pk, receivable_id=back.receivable_id,
        amount=back.amount, reversed_on=date(2025, 4, 12), posted_at=AT,
    )  # fmt: skip
    run = run_by(usual(window_close=date(2025, 5, 31), late_price_rule="FULL_COST"))
    assert pricedifferences.compare(run_id=run.pk, at=AT) == 0


def test_aid_listed_already_is_not_asked_for_twice() -> None:
    payment = paid()
    PersonCategory.objects.create(person_id=payment.person_id, category="DIBAO", valid_from=date(2025, 1, 1))
    AidDifference.objects.create(
        payment_id=payment.pk, receivable_id=payment.receivable_id, person_id=payment.person_id, region_id=REGION,
        category="DIBAO", amount=Decimal("100.00"), listed_on=date(2025, 5, 1), found_at=AT,
    )  # fmt: skip
    run = run_by(usual(window_close=date(2025, 5, 31)))
    pricedifferences.compare(run_id=run.pk, at=AT)
    found = PriceDifference.objects.get()
    assert (found.aid_listed, found.difference) == (
        Decimal("100.00"),
        found.paid - found.due - Decimal("100.00"),
    )


def test_a_run_that_is_not_done_is_not_compared() -> None:
    paid()
    row = policies.PolicyRow("N2", REGION, YEAR, 2, "", "", usual(wait_fixed=2))
    policy = policies.load(rows=[row], by=None, at=AT).published[0]
    with pytest.raises(pricedifferences.RunNotFinished):
        pricedifferences.compare(run_id=PolicyRun.objects.get(policy=policy).pk, at=AT)
    assert pricedifferences.waiting() == []


def test_the_sweep_rings_and_the_task_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    paid()
    run = run_by(usual(window_close=date(2025, 5, 31)))
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.compare_prices, "apply_async", lambda **sent: rung.append(sent["kwargs"]))
    tasks.sweep_price_differences()
    assert rung == [{"run_id": run.pk}]
    tasks.compare_prices(**rung[0])
    assert PriceDifference.objects.count() == 1


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(terms=random_terms(), crowd=st.lists(st.tuples(SOMEBODY, YEAR_DAYS), min_size=1, max_size=6))
def test_the_statement_prices_each_payment_as_the_pure_rules_do(
    terms: Terms, crowd: list[tuple[tuple[Any, ...], date]]
) -> None:
    region = "460100"
    with transaction.atomic():
        policy = Policy.objects.create(
            key="ANY", region_id=region, benefit_year=YEAR, version=1, terms=terms.to_dict(),
            state="PUBLISHED", in_force=(AT, None),
        )  # fmt: skip
        wanted = {}
        for nth, (somebody, day) in enumerate(crowd):
            person = _store(somebody, region)
            key = YEAR * 10**12 + 900_000_000 + nth * 100
            Payment.objects.create(
                id=key, region_id=region, person=person, amount=Decimal("9999999.99"), debited_on=day,
                channel="BANK_COUNTER", channel_serial=f"P{nth}", posted_at=AT,
            )  # fmt: skip
            price, aid, _late = _expected(terms, somebody, day)
            wanted[key] = price - aid.amount
        run = PolicyRun.objects.create(
            policy=policy, region_id=region, made_at=AT, state="DONE", finished_at=AT
        )
        assert pricedifferences.compare(run_id=run.pk, at=AT) == len(crowd)
        assert dict(PriceDifference.objects.values_list("payment_id", "due")) == wanted
        transaction.set_rollback(True)


@pytest.mark.parametrize("statement", ["UPDATE {} SET run_id = run_id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["payments_pricedifference", "payments_pricecheck"])
def test_what_was_found_stays(table: str, statement: str) -> None:
    paid()
    run = run_by(usual(window_close=date(2025, 5, 31)))
    pricedifferences.compare(run_id=run.pk, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert refused_with(statement.format(table)) == APPEND_ONLY

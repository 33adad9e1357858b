"""What the system finds: each once, with its evidence, one click to a case, or dismissed with a reason."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from bureau import audit
from bureau.errors import BureauError
from enrollment.choices import RefundReason
from enrollment.models import EmployeeSpell, Person, Policy, PolicyRun
from payments.models import AidDifference, Payment, PriceDifference, Reversal
from refunds.models import RefundCandidate, RefundCase
from refunds.services import candidates, filing, signing
from tests import builders
from tests.bureau.desk_world import client_of
from tests.payments import test_swaps as worlds
from tests.payments.test_orders import people
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, form_for, paid, paid_twice, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


def look(at: Any = AT) -> candidates.Found:
    return candidates.find(region_id=refundkit.REGION, year=2025, at=at)


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


def world(desk: refundkit.Desk) -> dict[str, Payment]:
    """One of each kind, and one person of whom nothing is owed."""
    paid_twice(desk)
    late = {"start": date(2025, 6, 2), "end": date(2026, 1, 1)}
    aided, employed, fine = paid(desk, 3)
    dead, gone = paid(desk, 2, **late)
    AidDifference.objects.create(
        payment_id=aided.pk,
        receivable_id=aided.receivable_id,
        person_id=aided.person_id,
        region_id=aided.region_id,
        category="DIBAO",
        amount=Decimal("240.00"),
        listed_on=date(2025, 1, 16),
        found_at=AT,
    )
    with audit.acting(by=None, why="lives go on"):
        EmployeeSpell.objects.create(person_id=employed.person_id, started_on=date(2023, 3, 1))
        EmployeeSpell.objects.create(person_id=fine.person_id, started_on=date(2025, 3, 1))
        Person.objects.filter(pk=dead.person_id).update(death_date=date(2025, 1, 17))
        enrollment = Person.objects.get(pk=gone.person_id).enrollments.get()
        enrollment.state, enrollment.ended_on, enrollment.end_reason = "4", date(2025, 1, 18), "ARMY"
        enrollment.save()
    return {"AID_DIFF": aided, "EMPLOYEE": employed, "DEATH": dead, "ENDED": gone}


def test_each_kind_is_found_once(desk: refundkit.Desk) -> None:
    """Five kinds, each with the day that proves it; a second search and a case of one's own bring nothing more."""
    rows = world(desk)
    found = look()
    assert (found.new, found.waiting) == (
        5,
        {"AID_DIFF": 1, "DEATH": 1, "DUPLICATE": 1, "EMPLOYEE": 1, "ENDED": 1},
    )
    assert found.amount == Decimal("1840.00")
    for kind, payment in rows.items():
        assert RefundCandidate.objects.get(kind=kind).payment_id == payment.pk
    days = dict(RefundCandidate.objects.exclude(event_date=None).values_list("kind", "event_date"))
    assert days == {
        "AID_DIFF": date(2025, 1, 16),
        "DEATH": date(2025, 1, 17),
        "EMPLOYEE": date(2023, 3, 1),
        "ENDED": date(2025, 1, 18),
    }
    assert look().new == 0
    (double,) = paid_twice(desk)
    submitted(desk, form_for(double, RefundReason.DUP_PAY))
    assert look().new == 0


def test_one_click_makes_cases(desk: refundkit.Desk) -> None:
    """Submitted, with the account the money came from; a heir is still to be found for the dead."""
    world(desk)
    look()
    rows = list(RefundCandidate.objects.order_by("kind"))
    made = candidates.make_cases(candidate_ids=[row.pk for row in rows], by=desk.clerk, at=AT)
    assert not made.conflicts
    assert {(case.reason, case.state, case.origin) for case in made.cases} == {
        (reason, "SUBMITTED", "FOUND") for reason in ("AID_DIFF", "DEATH", "DUP_PAY", "EMPLOYEE", "ARMY")
    }
    assert RefundCase.objects.get(reason="AID_DIFF").amount == Decimal("240.00")
    assert RefundCase.objects.get(reason="DEATH").payee == "HEIR"
    again = candidates.make_cases(candidate_ids=[rows[0].pk], by=desk.clerk, at=AT)
    assert [error.code for _key, error in again.conflicts] == ["REFUND_CANDIDATE_DECIDED"]
    refundkit.books_green()
    signing.review(case_ids=[case.pk for case in made.cases], by=desk.supervisor, at=AT)
    done = signing.approve(case_ids=[case.pk for case in made.cases], by=desk.officer, at=AT)
    assert len(done.cases) == 5
    refundkit.books_green()


def test_a_price_that_fell_is_owed_once(desk: refundkit.Desk) -> None:
    """A later version asks 330 yuan of who paid 400: the difference is reserved, and a person decides it."""
    (payment,) = paid(desk)
    priced(payment, Decimal("330.00"))
    assert look().waiting == {"PRICE": 1}
    row = RefundCandidate.objects.get()
    assert (row.amount, row.evidence["due"], row.evidence["paid_on"]) == (Decimal("70.00"), 330, "2025-01-15")
    (case,) = candidates.make_cases(candidate_ids=[row.pk], by=desk.clerk, at=AT).cases
    assert (case.reason, case.amount, case.correct_amount) == ("GRADE", Decimal("70.00"), Decimal("330.00"))
    assert look().new == 0
    refused_first = signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT)
    assert [one.error.code for one in refused_first.conflicts] == ["REFUND_AMOUNT_NEEDED"]
    amounts = {case.pk: Decimal("70.00")}
    signing.review(case_ids=[case.pk], amounts=amounts, by=desk.supervisor, at=AT).one()
    signing.approve(case_ids=[case.pk], by=desk.officer, at=AT).one()
    assert not Reversal.objects.exists()
    assert refundkit.in_force(payment.receivable_id).payment_id == payment.pk
    refundkit.books_green()


def test_aid_beside_a_price_goes_back_by_its_own_case(desk: refundkit.Desk) -> None:
    """Of 100 yuan too much 40 are listed as aid: 60 for the price, whichever case came first."""
    (payment,) = paid(desk)
    priced(payment, Decimal("300.00"), aid_listed=Decimal("40.00"))
    look()
    (case,) = candidates.make_cases(
        candidate_ids=[RefundCandidate.objects.get().pk], by=desk.clerk, at=AT
    ).cases
    assert case.amount == Decimal("60.00")


def priced(payment: Payment, due: Decimal, aid_listed: Decimal = Decimal("0.00")) -> None:
    """What payments wrote down after the terms changed."""
    policy = Policy.objects.get(region_id=refundkit.REGION, benefit_year=2025, state="PUBLISHED")
    with audit.acting(by=None, why="a later version"):
        run = PolicyRun.objects.create(
            policy=policy, region_id=policy.region_id, made_at=AT, state="DONE", finished_at=AT
        )
        PriceDifference.objects.create(
            payment_id=payment.pk,
            person_id=payment.person_id,
            region_id=payment.region_id,
            policy=policy,
            run=run,
            debited_on=payment.debited_on,
            paid=payment.amount,
            due=due,
            aid_listed=aid_listed,
            difference=payment.amount - due - aid_listed,
            found_at=AT,
        )


def test_what_the_rules_refuse_now_stays_open(desk: refundkit.Desk) -> None:
    """Ended before cover began, but the click comes after it began: the rule says no, nothing is written."""
    world(desk)
    look()
    row = RefundCandidate.objects.get(kind="ENDED")
    made = candidates.make_cases(candidate_ids=[row.pk], by=desk.clerk, at=AT.replace(month=7))
    assert [error.code for _key, error in made.conflicts] == ["REFUND_NOT_OWED"]
    row.refresh_from_db()
    assert row.state == "OPEN"


def test_dismissed_with_a_reason(desk: refundkit.Desk) -> None:
    """Once, with words; it is not found again."""
    paid_twice(desk)
    look()
    row = RefundCandidate.objects.get()
    with refused("REASON_NEEDED"):
        candidates.dismiss(candidate_ids=[row.pk], words=" ", by=desk.clerk, at=AT)
    with refused("REFUND_CANDIDATE_UNKNOWN"):
        candidates.dismiss(
            candidate_ids=[row.pk], words="x", by=builders.make_staff("clerk", "510000"), at=AT
        )
    candidates.dismiss(candidate_ids=[row.pk], words="家属已确认为代他人缴费", by=desk.clerk, at=AT)
    row.refresh_from_db()
    assert (row.state, row.words) == ("DISMISSED", "家属已确认为代他人缴费")
    assert look().new == 0


def test_a_withdrawn_case_waits_again(desk: refundkit.Desk) -> None:
    paid_twice(desk)
    look()
    row = RefundCandidate.objects.get()
    (case,) = candidates.make_cases(candidate_ids=[row.pk], by=desk.clerk, at=AT).cases
    filing.withdraw(case_id=case.pk, words="等家属", by=desk.clerk, at=AT)
    row.refresh_from_db()
    assert (row.state, row.case) == ("OPEN", None)
    assert len(candidates.make_cases(candidate_ids=[row.pk], by=desk.clerk, at=AT).cases) == 1
    refundkit.books_green()


def test_the_command(desk: refundkit.Desk) -> None:
    """JSON for programs."""
    paid_twice(desk, 2)
    out = StringIO()
    call_command("refund_candidates", region=refundkit.REGION, year=2025, json=True, stdout=out)
    assert json.loads(out.getvalue()) == {
        "region": refundkit.REGION,
        "year": 2025,
        "new": 2,
        "waiting": {"DUPLICATE": 2},
        "amount": "800.00",
    }


def test_nothing_is_owed_of_a_duplicate_that_carries_the_year(db: None) -> None:
    """What was found is put aside by who decided it, and not found again; a refund that is under way comes first."""
    clerk, supervisor = worlds.staff()
    (person,), (other,) = people(1), people(1)
    one, wanted = worlds.left_alone(person), worlds.left_alone(other)
    assert look(worlds.LATE).waiting == {"DUPLICATE": 2}
    case = candidates.make_cases(
        candidate_ids=RefundCandidate.objects.filter(duplicate_id=wanted.pk).values_list("pk", flat=True),
        by=clerk, at=worlds.LATE,
    ).cases[0]  # fmt: skip
    with refused("SWAP_REFUND_UNDER_WAY"):
        worlds.propose(wanted, clerk)
    worlds.approve(worlds.propose(one, clerk), supervisor)
    row = RefundCandidate.objects.get(duplicate_id=one.pk)
    assert (row.state, row.decided_by) == ("DISMISSED", supervisor)
    assert look(worlds.LATE).new == 0
    assert RefundCase.objects.get() == case
    page = client_of(clerk).get(f"/desk/refunds/refundcandidate/{row.pk}/change/").content.decode()
    assert "该款现已承担本年度" in page

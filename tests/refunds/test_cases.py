"""A refund from the form to two signatures: papers, reservation, four eyes, and what an approval does to cover and receivable."""

import secrets
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bureau import audit
from bureau.errors import BureauError
from enrollment.choices import RefundReason
from enrollment.models import EmployeeSpell, Enrollment
from payments.models import AidDifference, Hold, Reversal
from refunds.models import RefundCase, RefundLimit, RefundStep
from refunds.papers import Applicant, Paper
from refunds.services import filing, signing, steps
from refunds.services.wishes import Form
from tests import builders
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, approved, form_for, paid, paid_twice, submitted

pytestmark = pytest.mark.django_db
R = RefundReason


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


def test_a_duplicate_goes_back_and_the_year_stays_covered(desk: refundkit.Desk) -> None:
    """Two signatures; the payment that carries the year and its cover are untouched."""
    (double,) = paid_twice(desk)
    case = approved(desk, form_for(double, R.DUP_PAY))
    assert (case.state, case.amount, case.payee, case.route) == (
        "TAX_APPROVED",
        Decimal("400.00"),
        "PAYER",
        "FUND_ACCOUNT",
    )
    assert Reversal.objects.get().duplicate_id == double.pk
    assert refundkit.state_of(double.receivable_id) == "SETTLED"
    assert refundkit.in_force(double.receivable_id).start == date(2025, 1, 1)
    steps = list(RefundStep.objects.order_by("number").values_list("to_state", "by__username"))
    assert steps == [
        ("DRAFT", desk.clerk.username),
        ("SUBMITTED", desk.clerk.username),
        ("BUREAU_APPROVED", desk.supervisor.username),
        ("TAX_APPROVED", desk.officer.username),
    ]
    refundkit.books_green()


def test_cover_ends_and_the_receivable_opens_again(desk: refundkit.Desk) -> None:
    """Employee cover was running when it was paid: all of it goes back, the enrolment ends, it could be paid again."""
    (payment,) = paid(desk)
    with audit.acting(by=None, why="a spell"):
        EmployeeSpell.objects.create(person_id=payment.person_id, started_on=date(2023, 3, 1))
    case = approved(desk, form_for(payment, R.EMPLOYEE))
    line = case.lines.get()
    assert (line.rule, line.amount) == ("NOT_ELIGIBLE_WHEN_PAID", Decimal("400.00"))
    force = refundkit.in_force(payment.receivable_id)
    assert (force.start, force.reason) == (None, "REFUNDED")
    assert refundkit.state_of(payment.receivable_id) == "REFUNDED"
    assert Enrollment.objects.get(person_id=payment.person_id).end_reason == "EMPLOYEE"
    assert not Hold.objects.filter(pk=payment.receivable_id).exists()
    refundkit.books_green()


def test_a_difference_leaves_payment_and_cover(desk: refundkit.Desk) -> None:
    """Aid recognised after paying: only the difference, whatever is left is still paid."""
    (payment,) = paid(desk)
    AidDifference.objects.create(
        payment_id=payment.pk,
        receivable_id=payment.receivable_id,
        person_id=payment.person_id,
        region_id=payment.region_id,
        category="DIBAO",
        amount=Decimal("240.00"),
        listed_on=date(2025, 1, 16),
        found_at=AT,
    )
    case = approved(desk, form_for(payment, R.AID_DIFF))
    assert case.amount == Decimal("240.00")
    assert refundkit.state_of(payment.receivable_id) == "SETTLED"
    assert not Reversal.objects.exists()
    refundkit.books_green()
    with refused("REFUND_NOT_A_DUPLICATE"):
        filing.draft(form=form_for(payment, R.DUP_PAY), by=desk.clerk, at=AT)
    rest = submitted(desk, form_for(payment, R.CLERK_ERROR))
    assert rest.amount == Decimal("160.00")
    refundkit.books_green()


def test_nothing_is_reserved_twice(desk: refundkit.Desk) -> None:
    """From submission on; a withdrawn case frees its money."""
    (double,) = paid_twice(desk)
    first = submitted(desk, form_for(double, R.DUP_PAY))
    with refused("REFUND_NOTHING_LEFT"):
        filing.draft(form=form_for(double, R.DUP_PAY), by=desk.clerk, at=AT)
    filing.withdraw(case_id=first.pk, words="写错了", by=desk.clerk, at=AT)
    assert submitted(desk, form_for(double, R.DUP_PAY)).state == "SUBMITTED"
    refundkit.books_green()


def test_papers_are_asked_for_by_reason_and_applicant(desk: refundkit.Desk) -> None:
    """An heir brings the death certificate, kinship, cards and the form; the register's own death needs no proof."""
    (payment,) = paid(desk, start=date(2025, 6, 2), end=date(2026, 1, 1))
    heir = {
        "applicant": Applicant.HEIR,
        "applicant_name": "张小明",
        "applicant_number": builders.id_number(),
        "event_date": date(2025, 1, 18),
        "account": refundkit.Account("张小明", "6228480000000000002"),
    }
    case = filing.draft(form=form_for(payment, R.DEATH, **heir), by=desk.clerk, at=AT)
    with refused("REFUND_PAPERS_MISSING"):
        filing.submit(case_id=case.pk, by=desk.clerk, at=AT)
    assert filing.papers_missing(case, list(case.lines.all())) == [
        Paper.ID_FRONT,
        Paper.ID_BACK,
        Paper.FORM,
        Paper.BANK_CARD,
        Paper.KINSHIP,
        Paper.DEATH_PROOF,
    ]
    refundkit.with_papers(case, desk.clerk)
    done = filing.submit(case_id=case.pk, by=desk.clerk, at=AT)
    assert (done.payee, done.amount, done.target_on, done.limit_on) == (
        "HEIR",
        Decimal("400.00"),
        date(2025, 2, 21),
        date(2025, 3, 7),
    )
    refundkit.books_green()


@pytest.mark.parametrize(("holder", "code"), [("李四", "REFUND_ACCOUNT_HOLDER")])
def test_money_goes_to_nobody_else(desk: refundkit.Desk, holder: str, code: str) -> None:
    (payment,) = paid(desk)
    with refused(code):
        filing.draft(
            form=form_for(payment, R.CLERK_ERROR, account=refundkit.Account(holder, "6228480000000000002")),
            by=desk.clerk,
            at=AT,
        )


def test_nobody_signs_twice(desk: refundkit.Desk) -> None:
    """Who submitted does not review, who reviewed does not approve; each is told so."""
    (double,) = paid_twice(desk)
    case = filing.draft(form=form_for(double, R.DUP_PAY), by=desk.supervisor, at=AT)
    refundkit.with_papers(case, desk.supervisor)
    filing.submit(case_id=case.pk, by=desk.supervisor, at=AT)
    with refused("SECOND_PERSON_NEEDED"):
        signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT).one()
    with refused("NOT_ALLOWED"):
        signing.review(case_ids=[case.pk], by=desk.officer, at=AT)
    other = builders.make_staff("supervisor")
    signing.review(case_ids=[case.pk], by=other, at=AT).one()
    with refused("illegal_transition"):
        signing.review(case_ids=[case.pk], by=other, at=AT).one()
    with refused("NOT_ALLOWED"):
        signing.approve(case_ids=[case.pk], by=other, at=AT)
    signing.approve(case_ids=[case.pk], by=desk.officer, at=AT).one()
    with refused("illegal_transition"):
        filing.withdraw(case_id=case.pk, words="太晚", by=desk.supervisor, at=AT)


def test_a_refusal_names_its_rule(desk: refundkit.Desk) -> None:
    """Joined the employee scheme after cover began: nobody can sign a yes, the no says why."""
    (payment,) = paid(desk)
    case = submitted(desk, form_for(payment, R.EMPLOYEE, event_date=date(2025, 1, 18)))
    assert (case.amount, case.lines.get().rule) == (Decimal("0.00"), "AFTER_START")
    with refused("REFUND_REFUSED_BY_RULE"):
        signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT).one()
    done = signing.reject(case_ids=[case.pk], by=desk.supervisor, at=AT).one()
    assert done.state == "REJECTED"
    assert "待遇自2025-01-01起算" in done.words
    refundkit.books_green()


def test_a_person_decides_what_the_rules_leave_open(desk: refundkit.Desk) -> None:
    """GRADE: the reviewer gives an amount, at most what was paid."""
    (payment,) = paid(desk)
    case = submitted(desk, form_for(payment, R.GRADE))
    for wrong in ({}, {case.pk: Decimal("400.01")}, {case.pk: Decimal("0")}):
        with refused("REFUND_AMOUNT_NEEDED"):
            signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT, amounts=wrong).one()
    signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT, amounts={case.pk: Decimal("70.00")}).one()
    done = signing.approve(case_ids=[case.pk], by=desk.officer, at=AT).one()
    assert done.amount == Decimal("70.00")
    refundkit.books_green()


def test_facts_that_changed_are_decided_again(desk: refundkit.Desk) -> None:
    """The register learns of employee cover at the time of paying after the case was handed in."""
    (payment,) = paid(desk)
    case = submitted(desk, form_for(payment, R.EMPLOYEE, event_date=date(2025, 1, 18)))
    with audit.acting(by=None, why="a spell"):
        EmployeeSpell.objects.create(person_id=payment.person_id, started_on=date(2024, 3, 1))
    signing.decide_again(case_id=case.pk, by=desk.supervisor, at=AT)
    signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT).one()
    with audit.acting(by=None, why="no spell"):
        EmployeeSpell.objects.all().delete()
    with refused("REFUND_DECISION_CHANGED"):
        signing.approve(case_ids=[case.pk], by=desk.officer, at=AT).one()
    assert signing.decide_again(case_id=case.pk, by=desk.officer, at=AT).state == "RETURNED"
    refundkit.books_green()


def test_a_list_is_signed_once_and_conflicts_are_named(desk: refundkit.Desk) -> None:
    """Hundreds at a time: what a colleague decided, took, or this person asked for, stays and is named."""
    rows = paid_twice(desk, 6)
    cases = [submitted(desk, form_for(row, R.DUP_PAY)) for row in rows]
    colleague = builders.make_staff("supervisor")
    signing.review(case_ids=[cases[0].pk], by=colleague, at=AT).one()
    signing.take(case_id=cases[1].pk, by=colleague, at=AT)
    done = signing.review(case_ids=[case.pk for case in cases], by=desk.supervisor, at=AT)
    assert [case.pk for case in done.cases] == [case.pk for case in cases[2:]]
    assert [(one.case_id, one.error.code) for one in done.conflicts] == [
        (cases[0].pk, "illegal_transition"),
        (cases[1].pk, "REFUND_CASE_TAKEN"),
    ]
    approved_ones = signing.approve(case_ids=[case.pk for case in cases], by=desk.officer, at=AT)
    assert len(approved_ones.cases) == 5
    assert [one.number for one in approved_ones.conflicts] == [cases[1].number]
    refundkit.books_green()


def test_limits_are_rows(desk: refundkit.Desk) -> None:
    """Above its limit a desk leaves the case to the office above."""
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, R.DUP_PAY))
    with audit.acting(by=desk.supervisor, why="a limit"):
        RefundLimit.objects.create(
            region_id=refundkit.REGION, desk="REVIEW", most=Decimal("399.99"), valid_from=date(2025, 1, 1)
        )
    with refused("REFUND_OVER_LIMIT"):
        signing.review(case_ids=[case.pk], by=desk.supervisor, at=AT).one()
    above = builders.make_staff("supervisor", "450000")
    signing.review(case_ids=[case.pk], by=above, at=AT).one()


def test_returned_for_papers_and_handed_in_again(desk: refundkit.Desk) -> None:
    """The list of papers travels with the case; the clock goes on from the first submission."""
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, R.DUP_PAY))
    back = signing.send_back(
        case_ids=[case.pk], words="请补银行卡", missing=["BANK_CARD"], by=desk.supervisor, at=AT
    ).one()
    assert (back.state, back.missing, back.words) == ("RETURNED", ["BANK_CARD"], "请补银行卡")
    target = back.target_on
    again = filing.submit(case_id=case.pk, by=desk.clerk, at=AT)
    assert (again.state, again.round, again.target_on, again.missing) == ("SUBMITTED", 2, target, [])
    refundkit.books_green()


def test_other_regions_do_not_exist(desk: refundkit.Desk) -> None:
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, R.DUP_PAY))
    stranger = builders.make_staff("supervisor", "510000")
    with refused("REFUND_CASE_UNKNOWN"):
        signing.review(case_ids=[case.pk], by=stranger, at=AT)
    with refused("OUT_OF_SCOPE"):
        filing.draft(form=form_for(double, R.BANK_ERROR), by=builders.make_staff("clerk", "510000"), at=AT)


def test_one_line_of_several(desk: refundkit.Desk) -> None:
    """A family's payments in one case; or one of them alone."""
    rows = paid(desk, 3)
    sources = [refundkit.Source(payment_id=row.pk) for row in rows]
    case = submitted(desk, Form(R.CLERK_ERROR, sources[:2], account=None))
    assert (case.amount, case.lines.count()) == (Decimal("800.00"), 2)
    assert RefundCase.objects.count() == 1
    refundkit.books_green()


def test_numbers_that_are_taken_are_drawn_again(
    desk: refundkit.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of cases of one day: neither a number of an earlier case nor one drawn a moment ago is given again."""
    drawn = iter([7, 7, 7, 8, 9])
    monkeypatch.setattr(secrets, "randbelow", lambda _most: next(drawn))
    (double,) = paid_twice(desk)
    case = filing.draft(form=form_for(double, RefundReason.DUP_PAY), by=desk.clerk, at=AT)
    assert case.number == "TF20250120000000007"
    assert sorted(steps.new_numbers(date(2025, 1, 20), 2)) == ["TF20250120000000008", "TF20250120000000009"]

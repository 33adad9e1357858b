"""A case begins: drafted at the counter or by a partner, handed in with its papers, withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO

from django.db import transaction
from django.utils.text import format_lazy

from bureau import access, attachments, audit
from bureau.access import Role
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import RESIDENT
from bureau.models import ApiClient, Attachment, User
from enrollment.choices import RefundReason
from enrollment.services import identities
from refunds.models import PayeeAccount, RefundCandidate, RefundCase, RefundLine
from refunds.models.choices import PAPERS
from refunds.papers import Applicant, Paper, missing, needed
from refunds.services import caselines, payees, steps
from refunds.services.deciding import Weighed, weigh
from refunds.services.facts import collect
from refunds.services.wishes import Form, new_case, stated
from refunds.states import CandidateState, CaseState

REQUEST, REVIEW = "refund.request", "refund.review"
WITHDRAWABLE = tuple(
    state for state in CaseState if state in ("DRAFT", "SUBMITTED", "RETURNED", "BUREAU_REVIEW", "BUREAU_APPROVED", "TAX_REVIEW")
)  # fmt: skip

ATTACHABLE = (CaseState.DRAFT, CaseState.RETURNED, CaseState.SUBMITTED, CaseState.PAY_FAILED)


class LinesDiffer(BureauError):
    """One case is decided by one desk under one set of terms."""

    code = "REFUND_LINES_DIFFER"
    message = gettext_noop("The payments of one case are of the same region and benefit year.")


class PapersMissing(BureauError):
    """The case cannot be looked at without them."""

    code = "REFUND_PAPERS_MISSING"
    message = gettext_noop("Papers are missing: %(papers)s.")


class ApplicantMissing(BureauError):
    """Who asks for another person says who they are."""

    code = "REFUND_APPLICANT_MISSING"
    message = gettext_noop("Please give the applicant's name and ID number.")


def preview(*, form: Form, on: date) -> list[Weighed]:
    """Would this be refunded? Changes nothing. Raises what weighing raises."""
    return list(weigh(wanted=dict.fromkeys(form.sources, stated(form, on))).values())


def draft(*, form: Form, by: User | None, at: datetime, client: ApiClient | None = None) -> RefundCase:
    """Open a case; nothing is reserved before it is submitted.

    Raises NoLines, LinesDiffer, ApplicantMissing, NotAllowed, OutOfScope, and what weighing raises.
    """
    _check_applicant(form, day_of(at))
    with (
        transaction.atomic(),
        audit.acting(by=by, why="open a refund case", partner=client.code if client else ""),
    ):
        if by is not None:
            # Before anything is said of money that may lie in another region.
            for region_id in sorted({one.region_id for one in collect(sources=form.sources).values()}):
                access.require(by, REQUEST, region_id)
        weighed = preview(form=form, on=day_of(at))
        _one_place(weighed)
        (number,) = steps.new_numbers(day_of(at), 1)
        case = new_case(number, form, weighed, at, client)
        case.save(force_insert=True)
        steps.write_steps([case], CaseState.DRAFT, by=by, at=at)
        RefundLine.objects.bulk_create(caselines.line_of(case, one) for one in weighed)
        account = form.account or weighed[0].money.account
        if form.account is not None:
            payees.check_account(case, form.account)
        if account is not None:
            original = form.account is None
            source = PayeeAccount.Source.ORIGINAL if original else PayeeAccount.Source.APPLICANT
            payees.add_account(case, account, source, None if original else by, at)
        return case


def attach(
    *, case_id: int, file: BinaryIO | bytes, kind: Paper, by: User | None, at: datetime, name: str = ""
) -> Attachment:
    """Keep a paper with a case that is being put together, or whose account is being corrected.

    Raises CaseUnknown, CaseMoved, and what pictures raise.
    """
    with transaction.atomic(), audit.acting(by=by, why="attach a paper", case=case_id):
        (case,), _lines = steps.locked([case_id], by)
        if by is not None:
            access.require(by, REQUEST, case.region_id)
        steps.check_state(case, ATTACHABLE)
        return attachments.store(
            file=file, subject=case, region_id=case.region_id, by=by, at=at, name=name, kind=kind.value
        )


def papers_missing(case: RefundCase, lines: Sequence[RefundLine]) -> list[Paper]:
    """What the case still needs before somebody looks at it."""
    wanted = needed(
        reason=RefundReason(case.reason),
        applicant=Applicant(case.applicant),
        account_known=payees.goes_back(case),
        in_register=all(line.facts.get("in_register", False) for line in lines),
    )
    return missing(wanted, attachments.of(case).values_list("kind", flat=True))


def submit(*, case_id: int, by: User | None, at: datetime) -> RefundCase:
    """Hand a draft or a returned case in: the decision is made anew and the money reserved.

    Raises CaseUnknown, CaseMoved, PapersMissing, AccountMissing, NothingLeft, NotAllowed, OutOfScope, YearNotPublished.
    """
    with transaction.atomic(), audit.acting(by=by, why="submit a refund", case=case_id):
        (case,), lines = steps.locked([case_id], by, with_money=True)
        if by is not None:
            access.require(by, REQUEST, case.region_id)
        steps.check_state(case, [CaseState.DRAFT, CaseState.RETURNED])
        caselines.refresh(case, lines[case.pk])
        lacking = papers_missing(case, lines[case.pk])
        if lacking:
            raise PapersMissing(
                papers=format_lazy("、".join(["{}"] * len(lacking)), *(PAPERS[one] for one in lacking))
            )
        if case.amount > 0 and not case.accounts.exists():
            raise payees.AccountMissing()
        on = day_of(at)
        target, limit = steps.clocks(terms=case.policy.values, on=on)
        steps.move(
            [case],
            CaseState.SUBMITTED,
            by=by,
            at=at,
            submitted_by=by,
            submitted_at=at,
            reviewed_by=None,
            reviewed_at=None,
            approved_by=None,
            approved_at=None,
            held_by=None,
            target_on=case.target_on or target,
            limit_on=case.limit_on or limit,
            round=case.round + 1,
            missing=[],
        )
        return case


def withdraw(*, case_id: int, words: str, by: User, at: datetime) -> RefundCase:
    """Take an application back before it is approved: who submitted it, or a supervisor of the region (Q05).

    Raises CaseUnknown, CaseMoved, ReasonNeeded, NotAllowed, OutOfScope.
    """
    reason = steps.words_of(words)
    with transaction.atomic(), audit.acting(by=by, why=reason, case=case_id):
        (case,), _lines = steps.locked([case_id], by)
        access.require(by, REQUEST, case.region_id)
        if case.submitted_by_id not in (None, by.pk) and Role.SUPERVISOR not in access.roles(by):
            raise access.NotAllowed(action="refund.withdraw")
        steps.check_state(case, WITHDRAWABLE)
        steps.move([case], CaseState.WITHDRAWN, by=by, at=at, words=reason, held_by=None)
        found = RefundCandidate.objects.filter(case=case)
        found.update(state=CandidateState.OPEN.value, case=None, decided_by=None, decided_at=None)
        return case


def _one_place(weighed: Sequence[Weighed]) -> None:
    if len({(one.money.region_id, one.money.benefit_year) for one in weighed}) != 1:
        raise LinesDiffer()


def _check_applicant(form: Form, today: date) -> None:
    """Who asks for somebody else is known by name and number, and so is their account's holder."""
    if form.applicant in (Applicant.SELF, Applicant.BUREAU):
        return
    if not form.applicant_name.strip() or not form.applicant_number.strip():
        raise ApplicantMissing()
    identities.check_number(RESIDENT, form.applicant_number.strip().upper(), today=today)

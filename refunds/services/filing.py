"""A case begins: drafted at the counter or by a partner, made of what the system found, handed in with its papers, withdrawn."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Q

from bureau import access, attachments, audit
from bureau.access import Role
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import RESIDENT
from bureau.models import ApiClient, Attachment, User
from bureau.money import ZERO
from bureau.names import fold_name
from enrollment.choices import RefundReason
from enrollment.models import Person
from enrollment.services import identities
from payments.models import OrderLine, Payment
from refunds.eligibility import Outcome, Payee
from refunds.models import PayeeAccount, RefundCandidate, RefundCase, RefundLine
from refunds.papers import Applicant, Paper, missing, needed
from refunds.services import steps
from refunds.services.deciding import Stated, Weighed, weigh
from refunds.services.facts import Account, Source, collect
from refunds.states import CandidateState, CaseState

REQUEST, REVIEW = "refund.request", "refund.review"
MOST_LINES = 20
WITHDRAWABLE = tuple(
    state for state in CaseState if state in ("DRAFT", "SUBMITTED", "RETURNED", "BUREAU_REVIEW", "BUREAU_APPROVED", "TAX_REVIEW")
)  # fmt: skip


class LinesDiffer(BureauError):
    """One case is decided by one desk under one set of terms."""

    code = "REFUND_LINES_DIFFER"
    message = gettext_noop("The payments of one case are of the same region and benefit year.")


class NoLines(BureauError):
    """Nothing is asked back."""

    code = "REFUND_NO_LINES"
    message = gettext_noop("A case names between one and %(most)s payments.")


class PapersMissing(BureauError):
    """The case cannot be looked at without them."""

    code = "REFUND_PAPERS_MISSING"
    message = gettext_noop("Papers are missing: %(papers)s.")


class AccountMissing(BureauError):
    """Nobody can be paid without an account."""

    code = "REFUND_ACCOUNT_MISSING"
    message = gettext_noop("Please give the account that the money goes to.")


class AccountNotAllowed(BureauError):
    """The account belongs to somebody whom this money is not owed to."""

    code = "REFUND_ACCOUNT_HOLDER"
    message = gettext_noop("The account is %(holder)s's; the money is owed to %(owed)s.")


class ApplicantMissing(BureauError):
    """Who asks for another person says who they are."""

    code = "REFUND_APPLICANT_MISSING"
    message = gettext_noop("Please give the applicant's name and ID number.")


class NotOwed(BureauError):
    """What was found is refused by a rule, as things stand now."""

    code = "REFUND_NOT_OWED"
    message = gettext_noop("By the rules nothing goes back now: %(words)s")


@dataclass(frozen=True)
class Form:
    """What somebody asks for, and who they are."""

    reason: RefundReason
    sources: Sequence[Source]
    applicant: Applicant = Applicant.SELF
    applicant_name: str = ""
    applicant_number: str = ""
    applicant_phone: str = ""
    event_date: date | None = None
    correct: Decimal | None = None
    claims_settled_on: date | None = None
    applied_on: date | None = None
    pay_again: bool = False
    account: Account | None = None
    note: str = ""
    reference: str = ""
    origin: str = "COUNTER"


def preview(*, form: Form, on: date) -> list[Weighed]:
    """Would this be refunded? Changes nothing. Raises what weighing raises."""
    stated = _stated(form, on)
    return list(weigh(wanted=dict.fromkeys(form.sources, stated)).values())


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
        case = _new_case(number, form, weighed, at, client)
        case.save(force_insert=True)
        steps.write_steps([case], CaseState.DRAFT, by=by, at=at)
        RefundLine.objects.bulk_create(line_of(case, one) for one in weighed)
        account = form.account or weighed[0].money.account
        if form.account is not None:
            check_holder(case, form.account.holder)
        if account is not None:
            original = form.account is None
            source = PayeeAccount.Source.ORIGINAL if original else PayeeAccount.Source.APPLICANT
            add_account(case, account, source, None if original else by, at)
        return case


def attach(
    *, case_id: int, file: BinaryIO | bytes, kind: Paper, by: User | None, at: datetime, name: str = ""
) -> Attachment:
    """Keep a paper with a case that is still being put together. Raises CaseUnknown, CaseMoved, and what pictures raise."""
    with transaction.atomic(), audit.acting(by=by, why="attach a paper", case=case_id):
        (case,), _lines = steps.locked([case_id], by)
        if by is not None:
            access.require(by, REQUEST, case.region_id)
        steps.check_state(case, [CaseState.DRAFT, CaseState.RETURNED, CaseState.SUBMITTED])
        return attachments.store(
            file=file, subject=case, region_id=case.region_id, by=by, at=at, name=name, kind=kind.value
        )


def papers_missing(case: RefundCase, lines: Sequence[RefundLine]) -> list[Paper]:
    """What the case still needs before somebody looks at it."""
    wanted = needed(
        reason=RefundReason(case.reason),
        applicant=Applicant(case.applicant),
        account_known=_goes_back(case),
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
        refresh(case, lines[case.pk])
        lacking = papers_missing(case, lines[case.pk])
        if lacking:
            raise PapersMissing(papers=", ".join(lacking))
        if case.amount > 0 and not case.accounts.exists():
            raise AccountMissing()
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


def open_found(
    *, forms: Mapping[int, Form], by: User, at: datetime
) -> tuple[dict[int, RefundCase], dict[int, BureauError]]:
    """Cases, submitted at once, of what the system found; ``forms`` by a number of the caller's. In one transaction of the
    caller; a wish that cannot be met is left out with its error.
    """
    stated = {key: _stated(form, day_of(at)) for key, form in forms.items()}
    sources = {key: form.sources[0] for key, form in forms.items()}
    steps.lock_money(list(sources.values()))
    weighed, errors = _weigh_each(sources, stated)
    for key, one in list(weighed.items()):
        if one.decision.outcome not in (Outcome.REFUND, Outcome.REVIEW):
            errors[key] = NotOwed(words=one.decision.explain_zh)
            del weighed[key]
    made: dict[int, RefundCase] = {}
    targets: dict[int, tuple[date, date]] = {}
    numbers = steps.new_numbers(day_of(at), len(weighed))
    for (key, one), number in zip(weighed.items(), numbers, strict=True):
        case = _new_case(number, forms[key], [one], at, None)
        if one.policy.pk not in targets:
            targets[one.policy.pk] = steps.clocks(terms=one.policy.values, on=day_of(at))
        case.target_on, case.limit_on = targets[one.policy.pk]
        case.state = CaseState.SUBMITTED.value
        case.submitted_by, case.submitted_at, case.round = by, at, 1
        made[key] = case
    RefundCase.objects.bulk_create(made.values())
    steps.write_steps(list(made.values()), CaseState.SUBMITTED, by=by, at=at)
    RefundLine.objects.bulk_create(line_of(made[key], one) for key, one in weighed.items())
    PayeeAccount.objects.bulk_create(
        _account_row(made[key], one.money.account, PayeeAccount.Source.ORIGINAL, 1, None, at)
        for key, one in weighed.items()
        if one.money.account is not None
    )
    return made, errors


def _weigh_each(
    sources: Mapping[int, Source], stated: Mapping[int, Stated]
) -> tuple[dict[int, Weighed], dict[int, BureauError]]:
    """All at once; where one fails, each by itself."""
    try:
        found = weigh(wanted={sources[key]: stated[key] for key in sources})
        return {key: found[source] for key, source in sources.items()}, {}
    except BureauError:
        weighed: dict[int, Weighed] = {}
        errors: dict[int, BureauError] = {}
        for key, source in sources.items():
            try:
                weighed[key] = weigh(wanted={source: stated[key]})[source]
            except BureauError as error:
                errors[key] = error
        return weighed, errors


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


def refresh(case: RefundCase, lines: Sequence[RefundLine]) -> bool:
    """Decide a case's lines again over the facts as they are now; True where something else comes out.

    Inside the caller's transaction, after its locks. Raises what weighing raises.
    """
    stated = stated_of(case)
    weighed = weigh(wanted={source_of(line): stated for line in lines}, but=[case.pk])
    changed = False
    for line in lines:
        one = weighed[source_of(line)]
        if not same(line, one):
            changed = True
            fresh = line_of(case, one)
            for name in ("amount", "outcome", "rule", "payee", "explain_zh", "explain_en", "facts"):
                setattr(line, name, getattr(fresh, name))
            line.save(
                update_fields=["amount", "outcome", "rule", "payee", "explain_zh", "explain_en", "facts"]
            )
    if changed:
        case.amount, case.payee = total_of(lines), payee_of(lines)
        case.save(update_fields=["amount", "payee"])
    return changed


def same(line: RefundLine, one: Weighed) -> bool:
    """Whether a line's decision is the one that comes out now; a person's own decision (MANUAL) stands."""
    decision = one.decision
    if decision.outcome == Outcome.REVIEW and line.outcome in (Outcome.REVIEW, Outcome.REFUND):
        return line.amount <= one.money.left
    return (line.outcome, line.rule, line.amount) == (decision.outcome.value, decision.rule, decision.amount)


def stated_of(case: RefundCase) -> Stated:
    """What the case's form says."""
    return Stated(
        RefundReason(case.reason),
        case.applied_on,
        case.event_date,
        case.correct_amount,
        case.claims_settled_on,
    )


def source_of(line: RefundLine) -> Source:
    """The money a line is about."""
    return Source(line.payment_id, line.duplicate_id)


def total_of(lines: Collection[RefundLine]) -> Decimal:
    """What all lines ask for."""
    return sum((line.amount for line in lines), ZERO)


def payee_of(lines: Sequence[RefundLine]) -> str:
    """Who gets it: the lines of a case agree, being of one reason and channel."""
    return next((line.payee for line in lines if line.payee), "")


def asked_of(one: Weighed) -> Decimal:
    """What a line reserves: the decision's amount; where a person must decide, what is above the right amount if that is
    known, else all that is left.
    """
    if one.decision.outcome != Outcome.REVIEW:
        return one.decision.amount
    money, correct = one.money, one.stated.correct
    above = money.paid - correct if correct is not None else money.left
    return min(above, money.left) if above > 0 else money.left


def line_of(case: RefundCase, one: Weighed) -> RefundLine:
    """A line with its decision."""
    decision, money = one.decision, one.money
    return RefundLine(
        case=case,
        region_id=money.region_id,
        person_id=money.person_id,
        payment_id=money.source.payment_id,
        duplicate_id=money.source.duplicate_id,
        receivable_id=money.receivable_id,
        paid=money.paid,
        paid_on=money.paid_on,
        channel=money.channel,
        amount=asked_of(one),
        outcome=decision.outcome.value,
        rule=decision.rule,
        payee=decision.payee.value,
        explain_zh=decision.explain_zh[:500],
        explain_en=decision.explain_en[:500],
        facts=one.facts | {"in_register": one.in_register},
    )


def _new_case(
    number: str, form: Form, weighed: Sequence[Weighed], at: datetime, client: ApiClient | None
) -> RefundCase:
    first = weighed[0]
    amounts = [asked_of(one) for one in weighed]
    again: Any = first.money.receivable_id if form.pay_again else None
    return RefundCase(
        number=number,
        region_id=first.money.region_id,
        person_id=first.money.person_id,
        benefit_year=first.money.benefit_year,
        reason=form.reason.value,
        origin="PARTNER" if client else form.origin,
        client=client,
        reference=form.reference,
        applicant=form.applicant.value,
        applicant_name=form.applicant_name.strip(),
        applicant_number=form.applicant_number.strip().upper(),
        applicant_phone=form.applicant_phone.strip(),
        note=form.note.strip()[:500],
        event_date=form.event_date,
        correct_amount=form.correct,
        claims_settled_on=form.claims_settled_on,
        applied_on=form.applied_on or day_of(at),
        again_receivable_id=again,
        policy=first.policy,
        amount=sum(amounts, ZERO),
        payee=next((one.decision.payee.value for one in weighed if one.decision.payee), ""),
        state_at=at,
        opened_at=at,
    )


def _stated(form: Form, on: date) -> Stated:
    if not 1 <= len(form.sources) <= MOST_LINES:
        raise NoLines(most=MOST_LINES)
    return Stated(form.reason, form.applied_on or on, form.event_date, form.correct, form.claims_settled_on)


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


def _goes_back(case: RefundCase) -> bool:
    return case.accounts.filter(source=PayeeAccount.Source.ORIGINAL).exists()


def check_holder(case: RefundCase, holder: str) -> None:
    """The money goes to the insured, to who may ask in their place, or to who paid. Raises AccountNotAllowed.

    Where it goes back to a medical account, the account is the channel's, whatever its name.
    """
    if case.payee == Payee.MEDICAL_ACCOUNT:
        return
    owed = [person.name for person in people_of(case)]
    if case.applicant in (Applicant.GUARDIAN, Applicant.HEIR):
        owed.append(case.applicant_name)
    if case.payee == Payee.PAYER:
        lines = case.lines.exclude(payment_id=None).values("payment_id")
        came_with = Payment.objects.filter(pk__in=lines).values("line_id")
        paid = OrderLine.objects.filter(Q(pk__in=came_with) | Q(pk__in=case.lines.values("duplicate_id")))
        owed += paid.order_by("pk").values_list("order__payer_name", flat=True)
    if fold_name(holder) not in {fold_name(name) for name in owed}:
        raise AccountNotAllowed(holder=holder, owed=", ".join(dict.fromkeys(owed)))


def add_account(
    case: RefundCase, account: Account, source: PayeeAccount.Source, by: User | None, at: datetime
) -> PayeeAccount:
    """The next account of a case; nobody made the one that money came from."""
    row = _account_row(case, account, source, case.accounts.count() + 1, by, at)
    row.save(force_insert=True)
    return row


def _account_row(
    case: RefundCase,
    account: Account,
    source: PayeeAccount.Source,
    number: int,
    by: User | None,
    at: datetime,
) -> PayeeAccount:
    return PayeeAccount(
        case=case,
        number=number,
        source=source,
        holder=account.holder.strip(),
        account=account.account.replace(" ", ""),
        bank_name=account.bank_name.strip(),
        cnaps=account.cnaps.strip(),
        made_by=by,
        made_at=at,
    )


def people_of(case: RefundCase) -> list[Person]:
    """The insured persons of a case's lines."""
    return list(Person.objects.filter(refund_lines__case=case).distinct().order_by("pk"))

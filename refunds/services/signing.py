"""Two signatures on a case or on a list of hundreds: the bureau's on the reason, the tax office's on the money.

Every case of a list is decided once: what somebody else decided meanwhile, or must not be decided by this person, is named
and left as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.proposals import SecondPersonNeeded
from enrollment.choices import RefundReason
from enrollment.models import EndReason, Enrollment
from enrollment.services import register
from enrollment.states import EnrollmentState
from payments.services import takebacks
from refunds.eligibility import Outcome, Payee
from refunds.models import PayeeAccount, RefundCase, RefundLimit, RefundLine
from refunds.models.choices import FUND_ACCOUNT, TREASURY
from refunds.services import caselines, payees, steps
from refunds.services.deciding import Stated, weigh
from refunds.services.facts import Money, Source, collect
from refunds.services.limits import Limits
from refunds.services.steps import Conflict, Done
from refunds.states import FOR_APPROVAL, FOR_REVIEW, CaseState

REVIEW, APPROVE = "refund.review", "refund.approve"
CHANGED = gettext_noop("what is known has changed: the refund was decided anew")
Lines = Mapping[int, Sequence[RefundLine]]
#: Who is refunded for one of these has left the scheme of this region: the enrolment ends with the cover.
LEAVES = {
    RefundReason.DEATH: EndReason.DEATH,
    RefundReason.EMPLOYEE: EndReason.EMPLOYEE,
    RefundReason.OTHER_REGION: EndReason.MOVED,
    RefundReason.ARMY: EndReason.ARMY,
    RefundReason.EMIGRATE: EndReason.EMIGRATED,
    RefundReason.PRISON: EndReason.PRISON,
}


class NotRefundable(BureauError):
    """The rules say no; a person cannot sign a yes."""

    code = "REFUND_REFUSED_BY_RULE"
    message = gettext_noop("Rule %(rule)s refuses this refund: reject the case.")


class AmountNeeded(BureauError):
    """A person decides this one, and says how much."""

    code = "REFUND_AMOUNT_NEEDED"
    message = gettext_noop("This case is decided by hand: give an amount of at most %(most)s yuan.")


class DecisionChanged(BureauError):
    """What is known now leads to another decision than the one that was handed in."""

    code = "REFUND_DECISION_CHANGED"
    message = gettext_noop("The facts have changed since: decide case %(number)s again.")


class NotInTreasury(BureauError):
    """What the treasury does not have it cannot give back: such a case would wait for ever."""

    code = "REFUND_NOT_IN_TREASURY"
    message = gettext_noop(
        "The treasury has not confirmed the money of case %(number)s: it is paid from the fund account."
    )


class AccountUnconfirmed(BureauError):
    """A second person looks at every account."""

    code = "REFUND_ACCOUNT_UNCONFIRMED"
    message = gettext_noop(
        "You wrote down the account of case %(number)s yourself: somebody else reviews it."
    )


def take(*, case_id: int, by: User, at: datetime) -> RefundCase:
    """Take a case into one's hands, at the desk whose turn it is.

    Raises CaseUnknown, CaseMoved, CaseTaken, SecondPersonNeeded, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="take a refund", case=case_id):
        (case,), _lines = steps.locked([case_id], by)
        steps.check_hand(case, by)
        steps.check_state(case, [CaseState.SUBMITTED, CaseState.BUREAU_APPROVED])
        bureau = case.state == CaseState.SUBMITTED
        access.require(by, REVIEW if bureau else APPROVE, case.region_id)
        _other_hands(case, by)
        to = CaseState.BUREAU_REVIEW if bureau else CaseState.TAX_REVIEW
        steps.move([case], to, by=by, at=at, held_by=by)
        return case


def put_back(*, case_id: int, by: User, at: datetime) -> RefundCase:
    """Put a case that one has in hand back into its queue. Raises CaseUnknown, CaseMoved, CaseTaken."""
    with transaction.atomic(), audit.acting(by=by, why="put a refund back", case=case_id):
        (case,), _lines = steps.locked([case_id], by)
        steps.check_state(case, [CaseState.BUREAU_REVIEW, CaseState.TAX_REVIEW])
        steps.check_hand(case, by)
        bureau = case.state == CaseState.BUREAU_REVIEW
        to = CaseState.SUBMITTED if bureau else CaseState.BUREAU_APPROVED
        steps.move([case], to, by=by, at=at, held_by=None)
        return case


def review(
    *, case_ids: Collection[int], by: User, at: datetime, amounts: Mapping[int, Decimal] | None = None
) -> Done:
    """The bureau's signature: the reason holds, the account was looked at. ``amounts``: of cases decided by hand.

    Conflicts: CaseMoved, CaseTaken, SecondPersonNeeded, OverLimit, NotRefundable, AmountNeeded, DecisionChanged,
    AccountUnconfirmed, MoneyGone. Raises CaseUnknown, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="review refunds"):
        cases, lines = steps.locked(case_ids, by)
        _require(cases, REVIEW, by)
        by_hand = dict(amounts or {})
        limits = Limits(desk=RefundLimit.Desk.REVIEW, by=by, on=day_of(at))
        accounts = _accounts(cases)

        def check(case: RefundCase) -> None:
            steps.check_state(case, FOR_REVIEW)
            steps.check_hand(case, by)
            _other_hands(case, by)
            limits.check(case.region_id, by_hand.get(case.pk, case.amount))
            _check_decision(case, lines[case.pk], by_hand.get(case.pk))
            account = accounts.get(case.pk)
            if account is None:
                raise payees.AccountMissing()
            if account.confirmed_by_id is None and account.made_by_id == by.pk:
                raise AccountUnconfirmed(number=case.number)

        fit, conflicts = steps.sort_out(cases, check)
        fit, stale = _still_so(fit, lines)
        for case in fit:
            if case.pk in by_hand:
                _decide_by_hand(case, lines[case.pk], by_hand[case.pk])
        fresh = [accounts[case.pk].pk for case in fit if accounts[case.pk].confirmed_by_id is None]
        PayeeAccount.objects.filter(pk__in=fresh).update(confirmed_by=by, confirmed_at=at)
        steps.move(fit, CaseState.BUREAU_APPROVED, by=by, at=at, reviewed_by=by, reviewed_at=at, held_by=None)
        return Done(fit, [*conflicts, *stale])


def approve(*, case_ids: Collection[int], by: User, at: datetime, route: str = "") -> Done:
    """The tax office's signature: the money is there and goes back. Cover ends, the receivable is open again.

    ``route`` empty: from the treasury where the treasury has confirmed the money, else from the fund account. Conflicts:
    CaseMoved, CaseTaken, SecondPersonNeeded, OverLimit, DecisionChanged, MoneyGone, NotInTreasury. Raises CaseUnknown,
    NotAllowed, OutOfScope, GoneAlready.
    """
    with transaction.atomic(), audit.acting(by=by, why="approve refunds"):
        cases, lines = steps.locked(case_ids, by, with_money=True)
        _require(cases, APPROVE, by)
        limits = Limits(desk=RefundLimit.Desk.APPROVE, by=by, on=day_of(at))

        def check(case: RefundCase) -> None:
            steps.check_state(case, FOR_APPROVAL)
            steps.check_hand(case, by)
            _other_hands(case, by)
            limits.check(case.region_id, case.amount)

        fit, conflicts = steps.sort_out(cases, check)
        fit, stale = _still_so(fit, lines)
        money = collect(sources=[caselines.source_of(line) for case in fit for line in lines[case.pk]])

        def check_route(case: RefundCase) -> None:
            if route == TREASURY and not _has_vouchers(lines[case.pk], money):
                raise NotInTreasury(number=case.number)

        fit, elsewhere = steps.sort_out(fit, check_route)
        _give_back(fit, lines, money, by, at)
        _end_enrolments(fit, lines, by, at)
        for chosen in (TREASURY, FUND_ACCOUNT):
            mine = [case for case in fit if _route(case, lines[case.pk], money, route) == chosen]
            steps.move(
                mine,
                CaseState.TAX_APPROVED,
                by=by,
                at=at,
                approved_by=by,
                approved_at=at,
                held_by=None,
                route=chosen,
            )
        return Done(fit, [*conflicts, *stale, *elsewhere])


def send_back(
    *, case_ids: Collection[int], words: str, by: User, at: datetime, missing: Sequence[str] = ()
) -> Done:
    """Return cases for papers that are missing, with the list of them, from either desk. Raises ReasonNeeded, as above."""
    reason = steps.words_of(words)
    return _turn_down(case_ids, CaseState.RETURNED, reason, by, at, missing=list(missing))


def reject(*, case_ids: Collection[int], words: str = "", by: User, at: datetime) -> Done:
    """Refuse cases for good, from either desk: with the rule's own sentence, or with ``words``.

    Conflicts as for signing, ReasonNeeded where neither a rule nor a person says why.
    """
    with transaction.atomic(), audit.acting(by=by, why="reject refunds"):
        cases, lines = steps.locked(case_ids, by)
        conflicts: list[Conflict] = []
        done: list[RefundCase] = []
        for case in cases:
            refused = [line for line in lines[case.pk] if line.outcome == Outcome.REFUSE]
            reason = " ".join(words.split()) or next((line.explain_zh for line in refused), "")
            fit, clash = steps.sort_out([case], lambda one, reason=reason: _may_turn_down(one, reason, by))  # type: ignore[misc]
            conflicts += clash
            if fit:
                steps.move(
                    fit,
                    CaseState.REJECTED,
                    by=by,
                    at=at,
                    words=reason[: steps.WORDS_LENGTH],
                    details={"rules": sorted({line.rule for line in refused})},
                    held_by=None,
                )
                done += fit
        return Done(done, conflicts)


def decide_again(*, case_id: int, by: User, at: datetime) -> RefundCase:
    """Put what is known now in the place of a decision that has changed; the case goes back to the start of its review.

    Raises CaseUnknown, CaseMoved, NothingLeft, MoneyGone, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="decide a refund again", case=case_id):
        (case,), lines = steps.locked([case_id], by, with_money=True)
        steps.check_state(case, [*FOR_REVIEW, *FOR_APPROVAL])
        access.require(by, REVIEW if case.state in FOR_REVIEW else APPROVE, case.region_id)
        caselines.refresh(case, lines[case.pk])
        if case.state in FOR_APPROVAL:
            if case.state == CaseState.TAX_REVIEW:
                steps.check_hand(case, by)
            steps.move(
                [case],
                CaseState.RETURNED,
                by=by,
                at=at,
                words=CHANGED,
                held_by=None,
                reviewed_by=None,
                reviewed_at=None,
            )
        return case


def _turn_down(
    case_ids: Collection[int],
    to: CaseState,
    reason: str,
    by: User,
    at: datetime,
    **fields: object,
) -> Done:
    with transaction.atomic(), audit.acting(by=by, why=reason):
        cases, _lines = steps.locked(case_ids, by)
        fit, conflicts = steps.sort_out(cases, lambda case: _may_turn_down(case, reason, by))
        steps.move(
            fit, to, by=by, at=at, words=reason, details={"missing": fields.get("missing", [])},
            held_by=None, reviewed_by=None, reviewed_at=None, **fields,
        )  # fmt: skip
        return Done(fit, conflicts)


def _may_turn_down(case: RefundCase, reason: str, by: User) -> None:
    steps.check_state(case, [*FOR_REVIEW, *FOR_APPROVAL])
    access.require(by, REVIEW if case.state in FOR_REVIEW else APPROVE, case.region_id)
    steps.check_hand(case, by)
    _other_hands(case, by)
    steps.words_of(reason)


def _require(cases: Sequence[RefundCase], action: str, by: User) -> None:
    for region_id in sorted({case.region_id for case in cases}):
        access.require(by, action, region_id)


def _other_hands(case: RefundCase, by: User) -> None:
    """Nobody signs what they asked for or signed before."""
    signed = {case.submitted_by_id}
    if case.state in FOR_APPROVAL:
        signed.add(case.reviewed_by_id)
    if by.pk in signed:
        raise SecondPersonNeeded()


def _accounts(cases: Sequence[RefundCase]) -> dict[int, PayeeAccount]:
    """The latest account of each case."""
    rows = PayeeAccount.objects.filter(case_id__in=[case.pk for case in cases]).order_by("case_id", "number")
    return {row.case_id: row for row in rows}


def _check_decision(case: RefundCase, lines: Sequence[RefundLine], amount: Decimal | None) -> None:
    for line in lines:
        if line.outcome == Outcome.REFUSE:
            raise NotRefundable(rule=line.rule)
    if any(line.outcome == Outcome.REVIEW for line in lines):
        most = sum((line.amount for line in lines), Decimal("0.00"))
        if amount is None or not 0 < amount <= most or (len(lines) > 1 and amount != most):
            raise AmountNeeded(most=f"{most:.2f}")


def _decide_by_hand(case: RefundCase, lines: Sequence[RefundLine], amount: Decimal) -> None:
    for line in lines:
        if line.outcome == Outcome.REVIEW:
            line.outcome = Outcome.REFUND.value
            line.amount = amount if len(lines) == 1 else line.amount
            line.payee = line.payee or Payee.PAYER.value
            line.save(update_fields=["outcome", "amount", "payee"])
    case.amount, case.payee = caselines.total_of(lines), caselines.payee_of(lines)
    case.save(update_fields=["amount", "payee"])


def _still_so(cases: Sequence[RefundCase], lines: Lines) -> tuple[list[RefundCase], list[Conflict]]:
    """The cases whose decision comes out the same from the facts as they are now."""
    known: dict[Source, Stated] = {}
    for case in cases:
        known |= dict.fromkeys(
            (caselines.source_of(line) for line in lines[case.pk]), caselines.stated_of(case)
        )
    ids = [case.pk for case in cases]
    try:
        all_now = weigh(wanted=known, but=ids) if len(known) == sum(len(lines[key]) for key in ids) else None
    except BureauError:
        all_now = None

    def check(case: RefundCase) -> None:
        mine = {caselines.source_of(line): line for line in lines[case.pk]}
        stated = dict.fromkeys(mine, caselines.stated_of(case))
        now = all_now if all_now is not None else weigh(wanted=stated, but=[case.pk])
        if not all(caselines.same(line, now[source]) for source, line in mine.items()):
            raise DecisionChanged(number=case.number)

    return steps.sort_out(cases, check)


def _give_back(
    cases: Sequence[RefundCase], lines: Lines, money: Mapping[Source, Money], by: User, at: datetime
) -> None:
    """What goes back whole carries nothing any more; a difference leaves the payment where it is, and so does aid."""
    whole = [
        takebacks.GivenBack(line.pk, case.number, line.payment_id, line.duplicate_id)
        for case in cases
        for line in lines[case.pk]
        # `held` counts every live case, this one too.
        if case.reason != RefundReason.AID_DIFF and money[caselines.source_of(line)].left == 0
    ]
    takebacks.give_back(items=whole, on=day_of(at), by=by, at=at)


def _end_enrolments(cases: Sequence[RefundCase], lines: Lines, by: User, at: datetime) -> None:
    leaving = {
        line.person_id: (case, LEAVES[RefundReason(case.reason)])
        for case in cases
        if RefundReason(case.reason) in LEAVES
        for line in lines[case.pk]
        if line.payment_id is not None
    }
    rows = Enrollment.objects.select_for_update(of=("self",)).filter(person_id__in=leaving)
    for enrollment in rows.exclude(state=EnrollmentState.ENDED).select_related("person").order_by("pk"):
        case, end_reason = leaving[enrollment.person_id]
        if enrollment.region_id == case.region_id:
            register.end_locked(
                enrollment,
                on=max(case.event_date or day_of(at), enrollment.started_on),
                end_reason=end_reason,
                reason=f"refund {case.number}",
                by=by,
                at=at,
            )


def _route(case: RefundCase, lines: Sequence[RefundLine], money: Mapping[Source, Money], wanted: str) -> str:
    if wanted in (TREASURY, FUND_ACCOUNT):
        return wanted
    return TREASURY if _has_vouchers(lines, money) else FUND_ACCOUNT


def _has_vouchers(lines: Sequence[RefundLine], money: Mapping[Source, Money]) -> bool:
    return all(money[caselines.source_of(line)].tax_number for line in lines)

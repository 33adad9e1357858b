"""Whether, how much and to whom a payment goes back: one pure decision over a region's terms and the facts of a payment.

The rules stand in their order in :func:`decide`; the first that fits is the decision (design: domain 5.2). The same
function answers the counter's question, the interface for partners and the case.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bureau.errors import BureauError, gettext_noop
from enrollment.choices import AidApplies, CorrectionMode, RefundCutoff, RefundReason
from refunds.wording import told

ZERO = Decimal("0.00")


class Outcome(StrEnum):
    """What becomes of a wish to have money back."""

    REFUND = "REFUND"
    REFUSE = "REFUSE"
    VOID = "VOID"
    BANK_CASE = "BANK_CASE"
    REVIEW = "REVIEW"


class Payee(StrEnum):
    """Who gets the money; nobody where nothing is refunded."""

    PAYER = "PAYER"
    HEIR = "HEIR"
    MEDICAL_ACCOUNT = "MEDICAL_ACCOUNT"
    NOBODY = ""


class MoneyState(StrEnum):
    """How far the money has come."""

    DECLARED_UNPAID = "DECLARED_UNPAID"
    DEBITED_NOT_POSTED = "DEBITED_NOT_POSTED"
    SETTLED = "SETTLED"
    IN_TREASURY = "IN_TREASURY"


class RuleCode(StrEnum):
    """Rules that are no reason of the applicant's."""

    UNSETTLED_VOID = "UNSETTLED_VOID"
    BANK_RETURNS = "BANK_RETURNS"
    MANUAL = "MANUAL"
    CLAIMS_PAID = "CLAIMS_PAID"
    NOT_ELIGIBLE_WHEN_PAID = "NOT_ELIGIBLE_WHEN_PAID"
    AFTER_START = "AFTER_START"
    AID_NEXT_YEAR = "AID_NEXT_YEAR"
    NOTHING_OVER = "NOTHING_OVER"


#: A claim settled on this cover does not stand against these: no cover rests on the money, or part of it was never due.
CLAIMS_DO_NOT_MATTER = frozenset({RefundReason.DUP_PAY, RefundReason.BANK_ERROR, RefundReason.AID_DIFF})
#: A person decides these (design: domain 5.2, rule 3).
BY_HAND = frozenset({RefundReason.GRADE, RefundReason.STUDENT})
#: A family member's medical account is paid back to that account.
SHARED_ACCOUNT = "FAMILY_SHARE"


class NotAReason(BureauError):
    """NOT_ELIGIBLE_WHEN_PAID is what the bureau finds, not what somebody asks for."""

    code = "REFUND_REASON_FOUND_ONLY"
    message = gettext_noop("%(reason)s is found by the bureau; an application gives the reason EMPLOYEE.")


class AmountNotPaid(BureauError):
    """A refund without a payment."""

    code = "REFUND_AMOUNT_NOT_PAID"
    message = gettext_noop("Nothing was paid: %(amount)s.")


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """What a region says of refunds; the defaults are those of the bureau."""

    cutoff: RefundCutoff = RefundCutoff.PERSON_START
    after_start_reasons: Collection[RefundReason] = (
        RefundReason.DUP_PAY,
        RefundReason.AID_DIFF,
        RefundReason.BANK_ERROR,
        RefundReason.CLERK_ERROR,
        RefundReason.LATE_MISTAKE,
        RefundReason.NOT_ELIGIBLE_WHEN_PAID,
    )
    aid_applies: AidApplies = AidApplies.THIS_YEAR
    correction_mode: CorrectionMode = CorrectionMode.FULL
    claims_block: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """A payment and what is asked; amounts in yuan.

    `cover_start` is the first day of the cover that rests on the payment, None where there is none; `event_date`
    the day of death, of joining the employee scheme, or of the aid list; `aid` what aid would have carried;
    `correct` what would have been right to pay; `claims_settled_on` the day of a claim settled on this cover.
    """

    benefit_year: int
    paid: Decimal
    paid_on: date
    money_state: MoneyState
    channel: str
    reason: RefundReason
    applied_on: date
    cover_start: date | None = None
    event_date: date | None = None
    aid: Decimal | None = None
    correct: Decimal | None = None
    claims_settled_on: date | None = None

    def __post_init__(self) -> None:
        if self.reason == RefundReason.NOT_ELIGIBLE_WHEN_PAID:
            raise NotAReason(reason=self.reason.value)
        if self.paid <= 0:
            raise AmountNotPaid(amount=str(self.paid))


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision: `amount` is 0.00 and `payee` empty unless it is a refund; `rule` names why."""

    outcome: Outcome
    rule: str
    amount: Decimal = ZERO
    payee: Payee = Payee.NOBODY
    explain_zh: str = ""
    explain_en: str = ""


def cutoff_day(terms: RefundTerms, facts: Facts) -> date | None:
    """From which day cover counts as begun; None where nothing has begun (no cover rests on the payment)."""
    if facts.cover_start is None:
        return None
    if terms.cutoff == RefundCutoff.YEAR_JAN1:
        return date(facts.benefit_year, 1, 1)
    return facts.cover_start


def tested_day(facts: Facts) -> date:
    """The day that is held against the cutoff: of death where that is the reason, else of the application."""
    if facts.reason == RefundReason.DEATH and facts.event_date is not None:
        return facts.event_date
    return facts.applied_on


def decide(terms: RefundTerms, facts: Facts) -> Decision:
    """The first rule that fits (design: domain 5.2)."""
    outcome, rule, amount = _first_rule(terms, facts)
    payee = _payee(facts) if outcome == Outcome.REFUND else Payee.NOBODY
    words: dict[str, Any] = {
        "rule": rule,
        "outcome": outcome.value,
        "reason": facts.reason.value,
        "amount": amount,
        "paid": facts.paid,
        "paid_on": facts.paid_on,
        "payee": payee.value,
        "begun": cutoff_day(terms, facts),
        "tested": tested_day(facts),
        "event": facts.event_date,
        "claim": facts.claims_settled_on,
        "year": facts.benefit_year,
    }
    return Decision(outcome, rule, amount, payee, told(chinese=True, **words), told(chinese=False, **words))


def _first_rule(terms: RefundTerms, facts: Facts) -> tuple[Outcome, str, Decimal]:
    if facts.money_state == MoneyState.DECLARED_UNPAID:
        return Outcome.VOID, RuleCode.UNSETTLED_VOID.value, ZERO
    if facts.money_state == MoneyState.DEBITED_NOT_POSTED:
        return Outcome.BANK_CASE, RuleCode.BANK_RETURNS.value, ZERO
    if facts.reason == RefundReason.VOLUNTARY:
        return Outcome.REFUSE, facts.reason.value, ZERO
    if facts.reason in BY_HAND:
        return Outcome.REVIEW, RuleCode.MANUAL.value, ZERO
    if terms.claims_block and facts.claims_settled_on and facts.reason not in CLAIMS_DO_NOT_MATTER:
        return Outcome.REFUSE, RuleCode.CLAIMS_PAID.value, ZERO
    if _was_employee(terms, facts):
        return Outcome.REFUND, RuleCode.NOT_ELIGIBLE_WHEN_PAID.value, facts.paid
    begun = cutoff_day(terms, facts)
    if begun is not None and tested_day(facts) >= begun and facts.reason not in terms.after_start_reasons:
        return Outcome.REFUSE, RuleCode.AFTER_START.value, ZERO
    return _amount(terms, facts)


def _was_employee(terms: RefundTerms, facts: Facts) -> bool:
    """Employee cover was normal on the day of paying, and the region gives such money back at any time."""
    return (
        facts.reason == RefundReason.EMPLOYEE
        and facts.event_date is not None
        and facts.event_date <= facts.paid_on
        and RefundReason.NOT_ELIGIBLE_WHEN_PAID in terms.after_start_reasons
    )


def _amount(terms: RefundTerms, facts: Facts) -> tuple[Outcome, str, Decimal]:
    """What goes back once nothing stands against it (rules 7 and 8)."""
    amount = facts.paid
    if facts.reason == RefundReason.AID_DIFF:
        if facts.aid is None or (facts.event_date is None and terms.aid_applies == AidApplies.NEXT_YEAR):
            return Outcome.REVIEW, RuleCode.MANUAL.value, ZERO
        listed_after = facts.event_date is not None and facts.event_date > facts.paid_on
        if listed_after and terms.aid_applies == AidApplies.NEXT_YEAR:
            return Outcome.REFUSE, RuleCode.AID_NEXT_YEAR.value, ZERO
        amount = min(facts.paid, facts.aid)
    elif (
        facts.reason == RefundReason.CLERK_ERROR
        and terms.correction_mode == CorrectionMode.DIFFERENCE
        and facts.correct is not None
    ):
        amount = facts.paid - facts.correct
    if amount <= 0:
        return Outcome.REFUSE, RuleCode.NOTHING_OVER.value, ZERO
    return Outcome.REFUND, facts.reason.value, amount


def _payee(facts: Facts) -> Payee:
    """The heir on death, whatever the channel; the medical account it came from; else who paid."""
    if facts.reason == RefundReason.DEATH:
        return Payee.HEIR
    return Payee.MEDICAL_ACCOUNT if facts.channel == SHARED_ACCOUNT else Payee.PAYER

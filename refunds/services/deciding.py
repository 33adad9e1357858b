"""The decision over our own facts: the same pure rule for the counter's question, the partners and the case."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bureau.errors import BureauError, gettext_noop
from enrollment.choices import RefundReason
from enrollment.models import Policy
from enrollment.policy import Terms
from enrollment.services import policies
from refunds.eligibility import Decision, Facts, MoneyState, RefundTerms, decide
from refunds.services.facts import Money, Source, collect

InForce = tuple[Policy, RefundTerms]
#: What the register itself may prove.
IN_REGISTER = frozenset({RefundReason.DEATH, RefundReason.EMPLOYEE, RefundReason.AID_DIFF})


class NotPaidTwice(BureauError):
    """The payment carries the year: what was paid besides is another one."""

    code = "REFUND_NOT_A_DUPLICATE"
    message = gettext_noop(
        "Payment %(payment)s carries the year: only what was paid besides it goes back as paid twice."
    )


class NothingLeft(BureauError):
    """Other cases hold all of it, or it has gone back."""

    code = "REFUND_NOTHING_LEFT"
    message = gettext_noop("Of payment %(payment)s nothing is left to refund: %(held)s yuan are spoken for.")


class MoneyGone(BureauError):
    """The bank, the channel or a swap was faster."""

    code = "REFUND_MONEY_GONE"
    message = gettext_noop("Payment %(payment)s was taken back or swapped on %(day)s.")


@dataclass(frozen=True)
class Stated:
    """What the applicant says, with proof, where the register does not know better."""

    reason: RefundReason
    applied_on: date
    event_date: date | None = None
    correct: Decimal | None = None
    claims_settled_on: date | None = None


@dataclass(frozen=True)
class Weighed:
    """Money, what was decided of it and by which terms."""

    money: Money
    stated: Stated
    decision: Decision
    policy: Policy
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def in_register(self) -> bool:
        """Whether the register proves the reason, so that no paper is needed."""
        reason, money = self.stated.reason, self.money
        if reason == RefundReason.DEATH:
            return money.death_date is not None
        if reason == RefundReason.EMPLOYEE:
            return (money.employee_then or money.employee_later) is not None
        return reason == RefundReason.AID_DIFF and money.aid is not None


def terms_of(terms: Terms) -> RefundTerms:
    """What a region's policy says of refunds."""
    return RefundTerms(
        cutoff=terms.refund_cutoff,
        after_start_reasons=terms.after_start_reasons,
        aid_applies=terms.aid_applies,
        correction_mode=terms.correction_mode,
        claims_block=terms.claims_block,
    )


def event_of(money: Money, stated: Stated) -> date | None:
    """The day of the event: the register's, else the one that was stated."""
    if stated.reason == RefundReason.DEATH:
        return money.death_date or stated.event_date
    if stated.reason == RefundReason.EMPLOYEE:
        return money.employee_then or stated.event_date or money.employee_later
    if stated.reason == RefundReason.AID_DIFF:
        return money.aid_listed_on or stated.event_date
    return stated.event_date


def weigh(*, wanted: Mapping[Source, Stated], but: Collection[int] = ()) -> dict[Source, Weighed]:
    """Decide each wish over the facts as they are now; ``but``: cases whose own hold does not count.

    Raises MoneyUnknown, MoneyGone, NothingLeft, NotPaidTwice, NoPolicy.
    """
    money = collect(sources=wanted.keys(), but=but)
    terms: dict[tuple[str, int], InForce] = {}
    return {source: weigh_one(money[source], stated, terms) for source, stated in wanted.items()}


def weigh_one(money: Money, stated: Stated, known: dict[tuple[str, int], InForce]) -> Weighed:
    """The decision of one wish; ``known`` keeps the policies that were read. Raises as :func:`weigh`."""
    place = money.region_id, money.benefit_year
    if place not in known:
        policy = policies.in_force(*place)
        known[place] = policy, terms_of(policy.values)
    if money.gone_on is not None:
        raise MoneyGone(payment=str(money.source), day=money.gone_on.isoformat())
    if stated.reason == RefundReason.DUP_PAY and money.source.duplicate_id is None:
        raise NotPaidTwice(payment=str(money.source))
    if money.left <= 0:
        raise NothingLeft(payment=str(money.source), held=f"{money.held:.2f}")
    facts = Facts(
        benefit_year=money.benefit_year,
        paid=money.left,
        paid_on=money.paid_on,
        money_state=MoneyState.IN_TREASURY if money.tax_number else MoneyState.SETTLED,
        channel=money.channel,
        reason=stated.reason,
        applied_on=stated.applied_on,
        cover_start=money.cover_start,
        event_date=event_of(money, stated),
        aid=money.aid,
        correct=stated.correct,
        claims_settled_on=stated.claims_settled_on,
    )
    policy, terms = known[place]
    return Weighed(money, stated, decide(terms, facts), policy, told(facts))


def told(facts: Facts) -> dict[str, Any]:
    """The facts as JSON values, as a case keeps them."""
    values: Iterable[tuple[str, Any]] = (
        ("benefit_year", facts.benefit_year),
        ("paid", f"{facts.paid:.2f}"),
        ("paid_on", facts.paid_on.isoformat()),
        ("money_state", facts.money_state.value),
        ("channel", facts.channel),
        ("applied_on", facts.applied_on.isoformat()),
        ("cover_start", facts.cover_start and facts.cover_start.isoformat()),
        ("event_date", facts.event_date and facts.event_date.isoformat()),
        ("aid", None if facts.aid is None else f"{facts.aid:.2f}"),
        ("correct", None if facts.correct is None else f"{facts.correct:.2f}"),
        ("claims_settled_on", facts.claims_settled_on and facts.claims_settled_on.isoformat()),
    )
    return {name: value for name, value in values if value is not None}

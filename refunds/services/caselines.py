"""The lines of a case: the money each is about, its decision, and whether that decision still comes out."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from bureau.money import ZERO
from enrollment.choices import RefundReason
from refunds.eligibility import Outcome
from refunds.models import RefundCase, RefundLine
from refunds.services.deciding import Stated, Weighed, weigh
from refunds.services.facts import Source


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

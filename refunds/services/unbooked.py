"""Money of a person that no payment stands for: declared and never debited, or debited and never posted. The same decision says
what becomes of it (void, or returned by the bank): nothing that anybody could apply for.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bureau import access
from bureau.clock import day_of
from bureau.models import User
from enrollment.choices import RefundReason
from enrollment.models import Person
from payments.models import Channel, DebitCase, OrderLine
from payments.states import DebitCaseState, OrderState
from refunds.eligibility import Decision, Facts, MoneyState, RefundTerms, decide

WAITING = (DebitCaseState.OPEN, DebitCaseState.ESCALATED)
DECLARED = (OrderState.OPEN, OrderState.ASKED)
CHANNELS = dict(Channel.choices)


@dataclass(frozen=True)
class Unbooked:
    """What is declared or debited, and what is decided of it."""

    person: Person
    day: date
    amount: Decimal
    channel: str
    decision: Decision


def unbooked_of(*, person: Person, on: date, by: User | None = None, region_id: str = "") -> list[Unbooked]:
    """Everything of ``person`` that is not in the books, in the regions of ``by`` or in one region; newest first."""
    lines = OrderLine.objects.filter(person=person, order__state__in=DECLARED).select_related("order")
    debits = DebitCase.objects.filter(person=person, state__in=WAITING)
    if by is not None:
        lines, debits = access.for_user(lines, by), access.for_user(debits, by)
    if region_id:
        lines, debits = lines.filter(region=region_id), debits.filter(region=region_id)
    found = [
        _weighed(
            person,
            day_of(line.order.opened_at),
            line.amount,
            line.order.channel,
            MoneyState.DECLARED_UNPAID,
            on,
        )
        for line in lines
    ]
    found += [
        _weighed(
            person,
            row.debited_on or day_of(row.opened_at),
            row.amount,
            row.channel,
            MoneyState.DEBITED_NOT_POSTED,
            on,
        )
        for row in debits
        if row.amount > 0
    ]
    return sorted(found, key=lambda one: one.day, reverse=True)


def _weighed(
    person: Person, day: date, amount: Decimal, channel: str, state: MoneyState, on: date
) -> Unbooked:
    facts = Facts(
        benefit_year=day.year,
        paid=amount,
        paid_on=day,
        money_state=state,
        channel=channel,
        reason=RefundReason.BANK_ERROR,
        applied_on=on,
    )
    return Unbooked(person, day, amount, str(CHANNELS.get(channel, channel)), decide(RefundTerms(), facts))

"""The way it came: on the day of the debit a supervisor has the channel return what a case asks back, and the case is over."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bureau import access, audit
from bureau.clock import day_of
from bureau.models import User
from bureau.proposals import SecondPersonNeeded
from payments.services import channelreversals
from refunds.eligibility import Outcome
from refunds.models import RefundCase, RefundLine
from refunds.models.choices import ORIGINAL_PATH
from refunds.services import filing, steps
from refunds.services.facts import Money, collect
from refunds.states import FOR_REVIEW, CaseState

REVIEW = "refund.review"


def possible(*, lines: Sequence[RefundLine], on: date) -> bool:
    """Whether all money of these lines may go back whole, the way it came, on the day ``on``."""
    if not all(
        line.outcome == Outcome.REFUND and line.amount == line.paid and line.paid_on == on for line in lines
    ):
        return False
    money = collect(sources=[filing.source_of(line) for line in lines]).values()
    return bool(lines) and all(
        channelreversals.can(line_id=one.line_id, debited_on=one.paid_on, on=on) for one in money
    )


def take_back(*, case_id: int, by: User, at: datetime) -> RefundCase:
    """Have the channel return every payment of a case, and end it. Who did not ask for it does this, and nobody else's sign
    is needed: no money leaves the fund.

    What one channel returned stays returned where another is silent; asking again goes on from there. Raises CaseUnknown,
    CaseMoved, CaseTaken, SecondPersonNeeded, NotAllowed, OutOfScope, ChannelCannotReturn, ChannelSilent.
    """
    with transaction.atomic():
        case, lines = _mine(case_id, by)
        if not possible(lines=lines, on=day_of(at)):
            raise channelreversals.ChannelCannotReturn()
        money = collect(sources=[filing.source_of(line) for line in lines])
    for one in money.values():
        _give_back(one, at)
    with transaction.atomic(), audit.acting(by=by, why="the way it came", case=case_id):
        case, _lines = _mine(case_id, by)
        steps.move(
            [case],
            CaseState.CLOSED,
            by=by,
            at=at,
            words=_("returned by the channel, the way it came"),
            paid_on=day_of(at),
            route=ORIGINAL_PATH,
            reviewed_by=by,
            reviewed_at=at,
            held_by=None,
        )
        return case


def _mine(case_id: int, by: User) -> tuple[RefundCase, list[RefundLine]]:
    (case,), lines = steps.locked([case_id], by)
    access.require(by, REVIEW, case.region_id)
    steps.check_state(case, FOR_REVIEW)
    steps.check_hand(case, by)
    if case.submitted_by_id == by.pk:
        raise SecondPersonNeeded()
    return case, lines[case.pk]


def _give_back(money: Money, at: datetime) -> None:
    number = money.source.payment_id or money.source.duplicate_id or 0
    channelreversals.give_back(payment_id=number, line_id=money.line_id, debited_on=money.paid_on, at=at)

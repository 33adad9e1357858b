"""The way it came: on the day of the debit the tax office, approving, has the channel return what a case asks back, and the case
is over: asked, reviewed and approved by three persons like any other.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import gettext_noop
from bureau.models import User
from bureau.proposals import SecondPersonNeeded
from payments.services import channelreversals
from refunds.eligibility import Outcome
from refunds.models import RefundCase, RefundLimit, RefundLine
from refunds.models.choices import ORIGINAL_PATH
from refunds.services import caselines, steps
from refunds.services.facts import Money, collect
from refunds.services.limits import Limits
from refunds.states import FOR_APPROVAL, CaseState

APPROVE = "refund.approve"
WORDS = gettext_noop("returned by the channel, the way it came")


def possible(*, lines: Sequence[RefundLine], on: date) -> bool:
    """Whether all money of these lines may go back whole, the way it came, on the day ``on``."""
    if not all(
        line.outcome == Outcome.REFUND and line.amount == line.paid and line.paid_on == on for line in lines
    ):
        return False
    money = collect(sources=[caselines.source_of(line) for line in lines]).values()
    return bool(lines) and all(
        channelreversals.can(line_id=one.line_id, debited_on=one.paid_on, on=on) for one in money
    )


def take_back(*, case_id: int, by: User, at: datetime) -> RefundCase:
    """Approve a reviewed case by having the channel return every payment of it, and end it: no money leaves the fund.

    What one channel returned stays returned where another is silent; asking again goes on from there. Raises CaseUnknown,
    CaseMoved, CaseTaken, SecondPersonNeeded, OverLimit, NotAllowed, OutOfScope, ChannelCannotReturn, ChannelSilent.
    """
    with transaction.atomic():
        case, lines = _mine(case_id, by)
        Limits(desk=RefundLimit.Desk.APPROVE, by=by, on=day_of(at)).check(case.region_id, case.amount)
        if not possible(lines=lines, on=day_of(at)):
            raise channelreversals.ChannelCannotReturn()
        money = collect(sources=[caselines.source_of(line) for line in lines])
    for one in money.values():
        _give_back(one, at)
    with transaction.atomic(), audit.acting(by=by, why="the way it came", case=case_id):
        case, _lines = _mine(case_id, by)
        steps.move(
            [case],
            CaseState.CLOSED,
            by=by,
            at=at,
            words=WORDS,
            paid_on=day_of(at),
            route=ORIGINAL_PATH,
            approved_by=by,
            approved_at=at,
            held_by=None,
        )
        return case


def _mine(case_id: int, by: User) -> tuple[RefundCase, list[RefundLine]]:
    (case,), lines = steps.locked([case_id], by)
    access.require(by, APPROVE, case.region_id)
    steps.check_state(case, FOR_APPROVAL)
    steps.check_hand(case, by)
    if by.pk in (case.submitted_by_id, case.reviewed_by_id):
        raise SecondPersonNeeded()
    return case, lines[case.pk]


def _give_back(money: Money, at: datetime) -> None:
    number = money.source.payment_id or money.source.duplicate_id or 0
    channelreversals.give_back(payment_id=number, line_id=money.line_id, debited_on=money.paid_on, at=at)

"""The clocks of refunds: who is late, reminders as rows, cases that end by themselves (design: domain 5.2)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from bureau import audit
from bureau.clock import day_of
from bureau.errors import gettext_noop
from payments.models import Reversal
from payments.models.payments import FIRST_REFUND
from refunds.models import RefundCase, RefundLine, RefundReminder
from refunds.services import steps
from refunds.states import FOR_APPROVAL, FOR_REVIEW, PAYING, RUNNING, CaseState

ANSWER_DAYS = 5
"""Working days until somebody asks the bank what became of a payout."""
KEPT_OPEN = timedelta(days=30)
"""So long a bank may still send paid money back."""
DESKS: dict[str, str] = (
    {state.value: "supervisor" for state in FOR_REVIEW}
    | {state.value: "tax_officer" for state in (*FOR_APPROVAL, CaseState.TAX_APPROVED, *PAYING)}
    | {state.value: "clerk" for state in (CaseState.RETURNED, CaseState.PAY_FAILED)}
)


@dataclass(frozen=True)
class Ticked:
    """What a round of the clock did."""

    reminded: int
    closed: int
    given_up: int


def tick(*, at: datetime) -> Ticked:
    """Remind the desks of what is late, close what arrived long ago, end what the bank or the channel took back itself.

    Repeating it does nothing twice: a reminder stands once for a case, a kind and a step.
    """
    with transaction.atomic(), audit.acting(by=None, why="clocks of refunds"):
        return Ticked(_remind(at), _close(at), _taken_back(at))


def _remind(at: datetime) -> int:
    today = day_of(at)
    late = RefundCase.objects.filter(state__in=RUNNING, target_on__lt=today).order_by("pk")
    rows = [
        _reminder(case, kind, due, at)
        for case in late
        for kind, due in (("TARGET", case.target_on), ("LIMIT", case.limit_on))
        if due is not None and due < today
    ]
    silent = RefundCase.objects.filter(state__in=PAYING, payout_at__isnull=False).order_by("pk")
    for case in silent:
        due = steps.workdays_after(day_of(case.payout_at or at), ANSWER_DAYS)
        if due < today:
            rows.append(_reminder(case, "PAYOUT", due, at))
    before = RefundReminder.objects.count()
    RefundReminder.objects.bulk_create(rows, ignore_conflicts=True)
    return RefundReminder.objects.count() - before


def _reminder(case: RefundCase, kind: str, due: date, at: datetime) -> RefundReminder:
    return RefundReminder(
        case=case,
        region_id=case.region_id,
        kind=kind,
        step=case.state,
        desk=DESKS[case.state],
        due_on=due,
        reminded_at=at,
    )


def _close(at: datetime) -> int:
    rows = RefundCase.objects.select_for_update(of=("self",)).filter(
        state=CaseState.PAID, state_at__lt=at - KEPT_OPEN
    )
    cases = list(rows.order_by("pk"))
    steps.move(cases, CaseState.CLOSED, by=None, at=at)
    return len(cases)


def _taken_back(at: datetime) -> int:
    """The original path: what the channel or the bank took back while the case was waiting needs no payout."""
    open_states = [CaseState.RETURNED, *FOR_REVIEW, *FOR_APPROVAL]
    gone = Reversal.objects.filter(line_id__lt=FIRST_REFUND)
    lines = RefundLine.objects.filter(case__state__in=open_states).filter(
        Q(payment_id__in=gone.exclude(payment_id=None).values("payment_id"))
        | Q(duplicate_id__in=gone.exclude(duplicate_id=None).values("duplicate_id"))
    )
    done = 0
    for key in sorted(set(lines.values_list("case_id", flat=True))):
        (case,), mine = steps.locked([key], None, with_money=True)
        about = Q(payment_id__in=[line.payment_id for line in mine[key] if line.payment_id])
        about |= Q(duplicate_id__in=[line.duplicate_id for line in mine[key] if line.duplicate_id])
        days = list(gone.filter(about).order_by("pk").values_list("reversed_on", flat=True))
        if len(days) == len(mine[key]) and case.state in open_states:
            words = gettext_noop("taken back by the bank or the channel itself")
            steps.move([case], CaseState.CLOSED, by=None, at=at, words=words, paid_on=max(days), held_by=None)
            done += 1
    return done

"""What refunds tell the apps below, when asked: whether one is under way for a payment or a duplicate; and what they do when
a duplicate carries the year.
"""

from datetime import datetime

from django.db.models import Q

from bureau.errors import gettext_noop
from bureau.models import User
from payments.services import comparisons, promised, swaps
from refunds.models import RefundCandidate, RefundLine
from refunds.states import APPROVED, NOT_RESERVING, CandidateState

CARRIES = gettext_noop("carries the year by now: nothing goes back")


def under_way(payment_id: int | None, duplicate_id: int) -> str:
    """The number of a case that holds money of the payment or the duplicate and was not given up; else nothing.

    Asked under the person's lock, which whoever submits a case takes as well.
    """
    about = Q(duplicate_id=duplicate_id)
    if payment_id is not None:
        about |= Q(payment_id=payment_id)
    lines = RefundLine.objects.filter(about).exclude(case__state__in=NOT_RESERVING)
    return lines.order_by("pk").values_list("case__number", flat=True).first() or ""


def approved(payment_id: int | None, duplicate_id: int | None) -> str:
    """The number of an approved case that gives this money back, or a part of it, by a payout of ours; else nothing.

    Asked under the person's lock, which whoever approves takes as well.
    """
    lines = RefundLine.objects.filter(payment_id=payment_id, duplicate_id=duplicate_id)
    ours = Q(case__state__in=APPROVED) | Q(case__state="CLOSED", case__payout_by__isnull=False)
    return lines.filter(ours).order_by("pk").values_list("case__number", flat=True).first() or ""


def put_away(duplicate_id: int, by: User, at: datetime) -> None:
    """What the system found to be owed back is not, since the duplicate carries the year."""
    RefundCandidate.objects.filter(duplicate_id=duplicate_id, state=CandidateState.OPEN).update(
        state=CandidateState.DISMISSED.value, decided_by=by, decided_at=at, words=CARRIES
    )


comparisons.guard("refunds", under_way)
promised.guard("refunds", approved)
swaps.following("refunds", put_away)

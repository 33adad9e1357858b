"""What refunds tell the apps below, when asked: whether one is under way for a payment or a duplicate."""

from django.db.models import Q

from payments.services import swaps
from refunds.models import RefundLine
from refunds.states import NOT_RESERVING


def under_way(payment_id: int | None, duplicate_id: int) -> str:
    """The number of a case that holds money of the payment or the duplicate and was not given up; else nothing.

    Asked under the person's lock, which whoever submits a case takes as well.
    """
    about = Q(duplicate_id=duplicate_id)
    if payment_id is not None:
        about |= Q(payment_id=payment_id)
    lines = RefundLine.objects.filter(about).exclude(case__state__in=NOT_RESERVING)
    return lines.order_by("pk").values_list("case__number", flat=True).first() or ""


swaps.guard("refunds", under_way)

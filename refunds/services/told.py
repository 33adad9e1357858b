"""Who got money back is told: messages ask the query registered here, payments knows nothing of refunds (decision 014)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bureau.clock import day_of
from payments.models import Event
from payments.services import messages

_PAID_OUT = """
SELECT l.id AS subject_id, l.region_id, l.person_id, c.benefit_year AS year, l.amount, c.paid_on AS day,
       CAST(%(on)s AS date) + 7 AS until
  FROM refunds_refundline l
  JOIN refunds_refundcase c ON c.id = l.case_id
 WHERE c.state IN ('PAID', 'CLOSED') AND c.paid_on > CAST(%(on)s AS date) - 7 AND l.outcome = 'REFUND'
"""


def paid_out(at: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
    """Refunds whose money arrived in the last week, line by line."""
    yield _PAID_OUT, {"on": day_of(at)}


messages.register(Event.REFUND_PAID, paid_out)

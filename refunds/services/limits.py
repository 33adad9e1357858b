"""How much a desk may decide: the nearest region's latest limit; above it, only somebody of the office above."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from bureau import access
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region, User
from refunds.models import RefundLimit

_NEAREST = """
WITH RECURSIVE up (code, parent_id, distance) AS (
  SELECT code, parent_id, 0 FROM bureau_region WHERE code = %(region)s
  UNION ALL
  SELECT r.code, r.parent_id, up.distance + 1 FROM bureau_region r JOIN up ON r.code = up.parent_id
)
SELECT l.most
  FROM refunds_refundlimit l LEFT JOIN up ON up.code = l.region_id
 WHERE l.desk = %(desk)s AND l.valid_from <= %(on)s AND (l.region_id IS NULL OR up.code IS NOT NULL)
 ORDER BY up.distance NULLS LAST, l.valid_from DESC
 LIMIT 1
"""


class OverLimit(BureauError):
    """More than this office may sign."""

    code = "REFUND_OVER_LIMIT"
    message = gettext_noop(
        "Your office signs up to %(most)s yuan; this case of %(amount)s yuan is for the office above."
    )


class Limits:
    """The limits of one desk for one signer on one day, read once a region."""

    def __init__(self, *, desk: RefundLimit.Desk, by: User, on: date) -> None:
        self._desk, self._by, self._on = desk, by, on
        self._most: dict[str, Decimal | None] = {}
        self._above: dict[str, bool] = {}

    def check(self, region_id: str, amount: Decimal) -> None:
        """Raises OverLimit."""
        if region_id not in self._most:
            self._most[region_id] = most_of(desk=self._desk, region_id=region_id, on=self._on)
            self._above[region_id] = self._signs_above(region_id)
        most = self._most[region_id]
        if most is not None and amount > most and not self._above[region_id]:
            raise OverLimit(most=f"{most:.2f}", amount=f"{amount:.2f}")

    def _signs_above(self, region_id: str) -> bool:
        parent: Any = Region.objects.values_list("parent_id", flat=True).get(pk=region_id)
        return parent is not None and access.in_scope(self._by, parent)


def most_of(*, desk: RefundLimit.Desk, region_id: str, on: date) -> Decimal | None:
    """The limit of a desk in a region on a day; None: no limit is set."""
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, {"region": region_id, "desk": desk.value, "on": on})
        row = cursor.fetchone()
    return None if row is None else row[0]

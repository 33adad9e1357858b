"""How much a desk may decide: the nearest region's latest limit; above it, only somebody of the office above.

A limit is proposed by one supervisor and approved by another, from a day on; what held before stays as it was.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, Region, User
from refunds.models import RefundLimit

KIND, ACTION = "refund.limit", "refund.limit"

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


class LimitInThePast(BureauError):
    """What was signed was signed under the limit of its day."""

    code = "REFUND_LIMIT_PAST"
    message = gettext_noop("A limit holds from %(today)s on at the earliest.")


class LimitSame(BureauError):
    """Nothing would change."""

    code = "REFUND_LIMIT_SAME"
    message = gettext_noop("This is the limit already.")


class LimitTaken(BureauError):
    """One limit for a desk and day, one proposal at a time."""

    code = "REFUND_LIMIT_TAKEN"
    message = gettext_noop("There is a limit for this desk and day already, or a proposal for one.")


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


def propose(
    *,
    desk: RefundLimit.Desk,
    region_id: str,
    most: Decimal,
    valid_from: date,
    reason: str,
    by: User,
    at: datetime,
) -> Proposal:
    """Propose up to how many yuan a desk of a region decides from a day on; a second supervisor approves.

    Raises LimitInThePast, LimitSame, LimitTaken, NotAllowed, OutOfScope.
    """
    try:
        with transaction.atomic(), audit.acting(by=by, why=reason or "propose a limit", region=region_id):
            access.require(by, ACTION, region_id)
            if valid_from < day_of(at):
                raise LimitInThePast(today=day_of(at).isoformat())
            before = most_of(desk=desk, region_id=region_id, on=valid_from)
            if before == most:
                raise LimitSame()
            if RefundLimit.objects.filter(desk=desk, region_id=region_id, valid_from=valid_from).exists():
                raise LimitTaken()
            region = Region.objects.get(pk=region_id)
            return proposals.propose(
                kind=KIND,
                subject=region,
                region_id=region_id,
                title=f"{region.name} {desk.label}",
                difference={
                    "desk": desk.value,
                    "most": [None if before is None else f"{before:.2f}", f"{most:.2f}"],
                    "valid_from": valid_from.isoformat(),
                },
                reason=reason,
                by=by,
                at=at,
            )
    except IntegrityError as error:
        if "proposal_one_open" in str(error):
            raise LimitTaken() from None
        raise


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    """The limit counts from its day on, or from today where that day has passed meanwhile."""
    told = proposal.difference
    day = max(date.fromisoformat(told["valid_from"]), day_of(at))
    row = RefundLimit(
        region_id=proposal.region_id, desk=told["desk"], most=Decimal(told["most"][1]), valid_from=day
    )
    if RefundLimit.objects.filter(region_id=row.region_id, desk=row.desk, valid_from=day).exists():
        raise LimitTaken()
    row.save(force_insert=True)


proposals.register(proposals.Kind(KIND, _("limit of a signature"), ACTION, _approve))

"""Changes of the register: written by who makes them, in their transaction; pulled by who depends on them.

``after`` hands out what was committed since a mark, in one order that never grows in the middle: rows of
transactions that still run, and of later ones, wait for the next call.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models.expressions import Func

from bureau.models import User
from enrollment.models import Change, ChangeKind

MOST = 5_000


class Mark(NamedTuple):
    """How far somebody has pulled: the transaction and the number of the last change taken."""

    xid: int = 0
    number: int = 0


START = Mark()


class _OldestRunning(Func):
    """The number below which every transaction has ended."""

    template = "((pg_snapshot_xmin(pg_current_snapshot()))::text)::bigint"
    output_field = models.BigIntegerField()
    arity = 0


def record(
    *,
    kind: ChangeKind,
    person_id: int,
    region_id: str,
    on: date,
    by: User | None,
    at: datetime,
    enrollment_id: int | None = None,
    reason: str = "",
    **details: Any,
) -> Change:
    """Write down that something happened to a person, inside the transaction that makes it happen.

    ``details`` are values of JSON, with numbers of certificates masked already.
    """
    return Change.objects.create(
        kind=kind.value,
        person_id=person_id,
        region_id=region_id,
        enrollment_id=enrollment_id,
        effective_on=on,
        details=_plain(details),
        reason=reason[:300],
        made_by=by,
        made_at=at,
    )


def _plain(details: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in details.items()}


def after(mark: Mark, most: int = MOST) -> list[Change]:
    """The changes committed after ``mark``, oldest first, at most ``most`` of them."""
    later = models.Q(xid__gt=mark.xid) | models.Q(xid=mark.xid, id__gt=mark.number)
    rows = Change.objects.filter(later, xid__lt=_OldestRunning()).order_by("xid", "id")
    return list(rows[:most])


def mark_of(change: Change) -> Mark:
    """The mark after taking ``change``."""
    return Mark(change.xid, change.pk)

"""Closing an accounting day of a region: what is processed for it afterwards is held for a supervisor."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.models import ClosedDay


class DayNotOver(BureauError):
    """A day still to come cannot be closed."""

    code = "DAY_NOT_OVER"
    message = gettext_noop("%(day)s is still to come: only today and earlier days can be closed.")


class DayAlreadyClosed(BureauError):
    """Closed before; a closed day stays closed."""

    code = "DAY_ALREADY_CLOSED"
    message = gettext_noop("%(day)s was already closed by %(who)s.")


def close_day(*, region_id: str, day: date, by: User, at: datetime) -> ClosedDay:
    """Close ``day`` for ``region_id``; there is no way back.

    Raises DayNotOver, DayAlreadyClosed, NotAllowed, OutOfScope.
    """
    try:
        with transaction.atomic(), audit.acting(by=by, why="close an accounting day"):
            access.require(by, "day.close", region_id)
            if day > day_of(at):
                raise DayNotOver(day=day.isoformat())
            return ClosedDay.objects.create(region_id=region_id, day=day, closed_by=by, closed_at=at)
    except IntegrityError as error:
        earlier = ClosedDay.objects.filter(region_id=region_id, day=day).select_related("closed_by").first()
        if earlier is None:
            raise
        raise DayAlreadyClosed(day=day.isoformat(), who=earlier.closed_by.username) from error

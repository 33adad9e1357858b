"""Money debited and not posted (已扣费未入账): every such work item has a case with the bank's clock of three working days.

Cases are pulled from the work items, so whatever finds the money need not know of them. A case closes by the return in a
statement (settlements.py), by a later booking, or when a person resolves its work item; when the clock has run out it is the
bureau's turn (design: domain 5.1, P02). The same pull finds duplicates whose carrying payment was taken back: nothing carries
the year, and the payer's money is here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bureau import audit
from bureau.calendars import load_calendar
from bureau.clock import day_of
from bureau.workdays import YearNotPublished
from payments.services import statements


@dataclass(frozen=True)
class Pulled:
    """What a pull did: cases opened, closed as booked or explained, and those whose clock ran out."""

    opened: int
    booked: int
    explained: int
    escalated: int

    @property
    def changed(self) -> int:
        """Cases touched."""
        return self.opened + self.booked + self.explained + self.escalated


def pull(*, at: datetime) -> Pulled:
    """Open, close and escalate cases by what the work items say at ``at``. Safe to repeat: a second pull changes nothing."""
    with transaction.atomic(), audit.acting(by=None, why="debits not posted"), connection.cursor() as cursor:
        # One pull at a time: two files that end at the same moment would open the same cases.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.debitcases'))")
        values: dict[str, Any] = {"at": at, "today": day_of(at)}
        statements.run(cursor, "duplicates_left", due_on=_soon(day_of(at)))
        return Pulled(
            opened=statements.run(cursor, "cases_open", **values),
            booked=statements.run(cursor, "cases_booked", **values),
            explained=statements.run(cursor, "cases_explained", **values),
            escalated=statements.run(cursor, "cases_escalate", **values),
        )


def _soon(today: date) -> date:
    """The next working day; the next day where the year's calendar is not published yet."""
    try:
        return load_calendar(today, today + timedelta(days=21)).add_workdays(today, 1)
    except YearNotPublished:
        return today + timedelta(days=1)

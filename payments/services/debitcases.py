"""Money debited and not posted (已扣费未入账): every such work item has a case with the bank's clock of three working days.

Cases are pulled from the work items, so whatever finds the money need not know of them. A case closes by the return in a
statement (settlements.py), by a later booking, or when a person resolves its work item; when the clock has run out it is the
bureau's turn (design: domain 5.1, P02).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from bureau import audit
from bureau.clock import day_of
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
        return Pulled(
            opened=statements.run(cursor, "cases_open", **values),
            booked=statements.run(cursor, "cases_booked", **values),
            explained=statements.run(cursor, "cases_explained", **values),
            escalated=statements.run(cursor, "cases_escalate", **values),
        )

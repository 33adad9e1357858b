"""Money debited and not posted (已扣费未入账): every such work item has a case with the bank's clock of three working days.

Cases are pulled from the work items, so whatever finds the money need not know of them. A case closes by the return in a
statement (settlements.py), by a later booking (the bank's answer may come after its statement), or when a person resolves its
work item; when the clock has run out it is the bureau's turn (design: domain 5.1, P02). The same pull finds duplicates whose
carrying payment was taken back: nothing carries the year, and the payer's money is here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bureau import audit
from bureau.calendars import load_calendar
from bureau.clock import day_of
from bureau.workdays import YearNotPublished
from payments.models import Ours, WorkItem, WorkKind
from payments.models.payments import FIRST_REFUND
from payments.services import coverdates, statements, swaps
from payments.services.comparisons import refund_of
from payments.states import WorkState

AT_ONCE = 5_000


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
        statements.run(cursor, "duplicates_over")
        _duplicates_left(at)
        opened = statements.run(cursor, "cases_open", **values)
        _stated_first(at)
        return Pulled(
            opened=opened,
            booked=statements.run(cursor, "cases_booked", **values),
            explained=statements.run(cursor, "cases_explained", **values),
            escalated=statements.run(cursor, "cases_escalate", **values),
        )


def _stated_first(at: datetime) -> None:
    """What a statement told before the bank's answer did is at home, or on the answer's own case; another date only where cover
    would begin on the same day.
    """
    ends: dict[str, list[int]] = {"BOOKED_BY_LATER_FILE": [], "ON_ANOTHER_CASE": []}
    for row in statements.rows("stated_first"):
        kind, ours, theirs = row["kind"], row["on_day"], row["happened_on"]
        if kind == Ours.CASE:
            ends["ON_ANOTHER_CASE"].append(row["item_id"])
        elif ours == theirs or not coverdates.differs(kind=kind, key=row["id"], ours=ours, theirs=theirs):
            ends["BOOKED_BY_LATER_FILE"].append(row["item_id"])
    for words, items in ends.items():
        # A whole statement may have come first.
        for nth in range(0, len(items), AT_ONCE):
            some = WorkItem.objects.filter(pk__in=items[nth : nth + AT_ONCE])
            some.exclude(state=WorkState.RESOLVED).update(
                state=WorkState.RESOLVED.value, resolved_at=at, resolution=words
            )


def _duplicates_left(at: datetime) -> None:
    """A work item for each, unless it is about to go back by the same refund as what carried the year."""
    left = [
        row
        for row in statements.rows("duplicates_left")
        if row["taken_by"] < FIRST_REFUND or not refund_of(None, row["line_id"])
    ]
    if left:
        WorkItem.objects.bulk_create(
            [
                WorkItem(
                    kind=WorkKind.REVERSED,
                    region_id=row["region_id"],
                    person_id=row["person_id"],
                    line_id=row["line_id"],
                    amount=row["amount"],
                    reason=swaps.LEFT,
                    due_on=_soon(day_of(at)),
                    opened_at=at,
                )
                for row in left
            ],
            ignore_conflicts=True,
        )


def _soon(today: date) -> date:
    """The next working day; the next day where the year's calendar is not published yet."""
    try:
        return load_calendar(today, today + timedelta(days=21)).add_workdays(today, 1)
    except YearNotPublished:
        return today + timedelta(days=1)

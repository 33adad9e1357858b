"""Unsettled money (未入库) by stage, channel, owner and age: declared, debited, debited and not posted; who must move it next.

Declared: somebody is collecting, nothing is debited (orders that are open, instructions without an answer). Debited: posted,
and the treasury has not confirmed it; the channel's until its working days are over, then the tax office's. Not posted: the
bank's for three working days, then the bureau's.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, QuerySet, Sum

from bureau import access
from bureau.clock import day_of
from bureau.models import User
from payments.models import DayCut, DebitBatch, DebitCase, Order
from payments.states import BatchState, DebitCaseState, FileState, OrderState

EDGES = (1, 3, 10)
"""Ages in days: up to 1, up to 3, up to 10, more."""
BATCH = "BANK_BATCH"


class Stage(StrEnum):
    """How far the money is."""

    DECLARED = "DECLARED"
    NOT_POSTED = "NOT_POSTED"
    DEBITED = "DEBITED"


class Owner(StrEnum):
    """Who must move it next."""

    CHANNEL = "CHANNEL"
    BANK = "BANK"
    TAX = "TAX"
    BUREAU = "BUREAU"


@dataclass
class Row:
    """Lines and yuan of a stage, channel and owner, by age."""

    stage: Stage
    channel: str
    owner: Owner
    lines: list[int]
    amounts: list[Decimal]

    @property
    def number(self) -> int:
        """All lines."""
        return sum(self.lines)

    @property
    def amount(self) -> Decimal:
        """All yuan."""
        return sum(self.amounts, start=Decimal(0))


@dataclass(frozen=True)
class Item:
    """An order, a batch, a case, or a channel's day in a region: since when how many lines and yuan of it wait, and for whom;
    ``due_on`` where a day is known. ``reference``: the order's number, the batch, the case.
    """

    stage: Stage
    channel: str
    owner: Owner
    region_id: str
    since: date
    lines: int
    amount: Decimal
    reference: str = ""
    due_on: date | None = None


def summary(*, user: User, on: date) -> list[Row]:
    """The rows for a person's regions on a day, by stage, oldest money first within it."""
    rows: dict[tuple[Stage, str, Owner], Row] = {}
    for item in items(user=user, on=on):
        key = (item.stage, item.channel, item.owner)
        empty = len(EDGES) + 1
        row = rows.setdefault(key, Row(*key, [0] * empty, [Decimal(0)] * empty))
        place = age_place((on - item.since).days)
        row.lines[place] += item.lines
        row.amounts[place] += item.amount
    order = list(Stage)
    return sorted(rows.values(), key=lambda row: (order.index(row.stage), row.owner, row.channel))


def age_place(days: int) -> int:
    """Which column an age belongs to."""
    return sum(days > edge for edge in EDGES)


def items(*, user: User, on: date) -> Iterator[Item]:
    """Everything that waits in a person's regions on a day, stage by stage."""
    yield from _orders(access.for_user(Order.objects.all(), user))
    yield from _batches(access.for_user(DebitBatch.objects.all(), user))
    yield from _cases(access.for_user(DebitCase.objects.all(), user), on)
    yield from _cuts(access.for_user(DayCut.objects.all(), user), on)


def _orders(orders: QuerySet[Order]) -> Iterator[Item]:
    live = orders.filter(state__in=[OrderState.OPEN, OrderState.ASKED]).order_by("pk")
    for one in live.only("channel", "region_id", "opened_at", "amount", "number").iterator():
        since = day_of(one.opened_at)
        yield Item(
            Stage.DECLARED, one.channel, Owner.CHANNEL, one.region_id, since, 1, one.amount, one.number
        )


def _batches(batches: QuerySet[DebitBatch]) -> Iterator[Item]:
    """What no file of a batch answered, by the reports of its files."""
    waiting: dict[int, tuple[DebitBatch, int, Decimal]] = {}
    sent = batches.filter(state=BatchState.RELEASED).order_by("pk").prefetch_related("files")
    for batch in sent:
        answered, amount = 0, Decimal(0)
        for file in batch.files.all():
            if file.state == FileState.APPLIED:
                said = file.report.get("answered", {})
                answered += said.get("lines", 0)
                amount += Decimal(said.get("amount", "0.00"))
        waiting[batch.pk] = (batch, batch.lines - answered, batch.amount - amount)
    released = _released(list(waiting))
    for key, (batch, lines, left) in waiting.items():
        gone, money = released[key]
        if lines - gone > 0:
            yield Item(
                Stage.DECLARED,
                BATCH,
                Owner.BANK,
                batch.region_id,
                batch.debit_from,
                lines - gone,
                left - money,
                batch.title,
            )


def _released(batches: Sequence[int]) -> dict[int, tuple[int, Decimal]]:
    found: dict[int, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    rows = (
        DebitBatch.objects.filter(pk__in=batches, releases__isnull=False)
        .values("pk")
        .annotate(lines=Count("releases"), money=Sum("releases__instruction__amount"))
    )
    for row in rows:
        found[row["pk"]] = (row["lines"], row["money"])
    return found


def _cases(cases: QuerySet[DebitCase], on: date) -> Iterator[Item]:
    live = cases.filter(state__in=[DebitCaseState.OPEN, DebitCaseState.ESCALATED]).order_by("pk")
    for one in live.iterator():
        owner = Owner.BANK if one.due_on >= on else Owner.BUREAU
        since = one.debited_on or day_of(one.opened_at)
        yield Item(
            Stage.NOT_POSTED,
            one.channel,
            owner,
            one.region_id,
            since,
            1,
            one.amount,
            one.ref or one.serial,
            one.due_on,
        )


def _cuts(cuts: QuerySet[DayCut], on: date) -> Iterator[Item]:
    for one in cuts.filter(unsettled_lines__gt=0).order_by("day", "pk").iterator():
        owner = Owner.CHANNEL if one.expected_on >= on else Owner.TAX
        yield Item(
            Stage.DEBITED,
            one.channel,
            owner,
            one.region_id,
            one.day,
            one.unsettled_lines,
            one.unsettled,
            due_on=one.expected_on,
        )

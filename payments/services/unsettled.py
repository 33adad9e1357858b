"""Unsettled money (未入库) by stage, channel, owner and age: declared, debited, debited and not posted; who must move it next.

Declared: somebody is collecting, nothing is debited (orders that are open, instructions without an answer). Debited: posted,
and the treasury has not confirmed it; the channel's until its working days are over, then the tax office's. Not posted: the
bank's for three working days, then the bureau's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

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


Found = tuple[Stage, str, Owner, date, int, Decimal]


def summary(*, user: User, on: date) -> list[Row]:
    """The rows for a person's regions on a day, by stage, oldest money first within it."""
    rows: dict[tuple[Stage, str, Owner], Row] = {}
    for stage, channel, owner, since, lines, amount in _all(user, on):
        key = (stage, channel, owner)
        empty = len(EDGES) + 1
        row = rows.setdefault(key, Row(stage, channel, owner, [0] * empty, [Decimal(0)] * empty))
        place = age_place((on - since).days)
        row.lines[place] += lines
        row.amounts[place] += amount
    order = list(Stage)
    return sorted(rows.values(), key=lambda row: (order.index(row.stage), row.owner, row.channel))


def age_place(days: int) -> int:
    """Which column an age belongs to."""
    return sum(days > edge for edge in EDGES)


def _all(user: User, on: date) -> Iterable[Found]:
    yield from _orders(access.for_user(Order.objects.all(), user))
    yield from _batches(access.for_user(DebitBatch.objects.all(), user))
    yield from _cases(access.for_user(DebitCase.objects.all(), user), on)
    yield from _cuts(access.for_user(DayCut.objects.all(), user), on)


def _orders(orders: QuerySet[Order]) -> Iterable[Found]:
    live = orders.filter(state__in=[OrderState.OPEN, OrderState.ASKED])
    for channel, opened_at, amount in live.values_list("channel", "opened_at", "amount").iterator():
        yield Stage.DECLARED, channel, Owner.CHANNEL, day_of(opened_at), 1, amount


def _batches(batches: QuerySet[DebitBatch]) -> Iterable[Found]:
    """What no file of a batch answered, by the reports of its files."""
    waiting: dict[int, list[Any]] = {}
    sent = batches.filter(state=BatchState.RELEASED).prefetch_related("files")
    for batch in sent:
        answered, amount = 0, Decimal(0)
        for file in batch.files.all():
            if file.state == FileState.APPLIED:
                said = file.report.get("answered", {})
                answered += said.get("lines", 0)
                amount += Decimal(said.get("amount", "0.00"))
        waiting[batch.pk] = [batch.debit_from, batch.lines - answered, batch.amount - amount]
    released = _released(list(waiting))
    for key, (since, lines, left) in waiting.items():
        gone, money = released[key]
        if lines - gone > 0:
            yield Stage.DECLARED, BATCH, Owner.BANK, since, lines - gone, left - money


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


def _cases(cases: QuerySet[DebitCase], on: date) -> Iterable[Found]:
    live = cases.filter(state__in=[DebitCaseState.OPEN, DebitCaseState.ESCALATED])
    for channel, opened_at, debited_on, due_on, amount in live.values_list(
        "channel", "opened_at", "debited_on", "due_on", "amount"
    ):
        owner = Owner.BANK if due_on >= on else Owner.BUREAU
        yield Stage.NOT_POSTED, channel, owner, debited_on or day_of(opened_at), 1, amount


def _cuts(cuts: QuerySet[DayCut], on: date) -> Iterable[Found]:
    for channel, day, expected_on, lines, amount in cuts.filter(unsettled_lines__gt=0).values_list(
        "channel", "day", "expected_on", "unsettled_lines", "unsettled"
    ):
        owner = Owner.CHANNEL if expected_on >= on else Owner.TAX
        yield Stage.DEBITED, channel, owner, day, lines, amount

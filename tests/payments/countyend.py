"""Where every yuan of a county is at the end: in one place, in all three lists, to the fen."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from payments.models import (
    DayCut,
    DebitCase,
    DuplicatePayment,
    Hold,
    Order,
    OrderDebit,
    Payment,
    Reversal,
    SettlementLine,
    WorkItem,
)
from tests.payments import kit
from tests.payments.county import County
from tests.payments.ledgers import BATCH

Yuan = dict[str, Decimal]
APART = ("LONG", "SHORT", "STATED_AMOUNT", "STATED_DATE", "RETURN_UNKNOWN")


def check(county: County) -> None:
    """Raises where a yuan is in two places, in none, or in another one than the model says."""
    _orders_as_told(county)
    _every_yuan_once(county)
    county.ledger.check()
    county.treasury.check()
    _cuts(county)
    kit.books_green()


def _by_channel(rows: QuerySet[Any], channel: str = "channel", money: str = "amount") -> Yuan:
    return {
        row[channel]: row["yuan"]
        for row in rows.order_by().values(channel).annotate(yuan=Sum(money))
        if row["yuan"]
    }


def _add(*parts: Yuan) -> Yuan:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        for channel, yuan in part.items():
            found[channel] += yuan
    return {channel: yuan for channel, yuan in found.items() if yuan}


def _less(one: Yuan, other: Yuan) -> Yuan:
    return _add(one, {channel: -yuan for channel, yuan in other.items()})


def _same(one: Yuan, other: Yuan) -> None:
    """The same yuan by channel; what differs is told."""
    assert one == other, _less(one, other)


def _moved(county: County, turn: int) -> Yuan:
    """What really moved, by the channels' own ledgers."""
    return _add(*({entry.channel: entry.amount} for entry in county.ledger.entries if entry.turn == turn))


def _orders_as_told(county: County) -> None:
    """Orders are booked as the channels told, and none of them waits or holds."""
    model = county.model
    ordered = Payment.objects.exclude(channel=BATCH)
    twice = DuplicatePayment.objects.exclude(channel=BATCH)
    loose = WorkItem.objects.filter(reason="ORDER_AMOUNT_DIFFERS")
    assert OrderDebit.objects.aggregate(told=Sum("amount"))["told"] == model.told
    assert (ordered.count(), twice.count()) == (model.payments, model.duplicates)
    assert (loose.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)) == model.loose
    assert (
        Reversal.objects.filter(payment_id__isnull=False, line_id__gte=4 * 10**18).count() == model.reversed
    )
    assert not Order.objects.filter(state__in=["OPEN", "ASKED"]).exists()
    assert not Hold.objects.filter(order_id__isnull=False).exists()


def _every_yuan_once(county: County) -> None:
    """By channel: what came in is a payment, a duplicate or a case; what did not go back is in the treasury, missing there by
    name, or waits with a case.
    """
    cases = DebitCase.objects.all()
    booked = _add(_by_channel(Payment.objects.all()), _by_channel(DuplicatePayment.objects.all()))
    phantom = {BATCH: county.model.phantom}
    _same(_moved(county, 1), _less(_add(booked, _by_channel(cases)), phantom))
    back = _add(_reversed(), _by_channel(cases.filter(state="RETURNED")))
    _same(_moved(county, 2), back)
    here = SettlementLine.objects.filter(side=2, outcome__in=[1, 4, 5])
    settled = _by_channel(here, money="ours_amount")
    missing = _by_channel(SettlementLine.objects.filter(side=2, outcome=2))
    waiting = _by_channel(cases.filter(state__in=["OPEN", "ESCALATED"]))
    left = _less(_moved(county, 1), _moved(county, 2))
    _same(left, _less(_add(settled, missing, waiting), phantom))
    _same(settled, _add(county.treasury.settled))


def _reversed() -> Yuan:
    channels = dict(Payment.objects.values_list("pk", "channel")) | dict(
        DuplicatePayment.objects.values_list("pk", "channel")
    )
    rows = Reversal.objects.values_list("payment_id", "duplicate_id", "amount")
    return _add(*({channels[payment or duplicate or 0]: amount} for payment, duplicate, amount in rows))


def _cuts(county: County) -> None:
    """The day cuts of all days together say the same, and what differs has a name."""
    cuts = DayCut.objects.all()
    _same(_by_channel(cuts, money="booked"), _by_channel(Payment.objects.all()))
    _same(_by_channel(cuts, money="duplicate"), _by_channel(DuplicatePayment.objects.all()))
    _same(_by_channel(cuts, money="back"), _reversed())
    _same(_by_channel(cuts, money="unsettled"), _by_channel(SettlementLine.objects.filter(side=2, outcome=2)))
    assert sum(_by_channel(cuts, money="unsettled").values()) == sum(county.treasury.never.values())
    here = SettlementLine.objects.filter(side=2, outcome__in=[1, 4, 5])
    _same(_by_channel(cuts, money="treasury"), _by_channel(here))
    waiting = DebitCase.objects.filter(state__in=["OPEN", "ESCALATED"])
    _same(_by_channel(cuts, money="loose"), _by_channel(waiting))
    said = SettlementLine.objects.filter(side=1, outcome__in=[1, 3, 4, 5]) | SettlementLine.objects.filter(
        reason="SECOND_DEBIT"
    )
    for turn, money in ((1, "stated"), (2, "returned")):
        _same(_by_channel(cuts, money=money), _by_channel(said.filter(turn=turn)))
    named = SettlementLine.objects.exclude(channel="").values("pk")
    apart = WorkItem.objects.filter(kind__in=APART, line_id__in=named).exclude(state="RESOLVED")
    assert cuts.aggregate(sum=Sum("differences"))["sum"] == apart.count()

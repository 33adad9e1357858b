"""What channels send and get, as the description of the interface has it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from bureau.api.fields import Amount, Body, Choice, Moment, RegionCode, Text, Whole
from bureau.api.problems import in_both
from bureau.api.schema import BothLanguages
from bureau.identity import CERT_TYPES, mask_name
from bureau.money import yuan
from payments.models import Channel, OrderConsent
from payments.problems import Resolver
from payments.services.obstacles import Obstacle
from payments.services.orderviews import LineView, OrderView, Status
from payments.states import OrderState, ReceivableState

MOST_LINES = 50
YEARS = {"min_value": 2000, "max_value": 2199}


class InsuredBody(Body):
    """For whom; the name must fit the number."""

    id_type = Choice(choices=[(code, name.zh) for code, name in CERT_TYPES.items()])
    id_number = Text(max_length=40)
    name = Text(max_length=80)
    benefit_year = Whole(**YEARS)


class LineBody(InsuredBody):
    """A line of an order."""

    region = RegionCode(required=False, help_text="needed where something is due in several regions")


class PayerBody(Body):
    """Who pays, as the channel knows them."""

    name = Text(max_length=80)
    account = Text(
        max_length=64, required=False, help_text="the payer's account at the channel; so many persons a year"
    )


class OrderBody(Body):
    """An order: one payer, one line for each insured person."""

    card_type = Choice(choices=[("DEBIT", _("debit card")), ("CREDIT", _("credit card"))])
    payer = PayerBody()
    lines = LineBody(many=True, max_length=MOST_LINES, allow_empty=False)
    channel = Choice(
        choices=Channel.choices, required=False, help_text="needed by partners of several channels"
    )
    consent = serializers.ListField(
        child=Choice(choices=OrderConsent.Code.choices),
        required=False,
        max_length=2,
        help_text="what the payer was told and agreed to",
    )


class PaymentBody(Body):
    """What the channel took."""

    channel_serial = Text(max_length=64)
    amount = Amount()
    debited_at = Moment()


class ReasonBody(Body):
    """Why, in words, where there is something to say."""

    reason = Text(max_length=200, required=False)


class ProblemAnswer(serializers.Serializer):
    """A problem of the catalogue."""

    code = serializers.CharField()
    number = serializers.CharField(help_text="P01 to P32, where the sources number it")
    blocks = serializers.BooleanField(help_text="nothing can be paid")
    resolvers = serializers.ListField(child=serializers.ChoiceField(choices=[one.value for one in Resolver]))
    message = BothLanguages()
    action = BothLanguages()
    details = serializers.DictField()


class DueAnswer(serializers.Serializer):
    """What is due in a region."""

    receivable = serializers.CharField()
    region = serializers.CharField()
    state = serializers.ChoiceField(choices=[one.value for one in ReceivableState])
    amount = serializers.CharField()


class PaidAnswer(serializers.Serializer):
    """What was paid, by whom as far as it may be told."""

    debited_on = serializers.DateField()
    channel = serializers.ChoiceField(choices=Channel.values)
    region = serializers.CharField()
    amount = serializers.CharField()
    payer = serializers.CharField(help_text="masked; empty where nobody was named")
    settled = serializers.BooleanField(help_text="in the treasury")


class LockAnswer(serializers.Serializer):
    """Who is collecting at this moment."""

    channel = serializers.ChoiceField(choices=Channel.values)
    order_no = serializers.CharField(help_text="of the partner's own orders; else empty")
    until = serializers.DateTimeField(allow_null=True)


class StatusAnswer(serializers.Serializer):
    """The whole standing of a person's year (P30), other regions included."""

    registered = serializers.BooleanField()
    regions = serializers.ListField(child=serializers.CharField())
    due = DueAnswer(many=True)
    locked = LockAnswer(allow_null=True)
    declared = serializers.BooleanField(help_text="money is on its way to the treasury, or being debited")
    paid = PaidAnswer(many=True)
    settled = serializers.BooleanField(help_text="everything that was paid is in the treasury")
    covered_from = serializers.DateField(allow_null=True)
    problems = ProblemAnswer(many=True)


class OrderLineAnswer(serializers.Serializer):
    """A line; amounts in yuan with two decimals."""

    receivable = serializers.CharField()
    region = serializers.CharField()
    benefit_year = serializers.IntegerField()
    insured = serializers.CharField(help_text="masked")
    amount = serializers.CharField()
    cover_start = serializers.DateField(allow_null=True)
    wait_months = serializers.IntegerField()
    explain = BothLanguages()
    booked = serializers.ChoiceField(choices=["", "PAYMENT", "DUPLICATE"])
    payment = serializers.CharField(help_text="number of the payment once booked; else empty")
    reversed_on = serializers.DateField(allow_null=True)


class DebitAnswer(serializers.Serializer):
    """Money that the channel told of."""

    channel_serial = serializers.CharField()
    amount = serializers.CharField()
    debited_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(choices=["BOOKED", "AGAIN", "DIFFERS"])
    order_no = serializers.CharField(
        help_text="the order it is booked as; empty while a person looks into it"
    )


class OrderAnswer(serializers.Serializer):
    """An order as its partner sees it."""

    order_no = serializers.CharField()
    state = serializers.ChoiceField(choices=[one.value for one in OrderState])
    channel = serializers.ChoiceField(choices=Channel.values)
    payer = serializers.CharField(help_text="masked")
    amount = serializers.CharField()
    opened_at = serializers.DateTimeField()
    locked_until = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    consent = serializers.ListField(child=serializers.CharField())
    lines = OrderLineAnswer(many=True)
    debits = DebitAnswer(many=True)


class ReversalAnswer(serializers.Serializer):
    """A payment that was taken back."""

    payment = serializers.CharField()
    receivable = serializers.CharField()
    amount = serializers.CharField()
    reversed_on = serializers.DateField()


def problem(obstacle: Obstacle) -> dict[str, Any]:
    """An obstacle for the wire; names of third persons and orders of others never leave."""
    row = obstacle.problem
    return {
        "code": row.code,
        "number": row.number,
        "blocks": row.blocks,
        "resolvers": [one.value for one in row.resolvers],
        "message": in_both(row.message),
        "action": in_both(row.action),
        "details": told(obstacle),
    }


INNER = frozenset(
    {"order", "instruction", "item", "duplicate", "receivable", "receivables", "payment", "batch", "internal"}
)
"""Keys of rows of the bureau; a partner has no use for them."""


def told(obstacle: Obstacle) -> dict[str, Any]:
    """What a partner may know of an obstacle."""
    return {key: value for key, value in obstacle.evidence.items() if key not in INNER}


def status(found: Status, client: str) -> dict[str, Any]:
    """A standing for the wire."""
    lock = found.locked
    return {
        "registered": found.registered,
        "regions": found.regions,
        "due": [
            {
                "receivable": str(row.receivable),
                "region": row.region,
                "state": str(row.state),
                "amount": yuan(row.amount),
            }
            for row in found.due
        ],
        "locked": None
        if lock is None
        else {
            "channel": lock.channel,
            "order_no": lock.order if lock.client == client else "",
            "until": lock.until or None,
        },
        "declared": found.declared,
        "paid": [
            {
                "debited_on": row.day.isoformat(),
                "channel": row.channel,
                "region": row.region,
                "amount": yuan(row.amount),
                "payer": row.payer,
                "settled": row.settled,
            }
            for row in found.paid
        ],
        "settled": bool(found.paid) and all(row.settled for row in found.paid),
        "covered_from": found.covered_from.isoformat() if found.covered_from else None,
        "problems": [problem(one) for one in found.problems],
    }


def order(view: OrderView) -> dict[str, Any]:
    """An order for the wire."""
    row = view.order
    return {
        "order_no": row.number,
        "state": row.state,
        "channel": row.channel,
        "payer": mask_name(row.payer_name),
        "amount": yuan(row.amount),
        "opened_at": row.opened_at.isoformat(),
        "locked_until": row.locked_until.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "consent": view.agreed,
        "lines": [_line(one) for one in view.lines],
        "debits": [
            {
                "channel_serial": one.channel_serial,
                "amount": yuan(one.amount),
                "debited_at": one.debited_at.isoformat(),
                "outcome": one.outcome,
                "order_no": one.booked_as.number if one.booked_as else "",
            }
            for one in view.debits
        ],
    }


def _line(view: LineView) -> dict[str, Any]:
    line = view.line
    return {
        "receivable": str(line.receivable_id),
        "region": line.region_id,
        "benefit_year": line.receivable_id // 10**10,
        "insured": mask_name(line.person.name),
        "amount": yuan(line.amount),
        "cover_start": line.cover_start.isoformat() if line.cover_start else None,
        "wait_months": line.wait_months,
        "explain": {"zh": line.told.get("zh", ""), "en": line.told.get("en", "")},
        "booked": view.booked,
        "payment": "" if view.number is None else str(view.number),
        "reversed_on": view.reversed_on.isoformat() if view.reversed_on else None,
    }

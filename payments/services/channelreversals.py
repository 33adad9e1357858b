"""Money goes back the way it came, started by the bureau: the channel says that it returned it, and the payment is reversed.

Only on the day of the debit, and only where the terms say that this channel returns money itself; from the next day on, and for
every other channel, it is a refund to an account. What the bureau keys in itself goes back at its own counter.
"""

import http.client
import json
import logging
from datetime import date, datetime

from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from payments.models import ChannelTerms, OrderLine, Reversal
from payments.services import asking, channels, orderpayments

log = logging.getLogger(__name__)
DONE = "REVERSED"


class ChannelCannotReturn(BureauError):
    """The terms, the day, or the way the money came do not allow it."""

    code = "CHANNEL_CANNOT_RETURN"
    message = gettext_noop("This money does not go back the way it came: refund it to an account.")


class ChannelSilent(BureauError):
    """Nothing was reversed: whether the channel returned it is not known until it says so, or its statement does."""

    code = "CHANNEL_DOES_NOT_CONFIRM"
    message = gettext_noop(
        "The channel does not confirm that it returned the money: ask again, or refund it to an account."
    )


def can(*, line_id: int | None, debited_on: date, on: date) -> bool:
    """Whether money that was booked on ``line_id`` may go back the way it came on the day ``on``."""
    found = _terms(line_id) if debited_on == on else None
    return found is not None


def give_back(*, payment_id: int, line_id: int | None, debited_on: date, at: datetime) -> Reversal:
    """Have the channel return one payment or duplicate (``payment_id``: its number) and reverse it. Asking again is safe.

    The channel's answer is waited for outside of any transaction. Raises ChannelCannotReturn, ChannelSilent, and what
    reversing raises.
    """
    found = _terms(line_id) if debited_on == day_of(at) else None
    if found is None:
        raise ChannelCannotReturn()
    line, terms = found
    known = Reversal.objects.filter(booked_line_id=line.pk).order_by("pk").first()
    if known is not None:
        return known
    if terms.keyed_by != ChannelTerms.KeyedBy.BUREAU:
        _ask(line, terms, payment_id, at)
    return orderpayments.reverse(payment_id=payment_id, client=None, at=at)


def _terms(line_id: int | None) -> tuple[OrderLine, ChannelTerms] | None:
    """The order's line and the terms of its channel, where both speak for it."""
    line = OrderLine.objects.select_related("order").filter(pk=line_id or 0).order_by("pk").first()
    if line is None:
        return None
    terms = channels.terms_of(channel=line.order.channel, region_id=line.order.region_id)
    returns = terms.refund_route == ChannelTerms.RefundRoute.ORIGINAL_PATH
    reachable = terms.keyed_by == ChannelTerms.KeyedBy.BUREAU or bool(terms.status_url)
    return (line, terms) if returns and reachable else None


def _ask(line: OrderLine, terms: ChannelTerms, payment_id: int, at: datetime) -> None:
    """Raises ChannelSilent unless the channel says that it returned exactly this."""
    told = {
        "order_no": line.order.number,
        "payment": str(payment_id),
        "channel_serial": line.order.channel_serial,
        "amount": f"{line.amount:.2f}",
        "reverse": True,
    }
    try:
        answer = asking.post(terms, json.dumps(told).encode(), at)
        said = (answer["state"], str(answer["payment"]), str(answer["amount"]))
    except (OSError, http.client.HTTPException, BureauError, ValueError, KeyError, TypeError) as error:
        log.warning(
            "payment of order %s: %s does not say (%s)", line.order_id, terms.channel, type(error).__name__
        )
        raise ChannelSilent() from None
    if said != (DONE, told["payment"], told["amount"]):
        raise ChannelSilent()

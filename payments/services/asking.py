"""What became of an order? The channel is asked: at its status address, or by what its statement says.

A source looks at an order and says what the channel says, or nothing. A call goes out signed as partners sign theirs
(bureau/signing.py), with a key of the channel; whatever comes back that cannot be understood counts as silence.
"""

import http
import http.client
import json
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from bureau import signing, strictjson
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.money import AmountError, parse_yuan
from payments.models import ChannelTerms, DayCut, Order

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5
MOST_BYTES = 64 * 1024
LONGEST_SERIAL = 64


class NoAnswer(BureauError):
    """The channel answered, but nothing that says anything."""

    code = "CHANNEL_NO_ANSWER"
    message = gettext_noop("The channel answered with status %(status)s.")


class Word(StrEnum):
    """What a channel may say of an order."""

    PAID = "PAID"
    UNPAID = "UNPAID"
    SILENT = "SILENT"


@dataclass(frozen=True)
class Said:
    """The channel's word; of a paid order with its serial, amount and time."""

    word: Word
    serial: str = ""
    amount: Decimal = Decimal(0)
    debited_at: datetime | None = None
    source: str = ""


SILENCE = Said(Word.SILENT)
Source = Callable[[Order, ChannelTerms, datetime], Said]


def by_address(order: Order, terms: ChannelTerms, at: datetime) -> Said:
    """Ask the channel's status address to close the order and say whether it was paid; no address: silence."""
    if not terms.status_url or not _is_safe(terms.status_url):
        return SILENCE
    content = {"order_no": order.number, "amount": f"{order.amount:.2f}", "close": True}
    try:
        return _understood(post(terms, json.dumps(content).encode(), at))
    except (OSError, http.client.HTTPException, BureauError, ValueError, KeyError, TypeError) as error:
        log.warning("order %s: %s does not say (%s)", order.pk, terms.channel, type(error).__name__)
        return SILENCE


def by_statement(order: Order, terms: ChannelTerms, at: datetime) -> Said:
    """The channel's statements of the order's days are in: money that they name is booked with them, so an order that
    still waits is not paid.
    """
    days = {day_of(order.opened_at), day_of(order.locked_until)}
    received = DayCut.objects.filter(
        region_id=order.region_id, channel=order.channel, day__in=days, has_statement=True
    )
    if received.count() < len(days):
        return SILENCE
    return Said(Word.UNPAID, source="STATEMENT")


SOURCES: list[Source] = [by_address, by_statement]
"""Asked in this order until one says something."""


def ask(*, order: Order, terms: ChannelTerms, at: datetime, sources: Sequence[Source] | None = None) -> Said:
    """What the channel says of the order; that it is not paid counts only where the channel's answer is final."""
    for source in SOURCES if sources is None else sources:
        said = source(order, terms, at)
        if said.word == Word.PAID or (said.word == Word.UNPAID and _is_final(said, terms)):
            return said
    return SILENCE


def key_of(channel: str) -> str:
    """The key with which the bureau signs calls to a channel."""
    return f"bureau_{channel.lower()}"


def _is_final(said: Said, terms: ChannelTerms) -> bool:
    return terms.answer_final or said.source != "ASKED"


def _is_safe(url: str) -> bool:
    """Over TLS only; without it to this machine and in tests alone."""
    parts = urlsplit(url)
    loopback = parts.hostname in ("127.0.0.1", "localhost")
    return parts.scheme == "https" or (settings.TESTING and loopback and parts.scheme == "http")


def post(terms: ChannelTerms, body: bytes, at: datetime) -> dict[str, Any]:
    """Tell or ask a channel something at its status address, signed. An answer that sends us elsewhere is none, for that address
    was not agreed. Raises OSError, HTTPException, NoAnswer, and what strict JSON raises.
    """
    if not _is_safe(terms.status_url):
        raise NoAnswer(status="-")
    parts, key, nonce = urlsplit(terms.status_url), key_of(terms.channel), secrets.token_hex(16)
    moment = int(at.timestamp())
    text = signing.text_to_sign(
        method="POST", path=parts.path or "/", query=parts.query, body=body, timestamp=moment, nonce=nonce,
        idempotency_key="",
    )  # fmt: skip
    signature = signing.sign(signing.secret_of(settings.PARTNER_MASTER_SECRET, key), text)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        line.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            body,
            {
                "Content-Type": "application/json",
                "Authorization": f"{signing.SCHEME} Key={key}, Timestamp={moment}, Nonce={nonce}, Signature={signature}",
            },
        )
        answer = line.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise NoAnswer(status=answer.status)
        return strictjson.read(answer.read(MOST_BYTES))
    finally:
        line.close()


def _understood(answer: dict[str, Any]) -> Said:
    word = answer["state"]
    if word == Word.UNPAID:
        return Said(Word.UNPAID, source="ASKED")
    if word != Word.PAID:
        return SILENCE
    serial, debited_at = str(answer["channel_serial"]), datetime.fromisoformat(answer["debited_at"])
    if not serial or len(serial) > LONGEST_SERIAL or not serial.isprintable() or debited_at.tzinfo is None:
        return SILENCE
    try:
        amount = parse_yuan(str(answer["amount"]))
    except AmountError:
        return SILENCE
    return Said(Word.PAID, serial, amount, debited_at, "ASKED") if amount > 0 else SILENCE

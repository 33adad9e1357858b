"""The partners' gate: signature, time, nonce, network and rate of a call, decided in PostgreSQL alone; refusals leave a row.

Nothing here needs the broker: it may be flushed at any moment without letting a call in twice.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from bureau import signing
from bureau.errors import BureauError, gettext_noop
from bureau.models import ApiAnswer, ApiClient, ApiKey, ApiNonce, ApiRate, SecurityEvent

REFUSALS_A_MINUTE = 30
TRACES_KEPT = timedelta(hours=1)


class GateError(BureauError):
    """The call is not let in."""

    code = "not_let_in"
    message = gettext_noop("The call is not signed by a key of ours.")


class SignatureMissing(GateError):
    code = "signature_missing"
    message = gettext_noop("The call carries no signature, or one that cannot be read.")


class KeyUnknown(GateError):
    code = "key_unknown"
    message = gettext_noop("There is no live key of this name.")


class KeyExpired(GateError):
    code = "key_expired"
    message = gettext_noop("The key has run out.")


class SignatureWrong(GateError):
    code = "signature_wrong"
    message = gettext_noop("The signature does not fit the call.")


class TimestampOutside(GateError):
    code = "timestamp_outside"
    message = gettext_noop("The time of the signature is more than %(seconds)s seconds off.")


class NonceUsed(GateError):
    code = "nonce_used"
    message = gettext_noop("A call with this nonce was let in before.")


class NetworkRefused(GateError):
    code = "network_refused"
    message = gettext_noop("The partner does not call from this network.")


class TooManyCalls(BureauError):
    """Faster than agreed."""

    code = "too_many_calls"
    message = gettext_noop("More than %(limit)s calls in a minute.")


class ScopeMissing(BureauError):
    """The key is good, the call is not among those the partner may make."""

    code = "scope_missing"
    message = gettext_noop("The partner lacks the scope %(scope)s.")


@dataclass(frozen=True)
class Call:
    """A request as far as the gate looks at it."""

    method: str
    path: str
    query: str
    body: bytes
    authorization: str
    idempotency_key: str
    address: str


@dataclass(frozen=True)
class Caller:
    """Who was let in; stands where Django expects a user."""

    client: ApiClient
    key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True
    pk: None = None


def admit(*, call: Call, at: datetime) -> Caller:
    """Who signed the call. Raises a GateError, TooManyCalls; a refusal leaves a security event."""
    credentials = signing.read_header(call.authorization)
    key: ApiKey | None = None
    try:
        if credentials is None:
            raise SignatureMissing()
        key = ApiKey.objects.select_related("client").filter(key_id=credentials.key_id).first()
        _check(call, credentials, key, at)
    except GateError as error:
        # Only refusals count: a stranger behind the same address does not lock a partner out.
        if _hits(f"refused:{call.address}", at) > REFUSALS_A_MINUTE:
            raise TooManyCalls(limit=REFUSALS_A_MINUTE) from error
        key_id = credentials.key_id if credentials else ""
        note(kind=error.code, call=call, at=at, client=key.client if key else None, key_id=key_id)
        raise
    if key is None:  # _check has refused it
        raise KeyUnknown()
    hits = _hits(f"client:{key.client_id}", at)
    if hits > key.client.per_minute:
        if hits == key.client.per_minute + 1:
            note(kind=TooManyCalls.code, call=call, at=at, client=key.client, key_id=key.key_id)
        raise TooManyCalls(limit=key.client.per_minute)
    return Caller(key.client, key)


def _check(call: Call, credentials: signing.Credentials, key: ApiKey | None, at: datetime) -> None:
    if key is None or key.revoked_at is not None or not key.client.active:
        raise KeyUnknown()
    secret = signing.secret_of(settings.PARTNER_MASTER_SECRET, key.key_id)
    text = signing.text_to_sign(
        method=call.method,
        path=call.path,
        query=call.query,
        body=call.body,
        timestamp=credentials.timestamp,
        nonce=credentials.nonce,
        idempotency_key=call.idempotency_key,
    )
    if not signing.agrees(secret, text, credentials.signature):
        raise SignatureWrong()
    if key.expires_at <= at:
        raise KeyExpired()
    if abs(at.timestamp() - credentials.timestamp) > signing.WINDOW_SECONDS:
        raise TimestampOutside(seconds=signing.WINDOW_SECONDS)
    if not _from_known_network(call.address, key.client.networks):
        raise NetworkRefused()
    try:
        with transaction.atomic():
            ApiNonce.objects.create(key=key, nonce=credentials.nonce, at=at)
    except IntegrityError:
        raise NonceUsed() from None


def slow_down(*, bucket: str, most: int, at: datetime) -> None:
    """Count a question of ``bucket``; raise TooManyCalls beyond ``most`` in this minute."""
    if _hits(bucket, at) > most:
        raise TooManyCalls(limit=most)


def _from_known_network(address: str, networks: list[str]) -> bool:
    """Whether ``address`` lies in one of ``networks``; no networks: anywhere."""
    if not networks:
        return True
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(place in ipaddress.ip_network(network) for network in networks)


def note(*, kind: str, call: Call, at: datetime, client: ApiClient | None, key_id: str) -> None:
    """Write a security event; never the query or the body."""
    SecurityEvent.objects.create(
        at=at, kind=kind, client=client, key_id=key_id[:24], address=call.address[:45], path=call.path[:200]
    )


def _hits(bucket: str, at: datetime) -> int:
    """The calls of ``bucket`` in this minute, this one counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bureau_apirate (bucket, minute, hits) VALUES (%s, %s, 1) "
            "ON CONFLICT (bucket, minute) DO UPDATE SET hits = bureau_apirate.hits + 1 RETURNING hits",
            [bucket[:80], at.replace(second=0, microsecond=0)],
        )
        return int(cursor.fetchone()[0])


def forget(*, at: datetime, answers_kept: timedelta) -> int:
    """Drop nonces and counts whose time is over, and answers older than agreed; returns how many rows went."""
    gone = 0
    for rows in (
        ApiNonce.objects.filter(at__lt=at - TRACES_KEPT),
        ApiRate.objects.filter(minute__lt=at - TRACES_KEPT),
        ApiAnswer.objects.filter(at__lt=at - answers_kept),
    ):
        gone += rows.delete()[0]
    return gone

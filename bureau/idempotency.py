"""The same call again gets the same answer: the answer is written in the transaction of its effect, never beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from bureau.errors import BureauError, gettext_noop
from bureau.models import ApiAnswer

KEY_LENGTH = 255
KEPT_FOR = timedelta(days=90)


class IdempotencyKeyRequired(BureauError):
    """A call that changes something may be repeated only if it can be told apart."""

    code = "idempotency_key_required"
    message = gettext_noop("Send an Idempotency-Key header: it tells a repeated call from a new one.")


class IdempotencyKeyInvalid(BureauError):
    """Too long, or not plain ASCII."""

    code = "idempotency_key_invalid"
    message = gettext_noop("The Idempotency-Key has 1 to %(limit)s visible ASCII characters.")


class IdempotencyMismatch(BureauError):
    """The key was used for another call."""

    code = "idempotency_mismatch"
    message = gettext_noop("This Idempotency-Key was used for a call with another content.")


class InFlight(BureauError):
    """The same call is being worked on this moment."""

    code = "idempotency_in_flight"
    message = gettext_noop("The same call is being worked on at this moment.")


@dataclass(frozen=True)
class Answer:
    """An HTTP status with its body as sent; ``location`` is the address of what was made."""

    status: int
    body: str
    location: str = ""
    replayed: bool = False


def checked_key(key: str | None) -> str:
    """The header's value. Raises IdempotencyKeyRequired, IdempotencyKeyInvalid."""
    if not key:
        raise IdempotencyKeyRequired()
    if len(key) > KEY_LENGTH or not all("!" <= char <= "~" for char in key):
        raise IdempotencyKeyInvalid(limit=KEY_LENGTH)
    return key


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    """What makes two calls the same."""
    return hashlib.sha256(
        b"\n".join([method.encode(), path.encode(), hashlib.sha256(body).digest()])
    ).hexdigest()


def once(*, client_id: int, key: str, fingerprint: str, at: datetime, act: Callable[[], Answer]) -> Answer:
    """The stored answer of this key, or that of ``act``, stored with its effect in one transaction.

    A refusal (``act`` raises) leaves neither effect nor answer: the same call may be repeated. Raises InFlight,
    IdempotencyMismatch, and what ``act`` raises.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"api-answer:{client_id}:{key}"]
            )
            if not cursor.fetchone()[0]:
                raise InFlight()
        known = ApiAnswer.objects.filter(client_id=client_id, key=key).first()
        if known is not None:
            if known.fingerprint != fingerprint:
                raise IdempotencyMismatch()
            return Answer(known.status, known.body, known.location, replayed=True)
        answer = act()
        ApiAnswer.objects.create(
            client_id=client_id,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body,
            location=answer.location,
            at=at,
        )
        return answer

"""A partner with a key, and calls through Django's own test client, signed as the reference client signs."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.test import Client

from bureau import signing
from bureau.models import ApiClient, ApiClientRegion, ApiKey
from enrollment.api import APPLY, ENTITLE, QUOTE
from tests.builders import GUIGANG, make_staff
from tests.clients.partner import Partner

MADE = datetime(2024, 1, 1, tzinfo=UTC)
APPLICATIONS = "/api/v1/enrolment-applications"


def make_client(code: str = "", regions: tuple[str, ...] = (GUIGANG,), **fields: Any) -> ApiClient:
    """A partner that may make every call."""
    values: dict[str, Any] = {
        "code": code or f"app-{secrets.token_hex(4)}",
        "name": "国家医保服务平台",
        "scopes": [APPLY, ENTITLE, QUOTE],
        "made_by": make_staff("sysadmin"),
        "made_at": MADE,
    }
    client = ApiClient.objects.create(**(values | fields))
    ApiClientRegion.objects.bulk_create(ApiClientRegion(client=client, region_id=code) for code in regions)
    return client


def make_key(client: ApiClient, slot: int = 1, **fields: Any) -> ApiKey:
    """A live key."""
    values: dict[str, Any] = {
        "key_id": f"bk_{secrets.token_hex(9)}",
        "slot": slot,
        "issued_by": client.made_by,
        "approved_by": make_staff("sysadmin"),
        "issued_at": MADE,
        "expires_at": datetime.now(UTC) + timedelta(days=30),
    }
    return ApiKey.objects.create(client=client, **(values | fields))


@dataclass
class Caller:
    """Calls of one partner inside the test's transaction."""

    client: ApiClient
    key: ApiKey
    django: Client = field(default_factory=lambda: Client(raise_request_exception=True))

    @property
    def partner(self) -> Partner:
        """Who signs."""
        secret = signing.secret_of(settings.PARTNER_MASTER_SECRET, self.key.key_id)
        return Partner("", self.key.key_id, secret)

    def raw(self, method: str, target: str, body: bytes = b"", repeat_key: str = "", **more: Any) -> Any:
        """Any bytes, signed; ``more`` are headers on top (None takes one away)."""
        signer = more.pop("signer", None) or self.partner
        kind = more.pop("content_type", "application/json")
        headers = signer.headers(method, target, body, repeat_key, more.pop("nonce", "")) | more.pop(
            "headers", {}
        )
        return self.django.generic(
            method,
            target,
            body,
            content_type=kind,
            headers={k: v for k, v in headers.items() if v is not None},
            **more,
        )

    def post(self, target: str, content: Any, repeat_key: str | None = None, **more: Any) -> Any:
        """JSON, signed, with a fresh Idempotency-Key unless one is given."""
        body = json.dumps(content).encode()
        return self.raw(
            "POST", target, body, secrets.token_hex(8) if repeat_key is None else repeat_key, **more
        )

    def get(self, target: str, **more: Any) -> Any:
        """A signed GET."""
        return self.raw("GET", target, **more)


def make_caller(**fields: Any) -> Caller:
    """A partner with a live key."""
    client = make_client(**fields)
    return Caller(client, make_key(client))

"""The reference client: what a partner writes from docs/partners.md, with the standard library alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit


@dataclass(frozen=True)
class Reply:
    """An answer of the bureau."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Partner:
    """A partner with one key; ``now`` and ``nonce`` can be bent to play a bad one."""

    address: str
    key: str
    secret: str
    skew: int = 0
    sent: list[str] = field(default_factory=list)

    def sign(self, method: str, target: str, body: bytes, nonce: str, moment: int, repeat_key: str) -> str:
        """The signature by the rules of the description, written once more."""
        parts = urlsplit(target)
        pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
        query = "&".join(f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in pairs)
        digest = hashlib.sha256(body).hexdigest()
        path = quote(unquote(parts.path), safe="/-._~")
        lines = ["BUREAU-HMAC-SHA256", method, path, query, digest, str(moment), nonce, repeat_key]
        return hmac.new(self.secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()

    def headers(
        self, method: str, target: str, body: bytes, repeat_key: str = "", nonce: str = ""
    ) -> dict[str, str]:
        """The headers of a signed call."""
        once = nonce or secrets.token_hex(16)
        moment = int(time.time()) + self.skew
        signature = self.sign(method, target, body, once, moment, repeat_key)
        self.sent.append(once)
        found = {
            "Authorization": f"BUREAU-HMAC-SHA256 Key={self.key}, Timestamp={moment}, Nonce={once}, Signature={signature}"
        }
        return found | ({"Idempotency-Key": repeat_key} if repeat_key else {})

    def call(self, method: str, target: str, content: Any = None, repeat_key: str = "") -> Reply:
        """A signed call over the network."""
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        headers = self.headers(method, target, body, repeat_key)
        if content is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(
            self.address + target, data=body or None, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Reply(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Reply(refused.code, dict(refused.headers), refused.read())

    def apply(self, form: dict[str, Any], repeat_key: str = "") -> Reply:
        """Hand in an application."""
        return self.call("POST", "/api/v1/enrolment-applications", form, repeat_key or secrets.token_hex(8))

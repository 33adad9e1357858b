"""How a partner signs a request: HMAC-SHA256 over method, path, sorted query, digest of the body, time, nonce, Idempotency-Key.

Both sides use this text, one part a line:

    BUREAU-HMAC-SHA256
    POST
    /api/v1/orders
    a=1&b=2
    <SHA-256 of the body, hex>
    <seconds since 1970>
    <nonce>
    <Idempotency-Key, or nothing>

and send ``Authorization: BUREAU-HMAC-SHA256 Key=…, Timestamp=…, Nonce=…, Signature=…`` (hex).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

SCHEME = "BUREAU-HMAC-SHA256"
WINDOW_SECONDS = 300
_PART = re.compile(r"\s*(Key|Timestamp|Nonce|Signature)=([A-Za-z0-9_.~-]{1,128})\s*")
_SHAPES = {
    "Key": re.compile(r"[a-z0-9_]{8,24}"),
    "Timestamp": re.compile(r"[0-9]{9,11}"),
    "Nonce": re.compile(r"[A-Za-z0-9_.~-]{16,64}"),
    "Signature": re.compile(r"[0-9a-f]{64}"),
}


@dataclass(frozen=True)
class Credentials:
    """What the Authorization header says."""

    key_id: str
    timestamp: int
    nonce: str
    signature: str


def secret_of(master: str, key_id: str) -> str:
    """The secret of a key, derived: it is stored nowhere."""
    return hmac.new(master.encode(), f"partner-key:{key_id}".encode(), hashlib.sha256).hexdigest()


def text_to_sign(
    *, method: str, path: str, query: str, body: bytes, timestamp: int, nonce: str, idempotency_key: str
) -> str:
    """The lines above."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
    ordered = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    digest = hashlib.sha256(body).hexdigest()
    plain_path = quote(unquote(path, errors="surrogateescape"), safe="/-._~", errors="surrogateescape")
    parts = [SCHEME, method.upper(), plain_path, ordered, digest, str(timestamp), nonce, idempotency_key]
    return "\n".join(parts)


def _quoted(text: str) -> str:
    return quote(text, safe="-._~", errors="surrogateescape")


def sign(secret: str, text: str) -> str:
    """The signature, hex."""
    return hmac.new(secret.encode(), text.encode(errors="surrogateescape"), hashlib.sha256).hexdigest()


def agrees(secret: str, text: str, signature: str) -> bool:
    """Whether the signature is the right one, in a time that tells nothing."""
    return hmac.compare_digest(sign(secret, text), signature)


def header(credentials: Credentials) -> str:
    """The Authorization header."""
    return (
        f"{SCHEME} Key={credentials.key_id}, Timestamp={credentials.timestamp}, "
        f"Nonce={credentials.nonce}, Signature={credentials.signature}"
    )


def read_header(text: str) -> Credentials | None:
    """The parts of an Authorization header; None where it is not one of ours."""
    scheme, _blank, rest = text.partition(" ")
    if scheme != SCHEME or len(text) > 400:
        return None
    found = [_PART.fullmatch(part) for part in rest.split(",")]
    parts = {match[1]: match[2] for match in found if match}
    if len(found) != 4 or parts.keys() != _SHAPES.keys():
        return None
    if not all(shape.fullmatch(parts[name]) for name, shape in _SHAPES.items()):
        return None
    return Credentials(parts["Key"], int(parts["Timestamp"]), parts["Nonce"], parts["Signature"])

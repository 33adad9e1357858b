"""The base of every call of a partner: what is checked before a view sees it, and how it answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from bureau import clock, idempotency, partners, strictjson
from bureau.api import problems
from bureau.idempotency import Answer

SMALL = 256 * 1024
SECRETS = frozenset(
    {"token", "access_token", "api_key", "apikey", "key", "signature", "secret", "authorization"}
)
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


class PartnerView(APIView):
    """A call: ``scopes`` by method, ``creates`` where a POST needs an Idempotency-Key, ``query`` what an address may carry."""

    scopes: ClassVar[Mapping[str, str]] = {}
    creates: ClassVar[bool] = False
    query: ClassVar[frozenset[str]] = frozenset()
    most_bytes: ClassVar[int] = SMALL
    sent: dict[str, Any]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Signed, so without a log-in."""
        return login_not_required(super().as_view(**initkwargs))

    @classmethod
    def offered(cls) -> set[str]:
        """The methods that the view has, small."""
        return {name for name in ("get", "head", "post") if hasattr(cls, "get" if name == "head" else name)}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Everything that can be said before a view looks at the call."""
        self.sent = {}
        request._request.signed_body = b""  # type: ignore[attr-defined]
        if any(request.headers.get(name) for name in OVERRIDES):
            raise problems.MethodNotAllowed()
        names = {name.lower() for name in request._request.GET}
        if names & SECRETS:
            raise problems.CredentialsInQuery()
        body = self._read(request._request)
        request._request.signed_body = body  # type: ignore[attr-defined]
        super().initial(request, *args, **kwargs)
        if set(request._request.GET) - self.query:
            raise problems.UnknownFilter()
        if request.method == "POST" and "post" in self.offered():
            if self.creates:
                idempotency.checked_key(request.headers.get("Idempotency-Key"))
            self.sent = self._json(request._request, body)

    def _read(self, request: HttpRequest) -> bytes:
        """The whole body, within this call's bounds."""
        try:
            announced = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            raise problems.Refused() from None
        body: bytes = b"" if announced > self.most_bytes else request.read(self.most_bytes + 1)
        if max(announced, len(body)) > self.most_bytes:
            raise problems.BodyTooLarge(limit=self.most_bytes)
        return body

    def _json(self, request: HttpRequest, body: bytes) -> dict[str, Any]:
        if not body:
            raise strictjson.BodyUnreadable()
        charset = str((request.content_params or {}).get("charset", "utf-8")).lower()
        if request.content_type != "application/json" or charset not in ("utf-8", "utf8"):
            raise problems.NotJson()
        return strictjson.read(body)

    def values(self, body: type[Serializer[Any]]) -> dict[str, Any]:
        """What was sent, as ``body`` describes it. Raises ValidationError."""
        reader = body(data=self.sent)
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)

    def region(self, request: Request, code: str) -> str:
        """``code``, if the partner may call for it. Raises partners.RegionNotYours."""
        partners.require_region(client=request.user.client, region_id=code)
        return code

    def once(self, request: Request, act: Callable[[], tuple[int, Any, str]]) -> HttpResponse:
        """Answer with what ``act`` gives (status, body, location), the same for the same call however often it comes."""
        raw = request._request

        def answer() -> Answer:
            status, body, location = act()
            return Answer(status, written(body), location)

        found = idempotency.once(
            client_id=request.user.client.pk,
            key=idempotency.checked_key(request.headers.get("Idempotency-Key")),
            fingerprint=idempotency.fingerprint_of(raw.method or "", raw.path, raw.signed_body),  # type: ignore[attr-defined]
            at=clock.now(),
            act=answer,
        )
        kind = "application/json" if found.status < HTTPStatus.BAD_REQUEST else problems.CONTENT_TYPE
        response = HttpResponse(found.body, status=found.status, content_type=kind)
        if found.location:
            response.headers["Location"] = found.location
        if found.replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response


def tagged(body: Any) -> str:
    """The ETag of a body: it changes with what the body says."""
    return f'"{hashlib.sha256(written(body).encode()).hexdigest()[:32]}"'


def require_unchanged(request: Request, body: Any, *, needed: bool) -> None:
    """Raise PreconditionFailed where If-Match names another state than ``body``, PreconditionRequired where it is
    ``needed`` and missing.
    """
    header = request.headers.get("If-Match")
    if header is None:
        if needed:
            raise problems.PreconditionRequired()
        return
    if header.strip() != "*" and tagged(body) not in {part.strip() for part in header.split(",")}:
        raise problems.PreconditionFailed()


def written(body: Any) -> str:
    """A body as JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

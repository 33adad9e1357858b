"""Who calls, and whether they may: what Django REST framework asks before a view runs."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from bureau import clock, gate
from bureau.gate import Call, Caller
from bureau.signing import SCHEME


def address_of(request: HttpRequest) -> str:
    """Where a call comes from: X-Forwarded-For counts only from a server of ours (settings.TRUSTED_PROXIES)."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    for hop in reversed(str(request.headers.get("X-Forwarded-For", "")).split(",")):
        if address not in settings.TRUSTED_PROXIES:
            break
        try:
            address = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            break
    return address


def call_of(request: HttpRequest, body: bytes) -> Call:
    """The request as the gate looks at it."""
    return Call(
        method=request.method or "",
        path=request.path,
        query=request.META.get("QUERY_STRING", ""),
        body=body,
        authorization=request.headers.get("Authorization", ""),
        idempotency_key=request.headers.get("Idempotency-Key", ""),
        address=address_of(request),
    )


class AlwaysJson(BaseContentNegotiation):
    """There is one format, whatever Accept asks for."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The only one."""
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """The only one."""
        return renderers[0], renderers[0].media_type


class SignedCall(BaseAuthentication):
    """The gate (bureau.gate) as Django REST framework calls it."""

    def authenticate(self, request: Request) -> tuple[Caller, None]:
        """Who signed."""
        return gate.admit(call=call_of(request._request, request._request.signed_body), at=clock.now()), None  # type: ignore[attr-defined]

    def authenticate_header(self, request: Request) -> str:
        """The scheme."""
        return SCHEME


class HasScope(BasePermission):
    """The call must be among those that the partner may make."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises ScopeMissing, which names the scope; a view without a scope is open to nobody."""
        wanted = view.scopes.get("GET" if request.method == "HEAD" else request.method, "")
        if request.method and request.method.lower() not in view.offered():
            return True  # refused as a method, not as a right
        if not wanted or wanted not in request.user.client.scopes:
            body = request._request.signed_body  # type: ignore[attr-defined]
            gate.note(
                kind=gate.ScopeMissing.code,
                call=call_of(request._request, body),
                at=clock.now(),
                client=request.user.client,
                key_id=request.user.key.key_id,
            )
            raise gate.ScopeMissing(scope=wanted)
        return True

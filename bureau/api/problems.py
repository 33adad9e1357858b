"""Refusals as problems of RFC 9457: a stable code, a sentence in Chinese and English, what the partner can do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import translation
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response

from bureau import access, gate, idempotency, strictjson
from bureau.errors import BureauError, gettext_noop, render
from bureau.signing import SCHEME

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
LANGUAGES = (("zh", "zh-hans"), ("en", "en"))
AGAIN_SECONDS = 1


class BodyTooLarge(BureauError):
    """More than this call can need."""

    code = "body_too_large"
    message = gettext_noop("The body is larger than %(limit)s bytes.")


class NotJson(BureauError):
    """Another content type."""

    code = "content_type"
    message = gettext_noop("Send the body as application/json in UTF-8.")


class UnknownFilter(BureauError):
    """A query parameter that the call does not have."""

    code = "unknown_filter"
    message = gettext_noop("The call has no query parameter of this name.")


class CredentialsInQuery(BureauError):
    """Addresses end up in logs."""

    code = "credentials_in_query"
    message = gettext_noop("Credentials do not belong into the address.")


class MethodNotAllowed(BureauError):
    """Not offered here."""

    code = "method_not_allowed"
    message = gettext_noop("This address does not take this method.")


class NotFound(BureauError):
    """No such thing, or not this partner's."""

    code = "not_found"
    message = gettext_noop("There is nothing of this partner at this address.")


class FieldsWrong(BureauError):
    """The ``errors`` name each field."""

    code = "fields_invalid"
    message = gettext_noop("Some fields are not as they must be.")


class Refused(BureauError):
    """The request cannot be read at all."""

    code = "bad_request"
    message = gettext_noop("The request cannot be read.")


class TryAgain(BureauError):
    """The database is away or busy."""

    code = "try_again"
    message = gettext_noop("The service is busy at this moment; nothing was changed.")


class Broken(BureauError):
    """Our fault."""

    code = "internal_error"
    message = gettext_noop("Something broke on our side; nothing was changed.")


class PreconditionFailed(BureauError):
    """Somebody, or something, moved it meanwhile."""

    code = "precondition_failed"
    message = gettext_noop("It is not as the If-Match header says: it changed meanwhile.")


class PreconditionRequired(BureauError):
    """Whoever acts on this must have seen how it stands."""

    code = "precondition_required"
    message = gettext_noop("Read it first, and send its ETag as If-Match.")


_statuses: dict[type[BureauError], int] = {
    PreconditionFailed: 412,
    PreconditionRequired: 428,
    gate.GateError: 401,
    gate.ScopeMissing: 403,
    gate.TooManyCalls: 429,
    access.NotAllowed: 403,
    access.OutOfScope: 404,
    idempotency.IdempotencyKeyRequired: 400,
    idempotency.IdempotencyKeyInvalid: 400,
    idempotency.IdempotencyMismatch: 422,
    idempotency.InFlight: 409,
    strictjson.BodyUnreadable: 400,
    strictjson.BodyNotObject: 400,
    strictjson.KeyTwice: 400,
    strictjson.KeyOdd: 400,
    strictjson.TooDeep: 400,
    BodyTooLarge: 413,
    NotJson: 415,
    UnknownFilter: 400,
    CredentialsInQuery: 400,
    MethodNotAllowed: 405,
    NotFound: 404,
    FieldsWrong: 400,
    Refused: 400,
    TryAgain: 503,
    Broken: 500,
}
_pointers: dict[type[BureauError], str] = {}
ACTIONS: Mapping[int, str] = {
    400: gettext_noop("Correct the call and send it again."),
    401: gettext_noop("Sign the call anew, with a live key, the present time and a fresh nonce."),
    403: gettext_noop("Ask the bureau for this right."),
    404: gettext_noop("Check the address."),
    405: gettext_noop("Use a method that the description of the interface names."),
    409: gettext_noop("Ask for the present state before you go on."),
    412: gettext_noop("Ask for the present state before you go on."),
    413: gettext_noop("Send smaller pictures, or fewer."),
    415: gettext_noop("Correct the call and send it again."),
    422: gettext_noop("Correct the content; tell the person what the message says."),
    428: gettext_noop("Ask for the present state before you go on."),
    429: gettext_noop("Wait for the time that Retry-After says, then go on more slowly."),
    500: gettext_noop("Repeat the call with the same Idempotency-Key; tell the bureau if it goes on."),
    503: gettext_noop("Repeat the call with the same Idempotency-Key after the time that Retry-After says."),
}
FIELDS: Mapping[str, str] = {
    "required": gettext_noop("This field is missing."),
    "null": gettext_noop("This field must not be null."),
    "blank": gettext_noop("This field must not be empty."),
    "unknown_field": gettext_noop("There is no field of this name."),
    "not_object": gettext_noop("This must be a JSON object."),
    "not_a_list": gettext_noop("This must be a JSON array."),
    "empty": gettext_noop("This must not be empty."),
    "not_text": gettext_noop("This must be a text."),
    "not_whole": gettext_noop("This must be a whole number."),
    "not_day": gettext_noop("This must be a day such as 2025-01-31."),
    "not_moment": gettext_noop("This must be a moment with its zone such as 2025-01-31T09:30:00+08:00."),
    "not_amount": gettext_noop("This must be a text with yuan and two decimals such as 400.00."),
    "not_base64": gettext_noop("This must be base64."),
    "characters": gettext_noop("Control and direction characters are not accepted."),
    "max_length": gettext_noop("This is too long."),
    "min_length": gettext_noop("This is too short."),
    "max_value": gettext_noop("This is too large."),
    "min_value": gettext_noop("This is too small."),
    "invalid_choice": gettext_noop("This is none of the values of the description."),
    "invalid": gettext_noop("This is not as it must be."),
}


def register(status: int, *errors: type[BureauError], pointer: str = "") -> None:
    """Let these errors of an app answer with ``status`` (default: 422), pointing to the field they are about."""
    for error in errors:
        _statuses[error] = status
        if pointer:
            _pointers[error] = pointer


@dataclass(frozen=True)
class Shape:
    """What one error, rather than its class, answers: its status, the field it is about, what to do, what is known of it."""

    status: int = 422
    pointer: str = ""
    action: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


_shapes: dict[type[BureauError], Callable[[Any], Shape]] = {}


def shape(kind: type[BureauError], of: Callable[[Any], Shape]) -> None:
    """Let every error of this class be asked how it answers."""
    _shapes[kind] = of


def _shape_of(error: BureauError) -> Shape | None:
    found = next((_shapes[kind] for kind in type(error).__mro__ if kind in _shapes), None)
    return None if found is None else found(error)


def status_of(error: BureauError) -> int:
    """The HTTP status of an error: its own, or that of the nearest class above it."""
    own = _shape_of(error)
    if own is not None:
        return own.status
    return next((_statuses[kind] for kind in type(error).__mro__ if kind in _statuses), 422)


def in_both(message: str, params: BureauError | None = None) -> dict[str, str]:
    """A text in Chinese and English."""
    found = {}
    for name, language in LANGUAGES:
        with translation.override(language):
            found[name] = render(params, gettext) if params is not None else gettext(message)
    return found


def body_of(error: BureauError, status: int, errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The problem as JSON."""
    own = _shape_of(error) or Shape()
    pointer = own.pointer or next((_pointers[kind] for kind in type(error).__mro__ if kind in _pointers), "")
    message = in_both("", error)
    if pointer and not errors:
        errors = [{"pointer": pointer, "code": error.code, "message": message}]
    problem: dict[str, Any] = {
        "type": f"urn:bureau:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "message": message,
        "action": in_both(own.action or ACTIONS.get(status, ACTIONS[400])),
    }
    if own.details:
        problem["details"] = dict(own.details)
    if errors:
        problem["errors"] = errors
    return problem


def headers_of(status: int) -> dict[str, str]:
    """What goes with a status."""
    if status == 401:
        return {"WWW-Authenticate": SCHEME}
    if status in (409, 503):
        return {"Retry-After": str(AGAIN_SECONDS)}
    return {"Retry-After": "60"} if status == 429 else {}


def plain(error: BureauError) -> JsonResponse:
    """A problem outside of any view: what the middleware and the error pages of Django answer under /api/."""
    status = status_of(error)
    response = JsonResponse(body_of(error, status), status=status, json_dumps_params={"ensure_ascii": False})
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Cache-Control"] = "no-store"
    for name, value in headers_of(status).items():
        response.headers[name] = value
    return response


PAGES: Mapping[int, type[BureauError]] = {400: Refused, 403: access.NotAllowed, 404: NotFound, 500: Broken}


def page(request: HttpRequest, status: int) -> JsonResponse | None:
    """The problem in place of an error page for addresses of the partners' door; None for all others."""
    if not request.path_info.startswith("/api/"):
        return None
    kind = PAGES.get(status, Refused)
    return plain(kind(action="")) if kind is access.NotAllowed else plain(kind())


def handler(raised: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler: every refusal as a problem, everything unknown to Django's own page."""
    errors: list[dict[str, Any]] = []
    error: BureauError
    if isinstance(raised, BureauError):
        error = raised
    elif isinstance(raised, exceptions.ValidationError):
        error, errors = FieldsWrong(), list(_fields(raised.detail, ""))
    elif isinstance(raised, OperationalError):
        log.warning("database: %s", type(raised).__name__)
        error = TryAgain()
    elif isinstance(raised, Http404 | exceptions.NotFound):
        error = NotFound()
    elif isinstance(raised, exceptions.MethodNotAllowed):
        error = MethodNotAllowed()
    elif isinstance(raised, PermissionDenied | exceptions.PermissionDenied):
        error = access.NotAllowed(action="")
    elif isinstance(raised, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        error = gate.SignatureMissing()
    elif isinstance(raised, exceptions.APIException):
        error = Refused()
    else:
        return None
    status = status_of(error)
    return Response(
        body_of(error, status, errors), status=status, headers=headers_of(status), content_type=CONTENT_TYPE
    )


def _fields(detail: Any, pointer: str) -> Iterator[dict[str, Any]]:
    """Each wrong field with its JSON pointer (RFC 6901)."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = name == "non_field_errors"
            yield from _fields(inner, pointer if own else f"{pointer}/{name}")
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            if isinstance(inner, Mapping | list):
                yield from _fields(inner, f"{pointer}/{number}")
            else:
                yield from _fields(inner, pointer)
    else:
        code = getattr(detail, "code", "invalid")
        yield {
            "pointer": pointer or "/",
            "code": code,
            "message": in_both(FIELDS.get(code, FIELDS["invalid"])),
        }

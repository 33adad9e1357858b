"""Pages for what went wrong: a sentence, what to do, and the way home. Never a stack trace."""

from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bureau.api import problems


def _page(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    problem = problems.page(request, status)
    if problem is not None:
        return problem
    return render(
        request, "desk/error.html", {"heading": heading, "text": text, "status": status}, status=status
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: input that no page of ours sends, or too much of it."""
    if isinstance(exception, TooManyFieldsSent):
        return _page(request, 400, _("Too much at once"), _("Please select fewer rows and try again."))
    if isinstance(exception, SessionInterrupted):
        # Logged in or out in another tab while this request was under way.
        return _page(
            request,
            400,
            _("Your session changed"),
            _("You logged in or out meanwhile. Please load the page again."),
        )
    return _page(
        request,
        400,
        _("This cannot be read"),
        _("The request holds characters or values that no page of ours sends."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the role does not include this."""
    return _page(
        request,
        403,
        _("Not your task"),
        _("Your role does not allow this. Somebody else in your bureau may do it."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or a row of another region."""
    return _page(request, 404, _("Not found"), _("This does not exist in your regions."))


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault; the details are in the log under the request's id."""
    return _page(
        request,
        500,
        _("Something broke"),
        _("Nothing was changed by this request. Please tell the system administrator."),
    )


def locked_out(
    request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any
) -> HttpResponse:
    """429: too many wrong passwords for this name from this machine."""
    return _page(
        request,
        429,
        _("Too many attempts"),
        _("Please wait a quarter of an hour, or ask the system administrator for a new password."),
    )


def csrf_failed(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    """403: the form is too old or came from elsewhere."""
    return _page(
        request, 403, _("The form has expired"), _("Please go back, reload the page and send the form again.")
    )

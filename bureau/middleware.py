"""What every request passes: unreadable input is refused, answers are not cached, history learns who acted."""

from collections.abc import Callable
from typing import Any

import pghistory
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from bureau.api import problems

Handler = Callable[[HttpRequest], HttpResponse]


def _unreadable(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)


def _has_unreadable(query: QueryDict) -> bool:
    return any(
        _unreadable(key) or any(_unreadable(value) for value in values) for key, values in query.lists()
    )


class RefuseUnreadableInput:
    """NUL and lone surrogates in path, query or form answer 400 with a text, never 500 (design: reliability F01, H33)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse before any view sees the input."""
        bad = _unreadable(request.path_info) or _has_unreadable(request.GET)
        if (
            not bad
            and request.method == "POST"
            and request.content_type == "application/x-www-form-urlencoded"
        ):
            bad = _has_unreadable(request.POST)
        if bad:
            return problems.page(request, 400) or render(request, "400.html", status=400)
        return self.get_response(request)


class LogInFirst(LoginRequiredMiddleware):
    """Everything stands behind the log-in; who sent a form after the session ended is told that nothing was saved (F11)."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """To the log-in, with a word about the form."""
        if request.method == "POST":
            messages.warning(
                request,
                _("Your session had ended: what you sent was not saved. Please log in and enter it again."),
            )
        return super().handle_no_permission(request, view_func)


class NoStore:
    """Pages behind the log-in are never cached."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add Cache-Control: no-store for people who are logged in."""
        response = self.get_response(request)
        user: Any = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
        return response


class HistoryActor:
    """History rows written by a request carry its user and path (never its query)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Open the context only for requests that may write."""
        user: Any = request.user
        if request.method in {"GET", "HEAD", "OPTIONS"} or not user.is_authenticated:
            return self.get_response(request)
        with pghistory.context(user=user.pk, actor=user.username, request=request.path):
            return self.get_response(request)

"""What every door of the desk does around its one service call: answer, message, 404 or 403, and where to go next."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from bureau import access
from bureau.errors import BureauError, render
from bureau.models import User

T = TypeVar("T")


def me(request: HttpRequest) -> User:
    """The person behind the request; every page of the desk stands behind the log-in."""
    return cast(User, request.user)


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None when it is only asked for."""
    return request.POST if request.method == "POST" else None


def words(error: BureauError) -> str:
    """The error in the reader's language."""
    return render(error, gettext)


def attempt(request: HttpRequest, call: Callable[[], T], done: Any = "") -> T | None:
    """Call the service; say ``done``, or why not. Returns None when it refused.

    What lies outside the person's regions is 404, what the role does not allow 403; every other refusal is a message.
    """
    try:
        result = call()
    except access.OutOfScope as error:
        raise Http404 from error
    except access.NotAllowed as error:
        raise PermissionDenied from error
    except BureauError as error:
        messages.error(request, words(error))
        return None
    if done:
        messages.success(request, str(done))
    return result


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To the page named by the form's ``next`` when it is one of ours, else to ``otherwise``."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted if wanted and ours else otherwise)


def require(request: HttpRequest, action: str, region_id: str | None = None) -> None:
    """404 for a region that is not the person's, 403 for a role without ``action``."""
    if not access.in_scope(request.user, region_id):
        raise Http404
    if not access.may(request.user, action):
        raise PermissionDenied

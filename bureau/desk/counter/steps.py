"""A change at the counter in two steps: checked and shown with its effects, then saved, once.

The same form is sent twice. What was shown counts: should anything be typed between the steps, it is shown again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from bureau import access, clock, doors
from bureau.desk.counter import effects
from bureau.desk.counter.effects import Effects
from bureau.errors import BureauError
from enrollment.services.once import once
from payments import tasks

# A file input without a file arrives as an empty text; the file itself is chosen in the second step.
NOT_CONTENT = ("csrfmiddlewaretoken", "form_token", "seen", "next", "document_file")


@dataclass
class Step:
    """One page of the counter.

    ``rehearse`` makes the change and returns anything (it is rolled back); ``save`` makes it and returns the address to
    go to. ``fields`` says at which field of the form an error of a code belongs.
    """

    title: Any
    form: Any
    rehearse: Callable[[], Any]
    save: Callable[[], str]
    done: Any
    back_url: str
    people: Collection[int] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    on_error: Callable[[BureauError], bool] = lambda error: False
    template: str = "desk/step.html"
    submit_text: Any = ""
    notices: Callable[[Any], list[Any]] = lambda result: []
    context: dict[str, Any] = field(default_factory=dict)
    moves: bool = True


def run(request: HttpRequest, step: Step) -> HttpResponse:
    """Draw the page, check and show, or save and go on."""
    shown: Effects[Any] | None = None
    seen = ""
    if request.method == "POST" and step.form.is_valid():
        digest = _digest(request)
        if not step.moves or request.POST.get("seen") == digest:
            answer = _try(step, lambda: _saved(request, step))
            if answer is not None:
                return HttpResponseRedirect(answer)
        else:
            shown = _try(
                step,
                lambda: effects.rehearse(step.rehearse, step.people, by=doors.me(request), at=clock.now()),
            )
            seen = digest if shown is not None else ""
    return TemplateResponse(
        request,
        step.template,
        {
            **admin.site.each_context(request),
            "title": step.title,
            "form": step.form,
            "token": _token(request),
            "seen": seen,
            "effects": shown,
            "notices": step.notices(shown.result) if shown else [],
            "back_url": step.back_url,
            "submit_text": step.submit_text or _("Save"),
            "moves": step.moves,
            **step.context,
        },
    )


def _saved(request: HttpRequest, step: Step) -> str:
    answer, again = once(token=UUID(_token(request)), by=doors.me(request), at=clock.now(), call=step.save)
    if again:
        messages.info(request, _("This was saved already; here is what came of it."))
    else:
        transaction.on_commit(tasks.ring_register)
        messages.success(request, str(step.done))
    return answer


def _try(step: Step, call: Callable[[], Any]) -> Any:
    """The answer of ``call``, or None with the refusal written at its field."""
    try:
        return call()
    except access.OutOfScope as error:
        raise Http404 from error
    except access.NotAllowed as error:
        raise PermissionDenied from error
    except BureauError as error:
        if not step.on_error(error):
            place(step.form, step.fields.get(error.code), doors.words(error))
        return None


def place(form: Any, name: str | None, text: str) -> None:
    """Write an error at its field, or above the form where it has none."""
    form.add_error(name if name in form.fields else None, forms.ValidationError(text))


def _token(request: HttpRequest) -> str:
    """The form's own number: made when the page is asked for, sent back with it."""
    sent = request.POST.get("form_token", "")
    try:
        return str(UUID(sent))
    except ValueError:
        return str(uuid4())


def _digest(request: HttpRequest) -> str:
    """What was typed, as a number: the second step must send what the first one showed."""
    lists = sorted((key, values) for key, values in request.POST.lists() if key not in NOT_CONTENT)
    return hashlib.sha256(repr(lists).encode()).hexdigest()

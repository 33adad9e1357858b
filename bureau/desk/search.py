"""Looking a person up: by POST only, so that no ID number stands in an address line, a history or a log.

An ID number is looked up exactly, a debit reference or receivable number leads to its person, a name by its beginning.
"""

import logging
import re

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from bureau import access, doors
from bureau.identity import IdNumberError, check_id, mask_id, normalize_id
from bureau.models import User
from bureau.pages import Table, link
from enrollment.models import Person
from payments.models import Receivable

log = logging.getLogger(__name__)
SHOWN = 50
_REFERENCE = re.compile(r"([1-9][0-9]{5})-([0-9]{4})-([0-9]{9})(?:-[0-9]{2})?")
_ID = re.compile(r"[0-9A-Z/()\-]{6,40}")


class SearchForm(forms.Form):
    """What to look for."""

    text = forms.CharField(max_length=60)


@sensitive_post_parameters("text")
@sensitive_variables("text")
def page(request: HttpRequest) -> HttpResponse:
    """The search form, and what it found; one person found is opened at once."""
    user = doors.me(request)
    if not access.may(user, "person.view"):
        raise PermissionDenied
    text, more = "", False
    found: list[Person] = []
    if request.method == "POST":
        form = SearchForm(request.POST)
        text = form.cleaned_data["text"].strip() if form.is_valid() else ""
        kind, found = look_up(user, text)
        # Who looked for what kind of thing and which person was found; never what was typed.
        log.info("look-up by %s: %s found %s", user.username, kind, [person.pk for person in found[:SHOWN]])
        if len(found) == 1:
            return HttpResponseRedirect(reverse("desk:person", args=[found[0].pk]))
        more, found = len(found) > SHOWN, found[:SHOWN]
    rows = [
        [
            link(person.name, reverse("desk:person", args=[person.pk])),
            mask_id(person.id_number),
            person.get_person_class_display(),
            person.region.name,
        ]
        for person in found
    ]
    table = Table(
        _("Found"),
        [pgettext("person", "name"), _("ID number"), _("person class"), _("region")],
        rows,
        _("Nobody in your regions has this number, name or reference."),
        _("More than %(shown)s: please be more specific.") % {"shown": SHOWN} if more else "",
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Look a person up"),
        "opts": Person._meta,
        "table": table if request.method == "POST" else None,
        "text": "" if _ID.fullmatch(normalize_id(text)) else text,
    }
    return TemplateResponse(request, "desk/search.html", context)


@sensitive_variables("text")
def look_up(user: User, text: str) -> tuple[str, list[Person]]:
    """What kind of text it was, and the people it leads to in the regions of ``user``: at most one more than are shown."""
    people = access.for_user(Person.objects.select_related("region"), user)
    if not text:
        return "nothing", []
    reference = _REFERENCE.fullmatch(text)
    if reference:
        region, year, number = reference.groups()
        due = Receivable.objects.filter(pk=int(year) * 10**10 + int(number), region_id=region)
        owner = access.for_user(due, user).values("person_id")
        return "reference", list(Person.objects.select_related("region").filter(pk__in=owner))
    wanted = normalize_id(text)
    if _ID.fullmatch(wanted) and any(char.isdigit() for char in wanted):
        numbers = {wanted, _today_form(wanted)}
        exact = Person.objects.select_related("region").filter(id_number__in=numbers)
        return "ID number", _enrolled_here(user, list(exact.order_by("id")[: SHOWN + 1]))
    return "name", list(people.filter(name__startswith=text).order_by("name", "id")[: SHOWN + 1])


@sensitive_variables("number")
def _today_form(number: str) -> str:
    """An old number of 15 digits in its form of 18 places, under which people are registered."""
    try:
        return check_id("01", number).number
    except IdNumberError:
        return number


def _enrolled_here(user: User, found: list[Person]) -> list[Person]:
    """Those registered or enrolled in the person's regions."""
    codes = access.regions_of(user)
    if codes is None:
        return found
    return [
        person
        for person in found
        if person.region_id in codes or person.enrollments.filter(region_id__in=sorted(codes)).exists()
    ]

"""Looking a person up: by POST only, so that no ID number stands in an address line, a history or a log.

One field for everything a clerk knows of somebody: the ID number, exactly; its last four places with the name; the name
or its pinyin initials by their beginning; a phone; the number of a household; a village or community; a debit reference
or the number of a receivable.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from bureau import access, doors
from bureau.identity import mask_id, normalize_id
from bureau.models import User
from bureau.pages import NOTHING, Table, link
from enrollment.models import Enrollment, Household, Person
from enrollment.services import lookups
from payments.models import Receivable

log = logging.getLogger(__name__)
_REFERENCE = re.compile(r"([1-9][0-9]{5})-([0-9]{4})-([0-9]{9})(?:-[0-9]{2})?")
_HOUSEHOLD = re.compile(r"(?:户|[1-9][0-9]{5}-)([0-9]{1,12})")
_PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
_ID = re.compile(r"[0-9A-Z/()\-]{6,40}")
_FOUR = re.compile(r"(?P<four>[0-9]{3}[0-9X])")
_FOUR_FIRST = re.compile(r"(?P<four>[0-9]{3}[0-9Xx])\s*(?P<name>[^\d\s].*)")
_FOUR_LAST = re.compile(r"(?P<name>[^\d].*?)\s*(?P<four>[0-9]{3}[0-9Xx])")
_LETTERS = re.compile(r"[A-Za-z]{1,20}")
_PLACES = ("村", "社区", "居委会", "屯", "社", "苑", "小区", "村委会")
_KINDS = {
    "last four places": gettext_lazy("last four places"),
    "phone": gettext_lazy("phone"),
    "household": gettext_lazy("household"),
    "initials": gettext_lazy("pinyin initials"),
    "name": gettext_lazy("by name"),
    "village": gettext_lazy("village or community"),
}


@dataclass(frozen=True)
class Find:
    """What kind of text it was, the persons of one page, the cursor of the next, and households to show."""

    kind: str
    people: Sequence[Person] = ()
    after: str = ""
    households: dict[int, Household] = field(default_factory=dict)


class SearchForm(forms.Form):
    """What to look for, and behind whom to go on."""

    text = forms.CharField(max_length=60)
    after = forms.CharField(max_length=120, required=False)


@sensitive_post_parameters("text")
@sensitive_variables("text", "form")
def page(request: HttpRequest) -> HttpResponse:
    """The search form, and what it found; one person found is opened at once."""
    user = doors.me(request)
    if not access.may(user, "person.view"):
        raise PermissionDenied
    text, find = "", Find("nothing")
    if request.method == "POST":
        form = SearchForm(request.POST)
        after = ""
        if form.is_valid():
            text, after = form.cleaned_data["text"].strip(), form.cleaned_data["after"]
        find = look_up(user, text, after)
        told(user, find.kind, find.people)
        if len(find.people) == 1 and not after:
            return HttpResponseRedirect(reverse("desk:person", args=[find.people[0].pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("Look a person up"),
        "opts": Person._meta,
        "table": _table(find) if request.method == "POST" else None,
        "text": "" if _ID.fullmatch(normalize_id(text)) else text,
        "after": find.after,
    }
    return TemplateResponse(request, "desk/search.html", context)


def told(user: User, kind: str, found: Sequence[Person]) -> None:
    """Log who looked for what kind of thing and which person was found; never what was typed."""
    log.info("look-up by %s: %s found %s", user.username, kind, [person.pk for person in found])


def _table(find: Find) -> Table:
    rows = []
    for person in find.people:
        home = find.households.get(person.pk)
        row: list[Any] = [
            link(person.name, reverse("desk:person", args=[person.pk])),
            mask_id(person.id_number),
            person.get_gender_display(),
            person.get_person_class_display(),
            person.phone or NOTHING,
            person.region.name,
        ]
        rows.append([*row, home, f"{home.town}{home.village}" or NOTHING] if home else row)
    columns = [
        pgettext("person", "name"),
        _("ID number"),
        _("gender"),
        _("person class"),
        _("phone"),
        _("region"),
    ]
    if find.households:
        columns += [_("household"), _("village or community")]
        rows = [[*row, NOTHING, NOTHING] if len(row) < len(columns) else row for row in rows]
    return Table(
        _("Found"),
        columns,
        rows,
        _("Nobody in your regions has this number, name or reference."),
        _("by %(kind)s") % {"kind": _KINDS[find.kind]} if find.kind in _KINDS else "",
    )


@sensitive_variables()
def look_up(user: User, text: str, after: str = "") -> Find:
    """What kind of text it was, and the people it leads to in the regions of ``user``: one page."""
    if not text:
        return Find("nothing")
    narrow = normalize_id(text)
    reference = _REFERENCE.fullmatch(narrow)
    if reference:
        return _by_reference(user, *reference.groups())
    home = _HOUSEHOLD.fullmatch(narrow)
    if home:
        return _scoped(user, lookups.by_household(int(home[1])))
    if _FOUR.fullmatch(narrow):
        return _find(lookups.by_four(narrow, regions=codes_of(user), after=after))
    if _ID.fullmatch(narrow) and any(char.isdigit() for char in narrow):
        found = _enrolled_here(user, lookups.by_number(narrow))
        if not found and _PHONE.fullmatch(narrow):
            return Find("phone", _enrolled_here(user, lookups.by_phone(narrow)))
        return Find("ID number", found)
    return _by_words(text, codes_of(user), after)


def _by_reference(user: User, region: str, year: str, number: str) -> Find:
    due = Receivable.objects.filter(pk=int(year) * 10**10 + int(number), region_id=region)
    owner = access.for_user(due, user).values("person_id")
    return Find("reference", list(Person.objects.select_related("region").filter(pk__in=owner)))


@sensitive_variables()
def _by_words(text: str, regions: Sequence[str], after: str) -> Find:
    """By the last four places with a name, by initials, by village, by name: the first that fits or finds somebody."""
    both = _FOUR_FIRST.fullmatch(text) or _FOUR_LAST.fullmatch(text)
    if both:
        name, four = both["name"].strip(), both["four"]
        told_by = {"letters": name} if _LETTERS.fullmatch(name) else {"name": name}
        return _find(lookups.by_four(four, regions=regions, after=after, **told_by))
    ways = [lookups.by_name, lookups.by_village]
    if _LETTERS.fullmatch(text):
        ways = [lookups.by_initials, lookups.by_name]
    elif text.endswith(_PLACES) and len(text) > 2:
        ways.reverse()
    found = ways[0](text, regions=regions, after=after)
    if not found.people and not after:
        other = ways[1](text, regions=regions)
        return _find(other) if other.people else _find(found)
    # A page behind the first one goes on in the way that found it.
    if after and not found.people:
        found = ways[1](text, regions=regions, after=after)
    return _find(found)


def _find(found: lookups.Found) -> Find:
    return Find(found.by.value, found.people, found.after, found.households)


def _scoped(user: User, found: lookups.Found) -> Find:
    return Find(found.by.value, _enrolled_here(user, found.people), households=found.households)


def codes_of(user: User) -> list[str]:
    """The regions in which ``user`` looks people up: the person's own, or wherever anybody is registered."""
    codes = access.regions_of(user)
    return lookups.inhabited() if codes is None else sorted(codes)


def _enrolled_here(user: User, found: Sequence[Person]) -> list[Person]:
    """Those registered or enrolled in the person's regions; one query."""
    codes = access.regions_of(user)
    if codes is None or not found:
        return list(found)
    away = [person.pk for person in found if person.region_id not in codes]
    enrolled = set(
        Enrollment.objects.filter(person__in=away, region_id__in=sorted(codes)).values_list(
            "person_id", flat=True
        )
        if away
        else ()
    )
    return [person for person in found if person.region_id in codes or person.pk in enrolled]

"""One page about one person: registered, due, debited, paid, covered from when, and everything that happened.

Names are shown in full, numbers of documents and accounts masked. Rows of other regions are not shown, but for the fact
that there is an enrolment, and its state.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from bureau import access, clock, doors
from bureau.desk.person import continuity, cover, money, register
from bureau.desk.person.actions import actions
from bureau.desk.person.known import Known
from bureau.identity import CERT_TYPES, mask_id
from bureau.models import User
from bureau.pages import NOTHING, Fact, badge, day, link, moment
from enrollment.models import Enrollment, Person


def visible(user: User, person_id: int) -> Person | None:
    """The person, when registered or enrolled in a region of ``user``."""
    people = Person.objects.select_related("region").filter(pk=person_id)
    codes = access.regions_of(user)
    if codes is not None:
        mine = Enrollment.objects.filter(person_id=person_id, region_id__in=sorted(codes)).values("person_id")
        people = people.filter(Q(region_id__in=sorted(codes)) | Q(pk__in=mine))
    return people.first()


def page(request: HttpRequest, person_id: int) -> HttpResponse:
    """The page; 404 for people of other regions, 403 for roles that look nobody up."""
    user = doors.me(request)
    person = visible(user, person_id)
    if person is None:
        raise Http404
    if not access.may(user, "person.view"):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": person.name,
        "opts": Person._meta,
        **_content(user, person),
    }
    return TemplateResponse(request, "desk/person.html", context)


def _content(user: User, person: Person) -> dict[str, Any]:
    known = Known(user, person)
    return {
        "person": person,
        "actions": actions(user, person),
        "badges": _badges(person),
        "facts": [*_facts(person), *_links(known)],
        "standings": cover.standings(known),
        "money_tables": [
            money.receivables(known),
            money.instructions(known),
            money.payments(known),
            *money.exceptions(known),
            money.work(known),
        ],
        "cover_tables": [
            cover.cover(known),
            *continuity.years(known, clock.today().year),
            *cover.former(known),
        ],
        "register_tables": [
            register.enrollments(known),
            *register.cases(known),
            register.mandates(known),
            *register.categories(known),
            *register.earlier(known),
            register.changes(known),
        ],
        "moments": register.moments(known),
    }


def _badges(person: Person) -> list[Any]:
    found = [badge(person.region.name)]
    if person.death_date is not None:
        found.append(badge(_("deceased %(day)s") % {"day": day(person.death_date)}, "danger"))
    return found


def _facts(person: Person) -> list[Fact]:
    return [
        Fact(_("ID number"), mask_id(person.id_number)),
        Fact(_("record"), f"#{person.pk}"),
        Fact(_("ID type"), _id_type(person.id_type)),
        Fact(_("old ID number"), mask_id(person.id_alias) if person.id_alias else NOTHING),
        Fact(_("gender"), person.get_gender_display()),
        Fact(_("person class"), person.get_person_class_display()),
        Fact(_("phone"), person.phone or NOTHING),
        Fact(_("region"), person.region.name),
        Fact(_("registered at"), moment(person.created_at)),
    ]


def _links(known: Known) -> list[Fact]:
    """The household, and the records that were merged with this one."""
    person, facts = known.person, []
    if known.household is not None:
        home = known.household
        facts.append(
            Fact(_("household"), link(home.household, reverse("desk:household", args=[home.household_id])))
        )
    if person.merged_into_id is not None:
        into = reverse("desk:person", args=[person.merged_into_id])
        facts.append(Fact(_("merged into"), link(f"#{person.merged_into_id}", into)))
    for former in known.former:
        there = reverse("desk:person", args=[former.pk])
        facts.append(Fact(_("former record"), link(f"{former.name} #{former.pk}", there)))
    return facts


def _id_type(code: str) -> str:
    kind = CERT_TYPES.get(code)
    return _(kind.en) if kind else code

"""One household: its members, who looks after whom, who pays, and everybody's state this year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bureau import access, clock, doors
from bureau.desk.person.actions import Action
from bureau.identity import mask_id
from bureau.models import User
from bureau.pages import NOTHING, RIGHT, Column, Fact, Table, badge, day, link, money, small
from bureau.periods import months_between
from enrollment.models import Coverage, Enrollment, Household, HouseholdMember
from enrollment.services import cover
from enrollment.states import EnrollmentState
from payments.models import Receivable
from payments.words import RECEIVABLE_STATES, state_badge

ENROLLMENT_TONES = {"0": "", "1": "success", "2": "warning", "4": ""}
ACTIONS = (
    ("add", "person_add"),
    ("member", "manage_accounts"),
    ("head", "star"),
    ("leave", "person_remove"),
    ("split", "call_split"),
    ("merge", "call_merge"),
    ("place", "home_pin"),
)


def found(user: User, household_id: int) -> Household:
    """The household in the regions of ``user``; raises 404."""
    rows = access.for_user(Household.objects.select_related("region", "payer", "merged_into"), user)
    members = HouseholdMember.objects.select_related("person", "guardian").order_by("left_on", "id")
    household = rows.prefetch_related(Prefetch("members", members)).filter(pk=household_id).first()
    if household is None:
        raise Http404
    return household


def living(household: Household) -> list[HouseholdMember]:
    """Who lives there now: the head first, then by the day of joining."""
    now = [member for member in household.members.all() if member.left_on is None]
    return sorted(now, key=lambda one: (one.relation != "HEAD", one.pk))


@dataclass(frozen=True)
class Year:
    """A benefit year, and what each member is, owes and is covered for in it."""

    year: int
    enrolled: Mapping[int, list[Enrollment]]
    due: Mapping[int, list[Any]]
    cover: Mapping[int, list[Coverage]]


def year_of(household: Household, year: int) -> Year:
    """Everybody's state in a year, in three queries."""
    people = [member.person_id for member in living(household)]
    enrolled: dict[int, list[Enrollment]] = {}
    for row in Enrollment.objects.filter(person_id__in=people).select_related("region").order_by("-id"):
        enrolled.setdefault(row.person_id, []).append(row)
    due: dict[int, list[Any]] = {}
    rows = Receivable.objects.filter(person_id__in=people).for_year(year).with_state()
    for one in rows.select_related("region").order_by("id"):
        due.setdefault(one.person_id, []).append(one)
    covered: dict[int, list[Coverage]] = {}
    for each in cover.in_force_for(people, year):
        covered.setdefault(each.person_id, []).append(each)
    return Year(year, enrolled, due, covered)


def page(request: HttpRequest, household_id: int) -> HttpResponse:
    """The page; 404 for households of other regions, 403 for roles that look nobody up."""
    user = doors.me(request)
    household = found(user, household_id)
    if not access.may(user, "person.view") or request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    today = clock.today()
    now = year_of(household, today.year)
    context = {
        **admin.site.each_context(request),
        "title": _("Household %(number)s") % {"number": household},
        "opts": Household._meta,
        "badges": _badges(household),
        "notices": _notices(household),
        "actions": _actions(user, household),
        "facts": _facts(household),
        "tables": [_members(household, now, today), *_former(household)],
    }
    return TemplateResponse(request, "desk/household.html", context)


def _badges(household: Household) -> list[Any]:
    badges = [badge(household.region.name)]
    if household.closed_on is not None:
        badges.append(badge(_("closed %(day)s") % {"day": day(household.closed_on)}, "danger"))
    return badges


def _notices(household: Household) -> list[Any]:
    members = living(household)
    if household.merged_into is not None:
        into = link(household.merged_into, reverse("desk:household", args=[household.merged_into_id]))
        return [into]
    if members and not any(member.relation == "HEAD" for member in members):
        return [_("This household has no head: move the head to a member.")]
    return []


def _actions(user: User, household: Household) -> list[Action]:
    if household.closed_on is not None or not access.may(user, "household.edit"):
        return []
    names = {
        "add": _("Add a member"),
        "member": _("Relation, guardian"),
        "head": _("Move the head"),
        "leave": _("A member leaves"),
        "split": _("Split"),
        "merge": _("Merge"),
        "place": _("Address, payer"),
    }
    return [
        Action(names[what], icon, reverse("desk:household_act", args=[household.pk, what]))
        for what, icon in ACTIONS
    ]


def _facts(household: Household) -> list[Fact]:
    payer = household.payer
    return [
        Fact(_("region"), household.region.name),
        Fact(_("town or street"), household.town or NOTHING),
        Fact(_("village or community"), household.village or NOTHING),
        Fact(_("address"), household.address or NOTHING),
        Fact(_("phone"), household.phone or NOTHING),
        Fact(_("payer"), link(payer.name, reverse("desk:person", args=[payer.pk])) if payer else NOTHING),
        Fact(_("since"), day(household.opened_on)),
    ]


def _members(household: Household, now: Year, today: date) -> Table:
    rows = []
    for member in living(household):
        person = member.person
        rows.append(
            [
                link(person.name, reverse("desk:person", args=[person.pk])),
                mask_id(person.id_number),
                member.get_relation_display(),
                _age(person.birth_date, today),
                person.get_person_class_display(),
                member.guardian.name if member.guardian else NOTHING,
                _enrolled(now.enrolled.get(person.pk, [])),
                money(sum(one.amount_due for one in now.due[person.pk])) if person.pk in now.due else NOTHING,
                _paid(now.due.get(person.pk, [])),
                _covered(now.cover.get(person.pk, [])),
            ]
        )
    columns = [
        pgettext("person", "name"),
        _("ID number"),
        _("relation to the head"),
        _("age"),
        _("person class"),
        _("guardian"),
        _("enrolled"),
        Column(_("due"), RIGHT),
        _("paid"),
        _("cover"),
    ]
    title = _("Members and their state in %(year)s") % {"year": now.year}
    return Table(title, columns, rows, _("Nobody lives here any more."))


def _age(birth: date | None, today: date) -> str:
    if birth is None or birth > today:
        return NOTHING
    months = months_between(birth, today)
    return str(months // 12) if months >= 12 else _("%(months)s months") % {"months": months}


def _enrolled(rows: list[Enrollment]) -> Any:
    live = [row for row in rows if row.state != EnrollmentState.ENDED] or rows[:1]
    if not live:
        return badge(_("not enrolled"), "warning")
    return badge(live[0].get_state_display(), ENROLLMENT_TONES[live[0].state])


def _paid(rows: list[Any]) -> Any:
    return state_badge(RECEIVABLE_STATES, rows[-1].state) if rows else NOTHING


def _covered(rows: list[Coverage]) -> Any:
    periods = [row for row in rows if row.start is not None and row.end is not None]
    if not rows:
        return NOTHING
    if not periods:
        return badge(_("no cover"), "warning")
    last = max(row.end.fromordinal(row.end.toordinal() - 1) for row in periods if row.end)
    return f"{day(min(row.start for row in periods if row.start))} – {day(last)}"


def _former(household: Household) -> list[Table]:
    gone = [member for member in household.members.all() if member.left_on is not None]
    rows = [
        [
            link(member.person.name, reverse("desk:person", args=[member.person_id])),
            member.get_relation_display(),
            day(member.joined_on),
            day(member.left_on),
            small(_("deceased %(day)s") % {"day": day(member.person.death_date)})
            if member.person.death_date
            else "",
        ]
        for member in gone
    ]
    columns = [
        pgettext("person", "name"),
        _("relation to the head"),
        _("from"),
        _("to (exclusive)"),
        "",
    ]
    return [Table(_("former members"), columns, rows)] if rows else []

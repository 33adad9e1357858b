"""The review queue of online applications: oldest first, pictures beside the form, worked off with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from bureau import access, attachments, clock, doors
from bureau.filters import RegionFilter, SelectFilter
from bureau.identity import CERT_TYPES, mask_id
from bureau.models import User
from bureau.pages import NOTHING, Choice, Detail, Fact, badge, day, link, moment, pictures, small
from bureau.scoped import ScopedAdmin
from enrollment.models import EnrolmentApplication, Person, PersonClass, PictureKind
from enrollment.services import applications
from enrollment.states import ApplicationState

STATES = {
    ApplicationState.WAITING: (gettext_lazy("waiting"), "warning"),
    ApplicationState.TAKEN: (gettext_lazy("in hand"), "info"),
    ApplicationState.RETURNED: (gettext_lazy("returned"), ""),
    ApplicationState.ACCEPTED: (gettext_lazy("accepted"), "success"),
    ApplicationState.REJECTED: (gettext_lazy("rejected"), "danger"),
}
LATE_DAYS = 3
QUICK = (
    gettext_lazy("The picture cannot be read: please take it again in good light."),
    gettext_lazy("The name on the picture is not the one in the form."),
    gettext_lazy("The number on the picture is not the one in the form."),
    gettext_lazy("The page of the household book with this person is missing."),
)


class ShowFilter(SelectFilter):
    """Which applications: by default those that wait."""

    kind = "chip"
    title = gettext_lazy("applications")
    parameter_name = "show"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """Waiting, mine, returned, accepted, rejected."""
        return [(name, "") for name in ("waiting", "mine", "returned", "accepted", "rejected")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The chosen ones."""
        match self.chosen or "waiting":
            case "mine":
                return queryset.filter(state=ApplicationState.TAKEN, taken_by_id=request.user.pk)
            case "returned" | "accepted" | "rejected" as state:
                return queryset.filter(state=state.upper())
            case _waiting:
                return queryset.filter(state__in=[ApplicationState.WAITING, ApplicationState.TAKEN])


def name_of(user: User | None) -> str:
    """A colleague's name."""
    return (user.get_full_name() or user.username) if user else NOTHING


def age(since: datetime) -> str:
    """How long something has waited, in days or hours."""
    passed = clock.now() - since
    if passed.days:
        return ngettext("%(number)s day", "%(number)s days", passed.days) % {"number": passed.days}
    hours = int(passed.total_seconds() // 3600)
    return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}


@admin.register(EnrolmentApplication)
class EnrolmentApplicationAdmin(ScopedAdmin):
    """Applications of the national app and other partners."""

    view_action = "application.view"
    keyset = ("submitted_at", "id")
    list_display = (
        "number",
        "waits",
        "applicant",
        "certificate",
        "person_class",
        "region_name",
        "state_shown",
        "holder",
    )
    list_select_related = ("region", "taken_by")
    list_filter = (ShowFilter, RegionFilter)
    change_list_template = "desk/applications.html"
    detail_template = "desk/application.html"
    routes = (("next/", "next", "next_one"), ("<int:pk>/act/", "act", "act"))
    empty_text = gettext_lazy("No application waits here.")

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """Waiting, mine, returned, accepted, rejected."""
        chosen = request.GET.get("show", "waiting")
        names = (
            ("waiting", _("Waiting")),
            ("mine", _("Mine")),
            ("returned", _("Returned")),
            ("accepted", _("Accepted")),
            ("rejected", _("Rejected")),
        )
        return [Choice(name, f"?show={value}", value == chosen) for value, name in names]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The queue, with the key that takes the next one."""
        handles = access.may(request.user, applications.DECIDE)
        return super().changelist_view(request, {**(extra_context or {}), "handles": handles})

    @admin.display(description=gettext_lazy("waiting for"))
    def waits(self, row: EnrolmentApplication) -> Any:
        """The age of what is open; red when it is late."""
        if row.state not in applications.OPEN:
            return moment(row.submitted_at)
        late = (clock.now() - row.submitted_at).days >= LATE_DAYS
        return badge(age(row.submitted_at), "danger") if late else age(row.submitted_at)

    @admin.display(description=pgettext_lazy("person", "name"))
    def applicant(self, row: EnrolmentApplication) -> str:
        """In full."""
        return row.name

    @admin.display(description=gettext_lazy("ID number"))
    def certificate(self, row: EnrolmentApplication) -> str:
        """Masked."""
        return mask_id(row.id_number)

    @admin.display(description=gettext_lazy("pooling region"))
    def region_name(self, row: EnrolmentApplication) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: EnrolmentApplication) -> Any:
        """A coloured label."""
        return badge(*STATES[ApplicationState(row.state)])

    @admin.display(description=gettext_lazy("taken by"))
    def holder(self, row: EnrolmentApplication) -> str:
        """In whose hands."""
        return name_of(row.taken_by)

    # ---------------------------------------------------------------- one application

    def detail(self, request: HttpRequest, row: EnrolmentApplication) -> Detail:
        """The form, what the register knows, the pictures, and the decision."""
        related = ("region", "client", "taken_by", "decided_by", "person")
        item = EnrolmentApplication.objects.select_related(*related).get(pk=row.pk)
        user = doors.me(request)
        is_open = item.state in applications.OPEN
        found = applications.findings(application=item, by=user)
        labels = dict(PictureKind.choices)
        shown = pictures(attachments.of(item).select_related("uploaded_by").order_by("-id"), labels)
        extra = {
            "item": item,
            "pictures": list(reversed(shown)),
            "origin": self._origin(item),
            "findings": self._findings(user, found),
            "twins": bool(found.twins) and found.same_number is None,
            "quick": QUICK,
            **self._may(user, item),
        }
        return Detail(
            f"{item.number} {item.name}",
            self._facts(item, in_full=bool(extra["may_decide"])),
            badges=[self.state_shown(item), *([badge(age(item.submitted_at))] if is_open else [])],
            extra=extra,
        )

    def _facts(self, item: EnrolmentApplication, *, in_full: bool) -> list[Fact]:
        """The form as it was sent; the number in full for who compares it with the picture, masked for everybody else."""
        kind = CERT_TYPES.get(item.id_type)
        facts = [
            Fact(pgettext_lazy("person", "name"), item.name),
            Fact(_("ID number"), _grouped(item.id_number) if in_full else mask_id(item.id_number)),
            Fact(_("ID type"), kind.zh if kind else item.id_type),
            Fact(_("date of birth"), day(item.birth_date)),
            Fact(_("gender"), item.get_gender_display()),
            Fact(_("person class"), PersonClass(item.person_class).label),
            Fact(_("phone"), item.phone or NOTHING),
            Fact(_("relation to the head"), item.get_relation_display() or NOTHING),
            Fact(
                _("address"),
                " ".join(filter(None, (item.town, item.village, item.address))) or NOTHING,
                wide=True,
            ),
        ]
        if item.head_number:
            facts.append(Fact(_("ID number of the head"), mask_id(item.head_number)))
        if item.guardian_name:
            number = mask_id(item.guardian_number) if item.guardian_number else ""
            words = " ".join(filter(None, (item.guardian_name, number, item.guardian_phone)))
            facts.append(Fact(_("guardian"), words, wide=True))
        return facts

    def _origin(self, item: EnrolmentApplication) -> list[Fact]:
        """Where it came from, and what became of it."""
        facts = [
            Fact(_("pooling region"), item.region.name),
            Fact(_("partner"), f"{item.client.name} {item.reference}".strip()),
            Fact(_("handed in at"), f"{moment(item.submitted_at)} · {_('round')} {item.round}"),
        ]
        if item.reason:
            facts.append(Fact(_("reason"), item.reason, wide=True))
        if item.decided_by:
            facts.append(
                Fact(_("decided by"), f"{name_of(item.decided_by)} · {moment(item.decided_at)}", wide=True)
            )
        if item.person:
            facts.append(
                Fact(_("person"), link(item.person.name, reverse("desk:person", args=[item.person_id])))
            )
        return facts

    def _findings(self, user: Any, found: applications.Findings) -> list[tuple[Any, Any]]:
        """(label, sentence) of each finding."""
        lines: list[tuple[Any, Any]] = []
        same = found.same_number
        if same is not None:
            visible = access.in_scope(user, same.region_id)
            who = (
                link(same.name, reverse("desk:person", args=[same.pk]))
                if visible
                else small(_("another region"))
            )
            if found.name_agrees:
                lines.append((badge(_("same number"), "info"), who))
            else:
                lines.append((badge(_("same number, other name"), "danger"), who))
        lines += [(badge(_("same name and birth"), "warning"), self._person(twin)) for twin in found.twins]
        lines += [
            (badge(_("enrolled"), "warning"), f"{one.region.name} · {day(one.started_on)}")
            for one in found.enrollments
        ]
        lines += [
            (
                badge(_("other application"), ""),
                link(f"{one.number} {STATES[ApplicationState(one.state)][0]}", self.url_for(one)),
            )
            for one in found.others
        ]
        return lines or [
            (badge(_("new"), "success"), _("Neither the number nor the name with this birth is registered."))
        ]

    def _person(self, person: Person) -> Any:
        words = f"{person.name} {mask_id(person.id_number)} · {person.region.name}"
        return link(words, reverse("desk:person", args=[person.pk]))

    def _may(self, user: Any, item: EnrolmentApplication) -> dict[str, bool]:
        handles, mine = access.may(user, applications.DECIDE), item.taken_by_id == user.pk
        waiting, taken = item.state == ApplicationState.WAITING, item.state == ApplicationState.TAKEN
        return {
            "handles": handles,
            "may_take": handles and waiting,
            "may_give_back": handles and taken and (mine or access.Role.SUPERVISOR in access.roles(user)),
            "may_decide": handles and (waiting or (taken and mine)),
        }

    # ---------------------------------------------------------------- what only a POST does

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take, give back, accept, return, reject: one service call; after a decision comes the next application."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by, at = doors.me(request), clock.now()
        reason, action = request.POST.get("reason", "")[:2000], request.POST.get("action", "")
        named: dict[str, Any] = {"application_id": row.pk, "by": by, "at": at}
        enrolled = _("%(name)s is enrolled.") % {"name": row.name}
        calls: dict[str, tuple[Any, Any]] = {
            "take": (lambda: applications.take(**named), _("It is yours.")),
            "give_back": (lambda: applications.give_back(**named), _("Given back.")),
            "accept": (lambda: applications.accept(**named), enrolled),
            "accept_other": (lambda: applications.accept(**named, confirm_twin=True), enrolled),
            "return": (lambda: applications.send_back(**named, reason=reason), _("Returned to the partner.")),
            "reject": (
                lambda: applications.send_back(**named, reason=reason, for_good=True),
                _("The application is rejected."),
            ),
        }
        if action not in calls:
            return HttpResponseRedirect(self.url_for(row))
        call, done = calls[action]
        result = doors.attempt(request, call, done)
        if result is None or action in ("take", "give_back"):
            return HttpResponseRedirect(self.url_for(row))
        following = self._following(request)
        return HttpResponseRedirect(self.url_for(following) if following else self.url("changelist"))

    def _following(self, request: HttpRequest) -> EnrolmentApplication | None:
        """One's own first, then what waits longest."""
        mine = models.Q(state=ApplicationState.TAKEN, taken_by_id=request.user.pk)
        waiting = self.get_queryset(request).filter(models.Q(state=ApplicationState.WAITING) | mine)
        return waiting.order_by("taken_by_id", "submitted_at", "id").first()

    def next_one(self, request: HttpRequest) -> HttpResponse:
        """Take what waits longest and open it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by = doors.me(request)
        if not access.may(by, applications.DECIDE):
            raise PermissionDenied
        item = doors.attempt(request, lambda: applications.take_next(by=by, at=clock.now()))
        if item is None:
            messages.info(request, _("Nothing is waiting to be taken."))
            return HttpResponseRedirect(self.url("changelist"))
        return HttpResponseRedirect(self.url_for(item))


def _grouped(number: str) -> str:
    """A number in groups, as the eye compares it with a card."""
    if len(number) != 18:
        return number
    return f"{number[:6]} {number[6:14]} {number[14:]}"

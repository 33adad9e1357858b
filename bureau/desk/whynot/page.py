"""Why can't this person pay? Everything that stands in the way, most urgent first, each with what can be done right there.

The same service answers the channels' orders, so that the app and the counter say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from bureau import access, clock, doors
from bureau.desk.counter.family import cert_choices
from bureau.desk.person.page import visible
from bureau.desk.whynot import words
from bureau.desk.whynot.buttons import Asked, Button, buttons
from bureau.forms import DeskForm, YearField
from bureau.identity import mask_id
from bureau.models import User
from bureau.pages import NOTHING, Fact, Table, badge, day, money
from enrollment.models import Enrollment, Person
from enrollment.services import cover, whatif
from payments.models import Channel
from payments.problems import HELPS
from payments.services import orders, receivables, retries, typed, whynot
from payments.services.obstacles import Obstacle
from payments.words import RECEIVABLE_STATES, state_badge

VIEW = "problems.view"
YEARS_AROUND = 1


@dataclass(frozen=True)
class Shown:
    """A problem as it stands on the page."""

    number: str
    code: str
    prompt: str
    action: str
    blocks: bool
    told: list[tuple[Any, str]]
    who: str
    due: str
    buttons: list[Button]


class AskForm(DeskForm):
    """Whom it is about, as they typed it in the app."""

    id_type = forms.ChoiceField(label=gettext_lazy("ID type"))
    id_number = forms.CharField(
        label=gettext_lazy("ID number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=gettext_lazy("name as typed"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id_type"].choices = cert_choices()  # type: ignore[attr-defined]


@sensitive_post_parameters("id_number", "name")
@sensitive_variables("form", "found")
def start(request: HttpRequest) -> HttpResponse:
    """Ask what was typed; lead to the person, or say what is wrong with it."""
    user = doors.me(request)
    if not access.may(user, VIEW):
        raise PermissionDenied
    form = AskForm(doors.sent(request), initial={"id_type": "01"})
    shown: list[Shown] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        found = typed.look(today=clock.today(), **given)
        if found.person is not None and visible(user, found.person.pk) is not None:
            return HttpResponseRedirect(reverse("desk:whynot", args=[found.person.pk]))
        shown = [_typed(user, one) for one in found.obstacles] or [_elsewhere()]
    return draw(
        request, "desk/whynot_start.html", _("Why can't they pay?"), form=form, reasons=shown, helps=_helps()
    )


def _typed(user: User, one: Obstacle) -> Shown:
    links = []
    if one.code == "PERSON_NOT_FOUND" and access.may(user, "person.register"):
        links.append(Button(_("Register a family"), "group_add", reverse("desk:family")))
    return _shown(one, "", links)


def _elsewhere() -> Shown:
    return Shown(
        "", "", _("This person is neither registered nor enrolled in your regions."),
        _("Ask the region where they are enrolled, or transfer them in."), True, [], "", "",
        [Button(_("Transfer in"), "move_down", reverse("desk:transfer"))],
    )  # fmt: skip


def _shown(one: Obstacle, due: str, links: list[Button]) -> Shown:
    problem = one.problem
    return Shown(
        number=problem.number,
        code=problem.code,
        prompt=_(problem.message),
        action=_(problem.action),
        blocks=problem.blocks,
        told=words.told(one),
        who=words.who(one),
        due=due,
        buttons=links,
    )


class YearForm(forms.Form):
    """The benefit year asked about."""

    year = YearField()


def page(request: HttpRequest, person_id: int) -> HttpResponse:
    """The screen of one person and year."""
    user = doors.me(request)
    person = person_of(request, person_id)
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    form = YearForm(request.GET)
    year = (
        form.cleaned_data["year"]
        if form.is_valid()
        else whatif.usual_year(person_id=person.pk, on=clock.today())
    )
    answer = whynot.ask(person_id=person.pk, year=year, at=clock.now())
    asked = Asked(user, person, year)
    reasons = [
        _shown(one.obstacle, day(one.due_on) if one.due_on else "", buttons(asked, one.obstacle))
        for one in answer.reasons
    ]
    return draw(
        request,
        "desk/whynot.html",
        f"{_('Why can it not be paid?')} {person.name}",
        person=person,
        may_look_up=access.may(user, "person.view"),
        masked=mask_id(person.id_number),
        year=year,
        years=sorted({year, clock.today().year, clock.today().year + YEARS_AROUND}),
        payable=answer.payable,
        reasons=reasons,
        facts=_facts(answer),
        tables=_tables(answer),
        helps=_helps(),
    )


def person_of(request: HttpRequest, person_id: int) -> Person:
    """The person, 404 in other regions, 403 for roles that look nobody up."""
    person = visible(doors.me(request), person_id)
    if person is None:
        raise Http404
    if not access.may(request.user, VIEW):
        raise PermissionDenied
    return person


def _facts(answer: whynot.WhyNot) -> list[Fact]:
    """P30: registered, due, being collected, paid, covered from when: one look."""
    standing = answer.standing
    states = {row.state for row in standing.receivables}
    force = [row for row in cover.in_force_for([standing.person.pk], standing.year) if row.start is not None]
    return [
        Fact(_("enrolled"), "、".join(row.region.name for row in standing.enrollments) or _("no")),
        Fact(_("assessed"), "、".join(f"{row.region.name} {money(row.amount_due)}" for row in standing.receivables)
             or _("no")),
        Fact(_("being collected"), _("yes") if {"DEBITING", "DECLARED_UNPAID"} & set(states) else _("no")),
        Fact(_("paid"), _("yes") if states & {"SETTLED", "IN_TREASURY"} else _("no")),
        Fact(_("covered from"), day(force[0].start) if force else NOTHING),
    ]  # fmt: skip


def _tables(answer: whynot.WhyNot) -> list[Table]:
    tables = []
    standing = answer.standing
    if len(standing.receivables) > 1:
        live = {row.pk for row in standing.enrollments}
        started = {row.pk: row for row in Enrollment.objects.filter(pk__in=live)}
        rows = [
            [
                row.region.name,
                state_badge(RECEIVABLE_STATES, row.state),
                money(row.amount_due),
                day(started[row.enrollment_id].started_on) if row.enrollment_id in started else NOTHING,
            ]
            for row in standing.receivables
        ]
        columns = [_("region"), _("state"), _("due"), _("enrolled on")]
        tables.append(Table(_("receivables of the year"), columns, rows))
    if answer.closed:
        names = dict(Channel.choices)
        rows = [
            [
                names.get(channel, channel),
                badge(_(found[0].problem.message), "warning") if found else badge(_("open"), "success"),
                _(found[0].problem.action) if found else NOTHING,
            ]
            for channel, found in answer.closed.items()
        ]
        tables.append(Table(_("channels here"), [_("channel"), _("state"), _("what to do")], rows))
    return tables


def _helps() -> list[tuple[str, str, str]]:
    return [(one.number, _(one.question), _(one.answer)) for one in HELPS]


# --- what is done right there ----------------------------------------------------------------------


def act(request: HttpRequest, person_id: int) -> HttpResponse:
    """Cancel an order, assess a receivable, clear an account: one call of a service, then the screen again."""
    person = person_of(request, person_id)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user, at = doors.me(request), clock.now()
    sent = request.POST
    match sent.get("what", ""):
        case "cancel":
            doors.attempt(
                request,
                lambda: orders.cancel(
                    number=sent.get("order", "")[:24],
                    client=None,
                    by=user,
                    reason=sent.get("reason", "")[:500],
                    at=at,
                ),
                _("The order is cancelled; it can be paid again."),
            )
        case "assess":
            _assess(request, person, user)
        case "clear":
            doors.attempt(
                request,
                lambda: retries.clear(
                    instruction_id=_number(sent.get("instruction", "")),
                    reason=sent.get("reason", "")[:500],
                    by=user,
                    at=at,
                ),
                _("Written down: the next run tries this account again."),
            )
        case _other:
            raise Http404
    year = _number(sent.get("year", ""))
    return HttpResponseRedirect(f"{reverse('desk:whynot', args=[person.pk])}?year={year}")


def _assess(request: HttpRequest, person: Person, user: User) -> None:
    region, year = request.POST.get("region", ""), _number(request.POST.get("year", ""))
    if not access.in_scope(user, region) or not 2000 <= year <= 2199:
        raise Http404
    doors.attempt(
        request,
        lambda: receivables.assess(
            region_id=region,
            year=year,
            on=receivables.usual_day(region_id=region, year=year, today=clock.today()),
            by=user,
            at=clock.now(),
            person_ids=[person.pk],
        ),
        _("Assessed: it can be paid now."),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def draw(request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
    """A page in the admin's frame."""
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, "opts": Person._meta, **context})

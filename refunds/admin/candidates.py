"""What the system found: a list to tick, one click to cases, or put aside with a reason."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors
from bureau.filters import RegionFilter, SelectFilter, by_choices
from bureau.pages import NOTHING, Choice, Detail, Fact, badge, day, link, moment, money
from bureau.scoped import ScopedAdmin
from payments.models import Channel
from refunds.models import RefundCandidate
from refunds.services import candidates, filing
from refunds.states import CandidateState

KINDS = RefundCandidate.Kind.choices
EVIDENCE = {
    "carried_by": gettext_lazy("payment that carries the year"),
    "exempt_by": gettext_lazy("cover by aid that carries the year"),
    "paid_on": gettext_lazy("payment date"),
    "channel": gettext_lazy("channel"),
    "category": gettext_lazy("category"),
    "listed_on": gettext_lazy("listed on"),
    "employee_since": gettext_lazy("employee cover since"),
    "ended_on": gettext_lazy("ended on"),
    "cover_from": gettext_lazy("cover starts"),
    "due": gettext_lazy("owed by the new terms"),
    "aid_listed": gettext_lazy("listed as aid already"),
}


CHANNELS = dict(Channel.choices)


def _proof(row: RefundCandidate) -> list[tuple[Any, Any]]:
    """The evidence by its names, in words."""
    return [
        (EVIDENCE[key], CHANNELS.get(value, value) if key == "channel" else value)
        for key, value in row.evidence.items()
        if value and key in EVIDENCE
    ]


class ShowFilter(SelectFilter):
    """By default what waits."""

    kind = "chip"
    title = gettext_lazy("possible refunds")
    parameter_name = "show"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """Waiting, made a case, dismissed."""
        return [(state.value.lower(), "") for state in CandidateState]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The chosen ones."""
        return queryset.filter(state=(self.chosen or "open").upper())


@admin.register(RefundCandidate)
class RefundCandidateAdmin(ScopedAdmin):
    """Oldest first."""

    view_action = "refund.view"
    keyset = ("id",)
    list_per_page = 200
    list_display = (
        "tick",
        "insured",
        "kind",
        "yuan",
        "evidence_shown",
        "region_name",
        "case_link",
    )
    list_display_links = ("insured",)
    list_right = ("yuan",)
    list_select_related = ("person", "region", "case")
    list_filter = (ShowFilter, by_choices("kind", gettext_lazy("kind"), KINDS), RegionFilter)
    change_list_template = "desk/refund_candidates.html"
    routes = (("act/", "act", "act"),)
    empty_text = gettext_lazy("Nothing is owed back that is not being seen to.")

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """Waiting, made a case, dismissed."""
        chosen = request.GET.get("show", "open")
        names = (("open", _("Waiting")), ("case", _("Made a case")), ("dismissed", _("Dismissed")))
        return [Choice(name, f"?show={value}", value == chosen) for value, name in names]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with its buttons where something waits."""
        may = access.may(request.user, filing.REQUEST) and request.GET.get("show", "open") == "open"
        return super().changelist_view(request, {**(extra_context or {}), "may_decide": may})

    @admin.display(description="")
    def tick(self, row: RefundCandidate) -> Any:
        """A box to tick; the form stands above the list."""
        return _tick(row.pk) if row.state == CandidateState.OPEN else NOTHING

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: RefundCandidate) -> str:
        """Who."""
        return row.person.name

    @admin.display(description=gettext_lazy("amount"))
    def yuan(self, row: RefundCandidate) -> str:
        """How much."""
        return money(row.amount)

    @admin.display(description=gettext_lazy("evidence"))
    def evidence_shown(self, row: RefundCandidate) -> str:
        """The proof in a line."""
        return "；".join(f"{name} {value}" for name, value in _proof(row))

    @admin.display(description=gettext_lazy("pooling region"))
    def region_name(self, row: RefundCandidate) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("refund case"))
    def case_link(self, row: RefundCandidate) -> Any:
        """The case it became."""
        return link(row.case.number, f"../refundcase/{row.case_id}/change/") if row.case else NOTHING

    def detail(self, request: HttpRequest, row: RefundCandidate) -> Detail:
        """The evidence in full."""
        facts = [
            Fact(_("insured"), row.person.name),
            Fact(_("kind"), row.get_kind_display()),
            Fact(_("amount"), money(row.amount)),
            Fact(_("benefit year"), row.benefit_year),
            Fact(_("payment"), row.payment_id or row.duplicate_id),
            Fact(_("date of the event"), day(row.event_date)),
            Fact(_("found at"), moment(row.found_at)),
            *[Fact(name, value) for name, value in _proof(row)],
        ]
        if row.words:
            facts.append(Fact(_("reason given"), _(row.words), wide=True))
        return Detail(
            f"{row.person.name} {row.get_kind_display()}", facts, badges=[badge(row.get_state_display())]
        )

    def act(self, request: HttpRequest) -> HttpResponse:
        """Cases of the ticked rows, or put them aside: one service call."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by, at = doors.me(request), clock.now()
        ids = [
            int(one)
            for one in request.POST.getlist("row")
            if one.isascii() and one.isdigit() and len(one) < 18
        ]
        if not ids:
            messages.info(request, _("Nothing was ticked."))
            return HttpResponseRedirect(self.url("changelist"))
        text = request.POST.get("words", "")[:300]
        if request.POST.get("action") == "dismiss":
            done = doors.attempt(
                request,
                lambda: candidates.dismiss(candidate_ids=ids, words=text, by=by, at=at),
                _("Put aside."),
            )
        else:
            done = doors.attempt(request, lambda: candidates.make_cases(candidate_ids=ids, by=by, at=at))
            if done is not None and done.cases:
                messages.success(request, _("%(number)s cases submitted.") % {"number": len(done.cases)})
        for _key, error in (done.conflicts if done else [])[:10]:
            messages.warning(request, doors.words(error))
        return HttpResponseRedirect(self.url("changelist"))


def _tick(key: int) -> Any:
    return format_html(
        '<input type="checkbox" name="row" value="{}" form="candidates" aria-label="{}">', key, key
    )

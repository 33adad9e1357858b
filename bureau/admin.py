"""The kernel's pages: regions, proposals, the export register. Users and the calendar have modules of their own."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import (
    access,
    attachments,
    calendaradmin,
    clock,
    differences,
    doors,
    partneradmin,
    proposals,
    useradmin,
)
from bureau.exports import name_of
from bureau.filters import BoundedFilter, RegionFilter, SelectFilter, by_choices
from bureau.models import ExportRecord, Proposal, Region, StaffRegion
from bureau.pages import NOTHING, Choice, Detail, Fact, Table, badge, count, day, link, moment, pictures
from bureau.scoped import ScopedAdmin
from bureau.states import ProposalState

__all__ = [
    "ExportRecordAdmin",
    "ProposalAdmin",
    "RegionAdmin",
    "ScopedAdmin",
    "calendaradmin",
    "partneradmin",
    "useradmin",
]

PROPOSAL_STATES = {
    ProposalState.OPEN: (gettext_lazy("waits"), "warning"),
    ProposalState.APPROVED: (gettext_lazy("approved"), "success"),
    ProposalState.REJECTED: (gettext_lazy("turned down"), "danger"),
    ProposalState.WITHDRAWN: (gettext_lazy("withdrawn"), ""),
}


class RegionNameFilter(BoundedFilter):
    """Regions by the beginning of their code or a part of their name."""

    title = gettext_lazy("name or code")
    parameter_name = "name"
    pattern = r"[\w]{1,20}"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """Digits are a code, everything else a name."""
        field = "code__startswith" if chosen.isascii() and chosen.isdigit() else "name__contains"
        return queryset.filter(**{field: chosen})


@admin.register(Region)
class RegionAdmin(ScopedAdmin):
    """GB/T 2260, for everybody."""

    view_action = "reference.view"
    scope_field = None
    keyset = ("code",)
    list_display = ("code", "name", "level", "parent", "online")
    list_select_related = ("parent",)
    list_filter = (RegionNameFilter, by_choices("level", gettext_lazy("level"), Region.Level.choices))
    empty_text = gettext_lazy("No region has this name or code.")

    @admin.display(description=gettext_lazy("online payment enabled"), boolean=True)
    def online(self, region: Region) -> bool:
        """Whether people of this county may pay online."""
        return region.online_enabled

    def detail(self, request: HttpRequest, row: Region) -> Detail:
        """The region, its place in the tree, and what lies below."""
        below = [
            [link(child.code, self.url_for(child)), child.name, _("yes") if child.online_enabled else _("no")]
            for child in row.children.order_by("code")
        ]
        facts = [
            Fact(_("code"), row.code),
            Fact(_("level"), row.get_level_display()),
            Fact(_("parent"), link(row.parent, self.url_for(row.parent)) if row.parent else NOTHING),
            Fact(_("valid from"), day(row.valid_from)),
            Fact(_("valid to"), day(row.valid_to)),
            Fact(_("online payment enabled"), _("yes") if row.online_enabled else _("no")),
        ]
        columns = [_("code"), _("name"), _("online payment enabled")]
        tables = [Table(_("Regions below"), columns, below)] if below else []
        return Detail(row.name, facts, tables)


class ShowFilter(SelectFilter):
    """Which proposals: by default those that wait for this person."""

    kind = "chip"
    title = gettext_lazy("proposals")
    parameter_name = "show"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """Waiting for me, all open, all."""
        return [("mine", ""), ("open", ""), ("own", ""), ("all", "")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The chosen ones."""
        match self.chosen or "mine":
            case "all":
                return queryset
            case "open":
                return queryset.filter(state=ProposalState.OPEN)
            case "own":
                return queryset.filter(made_by_id=request.user.pk)
            case _mine:
                return queryset.filter(
                    pk__in=proposals.waiting_for(doors.me(request)).order_by().values("pk")
                )


class DecisionForm(forms.Form):
    """Approve or reject, with a reason."""

    decision = forms.ChoiceField(choices=[("approve", "approve"), ("reject", "reject")])
    reason = forms.CharField(max_length=500, required=False)


@admin.register(Proposal)
class ProposalAdmin(ScopedAdmin):
    """The second person's desk."""

    view_action = "proposal.view"
    keyset_descending = True
    list_display = ("title", "what", "region_name", "maker", "made", "state_shown")
    list_select_related = ("region", "made_by")
    list_filter = (ShowFilter, RegionFilter)
    detail_template = "desk/proposal.html"
    routes = (
        ("<int:pk>/decide/", "decide", "decide"),
        ("<int:pk>/withdraw/", "withdraw", "withdraw"),
    )
    empty_text = gettext_lazy("Nothing waits for your decision.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Proposal]:
        """Those of the person's regions, and those the person made: a transfer waits in another region."""
        codes = access.regions_of(request.user)
        if codes is None:
            return Proposal.objects.all()
        return Proposal.objects.filter(Q(region_id__in=sorted(codes)) | Q(made_by_id=request.user.pk))

    @admin.display(description=gettext_lazy("kind"))
    def what(self, proposal: Proposal) -> str:
        """The kind in words."""
        kind = proposals.known_kinds().get(proposal.kind)
        return str(kind.label) if kind else proposal.kind

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, proposal: Proposal) -> str:
        """The region's name."""
        return proposal.region.name

    @admin.display(description=gettext_lazy("made by"))
    def maker(self, proposal: Proposal) -> str:
        """Who made it."""
        return proposal.made_by.get_full_name() or proposal.made_by.username

    @admin.display(description=gettext_lazy("made at"))
    def made(self, proposal: Proposal) -> str:
        """When."""
        return moment(proposal.made_at)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, proposal: Proposal) -> Any:
        """A coloured label."""
        return badge(*PROPOSAL_STATES[ProposalState(proposal.state)])

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """Waiting for me, all open, all."""
        chosen = request.GET.get("show", "mine")
        names = (
            ("mine", _("Waiting for me")),
            ("open", _("All open")),
            ("own", _("Made by me")),
            ("all", _("All")),
        )
        return [Choice(name, f"?show={value}", value == chosen) for value, name in names]

    def subject_url(self, proposal: Proposal) -> str:
        """The page of what the proposal is about, where there is one."""
        app, _dot, model = proposal.subject_type.partition(".")
        try:
            return reverse(f"admin:{app}_{model}_change", args=[proposal.subject_id])
        except NoReverseMatch:
            return ""

    def detail(self, request: HttpRequest, row: Proposal) -> Detail:
        """What it changes, who made it, and the decision."""
        kind = proposals.known_kinds().get(row.kind)
        url = self.subject_url(row)
        facts = [
            Fact(_("kind"), self.what(row)),
            Fact(_("about"), link(row.title, url) if url else row.title),
            Fact(_("region"), row.region.name),
            Fact(_("made by"), self.maker(row)),
            Fact(_("made at"), moment(row.made_at)),
            Fact(_("reason"), row.reason or NOTHING, wide=True),
        ]
        if row.reviewed_by:
            facts += [
                Fact(_("reviewed by"), row.reviewed_by.get_full_name() or row.reviewed_by.username),
                Fact(_("reviewed at"), moment(row.reviewed_at)),
                Fact(_("reason of the review"), row.review_reason or NOTHING, wide=True),
            ]
        is_open, is_maker = row.state == ProposalState.OPEN, row.made_by_id == request.user.pk
        here = access.in_scope(request.user, row.region_id)
        allowed = kind is not None and here and access.may(request.user, kind.action)
        may_decide = is_open and allowed and not is_maker
        moved = differences.effects(row, by=doors.me(request), at=clock.now()) if may_decide else []
        return Detail(
            row.title,
            facts,
            [*differences.tables(row), *moved],
            badges=[self.state_shown(row)],
            notices=[_("You made this: a second person decides.")] if is_open and is_maker else [],
            extra={
                "may_decide": may_decide,
                "may_withdraw": is_open and is_maker,
                "pictures": pictures(attachments.of(row).select_related("uploaded_by")),
            },
        )

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The maker takes it back."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by = doors.me(request)
        doors.attempt(
            request,
            lambda: proposals.withdraw(proposal_id=row.pk, by=by, at=clock.now()),
            _("Taken back."),
        )
        return HttpResponseRedirect(self.url_for(row))

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve or reject; the effect happens in the same transaction."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return HttpResponseRedirect(self.url_for(row))
        approve = form.cleaned_data["decision"] == "approve"
        doors.attempt(
            request,
            lambda: proposals.review(
                proposal_id=row.pk,
                approve=approve,
                reason=form.cleaned_data["reason"],
                by=doors.me(request),
                at=clock.now(),
            ),
            _("Approved.") if approve else _("Rejected."),
        )
        return doors.back(request, self.url_for(row))


@admin.register(ExportRecord)
class ExportRecordAdmin(ScopedAdmin):
    """Who took which rows out; nobody changes it."""

    view_action = "export.register"
    scope_field = None
    keyset_descending = True
    list_right = ("rows_sent",)
    list_display = ("taken", "who", "name_shown", "rows_sent", "masked", "purpose")
    list_select_related = ("user", "outcome")
    empty_text = gettext_lazy("Nothing was exported yet.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ExportRecord]:
        """All, or those of the colleagues who work in one's regions."""
        rows = ExportRecord.objects.all()
        codes = access.regions_of(request.user)
        if codes is None:
            return rows
        colleagues = StaffRegion.objects.filter(user_id=OuterRef("user_id"), region_id__in=sorted(codes))
        return rows.filter(Exists(colleagues))

    @admin.display(description=gettext_lazy("at"))
    def taken(self, record: ExportRecord) -> str:
        """When it was begun."""
        return moment(record.at)

    @admin.display(description=gettext_lazy("user"))
    def who(self, record: ExportRecord) -> str:
        """Who took it."""
        return record.user.get_full_name() or record.user.username

    @admin.display(description=gettext_lazy("what"))
    def name_shown(self, record: ExportRecord) -> str:
        """What was taken, in words."""
        return name_of(record.what)

    @admin.display(description=gettext_lazy("rows"))
    def rows_sent(self, record: ExportRecord) -> Any:
        """How many rows were sent to the end."""
        outcome = getattr(record, "outcome", None)
        return badge(_("broken off"), "warning") if outcome is None else count(outcome.rows)

    def detail(self, request: HttpRequest, row: ExportRecord) -> Detail:
        """The register's entry."""
        outcome = getattr(row, "outcome", None)
        facts = [
            Fact(_("user"), self.who(row)),
            Fact(_("at"), moment(row.at)),
            Fact(_("rows"), self.rows_sent(row)),
            Fact(_("finished at"), moment(outcome.finished_at) if outcome else NOTHING),
            Fact(_("regions"), ", ".join(row.regions) if row.regions else _("all")),
            Fact(_("masked"), _("yes") if row.masked else _("no")),
            Fact(_("purpose"), row.purpose or NOTHING, wide=True),
            Fact("SHA-256", outcome.sha256 if outcome else NOTHING, wide=True),
        ]
        chosen = [[name, value] for name, value in row.filters.items()]
        tables = [Table(_("Filters"), [_("name"), _("value")], chosen, _("No filter: all rows."))]
        return Detail(name_of(row.what), facts, tables)

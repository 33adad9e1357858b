"""Versions of the regions' terms: their list, one of them, drafting, trying, proposing, and the picture of all windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, differences, doors
from bureau.filters import RegionFilter, by_choices
from bureau.models import Proposal, Region
from bureau.pages import NOTHING, Choice, Column, Detail, Fact, Table, badge, count, day, link, moment
from bureau.scoped import ScopedAdmin
from enrollment.admin.policycalendar import picture
from enrollment.admin.policyform import DraftForm, Start, WhereForm
from enrollment.admin.policytexts import difference_table, name_of, shown
from enrollment.admin.policytry import TEMPLATE, CasesForm, cases_tables, region_tables
from enrollment.models import Policy
from enrollment.policy import Terms
from enrollment.services import policydrafts, policyruns
from enrollment.services.policies import DRAFT, PUBLISH
from enrollment.services.trying import try_on_region
from enrollment.states import PolicyState
from enrollment.words import POLICY_STATES, RUN_STATES, TERMS, terms_tables

YEARS_AROUND = 2


@admin.register(Policy)
class PolicyAdmin(ScopedAdmin):
    """Versions of the regions' terms; published ones are never edited."""

    view_action = "policy.view"
    keyset = ("region_id", "benefit_year", "version", "id")
    list_display = ("title", "benefit_year", "version", "state_shown", "since", "note_shown")
    list_select_related = ("region",)
    list_filter = (
        by_choices("state", gettext_lazy("state"), [(key, words[0]) for key, words in POLICY_STATES.items()]),
        RegionFilter,
    )
    empty_text = gettext_lazy("No policy is known for your regions.")
    detail_template = "desk/policy.html"
    routes = (
        ("draft/", "draft", "draft"),
        ("calendar/", "calendar", "calendar"),
        ("<int:pk>/try/", "try", "try_out"),
        ("<int:pk>/act/", "act", "act"),
    )

    # ---------------------------------------------------------------- the list

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """The picture of all windows, and a new draft for those who may."""
        buttons = [(_("Calendar of windows"), self.url("calendar"), "view_timeline")]
        if access.may(request.user, DRAFT):
            buttons.append((_("Draft terms"), self.url("draft"), "edit_document"))
        return buttons

    @admin.display(description=gettext_lazy("region"))
    def title(self, policy: Policy) -> str:
        """The region."""
        return f"{policy.region.name} {policy.region_id}"

    @admin.display(description=gettext_lazy("note"))
    def note_shown(self, policy: Policy) -> str:
        """In the reader's language where it ships with the project."""
        return shown(policy.note)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, policy: Policy) -> Any:
        """A coloured label; a version in force today says so."""
        name, tone = POLICY_STATES[policy.state]
        return badge(_("in force") if self._in_force(policy) else name, tone)

    @admin.display(description=gettext_lazy("in force"))
    def since(self, policy: Policy) -> str:
        """From when to when."""
        if policy.in_force is None or policy.in_force.isempty:
            return NOTHING
        first, end = policy.in_force.lower, policy.in_force.upper
        return f"{day(clock.day_of(first))} – {day(clock.day_of(end)) if end else ''}"

    def _in_force(self, policy: Policy) -> bool:
        return (
            policy.state == PolicyState.PUBLISHED
            and policy.in_force is not None
            and clock.now() in policy.in_force
        )

    # ---------------------------------------------------------------- one version

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Policy]:
        """With who made it."""
        return super().row_queryset(request).select_related("made_by", "published_by", "base__region")

    def detail(self, request: HttpRequest, row: Policy) -> Detail:
        """The terms as tables, what they inherit and change, who depends on them, and the other versions of the year."""
        user = doors.me(request)
        base = row.base
        facts = [
            Fact(_("region"), self.title(row)),
            Fact(_("benefit year"), row.benefit_year),
            Fact(_("version"), row.version),
            Fact(_("in force"), self.since(row)),
            Fact(_("inherits from"), name_of(base) if base else NOTHING),
            Fact(_("source mark"), shown(row.mark)),
            Fact(_("made by"), row.made_by.username if row.made_by else NOTHING),
            Fact(_("published by"), row.published_by.username if row.published_by else NOTHING),
            Fact(_("note"), shown(row.note), wide=True),
        ]
        drafted = row.state == PolicyState.DRAFT
        tables = [difference_table(policydrafts.difference(row))] if drafted else self._runs(row)
        dependent = self._dependants(row)
        tables += dependent
        tables += [self._terms(row, title, keys) for title, keys in terms_tables(row.values)]
        tables.append(self._versions(row))
        waiting = policydrafts.waiting(row) if drafted else None
        may = access.may(user, DRAFT)
        return Detail(
            f"{row.region.name} {row.benefit_year} v{row.version}",
            facts,
            tables,
            [self.state_shown(row)],
            notices=self._notices(row, waiting),
            extra={
                "policy": row,
                "waiting": waiting,
                "may_draft": may,
                "dependent": bool(dependent),
                "may_propose": may and drafted and waiting is None,
                "may_try": access.may(user, "policy.view") and drafted,
                "may_run": access.may(user, PUBLISH) and self._in_force(row),
                "copy_url": f"{self.url('draft')}?{urlencode({'copy': row.pk})}",
            },
        )

    def _notices(self, row: Policy, waiting: Proposal | None) -> list[Any]:
        notices = []
        if waiting is not None:
            notices.append(_("Waits for a second person."))
        if row.state == PolicyState.DRAFT and row.base and row.base.state != PolicyState.PUBLISHED:
            notices.append(_("The version it inherits from was replaced: draft it again."))
        return notices

    def _terms(self, row: Policy, title: Any, rows: Any) -> Table:
        """A group of terms; what the region says otherwise is marked."""
        if row.overrides is None:
            return Table(title, [_("term"), _("value")], rows)
        own = {str(TERMS[key]) for key in row.overrides}
        marked = [
            [name, value, badge(_("own"), "primary") if str(name) in own else _("inherited")]
            for name, value in rows
        ]
        return Table(title, [_("term"), _("value"), _("where from")], marked)

    def _runs(self, row: Policy) -> list[Table]:
        runs = [
            [
                link(f"#{run.pk}", reverse("admin:enrollment_policyrun_change", args=[run.pk])),
                badge(*RUN_STATES[run.state]),
                count(run.persons),
                count(run.moved),
                moment(run.made_at),
            ]
            for run in row.runs.order_by("-pk")
        ]
        heads = [
            _("recomputing"),
            _("state"),
            Column(_("persons"), "right"),
            Column(_("changed"), "right"),
            _("at"),
        ]
        return [Table(_("Cover recomputed"), heads, runs)] if runs else []

    def _dependants(self, row: Policy) -> list[Table]:
        if row.state != PolicyState.PUBLISHED:
            return []
        rows = [
            [link(name_of(one), self.url_for(one)), self.state_shown(one), name_of_base(one)]
            for one in policydrafts.dependants(row)
        ]
        title = _("Versions that inherit from a former version")
        return (
            [Table(title, [_("version"), _("state"), _("inherits from")], rows, anchor="dependants")]
            if rows
            else []
        )

    def _versions(self, row: Policy) -> Table:
        same = Policy.objects.filter(region_id=row.region_id, benefit_year=row.benefit_year).order_by(
            "-version"
        )
        rows = [
            [
                link(f"v{one.version}", self.url_for(one)),
                self.state_shown(one),
                self.since(one),
                shown(one.note),
            ]
            for one in same
        ]
        return Table(
            _("all versions of this year"), [_("version"), _("state"), _("in force"), _("note")], rows
        )

    # ---------------------------------------------------------------- drafting

    def draft(self, request: HttpRequest) -> HttpResponse:
        """Choose region and year, then write the terms down; a stale draft is refused."""
        named = request.GET.get("region", "")
        if named and not access.in_scope(request.user, named):
            raise Http404  # as if absent, whatever the role may do
        doors.require(request, DRAFT)
        start = self._start(request)
        if start is None:
            return self._where(request)
        doors.require(request, DRAFT, start.region.pk)
        form = DraftForm(doors.sent(request), start=start)
        if form.is_valid():
            policy = doors.attempt(request, lambda: self._save(request, form), _("The draft is written."))
            if policy is not None:
                return HttpResponseRedirect(self.url_for(policy))
        return self.draw(
            request,
            "desk/policydraft.html",
            _("Draft terms"),
            form=form,
            start=start,
            base_name=name_of(start.base) if start.base else "",
            back_url=self.url("changelist"),
        )

    def _start(self, request: HttpRequest) -> Start | None:
        """What the draft starts from: a version to copy, or a region and a year."""
        copied = request.GET.get("copy", "")
        if copied:
            row = self.found(request, copied)
            return Start.of(row.region, row.benefit_year, row)
        if "region" not in request.GET:
            return None
        where = WhereForm(request.GET, user=request.user)
        if not where.is_valid():
            return None
        region = Region.objects.get(pk=where.cleaned_data["region"])
        return Start.of(region, where.cleaned_data["year"])

    def _where(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET if "region" in request.GET else None
        form = WhereForm(asked, user=request.user, initial={"year": clock.today().year + 1})
        return self.draw(
            request, "desk/policywhere.html", _("Draft terms"), form=form, back_url=self.url("changelist")
        )

    def _save(self, request: HttpRequest, form: DraftForm) -> Policy:
        given, start = form.cleaned_data, form.start
        shared: dict[str, Any] = {
            "region_id": start.region.pk,
            "benefit_year": start.year,
            "note": given["note"],
            "seen": given["seen"],
            "by": doors.me(request),
            "at": clock.now(),
        }
        if start.base is None:
            return policydrafts.draft(terms=Terms.from_dict(form.values), **shared)
        return policydrafts.draft_below(overrides=form.overrides, base_id=given["base"], **shared)

    # ---------------------------------------------------------------- trying

    def try_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cases from a file, or the region's cover, by this version and by what holds now; nothing is written."""
        row = self.found(request, str(pk))
        if "template" in request.GET:
            answer = HttpResponse(TEMPLATE, content_type="text/csv; charset=utf-8")
            answer.headers["Content-Disposition"] = 'attachment; filename="cases.csv"'
            return answer
        form = CasesForm(doors.sent(request), request.FILES if request.method == "POST" else None)
        tables: list[Table] = []
        tried = None
        if form.is_valid():
            if request.POST.get("what") == "region":
                tried = try_on_region(region_id=row.region_id, terms=row.values, at=clock.now())
                tables = region_tables(tried)
            elif form.cleaned_data["cases"]:
                former = policydrafts.compared_with(row.region_id, row.benefit_year, but=row.pk)
                before = former.terms if former else None
                tables = cases_tables(form.cleaned_data["cases"], before, row.values)
            else:
                form.add_error("cases", _("Please choose a file."))
        return self.draw(
            request,
            "desk/policytry.html",
            _("Try %(version)s") % {"version": name_of(row)},
            form=form,
            tables=tables,
            tried=tried,
            policy=row,
            back_url=self.url_for(row),
        )

    # ---------------------------------------------------------------- what can be done with one

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose, drop, draft again on the new base, recompute: one service call each."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by, at, reason = doors.me(request), clock.now(), request.POST.get("reason", "")[:500]
        calls: dict[str, tuple[Any, Any]] = {
            "propose": (
                lambda: policydrafts.propose(policy_id=row.pk, reason=reason, by=by, at=at),
                _("Proposed: a second person decides."),
            ),
            "drop": (lambda: policydrafts.drop(policy_id=row.pk, reason=reason, by=by, at=at), _("Dropped.")),
            "redraft": (
                lambda: policydrafts.redraft_dependants(policy_id=row.pk, by=by, at=at),
                _("Drafted again on the new version."),
            ),
            "recompute": (
                lambda: policyruns.start_again(policy_id=row.pk, by=by, at=at),
                _("Queued."),
            ),
        }
        if request.POST.get("action", "") in calls:
            call, done = calls[request.POST["action"]]
            doors.attempt(request, call, done)
        return HttpResponseRedirect(self.url_for(row))

    # ---------------------------------------------------------------- the picture

    def calendar(self, request: HttpRequest) -> HttpResponse:
        """The windows in force of a benefit year, of all regions of the person."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.GET.get("year", "")
        today = clock.today()
        year = (
            int(text)
            if text.isascii() and text.isdigit() and len(text) == 4 and text > "1999"
            else today.year
        )
        rows = self.get_queryset(request).filter(benefit_year=year, state=PolicyState.PUBLISHED)
        years = range(year - YEARS_AROUND, year + YEARS_AROUND + 1)
        return self.draw(
            request,
            "desk/policycalendar.html",
            _("Calendar of windows"),
            picture=picture(year, rows.select_related("region").order_by("region_id"), today),
            years=[Choice(one, f"?year={one}", one == year) for one in years],
        )


def name_of_base(policy: Policy) -> str:
    """The version that another inherits from."""
    return (
        f"{policy.base.region_id} {policy.base.benefit_year} v{policy.base.version}"
        if policy.base
        else NOTHING
    )


def policy_difference(proposal: Proposal) -> list[Table]:
    """The terms that a publication would change, in words."""
    return [difference_table(proposal.difference)]


differences.register(PUBLISH, policy_difference)

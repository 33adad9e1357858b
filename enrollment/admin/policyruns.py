"""Recomputings of cover after a publication: how far they are, whose cover moved, and the list to take along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bureau import access, doors
from bureau.exportadmin import ExportableAdmin
from bureau.exports import ROWS_A_BLOCK, streamed
from bureau.filters import BoundedFilter, RegionFilter, by_choices
from bureau.identity import mask_id, mask_name
from bureau.pages import NOTHING, Bar, Detail, Fact, Part, badge, count, day, link, moment
from bureau.scoped import ScopedAdmin
from enrollment.admin.policytexts import name_of
from enrollment.models import Coverage, PolicyMove, PolicyRun
from enrollment.services import policyruns
from enrollment.services.cover import explain
from enrollment.services.policies import PUBLISH
from enrollment.states import PolicyRunState
from enrollment.words import RULES, RUN_STATES


@admin.register(PolicyRun)
class PolicyRunAdmin(ScopedAdmin):
    """Recomputings, newest first."""

    view_action = "policy.view"
    keyset_descending = True
    list_right = ("persons_shown", "moved_shown")
    list_display = ("version", "state_shown", "persons_shown", "moved_shown", "queued")
    list_select_related = ("policy__region", "region")
    list_filter = (
        by_choices("state", gettext_lazy("state"), [(key, words[0]) for key, words in RUN_STATES.items()]),
        RegionFilter,
    )
    detail_template = "desk/policyrun.html"
    routes = (("<int:pk>/again/", "again", "again"),)
    empty_text = gettext_lazy("No cover was recomputed yet: it follows the publication for a running year.")

    @admin.display(description=gettext_lazy("policy version"))
    def version(self, run: PolicyRun) -> str:
        """Region, year, number."""
        return name_of(run.policy)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, run: PolicyRun) -> Any:
        """A coloured label."""
        return badge(*RUN_STATES[run.state])

    @admin.display(description=gettext_lazy("persons looked at"))
    def persons_shown(self, run: PolicyRun) -> str:
        """With separators."""
        return count(run.persons)

    @admin.display(description=gettext_lazy("decisions changed"))
    def moved_shown(self, run: PolicyRun) -> str:
        """With separators."""
        return count(run.moved)

    @admin.display(description=gettext_lazy("at"))
    def queued(self, run: PolicyRun) -> str:
        """When the version was published."""
        return moment(run.made_at)

    def detail(self, request: HttpRequest, row: PolicyRun) -> Detail:
        """How far it is, and the ways to the lists that it leaves."""
        policy = row.policy
        moves = f"{reverse('admin:enrollment_policymove_changelist')}?run={row.pk}"
        facts = [
            Fact(
                _("policy version"),
                link(name_of(policy), reverse("admin:enrollment_policy_change", args=[policy.pk])),
            ),
            Fact(_("persons looked at"), count(row.persons)),
            Fact(_("decisions changed"), link(count(row.moved), moves)),
            Fact(_("by"), row.made_by.username if row.made_by else NOTHING),
            Fact(_("at"), moment(row.made_at)),
            Fact(_("finished at"), moment(row.finished_at)),
            Fact(_("failed attempts"), row.attempts),
            Fact(_("last error"), row.error or NOTHING, wide=True),
        ]
        parked = row.state == PolicyRunState.PARKED and access.may(request.user, PUBLISH)
        parts = [
            Part(_("changed"), row.moved, "success", url=moves),
            Part(_("unchanged"), row.persons - row.moved, ""),
        ]
        return Detail(
            f"{_('recomputing of cover')} #{row.pk}",
            facts,
            badges=[self.state_shown(row)],
            bar=Bar(parts),
            extra={"run": row, "moves_url": moves, "may_again": parked},
        )

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a parked recomputing go on."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by, reason = doors.me(request), request.POST.get("reason", "")[:500]
        doors.attempt(request, lambda: policyruns.requeue(run_id=row.pk, reason=reason, by=by), _("Queued."))
        return HttpResponseRedirect(self.url_for(row))


class RunFilter(BoundedFilter):
    """The moves of one recomputing."""

    title = gettext_lazy("recomputing")
    parameter_name = "run"
    pattern = r"[1-9][0-9]{0,8}"
    hint = "#"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By number."""
        return queryset.filter(run_id=int(chosen))


@admin.register(PolicyMove)
class PolicyMoveAdmin(ExportableAdmin):
    """Whose cover moved by a later version of the terms: start until now and afterwards, with the sentence."""

    export_what = "moved_cover"
    export_label = gettext_lazy("moved cover")
    view_action = "person.view"
    keyset_descending = True
    split_by_region = True
    list_display = ("insured", "region_name", "old", "new", "sentence")
    list_select_related = ("person", "region", "run")
    list_filter = (RunFilter, RegionFilter)
    empty_text = gettext_lazy("No cover moved.")

    def rows(self, request: HttpRequest, keys: Sequence[Any]) -> list[Any]:
        """With the new row of cover and its version."""
        found = super().rows(request, keys)
        covers = Coverage.objects.select_related("policy").in_bulk([row.coverage_id for row in found])
        for row in found:
            row.cover = covers.get(row.coverage_id)
        return found

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: PolicyMove) -> Any:
        """Who, with the way to the page about the person."""
        return link(row.person.name, reverse("desk:person", args=[row.person_id]))

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: PolicyMove) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("start until now"))
    def old(self, row: PolicyMove) -> Any:
        """The first day before."""
        return day(row.old_start) if row.old_start else badge(_("no cover"), "warning")

    @admin.display(description=gettext_lazy("start afterwards"))
    def new(self, row: PolicyMove) -> Any:
        """The first day now."""
        return day(row.new_start) if row.new_start else badge(_("no cover"), "warning")

    @admin.display(description=gettext_lazy("explanation"))
    def sentence(self, row: Any) -> str:
        """The sentence of the new row."""
        return explain(row.cover, get_language() or "zh-hans") if row.cover else NOTHING

    def detail(self, request: HttpRequest, row: PolicyMove) -> Detail:
        """Both rows with their sentences."""
        language = get_language() or "zh-hans"
        new = Coverage.objects.select_related("policy").filter(pk=row.coverage_id).order_by("pk").first()
        old = (
            Coverage.objects.select_related("policy").filter(pk=new.supersedes).order_by("pk").first()
            if new and new.supersedes
            else None
        )
        run = link(f"#{row.run_id}", reverse("admin:enrollment_policyrun_change", args=[row.run_id]))
        facts = [
            Fact(_("insured"), self.insured(row)),
            Fact(_("region"), row.region.name),
            Fact(_("recomputing"), run),
            Fact(_("payment date"), day(new.paid_on) if new else NOTHING),
            Fact(_("start until now"), self.old(row)),
            Fact(_("start afterwards"), self.new(row)),
            Fact(_("explanation until now"), explain(old, language) if old else NOTHING, wide=True),
            Fact(_("explanation"), explain(new, language) if new else NOTHING, wide=True),
        ]
        return Detail(f"{_('moved cover')} {row.coverage_id}", facts)

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        return (
            _("recomputing"), _("region code"), _("region"), _("insured"), _("ID number"), _("cover"), _("payment date"),
            _("start until now"), _("rule"), _("start afterwards"), _("explanation"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[PolicyMove]) -> Callable[[], Iterator[Sequence[Any]]]:
        """Moves with masked names and numbers; the covers are read block by block."""
        language = get_language() or "zh-hans"
        rules = {code: str(name) for code, name in RULES.items()}
        columns = (
            "run_id", "region_id", "region__name", "person__name", "person__id_number", "coverage_id", "old_start",
            "new_start",
        )  # fmt: skip

        def read() -> Iterator[Sequence[Any]]:
            block: list[tuple[Any, ...]] = []
            for row in streamed(rows, *columns):
                block.append(row)
                if len(block) == ROWS_A_BLOCK:
                    yield from told(block)
                    block = []
            yield from told(block)

        def told(block: list[tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
            covers = Coverage.objects.select_related("policy").in_bulk([row[5] for row in block])
            for run, code, region, name, number, key, old, new in block:
                cover = covers.get(key)
                yield (
                    run, code, region, mask_name(name), mask_id(number), key, cover.paid_on if cover else None, old,
                    rules.get(cover.rule, cover.rule) if cover else "", new,
                    explain(cover, language) if cover else "",
                )  # fmt: skip

        return read

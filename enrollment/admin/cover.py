"""Rows of cover: the list, and one with its sentence."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bureau.filters import RegionFilter, YearFilter, by_choices
from bureau.pages import NOTHING, Detail, Fact, badge, day, link, moment
from bureau.scoped import ScopedAdmin
from enrollment.models import Coverage
from enrollment.services.cover import explain
from enrollment.words import COVER_REASONS, RULES


@admin.register(Coverage)
class CoverageAdmin(ScopedAdmin):
    """Rows of cover, newest year first; the highest number of a receivable is in force."""

    view_action = "person.view"
    keyset_descending = True
    split_by_region = True
    list_display = ("number", "insured", "region_name", "period", "rule_name", "reason_name", "decided")
    list_select_related = ("person", "region")
    list_filter = (
        YearFilter,
        by_choices("rule", gettext_lazy("rule"), list(RULES.items())),
        by_choices("reason", gettext_lazy("reason"), list(COVER_REASONS.items())),
        RegionFilter,
    )
    empty_text = gettext_lazy("No cover was decided yet: it starts when a payment is posted.")

    @admin.display(description=gettext_lazy("number"))
    def number(self, row: Coverage) -> str:
        """The receivable's number and the row's own."""
        return str(row.pk)

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: Coverage) -> Any:
        """Who, with the way to the page about the person."""
        return link(row.person.name, reverse("desk:person", args=[row.person_id]))

    @admin.display(description=gettext_lazy("pooling region"))
    def region_name(self, row: Coverage) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("cover"))
    def period(self, row: Coverage) -> Any:
        """First and last day."""
        if row.start is None or row.end is None:
            return badge(_("no cover"), "warning")
        last = row.end.fromordinal(row.end.toordinal() - 1)
        return f"{day(row.start)} – {day(last)}"

    @admin.display(description=gettext_lazy("rule"))
    def rule_name(self, row: Coverage) -> Any:
        """The rule in words."""
        return RULES.get(row.rule, row.rule)

    @admin.display(description=gettext_lazy("reason"))
    def reason_name(self, row: Coverage) -> Any:
        """Why the row was written."""
        return COVER_REASONS.get(row.reason, row.reason)

    @admin.display(description=gettext_lazy("decided at"))
    def decided(self, row: Coverage) -> str:
        """When."""
        return moment(row.decided_at)

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Coverage]:
        """With the policy version, for the sentence."""
        return super().row_queryset(request).select_related("policy")

    def detail(self, request: HttpRequest, row: Coverage) -> Detail:
        """One row of cover and its sentence."""
        last = Coverage.objects.filter(pk__gte=row.receivable_id * 100, pk__lt=row.receivable_id * 100 + 100)
        newest = last.order_by("-pk").values_list("pk", flat=True).first()
        policy = row.policy
        facts = [
            Fact(_("insured"), self.insured(row)),
            Fact(_("pooling region"), row.region.name),
            Fact(_("benefit year"), row.benefit_year),
            Fact(_("cover"), self.period(row)),
            Fact(_("rule"), self.rule_name(row)),
            Fact(_("waiting months"), f"{row.wait_fixed} + {row.wait_variable}"),
            Fact(_("years repaired"), row.repair_years),
            Fact(_("payment date"), day(row.paid_on)),
            Fact(_("payment"), row.payment_id or NOTHING),
            Fact(
                _("policy version"), link(policy, reverse("admin:enrollment_policy_change", args=[policy.pk]))
            ),
            Fact(_("reason"), self.reason_name(row)),
            Fact(_("decided at"), moment(row.decided_at)),
            Fact(_("replaces"), row.supersedes or NOTHING),
            Fact(_("explanation"), explain(row, get_language() or "zh-hans"), wide=True),
        ]
        mark = badge(_("in force"), "success") if newest == row.pk else badge(_("replaced"))
        return Detail(f"{_('cover')} {row.pk}", facts, badges=[mark])

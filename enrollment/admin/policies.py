"""Versions of the regions' terms, and what a publication would change, in words."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import clock, differences
from bureau.filters import RegionFilter, by_choices
from bureau.models import Proposal
from bureau.pages import NOTHING, Detail, Fact, Table, badge, day, link
from bureau.scoped import ScopedAdmin
from enrollment.models import Policy
from enrollment.policy import PolicyError, Terms
from enrollment.services.policies import PUBLISH
from enrollment.states import PolicyState
from enrollment.words import POLICY_STATES, TERMS, term_value, terms_tables


@admin.register(Policy)
class PolicyAdmin(ScopedAdmin):
    """Versions of the regions' terms; published ones are never edited."""

    view_action = "policy.view"
    keyset = ("region_id", "benefit_year", "version", "id")
    list_display = ("title", "benefit_year", "version", "state_shown", "since", "note")
    list_select_related = ("region",)
    list_filter = (
        by_choices("state", gettext_lazy("state"), [(key, words[0]) for key, words in POLICY_STATES.items()]),
        RegionFilter,
    )
    empty_text = gettext_lazy("No policy is known for your regions.")

    @admin.display(description=gettext_lazy("region"))
    def title(self, policy: Policy) -> str:
        """The region."""
        return f"{policy.region.name} {policy.region_id}"

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, policy: Policy) -> Any:
        """A coloured label; a version in force today says so."""
        name, tone = POLICY_STATES[policy.state]
        return badge(_("in force") if self._in_force(policy) else name, tone)

    @admin.display(description=gettext_lazy("in force"))
    def since(self, policy: Policy) -> str:
        """From when to when."""
        if policy.in_force is None:
            return NOTHING
        first, end = policy.in_force.lower, policy.in_force.upper
        return f"{day(clock.day_of(first))} – {day(clock.day_of(end)) if end else ''}"

    def _in_force(self, policy: Policy) -> bool:
        return (
            policy.state == PolicyState.PUBLISHED
            and policy.in_force is not None
            and clock.now() in policy.in_force
        )

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Policy]:
        """With who made it."""
        return super().row_queryset(request).select_related("made_by", "published_by")

    def detail(self, request: HttpRequest, row: Policy) -> Detail:
        """The terms as tables, and the other versions of the year."""
        facts = [
            Fact(_("region"), self.title(row)),
            Fact(_("benefit year"), row.benefit_year),
            Fact(_("version"), row.version),
            Fact(_("in force"), self.since(row)),
            Fact(_("source mark"), row.mark or NOTHING),
            Fact(_("made by"), row.made_by.username if row.made_by else NOTHING),
            Fact(_("published by"), row.published_by.username if row.published_by else NOTHING),
            Fact(_("note"), row.note or NOTHING, wide=True),
        ]
        columns = [_("term"), _("value")]
        tables = [Table(title, columns, rows) for title, rows in terms_tables(row.values)]
        tables.append(self._versions(row))
        return Detail(
            f"{row.region.name} {row.benefit_year} v{row.version}", facts, tables, [self.state_shown(row)]
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
                one.note or NOTHING,
            ]
            for one in same
        ]
        return Table(
            _("all versions of this year"), [_("version"), _("state"), _("in force"), _("note")], rows
        )


def policy_difference(proposal: Proposal) -> list[Table]:
    """The terms that a publication would change, in words."""
    rows = [
        [TERMS.get(key, key), _term(proposal, key, old), _term(proposal, key, new)]
        for key, (old, new) in proposal.difference.get("terms", {}).items()
    ]
    base = proposal.difference.get("base")
    note = (
        _("compared with version %(version)s") % {"version": base}
        if base
        else _("the first version of this year")
    )
    return [Table(_("Terms that change"), [_("term"), _("until now"), _("afterwards")], rows, note=note)]


def _term(proposal: Proposal, key: str, value: Any) -> str:
    """A stored JSON value in words; read through the terms' own readers, shown as it is where they refuse it."""
    if value is None or key not in Terms.__dataclass_fields__:
        return NOTHING if value is None else str(value)
    try:
        return term_value(key, Terms.__dataclass_fields__[key].metadata["kind"].read(key, value))
    except PolicyError:
        return str(value)


differences.register(PUBLISH, policy_difference)

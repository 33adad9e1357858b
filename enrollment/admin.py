"""Pages of the register: persons, cover, policies. The page about one person looks across the apps and stands in the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from bureau import clock, differences
from bureau.filters import RegionFilter, YearFilter, by_choices
from bureau.identity import mask_id
from bureau.models import Proposal
from bureau.pages import NOTHING, Detail, Fact, Table, badge, day, link, moment
from bureau.scoped import ScopedAdmin
from enrollment.models import Coverage, Person, PersonClass, Policy
from enrollment.policy import PolicyError, Terms
from enrollment.services.cover import explain
from enrollment.services.policies import PUBLISH
from enrollment.states import PolicyState
from enrollment.words import COVER_REASONS, POLICY_STATES, RULES, TERMS, term_value, terms_tables


@admin.register(Person)
class PersonAdmin(ScopedAdmin):
    """The register's people; each row leads to the page about that person."""

    view_action = "person.view"
    split_by_region = True
    list_display = ("full_name", "number", "person_class", "region_name", "alive")
    list_select_related = ("region",)
    list_filter = (
        by_choices("person_class", gettext_lazy("person class"), PersonClass.choices),
        RegionFilter,
    )
    change_list_template = "desk/persons.html"
    empty_text = gettext_lazy("Nobody is registered here.")

    def url_for(self, row: Person) -> str:
        """The page about one person."""
        return reverse("desk:person", args=[row.pk])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """There is one page about a person, and it is not here."""
        return HttpResponseRedirect(self.url_for(self.found(request, object_id)))

    @admin.display(description=pgettext_lazy("person", "name"))
    def full_name(self, person: Person) -> str:
        """In full."""
        return person.name

    @admin.display(description=gettext_lazy("ID number"))
    def number(self, person: Person) -> str:
        """Masked."""
        return mask_id(person.id_number)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, person: Person) -> str:
        """The region's name."""
        return person.region.name

    @admin.display(description=gettext_lazy("state"))
    def alive(self, person: Person) -> Any:
        """Only the dead wear a label."""
        return (
            badge(_("deceased %(day)s") % {"day": day(person.death_date)}, "danger")
            if person.death_date
            else ""
        )


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

"""Payments above the price of a later version of the terms: candidates for a refund, pulled by who refunds."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau.exportadmin import ExportableAdmin
from bureau.exports import streamed
from bureau.filters import BoundedFilter, RegionFilter
from bureau.identity import mask_id, mask_name
from bureau.pages import Detail, Fact, day, link, moment, money
from payments.admin.common import InsuredColumns, person_link
from payments.models import PriceDifference


class DifferenceRunFilter(BoundedFilter):
    """The differences that one recomputing left."""

    title = gettext_lazy("recomputing")
    parameter_name = "run"
    pattern = r"[1-9][0-9]{0,8}"
    hint = "#"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By number."""
        return queryset.filter(run_id=int(chosen))


@admin.register(PriceDifference)
class PriceDifferenceAdmin(InsuredColumns, ExportableAdmin):
    """Whose refund became due by a later version of the terms."""

    export_what = "price_differences"
    export_label = gettext_lazy("price differences")
    view_action = "money.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("paid_shown", "due_shown", "difference_shown")
    list_display = (
        "insured",
        "region_name",
        "debit_day",
        "paid_shown",
        "due_shown",
        "difference_shown",
        "version",
    )
    list_select_related = ("person", "region", "policy")
    list_filter = (DifferenceRunFilter, RegionFilter)
    list_note = gettext_lazy(
        "Paid more than the terms in force now ask on the debit date; proposed for refund."
    )
    empty_text = gettext_lazy("Nobody paid more than the terms in force now ask.")

    @admin.display(description=gettext_lazy("paid"))
    def paid_shown(self, row: PriceDifference) -> str:
        """What was paid."""
        return money(row.paid)

    @admin.display(description=gettext_lazy("owed by the new terms"))
    def due_shown(self, row: PriceDifference) -> str:
        """What the terms ask now."""
        return money(row.due)

    @admin.display(description=gettext_lazy("difference"))
    def difference_shown(self, row: PriceDifference) -> str:
        """What goes back."""
        return money(row.difference)

    @admin.display(description=gettext_lazy("policy version"))
    def version(self, row: PriceDifference) -> str:
        """By which version."""
        return str(row.policy)

    def detail(self, request: HttpRequest, row: PriceDifference) -> Detail:
        """The payment, the price now, and the recomputing that found it."""
        facts = [
            Fact(_("insured"), person_link(request.user, row.person)),
            Fact(_("region"), row.region.name),
            Fact(_("benefit year"), row.benefit_year),
            Fact(
                _("payment"),
                link(row.payment_id, reverse("admin:payments_payment_change", args=[row.payment_id])),
            ),
            Fact(_("debit date"), day(row.debited_on)),
            Fact(_("paid"), money(row.paid)),
            Fact(_("owed by the new terms"), money(row.due)),
            Fact(_("listed as aid already"), money(row.aid_listed)),
            Fact(_("difference"), money(row.difference)),
            Fact(
                _("policy version"),
                link(row.policy, reverse("admin:enrollment_policy_change", args=[row.policy_id])),
            ),
            Fact(
                _("recomputing"),
                link(f"#{row.run_id}", reverse("admin:enrollment_policyrun_change", args=[row.run_id])),
            ),
            Fact(_("found at"), moment(row.found_at)),
        ]
        return Detail(f"{_('price difference')} {row.payment_id}", facts)

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        return (
            _("recomputing"), _("payment"), _("region code"), _("region"), _("insured"), _("ID number"), _("debit date"),
            _("paid"), _("owed by the new terms"), _("listed as aid already"), _("difference"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[PriceDifference]) -> Any:
        """Differences with masked names and numbers."""

        def read() -> Iterator[Sequence[Any]]:
            for run, payment, code, region, name, number, debited_on, *amounts in streamed(
                rows, "run_id", "payment_id", "region_id", "region__name", "person__name", "person__id_number",
                "debited_on", "paid", "due", "aid_listed", "difference",
            ):  # fmt: skip
                yield run, payment, code, region, mask_name(name), mask_id(number), debited_on, *amounts

        return read

"""The list of households. The page about one household looks across the apps and stands in the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bureau import access
from bureau.filters import BoundedFilter, RegionFilter, SelectFilter
from bureau.pages import NOTHING, badge, day
from bureau.scoped import ScopedAdmin
from enrollment.models import Household, HouseholdMember, Relation


class PlaceFilter(BoundedFilter):
    """Households by the beginning of their village or community."""

    title = gettext_lazy("village or community")
    parameter_name = "village"
    pattern = r"[\w\s·()（）]{1,60}"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By prefix."""
        return queryset.filter(village__startswith=chosen)


class OpenFilter(SelectFilter):
    """Open or closed households."""

    title = gettext_lazy("state")
    parameter_name = "open"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """Open, closed."""
        return [("1", pgettext("household", "open")), ("0", pgettext("household", "closed"))]

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By the day of closing."""
        return queryset.filter(closed_on__isnull=chosen == "1")


@admin.register(Household)
class HouseholdAdmin(ScopedAdmin):
    """Households by number; each row leads to the page about that household."""

    view_action = "person.view"
    split_by_region = True
    list_display = ("number", "head", "members_now", "town", "village", "region_name", "state_shown")
    list_display_links = ("number",)
    list_select_related = ("region",)
    list_filter = (OpenFilter, PlaceFilter, RegionFilter)
    list_right = ("members_now",)
    empty_text = gettext_lazy("No household is registered here.")

    def url_for(self, row: Household) -> str:
        """The page about one household."""
        return reverse("desk:household", args=[row.pk])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """There is one page about a household, and it is not here."""
        return HttpResponseRedirect(self.url_for(self.found(request, object_id)))

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """A new family."""
        if not access.may(request.user, "person.register"):
            return ()
        return [(_("Register a family"), reverse("desk:family"), "group_add")]

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Household]:
        """With the head's name and the number of members, in the same query."""
        living = HouseholdMember.objects.filter(household=OuterRef("pk"), left_on=None)
        heads = living.filter(relation=Relation.HEAD).order_by("pk").values("person__name")[:1]
        number = living.order_by().values("household").annotate(n=models.Count("pk")).values("n")
        return super().row_queryset(request).annotate(head_name=Subquery(heads), living=Subquery(number))

    @admin.display(description=gettext_lazy("household"))
    def number(self, row: Household) -> str:
        """Region and number."""
        return str(row)

    @admin.display(description=gettext_lazy("head"))
    def head(self, row: Any) -> str:
        """The head's name."""
        return row.head_name or NOTHING

    @admin.display(description=gettext_lazy("members"))
    def members_now(self, row: Any) -> int:
        """How many live there now."""
        return row.living or 0

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: Household) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: Household) -> Any:
        """Open, or closed since when."""
        if row.closed_on is None:
            return badge(pgettext("household", "open"), "success")
        return badge(_("closed %(day)s") % {"day": day(row.closed_on)})

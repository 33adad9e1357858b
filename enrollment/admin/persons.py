"""The list of the register's people. The page about one person looks across the apps and stands in the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bureau.filters import RegionFilter, by_choices
from bureau.identity import mask_id
from bureau.pages import badge, day
from bureau.scoped import ScopedAdmin
from enrollment.models import Person, PersonClass


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

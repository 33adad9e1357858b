"""Columns and filters that several pages of the money share."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bureau import access
from bureau.filters import YearFilter
from bureau.pages import NOTHING, day, link, moment, money
from enrollment.models import Person
from payments.models.bankfiles import LINES_A_FILE
from payments.models.orders import FIRST_LINE

__all__ = ["InsuredColumns", "ReceivableYearFilter", "YearFilter", "line_link", "line_name", "person_link"]


class ReceivableYearFilter(YearFilter):
    """The benefit year of tables whose key is a receivable's."""

    factor = 10**10


def person_link(viewer: Any, person: Person | None) -> Any:
    """The person's name, with the way to the page about them for those who may look people up."""
    if person is None:
        return NOTHING
    if not access.may(viewer, "person.view"):
        return person.name
    return link(person.name, reverse("desk:person", args=[person.pk]))


def line_name(line_id: int) -> str:
    """What money came with: a line of an order, or file and line of a bank."""
    if line_id >= FIRST_LINE:
        return gettext("order line %(number)s") % {"number": line_id - FIRST_LINE}
    return f"{line_id // LINES_A_FILE}:{line_id % LINES_A_FILE}"


def line_link(viewer: Any, line_id: int | None) -> Any:
    """A bank line by file and number, with the way to it for those who may see files."""
    if line_id is None:
        return NOTHING
    text = line_name(line_id)
    if line_id >= FIRST_LINE:
        return (
            link(text, reverse("admin:payments_order_line", args=[line_id]))
            if access.may(viewer, "order.view")
            else text
        )
    return (
        link(text, reverse("admin:payments_bankline_change", args=[line_id]))
        if access.may(viewer, "file.view")
        else text
    )


class InsuredColumns:
    """List columns of rows that have a person, a region, an amount."""

    @admin.display(description=_("insured"))
    def insured(self, row: models.Model) -> Any:
        """Who, with the way to the page about the person."""
        return person_link(row.viewer, row.person)  # type: ignore[attr-defined]

    @admin.display(description=_("region"))
    def region_name(self, row: Any) -> str:
        """The region's name."""
        return row.region.name if row.region else NOTHING

    @admin.display(description=_("amount"))
    def yuan(self, row: Any) -> str:
        """The amount."""
        return money(row.amount)

    @admin.display(description=_("debit date"))
    def debit_day(self, row: Any) -> str:
        """The bank's debit date."""
        return day(row.debited_on)

    @admin.display(description=_("posted at"))
    def posted(self, row: Any) -> str:
        """When it was booked."""
        return moment(row.posted_at)

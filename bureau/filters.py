"""Filters of the desk's lists: each offers or accepts only values within bounds; anything else filters nothing.

The admin's own field filters accept any lookup of any column from the address line; these are the only ones let in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bureau import access
from bureau.models import Region
from bureau.partitions import open_years

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)


class BoundedFilter(SimpleListFilter):
    """One input of the filter bar; ``kind`` says how it is drawn: select, date or text."""

    kind = "text"
    pattern = r".{1,60}"
    hint: Any = ""

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[models.Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.request = request

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        """Free inputs have no list of values; the admin wants to see one."""
        return [("", "")]

    def has_output(self) -> bool:
        """Always drawn, unless there is nothing to choose from."""
        return bool(self.lookup_choices)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Drawn by our own template, which reads ``raw``."""
        return iter(())

    @property
    def raw(self) -> str:
        """The text in the address line, shown again in the input when it is in bounds."""
        chosen = self.chosen
        return "" if chosen is None else str(chosen)

    @property
    def chosen(self) -> Any:
        """The value in bounds, or None."""
        value = self.value() or ""
        return value if re.fullmatch(self.pattern, value) else None

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows that fit ``chosen``; all rows without one."""
        chosen = self.chosen
        return queryset if chosen is None else self.narrow(queryset, chosen)

    def narrow(self, queryset: models.QuerySet[Any], chosen: Any) -> models.QuerySet[Any]:
        """What the filter does with a value in bounds."""
        raise NotImplementedError


class SelectFilter(BoundedFilter):
    """One of a short list."""

    kind = "select"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        """The values on offer."""
        return self.options(request)

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """(value, label) pairs."""
        raise NotImplementedError

    @property
    def chosen(self) -> str | None:
        """The value, when it is one of those on offer."""
        value = self.value()
        return value if value in {str(key) for key, _label in self.lookup_choices} else None


class DateFilter(BoundedFilter):
    """A day in the calendar."""

    kind = "date"

    @property
    def chosen(self) -> date | None:
        """The day, when it is one within reason."""
        try:
            found = date.fromisoformat(self.value() or "")
        except ValueError:
            return None
        return found if FIRST_DAY <= found <= LAST_DAY else None


class RegionFilter(BoundedFilter):
    """A region by its six digits, with everything below it; offered to people with more than one region."""

    title = _("region")
    parameter_name = "region"
    pattern = r"[1-9][0-9]{5}"
    hint = _("six digits")
    column = "region_id"

    def has_output(self) -> bool:
        """People of one county need no filter by region."""
        codes = access.regions_of(self.request.user)
        return codes is None or len(codes) > 1

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By prefix: 450000 a province, 450800 a city, 450802 a county."""
        prefix = chosen.removesuffix("00").removesuffix("00")
        if len(prefix) == len(chosen):
            return queryset.filter(**{self.column: chosen})
        below = Region.objects.filter(code__startswith=prefix).values("code")
        return queryset.filter(**{f"{self.column}__in": below})


class YearFilter(SelectFilter):
    """A benefit year of a partitioned table: bounds the key, so that one partition is read."""

    title = _("benefit year")
    parameter_name = "year"
    factor = 10**12

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """Years that are open, newest first."""
        return [(str(year), str(year)) for year in reversed(open_years())]

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By the key's range."""
        low = int(chosen) * self.factor
        return queryset.filter(pk__gte=low, pk__lt=low + self.factor)


def by_choices(
    parameter: str, label: Any, options: Sequence[tuple[Any, Any]], field: str = ""
) -> type[SelectFilter]:
    """A filter of ``field`` (default: ``parameter``) by fixed choices."""
    column = field or parameter

    class Fixed(SelectFilter):
        title = label
        parameter_name = parameter

        def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
            """The fixed choices."""
            return [(str(key), name) for key, name in options]

        def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
            """Equality."""
            return queryset.filter(**{column: chosen})

    return Fixed


def by_day(parameter: str, label: Any, lookup: str) -> type[DateFilter]:
    """A filter by a day: ``lookup`` is a field with its comparison, as in ``due_on__lte``."""

    class Bound(DateFilter):
        title = label
        parameter_name = parameter

        def narrow(self, queryset: models.QuerySet[Any], chosen: date) -> models.QuerySet[Any]:
            """The comparison."""
            return queryset.filter(**{lookup: chosen})

    return Bound

"""Statistics per region and benefit year: registered, enrolled, paid, unpaid, by class and category, against last year.

Read from the tallies (payments/services/statistics.py), a few hundred rows whatever the size of the register.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.pages import NOTHING, RIGHT, Bar, Column, Part, count, link, moment, money
from enrollment.models import Category, PersonClass
from payments.models import RegisterTally, Topic
from payments.services import statistics

WHAT = "statistics"
exports.register(WHAT, gettext_lazy("Statistics"))
_NAMES = {Topic.CLASS.value: dict(PersonClass.choices), Topic.CATEGORY.value: dict(Category.choices)}


@dataclass
class Sum:
    """Tallies added up."""

    registered: int = 0
    enrolled: int = 0
    paid: int = 0
    exempt: int = 0
    unpaid: int = 0
    open: int = 0
    due_amount: Decimal = Decimal("0.00")
    paid_amount: Decimal = Decimal("0.00")

    def add(self, row: RegisterTally) -> None:
        """One tally more."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(row, one.name))

    @property
    def bar(self) -> Bar:
        """Who is enrolled, by what came of it."""
        return Bar(
            [
                Part(_("paid"), self.paid, "success", amount=self.paid_amount),
                Part(_("exempt: aid pays all"), self.exempt, "info"),
                Part(_("unpaid"), self.unpaid, "warning"),
                Part(_("nothing assessed yet"), self.open, ""),
            ]
        )


@dataclass(frozen=True)
class Tile:
    """A figure with its share and what it was last year."""

    label: Any
    number: str
    share: str
    change: Any


@dataclass(frozen=True)
class Chosen:
    """The year and region of the page, and what was counted for them and for the year before."""

    year: int
    region: str
    rows: Sequence[RegisterTally]

    def sums(
        self, key: Callable[[RegisterTally], Any], topic: Topic, *, last: bool = False
    ) -> dict[Any, Sum]:
        """The tallies of a topic added up by ``key``, of the year or (``last``) the one before."""
        found: defaultdict[Any, Sum] = defaultdict(Sum)
        for row in self.rows:
            chosen = not self.region or row.region_id == self.region
            if row.topic == topic and row.benefit_year == self.year - last and chosen:
                found[key(row)].add(row)
        return dict(found)

    def total(self, *, last: bool = False) -> Sum:
        """Everybody once."""
        return self.sums(lambda row: "", Topic.CLASS, last=last).get("", Sum())


def page(request: HttpRequest) -> HttpResponse:
    """The page; a fixed number of queries."""
    user = doors.me(request)
    if not access.may(user, "statistics.view"):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    years = statistics.years()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Statistics"),
        "years": years,
        "empty": not years,
    }
    chosen = _chosen(request, years)
    if chosen is not None:
        context |= _content(request, chosen)
    return TemplateResponse(request, "desk/statistics.html", context)


def _chosen(request: HttpRequest, years: Sequence[int]) -> Chosen | None:
    """The year and region asked for, where they exist and are the person's; else the latest year, all regions."""
    if not years:
        return None
    asked = request.GET.get("year", "")
    year = int(asked) if asked in {str(one) for one in years} else years[0]
    rows = statistics.of(years=[year, year - 1], regions=access.regions_of(request.user))
    region = request.GET.get("region", "")
    return Chosen(year, region if region in {row.region_id for row in rows} else "", rows)


def _content(request: HttpRequest, chosen: Chosen) -> dict[str, Any]:
    now, before = chosen.total(), chosen.total(last=True)
    regions = {row.region_id: row.region.name for row in chosen.rows}
    counted = [row.counted_at for row in chosen.rows if row.benefit_year == chosen.year]
    query = urlencode({"year": str(chosen.year), "region": chosen.region})
    return {
        "year": chosen.year,
        "region": chosen.region,
        "regions": sorted(regions.items()),
        "counted_at": moment(max(counted)) if counted else NOTHING,
        "tiles": _tiles(now, before),
        "bar": now.bar,
        "tables": _tables(request, chosen, regions),
        "export_url": f"{reverse('desk:statistics_export')}?{query}"
        if access.may(request.user, "export.list")
        else "",
    }


def _share(part: int, whole: int, of_what: Any) -> str:
    return f"{part / whole * 100:.1f} % {of_what}" if whole else ""


def _change(now: int | Decimal, before: int | Decimal) -> SafeString | str:
    """How much more or less than last year."""
    if not before:
        return _("last year: nothing counted")
    percent = float((now - before) / before * 100)
    sign = "▲" if percent > 0 else "▼" if percent < 0 else "="
    return format_html("{} {} % · {} {}", sign, f"{abs(percent):.1f}", _("last year"), _figure(before))


def _figure(number: int | Decimal) -> str:
    return money(number) if isinstance(number, Decimal) else count(number)


def _tiles(now: Sum, before: Sum) -> list[Tile]:
    return [
        Tile(_("registered persons"), count(now.registered), "", _change(now.registered, before.registered)),
        Tile(
            _("enrolled persons"),
            count(now.enrolled),
            _share(now.enrolled, now.registered, _("of the registered")),
            _change(now.enrolled, before.enrolled),
        ),
        Tile(
            _("paid"),
            count(now.paid),
            _share(now.paid, now.enrolled, _("of the enrolled")),
            _change(now.paid, before.paid),
        ),
        Tile(
            _("exempt"),
            count(now.exempt),
            _share(now.exempt, now.enrolled, _("of the enrolled")),
            _change(now.exempt, before.exempt),
        ),
        Tile(
            _("unpaid"),
            count(now.unpaid),
            _share(now.unpaid, now.enrolled, _("of the enrolled")),
            _change(now.unpaid, before.unpaid),
        ),
        Tile(
            _("amount paid"),
            money(now.paid_amount),
            f"{_('amount due')} {money(now.due_amount)}",
            _change(now.paid_amount, before.paid_amount),
        ),
    ]


_COLUMNS = (
    gettext_lazy("registered persons"),
    gettext_lazy("enrolled persons"),
    gettext_lazy("paid"),
    gettext_lazy("exempt"),
    gettext_lazy("unpaid"),
    gettext_lazy("enrolled last year"),
    gettext_lazy("more or less"),
)


def _tables(request: HttpRequest, chosen: Chosen, regions: dict[str, str]) -> list[dict[str, Any]]:
    persons = reverse("admin:enrollment_person_changelist")
    receivables = reverse("admin:payments_receivable_changelist")
    here = reverse("desk:statistics")
    found = []
    if not chosen.region:
        name = lambda code: link(  # noqa: E731
            regions[code], f"{here}?{urlencode({'year': str(chosen.year), 'region': code})}"
        )
        found.append(
            _table(_("By region"), _("region"), chosen, Topic.CLASS, lambda row: row.region_id, name)
        )
    see_people = access.may(request.user, "person.view")

    def by_class(code: str) -> Any:
        query = urlencode({"person_class": code, "region": chosen.region})
        label = _NAMES["CLASS"].get(code, code)
        return link(label, f"{persons}?{query}") if see_people else label

    def by_category(code: str) -> Any:
        query = urlencode({"year": str(chosen.year), "aid_category": code, "region": chosen.region})
        return link(_NAMES["CATEGORY"].get(code, code), f"{receivables}?{query}")

    found.append(
        _table(_("By person class"), _("person class"), chosen, Topic.CLASS, lambda row: row.code, by_class)
    )
    found.append(
        _table(
            _("By identity category"),
            _("identity category"),
            chosen,
            Topic.CATEGORY,
            lambda row: row.code,
            by_category,
            note=_("who holds several counts in each"),
        )
    )
    return found


def _table(
    title: str,
    heading: str,
    chosen: Chosen,
    topic: Topic,
    key: Callable[[RegisterTally], str],
    name: Callable[[str], Any],
    note: str = "",
) -> dict[str, Any]:
    """A table with a bar in each row, as long as the row's share of the longest one."""
    now, before = chosen.sums(key, topic), chosen.sums(key, topic, last=True)
    longest = max((one.bar.total for one in now.values()), default=0)
    rows = []
    for code, one in sorted(now.items()):
        last = before.get(code, Sum())
        rows.append(
            {
                "name": name(code),
                "bar": one.bar,
                "width": f"{one.bar.total / longest * 100:.1f}" if longest else "0",
                "cells": [
                    *(
                        count(each)
                        for each in (one.registered, one.enrolled, one.paid, one.exempt, one.unpaid)
                    ),
                    count(last.enrolled) if last.enrolled else NOTHING,
                    f"{one.enrolled - last.enrolled:+,}" if last.enrolled else NOTHING,
                ],
            }
        )
    heads = [Column(str(label), RIGHT) for label in _COLUMNS]
    return {"title": title, "heading": heading, "heads": heads, "rows": rows, "note": note}


def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The figures as CSV, entered in the export register; a GET only leads back to the page."""
    user = doors.me(request)
    if not access.may(user, "statistics.view") or not access.may(user, "export.list"):
        raise PermissionDenied
    here = reverse("desk:statistics")
    if request.method != "POST":
        return HttpResponseRedirect(here)
    chosen = _chosen(request, statistics.years())
    if chosen is None:
        return HttpResponseRedirect(here)
    record = doors.attempt(
        request,
        lambda: exports.begin(
            what=WHAT,
            filters={"year": str(chosen.year), "region": chosen.region},
            by=user,
            at=clock.now(),
        ),
    )
    if record is None:
        return HttpResponseRedirect(here)
    headings, rows = _headings(), list(_lines(chosen))
    blocks = exports.csv_blocks(record=record, headings=headings, rows=lambda: rows, now=clock.now)
    response = StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{WHAT}_{chosen.year}.csv"'
    return response


def _headings() -> list[str]:
    return [
        _("year"), _("region"), _("name"), _("kind"), _("code"), _("registered persons"), _("enrolled persons"), _("paid"),
        _("exempt"), _("unpaid"), _("amount due"), _("amount paid"),
    ]  # fmt: skip


def _lines(chosen: Chosen) -> Iterable[list[Any]]:
    """A line for each tally of the year and the year before."""
    for row in chosen.rows:
        if chosen.region and row.region_id != chosen.region:
            continue
        label = str(_NAMES[row.topic].get(row.code, row.code))
        yield [
            row.benefit_year, row.region_id, row.region.name, row.get_topic_display(), label, row.registered,
            row.enrolled, row.paid, row.exempt, row.unpaid, row.due_amount, row.paid_amount,
        ]  # fmt: skip

"""Collection by region, channel and day: due, paid, settled, unsettled by age, declined by reason, refunds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.desk.statistics import Tile
from bureau.pages import RIGHT, Bar, Column, Part, Table, count, day, link, money
from payments.models import Channel, RegisterTally, Topic
from payments.services import collection
from payments.services.collection import Age, Period, Taken
from payments.words import meaning
from refunds.models import RefundCase

WHAT = "collection"
SPAN = timedelta(days=29)
LONGEST = timedelta(days=400)
exports.register(WHAT, gettext_lazy("Collection"))


@dataclass(frozen=True)
class Chosen:
    """What the page shows: a period, the person's regions or one of them, one channel or all."""

    first: date
    last: date
    region: str
    channel: str
    regions: frozenset[str] | None

    @property
    def codes(self) -> frozenset[str] | None:
        """The regions that are read."""
        return frozenset({self.region}) if self.region else self.regions

    def query(self, **changes: str) -> str:
        """The page's own query with something else chosen."""
        now = {"from": str(self.first), "to": str(self.last), "region": self.region, "channel": self.channel}
        return urlencode(now | changes)

    def read(self) -> Period:
        """The days, of the chosen channel."""
        found = collection.of(regions=self.codes, first=self.first, last=self.last)
        if not self.channel:
            return found
        return Period([row for row in found.rows if row.channel == self.channel])


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(1990, 1, 1) <= found <= date(2199, 12, 31) else None


def _chosen(request: HttpRequest) -> Chosen:
    """What was asked for, within bounds; else the last thirty days that were cut."""
    regions = access.regions_of(request.user)
    region, channel = request.GET.get("region", ""), request.GET.get("channel", "")
    if not (region.isascii() and region.isdigit() and len(region) == 6) or not access.in_scope(
        request.user, region
    ):
        region = ""
    last = _day(request.GET.get("to", "")) or collection.latest(regions=regions) or clock.today()
    first = _day(request.GET.get("from", "")) or last - SPAN
    first = max(min(first, last), last - LONGEST)
    return Chosen(first, last, region, channel if channel in Channel.values else "", regions)


def page(request: HttpRequest) -> HttpResponse:
    """The page; a fixed number of queries."""
    user = doors.me(request)
    if not access.may(user, "statistics.view"):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    chosen = _chosen(request)
    found = chosen.read()
    names = {row.region_id: row.region.name for row in found.rows}
    refunds = _refunds(chosen)
    ages = collection.ages(regions=chosen.codes, on=clock.today())
    context = {
        **admin.site.each_context(request),
        "title": _("Collection"),
        "chosen": chosen,
        "regions": sorted(names.items()),
        "channels": [(code, str(name)) for code, name in Channel.choices],
        "empty": not found.rows,
        "tiles": _tiles(chosen, found.total(), refunds),
        "bar": _bar(found.total()),
        "age_bar": _age_bar(ages),
        "tables": _tables(chosen, found, names, refunds),
        "declined": declined_table(chosen),
        "export_url": f"{reverse('desk:collection_export')}?{chosen.query()}"
        if access.may(user, "export.list")
        else "",
    }
    return TemplateResponse(request, "desk/collection.html", context)


def _refunds(chosen: Chosen) -> dict[str, Decimal]:
    """What was refunded in the period, by region."""
    rows = RefundCase.objects.filter(paid_on__gte=chosen.first, paid_on__lte=chosen.last)
    if chosen.codes is not None:
        rows = rows.filter(region__in=chosen.codes)
    return dict(rows.values_list("region_id").annotate(total=Sum("amount")).order_by("region_id"))


def _due(chosen: Chosen) -> tuple[int, Decimal]:
    """The benefit year that was counted last, and what is due for it."""
    rows = RegisterTally.objects.filter(topic=Topic.CLASS)
    if chosen.codes is not None:
        rows = rows.filter(region__in=chosen.codes)
    sums = dict(rows.values_list("benefit_year").annotate(total=Sum("due_amount")).order_by("benefit_year"))
    year = chosen.last.year if chosen.last.year in sums else max(sums, default=chosen.last.year)
    return year, sums.get(year, Decimal("0.00"))


def _tiles(chosen: Chosen, total: Taken, refunds: dict[str, Decimal]) -> list[Tile]:
    year, due = _due(chosen)
    share = f"{total.settled / total.booked * 100:.1f} %" if total.booked else ""
    return [
        Tile(_("amount due"), money(due), _("benefit year %(year)s") % {"year": year}, ""),
        Tile(_("booked"), money(total.booked), _("%(number)s payments") % {"number": count(total.lines)}, ""),
        Tile(_("in the treasury"), money(total.settled), share, ""),
        Tile(_("unsettled"), money(total.unsettled), "", ""),
        Tile(_("duplicates"), money(total.twice), "", ""),
        Tile(_("refunds"), money(sum(refunds.values(), Decimal("0.00"))), "", ""),
    ]


def _bar(taken: Taken) -> Bar:
    """Where the money of some days is, by yuan."""
    return Bar(
        [
            Part(_("in the treasury"), int(taken.settled), "success", amount=taken.settled),
            Part(_("unsettled"), int(taken.unsettled), "warning", amount=taken.unsettled),
            Part(_("reversed"), int(taken.back), "", amount=taken.back),
            Part(_("debited, not posted"), int(taken.loose), "danger", amount=taken.loose),
        ]
    )


def _age_name(age: Age) -> str:
    names = {
        0: _("not late"),
        3: _("1 to 3 days late"),
        10: _("4 to 10 days late"),
        None: _("over 10 days late"),
    }
    return names[age.late]


def _age_bar(ages: Sequence[Age]) -> Bar:
    tones = ("info", "warning", "danger", "violet")
    return Bar(
        [
            Part(_age_name(age), age.lines, tone, amount=age.amount)
            for age, tone in zip(ages, tones, strict=True)
        ]
    )


def _columns() -> list[Column]:
    names = (
        _("payments"),
        _("booked"),
        _("in the treasury"),
        _("unsettled"),
        _("duplicates"),
        _("reversed"),
        _("open differences"),
    )
    return [Column(name, RIGHT) for name in names]


def _cells(one: Taken) -> list[str]:
    amounts = (one.booked, one.settled, one.unsettled, one.twice, one.back)
    return [count(one.lines), *(money(each) for each in amounts), count(one.differences)]


def _tables(
    chosen: Chosen, found: Period, names: dict[str, str], refunds: dict[str, Decimal]
) -> list[dict[str, Any]]:
    here, cuts = reverse("desk:collection"), reverse("admin:payments_daycut_changelist")
    payments = reverse("admin:payments_payment_changelist")
    tables = []
    if not chosen.region:
        tables.append(
            _table(
                _("By region"),
                _("region"),
                found.by(lambda row: row.region_id),
                lambda code: link(names[code], f"{here}?{chosen.query(region=code)}"),
                (_("refunds"), lambda code: money(refunds.get(code))),
            )
        )
    if not chosen.channel:
        tables.append(
            _table(
                _("By channel"),
                _("channel"),
                found.by(lambda row: row.channel),
                lambda code: link(Channel(code).label, f"{here}?{chosen.query(channel=code)}"),
                (
                    "",
                    lambda code: link(
                        _("Details"), f"{payments}?{urlencode({'channel': code, 'region': chosen.region})}"
                    ),
                ),
            )
        )
    days = found.by(lambda row: row.day)

    def rows_of(one: date) -> Any:
        asked = {"from": str(one), "to": str(one), "channel": chosen.channel, "region": chosen.region}
        return link(_("Details"), f"{cuts}?{urlencode(asked)}")

    tables.append(_table(_("By day"), _("day"), days, day, ("", rows_of)))
    return tables


def _table(
    title: str, heading: str, sums: dict[Any, Taken], name: Any, last: tuple[str, Any]
) -> dict[str, Any]:
    """A table with a bar in each row, as long as the row's share of the longest one."""
    longest = max((_bar(one).total for one in sums.values()), default=0)
    rows = []
    for key, one in sorted(sums.items()):
        bar = _bar(one)
        width = f"{bar.total / longest * 100:.1f}" if longest else "0"
        rows.append({"name": name(key), "bar": bar, "width": width, "cells": [*_cells(one), last[1](key)]})
    heads = [*_columns(), Column(last[0], RIGHT)]
    return {"title": title, "heading": heading, "heads": heads, "rows": rows, "note": ""}


def declined_table(chosen: Chosen) -> Table:
    """Declined debits by reason."""
    rows = [
        [meaning(code), code, count(number), money(amount)]
        for code, number, amount in collection.declined(
            regions=chosen.codes, first=chosen.first, last=chosen.last
        )
    ]
    heads = [_("reason"), _("code"), Column(_("debits"), RIGHT), Column(_("amount"), RIGHT)]
    return Table(_("Declined debits"), heads, rows, _("No debit was declined."))


def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The figures, a line for each region, channel and day, as CSV or XLSX; entered in the export register."""
    user = doors.me(request)
    if not access.may(user, "statistics.view") or not access.may(user, "export.list"):
        raise PermissionDenied
    here = reverse("desk:collection")
    if request.method != "POST":
        return HttpResponseRedirect(here)
    chosen = _chosen(request)
    filters = {
        "from": str(chosen.first),
        "to": str(chosen.last),
        "region": chosen.region,
        "channel": chosen.channel,
    }
    record = doors.attempt(
        request, lambda: exports.begin(what=WHAT, filters=filters, by=user, at=clock.now())
    )
    if record is None:
        return HttpResponseRedirect(here)
    rows = list(_lines(chosen.read()))
    as_book = request.POST.get("kind") == "xlsx"
    write = exports.xlsx_blocks if as_book else exports.csv_blocks
    blocks = write(record=record, headings=_headings(), rows=lambda: rows, now=clock.now)
    kind = exports.XLSX if as_book else "text/csv; charset=utf-8"
    response = StreamingHttpResponse(blocks, content_type=kind)
    name = f"{WHAT}_{chosen.first}_{chosen.last}.{'xlsx' if as_book else 'csv'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _headings() -> list[str]:
    return [
        _("day"), _("region"), _("name"), _("channel"), _("payments"), _("booked"), _("duplicates"), _("reversed"),
        _("debited, not posted"), _("in the treasury"), _("unsettled"), _("in the treasury by"), _("open differences"),
    ]  # fmt: skip


def _lines(found: Period) -> Iterable[list[Any]]:
    for row in found.rows:
        yield [
            row.day, row.region_id, row.region.name, str(row.get_channel_display()), row.booked_lines, row.booked,
            row.duplicate, row.back, row.loose, row.treasury, row.unsettled, row.expected_on, row.differences,
        ]  # fmt: skip

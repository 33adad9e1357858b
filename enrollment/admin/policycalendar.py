"""A picture of all windows: a region's window, late period and pay days as bars over the months."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from bureau.pages import day
from enrollment.admin.policytexts import name_of
from enrollment.models import Policy

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Strip:
    """A bar: where it begins and how wide it is, in percent of the picture; its tone and what it says."""

    left: str
    width: str
    tone: str
    says: str


@dataclass(frozen=True)
class Lane:
    """A region's bars and the version they come from."""

    region: str
    name: str
    policy_id: int
    strips: list[Strip]
    says: str


@dataclass(frozen=True)
class Mark:
    """A month's beginning, or today."""

    left: str
    label: str


@dataclass(frozen=True)
class Picture:
    """Two years: the one before the benefit year, and the benefit year."""

    year: int
    months: list[Mark]
    lanes: list[Lane]
    today: Mark | None


def picture(year: int, policies: Iterable[Policy], today: date) -> Picture:
    """The windows of a benefit year; today where it lies within."""
    first, last = date(year - 1, 1, 1), date(year, 12, 31)
    days = (last - first).days + 1

    def place(one: date) -> str:
        return f"{(one - first).days / days * 100:.3f}"

    def strip(start: date, end: date, tone: str, says: str) -> Strip:
        return Strip(place(start), f"{((end - start).days + 1) / days * 100:.3f}", tone, says)

    months = [
        Mark(place(date(one, month, 1)), str(one if month == 1 else month))
        for one in (year - 1, year)
        for month in range(1, 13)
    ]
    lanes = [_lane(policy, strip) for policy in policies]
    mark = Mark(place(today), day(today)) if first <= today <= last else None
    return Picture(year, months, lanes, mark)


def _lane(policy: Policy, draw: Callable[[date, date, str, str], Strip]) -> Lane:
    terms = policy.values
    said = _("window %(open)s – %(close)s") % {
        "open": day(terms.window_open),
        "close": day(terms.window_close),
    }
    strips = [draw(terms.window_open, terms.window_close, "primary", said)]
    if terms.last_pay_day > terms.window_close:
        late = _("late payment until %(last)s") % {"last": day(terms.last_pay_day)}
        strips.append(draw(terms.window_close + DAY, terms.last_pay_day, "warning", late))
        said = f"{said}; {late}"
    if terms.pay_day_from is not None and terms.pay_day_to is not None:
        paid = _("pay days %(first)s to %(last)s of the month") % {
            "first": terms.pay_day_from,
            "last": terms.pay_day_to,
        }
        said = f"{said}; {paid}"
        month = terms.window_open.replace(day=1)
        while month <= terms.last_pay_day:
            end = (month + 31 * DAY).replace(day=1) - DAY
            begin = max(month.replace(day=min(terms.pay_day_from, end.day)), terms.window_open)
            until = min(month.replace(day=min(terms.pay_day_to, end.day)), terms.last_pay_day)
            if begin <= until:
                strips.append(draw(begin, until, "days", paid))
            month = end + DAY
    return Lane(policy.region_id, name_of(policy), policy.pk, strips, said)

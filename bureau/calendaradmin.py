"""The work calendar, a year on a page; supervisors and system administrators correct days and publish years."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, calendars, clock, doors
from bureau.forms import DaysField, DeskForm, YearField
from bureau.models import Workday
from bureau.pages import Choice, Detail, Fact, day
from bureau.scoped import ScopedAdmin

EDIT = "calendar.edit"
SATURDAY = 5


class DayForm(DeskForm):
    """Whether a day is worked, and why."""

    is_workday = forms.TypedChoiceField(
        label=gettext_lazy("this day is"),
        choices=[("1", gettext_lazy("a working day")), ("0", gettext_lazy("free"))],
        coerce=lambda value: value == "1",
    )
    note = forms.CharField(label=gettext_lazy("note"), max_length=40, required=False)


class YearForm(DeskForm):
    """A year as the State Council announced it."""

    year = YearField(label=gettext_lazy("year"))
    holidays = DaysField(
        label=gettext_lazy("free days from Monday to Friday"),
        help_text=gettext_lazy("Public holidays; weekends are free anyway."),
    )
    worked = DaysField(
        label=gettext_lazy("worked Saturdays and Sundays"),
        help_text=gettext_lazy("Days worked in exchange for holidays."),
    )
    note = forms.CharField(label=gettext_lazy("note"), max_length=40, required=False)


@dataclass(frozen=True)
class Square:
    """A day in a month's table: its number, its address, and whether it is plain, free, worked or a weekend."""

    number: int
    url: str
    kind: str
    note: str


@dataclass(frozen=True)
class Month:
    """A month as weeks of seven squares; None outside the month."""

    name: str
    weeks: Sequence[Sequence[Square | None]]


@admin.register(Workday)
class WorkdayAdmin(ScopedAdmin):
    """The bureau's calendar."""

    view_action = "reference.view"
    scope_field = None
    keyset = ("day",)
    list_display = ("day",)
    routes = (("publish/", "publish", "publish"),)
    detail_template = "desk/day.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A year as twelve months."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.GET.get("year", "")
        year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
        rows = {
            row.day: row
            for row in Workday.objects.filter(
                day__gte=date(max(year, 1), 1, 1), day__lte=date(max(year, 1), 12, 31)
            )
        }
        return self.draw(
            request,
            "desk/calendar.html",
            _("Work calendar"),
            months=self._months(max(year, 1), rows) if rows else [],
            year=year,
            years=[Choice(one, f"?year={one}", one == year) for one in range(year - 3, year + 4)],
            may_edit=access.may(request.user, EDIT),
            weekdays=[_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")],
        )

    def _months(self, year: int, rows: dict[date, Workday]) -> list[Month]:
        months = []
        for number in range(1, 13):
            weeks = calendar.Calendar().monthdatescalendar(year, number)
            squares = [
                [self._square(rows.get(one)) if one.month == number else None for one in week]
                for week in weeks
            ]
            months.append(Month(date_format(date(year, number, 1), "F"), squares))
        return months

    def _square(self, row: Workday | None) -> Square | None:
        if row is None:
            return None
        weekend = row.day.weekday() >= SATURDAY
        kind = ("worked" if weekend else "plain") if row.is_workday else ("weekend" if weekend else "free")
        return Square(row.day.day, self.url_for(row), kind, row.note)

    def detail(self, request: HttpRequest, row: Workday) -> Detail:
        """One day."""
        facts = [
            Fact(_("day"), day(row.day)),
            Fact(_("weekday"), date_format(row.day, "l")),
            Fact(_("this day is"), _("a working day") if row.is_workday else _("free")),
            Fact(_("note"), row.note or "–"),
        ]
        return Detail(day(row.day), facts, extra={"may_edit": access.may(request.user, EDIT)})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a day, or correct it."""
        row = self.found(request, object_id)
        form = DayForm(
            doors.sent(request), initial={"is_workday": "1" if row.is_workday else "0", "note": row.note}
        )
        if request.method == "POST":
            if not access.may(request.user, EDIT):
                raise PermissionDenied
            if form.is_valid() and self._correct(request, row, form):
                return HttpResponseRedirect(f"{self.url('changelist')}?year={row.day.year}")
        return self.show(request, row, form=form, back_url=f"{self.url('changelist')}?year={row.day.year}")

    def _correct(self, request: HttpRequest, row: Workday, form: DayForm) -> bool:
        changed = doors.attempt(
            request,
            lambda: calendars.set_day(
                day=row.day,
                is_workday=form.cleaned_data["is_workday"],
                note=form.cleaned_data["note"],
                by=doors.me(request),
                at=clock.now(),
            ),
            _("Saved."),
        )
        return changed is not None

    def publish(self, request: HttpRequest) -> HttpResponse:
        """Enter a year's working days."""
        if not access.may(request.user, EDIT):
            raise PermissionDenied
        form = YearForm(doors.sent(request), initial={"year": clock.today().year + 1})
        if form.is_valid():
            given = form.cleaned_data
            days = doors.attempt(
                request,
                lambda: calendars.publish_year(
                    year=given["year"],
                    holidays=given["holidays"],
                    worked=given["worked"],
                    note=given["note"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
                _("The year is published."),
            )
            if days is not None:
                return HttpResponseRedirect(f"{self.url('changelist')}?year={given['year']}")
        return self.draw(
            request, "desk/form.html", _("Publish a year"), form=form, back_url=self.url("changelist")
        )

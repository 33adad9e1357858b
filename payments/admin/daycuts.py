"""Day cuts at the desk, and unsettled money by stage, channel, owner and age, on the page and as a file."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.filters import RegionFilter, by_choices, by_day
from bureau.forms import DayField, DeskForm
from bureau.models import Region, User
from bureau.pages import NOTHING, RIGHT, Column, Detail, Fact, Table, badge, count, day, link, moment, money
from bureau.scoped import ScopedAdmin
from payments.models import Channel, DayCut
from payments.services import daycuts, unsettled
from payments.words import DAY_CUT_STATES, state_badge

EXPORT = "unsettled"
exports.register(EXPORT, gettext_lazy("Unsettled money by age"))
STAGES = {
    unsettled.Stage.DECLARED: gettext_lazy("declared, not debited"),
    unsettled.Stage.NOT_POSTED: gettext_lazy("debited, not posted"),
    unsettled.Stage.DEBITED: gettext_lazy("debited, not in the treasury"),
}
OWNERS = {
    unsettled.Owner.CHANNEL: gettext_lazy("channel"),
    unsettled.Owner.BANK: gettext_lazy("bank"),
    unsettled.Owner.TAX: gettext_lazy("tax office"),
    unsettled.Owner.BUREAU: gettext_lazy("bureau"),
}
AGES = (
    gettext_lazy("up to 1 day"),
    gettext_lazy("2 to 3 days"),
    gettext_lazy("4 to 10 days"),
    gettext_lazy("over 10 days"),
)


class CutForm(DeskForm):
    """Which day."""

    day = DayField(
        label=gettext_lazy("day"), widget=forms.DateInput(attrs={"type": "date", "autofocus": True})
    )


@admin.register(DayCut)
class DayCutAdmin(ScopedAdmin):
    """Days three ways: our books, the channel, the treasury."""

    view_action = "settlement.view"
    keyset = ("day", "id")
    keyset_descending = True
    list_right = ("ours", "theirs", "in_treasury", "open_money")
    list_display = (
        "day_shown",
        "region_name",
        "channel_name",
        "state_shown",
        "ours",
        "theirs",
        "in_treasury",
        "open_money",
        "due",
    )
    list_select_related = ("region",)
    list_filter = (
        by_choices("channel", gettext_lazy("channel"), Channel.choices),
        by_day("from", gettext_lazy("from"), "day__gte"),
        by_day("to", gettext_lazy("to"), "day__lte"),
        RegionFilter,
    )
    routes = (
        ("cut/", "cut", "cut"),
        ("unsettled/", "unsettled", "ages"),
        ("unsettled/export/", "unsettled_export", "take_along"),
    )
    empty_text = gettext_lazy("No day was cut yet.")

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """The ages; cutting a day, for those who may."""
        buttons = [(_("Unsettled money by age"), self.url("unsettled"), "hourglass_top")]
        if access.may(request.user, daycuts.ACTION):
            buttons.append((_("Cut a day"), self.url("cut"), "content_cut"))
        return buttons

    @admin.display(description=gettext_lazy("day"))
    def day_shown(self, row: DayCut) -> str:
        """The debit day."""
        return day(row.day)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: DayCut) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("channel"))
    def channel_name(self, row: DayCut) -> str:
        """The channel in words."""
        return str(row.get_channel_display())

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: DayCut) -> Any:
        """A coloured label."""
        return state_badge(DAY_CUT_STATES, daycuts.state_of(row))

    @admin.display(description=gettext_lazy("our books"))
    def ours(self, row: DayCut) -> str:
        """Payments and duplicates."""
        return money(row.booked + row.duplicate)

    @admin.display(description=gettext_lazy("the channel states"))
    def theirs(self, row: DayCut) -> str:
        """Receipts of its statements."""
        return money(row.stated) if row.has_statement or row.stated_lines else NOTHING

    @admin.display(description=gettext_lazy("in the treasury"))
    def in_treasury(self, row: DayCut) -> str:
        """What the treasury confirmed."""
        return money(row.treasury)

    @admin.display(description=gettext_lazy("unsettled"))
    def open_money(self, row: DayCut) -> str:
        """What it did not."""
        return money(row.unsettled)

    @admin.display(description=gettext_lazy("in the treasury by"))
    def due(self, row: DayCut) -> Any:
        """Red where money is late."""
        late = row.unsettled_lines > 0 and row.expected_on < clock.today()
        return badge(day(row.expected_on), "danger") if late else day(row.expected_on)

    def detail(self, request: HttpRequest, row: DayCut) -> Detail:
        """The three sides with their parts, and the way to the lines that differ."""
        full = DayCut.objects.select_related("region").get(pk=row.pk)
        parts = (
            (_("booked"), "booked"),
            (_("duplicates"), "duplicate"),
            (_("reversed"), "back"),
            (_("debited, not posted"), "loose"),
            (_("stated by the channel"), "stated"),
            (_("returned by the channel"), "returned"),
            (_("in the treasury"), "treasury"),
            (_("unsettled"), "unsettled"),
        )
        rows = [
            [name, count(getattr(full, f"{key}_lines")), money(getattr(full, key))] for name, key in parts
        ]
        lines = reverse("admin:payments_settlementline_changelist")
        query = f"?channel={full.channel}&from={full.day}&to={full.day}"
        facts = [
            Fact(_("region"), full.region.name),
            Fact(_("channel"), full.get_channel_display()),
            Fact(_("day"), day(full.day)),
            Fact(_("in the treasury by"), self.due(full)),
            Fact(_("statement received"), _("yes") if full.has_statement else _("no")),
            Fact(_("open differences"), link(count(full.differences), lines + query)),
            Fact(_("cut at"), moment(full.cut_at)),
        ]
        heads = [_("part"), Column(_("lines"), RIGHT), Column(_("amount"), RIGHT)]
        title = f"{full.get_channel_display()} {day(full.day)}"
        return Detail(title, facts, [Table(_("Three ways"), heads, rows)], [self.state_shown(full)])

    def cut(self, request: HttpRequest) -> HttpResponse:
        """Count a day, and the days before it that were not even."""
        if not access.may(request.user, daycuts.ACTION):
            raise PermissionDenied
        form = CutForm(doors.sent(request), initial={"day": clock.today()})
        if form.is_valid():
            chosen, by = form.cleaned_data["day"], doors.me(request)
            made = doors.attempt(request, lambda: daycuts.cut(day=chosen, by=by, at=clock.now()))
            if made is not None:
                messages.success(request, _("Cut: %(rows)s rows changed.") % {"rows": made.changed})
                return HttpResponseRedirect(f"{self.url('changelist')}?from={chosen}&to={chosen}")
        return self.draw(
            request,
            "desk/form.html",
            _("Cut a day"),
            form=form,
            submit_text=_("Cut"),
            back_url=self.url("changelist"),
        )

    def ages(self, request: HttpRequest) -> HttpResponse:
        """Stage, channel and owner against age."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = unsettled.summary(user=doors.me(request), on=clock.today())
        channels = dict(Channel.choices)
        heads = [
            _("stage"), _("channel"), _("owner"),
            *(Column(name, RIGHT) for name in AGES), Column(_("lines"), RIGHT), Column(_("amount"), RIGHT),
        ]  # fmt: skip
        body = [
            [
                self._stage(row.stage),
                channels[row.channel],
                OWNERS[row.owner],
                *(money(amount) if amount else NOTHING for amount in row.amounts),
                count(row.number),
                money(row.amount),
            ]
            for row in rows
        ]
        note = _("Declared money counts from its order, debited money from the last day cut.")
        table = Table(
            _("Unsettled money by age"), heads, body, _("Every yuan is in the treasury."), note=note
        )
        export = self.url("unsettled_export") if access.may(request.user, "export.list") else ""
        return self.draw(
            request, "desk/unsettled.html", _("Unsettled money"), tables=[table], export_url=export
        )

    def take_along(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """What is unsettled, item by item with its age, as CSV or XLSX; entered in the export register."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(self.url("unsettled"))
        user, today = doors.me(request), clock.today()
        record = doors.attempt(
            request,
            lambda: exports.begin(what=EXPORT, filters={"day": str(today)}, by=user, at=clock.now()),
        )
        if record is None:
            return HttpResponseRedirect(self.url("unsettled"))
        as_book = request.POST.get("kind") == "xlsx"
        write = exports.xlsx_blocks if as_book else exports.csv_blocks
        rows = partial(_unsettled_rows, user, today)
        blocks = write(record=record, headings=_unsettled_heads(), rows=rows, now=clock.now)
        response = StreamingHttpResponse(
            blocks, content_type=exports.XLSX if as_book else "text/csv; charset=utf-8"
        )
        name = f"{EXPORT}_{today}.{'xlsx' if as_book else 'csv'}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _stage(self, stage: unsettled.Stage) -> Any:
        pages = {
            unsettled.Stage.NOT_POSTED: reverse("admin:payments_debitcase_changelist"),
            unsettled.Stage.DEBITED: self.url("changelist"),
        }
        return link(STAGES[stage], pages[stage]) if stage in pages else STAGES[stage]


def _unsettled_heads() -> list[str]:
    return [
        _("stage"), _("channel"), _("owner"), _("region"), _("name"), _("since"), _("age in days"), _("age"), _("lines"),
        _("amount"), _("reference"), _("due on"),
    ]  # fmt: skip


def _unsettled_rows(user: User, today: date) -> Iterator[Sequence[Any]]:
    channels, names = dict(Channel.choices), dict(Region.objects.values_list("code", "name"))
    for one in unsettled.items(user=user, on=today):
        age = (today - one.since).days
        yield [
            str(STAGES[one.stage]), str(channels[one.channel]), str(OWNERS[one.owner]), one.region_id, names[one.region_id],
            one.since, age, str(AGES[unsettled.age_place(age)]), one.lines, one.amount, one.reference, one.due_on,
        ]  # fmt: skip

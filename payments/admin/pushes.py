"""Pushes to the tax office: made, fetched, answered; what was not taken is listed with its reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.filters import RegionFilter, by_day
from bureau.forms import DeskForm, YearField, region_choices
from bureau.pages import NOTHING, RIGHT, Column, Detail, Fact, Table, badge, count, day, link, moment, money
from bureau.scoped import ScopedAdmin
from enrollment.models import Policy
from enrollment.states import PolicyState
from payments.admin.common import person_link
from payments.admin.money import receivable_link
from payments.models import PushBatch, PushLine
from payments.services import pushes

SHOWN = 100


class PushForm(DeskForm):
    """Which region and year."""

    region = forms.ChoiceField(label=gettext_lazy("region"))
    year = YearField(label=gettext_lazy("benefit year"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        within = Policy.objects.filter(state=PolicyState.PUBLISHED).values_list("region_id", flat=True)
        choices = self.fields["region"]
        choices.choices = region_choices(user, within)  # type: ignore[attr-defined]


@admin.register(PushBatch)
class PushBatchAdmin(ScopedAdmin):
    """Files for the tax office, newest first."""

    view_action = "push.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("lines_shown", "taken_shown", "refused_shown", "waiting_shown")
    list_display = (
        "name_shown",
        "region_name",
        "day_shown",
        "lines_shown",
        "taken_shown",
        "refused_shown",
        "waiting_shown",
        "made",
    )
    list_select_related = ("region", "made_by")
    list_filter = (
        by_day("from", gettext_lazy("from"), "day__gte"),
        by_day("to", gettext_lazy("to"), "day__lte"),
        RegionFilter,
    )
    detail_template = "desk/push.html"
    routes = (("make/", "make", "make"), ("<int:pk>/download/", "download", "download"))
    list_note = gettext_lazy(
        "What is due and what ended; a line that was not taken goes out again with the next push."
    )
    empty_text = gettext_lazy("Nothing was pushed to the tax office yet.")

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Making one, for those who may."""
        return [(_("Make a push"), self.url("make"), "send")] if access.may(request.user, pushes.MAKE) else []

    def row_queryset(self, request: HttpRequest) -> Any:
        """With the counts of its answers."""
        return (
            super()
            .row_queryset(request)
            .annotate(
                taken=Count("rows__answer", filter=Q(rows__answer__taken=True)),
                refused=Count("rows__answer", filter=Q(rows__answer__taken=False)),
            )
        )

    @admin.display(description=gettext_lazy("file"))
    def name_shown(self, row: PushBatch) -> str:
        """The file's name."""
        return pushes.name_of(row)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: PushBatch) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("day"))
    def day_shown(self, row: PushBatch) -> str:
        """The day."""
        return day(row.day)

    @admin.display(description=gettext_lazy("lines"))
    def lines_shown(self, row: PushBatch) -> str:
        """How many."""
        return count(row.lines)

    @admin.display(description=gettext_lazy("taken"))
    def taken_shown(self, row: Any) -> str:
        """How many the tax office took."""
        return count(row.taken)

    @admin.display(description=gettext_lazy("refused"))
    def refused_shown(self, row: Any) -> Any:
        """How many it refused; red where there are any."""
        return badge(count(row.refused), "danger") if row.refused else count(0)

    @admin.display(description=gettext_lazy("no answer yet"))
    def waiting_shown(self, row: Any) -> str:
        """How many wait."""
        return count(row.lines - row.taken - row.refused)

    @admin.display(description=gettext_lazy("made"))
    def made(self, row: PushBatch) -> str:
        """By whom and when."""
        return f"{row.made_by.get_full_name() or row.made_by.username} · {moment(row.made_at)}"

    def detail(self, request: HttpRequest, row: PushBatch) -> Detail:
        """How it stands, and the lines that were refused."""
        batch: Any = self.row_queryset(request).get(pk=row.pk)
        facts = [
            Fact(_("region"), batch.region.name),
            Fact(_("day"), day(batch.day)),
            Fact(_("lines"), count(batch.lines)),
            Fact(_("taken"), count(batch.taken)),
            Fact(_("refused"), self.refused_shown(batch)),
            Fact(_("no answer yet"), self.waiting_shown(batch)),
            Fact(_("made by"), self.made(batch)),
        ]
        lines = (
            PushLine.objects.filter(batch=batch, answer__taken=False)
            .select_related("person", "answer")
            .order_by("pk")
        )
        refused = [
            [
                line.pk % 10**8,
                line.get_op_display(),
                receivable_link(line.receivable_id),
                person_link(request.user, line.person),
                line.benefit_year,
                line.answer.reason or NOTHING,
                money(line.amount),
            ]
            for line in lines[:SHOWN]
        ]
        heads = [
            _("line"), _("operation"), _("receivable"), _("insured"), _("benefit year"), _("reason"), Column(_("amount"), RIGHT),
        ]  # fmt: skip
        files = [
            [
                link(file.name, reverse("admin:payments_bankfile_change", args=[file.pk]))
                if access.may(request.user, "file.view")
                else file.name,
                file.get_state_display(),
                moment(file.uploaded_at),
            ]
            for file in batch.files.order_by("pk")
        ]
        tables = [
            Table(_("Not taken"), heads, refused, _("The tax office refused nothing."),
                  note=_("They go out again with the next push.") if refused else ""),
            Table(_("Acknowledgements"), [_("file"), _("state"), _("uploaded")], files, _("No answer has come yet.")),
        ]  # fmt: skip
        extra = {
            "may_download": access.may(request.user, pushes.MAKE),
            "download_url": self.url("download", batch.pk),
        }
        return Detail(pushes.name_of(batch), facts, tables, extra=extra)

    def make(self, request: HttpRequest) -> HttpResponse:
        """Freeze what the tax office must be told."""
        if not access.may(request.user, pushes.MAKE):
            raise PermissionDenied
        form = PushForm(doors.sent(request), user=request.user, initial={"year": clock.today().year + 1})
        if form.is_valid():
            sent, by = form.cleaned_data, doors.me(request)
            batch = doors.attempt(
                request,
                lambda: pushes.make(region_id=sent["region"], year=sent["year"], by=by, at=clock.now()),
                _("The push is made: fetch its file."),
            )
            if batch is not None:
                return HttpResponseRedirect(self.url_for(batch))
        return self.draw(
            request,
            "desk/form.html",
            _("Make a push"),
            form=form,
            submit_text=_("Make a push"),
            back_url=self.url("changelist"),
        )

    def download(self, request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
        """The file; who fetched it is in the register of exports."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        batch, by = self.found(request, str(pk)), doors.me(request)
        if not access.may(by, pushes.MAKE):
            raise PermissionDenied
        blocks = doors.attempt(request, lambda: list(pushes.content(batch)))
        if blocks is None:
            return HttpResponseRedirect(self.url_for(batch))
        record = exports.begin(
            what="push_file",
            filters={"file": pushes.name_of(batch)},
            by=by,
            at=clock.now(),
            masked=False,
            action=pushes.MAKE,
            region_id=batch.region_id,
        )
        told = exports.byte_blocks(record=record, blocks=iter(blocks), rows=batch.lines, now=clock.now)
        response = StreamingHttpResponse(told, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{pushes.name_of(batch)}"'
        return response


exports.register("push_file", gettext_lazy("file for the tax office"))

"""Vouchers by the thousand at the desk: a range of numbers is printed into files by a worker, with its progress."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.filters import RegionFilter, by_choices
from bureau.forms import DeskForm, YearField, region_choices
from bureau.pages import RIGHT, Column, Detail, Fact, Table, badge, count, moment
from bureau.scoped import ScopedAdmin
from payments.admin.vouchers import public_address
from payments.models import VoucherBatch, VoucherPart, VoucherSeries
from payments.services import voucherbatches
from payments.services.vouchers import PRINT
from payments.states import VoucherBatchState
from payments.tasks import ring_vouchers

EXPORT = "vouchers"
exports.register(EXPORT, gettext_lazy("payment vouchers"))
BATCH_TONES = {
    VoucherBatchState.QUEUED: "info",
    VoucherBatchState.RUNNING: "primary",
    VoucherBatchState.STOPPED: "warning",
    VoucherBatchState.DONE: "success",
    VoucherBatchState.PARKED: "danger",
}
WORKING = (VoucherBatchState.QUEUED, VoucherBatchState.RUNNING)


class BatchForm(DeskForm):
    """Which numbers of a series are printed."""

    region = forms.ChoiceField(label=gettext_lazy("region"))
    year = YearField(label=gettext_lazy("benefit year"))
    first = forms.IntegerField(label=gettext_lazy("from number"), min_value=1, max_value=99_999_999)
    last = forms.IntegerField(label=gettext_lazy("to number"), min_value=1, max_value=99_999_999)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = set(VoucherSeries.objects.values_list("region_id", flat=True).distinct())
        self.fields["region"].choices = region_choices(user, known)  # type: ignore[attr-defined]


@admin.register(VoucherBatch)
class VoucherBatchAdmin(ScopedAdmin):
    """Vouchers printed into files by a worker."""

    view_action = PRINT
    keyset_descending = True
    list_right = ("wanted", "done")
    list_display = ("title", "region_name", "state_shown", "wanted", "done", "who")
    list_select_related = ("region", "made_by")
    list_filter = (
        by_choices("state", gettext_lazy("state"), VoucherBatch._meta.get_field("state").choices or ()),  # type: ignore[union-attr]
        RegionFilter,
    )
    detail_template = "desk/voucher_batch.html"
    routes = (
        ("create/", "create", "create"),
        ("<int:pk>/progress/", "progress", "progress"),
        ("<int:pk>/act/", "act", "act"),
        ("<int:pk>/part/<int:first>/", "part", "part"),
    )
    empty_text = gettext_lazy("No vouchers were printed in batches.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """A new one."""
        return [(_("Print vouchers"), self.url("create"), "print")]

    @admin.display(description=gettext_lazy("numbers"))
    def title(self, row: VoucherBatch) -> str:
        """Series and range."""
        return str(row)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: VoucherBatch) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: VoucherBatch) -> Any:
        """A coloured label."""
        return badge(row.get_state_display(), BATCH_TONES.get(row.state, ""))  # type: ignore[call-overload]

    @admin.display(description=gettext_lazy("vouchers"))
    def wanted(self, row: VoucherBatch) -> str:
        """How many numbers."""
        return count(row.last - row.first + 1)

    @admin.display(description=gettext_lazy("printed"))
    def done(self, row: VoucherBatch) -> str:
        """How many pages so far."""
        return count(row.printed)

    @admin.display(description=gettext_lazy("made by"))
    def who(self, row: VoucherBatch) -> str:
        """By whom and when."""
        return f"{row.made_by.get_full_name() or row.made_by.username} · {moment(row.made_at)}"

    def detail(self, request: HttpRequest, row: VoucherBatch) -> Detail:
        """How far it is, its files, and what could not be printed."""
        facts = [
            Fact(_("region"), row.region.name),
            Fact(_("benefit year"), row.benefit_year),
            Fact(_("numbers"), f"{row.first} – {row.last}"),
            Fact(_("printed"), count(row.printed)),
            Fact(_("cancelled ones left out"), count(row.left_out)),
            Fact(_("not printed"), count(len(row.unprintable))),
            Fact(_("made by"), self.who(row)),
            Fact(_("finished at"), moment(row.finished_at)),
        ]
        parts = [
            [
                f"{one.first} – {one.last}",
                count(one.pages),
                f"{one.size / 1024:,.0f} KB",
                moment(one.made_at),
                _download(self.url("part", row.pk, one.first)),
            ]
            for one in row.parts.order_by("first")
        ]
        heads = [
            _("numbers"),
            Column(_("number of pages"), RIGHT),
            Column(_("size"), RIGHT),
            _("made at"),
            "",
        ]
        tables = [Table(_("Files"), heads, parts, _("No file yet."))]
        if row.unprintable:
            odd = [
                [number, " ".join(f"{char} U+{ord(char):04X}" for char in chars)]
                for number, chars in row.unprintable
            ]
            tables.append(
                Table(
                    _("Names with a character that the font lacks"),
                    [_("voucher number"), _("character")],
                    odd,
                    note=_("Print these one by one: the character is written as its code point."),
                )
            )
        working = row.state in WORKING
        extra = {
            "progress": {**progress_of(row), "url": self.url("progress", row.pk)} if working else None,
            "act_url": self.url("act", row.pk),
            "may_stop": working,
            "may_resume": row.state in (VoucherBatchState.STOPPED, VoucherBatchState.PARKED),
        }
        return Detail(str(row), facts, tables, [self.state_shown(row)], extra=extra)

    def create(self, request: HttpRequest) -> HttpResponse:
        """Choose a range of numbers."""
        if not access.may(request.user, PRINT):
            raise PermissionDenied
        user = doors.me(request)
        form = BatchForm(doors.sent(request), user=user)
        if form.is_valid():
            values = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: voucherbatches.create(
                    region_id=values["region"],
                    year=values["year"],
                    first=values["first"],
                    last=values["last"],
                    address=public_address(request),
                    by=user,
                    at=clock.now(),
                ),
                _("A worker prints them."),
            )
            if made is not None:
                ring_vouchers()
                return HttpResponseRedirect(self.url_for(made))
        return self.draw(
            request,
            "desk/form.html",
            _("Print vouchers"),
            form=form,
            submit_text=_("Print"),
            back_url=self.url("changelist"),
        )

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far it is."""
        return JsonResponse(progress_of(self.found(request, str(pk))))

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop or go on."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by, action = doors.me(request), request.POST.get("action", "")
        if action == "stop":
            doors.attempt(request, lambda: voucherbatches.stop(batch_id=pk, by=by), _("Stopped."))
        elif action == "resume":
            again = doors.attempt(
                request, lambda: voucherbatches.resume(batch_id=pk, by=by), _("It goes on.")
            )
            if again is not None:
                ring_vouchers()
        return HttpResponseRedirect(self.url_for(row))

    def part(self, request: HttpRequest, pk: int, first: int) -> HttpResponse:
        """A file, entered in the export register."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        part = VoucherPart.objects.filter(batch=row, first=first).order_by("pk").first()
        if part is None:
            raise Http404
        content = doors.attempt(request, lambda: voucherbatches.read(part))
        if content is None:
            return HttpResponseRedirect(self.url_for(row))
        record = doors.attempt(
            request,
            lambda: exports.begin(
                what=EXPORT,
                filters={"batch": str(row.pk), "first": str(part.first)},
                by=doors.me(request),
                at=clock.now(),
                action=PRINT,
                region_id=row.region_id,
            ),
        )
        if record is None:
            return HttpResponseRedirect(self.url_for(row))
        exports.finish(record=record, rows=part.pages, sha256=part.sha256, at=clock.now())
        response = HttpResponse(content, content_type="application/pdf")
        name = f"vouchers_{row.region_id}_{row.benefit_year}_{part.first:08d}.pdf"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _download(url: str) -> Any:
    """A button of the form below the table, which carries the token."""
    return format_html(
        '<button class="desk-button" type="submit" form="parts" formaction="{}">{}</button>',
        url,
        _("Download"),
    )


def progress_of(batch: VoucherBatch) -> dict[str, Any]:
    """How far a batch is, for the bar that moves."""
    whole, done = batch.last - batch.first + 1, batch.reached - batch.first + 1
    return {
        "state": batch.state,
        "phase": batch.get_state_display(),
        "percent": min(99, 100 * done // whole),
        "lines_seen": done,
        "lines": whole,
        "chunks_done": 0,
        "chunks": 0,
    }

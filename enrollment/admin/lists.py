"""Lists: uploaded, previewed, confirmed by whom it takes, watched, stopped, taken back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.filters import RegionFilter, by_choices, by_day
from bureau.forms import DayField, DeskForm, region_choices
from bureau.models import Proposal
from bureau.pages import NOTHING, Detail, Fact, badge, count, moment, small
from bureau.scoped import ScopedAdmin
from bureau.sheets.limits import IN_A_REQUEST
from enrollment import resources
from enrollment.admin import listpage
from enrollment.admin.listfiles import template_book
from enrollment.models import Category, Issuer, ListFile, ListKind, Policy
from enrollment.models.lists import LIST_STATE_CHOICES
from enrollment.services import listlines, lists, listundo
from enrollment.states import ListState
from enrollment.tasks import ring_lists

PREVIEW_SECONDS = 1800
SALT = "enrollment.list.preview"
STATE_TONES: Mapping[str, str] = {
    ListState.QUEUED: "info",
    ListState.READING: "primary",
    ListState.HELD: "warning",
    ListState.READ: "warning",
    ListState.CONFIRMED: "info",
    ListState.APPLYING: "primary",
    ListState.STOPPED: "warning",
    ListState.APPLIED: "success",
    ListState.REJECTED: "danger",
    ListState.PARKED: "danger",
}
WORKING = (ListState.QUEUED, ListState.READING, ListState.CONFIRMED, ListState.APPLYING)
DONE = (ListState.APPLIED, ListState.STOPPED)
exports.register("list_errors", gettext_lazy("lines of a list in error"))


class UploadForm(DeskForm):
    """A list, what it is, and of whom and which month it speaks."""

    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=ListKind.choices)
    issuer = forms.ChoiceField(label=gettext_lazy("issued by"), choices=Issuer.choices)
    region = forms.ChoiceField(label=gettext_lazy("pooling region"))
    month = DayField(
        label=gettext_lazy("month"),
        required=False,
        help_text=gettext_lazy("Any day of the month the list speaks of; empty: this month."),
    )
    file = forms.FileField(
        label=gettext_lazy("file"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy(
            "XLSX or CSV with the column names in row 1; the templates are on the page of lists."
        ),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = set(Policy.objects.values_list("region_id", flat=True).distinct())
        known |= set(user.staff_regions.values_list("region_id", flat=True))
        self.fields["region"].choices = region_choices(user, known)  # type: ignore[attr-defined]


def progress_of(file: ListFile) -> dict[str, Any]:
    """How far a list is, for the bar that moves."""
    lease = getattr(file, "lease", None)
    seen = lease.lines_seen if lease else 0
    applying = file.state in (ListState.CONFIRMED, ListState.APPLYING)
    done, whole = (file.done_through, file.last_line) if applying else (seen, max(file.rows, seen))
    return {
        "state": file.state,
        "phase": file.get_state_display(),
        "percent": min(99, 100 * done // whole) if applying and whole else 0,
        "lines_seen": done,
        "lines": whole,
        "chunks_done": 0,
        "chunks": 0,
    }


@admin.register(ListFile)
class ListFileAdmin(ScopedAdmin):
    """Lists that came in."""

    view_action = "list.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("rows_shown",)
    list_display = ("name", "kind", "state_shown", "region_name", "rows_shown", "outcomes", "uploaded")
    list_display_links = ("name",)
    list_select_related = ("region", "uploaded_by")
    list_filter = (
        by_choices("kind", gettext_lazy("kind"), ListKind.choices),
        by_choices("state", gettext_lazy("state"), LIST_STATE_CHOICES),
        by_day("from", gettext_lazy("uploaded from"), "uploaded_at__date__gte"),
        RegionFilter,
    )
    detail_template = "desk/list_file.html"
    routes = (
        ("upload/", "upload", "upload"),
        ("template/<slug:kind>/", "template", "template"),
        ("<int:pk>/progress/", "progress", "progress"),
        ("<int:pk>/errors/", "errors", "errors"),
        ("<int:pk>/act/", "act", "act"),
    )
    empty_text = gettext_lazy("No list has arrived yet.")

    # ---------------------------------------------------------------- the list of lists

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Templates, and the upload for those who may."""
        buttons = [
            (_("Template: %(kind)s") % {"kind": label}, self.url("template", kind), "table_view")
            for kind, label in ListKind.choices
            if kind in (ListKind.REGISTER, ListKind.AID_MEMBERS, ListKind.DEATHS)
        ]
        if access.may(request.user, "list.upload"):
            buttons.append((_("Upload a list"), self.url("upload"), "upload"))
        return buttons

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: ListFile) -> Any:
        """A coloured label."""
        return badge(row.get_state_display(), STATE_TONES.get(row.state, ""))

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: ListFile) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("rows"))
    def rows_shown(self, row: ListFile) -> str:
        """How many rows."""
        return count(row.rows)

    @admin.display(description=gettext_lazy("outcome"))
    def outcomes(self, row: ListFile) -> Any:
        """The outcomes as a bar."""
        bar = listpage.tallies_bar(row.tallies)
        return render_to_string("desk/parts/bar.html", {"bar": bar, "thin": True}) if bar.total else NOTHING

    @admin.display(description=gettext_lazy("uploaded"))
    def uploaded(self, row: ListFile) -> Any:
        """When and by whom."""
        who = row.uploaded_by.get_full_name() or row.uploaded_by.username
        return format_html("{}{}", who, small(moment(row.uploaded_at)))

    # ---------------------------------------------------------------- one list

    def detail(self, request: HttpRequest, row: ListFile) -> Detail:
        """What was found, what would happen or has happened, and what can be done."""
        file = ListFile.objects.select_related(
            "region", "uploaded_by", "confirmed_by", "undone_by", "lease"
        ).get(pk=row.pk)
        user = doors.me(request)
        waits = lists.open_proposal(file) if file.state == ListState.READ and file.second_person else None
        facts = [
            Fact(_("kind"), file.get_kind_display()),
            Fact(_("issued by"), file.get_issuer_display()),
            Fact(_("pooling region"), file.region.name),
            Fact(_("month"), f"{file.month:%Y-%m}"),
            Fact(_("rows"), count(file.rows)),
            Fact(_("sheet"), file.sheet or NOTHING),
            Fact(_("uploaded by"), _who(file.uploaded_by, file.uploaded_at)),
            Fact(_("confirmed by"), _who(file.confirmed_by, file.confirmed_at)),
            Fact(_("applied at"), moment(file.applied_at)),
            Fact("SHA-256", f"{file.sha256[:16]}…"),
        ]
        if file.undone_by is not None:
            facts.append(Fact(_("taken back by"), _who(file.undone_by, file.undone_at)))
            facts.append(Fact(_("why it was taken back"), file.undo_reason, wide=True))
        notices = [_(one["message"]) % one["params"] for one in (*file.reasons, *file.warnings)]
        if waits is not None and waits.made_by_id == user.pk:
            notices.append(_("You uploaded this list: a second person confirms it."))
        return Detail(
            file.name,
            facts,
            listpage.tables(file),
            [self.state_shown(file)],
            notices,
            extra={
                "file": file,
                "bar": listpage.tallies_bar(file.tallies),
                "progress": {**progress_of(file), "url": self.url("progress", file.pk)}
                if file.state in WORKING
                else None,
                "proposal": waits,
                "act_url": self.url("act", file.pk),
                "errors_url": self.url("errors", file.pk) if listlines.counts(file)["errors"] else "",
                **self._may(user, file, waits),
            },
        )

    def _may(self, user: Any, file: ListFile, waits: Proposal | None) -> dict[str, Any]:
        uploads, mine = access.may(user, "list.upload"), file.uploaded_by_id == user.pk
        releases = access.may(user, "list.release")
        confirms = file.state == ListState.READ and not file.second_person and uploads and mine
        return {
            "token": self._token(user, file) if confirms else "",
            "may_decide": waits is not None and releases and not mine,
            "may_drop": uploads and mine and file.state in (ListState.READ, ListState.HELD, ListState.PARKED),
            "may_stop": uploads
            and file.state in (ListState.CONFIRMED, ListState.APPLYING)
            and not file.stop_wanted,
            "may_resume": uploads and file.state in (ListState.STOPPED, ListState.PARKED),
            "may_undo": file.state in DONE and (releases if file.second_person else uploads),
            "may_choose": uploads and file.state == ListState.HELD,
        }

    def _token(self, user: Any, file: ListFile) -> str:
        """What binds a confirmation to the person, the bytes and the preview it was given for (S19, S20)."""
        return signing.dumps([file.pk, user.pk, file.sha256, file.tallies], salt=SALT)

    # ---------------------------------------------------------------- doors

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Receive a list; a small one is read at once, a large one by a worker."""
        if not access.may(request.user, "list.upload"):
            raise PermissionDenied
        user = doors.me(request)
        form = UploadForm(doors.sent(request), request.FILES or None, user=user)
        if form.is_valid():
            values = form.cleaned_data
            file = doors.attempt(
                request,
                lambda: lists.receive(
                    source=values["file"].file,
                    name=values["file"].name,
                    kind=values["kind"],
                    issuer=values["issuer"],
                    region_id=values["region"],
                    month=values["month"],
                    by=user,
                    at=clock.now(),
                ),
            )
            if file is not None:
                self._work(request, file)
                return HttpResponseRedirect(self.url_for(file))
        return self.draw(
            request,
            "desk/form.html",
            _("Upload a list"),
            form=form,
            submit_text=_("Upload"),
            back_url=self.url("changelist"),
        )

    def _work(self, request: HttpRequest, file: ListFile) -> None:
        """Do small work now; ring for large work."""
        if lists.fits_request(file):
            doors.attempt(
                request,
                lambda: lists.process(
                    list_id=file.pk, at=clock.now(), limits=IN_A_REQUEST, judge=resources.judge
                ),
            )
        else:
            messages.info(request, _("The list is large: a worker reads it."))
            ring_lists()

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far the list is."""
        row = self.found(request, str(pk))
        return JsonResponse(progress_of(ListFile.objects.select_related("lease").get(pk=row.pk)))

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm, choose the sheet, drop, stop, resume, take back: one service call."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row: ListFile = self.found(request, str(pk))
        by, at, action = doors.me(request), clock.now(), request.POST.get("action", "")
        sheet, reason = request.POST.get("sheet", "")[:100], request.POST.get("reason", "")[:300]
        calls: dict[str, tuple[Any, Any]] = {
            "confirm": (
                lambda: lists.confirm(list_id=pk, tallies=self._seen(request, row), by=by, at=at),
                _("The list is confirmed."),
            ),
            "choose": (
                lambda: lists.choose_sheet(list_id=pk, sheet=sheet, by=by, at=at),
                _("The sheet is chosen."),
            ),
            "drop": (lambda: lists.drop(list_id=pk, by=by, at=at), _("The list is dropped.")),
            "stop": (
                lambda: lists.stop(list_id=pk, by=by, at=at),
                _("The list stops after the lines at hand."),
            ),
            "resume": (lambda: lists.resume(list_id=pk, by=by, at=at), _("The list goes on.")),
            "undo": (
                lambda: listundo.undo(list_id=pk, reason=reason, by=by, at=at),
                _("The list is taken back."),
            ),
        }
        if action not in calls:
            return HttpResponseRedirect(self.url_for(row))
        call, done = calls[action]
        file = doors.attempt(request, call, done)
        if file is not None and file.state in WORKING:
            self._work(request, file)
        return HttpResponseRedirect(self.url_for(row))

    def _seen(self, request: HttpRequest, row: ListFile) -> dict[str, Any]:
        """What this person saw in the preview; 404 for a made-up or foreign token, or one that is too old."""
        try:
            pk, user, digest, tallies = signing.loads(
                request.POST.get("token", ""), salt=SALT, max_age=PREVIEW_SECONDS
            )
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise Http404 from error
        if (pk, user) != (row.pk, request.user.pk):
            raise Http404
        if digest != row.sha256:
            raise Http404
        return dict(tallies)

    def errors(self, request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
        """The lines to look at, as a file: line, column, masked value, what is wrong and what to do."""
        if request.method != "POST":  # it makes an entry in the export register
            return HttpResponseNotAllowed(["POST"])
        row: ListFile = self.found(request, str(pk))
        record = doors.attempt(
            request,
            lambda: exports.begin(
                what="list_errors",
                filters={"list": str(row.pk)},
                by=doors.me(request),
                at=clock.now(),
                action="list.view",
                region_id=row.region_id,
            ),
        )
        if record is None:
            return HttpResponseRedirect(self.url_for(row))
        words = {text: listpage.in_words(text) for text in (*listlines.MESSAGES.values(), *Category.values)}
        headings = [_("line"), _("column"), _("value"), _("code"), _("what is wrong, and what to do")]

        def read() -> Iterator[Sequence[Any]]:
            for line in listlines.wrong_lines(row).iterator(chunk_size=2_000):
                yield (
                    line.line_no,
                    line.column,
                    line.value,
                    line.code,
                    listlines.sentence(line, lambda text: words.get(text, text)),
                )

        blocks = exports.csv_blocks(record=record, headings=headings, rows=read, now=clock.now)
        response = StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="list_{row.pk}_errors.csv"'
        return response

    def template(self, request: HttpRequest, kind: str) -> HttpResponse:
        """An empty list of a kind, its columns formatted as text."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in ListKind.values:
            raise Http404
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = HttpResponse(template_book(kind), content_type=content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{kind.lower()}.xlsx"'
        return response


def _who(user: Any, at: Any) -> str:
    return NOTHING if user is None else f"{user.get_full_name() or user.username} · {moment(at)}"

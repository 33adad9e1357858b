"""Bank files: received, watched, released or rejected by a second person, queued again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, differences, doors
from bureau.filters import RegionFilter, by_choices, by_day
from bureau.forms import DeskForm
from bureau.models import Proposal
from bureau.pages import (
    NOTHING,
    RIGHT,
    Bar,
    Column,
    Detail,
    Fact,
    Part,
    Table,
    amount,
    badge,
    count,
    day,
    link,
    moment,
    money,
    small,
)
from bureau.scoped import ScopedAdmin
from bureau.states import ProposalState
from payments.admin.outcomes import SETTLEMENT_KINDS, answer_table, outcome_bar, outcome_table
from payments.models import BankFile
from payments.models.bankfiles import FILE_KIND_CHOICES, FILE_STATE_CHOICES
from payments.services import arrivals, releases
from payments.services.river import RELEASE_KIND
from payments.states import Bucket, FileKind, FileState
from payments.tasks import ring
from payments.words import (
    BUCKET_NAMES,
    BUCKET_TONES,
    FILE_STATES,
    HEADER_FIELDS,
    PHASES,
    bucket_badge,
    file_reasons,
    state_badge,
)

LARGEST_DIGEST = 4096
WORKING = (FileState.QUEUED, FileState.RUNNING)


class UploadForm(DeskForm):
    """A result file, and the digest file that came with it."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        help_text=gettext_lazy(
            "A bank's result, a channel's statement, a settlement of the treasury or an acknowledgement of the tax office: "
            "its first line tells which."
        ),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"autofocus": True}),
    )
    digest = forms.FileField(
        label=gettext_lazy("digest file"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The .sm3 file, if the bank sent one."),
    )

    def clean_digest(self) -> bytes | None:
        """The digest file's bytes; a digest file is a line."""
        sent: UploadedFile | None = self.cleaned_data["digest"]
        if sent is None:
            return None
        if sent.size is None or sent.size > LARGEST_DIGEST:
            raise forms.ValidationError(_("This is no digest file: it is too long."))
        return sent.read()


def report_bar(file: BankFile, *, links: bool = False) -> Bar:
    """The buckets of a result file's report, the outcomes of a statement's or settlement's."""
    if file.kind in SETTLEMENT_KINDS:
        return outcome_bar(file, links=links)
    buckets = file.report.get("buckets", {})
    parts = []
    for bucket in Bucket:
        row = buckets.get(bucket.name, {})
        url = (
            f"{reverse('admin:payments_bankline_changelist')}?file={file.pk}&bucket={bucket.value}"
            if links
            else ""
        )
        parts.append(Part(BUCKET_NAMES[bucket], int(row.get("lines", 0)), BUCKET_TONES[bucket], url=url))
    return Bar(parts)


def progress_of(file: BankFile) -> dict[str, Any]:
    """How far a file is: phase, lines read, chunks posted, and one percentage of it all."""
    lease = getattr(file, "lease", None)
    chunks = file.chunks.aggregate(all=Count("id"), done=Count("id", filter=Q(state="DONE")))
    lines = int(file.header.get("lines") or file.lines or 0)
    seen = lease.lines_seen if lease else 0
    phase = lease.phase if lease and file.state == FileState.RUNNING else ""
    percent = 0
    if phase == "STAGING" and lines:
        percent = min(40, 40 * seen // lines)
    elif phase == "MATCHING":
        percent = 45
    elif phase == "POSTING":
        percent = 50 + (50 * chunks["done"] // chunks["all"] if chunks["all"] else 0)
    return {
        "state": file.state,
        "phase": str(PHASES.get(phase, phase)),
        "percent": percent,
        "lines_seen": seen,
        "lines": lines,
        "chunks_done": chunks["done"],
        "chunks": chunks["all"],
    }


@admin.register(BankFile)
class BankFileAdmin(ScopedAdmin):
    """What banks sent."""

    view_action = "file.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("lines_shown", "debited_shown")
    list_display = (
        "name",
        "state_shown",
        "bank",
        "region_name",
        "lines_shown",
        "debited_shown",
        "buckets",
        "uploaded",
    )
    list_display_links = ("name",)
    list_select_related = ("bank", "region", "uploaded_by")
    list_filter = (
        by_choices("kind", gettext_lazy("kind of file"), FILE_KIND_CHOICES),
        by_choices("state", gettext_lazy("state"), FILE_STATE_CHOICES),
        by_day("from", gettext_lazy("uploaded from"), "uploaded_at__date__gte"),
        RegionFilter,
    )
    detail_template = "desk/file.html"
    routes = (
        ("upload/", "upload", "upload"),
        ("<int:pk>/progress/", "progress", "progress"),
        ("<int:pk>/requeue/", "requeue", "requeue"),
        ("<int:pk>/drop/", "drop", "drop"),
    )
    empty_text = gettext_lazy("No bank file has arrived yet.")

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Upload, for those who may."""
        return (
            [(_("Upload a result file"), self.url("upload"), "upload")]
            if access.may(request.user, "file.upload")
            else []
        )

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: BankFile) -> Any:
        """A coloured label."""
        return state_badge(FILE_STATES, row.state)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: BankFile) -> str:
        """The region's name."""
        return row.region.name if row.region else NOTHING

    @admin.display(description=gettext_lazy("lines"))
    def lines_shown(self, row: BankFile) -> str:
        """How many lines."""
        return count(row.lines)

    @admin.display(description=gettext_lazy("debited"))
    def debited_shown(self, row: BankFile) -> str:
        """How much money: what the bank debited, what the channel or the treasury received."""
        return money(row.amount if row.kind in SETTLEMENT_KINDS else row.debited)

    @admin.display(description=gettext_lazy("buckets"))
    def buckets(self, row: BankFile) -> Any:
        """The buckets as a bar."""
        bar = report_bar(row)
        return render_to_string("desk/parts/bar.html", {"bar": bar, "thin": True}) if bar.total else NOTHING

    @admin.display(description=gettext_lazy("uploaded"))
    def uploaded(self, row: BankFile) -> Any:
        """When and by whom."""
        who = row.uploaded_by.get_full_name() or row.uploaded_by.username
        return format_html("{}{}", who, small(moment(row.uploaded_at)))

    def detail(self, request: HttpRequest, row: BankFile) -> Detail:
        """State, reasons, buckets, header beside lines."""
        file = BankFile.objects.select_related(
            "bank", "region", "batch", "push", "uploaded_by", "released_by", "lease"
        ).get(pk=row.pk)
        waits = self._waiting(file)
        user = doors.me(request)
        may_decide = waits is not None and access.may(user, "file.release") and waits.made_by_id != user.pk
        facts = [
            Fact(_("kind of file"), file.get_kind_display()),
            *self._about(file),
            Fact(_("region"), file.region.name if file.region else NOTHING),
            Fact(_("lines"), count(file.lines)),
            Fact(
                _("uploaded by"),
                f"{file.uploaded_by.get_full_name() or file.uploaded_by.username} · {moment(file.uploaded_at)}",
            ),
            Fact(
                _("released by"),
                f"{file.released_by} · {moment(file.released_at)}" if file.released_by else NOTHING,
            ),
            Fact(_("finished at"), moment(file.finished_at)),
            Fact(_("seconds of work"), f"{file.seconds:.1f}"),
            Fact(_("what changed"), count(file.report.get("changed")) if file.report else NOTHING),
            Fact("SHA-256", f"{file.sha256[:16]}…"),
        ]
        notices = file_reasons(file.reasons)
        if waits is not None and waits.made_by_id == user.pk:
            notices.append(_("You uploaded this file: a second person decides about it."))
        return Detail(
            file.name,
            facts,
            self._tables(file),
            [self.state_shown(file)],
            notices,
            extra={
                "file": file,
                "bar": report_bar(file, links=file.state == FileState.APPLIED),
                "preview": file.state == FileState.HELD,
                "progress": {**progress_of(file), "url": self.url("progress", file.pk)}
                if file.state in WORKING
                else None,
                "proposal": waits,
                "may_decide": may_decide,
                "may_requeue": file.state == FileState.PARKED and access.may(user, "file.requeue"),
                "may_drop": file.state == FileState.PARKED and access.may(user, "file.release"),
            },
        )

    def _about(self, file: BankFile) -> list[Fact]:
        """What a file of its kind belongs to, and its sums."""
        if file.kind in SETTLEMENT_KINDS:
            return [
                Fact(_("channel"), file.get_channel_display() or NOTHING),
                Fact(_("settlement day"), day(file.day)),
                Fact(_("received"), money(file.amount)),
                Fact(_("returned"), money(file.debited)),
            ]
        if file.kind == FileKind.PUSH_ANSWER:
            url = reverse("admin:payments_pushbatch_change", args=[file.push_id]) if file.push_id else ""
            return [Fact(_("push to the tax office"), link(file.push, url) if url else NOTHING)]
        return [
            Fact(_("bank"), str(file.bank) if file.bank else NOTHING),
            Fact(_("batch"), self._batch_link(file)),
            Fact(_("amount due"), money(file.amount)),
            Fact(_("debited"), money(file.debited)),
        ]

    def _batch_link(self, file: BankFile) -> Any:
        if file.batch is None:
            return NOTHING
        return link(file.batch.title, reverse("admin:payments_debitbatch_change", args=[file.batch_id]))

    def _waiting(self, file: BankFile) -> Proposal | None:
        if file.state != FileState.HELD:
            return None
        waiting = Proposal.objects.filter(
            kind=RELEASE_KIND, subject_id=str(file.pk), state=ProposalState.OPEN
        )
        return waiting.order_by("id").first()

    def _tables(self, file: BankFile) -> list[Table]:
        if not file.report:
            return []
        if file.kind in SETTLEMENT_KINDS:
            return [outcome_table(file), self._header(file)]
        if file.kind != FileKind.RESULT:
            return [answer_table(file), self._header(file)]
        buckets = file.report.get("buckets", {})
        lines_url = f"{reverse('admin:payments_bankline_changelist')}?file={file.pk}&bucket="
        rows = []
        for bucket in Bucket:
            row = buckets.get(bucket.name, {})
            number = int(row.get("lines", 0))
            kept = number - int(row.get("repeated", 0))
            applied = file.state == FileState.APPLIED and kept > 0
            rows.append(
                [
                    bucket_badge(bucket),
                    link(count(number), f"{lines_url}{bucket.value}") if applied else count(number),
                    amount(row.get("amount", "0.00")),
                    amount(row.get("debited", "0.00")),
                    count(int(row.get("repeated", 0))),
                ]
            )
        missing = file.report.get("no_answer", {})
        number = int(missing.get("lines", 0))
        shown: Any = count(number)
        if number and file.batch_id and file.state == FileState.APPLIED:
            shown = link(shown, reverse("admin:payments_debitbatch_unanswered", args=[file.batch_id]))
        rows.append(
            [badge(_("no answer yet")), shown, amount(missing.get("amount", "0.00")), NOTHING, NOTHING]
        )
        columns = [_("bucket"), *_right(_("lines"), _("amount due"), _("debited"), _("repeated"))]
        note = _("what it would be: nothing is applied yet") if file.state == FileState.HELD else ""
        return [Table(_("Buckets"), columns, rows, note=note), self._header(file)]

    def _header(self, file: BankFile) -> Table:
        return header_table(file.header)

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Receive a file; it is queued, or refused with its reason."""
        if not access.may(request.user, "file.upload"):
            raise PermissionDenied
        form = UploadForm(doors.sent(request), request.FILES or None)
        if form.is_valid():
            sent = form.cleaned_data["file"]
            received = doors.attempt(
                request,
                lambda: arrivals.receive(
                    source=sent.file,
                    name=sent.name,
                    digest=form.cleaned_data["digest"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
            )
            if received is not None:
                if received.refusal is None:
                    messages.success(request, _("The file is received and queued."))
                    ring()
                else:
                    messages.error(request, doors.words(received.refusal))
                seen = self.get_queryset(request).filter(pk=received.file.pk).exists()
                return HttpResponseRedirect(self.url_for(received.file) if seen else self.url("changelist"))
        title = _("Upload a result file")
        return self.draw(
            request,
            "desk/form.html",
            title,
            form=form,
            submit_text=_("Upload"),
            back_url=self.url("changelist"),
        )

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far the file is, for the bar that moves."""
        row = self.found(request, str(pk))
        file = BankFile.objects.select_related("lease").get(pk=row.pk)
        return JsonResponse(progress_of(file))

    def requeue(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Three new attempts for a parked file; a system administrator may, without seeing its content."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        doors.require(request, "file.requeue", self._region_of(request, pk))
        done = self._decide(
            request,
            lambda by: releases.requeue(file_id=pk, by=by, at=clock.now()),
            _("The file is queued again."),
        )
        if done:
            ring()
        return doors.back(request, self.url("change", pk))

    def drop(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Reject a parked file of which nothing was posted."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        doors.require(request, "file.release", self._region_of(request, pk))
        reason = request.POST.get("reason", "")[:500]
        self._decide(
            request,
            lambda by: releases.drop_parked(file_id=pk, reason=reason, by=by, at=clock.now()),
            _("The file is rejected."),
        )
        return doors.back(request, self.url("change", pk))

    def _region_of(self, request: HttpRequest, pk: int) -> str | None:
        row = self.get_queryset(request).filter(pk=pk).values_list("region_id", flat=True).first()
        if row is None and not self.get_queryset(request).filter(pk=pk).exists():
            raise Http404
        return row

    def _decide(self, request: HttpRequest, call: Any, done: str) -> bool:
        by = doors.me(request)
        return doors.attempt(request, lambda: call(by), done) is not None


def _right(*labels: str) -> Sequence[Column]:
    return [Column(label, RIGHT) for label in labels]


def header_table(header: Mapping[str, Any]) -> Table:
    """What a file's header says, in the reader's words."""
    rows = [
        [HEADER_FIELDS[key], amount(header[key]) if "amount" in key else header[key]]
        for key in HEADER_FIELDS
        if key in header
    ]
    return Table(
        _("What the header says"), [_("field"), _("value")], rows, _("The header could not be read.")
    )


def release_difference(proposal: Proposal) -> list[Table]:
    """Why the file is held, and what releasing it would do."""
    found = proposal.difference
    why = [[reason] for reason in file_reasons(found.get("reasons", []))]
    rows = [
        [
            bucket_badge(bucket),
            count(int(row.get("lines", 0))),
            amount(row.get("amount", "0.00")),
            amount(row.get("debited", "0.00")),
        ]
        for bucket in Bucket
        for row in [found.get("buckets", {}).get(bucket.name, {})]
    ]
    return [
        Table(_("Why it is held"), [_("reason")], why, _("No reason was recorded.")),
        Table(
            _("What a release would book"),
            [_("bucket"), *_right(_("lines"), _("amount due"), _("debited"))],
            rows,
        ),
        header_table(found.get("header", {})),
    ]


differences.register(RELEASE_KIND, release_difference)

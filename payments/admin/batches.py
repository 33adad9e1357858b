"""Debit batches: frozen by one person, released by another, fetched as the bank's file; and what no file has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, differences, doors, exports
from bureau.filters import RegionFilter, by_choices
from bureau.forms import DayField, DeskForm, YearField, region_choices
from bureau.identity import mask_account
from bureau.keyset import BadCursor, Keyset
from bureau.models import Proposal
from bureau.pages import NOTHING, RIGHT, Column, Detail, Fact, Table, amount, count, day, link, moment, money
from bureau.scoped import ScopedAdmin
from bureau.states import ProposalState
from enrollment.models import Policy
from enrollment.states import PolicyState
from payments.admin.common import person_link
from payments.files.delivery import DIGEST_SUFFIX
from payments.models import BankLine, BankProfile, DebitBatch, Instruction, Payment
from payments.services import debits, noanswer
from payments.services.requests import Written, write_request
from payments.states import BatchState
from payments.words import BATCH_STATES, FILE_STATES, LEFT_OUT, state_badge

PAGE = 100
BLOCK_BYTES = 1 << 18
INSTRUCTIONS_A_YEAR = 10**12


class FreezeForm(DeskForm):
    """Which receivables, through which bank, on which day."""

    region = forms.ChoiceField(label=gettext_lazy("region"))
    year = YearField(label=gettext_lazy("benefit year"))
    bank = forms.ModelChoiceField(label=gettext_lazy("bank"), queryset=BankProfile.objects.order_by("code"))
    debit_date = DayField(
        label=gettext_lazy("debit day"),
        help_text=gettext_lazy("Moved to the next working day where it is free."),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_policy = Policy.objects.order_by("region_id").values_list("region_id", flat=True).distinct()
        regions = region_choices(user, list(with_policy))
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        own = Policy.objects.filter(
            state=PolicyState.PUBLISHED, region_id__in=[code for code, _name in regions]
        )
        self.fields["year"].initial = (
            own.order_by("-benefit_year").values_list("benefit_year", flat=True).first()
        )
        self.fields["bank"].initial = BankProfile.objects.order_by("code").first()


@admin.register(DebitBatch)
class DebitBatchAdmin(ScopedAdmin):
    """What banks are asked to debit."""

    view_action = "batch.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("lines_shown", "amount_shown")
    list_display = (
        "name_shown",
        "state_shown",
        "region_name",
        "benefit_year",
        "days",
        "lines_shown",
        "amount_shown",
        "maker",
    )
    list_select_related = ("region", "bank", "made_by")
    list_filter = (
        by_choices("state", gettext_lazy("state"), [(key, words[0]) for key, words in BATCH_STATES.items()]),
        RegionFilter,
    )
    detail_template = "desk/batch.html"
    routes = (
        ("freeze/", "freeze", "freeze"),
        ("<int:pk>/unanswered/", "unanswered", "unanswered"),
        ("<int:pk>/let-go/", "let_go", "let_go"),
        ("<int:pk>/drop/", "drop", "drop"),
        ("<int:pk>/download/", "download", "download"),
        ("<int:pk>/digest/", "digest", "digest"),
    )
    empty_text = gettext_lazy("No batch was frozen yet.")

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Freeze, for those who may."""
        return (
            [(_("Freeze debits"), self.url("freeze"), "ac_unit")]
            if access.may(request.user, "batch.freeze")
            else []
        )

    @admin.display(description=gettext_lazy("batch"))
    def name_shown(self, row: DebitBatch) -> str:
        """Bank, region, day, number."""
        return row.title

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: DebitBatch) -> Any:
        """A coloured label."""
        return state_badge(BATCH_STATES, row.state)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: DebitBatch) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("debit days"))
    def days(self, row: DebitBatch) -> str:
        """First and last debit day."""
        return f"{day(row.debit_from)} – {day(row.debit_to)}"

    @admin.display(description=gettext_lazy("lines"))
    def lines_shown(self, row: DebitBatch) -> str:
        """How many."""
        return count(row.lines)

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, row: DebitBatch) -> str:
        """How much."""
        return money(row.amount)

    @admin.display(description=gettext_lazy("made by"))
    def maker(self, row: DebitBatch) -> str:
        """Who froze it."""
        return row.made_by.get_full_name() or row.made_by.username

    def detail(self, request: HttpRequest, row: DebitBatch) -> Detail:
        """The batch, what stayed out, what came back."""
        batch = DebitBatch.objects.select_related("region", "bank", "made_by", "released_by").get(pk=row.pk)
        user = doors.me(request)
        waiting = self._waiting(batch)
        mine = batch.made_by_id == user.pk
        facts = [
            Fact(_("bank"), str(batch.bank)),
            Fact(_("region"), batch.region.name),
            Fact(_("benefit year"), batch.benefit_year),
            Fact(_("batch number"), f"{batch.number:04d}"),
            Fact(_("entrusted on"), day(batch.entrusted_on)),
            Fact(_("debit days"), self.days(batch)),
            Fact(_("lines"), count(batch.lines)),
            Fact(_("amount"), money(batch.amount)),
            Fact(_("made by"), f"{self.maker(batch)} · {moment(batch.made_at)}"),
            Fact(
                _("released by"),
                f"{batch.released_by} · {moment(batch.released_at)}" if batch.released_by else NOTHING,
            ),
            Fact(_("digest (SM3)"), batch.digest or NOTHING, wide=True),
        ]
        frozen = batch.state == BatchState.FROZEN
        notices = [_("You froze this batch: a second person releases it.")] if frozen and mine else []
        released = batch.state == BatchState.RELEASED
        return Detail(
            batch.title,
            facts,
            [self._files(batch), left_out_table(batch.left_out)],
            [self.state_shown(batch)],
            notices,
            extra={
                "batch": batch,
                "proposal": waiting,
                "may_decide": waiting is not None
                and access.may(user, "batch.release")
                and waiting.made_by_id != user.pk,
                "may_drop": frozen and mine and access.may(user, "batch.freeze"),
                "may_download": released and access.may(user, "batch.download"),
                "released": released,
            },
        )

    def _waiting(self, batch: DebitBatch) -> Proposal | None:
        if batch.state != BatchState.FROZEN:
            return None
        waiting = Proposal.objects.filter(
            kind=debits.RELEASE_KIND, subject_id=str(batch.pk), state=ProposalState.OPEN
        )
        return waiting.order_by("id").first()

    def _files(self, batch: DebitBatch) -> Table:
        rows = [
            [
                link(one.name, reverse("admin:payments_bankfile_change", args=[one.pk])),
                state_badge(FILE_STATES, one.state),
                moment(one.uploaded_at),
                count(one.lines),
                money(one.debited),
            ]
            for one in batch.files.order_by("-id")[:50]
        ]
        columns = [
            _("file"),
            _("state"),
            _("uploaded at"),
            Column(_("lines"), RIGHT),
            Column(_("debited"), RIGHT),
        ]
        return Table(_("Answers of the bank"), columns, rows, _("The bank has not answered yet."))

    def freeze(self, request: HttpRequest) -> HttpResponse:
        """Freeze what may be debited; each batch then waits for a second person."""
        if not access.may(request.user, "batch.freeze"):
            raise PermissionDenied
        form = FreezeForm(request.user, doors.sent(request), initial={"debit_date": clock.today()})
        if form.is_valid():
            given = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: debits.freeze(
                    region_id=given["region"],
                    year=given["year"],
                    bank=given["bank"].pk,
                    debit_date=given["debit_date"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
            )
            if made:
                messages.success(request, _("Frozen: a second person releases it."))
                return HttpResponseRedirect(
                    self.url_for(made[0]) if len(made) == 1 else self.url("changelist")
                )
            if made is not None:
                messages.warning(request, _("Nothing can be debited on that day."))
        return self.draw(
            request,
            "desk/form.html",
            _("Freeze debits"),
            form=form,
            submit_text=_("Freeze"),
            back_url=self.url("changelist"),
        )

    def drop(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The maker gives a frozen batch up."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        doors.require(request, "batch.freeze", row.region_id)
        doors.attempt(
            request,
            lambda: debits.drop(
                batch_id=row.pk,
                reason=request.POST.get("reason", "")[:500],
                by=doors.me(request),
                at=clock.now(),
            ),
            _("The batch is dropped; its receivables are free again."),
        )
        return HttpResponseRedirect(self.url_for(row))

    def download(self, request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
        """The bank's request file: written whole and checked against its first writing, then sent and registered."""
        return self._send(request, pk, lambda written: written.path)

    def digest(self, request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
        """The digest file that belongs to the request file."""
        return self._send(
            request, pk, lambda written: written.path.with_name(f"{written.path.name}{DIGEST_SUFFIX}")
        )

    def _send(
        self, request: HttpRequest, pk: int, chosen: Callable[[Written], Path]
    ) -> HttpResponse | StreamingHttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row, by = self.found(request, str(pk)), doors.me(request)
        if not access.may(by, "batch.download"):
            raise PermissionDenied
        folder = TemporaryDirectory(dir=_private_folder())
        written = doors.attempt(
            request, lambda: write_request(batch_id=row.pk, folder=Path(folder.name), by=by, at=clock.now())
        )
        if written is None:
            folder.cleanup()
            return HttpResponseRedirect(self.url_for(row))
        path = chosen(written)
        record = exports.begin(
            what="request_file",
            filters={"batch": row.title, "file": path.name},
            by=by,
            at=clock.now(),
            masked=False,
            action="batch.download",
            region_id=row.region_id,
        )
        blocks = exports.byte_blocks(record=record, blocks=_read(path, folder), rows=row.lines, now=clock.now)
        response = StreamingHttpResponse(blocks, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
        response.headers["Content-Length"] = str(path.stat().st_size)
        return response

    def unanswered(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The instructions of a batch that no file has answered, page by page."""
        row = self.found(request, str(pk))
        keyset = Keyset(Instruction, ("id",))
        try:
            taken = keyset.page(
                [unanswered_of(row)],
                PAGE,
                after=request.GET.get("after", ""),
                before=request.GET.get("before", ""),
            )
        except BadCursor:
            return HttpResponseRedirect(self.url("unanswered", pk))
        found = Instruction.objects.filter(pk__in=taken.keys).select_related("person").order_by("id")
        rows = [
            [
                one.ref,
                person_link(request.user, one.person),
                mask_account(one.account),
                one.holder,
                money(one.amount),
            ]
            for one in found
        ]
        columns = [
            _("reference"),
            _("insured"),
            _("account"),
            _("account holder"),
            Column(_("amount"), RIGHT),
        ]
        table = Table(_("No answer yet"), columns, rows, _("Every instruction of this batch has an answer."))
        return self.draw(
            request,
            "desk/unanswered.html",
            _("No answer yet: %(batch)s") % {"batch": row.title},
            batch=row,
            table=table,
            next_url=f"?{urlencode({'after': taken.after})}" if taken.after else "",
            previous_url=f"?{urlencode({'before': taken.before})}" if taken.before else "",
            may_let_go=bool(rows) and access.may(request.user, "batch.freeze"),
            waiting=Proposal.objects.filter(
                kind=noanswer.KIND, subject_id=str(row.pk), state=ProposalState.OPEN
            ).first(),
        )

    def let_go(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose to let unanswered receivables go, on the bank's written word."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        doors.require(request, "batch.freeze", row.region_id)
        doors.attempt(
            request,
            lambda: noanswer.propose_no_answer_release(
                batch_id=row.pk,
                reason=request.POST.get("reason", "")[:500],
                by=doors.me(request),
                at=clock.now(),
            ),
            _("Proposed: a second person decides."),
        )
        return HttpResponseRedirect(self.url("unanswered", pk))


def _private_folder() -> Path:
    """Where a request file lies while it is being sent: accounts in clear, so for the owner only."""
    folder = settings.VAR_DIR / "sending"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(folder)


def _read(path: Path, folder: TemporaryDirectory[str]) -> Iterator[bytes]:
    """The file in blocks; it is gone when the last one is out, or the reader is."""
    with folder, path.open("rb") as source:
        while block := source.read(BLOCK_BYTES):
            yield block


def unanswered_of(batch: DebitBatch) -> models.QuerySet[Instruction]:
    """Instructions of the batch without a line of their own in any file."""
    low = batch.benefit_year * INSTRUCTIONS_A_YEAR
    lines = BankLine.objects.filter(instruction_id=OuterRef("pk")).exclude(bucket=1)
    paid = Payment.objects.filter(
        pk__gte=OuterRef("pk") / 100 * 100,
        pk__lt=OuterRef("pk") / 100 * 100 + 100,
        instruction_id=OuterRef("pk"),
    )
    return Instruction.objects.filter(
        batch_id=batch.pk, pk__gte=low, pk__lt=low + INSTRUCTIONS_A_YEAR
    ).exclude(Exists(lines) | Exists(paid))


def left_out_table(left_out: dict[str, Any]) -> Table:
    """What stayed out of a batch, by reason, most first."""
    rows: Sequence[Sequence[Any]] = [
        [LEFT_OUT.get(reason, reason), count(int(number))]
        for reason, number in sorted(left_out.items(), key=lambda one: -int(one[1]))
    ]
    return Table(
        _("Left out"), [_("reason"), Column(_("receivables"), RIGHT)], rows, _("Nothing was left out.")
    )


def batch_difference(proposal: Proposal) -> list[Table]:
    """What would be sent to the bank, and what stays out."""
    found = proposal.difference
    rows = [
        [_("lines"), count(int(found.get("lines", 0)))],
        [_("amount"), amount(found.get("amount", NOTHING))],
        [_("first debit day"), found.get("debit_from", NOTHING)],
        [_("last debit day"), found.get("debit_to", NOTHING)],
    ]
    return [
        Table(_("What would be sent to the bank"), [_("field"), _("value")], rows),
        left_out_table(found.get("left_out", {})),
    ]


def let_go_difference(proposal: Proposal) -> list[Table]:
    """How many receivables would be free again."""
    found = proposal.difference
    rows = [
        [_("instructions without an answer"), found.get("lines", 0)],
        [_("amount"), amount(found.get("amount", NOTHING))],
    ]
    return [Table(_("What would be let go"), [_("field"), _("value")], rows)]


differences.register(debits.RELEASE_KIND, batch_difference)
differences.register(noanswer.KIND, let_go_difference)
exports.register("request_file", gettext_lazy("request file of a batch"))

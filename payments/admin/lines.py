"""The lines of a bank file, bucket by bucket, and one line beside what we asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access
from bureau.exportadmin import ExportableAdmin
from bureau.exports import ROWS_A_BLOCK
from bureau.filters import BoundedFilter, by_choices
from bureau.identity import mask_account, mask_name
from bureau.pages import NOTHING, Choice, Detail, Fact, Table, count, day, link, money
from payments.admin.bankwords import comparison, instructions_of, masked_text, split, texts_of
from payments.admin.common import person_link
from payments.models import BankFile, BankLine, Instruction, LineText, WorkItem
from payments.models.bankfiles import BUCKET_CHOICES, LINES_A_FILE
from payments.states import Bucket
from payments.words import BUCKET_NAMES, LINE_REASONS, MEANINGS, advice, bucket_badge, line_reason, meaning

LARGEST_FILE = 10**9


class FileFilter(BoundedFilter):
    """The lines of one file: a range of keys."""

    kind = "chip"
    title = gettext_lazy("file")
    parameter_name = "file"
    pattern = r"[1-9][0-9]{0,8}"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By the key's range."""
        low = int(chosen) * LINES_A_FILE
        return queryset.filter(pk__gte=low, pk__lt=low + LINES_A_FILE)


class BucketFilter(BoundedFilter):
    """One bucket."""

    kind = "chip"
    title = gettext_lazy("bucket")
    parameter_name = "bucket"
    pattern = r"[1-6]"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By number."""
        return queryset.filter(bucket=int(chosen))


@admin.register(BankLine)
class BankLineAdmin(ExportableAdmin):
    """Lines of one file at a time; there is no list of all lines of all files."""

    export_what = "lines"
    export_label = gettext_lazy("lines of a bank file")
    view_action = "file.view"
    list_right = ("due_shown", "paid_shown")
    list_display = (
        "line_shown",
        "bucket_shown",
        "insured",
        "account_shown",
        "due_shown",
        "paid_shown",
        "debit_day",
        "answer",
        "why",
    )
    list_filter = (
        FileFilter,
        BucketFilter,
        by_choices("internal", gettext_lazy("bank's answer"), list(MEANINGS.items())),
        by_choices("reason", gettext_lazy("reason"), list(LINE_REASONS.items())),
    )
    list_per_page = 100
    detail_template = "desk/line.html"
    empty_text = gettext_lazy("No line of this file is in this bucket.")

    def _file(self, request: HttpRequest) -> BankFile | None:
        text = request.GET.get("file", "")
        if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) < LARGEST_FILE):
            return None
        files = BankFile.objects.select_related("region")
        return access.for_user(files, request.user).filter(pk=int(text[:12])).first()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The lines of the file named by ?file=; without one, to the files."""
        if "file" not in request.GET and self.has_view_permission(request):
            return HttpResponseRedirect(reverse("admin:payments_bankfile_changelist"))
        file = self._file(request)
        if file is None:
            raise Http404
        note = f"{file.name} · {file.region.name if file.region else ''}"
        return super().changelist_view(request, {**(extra_context or {}), "list_note": note})

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """The buckets of the file with their numbers, from its report."""
        file = self._file(request)
        if file is None:
            return ()
        buckets = file.report.get("buckets", {})
        chosen = request.GET.get("bucket", "")
        choices = [Choice(_("All"), f"?file={file.pk}", not chosen)]
        for number, name in BUCKET_CHOICES:
            row = buckets.get(_code(number), {})
            lines = int(row.get("lines", 0)) - int(row.get("repeated", 0))
            if lines:
                choices.append(
                    Choice(name, f"?file={file.pk}&bucket={number}", chosen == str(number), count(lines))
                )
        return choices

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Back to the file; the export, for those who may."""
        file = self._file(request)
        buttons = []
        if file is not None:
            buttons.append(
                (
                    _("To the file"),
                    reverse("admin:payments_bankfile_change", args=[file.pk]),
                    "account_balance",
                )
            )
            buttons += self.export_button(request)
        return buttons

    def rows(self, request: HttpRequest, keys: Sequence[Any]) -> list[Any]:
        """The lines with the instructions they answer and the texts that were kept, in two further queries."""
        lines = super().rows(request, keys)
        asked, texts = instructions_of(lines), texts_of(lines)
        for line in lines:
            line.asked = asked.get(line.instruction_id)
            line.kept = texts.get(line.pk)
        return lines

    def export(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The export of one file's lines."""
        if access.may(request.user, "export.list") and self._file(request) is None:
            raise Http404
        return super().export(request)

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        return (
            _("line"), _("bucket"), _("reference"), _("insured"), _("account"), _("account holder"), _("amount due"),
            _("debited"), _("debit date"), _("result code"), _("meaning"), _("reason"), _("bank serial"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[BankLine]) -> Any:
        """Lines with masked names and accounts; the instructions and kept texts are read block by block."""
        buckets = {number: str(name) for number, name in BUCKET_CHOICES}
        meanings = {code: str(name) for code, name in MEANINGS.items()}
        reasons = {code: str(name) for code, name in LINE_REASONS.items()}

        def cells(line: BankLine, asked: Instruction | None, kept: LineText | None) -> Sequence[Any]:
            said = split(kept.text) if kept else None
            account = said.account if said else asked.account if asked else ""
            holder = said.holder if said else asked.holder if asked else ""
            return (
                line.line_no, buckets[line.bucket], asked.ref if asked else said.ref if said else "",
                mask_name(asked.person.name) if asked else "", mask_account(account), mask_name(holder), line.due,
                line.debited, line.debited_on, line.code, meanings.get(line.internal, line.internal),
                reasons.get(line.reason, line.reason), line.serial,
            )  # fmt: skip

        def read() -> Iterator[Sequence[Any]]:
            source = rows.iterator(chunk_size=ROWS_A_BLOCK)
            while block := list(islice(source, ROWS_A_BLOCK)):
                asked, texts = instructions_of(block), texts_of(block)
                for line in block:
                    yield cells(line, asked.get(line.instruction_id or 0), texts.get(line.pk))

        return read

    @admin.display(description=gettext_lazy("line"))
    def line_shown(self, row: BankLine) -> str:
        """The line's number in its file."""
        return str(row.line_no)

    @admin.display(description=gettext_lazy("bucket"))
    def bucket_shown(self, row: BankLine) -> Any:
        """A coloured label."""
        return bucket_badge(row.bucket)

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: Any) -> Any:
        """Who the instruction was for."""
        return person_link(row.viewer, row.asked.person if row.asked else None)

    @admin.display(description=gettext_lazy("account"))
    def account_shown(self, row: Any) -> str:
        """As the bank wrote it where that was kept, else as we asked; masked."""
        said = split(row.kept.text) if row.kept else None
        if said is not None:
            return mask_account(said.account)
        return mask_account(row.asked.account) if row.asked else NOTHING

    @admin.display(description=gettext_lazy("amount due"))
    def due_shown(self, row: BankLine) -> str:
        """The bank's amount due."""
        return money(row.due)

    @admin.display(description=gettext_lazy("debited"))
    def paid_shown(self, row: BankLine) -> str:
        """What the bank debited."""
        return money(row.debited)

    @admin.display(description=gettext_lazy("debit date"))
    def debit_day(self, row: BankLine) -> str:
        """The bank's debit date."""
        return day(row.debited_on)

    @admin.display(description=gettext_lazy("bank's answer"))
    def answer(self, row: BankLine) -> str:
        """The code and what it means."""
        return f"{row.code} {meaning(row.internal)}".strip()

    @admin.display(description=gettext_lazy("reason"))
    def why(self, row: BankLine) -> str:
        """Why it went to its bucket."""
        return line_reason(row.reason)

    def detail(self, request: HttpRequest, row: BankLine) -> Detail:
        """The line beside the instruction it answers."""
        file = BankFile.objects.get(pk=row.file_id)
        asked = (
            Instruction.objects.select_related("person", "batch").filter(pk=row.instruction_id or 0).first()
        )
        kept = texts_of([row]).get(row.pk)
        items = WorkItem.objects.filter(line_id=row.pk).order_by("id")
        facts = [
            Fact(_("file"), link(file.name, reverse("admin:payments_bankfile_change", args=[file.pk]))),
            Fact(_("line"), row.line_no),
            Fact(_("insured"), person_link(request.user, asked.person if asked else None)),
            Fact(_("bank's answer"), self.answer(row) or NOTHING),
            Fact(_("reason"), self.why(row) or NOTHING, wide=True),
            Fact(_("what to do"), NOTHING if row.ok else advice(row.internal) or NOTHING, wide=True),
        ]
        columns = [_("field"), _("we asked"), _("the bank says"), ""]
        work = [
            [
                link(f"#{one.pk}", reverse("admin:payments_workitem_change", args=[one.pk])),
                one.get_kind_display(),
                day(one.due_on),
            ]
            for one in items
        ]
        tables = [Table(_("The bank's line beside our instruction"), columns, comparison(row, asked, kept))]
        if work:
            tables.append(Table(_("work items"), [_("number"), _("kind"), _("due on")], work))
        return Detail(
            f"{BUCKET_NAMES[row.bucket]} {row.file_id}:{row.line_no}",
            facts,
            tables,
            [bucket_badge(row.bucket)],
            extra={"text": masked_text(kept.text) if kept else ""},
        )


def _code(number: int) -> str:
    return Bucket(number).name

"""Payout batches and the answers to them: made by one officer, released by another, answered by a file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.filters import RegionFilter, by_choices
from bureau.forms import DeskForm, region_choices
from bureau.pages import NOTHING, RIGHT, Column, Detail, Fact, Table, badge, count, link, moment, money
from bureau.scoped import ScopedAdmin
from enrollment.models import Policy
from payments.models import BankProfile
from refunds import words
from refunds.admin.casepage import name_of
from refunds.models import PayoutAnswer, PayoutBatch, PayoutFile
from refunds.models.choices import FUND_ACCOUNT, ROUTES
from refunds.services import answers, payouts
from refunds.states import AnswerState, PayoutState

SHOWN_LINES = 200
exports.register("payout_file", gettext_lazy("payout file"))


class FreezeForm(DeskForm):
    """What a batch is made of."""

    region = forms.ChoiceField(label=gettext_lazy("pooling region"))
    route = forms.ChoiceField(label=gettext_lazy("route"), choices=ROUTES[:2])
    bank = forms.ChoiceField(label=gettext_lazy("bank"))
    layout = forms.ChoiceField(label=gettext_lazy("layout"), choices=PayoutBatch.Layout.choices[:3])

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        within = Policy.objects.order_by("region_id").values_list("region_id", flat=True).distinct()
        self.fields["region"].choices = region_choices(user, list(within))  # type: ignore[attr-defined]
        banks = BankProfile.objects.order_by("code").values_list("code", "name")
        self.fields["bank"].choices = [(code, f"{code} {name}") for code, name in banks]  # type: ignore[attr-defined]


class AnswerForm(DeskForm):
    """An answer file, with its digest file where there is one."""

    file = forms.FileField(label=gettext_lazy("answer file"), max_length=200)
    digest = forms.FileField(label=gettext_lazy("digest file"), max_length=200, required=False)


@admin.register(PayoutBatch)
class PayoutBatchAdmin(ScopedAdmin):
    """Newest first."""

    view_action = "refund.view"
    keyset_descending = True
    list_display = ("name_shown", "route", "lines_shown", "yuan", "maker", "state_shown", "region_name")
    list_right = ("lines_shown", "yuan")
    list_select_related = ("region", "bank", "made_by")
    list_filter = (by_choices("route", gettext_lazy("route"), ROUTES[:2]), RegionFilter)
    detail_template = "desk/payout.html"
    routes = (
        ("freeze/", "freeze", "freeze"),
        ("<int:pk>/act/", "act", "act"),
        ("<int:pk>/download/", "download", "download"),
    )
    empty_text = gettext_lazy("Nothing was paid out yet.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """Make a batch."""
        may = access.may(request.user, payouts.PAYOUT)
        return [(_("Make a batch"), self.url("freeze"), "ac_unit")] if may else []

    @admin.display(description=gettext_lazy("batch"))
    def name_shown(self, row: PayoutBatch) -> str:
        """Its name."""
        return row.title

    @admin.display(description=gettext_lazy("lines"))
    def lines_shown(self, row: PayoutBatch) -> str:
        """How many."""
        return count(row.lines)

    @admin.display(description=gettext_lazy("amount"))
    def yuan(self, row: PayoutBatch) -> str:
        """How much."""
        return money(row.amount)

    @admin.display(description=gettext_lazy("made by"))
    def maker(self, row: PayoutBatch) -> str:
        """Who made it."""
        return name_of(row.made_by)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: PayoutBatch) -> Any:
        """A coloured label."""
        return badge(*words.BATCHES[row.state])

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: PayoutBatch) -> str:
        """The region's name."""
        return row.region.name

    def detail(self, request: HttpRequest, row: PayoutBatch) -> Detail:
        """The batch, its lines with their answers, and what this person may do."""
        batch = PayoutBatch.objects.select_related("region", "bank", "made_by", "released_by").get(pk=row.pk)
        user = doors.me(request)
        frozen, mine = batch.state == PayoutState.FROZEN, batch.made_by_id == user.pk
        facts = [
            Fact(_("route"), batch.get_route_display()),
            Fact(_("bank"), str(batch.bank) if batch.bank else NOTHING),
            Fact(_("layout"), batch.get_layout_display()),
            Fact(_("lines"), count(batch.lines)),
            Fact(_("amount"), money(batch.amount)),
            Fact(_("made by"), f"{self.maker(batch)} · {moment(batch.made_at)}"),
            Fact(
                _("released by"),
                f"{name_of(batch.released_by)} · {moment(batch.released_at)}"
                if batch.released_by
                else NOTHING,
            ),
            Fact(_("left out"), payouts.counted(batch.left_out) if batch.left_out else NOTHING),
            Fact(_("digest (SM3)"), batch.digest, wide=True),
        ]
        extra = {
            "batch": batch,
            "may_release": frozen and not mine and access.may(user, payouts.RELEASE),
            "may_drop": frozen and access.may(user, payouts.PAYOUT),
            "may_download": batch.state == PayoutState.RELEASED and access.may(user, payouts.PAYOUT),
        }
        notices = [_("You made this: a second person releases it.")] if frozen and mine else []
        return Detail(
            batch.title, facts, [self._lines(batch)], [self.state_shown(batch)], notices, extra=extra
        )

    def _lines(self, batch: PayoutBatch) -> Table:
        lines = list(batch.payouts.select_related("case").order_by("seq")[:SHOWN_LINES])
        last = {}
        for answer in PayoutAnswer.objects.filter(payout__in=[line.pk for line in lines]).order_by("pk"):
            last[answer.payout_id] = answer
        rows = []
        for line in lines:
            said = last.get(line.pk)
            shown = (
                badge(said.get_outcome_display(), words.OUTCOMES[said.outcome])
                if said
                else badge(_("no answer yet"))
            )
            case = link(line.case.number, f"../../../refundcase/{line.case_id}/change/")
            rows.append(
                [
                    line.seq,
                    case,
                    line.holder,
                    f"…{line.account[-4:]}",
                    money(line.amount),
                    shown,
                    said.text if said else "",
                ]
            )
        columns = [
            _("line"),
            _("refund case"),
            _("account holder"),
            _("account"),
            Column(_("amount"), RIGHT),
            _("answer"),
            _("the bank's words"),
        ]
        return Table(_("Lines"), columns, rows)

    def freeze(self, request: HttpRequest) -> HttpResponse:
        """Make a batch of what waits."""
        by = doors.me(request)
        doors.require(request, payouts.PAYOUT)
        form = FreezeForm(doors.sent(request), user=by)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            fund = data["route"] == FUND_ACCOUNT
            batch = doors.attempt(
                request,
                lambda: payouts.freeze(
                    route=data["route"],
                    region_id=data["region"],
                    bank=data["bank"] if fund else "",
                    layout=data["layout"] if fund else "",
                    by=by,
                    at=clock.now(),
                ),
                _("The batch is frozen: a second person releases it."),
            )
            if batch is not None:
                return HttpResponseRedirect(self.url_for(batch))
        return self.draw(
            request,
            "desk/form.html",
            _("Make a payout batch"),
            form=form,
            submit_text=_("Freeze"),
            back_url=self.url("changelist"),
        )

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Release or drop."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by, at, text = doors.me(request), clock.now(), request.POST.get("words", "")[:300]
        if request.POST.get("action") == "release":
            doors.attempt(request, lambda: payouts.release(batch_id=row.pk, by=by, at=at), _("Released."))
        else:
            doors.attempt(
                request,
                lambda: payouts.drop(batch_id=row.pk, words=text, by=by, at=at),
                _("Dropped: its cases wait for the next batch."),
            )
        return HttpResponseRedirect(self.url_for(row))

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file, entered in the export register; downloaded is not paid."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by = doors.me(request)
        doors.require(request, payouts.PAYOUT, row.region_id)
        if row.state != PayoutState.RELEASED:
            messages.error(request, _("Only a released batch becomes a file."))
            return HttpResponseRedirect(self.url_for(row))
        record = exports.begin(
            what="payout_file",
            filters={"batch": row.title},
            by=by,
            at=clock.now(),
            masked=False,
            action=payouts.PAYOUT,
            region_id=row.region_id,
        )
        blocks = exports.byte_blocks(
            record=record, blocks=[payouts.content(row)], rows=row.lines, now=clock.now
        )
        response = HttpResponse(b"".join(blocks), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{payouts.name_of(row)}"'
        return response


@admin.register(PayoutFile)
class PayoutFileAdmin(ScopedAdmin):
    """Answers, newest first."""

    view_action = "refund.view"
    keyset_descending = True
    list_display = ("name", "batch_shown", "uploaded", "state_shown", "region_name")
    list_select_related = ("region", "batch", "uploaded_by")
    list_filter = (RegionFilter,)
    detail_template = "desk/payout_file.html"
    routes = (("upload/", "upload", "upload"), ("<int:pk>/decide/", "decide", "decide"))
    empty_text = gettext_lazy("No answer came yet.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """Bring an answer."""
        may = access.may(request.user, answers.UPLOAD)
        return [(_("Upload an answer"), self.url("upload"), "upload")] if may else []

    @admin.display(description=gettext_lazy("batch"))
    def batch_shown(self, row: PayoutFile) -> str:
        """Which batch it answers."""
        return row.batch.title if row.batch else NOTHING

    @admin.display(description=gettext_lazy("uploaded"))
    def uploaded(self, row: PayoutFile) -> str:
        """Who and when."""
        return f"{name_of(row.uploaded_by)} · {moment(row.uploaded_at)}"

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: PayoutFile) -> Any:
        """A coloured label."""
        return badge(*words.ANSWER_FILES[row.state])

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: PayoutFile) -> str:
        """The region's name."""
        return row.region.name if row.region else NOTHING

    def detail(self, request: HttpRequest, row: PayoutFile) -> Detail:
        """The report, the reasons, the decision of a second person."""
        user = doors.me(request)
        held, mine = row.state == AnswerState.HELD, row.uploaded_by_id == user.pk
        buckets = row.report.get("buckets", {})
        names = dict(PayoutAnswer.Outcome.choices)
        rows = [
            [badge(names[key], words.OUTCOMES[key]), count(one["lines"]), money(Decimal(one["amount"]))]
            for key, one in buckets.items()
        ]
        silent = row.report.get("no_answer", {"lines": 0, "amount": "0.00"})
        rows.append([badge(_("no answer yet")), count(silent["lines"]), money(Decimal(silent["amount"]))])
        reasons = [[sentence] for sentence in words.answer_reasons(row.reasons)]
        tables = [
            Table(_("Outcomes"), [_("outcome"), Column(_("lines"), RIGHT), Column(_("amount"), RIGHT)], rows),
            *([Table(_("Reasons"), [_("reason")], reasons)] if reasons else []),
        ]
        facts = [
            Fact(_("batch"), self.batch_shown(row), wide=True),
            Fact(_("uploaded"), self.uploaded(row)),
            Fact(_("bytes"), count(row.size)),
            Fact(
                _("released by"),
                f"{name_of(row.released_by)} · {moment(row.released_at)}" if row.released_by else NOTHING,
            ),
            Fact("SHA-256", row.sha256, wide=True),
        ]
        may = held and not mine and access.may(user, answers.UPLOAD)
        notices = [_("You uploaded this file: a second person decides about it.")] if held and mine else []
        return Detail(
            row.name, facts, tables, [self.state_shown(row)], notices, extra={"file": row, "may_decide": may}
        )

    def upload(self, request: HttpRequest) -> HttpResponse:
        """An answer comes in."""
        by = doors.me(request)
        doors.require(request, answers.UPLOAD)
        form = AnswerForm(doors.sent(request), request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file, digest = form.cleaned_data["file"], form.cleaned_data["digest"]
            report = doors.attempt(
                request,
                lambda: answers.receive(
                    source=file,
                    name=file.name,
                    digest=digest.read(1000) if digest else None,
                    by=by,
                    at=clock.now(),
                ),
            )
            if report is not None:
                return HttpResponseRedirect(self.url("change", report["file"]))
        return self.draw(
            request,
            "desk/form.html",
            _("Upload an answer"),
            form=form,
            submit_text=_("Upload"),
            back_url=self.url("changelist"),
        )

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A held answer: in, or rejected."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        approve = request.POST.get("action") == "approve"
        text = request.POST.get("words", "")[:300]
        doors.attempt(
            request,
            lambda: answers.decide_held(
                file_id=row.pk, approve=approve, words=text, by=doors.me(request), at=clock.now()
            ),
            _("Let in.") if approve else _("Rejected."),
        )
        return HttpResponseRedirect(self.url_for(row))

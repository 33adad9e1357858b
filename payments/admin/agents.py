"""Village agents at the desk: books, receipts keyed in or imported, hand-overs, balance, missing numbers, stubs."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, attachments, clock, doors
from bureau.filters import RegionFilter, by_choices, by_day
from bureau.forms import DayField, DeskForm, YearField, region_choices
from bureau.pages import (
    NOTHING,
    RIGHT,
    Column,
    Detail,
    Fact,
    Table,
    badge,
    count,
    day,
    link,
    moment,
    money,
    pictures,
)
from bureau.scoped import ScopedAdmin
from enrollment.models import Policy
from payments.admin.common import person_link
from payments.files import cashlist
from payments.models import CashReceipt, OrderLine, VillageAgent
from payments.services import agents, cashlists
from payments.services.agents import ENTER, MANAGE

ROWS = 50
PERSONS = 6


class AgentForm(DeskForm):
    """Somebody who collects cash."""

    region = forms.ChoiceField(label=gettext_lazy("pooling region"))
    code = forms.RegexField(
        r"^[A-Z0-9-]{2,20}$",
        label=gettext_lazy("code"),
        max_length=20,
        help_text=gettext_lazy("Capital letters, digits and hyphens."),
    )
    name = forms.CharField(label=gettext_lazy("name"), max_length=80)
    phone = forms.CharField(label=gettext_lazy("phone"), max_length=20, required=False)
    village = forms.CharField(label=gettext_lazy("village"), max_length=80)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = set(Policy.objects.values_list("region_id", flat=True).distinct())
        known |= set(user.staff_regions.values_list("region_id", flat=True))
        self.fields["region"].choices = region_choices(user, known)  # type: ignore[attr-defined]


class BookForm(DeskForm):
    """A book of receipts."""

    series = forms.RegexField(r"^[A-Z0-9]{1,8}$", label=gettext_lazy("receipt series"), max_length=8)
    first = forms.IntegerField(label=gettext_lazy("first receipt"), min_value=1, max_value=99_999_999)
    last = forms.IntegerField(label=gettext_lazy("last receipt"), min_value=1, max_value=99_999_999)

    def clean(self) -> Any:
        """At most a thousand receipts, in order."""
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and not first <= last < first + 1000:
            self.add_error("last", _("A book has 1 to 1,000 receipts with numbers of at most eight digits."))
        return found


class ReceiptField(forms.CharField):
    """A receipt number as printed; cleaned to series and number."""

    def clean(self, value: Any) -> Any:
        """Series and number."""
        text = super().clean(value)
        try:
            return cashlist.receipt(text) if text else None
        except cashlist.CellFault as error:
            raise forms.ValidationError(doors.words(error)) from error


class ReceiptForm(DeskForm):
    """A receipt with the persons it is for."""

    receipt = ReceiptField(
        label=gettext_lazy("receipt number"), max_length=20, widget=forms.TextInput(attrs={"autofocus": True})
    )
    paid_on = DayField(label=gettext_lazy("cash paid on"))
    year = YearField(label=gettext_lazy("benefit year"))
    amount = forms.DecimalField(
        label=gettext_lazy("amount on the receipt"), max_digits=12, decimal_places=2, min_value=0
    )
    consent = forms.BooleanField(label=gettext_lazy("the payer agreed to wait"), required=False)
    stub = forms.FileField(label=gettext_lazy("photograph of the stub"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for nth in range(1, PERSONS + 1):
            self.base_fields[f"id_{nth}"] = forms.CharField(
                label=gettext_lazy("ID number"), max_length=40, required=nth == 1
            )
            self.base_fields[f"name_{nth}"] = forms.CharField(
                label=gettext_lazy("name of the insured"), max_length=80, required=nth == 1
            )
        super().__init__(*args, **kwargs)
        pairs = [f"{part}_{nth}" for nth in range(1, PERSONS + 1) for part in ("id", "name")]
        self.order_fields(["receipt", "paid_on", "amount", "year", *pairs, "consent", "stub"])

    @property
    def insured(self) -> list[agents.Insured]:
        """Whom it is for."""
        found = self.cleaned_data
        return [
            agents.Insured(found[f"id_{nth}"], found.get(f"name_{nth}", ""))
            for nth in range(1, PERSONS + 1)
            if found.get(f"id_{nth}")
        ]


class SpoilForm(DeskForm):
    """A receipt that cannot be used."""

    receipt = ReceiptField(label=gettext_lazy("receipt number"), max_length=20)
    reason = forms.CharField(label=gettext_lazy("why it was spoilt"), max_length=200)


class ListForm(DeskForm):
    """The daily list."""

    year = YearField(label=gettext_lazy("benefit year"))
    file = forms.FileField(
        label=gettext_lazy("file"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy(
            "XLSX or CSV with the columns: 票据号, 证件号码, 姓名, 金额, 缴费日期 (may be left out)."
        ),
    )


class HandoverForm(DeskForm):
    """Counted cash."""

    counted = forms.DecimalField(
        label=gettext_lazy("counted cash in yuan"), max_digits=12, decimal_places=2, min_value=0,
        widget=forms.NumberInput(attrs={"autofocus": True}),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("why it is short or over"), max_length=300, required=False)
    expected = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput)


class StubForm(DeskForm):
    """A photograph."""

    stub = forms.FileField(label=gettext_lazy("photograph of the stub"), max_length=200)


@admin.register(VillageAgent)
class VillageAgentAdmin(ScopedAdmin):
    """Who collects cash, newest first."""

    view_action = "agent.view"
    keyset_descending = True
    list_display = ("code", "name", "region_name", "village", "active")
    list_select_related = ("region",)
    list_filter = (
        by_choices("active", gettext_lazy("active"), [("1", gettext_lazy("yes")), ("0", gettext_lazy("no"))]),
        RegionFilter,
    )
    detail_template = "desk/agent.html"
    routes = (
        ("open/", "open", "open_agent"),
        ("<int:pk>/book/", "book", "book"),
        ("<int:pk>/receipt/", "receipt", "receipt"),
        ("<int:pk>/spoil/", "spoil", "spoil"),
        ("<int:pk>/list/", "list", "take_list"),
        ("<int:pk>/handover/", "handover", "handover"),
    )
    empty_text = gettext_lazy("No village agent yet.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """A new agent, for those who may; the receipts of all."""
        buttons = [(_("Cash receipts"), reverse("admin:payments_cashreceipt_changelist"), "receipt_long")]
        if access.may(request.user, MANAGE):
            buttons.append((_("New agent"), self.url("open"), "person_add"))
        return buttons

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: VillageAgent) -> str:
        """The region's name."""
        return row.region.name

    def detail(self, request: HttpRequest, row: VillageAgent) -> Detail:
        """Balance, books, missing numbers, hand-overs, the last receipts."""
        held, gaps = agents.balance(row.pk), agents.missing(row.pk)
        facts = [
            Fact(_("region"), row.region.name),
            Fact(_("village"), row.village),
            Fact(_("phone"), row.phone or NOTHING),
            Fact(_("cash in the agent's hands"), money(held)),
            Fact(_("missing receipts"), ", ".join(gaps) or NOTHING, wide=True),
        ]
        state = badge(_("active"), "success") if row.active else badge(_("inactive"))
        enters, manages = access.may(request.user, ENTER), access.may(request.user, MANAGE)
        extra = {
            "enter": [
                (_("Key in a receipt"), self.url("receipt", row.pk), "r"),
                (_("Import the daily list"), self.url("list", row.pk), "i"),
                (_("Hand-over"), self.url("handover", row.pk), "h"),
                (_("Spoilt receipt"), self.url("spoil", row.pk), ""),
            ]
            if enters
            else [],
            "book_url": self.url("book", row.pk) if manages else "",
        }
        notices = [_("Some receipt numbers were passed over: ask the agent for them.")] if gaps else []
        tables = [self._receipts(request, row), self._handovers(row), self._books(row)]
        return Detail(str(row), facts, tables, [state], notices, extra=extra)

    def _books(self, row: VillageAgent) -> Table:
        rows = [
            [str(one), count(one.used), count(one.last - one.first + 1 - one.used), moment(one.handed_at)]
            for one in row.books.annotate(used=Count("receipts")).order_by("-id")
        ]
        heads = [
            _("receipt book"),
            Column(_("used"), RIGHT),
            Column(_("receipts left"), RIGHT),
            _("handed out at"),
        ]
        return Table(_("Receipt books"), heads, rows, _("No book was handed out."))

    def _handovers(self, row: VillageAgent) -> Table:
        rows = [
            [
                one.nth,
                moment(one.counted_at),
                money(one.expected),
                money(one.counted),
                _difference(one.counted - one.expected),
                one.note or NOTHING,
                one.counted_by.get_full_name() or one.counted_by.username,
            ]
            for one in row.handovers.select_related("counted_by").order_by("-id")[:ROWS]
        ]
        heads = [
            _("hand-over"), _("cash counted at"), Column(_("cash expected"), RIGHT), Column(_("counted"), RIGHT),
            _("short or over"), _("note"), _("counted by"),
        ]  # fmt: skip
        return Table(_("Hand-overs"), heads, rows, _("Nothing was handed over yet."))

    def _receipts(self, request: HttpRequest, row: VillageAgent) -> Table:
        rows = [
            [
                link(one, reverse("admin:payments_cashreceipt_change", args=[one.pk])),
                day(one.paid_on),
                moment(one.keyed_at),
                one.spoilt or (one.order.payer_name if one.order else NOTHING),
                money(one.amount),
            ]
            for one in row.receipts.select_related("order").order_by("-id")[:ROWS]
        ]
        heads = [
            _("receipt number"),
            _("cash paid on"),
            _("keyed in at"),
            _("payer"),
            Column(_("amount"), RIGHT),
        ]
        return Table(_("The last receipts"), heads, rows, _("No receipt was keyed in."))

    # ---------------------------------------------------------------- doors

    def open_agent(self, request: HttpRequest) -> HttpResponse:
        """A new agent."""
        if not access.may(request.user, MANAGE):
            raise PermissionDenied
        user = doors.me(request)
        form = AgentForm(doors.sent(request), user=user)
        if form.is_valid():
            found = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: agents.open_agent(
                    code=found["code"], name=found["name"], phone=found["phone"], region_id=found["region"],
                    village=found["village"], by=user, at=clock.now(),
                ),
            )  # fmt: skip
            if made is not None:
                return HttpResponseRedirect(self.url_for(made))
        return self.draw(
            request, "desk/form.html", _("New agent"), form=form, back_url=self.url("changelist")
        )

    def _page(
        self, request: HttpRequest, row: VillageAgent, title: Any, form: Any, **more: Any
    ) -> HttpResponse:
        return self.draw(
            request,
            "desk/form.html",
            f"{title}: {row}",
            form=form,
            back_url=self.url_for(row),
            **more,
        )

    def _allowed(self, request: HttpRequest, pk: int, action: str) -> VillageAgent:
        row: VillageAgent = self.found(request, str(pk))
        if not access.may(request.user, action):
            raise PermissionDenied
        return row

    def book(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out a book."""
        row = self._allowed(request, pk, MANAGE)
        form = BookForm(doors.sent(request))
        if form.is_valid():
            found = form.cleaned_data
            made = doors.attempt(
                request, lambda: agents.hand_out(agent_id=pk, **found, by=doors.me(request), at=clock.now())
            )
            if made is not None:
                return HttpResponseRedirect(self.url_for(row))
        return self._page(request, row, _("Hand out a receipt book"), form)

    def receipt(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Key in a receipt; the next one follows."""
        row = self._allowed(request, pk, ENTER)
        today = clock.today()
        form = ReceiptForm(
            doors.sent(request),
            request.FILES or None,
            initial={"paid_on": today, "year": today.year + (today.month > 8)},
        )
        if form.is_valid():
            found, by, at = form.cleaned_data, doors.me(request), clock.now()
            made = doors.attempt(
                request,
                lambda: agents.key_in(
                    agent_id=pk, receipt=found["receipt"], year=found["year"], insured=form.insured,
                    amount=found["amount"], paid_on=found["paid_on"], consent=found["consent"], by=by, at=at,
                ),
                _("The receipt is posted."),
            )  # fmt: skip
            if made is not None:
                stub = found["stub"]
                if stub:
                    doors.attempt(
                        request, lambda: agents.attach_stub(receipt_id=made.pk, file=stub, by=by, at=at)
                    )
                return HttpResponseRedirect(self.url("receipt", pk))
        title = f"{_('Key in a receipt')}: {row}"
        return self.draw(
            request,
            "desk/cash_form.html",
            title,
            form=form,
            submit_text=_("Post"),
            back_url=self.url_for(row),
        )

    def spoil(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A spoilt sheet."""
        row = self._allowed(request, pk, ENTER)
        form = SpoilForm(doors.sent(request))
        if form.is_valid():
            found = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: agents.spoil(
                    agent_id=pk, receipt=found["receipt"], reason=found["reason"], by=doors.me(request), at=clock.now()
                ),
            )  # fmt: skip
            if made is not None:
                return HttpResponseRedirect(self.url_for(row))
        return self._page(request, row, _("Spoilt receipt"), form)

    def handover(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Count the cash."""
        row = self._allowed(request, pk, ENTER)
        held = agents.balance(pk)
        form = HandoverForm(doors.sent(request), initial={"expected": held})
        if form.is_valid():
            found = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: agents.hand_over(
                    agent_id=pk, expected=found["expected"], counted=found["counted"], note=found["note"],
                    by=doors.me(request), at=clock.now(),
                ),
                _("The hand-over is noted."),
            )  # fmt: skip
            if made is not None:
                return HttpResponseRedirect(self.url_for(row))
        return self._page(
            request,
            row,
            _("Hand-over"),
            form,
            help_text=_("%(amount)s yuan should be in the agent's hands.") % {"amount": money(held)},
        )

    def take_list(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The daily list: each receipt posted, or named with its reason."""
        row = self._allowed(request, pk, ENTER)
        today = clock.today()
        form = ListForm(
            doors.sent(request), request.FILES or None, initial={"year": today.year + (today.month > 8)}
        )
        tables = []
        if form.is_valid():
            taken = self._take(request, pk, form)
            if taken is not None:
                said = _("%(posted)s of %(all)s receipts were posted.")
                messages.info(request, said % {"posted": taken.posted, "all": len(taken.outcomes)})
                tables = [_outcomes(taken)]
        return self.draw(
            request,
            "desk/cash_list.html",
            f"{_('Import the daily list')}: {row}",
            form=form,
            submit_text=_("Import"),
            back_url=self.url_for(row),
            tables=tables,
        )

    def _take(self, request: HttpRequest, pk: int, form: ListForm) -> cashlists.Taken | None:
        sent = form.cleaned_data["file"]
        with tempfile.NamedTemporaryFile(suffix=".list") as kept:
            for part in sent.chunks():
                kept.write(part)
            kept.flush()
            return doors.attempt(
                request,
                lambda: cashlists.take(
                    path=Path(kept.name),
                    agent_id=pk,
                    year=form.cleaned_data["year"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
            )


def _outcomes(taken: cashlists.Taken) -> Table:
    rows = []
    for one in taken.outcomes:
        if one.error is not None:
            state = badge(_("not posted"), "danger")
            said = f"{one.column} {doors.words(one.error)}".strip()
        else:
            state = badge(_("known before"), "") if one.again else badge(_("posted"), "success")
            said = ""
        rows.append(
            [
                ", ".join(map(str, one.lines)),
                one.receipt or NOTHING,
                money(one.amount),
                state,
                said or NOTHING,
            ]
        )
    heads = [
        _("lines"),
        _("receipt number"),
        Column(_("amount"), RIGHT),
        _("state"),
        _("what is wrong, and what to do"),
    ]
    return Table(_("What became of the list"), heads, rows)


def _difference(amount: Any) -> Any:
    if not amount:
        return badge(_("even"), "success")
    word = _("cash over") if amount > 0 else _("cash short")
    return badge(f"{word} {money(abs(amount))}", "danger")


@admin.register(CashReceipt)
class CashReceiptAdmin(ScopedAdmin):
    """Receipts of all agents, the last keyed in first."""

    view_action = "agent.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("yuan",)
    list_display = ("number_shown", "agent", "region_name", "paid_day", "keyed", "yuan", "state_shown")
    list_select_related = ("agent", "region")
    list_filter = (
        by_day("from", gettext_lazy("paid from"), "paid_on__gte"),
        by_day("to", gettext_lazy("to"), "paid_on__lte"),
        RegionFilter,
    )
    detail_template = "desk/cash_receipt.html"
    routes = (("<int:pk>/stub/", "stub", "stub"),)
    empty_text = gettext_lazy("No receipt was keyed in.")

    @admin.display(description=gettext_lazy("receipt number"))
    def number_shown(self, row: CashReceipt) -> str:
        """Series and number."""
        return str(row)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: CashReceipt) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("cash paid on"))
    def paid_day(self, row: CashReceipt) -> str:
        """When the cash was paid."""
        return day(row.paid_on)

    @admin.display(description=gettext_lazy("keyed in at"))
    def keyed(self, row: CashReceipt) -> str:
        """When it came to us."""
        return moment(row.keyed_at)

    @admin.display(description=gettext_lazy("amount"))
    def yuan(self, row: CashReceipt) -> str:
        """The amount."""
        return money(row.amount)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: CashReceipt) -> Any:
        """Posted or spoilt."""
        return badge(_("spoilt"), "warning") if row.spoilt else badge(_("posted"), "success")

    def detail(self, request: HttpRequest, row: CashReceipt) -> Detail:
        """The receipt, whom it is for, and its stub."""
        facts = [
            Fact(
                _("agent"),
                link(row.agent, reverse("admin:payments_villageagent_change", args=[row.agent_id])),
            ),
            Fact(_("region"), row.region.name),
            Fact(_("cash paid on"), day(row.paid_on)),
            Fact(_("amount"), money(row.amount)),
            Fact(_("keyed in by"), row.keyed_by.get_full_name() or row.keyed_by.username),
            Fact(_("keyed in at"), moment(row.keyed_at)),
        ]
        if row.spoilt:
            facts.append(Fact(_("why it was spoilt"), row.spoilt, wide=True))
        lines = OrderLine.objects.filter(order=row.order_id or 0).select_related("person").order_by("id")
        rows = [[person_link(request.user, one.person), money(one.amount)] for one in lines]
        tables = (
            [Table(_("Whom it is for"), [_("insured"), Column(_("amount"), RIGHT)], rows)] if rows else []
        )
        stubs = attachments.of(row).select_related("uploaded_by")
        extra = {
            "pictures": pictures(stubs, {"STUB": _("photograph of the stub")}),
            "stub_url": self.url("stub", row.pk) if access.may(request.user, ENTER) else "",
        }
        return Detail(str(row), facts, tables, [self.state_shown(row)], extra=extra)

    def stub(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A photograph of the stub."""
        row = self.found(request, str(pk))
        if not access.may(request.user, ENTER):
            raise PermissionDenied
        form = StubForm(doors.sent(request), request.FILES or None)
        if form.is_valid():
            made = doors.attempt(
                request,
                lambda: agents.attach_stub(
                    receipt_id=pk, file=form.cleaned_data["stub"], by=doors.me(request), at=clock.now()
                ),
            )
            if made is not None:
                return HttpResponseRedirect(self.url_for(row))
        return self.draw(
            request,
            "desk/form.html",
            _("Photograph of the stub: %(receipt)s") % {"receipt": row},
            form=form,
            submit_text=_("Upload"),
            back_url=self.url_for(row),
        )

"""Village agents at the desk: books, receipts keyed in or imported, hand-overs, balance, missing numbers, stubs."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors
from bureau.filters import RegionFilter, by_choices
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
)
from bureau.scoped import ScopedAdmin
from payments.admin.agentforms import AgentForm, BookForm, HandoverForm, ListForm, ReceiptForm, SpoilForm
from payments.models import VillageAgent
from payments.services import agents, cashlists
from payments.services.agents import ENTER, MANAGE

ROWS = 50
SALT, KEPT_SECONDS = "payments.cashlist", 3600


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
        """The daily list: looked at first, each receipt with its reason; then the good ones are posted."""
        row = self._allowed(request, pk, ENTER)
        today, tables, kept = clock.today(), [], ""
        known = _kept(request, pk)
        form = ListForm(
            doors.sent(request) if known is None else None,
            request.FILES or None,
            initial={"year": today.year + (today.month > 8)},
        )
        if known is not None:
            taken = self._read(request, pk, known, cashlists.take)
            if taken is not None:
                said = _("%(posted)s of %(all)s receipts were posted.")
                messages.success(request, said % {"posted": taken.posted, "all": len(taken.outcomes)})
                tables = [_outcomes(taken, posted=True)]
        elif form.is_valid():
            known = List(form.cleaned_data["year"], form.cleaned_data["file"].read())
            taken = self._read(request, pk, known, cashlists.look)
            if taken is not None:
                tables = [_outcomes(taken, posted=False)]
                kept = known.packed(pk) if taken.posted else ""
        return self.draw(
            request,
            "desk/cash_list.html",
            f"{_('Import the daily list')}: {row}",
            form=form,
            submit_text=_("Check"),
            back_url=self.url_for(row),
            tables=tables,
            kept=kept,
            good=taken.posted if kept and taken else 0,
        )

    def _read(
        self, request: HttpRequest, pk: int, known: List, verb: Callable[..., cashlists.Taken]
    ) -> cashlists.Taken | None:
        with tempfile.NamedTemporaryFile(suffix=".list") as file:
            file.write(known.content)
            file.flush()
            return doors.attempt(
                request,
                lambda: verb(
                    path=Path(file.name), agent_id=pk, year=known.year, by=doors.me(request), at=clock.now()
                ),
            )


@dataclass(frozen=True)
class List:
    """A daily list between the look and the posting: it travels with the page, signed."""

    year: int
    content: bytes

    def packed(self, agent: int) -> str:
        """As the page carries it."""
        value = [agent, self.year, base64.b64encode(self.content).decode()]
        return signing.dumps(value, salt=SALT, compress=True)


def _kept(request: HttpRequest, agent: int) -> List | None:
    """The list that was looked at on the page before, None where this is another post or it is too old."""
    if request.method != "POST" or "kept" not in request.POST:
        return None
    try:
        of, year, content = signing.loads(request.POST["kept"], salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    return List(year, base64.b64decode(content)) if of == agent else None


def _outcomes(taken: cashlists.Taken, *, posted: bool) -> Table:
    rows, good = [], badge(_("posted"), "success") if posted else badge(_("can be posted"), "info")
    for one in taken.outcomes:
        if one.error is not None:
            state = badge(_("not posted"), "danger")
            said = f"{one.column} {doors.words(one.error)}".strip()
        else:
            state = badge(_("known before"), "") if one.again else good
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
        _("row"),
        _("receipt number"),
        Column(_("amount"), RIGHT),
        _("state"),
        _("what is wrong, and what to do"),
    ]
    return Table(_("What became of the list") if posted else _("What would become of the list"), heads, rows)


def _difference(amount: Any) -> Any:
    if not amount:
        return badge(_("even"), "success")
    word = _("cash over") if amount > 0 else _("cash short")
    return badge(f"{word} {money(abs(amount))}", "danger")

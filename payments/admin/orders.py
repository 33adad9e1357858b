"""Orders of the channels: what they hold, what became of their money, and what a clerk can do about one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors
from bureau.filters import RegionFilter, SelectFilter, by_choices
from bureau.identity import mask_account, mask_name
from bureau.pages import NOTHING, RIGHT, Choice, Column, Detail, Fact, Table, badge, day, link, moment, money
from bureau.scoped import ScopedAdmin
from payments.admin.common import person_link
from payments.models import Channel, Order, OrderConsent, OrderDebit, OrderLine
from payments.services import expiry, orders, orderviews
from payments.services.asking import Word
from payments.states import OrderState
from payments.words import ORDER_STATES, state_badge

WAITING = (OrderState.OPEN, OrderState.ASKED)
LATE = OrderDebit.objects.filter(~Q(outcome=OrderDebit.Outcome.BOOKED) | ~Q(was=OrderState.OPEN))


class WhichFilter(SelectFilter):
    """All orders, those that hold something, or those with late money."""

    kind = "chip"
    title = gettext_lazy("orders")
    parameter_name = "which"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """All, waiting, late."""
        return [(name, "") for name in ("all", "waiting", "late")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The chosen ones."""
        match self.chosen or "all":
            case "waiting":
                return queryset.filter(state__in=WAITING)
            case "late":
                return queryset.filter(pk__in=LATE.values("order_id"))
            case _all:
                return queryset


@admin.register(Order)
class OrderAdmin(ScopedAdmin):
    """Orders, newest first."""

    view_action = "order.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("yuan",)
    list_display = (
        "number",
        "channel_shown",
        "payer",
        "region_name",
        "yuan",
        "state_shown",
        "opened",
        "until",
        "late",
    )
    list_select_related = ("region",)
    list_filter = (
        WhichFilter,
        by_choices("channel", gettext_lazy("channel"), Channel.choices),
        by_choices("state", gettext_lazy("state"), [(key, words[0]) for key, words in ORDER_STATES.items()]),
        RegionFilter,
    )
    detail_template = "desk/order.html"
    routes = (("<int:pk>/act/", "act", "act"), ("line/<int:pk>/", "line", "line"))
    empty_text = gettext_lazy("No channel has opened an order yet.")

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """All, waiting, late money."""
        chosen = request.GET.get("which", "all")
        names = (("all", _("All")), ("waiting", _("Not finished")), ("late", _("Late money")))
        return [Choice(name, f"?which={value}", value == chosen) for value, name in names]

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Order]:
        """With whether money came late."""
        late = LATE.filter(order_id=models.OuterRef("pk"))
        return super().row_queryset(request).annotate(has_late=models.Exists(late))

    @admin.display(description=gettext_lazy("channel"))
    def channel_shown(self, row: Order) -> str:
        """In words."""
        return str(row.get_channel_display())

    @admin.display(description=gettext_lazy("payer"))
    def payer(self, row: Order) -> str:
        """Masked: who pays is not the matter of who looks."""
        return mask_name(row.payer_name)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: Order) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("amount"))
    def yuan(self, row: Order) -> str:
        """In yuan."""
        return money(row.amount)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: Order) -> Any:
        """A coloured label."""
        return state_badge(ORDER_STATES, row.state)

    @admin.display(description=gettext_lazy("opened at"))
    def opened(self, row: Order) -> str:
        """When."""
        return moment(row.opened_at)

    @admin.display(description=gettext_lazy("locked until"))
    def until(self, row: Order) -> str:
        """While it is not finished."""
        return moment(row.locked_until) if row.state in WAITING else NOTHING

    @admin.display(description=gettext_lazy("money"))
    def late(self, row: Any) -> Any:
        """Only what needs a look wears a label."""
        return badge(_("late money"), "warning") if row.has_late else ""

    # ---------------------------------------------------------------- one order

    def detail(self, request: HttpRequest, row: Order) -> Detail:
        """Payer, lines with what they hold and where their money went, and everything the channel said of money."""
        order = Order.objects.select_related("region", "again_for").get(pk=row.pk)
        view = orderviews.view_of(order)
        words = dict(OrderConsent.Code.choices)
        facts = [
            Fact(_("channel"), order.get_channel_display()),
            Fact(_("partner"), order.client_code or NOTHING),
            Fact(_("payer"), mask_name(order.payer_name)),
            Fact(_("payer's account at the channel"), mask_account(order.payer_account) or NOTHING),
            Fact(_("region"), order.region.name),
            Fact(_("amount"), money(order.amount)),
            Fact(_("opened at"), moment(order.opened_at)),
            Fact(_("locked until"), moment(order.locked_until)),
            Fact(_("channel asked at"), moment(order.asked_at)),
            Fact(_("ended at"), moment(order.ended_at)),
            Fact(_("agreed"), "、".join(str(words[code]) for code in view.agreed) or NOTHING),
        ]
        if order.again_for is not None:
            facts.append(Fact(_("second debit of the order"), order_link(order.again_for)))
        me = doors.me(request)
        acts = access.may(me, "order.cancel") and order.state in WAITING
        return Detail(
            f"{_('order')} {order.number}",
            facts,
            [self._lines(me, view), self._debits(me, view)],
            [self.state_shown(order)],
            extra={"order": order, "may_act": acts},
        )

    def _lines(self, me: Any, view: orderviews.OrderView) -> Table:
        heads = [
            _("insured"), _("region"), _("receivable"), _("cover was told to start"), _("held"), _("booked as"),
            Column(_("amount"), RIGHT),
        ]  # fmt: skip
        rows = [
            [
                person_link(me, one.line.person),
                one.line.region.name,
                link(
                    one.line.receivable_id,
                    reverse("admin:payments_receivable_change", args=[one.line.receivable_id]),
                ),
                _start(one.line),
                badge(_("held"), "warning") if one.line.receivable_id in view.held else NOTHING,
                _booking(one),
                money(one.line.amount),
            ]
            for one in view.lines
        ]
        return Table(_("For whom"), heads, rows)

    def _debits(self, me: Any, view: orderviews.OrderView) -> Table:
        heads = [
            _("channel serial"), _("debited at"), _("told at"), _("said by"), _("the order was"), _("outcome"),
            Column(_("amount"), RIGHT),
        ]  # fmt: skip
        rows = [
            [
                one.channel_serial,
                moment(one.debited_at),
                moment(one.told_at),
                one.get_source_display(),
                state_badge(ORDER_STATES, one.was),
                self._outcome(me, one),
                money(one.amount),
            ]
            for one in view.debits
        ]
        return Table(_("What the channel said of money"), heads, rows, _("The channel told of no money."))

    def _outcome(self, me: Any, debit: OrderDebit) -> Any:
        text = str(debit.get_outcome_display())
        if debit.item_id is not None and access.may(me, "work.view"):
            return link(text, reverse("admin:payments_workitem_change", args=[debit.item_id]))
        if debit.outcome == OrderDebit.Outcome.AGAIN:
            return link(text, reverse("admin:payments_order_change", args=[debit.booked_as_id]))
        return text

    # ---------------------------------------------------------------- what only a POST does

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the channel, or cancel: one service call."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row: Order = self.found(request, str(pk))
        by, at = doors.me(request), clock.now()
        if request.POST.get("action") == "ask":
            said = doors.attempt(request, lambda: expiry.ask_now(number=row.number, by=by, at=at))
            if said is not None:
                doors.messages.info(request, _SAID[said[1].word])
        elif request.POST.get("action") == "cancel":
            reason = request.POST.get("reason", "")[:200]
            doors.attempt(
                request,
                lambda: orders.cancel(number=row.number, client=None, at=at, by=by, reason=reason),
                _("Cancelled: what it held can be paid again."),
            )
        return HttpResponseRedirect(self.url_for(row))

    def line(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the order of a line."""
        found = OrderLine.objects.filter(pk=pk).values_list("order_id", flat=True)
        if pk >= 2**63 or not found:
            raise Http404
        return HttpResponseRedirect(self.url_for(self.found(request, str(found[0]))))


_SAID = {
    Word.PAID: gettext_lazy("The channel took the money: it is booked, or waits on a work item."),
    Word.UNPAID: gettext_lazy("The channel says that it is not paid: the order is cancelled."),
    Word.SILENT: gettext_lazy("The channel does not say; nothing was changed."),
}


def order_link(order: Order) -> Any:
    """An order by its number."""
    return link(order.number, reverse("admin:payments_order_change", args=[order.pk]))


def _start(line: OrderLine) -> str:
    if line.cover_start is None:
        return NOTHING
    waits = _(" (after %(months)s months)") % {"months": line.wait_months} if line.wait_months else ""
    return day(line.cover_start) + waits


def _booking(view: orderviews.LineView) -> Any:
    if view.number is None:
        return NOTHING
    if view.reversed_on is not None:
        return badge(_("taken back"), "danger")
    if view.booked == orderviews.PAID:
        return link(_("payment"), reverse("admin:payments_payment_change", args=[view.number]))
    return link(_("duplicate payment"), reverse("admin:payments_duplicatepayment_change", args=[view.number]))

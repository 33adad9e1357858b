"""Voids of declared records: a tax officer asks, another one decides; what is void stays listed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, proposals
from bureau.filters import RegionFilter
from bureau.forms import DeskForm
from bureau.models import Proposal
from bureau.pages import NOTHING, Column, Detail, Fact, Table, link, moment, money
from bureau.scoped import ScopedAdmin
from bureau.states import ProposalState
from payments.admin.common import InsuredColumns, person_link
from payments.admin.money import receivable_link
from payments.models import Channel, DeclarationVoid, Order
from payments.services import voids
from payments.states import OrderState

SHOWN = 50


class VoidForm(DeskForm):
    """Which record, and why."""

    receivable = forms.RegexField(
        r"^[1-9][0-9]{13}$",
        label=gettext_lazy("receivable"),
        help_text=gettext_lazy("The number of the receivable: 14 digits."),
        widget=forms.TextInput(attrs={"autofocus": True, "inputmode": "numeric"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


@admin.register(DeclarationVoid)
class DeclarationVoidAdmin(InsuredColumns, ScopedAdmin):
    """What was void, newest first; asking and deciding."""

    view_action = "settlement.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("yuan",)
    list_display = ("number", "insured", "region_name", "channel_shown", "yuan", "reason", "when")
    list_select_related = ("person", "region")
    list_filter = (RegionFilter,)
    routes = (("ask/", "ask", "ask"), ("proposals/<int:pk>/decide/", "decide", "decide"))
    empty_text = gettext_lazy("Nothing was voided yet.")

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Asking, for tax officers."""
        return (
            [(_("Void a declared record"), self.url("ask"), "block")]
            if access.may(request.user, voids.KIND)
            else []
        )

    @admin.display(description=gettext_lazy("receivable"))
    def number(self, row: DeclarationVoid) -> str:
        """The receivable's number."""
        return str(row.receivable_id)

    @admin.display(description=gettext_lazy("declared by"))
    def channel_shown(self, row: DeclarationVoid) -> str:
        """An order, a bank's batch, or nobody any more."""
        if row.order_id is None and row.instruction_id is None:
            return _("enrolment ended")
        return _("order") if row.order_id else _("bank batch debit")

    @admin.display(description=gettext_lazy("voided at"))
    def when(self, row: DeclarationVoid) -> str:
        """When."""
        return moment(row.voided_at)

    def detail(self, request: HttpRequest, row: DeclarationVoid) -> Detail:
        """What was void, why, and by whom."""
        full = DeclarationVoid.objects.select_related(
            "region", "person", "proposal__made_by", "proposal__reviewed_by"
        ).get(pk=row.pk)
        order = Order.objects.filter(pk=full.order_id).first() if full.order_id else None
        asked, decided = full.proposal.made_by, full.proposal.reviewed_by
        facts = [
            Fact(_("insured"), person_link(request.user, full.person)),
            Fact(_("region"), full.region.name),
            Fact(_("receivable"), receivable_link(full.receivable_id)),
            Fact(
                _("declared by"),
                f"{order.get_channel_display()} {order.number}" if order else self.channel_shown(full),
            ),
            Fact(_("amount"), money(full.amount)),
            Fact(_("asked by"), asked.get_full_name() or asked.username),
            Fact(_("decided by"), (decided.get_full_name() or decided.username) if decided else NOTHING),
            Fact(_("voided at"), moment(full.voided_at)),
            Fact(_("reason"), full.reason, wide=True),
        ]
        return Detail(f"{_('voided declaration')} {full.receivable_id}", facts)

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Ask for a void; below, what waits for a second officer and what channels have declared."""
        if not access.may(request.user, voids.KIND):
            raise PermissionDenied
        me = doors.me(request)
        form = VoidForm(doors.sent(request), initial={"receivable": request.GET.get("receivable", "")[:14]})
        if form.is_valid():
            sent = form.cleaned_data
            asked = doors.attempt(
                request,
                lambda: voids.propose(
                    receivable_id=int(sent["receivable"]), reason=sent["reason"], by=me, at=clock.now()
                ),
                _("Asked. A second tax officer decides."),
            )
            if asked is not None:
                return HttpResponseRedirect(self.url("ask"))
        return self.draw(
            request,
            "desk/voids.html",
            _("Void a declared record"),
            form=form,
            submit_text=_("Ask for the void"),
            back_url=self.url("changelist"),
            waiting=self._waiting(request),
            tables=[self._declared(request)],
        )

    def _waiting(self, request: HttpRequest) -> list[dict[str, Any]]:
        rows = access.for_user(
            Proposal.objects.filter(kind=voids.KIND, state=ProposalState.OPEN), request.user
        ).select_related("made_by", "region")
        channels = dict(Channel.choices)
        return [
            {
                "title": row.title,
                "amount": row.difference.get("amount", ""),
                "channel": channels.get(row.difference.get("channel", ""), ""),
                "reason": row.reason,
                "by": row.made_by.get_full_name() or row.made_by.username,
                "at": moment(row.made_at),
                "mine": row.made_by_id == request.user.pk,
                "url": self.url("decide", row.pk),
            }
            for row in rows.order_by("pk")[:SHOWN]
        ]

    def _declared(self, request: HttpRequest) -> Table:
        orders = access.for_user(
            Order.objects.filter(state__in=[OrderState.OPEN, OrderState.ASKED]), request.user
        )
        rows = []
        for order in orders.prefetch_related("lines").order_by("pk")[:SHOWN]:
            for line in order.lines.all():
                url = f"{self.url('ask')}?receivable={line.receivable_id}"
                rows.append(
                    [
                        link(line.receivable_id, url),
                        order.get_channel_display(),
                        order.number,
                        moment(order.opened_at),
                        money(line.amount),
                    ]
                )
        heads = [_("receivable"), _("channel"), _("order"), _("since"), Column(_("amount"), "right")]
        return Table(_("Declared through channels, not debited"), heads, rows, _("No order is open."))

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve or refuse as the second officer."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not access.may(request.user, voids.KIND):
            raise PermissionDenied
        me, approve = doors.me(request), request.POST.get("decision") == "approve"
        found = access.for_user(Proposal.objects.filter(kind=voids.KIND, pk=pk), me).exists()
        if found:
            doors.attempt(
                request,
                lambda: proposals.review(
                    proposal_id=pk,
                    approve=approve,
                    reason=request.POST.get("reason", "")[:500],
                    by=me,
                    at=clock.now(),
                ),
                _("The record is void.") if approve else _("The void is refused."),
            )
        return HttpResponseRedirect(reverse("admin:payments_declarationvoid_ask"))

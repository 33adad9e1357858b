"""Cash receipts at the desk: those of all agents, whom each is for, and its stub."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, attachments, clock, doors
from bureau.filters import RegionFilter, by_day
from bureau.pages import RIGHT, Column, Detail, Fact, Table, badge, day, link, moment, money, pictures
from bureau.scoped import ScopedAdmin
from payments.admin.agentforms import StubForm
from payments.admin.common import person_link
from payments.models import CashReceipt, OrderLine
from payments.services import agents
from payments.services.agents import ENTER


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

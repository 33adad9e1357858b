"""Vouchers at the desk: found, downloaded, printed after a look at the document, printed by the thousand."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors
from bureau.filters import BoundedFilter, RegionFilter, YearFilter
from bureau.forms import DeskForm
from bureau.identity import CERT_TYPES
from bureau.pages import NOTHING, RIGHT, Column, Detail, Fact, Table, badge, day, link, moment, money
from bureau.scoped import ScopedAdmin
from payments import voucherpdf
from payments.admin.common import person_link
from payments.models import (
    Payment,
    Voucher,
    VoucherCancellation,
    VoucherPrint,
)
from payments.services import vouchers
from payments.services.vouchers import PRINT


def public_address(request: HttpRequest) -> str:
    """The address under which the public reaches us."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/")


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF that opens in the browser; nothing inside it runs."""
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


class NumberFilter(BoundedFilter):
    """A voucher by its number in the series."""

    title = gettext_lazy("number")
    parameter_name = "number"
    pattern = r"[0-9]{1,8}"
    hint = gettext_lazy("the last eight digits")

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """Equality."""
        return queryset.filter(number=int(chosen))


class PaperForm(DeskForm):
    """Which document was looked at, and who collects."""

    id_type = forms.ChoiceField(
        label=gettext_lazy("document of the insured"),
        choices=[(code, name.zh) for code, name in CERT_TYPES.items()],
    )
    id_number = forms.CharField(
        label=gettext_lazy("number on the document"),
        max_length=40,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text=gettext_lazy("As it stands on the document that lies before you."),
    )
    collector = forms.CharField(
        label=gettext_lazy("collected by"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Only where somebody else collects it."),
    )
    nth = forms.IntegerField(min_value=1, max_value=999, widget=forms.HiddenInput)


@admin.register(Voucher)
class VoucherAdmin(ScopedAdmin):
    """Vouchers, newest year first."""

    view_action = "money.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("yuan",)
    list_display = ("number_shown", "insured", "region_name", "channel_name", "yuan", "issued", "state_shown")
    list_filter = (YearFilter, NumberFilter, RegionFilter)
    list_select_related = ("region",)
    routes = (("<int:pk>/pdf/", "pdf", "pdf"), ("<int:pk>/print/", "print", "paper"))
    empty_text = gettext_lazy("No voucher is issued yet.")

    def rows(self, request: HttpRequest, keys: Sequence[Any]) -> list[Any]:
        """With the payment, the person and the cancellation of each."""
        found = super().rows(request, keys)
        paid = Payment.objects.select_related("person").in_bulk(list(keys))
        gone = VoucherCancellation.objects.in_bulk(list(keys))
        for row in found:
            row.payment, row.gone = paid.get(row.pk), gone.get(row.pk)
        return found

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """The batches."""
        return [(_("Print many"), reverse("admin:payments_voucherbatch_changelist"), "print")]

    @admin.display(description=gettext_lazy("voucher number"))
    def number_shown(self, row: Voucher) -> str:
        """Region, year, number."""
        return str(row)

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: Any) -> Any:
        """Who, with the way to the page about the person."""
        return person_link(row.viewer, row.payment.person)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: Voucher) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("channel"))
    def channel_name(self, row: Any) -> str:
        """The channel in words."""
        return str(row.payment.get_channel_display())

    @admin.display(description=gettext_lazy("amount"))
    def yuan(self, row: Any) -> str:
        """The amount."""
        return money(row.payment.amount)

    @admin.display(description=gettext_lazy("issued at"))
    def issued(self, row: Voucher) -> str:
        """When."""
        return moment(row.issued_at)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: Any) -> Any:
        """A coloured label."""
        return badge(_("void"), "danger") if row.gone else badge(_("counts"), "success")

    def detail(self, request: HttpRequest, row: Any) -> Detail:
        """What the voucher says, and who printed it when."""
        (said,) = vouchers.contents([row])
        payment = Payment.objects.select_related("person").get(pk=row.pk)
        gone = VoucherCancellation.objects.filter(pk=row.pk).order_by("pk").first()
        facts = [
            Fact(_("insured"), person_link(request.user, payment.person)),
            Fact(_("region"), said.region),
            Fact(_("benefit year"), said.year),
            Fact(_("amount"), money(said.amount)),
            Fact(_("channel"), payment.get_channel_display()),
            Fact(_("debit date"), day(said.debited_on)),
            Fact(_("treasury date"), day(said.in_treasury)),
            Fact(_("issued at"), moment(row.issued_at)),
            Fact(_("payment"), link(payment.pk, reverse("admin:payments_payment_change", args=[payment.pk]))),
        ]
        if gone is not None:
            facts.append(Fact(_("cancelled at"), moment(gone.cancelled_at)))
            facts.append(Fact(_("reason"), f"{gone.get_reason_display()} {gone.reference}"))
        missing = voucherpdf.unprintable(said.name)
        notices = [_missing(missing)] if missing else []
        prints = VoucherPrint.objects.filter(voucher_id=row.pk).select_related("printed_by").order_by("nth")
        table = Table(
            _("Prints on paper"),
            [Column(_("print"), RIGHT), _("at"), _("by"), _("document"), _("collected by")],
            [
                [
                    one.nth,
                    moment(one.printed_at),
                    one.printed_by.get_full_name() or one.printed_by.username,
                    one.get_id_type_display(),
                    one.collector or NOTHING,
                ]
                for one in prints
            ],
            _("Not printed on paper."),
        )
        state = badge(_("void"), "danger") if gone else badge(_("counts"), "success")
        buttons = {"pdf_url": self.url("pdf", row.pk)}
        if gone is None and access.may(request.user, PRINT):
            buttons["print_url"] = self.url("print", row.pk)
        return Detail(str(row), facts, [table], [state], notices, extra=buttons)

    detail_template = "desk/voucher.html"

    def pdf(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The electronic voucher; a cancelled one carries its mark."""
        row = self.found(request, str(pk))
        (said,) = vouchers.contents([row])
        return pdf_response(voucherpdf.render(said, public_address(request)), said.number)

    def paper(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look at the document, then print."""
        row = self.found(request, str(pk))
        if not access.may(request.user, PRINT):
            raise PermissionDenied
        nth = VoucherPrint.objects.filter(voucher_id=row.pk).count() + 1
        form = PaperForm(doors.sent(request), initial={"nth": nth})
        if form.is_valid():
            values = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: vouchers.print_paper(
                    payment_id=row.pk,
                    nth=values["nth"],
                    id_type=values["id_type"],
                    id_number=values["id_number"],
                    collector=values["collector"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
            )
            if made is not None:
                (said,) = vouchers.contents([row])
                content = voucherpdf.render(
                    said, public_address(request), print_no=made.nth, collector=made.collector
                )
                return pdf_response(content, f"{said.number}_{made.nth}")
        return self.draw(
            request,
            "desk/form.html",
            _("Print on paper: %(number)s") % {"number": row},
            form=form,
            submit_text=_("I have seen the document: print"),
            back_url=self.url_for(row),
        )


def _missing(chars: str) -> str:
    points = " ".join(f"{char} U+{ord(char):04X}" for char in chars)
    return _("The font lacks a character of the name (%(points)s).") % {"points": points}


def voucher_fact(payment: Payment) -> Fact:
    """The voucher of a payment, for the page about the payment."""
    found = Voucher.objects.filter(pk=payment.pk).order_by("pk").first()
    if found is None:
        return Fact(_("payment voucher"), _("not issued yet"))
    return Fact(_("payment voucher"), link(found, reverse("admin:payments_voucher_change", args=[found.pk])))

"""Receivables, payments, duplicates, reversals: facts to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access
from bureau.clock import BUREAU_ZONE
from bureau.exportadmin import ExportableAdmin
from bureau.exports import streamed
from bureau.filters import RegionFilter, by_choices, by_day
from bureau.identity import mask_id, mask_name
from bureau.pages import NOTHING, RIGHT, Column, Detail, Fact, Table, badge, day, link, moment, money
from bureau.scoped import ScopedAdmin
from enrollment.models import Category
from payments.admin.common import (
    InsuredColumns,
    ReceivableYearFilter,
    YearFilter,
    line_link,
    line_name,
    person_link,
)
from payments.admin.vouchers import voucher_fact
from payments.models import Channel, DuplicatePayment, Payment, Receivable, Reversal
from payments.models.bankfiles import LINES_A_FILE
from payments.models.orders import FIRST_LINE
from payments.models.payments import FIRST_REFUND
from payments.models.swaps import FIRST_SWAP
from payments.words import RECEIVABLE_STATES, state_badge

NUMBERS_A_YEAR = 10**10


def receivable_link(receivable_id: int) -> Any:
    """A receivable by its number."""
    return link(receivable_id, reverse("admin:payments_receivable_change", args=[receivable_id]))


@admin.register(Receivable)
class ReceivableAdmin(InsuredColumns, ScopedAdmin):
    """What is due, newest year first; the state is read from the facts of the rows on the page."""

    view_action = "money.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("due",)
    list_display = (
        "number_shown",
        "insured",
        "region_name",
        "benefit_year",
        "state_shown",
        "aid_name",
        "due",
        "late",
    )
    list_select_related = ("person", "region")
    list_filter = (
        ReceivableYearFilter,
        by_choices("aid_category", gettext_lazy("aid category"), Category.choices),
        RegionFilter,
    )
    empty_text = gettext_lazy("Nothing was assessed yet.")

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Receivable]:
        """With state and amount due."""
        rows = access.for_user(Receivable.objects.with_state(), request.user)
        return rows.select_related("person", "region")

    @admin.display(description=gettext_lazy("number"))
    def number_shown(self, row: Receivable) -> str:
        """Region, year, due number."""
        return str(row)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: Any) -> Any:
        """A coloured label."""
        return state_badge(RECEIVABLE_STATES, row.state)

    @admin.display(description=gettext_lazy("aid category"))
    def aid_name(self, row: Receivable) -> str:
        """The category in words."""
        return row.get_aid_category_display() or NOTHING

    @admin.display(description=gettext_lazy("amount due"))
    def due(self, row: Any) -> str:
        """After later assessments."""
        return money(row.amount_due)

    @admin.display(description=gettext_lazy("late price"))
    def late(self, row: Receivable) -> Any:
        """Only late ones wear a label."""
        return badge(_("late price"), "warning") if row.is_late else ""

    def detail(self, request: HttpRequest, row: Receivable) -> Detail:
        """The receivable with its later amounts and its payments."""
        full: Any = self.row_queryset(request).select_related("policy").get(pk=row.pk)
        facts = [
            Fact(_("insured"), person_link(request.user, full.person)),
            Fact(_("region"), full.region.name),
            Fact(_("benefit year"), full.benefit_year),
            Fact(_("personal standard"), money(full.standard)),
            Fact(_("aid category"), full.get_aid_category_display() or NOTHING),
            Fact(_("aid"), money(full.aid)),
            Fact(_("amount due"), money(full.amount_due)),
            Fact(_("late price"), _("yes") if full.is_late else _("no")),
            Fact(_("assessed on"), day(full.assessed_on)),
            Fact(_("policy version"), str(full.policy)),
        ]
        later = [
            [
                one.pk % 100,
                day(one.assessed_on),
                one.reason,
                money(one.standard),
                money(one.aid),
                money(one.amount),
            ]
            for one in full.assessments.order_by("id")
        ]
        paid = Payment.objects.filter(pk__gte=row.pk * 100, pk__lt=row.pk * 100 + 100).order_by("pk")
        back = {
            one.payment_id: one
            for one in Reversal.objects.filter(receivable_id=row.pk, payment_id__isnull=False)
        }
        payments = [
            [
                link(one.pk, reverse("admin:payments_payment_change", args=[one.pk])),
                one.get_channel_display(),
                day(one.debited_on),
                _standing(back.get(one.pk)),
                money(one.amount),
            ]
            for one in paid
        ]
        columns = [
            _("number"),
            _("assessed on"),
            _("reason"),
            _("standard"),
            _("aid"),
            Column(_("amount"), RIGHT),
        ]
        tables = [Table(_("later amounts"), columns, later)] if later else []
        heads = [_("payment"), _("channel"), _("debit date"), _("state"), Column(_("amount"), RIGHT)]
        tables.append(Table(_("payments"), heads, payments, _("No payment is booked.")))
        return Detail(str(row), facts, tables, [self.state_shown(full)])


@admin.register(Payment)
class PaymentAdmin(InsuredColumns, ExportableAdmin):
    """Payments, newest year first."""

    export_what = "payments"
    export_label = gettext_lazy("payments")
    view_action = "money.view"
    keyset_descending = True
    split_by_region = True
    list_right = ("yuan",)
    list_display = ("number", "insured", "region_name", "channel_name", "debit_day", "yuan", "posted")
    list_select_related = ("person", "region")
    list_filter = (
        YearFilter,
        by_choices("channel", gettext_lazy("channel"), Channel.choices),
        RegionFilter,
    )
    empty_text = gettext_lazy("No payment is booked yet.")

    @admin.display(description=gettext_lazy("payment number"))
    def number(self, row: Payment) -> str:
        """The receivable's number and how often it was paid before."""
        return str(row.pk)

    @admin.display(description=gettext_lazy("channel"))
    def channel_name(self, row: Payment) -> str:
        """The channel in words."""
        return str(row.get_channel_display())

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        return (
            _("payment"), _("benefit year"), _("region code"), _("region"), _("insured"), _("ID number"), _("amount"),
            _("debit date"), _("channel"), _("channel serial"), _("file"), _("line"), _("posted at"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[Payment]) -> Any:
        """Payments with masked names and numbers."""
        channels = {code: str(name) for code, name in Channel.choices}

        def read() -> Iterator[Sequence[Any]]:
            for pk, code, region, name, number, amount, debited_on, channel, serial, line, posted_at in streamed(
                rows, "id", "region_id", "region__name", "person__name", "person__id_number", "amount", "debited_on",
                "channel", "channel_serial", "line_id", "posted_at",
            ):  # fmt: skip
                file_id, line_no = (
                    divmod(line, LINES_A_FILE) if line is not None and line < FIRST_LINE else ("", "")
                )
                yield (
                    pk, pk // 10**12, code, region, mask_name(name), mask_id(number), amount, debited_on,
                    channels.get(channel, channel), serial, file_id, line_no, posted_at.astimezone(BUREAU_ZONE),
                )  # fmt: skip

        return read

    def detail(self, request: HttpRequest, row: Payment) -> Detail:
        """The payment and where it came from."""
        back = Reversal.objects.filter(payment_id=row.pk).first()
        facts = [
            Fact(_("insured"), person_link(request.user, row.person)),
            Fact(_("region"), row.region.name),
            Fact(_("benefit year"), row.benefit_year),
            Fact(_("receivable"), receivable_link(row.receivable_id)),
            Fact(_("amount"), money(row.amount)),
            Fact(_("debit date"), day(row.debited_on)),
            Fact(_("channel"), row.get_channel_display()),
            Fact(_("channel serial"), row.channel_serial or NOTHING),
            Fact(_("bank line"), line_link(request.user, row.line_id)),
            Fact(_("posted at"), moment(row.posted_at)),
        ]
        if back is not None:
            facts.append(Fact(_("reversed on"), day(back.reversed_on)))
        facts.append(voucher_fact(row))
        state = _standing(back)
        return Detail(f"{_('payment')} {row.pk}", facts, badges=[state])


@admin.register(DuplicatePayment)
class DuplicatePaymentAdmin(InsuredColumns, ExportableAdmin):
    """Money that came twice, proposed for refund."""

    export_what = "duplicates"
    export_label = gettext_lazy("duplicate payments")
    view_action = "money.view"
    keyset = ("line_id",)
    keyset_descending = True
    split_by_region = True
    list_right = ("yuan",)
    list_display = ("line_shown", "insured", "region_name", "channel_name", "debit_day", "yuan", "posted")
    list_select_related = ("person", "region")
    list_filter = (
        by_day("from", gettext_lazy("debited from"), "debited_on__gte"),
        by_day("to", gettext_lazy("to"), "debited_on__lte"),
        RegionFilter,
    )
    list_note = gettext_lazy("Booked, carrying no cover, proposed for refund.")
    empty_text = gettext_lazy("Nobody paid twice.")

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        return (
            _("line it came with"), _("benefit year"), _("region code"), _("region"), _("insured"), _("ID number"),
            _("amount"), _("debit date"), _("channel"), _("payment that carries the year"), _("posted at"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[DuplicatePayment]) -> Any:
        """Duplicates with masked names and numbers."""
        channels = {code: str(name) for code, name in Channel.choices}

        def read() -> Iterator[Sequence[Any]]:
            for pk, receivable, code, region, name, number, amount, debited_on, channel, carried, posted_at in streamed(
                rows, "line_id", "receivable_id", "region_id", "region__name", "person__name", "person__id_number",
                "amount", "debited_on", "channel", "carried_by", "posted_at",
            ):  # fmt: skip
                yield (
                    str(pk), receivable // NUMBERS_A_YEAR, code, region, mask_name(name), mask_id(number), amount,
                    debited_on, channels.get(channel, channel), str(carried or ""), posted_at.astimezone(BUREAU_ZONE),
                )  # fmt: skip

        return read

    @admin.display(description=gettext_lazy("bank line"))
    def line_shown(self, row: DuplicatePayment) -> str:
        """File and line number."""
        return line_name(row.pk)

    @admin.display(description=gettext_lazy("channel"))
    def channel_name(self, row: DuplicatePayment) -> str:
        """The channel in words."""
        return str(row.get_channel_display())

    def detail(self, request: HttpRequest, row: DuplicatePayment) -> Detail:
        """The duplicate and the payment that carries the year."""
        carried = (
            link(row.carried_by, reverse("admin:payments_payment_change", args=[row.carried_by]))
            if row.carried_by
            else _("aid, in another region")
        )
        back = Reversal.objects.filter(duplicate_id=row.pk).first()
        facts = [
            Fact(_("insured"), person_link(request.user, row.person)),
            Fact(_("region"), row.region.name),
            Fact(_("benefit year"), row.receivable_id // NUMBERS_A_YEAR),
            Fact(_("receivable"), receivable_link(row.receivable_id)),
            Fact(_("payment that carries the year"), carried),
            Fact(_("amount"), money(row.amount)),
            Fact(_("debit date"), day(row.debited_on)),
            Fact(_("bank line"), line_link(request.user, row.pk)),
            Fact(_("posted at"), moment(row.posted_at)),
        ]
        compare = reverse("desk:duplicate", args=[row.pk])
        facts.append(Fact(_("comparison"), link(_("Compare the two"), compare)))
        if back is not None and FIRST_SWAP <= back.line_id < FIRST_REFUND:
            state = badge(_("carries the year by now"), "success")
        else:
            state = _standing(back) if back else badge(_("proposed for refund"), "warning")
        return Detail(f"{_('duplicate payment')} {self.line_shown(row)}", facts, badges=[state])


def _standing(back: Reversal | None) -> Any:
    """Whether a payment counts, and what became of one that does not."""
    if back is None:
        return badge(_("booked"), "success")
    if back.line_id >= FIRST_REFUND:
        return badge(_("given back by a refund"), "danger")
    if back.line_id >= FIRST_SWAP:
        return badge(_("another payment took its place"), "warning")
    return badge(_("taken back by the bank"), "danger")


@admin.register(Reversal)
class ReversalAdmin(InsuredColumns, ScopedAdmin):
    """What banks took back."""

    view_action = "money.view"
    keyset = ("line_id",)
    keyset_descending = True
    split_by_region = True
    list_right = ("yuan",)
    list_display = ("line_shown", "insured", "region_name", "day_shown", "yuan", "posted")
    list_select_related = ("person", "region")
    list_filter = (
        by_day("from", gettext_lazy("reversed from"), "reversed_on__gte"),
        by_day("to", gettext_lazy("to"), "reversed_on__lte"),
        RegionFilter,
    )
    empty_text = gettext_lazy("No bank took a payment back.")

    @admin.display(description=gettext_lazy("bank line"))
    def line_shown(self, row: Reversal) -> str:
        """File and line number."""
        return line_name(row.pk)

    @admin.display(description=gettext_lazy("reversed on"))
    def day_shown(self, row: Reversal) -> str:
        """When the bank took it back."""
        return day(row.reversed_on)

    def detail(self, request: HttpRequest, row: Reversal) -> Detail:
        """The reversing row and what it reverses."""
        if row.payment_id is not None:
            what = link(row.payment_id, reverse("admin:payments_payment_change", args=[row.payment_id]))
        else:
            what = link(
                row.duplicate_id, reverse("admin:payments_duplicatepayment_change", args=[row.duplicate_id])
            )
        facts = [
            Fact(_("insured"), person_link(request.user, row.person)),
            Fact(_("region"), row.region.name),
            Fact(_("receivable"), receivable_link(row.receivable_id)),
            Fact(_("takes back"), what),
            Fact(_("amount"), money(row.amount)),
            Fact(_("reversed on"), day(row.reversed_on)),
            Fact(_("bank line"), line_link(request.user, row.pk)),
            Fact(_("posted at"), moment(row.posted_at)),
        ]
        return Detail(f"{_('reversal')} {self.line_shown(row)}", facts)

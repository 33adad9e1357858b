"""Statements and settlements line by line, and debits that were not posted."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock
from bureau.exportadmin import ExportableAdmin
from bureau.exports import streamed
from bureau.filters import RegionFilter, by_choices, by_day
from bureau.pages import (
    NOTHING,
    Choice,
    Detail,
    Fact,
    Table,
    badge,
    day,
    link,
    moment,
    money,
)
from bureau.scoped import ScopedAdmin
from payments.admin.common import InsuredColumns, person_link
from payments.admin.lines import FileFilter
from payments.models import BankFile, Channel, DebitCase, Ours, SettlementLine, Side, Turn, WorkItem
from payments.models.settlement import LINES_A_FILE, OUTCOME_CHOICES
from payments.states import DebitCaseState, Outcome
from payments.words import DEBIT_CASE_STATES, line_reason, outcome_badge, state_badge

OURS_PAGES = {
    Ours.PAYMENT: "admin:payments_payment_change",
    Ours.DUPLICATE: "admin:payments_duplicatepayment_change",
    Ours.REVERSAL: "admin:payments_reversal_change",
    Ours.CASE: "admin:payments_debitcase_change",
}


@admin.register(SettlementLine)
class SettlementLineAdmin(ExportableAdmin):
    """Lines of statements and settlements with their outcome; differences first comes by the filter."""

    export_what = "differences"
    export_label = gettext_lazy("settlement lines")
    view_action = "settlement.view"
    keyset_descending = True
    list_right = ("theirs", "ours")
    list_display = (
        "line_shown",
        "outcome_shown",
        "channel_shown",
        "turn_shown",
        "serial",
        "ref",
        "their_day",
        "theirs",
        "our_day",
        "ours",
        "why",
    )
    list_filter = (
        FileFilter,
        by_choices("outcome", gettext_lazy("outcome"), OUTCOME_CHOICES),
        by_choices("side", gettext_lazy("side"), Side.choices),
        by_choices("channel", gettext_lazy("channel"), Channel.choices),
        by_day("from", gettext_lazy("settlement day from"), "day__gte"),
        by_day("to", gettext_lazy("to"), "day__lte"),
        RegionFilter,
    )
    empty_text = gettext_lazy("No line fits.")

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        return (
            _("file"), _("line"), _("region code"), _("side"), _("channel"), _("settlement day"), _("outcome"), _("direction"),
            _("serial"), _("their date"), _("their amount"), _("our date"), _("our amount"), _("reason"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[SettlementLine]) -> Any:
        """Lines with what they say and what our books say."""
        outcomes = {number: str(name) for number, name in OUTCOME_CHOICES}
        sides = {number: str(name) for number, name in Side.choices}
        turns = {number: str(name) for number, name in Turn.choices}
        channels = {code: str(name) for code, name in Channel.choices}

        def read() -> Iterator[Sequence[Any]]:
            for pk, region, side, channel, on, outcome, turn, serial, their_day, theirs, our_day, ours, why in streamed(
                rows, "id", "region_id", "side", "channel", "day", "outcome", "turn", "serial", "happened_on", "amount",
                "ours_on", "ours_amount", "reason",
            ):  # fmt: skip
                missing = outcome == Outcome.OURS_ONLY
                file_id, line_no = divmod(pk, LINES_A_FILE)
                yield (
                    file_id, "" if missing else line_no, region, sides[side], channels.get(channel, channel), on,
                    outcomes[outcome], turns[turn], serial, their_day, "" if missing else theirs, our_day, ours, why,
                )  # fmt: skip

        return read

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """The outcomes."""
        file = request.GET.get("file", "")
        kept = f"file={file}&" if file.isascii() and file.isdigit() else ""
        chosen = request.GET.get("outcome", "")
        choices = [Choice(_("All"), f"?{kept}", not chosen)]
        choices += [
            Choice(name, f"?{kept}outcome={number}", chosen == str(number))
            for number, name in OUTCOME_CHOICES
        ]
        return choices

    @admin.display(description=gettext_lazy("line"))
    def line_shown(self, row: SettlementLine) -> str:
        """File and number; a row of ours has no number in the file."""
        return f"{row.file_id}:{row.line_no}" if row.outcome != Outcome.OURS_ONLY else f"{row.file_id}:–"

    @admin.display(description=gettext_lazy("outcome"))
    def outcome_shown(self, row: SettlementLine) -> Any:
        """A coloured label."""
        return outcome_badge(row.outcome)

    @admin.display(description=gettext_lazy("channel"))
    def channel_shown(self, row: SettlementLine) -> str:
        """The channel, or the treasury."""
        return str(Side.TREASURY.label) if row.side == Side.TREASURY else row.get_channel_display()

    @admin.display(description=gettext_lazy("direction"))
    def turn_shown(self, row: SettlementLine) -> Any:
        """Only returns wear a label."""
        return badge(row.get_turn_display(), "warning") if row.turn == Turn.RETURN else row.get_turn_display()

    @admin.display(description=gettext_lazy("their date"))
    def their_day(self, row: SettlementLine) -> str:
        """When they say it happened."""
        return day(row.happened_on)

    @admin.display(description=gettext_lazy("our date"))
    def our_day(self, row: SettlementLine) -> str:
        """When our books say it happened."""
        return day(row.ours_on)

    @admin.display(description=gettext_lazy("their amount"))
    def theirs(self, row: SettlementLine) -> str:
        """What the file says."""
        return NOTHING if row.outcome == Outcome.OURS_ONLY else money(row.amount)

    @admin.display(description=gettext_lazy("our amount"))
    def ours(self, row: SettlementLine) -> str:
        """What our books say."""
        return money(row.ours_amount)

    @admin.display(description=gettext_lazy("reason"))
    def why(self, row: SettlementLine) -> str:
        """In words."""
        return line_reason(row.reason)

    def detail(self, request: HttpRequest, row: SettlementLine) -> Detail:
        """The line beside what we have, its file and its work."""
        file = BankFile.objects.get(pk=row.file_id)
        item = WorkItem.objects.filter(line_id=row.pk).order_by("pk").first()
        rows = [
            [_("amount"), self.theirs(row), self.ours(row)],
            [_("date"), self.their_day(row), self.our_day(row)],
            [_("serial"), row.serial or NOTHING, ""],
            [_("reference"), row.ref or NOTHING, ""],
        ]
        facts = [
            Fact(_("file"), link(file.name, reverse("admin:payments_bankfile_change", args=[file.pk]))
                 if access.may(request.user, "file.view") else file.name),
            Fact(_("channel"), self.channel_shown(row)),
            Fact(_("direction"), row.get_turn_display()),
            Fact(_("settlement day"), day(row.day)),
            Fact(_("of ours"), self._ours(row)),
            Fact(_("work item"), link(item, reverse("admin:payments_workitem_change", args=[item.pk]))
                 if item and access.may(request.user, "work.view") else item or NOTHING),
            Fact(_("reason"), line_reason(row.reason) or NOTHING, wide=True),
        ]  # fmt: skip
        if row.text:
            facts.append(Fact(_("text"), row.text, wide=True))
        table = Table(_("Their line beside our books"), ["", _("they say"), _("we have")], rows)
        return Detail(self.line_shown(row), facts, [table], [outcome_badge(row.outcome)])

    def _ours(self, row: SettlementLine) -> Any:
        if row.ours_kind is None:
            return NOTHING
        text = f"{row.get_ours_kind_display()} {row.ours_id}"
        page = OURS_PAGES.get(Ours(row.ours_kind))
        return link(text, reverse(page, args=[row.ours_id])) if page else text


@admin.register(DebitCase)
class DebitCaseAdmin(InsuredColumns, ScopedAdmin):
    """Debits that were not posted, by the day on which the bank must have returned them."""

    view_action = "settlement.view"
    keyset = ("due_on", "id")
    split_by_region = True
    list_right = ("yuan",)
    list_display = (
        "number",
        "due",
        "state_shown",
        "channel_name",
        "insured",
        "yuan",
        "debit_day",
        "ref",
        "region_name",
    )
    list_display_links = ("number",)
    list_select_related = ("person", "region")
    list_filter = (
        by_choices(
            "state", gettext_lazy("state"), [(s.value, DEBIT_CASE_STATES[s][0]) for s in DebitCaseState]
        ),
        by_choices("channel", gettext_lazy("channel"), Channel.choices),
        by_day("due_to", gettext_lazy("due until"), "due_on__lte"),
        RegionFilter,
    )
    list_note = gettext_lazy(
        "The bank returns them within three working days; a return in a statement closes the case by itself."
    )
    empty_text = gettext_lazy("No debit hangs between the bank and our books.")

    @admin.display(description=gettext_lazy("number"))
    def number(self, row: DebitCase) -> str:
        """The case's number."""
        return str(row)

    @admin.display(description=gettext_lazy("back by"))
    def due(self, row: DebitCase) -> Any:
        """Late ones are red."""
        live = row.state in (DebitCaseState.OPEN, DebitCaseState.ESCALATED)
        return badge(day(row.due_on), "danger") if live and row.due_on < clock.today() else day(row.due_on)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: DebitCase) -> Any:
        """A coloured label."""
        return state_badge(DEBIT_CASE_STATES, row.state)

    @admin.display(description=gettext_lazy("channel"))
    def channel_name(self, row: DebitCase) -> str:
        """The channel in words."""
        return str(row.get_channel_display())

    def detail(self, request: HttpRequest, row: DebitCase) -> Detail:
        """The money, its clock, its work, and the return that closed it."""
        case = DebitCase.objects.select_related("region", "person", "item").get(pk=row.pk)
        item: Any = str(case.item)
        if access.may(request.user, "work.view"):
            item = link(item, reverse("admin:payments_workitem_change", args=[case.item_id]))
        back: Any = NOTHING
        if case.return_line_id is not None:
            back = link(
                day(case.returned_on),
                reverse("admin:payments_settlementline_change", args=[case.return_line_id]),
            )
        facts = [
            Fact(_("insured"), person_link(request.user, case.person)),
            Fact(_("region"), case.region.name),
            Fact(_("channel"), case.get_channel_display()),
            Fact(_("amount"), money(case.amount)),
            Fact(_("debit date"), day(case.debited_on)),
            Fact(_("serial"), case.serial or NOTHING),
            Fact(_("reference"), case.ref or NOTHING),
            Fact(_("opened at"), moment(case.opened_at)),
            Fact(_("back by"), self.due(case)),
            Fact(_("escalated at"), moment(case.escalated_at)),
            Fact(_("returned on"), back),
            Fact(_("closed at"), moment(case.closed_at)),
            Fact(_("work item"), item),
            Fact(_("reason"), line_reason(case.item.reason) or NOTHING, wide=True),
        ]
        return Detail(f"{_('debit not posted')} {case}", facts, badges=[self.state_shown(case)])

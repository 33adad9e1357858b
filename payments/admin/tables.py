"""Mandates, banks, result codes, closed accounting days."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors
from bureau.filters import BoundedFilter, RegionFilter, by_choices
from bureau.forms import DayField, DeskForm, region_choices
from bureau.identity import mask_account
from bureau.models import StaffRegion
from bureau.pages import NOTHING, Detail, Fact, Table, count, day, moment
from bureau.scoped import ScopedAdmin
from enrollment.models import Policy
from payments.admin.common import person_link
from payments.models import BankProfile, ClosedDay, Mandate, ResultCode
from payments.services import closing
from payments.words import MANDATE_STATES, MEANINGS, advice, meaning, state_badge

CODE_SETS = ("AIPG", "POSTAL", "TIPS", "ISO20022")


class MandateRegionFilter(RegionFilter):
    """The region of the insured person."""

    column = "person__region_id"


@admin.register(Mandate)
class MandateAdmin(ScopedAdmin):
    """Direct-debit mandates of the people of one's regions; accounts masked."""

    view_action = "person.view"
    scope_field = "person__region_id"
    list_display = ("agreement_no", "insured", "bank", "account_shown", "holder", "state_shown", "signed")
    list_select_related = ("person", "bank")
    list_filter = (
        by_choices(
            "state", gettext_lazy("state"), [(key, words[0]) for key, words in MANDATE_STATES.items()]
        ),
        MandateRegionFilter,
    )
    empty_text = gettext_lazy("Nobody has signed a mandate yet.")

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: Any) -> Any:
        """Who it pays for."""
        return person_link(row.viewer, row.person)

    @admin.display(description=gettext_lazy("account"))
    def account_shown(self, row: Mandate) -> str:
        """Masked."""
        return mask_account(row.account)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: Mandate) -> Any:
        """A coloured label."""
        return state_badge(MANDATE_STATES, row.state)

    @admin.display(description=gettext_lazy("signed on"))
    def signed(self, row: Mandate) -> str:
        """When."""
        return day(row.signed_on)

    def detail(self, request: HttpRequest, row: Mandate) -> Detail:
        """One mandate."""
        facts = [
            Fact(_("agreement number"), row.agreement_no),
            Fact(_("insured"), person_link(request.user, row.person)),
            Fact(_("bank"), str(row.bank)),
            Fact(_("account"), mask_account(row.account)),
            Fact(_("account holder"), row.holder),
            Fact(_("card type"), row.get_card_type_display()),
            Fact(_("other bank's account"), _("yes") if row.cross_bank else _("no")),
            Fact(_("opening bank"), row.bank_name or NOTHING),
            Fact(_("signed on"), day(row.signed_on)),
        ]
        return Detail(row.agreement_no, facts, badges=[self.state_shown(row)])


@admin.register(BankProfile)
class BankProfileAdmin(ScopedAdmin):
    """How each bank exchanges files."""

    view_action = "reference.view"
    scope_field = None
    keyset = ("code",)
    list_right = ("debit_days", "largest")
    list_display = ("code", "name", "layout", "encoding", "code_set", "debit_days", "largest")
    empty_text = gettext_lazy("No bank is set up.")

    @admin.display(description=gettext_lazy("lines a file"))
    def largest(self, row: BankProfile) -> str:
        """The largest file."""
        return count(row.max_lines)

    def detail(self, request: HttpRequest, row: BankProfile) -> Detail:
        """The bank's profile and its result codes."""
        facts = [
            Fact(_("layout"), row.get_layout_display()),
            Fact(_("encoding"), row.encoding),
            Fact(_("result code set"), row.code_set),
            Fact(_("debit days"), row.debit_days),
            Fact(_("lines a file"), count(row.max_lines)),
            Fact(_("bytes a line"), count(row.max_line_bytes)),
            Fact(_("bytes a file"), count(row.max_file_bytes)),
            Fact(_("clearing code"), row.clearing_code or NOTHING),
        ]
        codes = ResultCode.objects.filter(code_set=row.code_set).order_by("code", "priority", "id")
        rows = [
            [one.code or _("(blank)"), one.pattern or NOTHING, meaning(one.internal), advice(one.internal)]
            for one in codes
        ]
        columns = [_("code"), _("text pattern"), _("meaning"), _("what to do")]
        return Detail(str(row), facts, [Table(_("result codes"), columns, rows)])


class CodeFilter(BoundedFilter):
    """A bank's code by its beginning."""

    title = gettext_lazy("code")
    parameter_name = "code"
    pattern = r"[0-9A-Za-z.]{1,10}"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By prefix."""
        return queryset.filter(code__startswith=chosen)


@admin.register(ResultCode)
class ResultCodeAdmin(ScopedAdmin):
    """What banks' codes mean here."""

    view_action = "reference.view"
    scope_field = None
    keyset = ("code_set", "code", "priority", "id")
    list_display = ("code_shown", "code_set", "pattern", "meaning_shown", "action_shown")
    list_filter = (
        CodeFilter,
        by_choices(
            "set", gettext_lazy("result code set"), [(one, one) for one in CODE_SETS], field="code_set"
        ),
        by_choices("internal", gettext_lazy("meaning"), list(MEANINGS.items())),
    )
    list_per_page = 100
    empty_text = gettext_lazy("No code looks like this.")

    @admin.display(description=gettext_lazy("code"))
    def code_shown(self, row: ResultCode) -> str:
        """The bank's code; a blank one says so."""
        return row.code or str(_("(blank)"))

    @admin.display(description=gettext_lazy("meaning"))
    def meaning_shown(self, row: ResultCode) -> str:
        """In words."""
        return meaning(row.internal)

    @admin.display(description=gettext_lazy("what to do"))
    def action_shown(self, row: ResultCode) -> str:
        """Advice."""
        return advice(row.internal)

    def detail(self, request: HttpRequest, row: ResultCode) -> Detail:
        """One code."""
        facts = [
            Fact(_("result code set"), row.code_set),
            Fact(_("code"), self.code_shown(row)),
            Fact(_("text pattern"), row.pattern or NOTHING),
            Fact(_("priority"), row.priority),
            Fact(_("meaning"), f"{meaning(row.internal)} ({row.internal})"),
            Fact(_("what to do"), advice(row.internal), wide=True),
        ]
        return Detail(f"{row.code_set} {self.code_shown(row)}", facts)


class CloseForm(DeskForm):
    """Which day of which region."""

    region = forms.ChoiceField(label=gettext_lazy("region"))
    day = DayField(label=gettext_lazy("day"))

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = StaffRegion.objects.filter(user_id=user.pk).values_list("region_id", flat=True)
        with_policy = Policy.objects.values_list("region_id", flat=True).distinct().order_by()
        self.fields["region"].choices = region_choices(user, {*own, *with_policy})  # type: ignore[attr-defined]


@admin.register(ClosedDay)
class ClosedDayAdmin(ScopedAdmin):
    """Accounting days that are closed; there is no way back."""

    view_action = "money.view"
    keyset = ("day", "id")
    keyset_descending = True
    list_display = ("day_shown", "region_name", "who", "when")
    list_select_related = ("region", "closed_by")
    list_filter = (RegionFilter,)
    routes = (("close/", "close", "close"),)
    list_note = gettext_lazy("A bank file that is processed for a closed day waits for a supervisor.")
    empty_text = gettext_lazy("No accounting day is closed yet.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """Close a day, for those who may."""
        return (
            [(_("Close a day"), self.url("close"), "event_busy")]
            if access.may(request.user, "day.close")
            else []
        )

    @admin.display(description=gettext_lazy("day"))
    def day_shown(self, row: ClosedDay) -> str:
        """The day."""
        return day(row.day)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: ClosedDay) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("closed by"))
    def who(self, row: ClosedDay) -> str:
        """Who closed it."""
        return row.closed_by.get_full_name() or row.closed_by.username

    @admin.display(description=gettext_lazy("closed at"))
    def when(self, row: ClosedDay) -> str:
        """When."""
        return moment(row.closed_at)

    def detail(self, request: HttpRequest, row: ClosedDay) -> Detail:
        """One closed day."""
        facts = [
            Fact(_("region"), row.region.name),
            Fact(_("day"), day(row.day)),
            Fact(_("closed by"), self.who(row)),
            Fact(_("closed at"), moment(row.closed_at)),
        ]
        return Detail(f"{row.region.name} {day(row.day)}", facts)

    def close(self, request: HttpRequest) -> HttpResponse:
        """Close a day of a region."""
        if not access.may(request.user, "day.close"):
            raise PermissionDenied
        form = CloseForm(request.user, doors.sent(request), initial={"day": clock.today()})
        if form.is_valid():
            given = form.cleaned_data
            closed = doors.attempt(
                request,
                lambda: closing.close_day(
                    region_id=given["region"],
                    day=given["day"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
                _("The day is closed."),
            )
            if closed is not None:
                return HttpResponseRedirect(self.url("changelist"))
        return self.draw(
            request,
            "desk/form.html",
            _("Close an accounting day"),
            form=form,
            help_text=_("A closed day stays closed."),
            submit_text=_("Close the day"),
            back_url=self.url("changelist"),
        )

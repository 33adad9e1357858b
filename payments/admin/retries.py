"""What follows a failed debit: the rules for all banks, and those of one bank."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors
from bureau.filters import by_choices
from bureau.forms import DeskForm
from bureau.pages import NOTHING, Detail, Fact, badge
from bureau.scoped import ScopedAdmin
from payments.models import BankProfile, RetryAction, RetryRule
from payments.models.retries import LONGEST
from payments.services import retries
from payments.words import MEANINGS, advice, meaning

TONES = {
    RetryAction.TRY_AGAIN: "success",
    RetryAction.NEW_ACCOUNT: "warning",
    RetryAction.ASK_BANK: "warning",
    RetryAction.LOOK: "info",
    RetryAction.STOP: "danger",
}
_FAILURES = [(code, text) for code, text in MEANINGS.items() if code not in ("OK", "PENDING")]


class RuleForm(DeskForm):
    """What follows, and after how many failures it ends."""

    action = forms.ChoiceField(label=gettext_lazy("what follows"), choices=RetryAction.choices)
    stop_after = forms.IntegerField(
        label=gettext_lazy("stop after failures"),
        required=False,
        min_value=1,
        max_value=LONGEST,
        help_text=gettext_lazy("Only where it is tried again; empty: never."),
    )


class NewRuleForm(RuleForm):
    """A rule of one bank beside that for all."""

    bank = forms.ModelChoiceField(label=gettext_lazy("bank"), queryset=BankProfile.objects.order_by("code"))
    internal = forms.ChoiceField(label=gettext_lazy("bank's reason"), choices=_FAILURES)
    field_order = ("bank", "internal", "action", "stop_after")


@admin.register(RetryRule)
class RetryRuleAdmin(ScopedAdmin):
    """The retry policy as data."""

    view_action = "reference.view"
    scope_field = None
    keyset = ("internal", "id")
    list_display = ("reason_shown", "bank_shown", "action_shown", "stop_shown", "advice_shown")
    list_select_related = ("bank",)
    list_filter = (
        by_choices("internal", gettext_lazy("meaning"), _FAILURES),
        by_choices("action", gettext_lazy("what follows"), RetryAction.choices),
    )
    list_per_page = 100
    list_note = gettext_lazy(
        "A bank's own rule goes before that for all banks; a debit without a final answer is never repeated."
    )
    detail_template = "desk/retryrule.html"
    routes = (
        ("new/", "new", "new"),
        ("<int:pk>/edit/", "edit", "edit"),
        ("<int:pk>/drop/", "drop", "drop"),
    )
    empty_text = gettext_lazy("No rule looks like this.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """A bank's own rule, for those who may."""
        return (
            [(_("A bank's own rule"), self.url("new"), "add")]
            if access.may(request.user, retries.EDIT)
            else []
        )

    @admin.display(description=gettext_lazy("bank's reason"))
    def reason_shown(self, row: RetryRule) -> str:
        """In words."""
        return meaning(row.internal)

    @admin.display(description=gettext_lazy("bank"))
    def bank_shown(self, row: RetryRule) -> str:
        """The bank, or all."""
        return str(row.bank) if row.bank else str(_("all banks"))

    @admin.display(description=gettext_lazy("what follows"))
    def action_shown(self, row: RetryRule) -> Any:
        """A coloured label."""
        return badge(row.get_action_display(), TONES[RetryAction(row.action)])

    @admin.display(description=gettext_lazy("stop after failures"))
    def stop_shown(self, row: RetryRule) -> Any:
        """How many."""
        return row.stop_after or NOTHING

    @admin.display(description=gettext_lazy("what to do"))
    def advice_shown(self, row: RetryRule) -> str:
        """What the desk tells the payer."""
        return advice(row.internal)

    def detail(self, request: HttpRequest, row: RetryRule) -> Detail:
        """One rule, and the ways to change it."""
        facts = [
            Fact(_("bank's reason"), meaning(row.internal)),
            Fact(_("bank"), self.bank_shown(row)),
            Fact(_("stop after failures"), self.stop_shown(row)),
            Fact(_("what to do"), advice(row.internal), wide=True),
        ]
        edits = access.may(request.user, retries.EDIT)
        extra = {
            "edit_url": self.url("edit", row.pk) if edits else "",
            "drop_url": self.url("drop", row.pk) if edits and row.bank_id else "",
        }
        return Detail(meaning(row.internal), facts, badges=[self.action_shown(row)], extra=extra)

    def new(self, request: HttpRequest) -> HttpResponse:
        """A rule of one bank."""
        self._require(request)
        form = NewRuleForm(doors.sent(request))
        if form.is_valid():
            given = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: retries.set_rule(
                    bank=given["bank"].pk,
                    internal=given["internal"],
                    action=given["action"],
                    stop_after=given["stop_after"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
                _("Saved."),
            )
            if made is not None:
                return HttpResponseRedirect(self.url("changelist"))
        return self._form(request, form, _("A bank's own rule"), self.url("changelist"))

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change what follows."""
        self._require(request)
        row = self.found(request, str(pk))
        form = RuleForm(doors.sent(request), initial={"action": row.action, "stop_after": row.stop_after})
        if form.is_valid():
            given = form.cleaned_data
            saved = doors.attempt(
                request,
                lambda: retries.set_rule(
                    rule_id=row.pk,
                    action=given["action"],
                    stop_after=given["stop_after"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
                _("Saved."),
            )
            if saved is not None:
                return HttpResponseRedirect(self.url("changelist"))
        return self._form(request, form, meaning(row.internal), self.url("change", row.pk))

    def drop(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a bank's own rule back."""
        self._require(request)
        row = self.found(request, str(pk))
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        doors.attempt(
            request,
            lambda: retries.drop_rule(rule_id=row.pk, by=doors.me(request), at=clock.now()),
            _("The rule for all banks holds again."),
        )
        return HttpResponseRedirect(self.url("changelist"))

    def _require(self, request: HttpRequest) -> None:
        if not access.may(request.user, retries.EDIT):
            raise PermissionDenied

    def _form(self, request: HttpRequest, form: DeskForm, title: Any, back: str) -> HttpResponse:
        return self.draw(request, "desk/form.html", title, form=form, submit_text=_("Save"), back_url=back)

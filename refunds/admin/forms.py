"""The forms of a refund: who asks for what, and where the money goes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bureau.forms import DayField, DeskForm
from enrollment.choices import RefundReason
from refunds.models.choices import APPLICANTS, PAPERS, REASONS
from refunds.papers import Applicant
from refunds.services.facts import Account, Source
from refunds.services.wishes import Form


class AccountForm(DeskForm):
    """Where the money goes."""

    holder = forms.CharField(label=_("account holder"), max_length=120, required=False)
    account = forms.CharField(label=_("account"), max_length=40, required=False)
    bank_name = forms.CharField(label=_("opening bank"), max_length=80, required=False)
    cnaps = forms.RegexField(r"^[0-9]{12}$", label=_("opening bank code"), max_length=12, required=False)

    def to_account(self) -> Account | None:
        """The account, when one was given."""
        data = self.cleaned_data
        if not data["account"]:
            return None
        return Account(data["holder"], data["account"].replace(" ", ""), data["bank_name"], data["cnaps"])


class RefundForm(AccountForm):
    """What somebody asks for."""

    reason = forms.ChoiceField(label=_("reason"), choices=REASONS)
    applicant = forms.ChoiceField(label=_("applicant is"), choices=APPLICANTS[:-1])
    applicant_name = forms.CharField(label=_("applicant"), max_length=80, required=False)
    applicant_number = forms.CharField(label=_("applicant's ID number"), max_length=18, required=False)
    applicant_phone = forms.CharField(label=_("phone"), max_length=20, required=False)
    event_date = DayField(label=_("date of the event"), required=False)
    correct = forms.DecimalField(
        label=_("right amount"), min_value=0, max_value=9_999_999, decimal_places=2, required=False
    )
    claims_settled_on = DayField(label=_("claim settled on"), required=False)
    pay_again = forms.BooleanField(label=_("refund first, then pay again"), required=False)
    note = forms.CharField(label=_("note"), max_length=500, required=False)
    field_order = (
        "reason",
        "event_date",
        "applicant",
        "applicant_name",
        "applicant_number",
        "applicant_phone",
        "holder",
        "account",
        "bank_name",
        "cnaps",
        "correct",
        "claims_settled_on",
        "pay_again",
        "note",
    )

    def to_form(self, source: Source) -> Form:
        """As the services take it."""
        data: dict[str, Any] = self.cleaned_data
        return Form(
            reason=RefundReason(data["reason"]),
            sources=[source],
            applicant=Applicant(data["applicant"]),
            applicant_name=data["applicant_name"],
            applicant_number=data["applicant_number"],
            applicant_phone=data["applicant_phone"],
            event_date=data["event_date"],
            correct=data["correct"],
            claims_settled_on=data["claims_settled_on"],
            pay_again=data["pay_again"],
            account=self.to_account(),
            note=data["note"],
        )


class PaperForm(forms.Form):
    """A paper of the citizen's."""

    kind = forms.ChoiceField(choices=[(paper.value, words) for paper, words in PAPERS.items()])
    file = forms.FileField(max_length=300)


class AmountForm(forms.Form):
    """What a person decides by hand."""

    amount = forms.DecimalField(min_value=0, max_value=9_999_999, decimal_places=2, required=False)

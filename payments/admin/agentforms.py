"""What is typed at the desk about village agents: agents, books, receipts, lists, hand-overs, stubs."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import doors
from bureau.forms import DayField, DeskForm, YearField, region_choices
from enrollment.models import Policy
from payments.files import cashlist
from payments.services import agents

PERSONS = 6
LIST_BYTES = 1024 * 1024


class AgentForm(DeskForm):
    """Somebody who collects cash."""

    region = forms.ChoiceField(label=gettext_lazy("pooling region"))
    code = forms.RegexField(
        r"^[A-Z0-9-]{2,20}$",
        label=gettext_lazy("code"),
        max_length=20,
        help_text=gettext_lazy("Capital letters, digits and hyphens."),
    )
    name = forms.CharField(label=gettext_lazy("name"), max_length=80)
    phone = forms.CharField(label=gettext_lazy("phone"), max_length=20, required=False)
    village = forms.CharField(label=gettext_lazy("village"), max_length=80)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = set(Policy.objects.values_list("region_id", flat=True).distinct())
        known |= set(user.staff_regions.values_list("region_id", flat=True))
        self.fields["region"].choices = region_choices(user, known)  # type: ignore[attr-defined]


class BookForm(DeskForm):
    """A book of receipts."""

    series = forms.RegexField(r"^[A-Z0-9]{1,8}$", label=gettext_lazy("receipt series"), max_length=8)
    first = forms.IntegerField(label=gettext_lazy("first receipt"), min_value=1, max_value=99_999_999)
    last = forms.IntegerField(label=gettext_lazy("last receipt"), min_value=1, max_value=99_999_999)

    def clean(self) -> Any:
        """At most a thousand receipts, in order."""
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and not first <= last < first + 1000:
            self.add_error("last", _("A book has 1 to 1,000 receipts with numbers of at most eight digits."))
        return found


class ReceiptField(forms.CharField):
    """A receipt number as printed; cleaned to series and number."""

    def clean(self, value: Any) -> Any:
        """Series and number."""
        text = super().clean(value)
        try:
            return cashlist.receipt(text) if text else None
        except cashlist.CellFault as error:
            raise forms.ValidationError(doors.words(error)) from error


class ReceiptForm(DeskForm):
    """A receipt with the persons it is for."""

    receipt = ReceiptField(
        label=gettext_lazy("receipt number"), max_length=20, widget=forms.TextInput(attrs={"autofocus": True})
    )
    paid_on = DayField(label=gettext_lazy("cash paid on"))
    year = YearField(label=gettext_lazy("benefit year"))
    amount = forms.DecimalField(
        label=gettext_lazy("amount on the receipt"), max_digits=12, decimal_places=2, min_value=0
    )
    consent = forms.BooleanField(label=gettext_lazy("the payer agreed to wait"), required=False)
    stub = forms.FileField(label=gettext_lazy("photograph of the stub"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for nth in range(1, PERSONS + 1):
            self.base_fields[f"id_{nth}"] = forms.CharField(
                label=gettext_lazy("ID number"), max_length=40, required=nth == 1
            )
            self.base_fields[f"name_{nth}"] = forms.CharField(
                label=gettext_lazy("name of the insured"), max_length=80, required=nth == 1
            )
        super().__init__(*args, **kwargs)
        pairs = [f"{part}_{nth}" for nth in range(1, PERSONS + 1) for part in ("id", "name")]
        self.order_fields(["receipt", "paid_on", "amount", "year", *pairs, "consent", "stub"])

    @property
    def insured(self) -> list[agents.Insured]:
        """Whom it is for."""
        found = self.cleaned_data
        return [
            agents.Insured(found[f"id_{nth}"], found.get(f"name_{nth}", ""))
            for nth in range(1, PERSONS + 1)
            if found.get(f"id_{nth}")
        ]


class SpoilForm(DeskForm):
    """A receipt that cannot be used."""

    receipt = ReceiptField(label=gettext_lazy("receipt number"), max_length=20)
    reason = forms.CharField(label=gettext_lazy("why it was spoilt"), max_length=200)


class ListForm(DeskForm):
    """The daily list."""

    year = YearField(label=gettext_lazy("benefit year"))
    file = forms.FileField(
        label=gettext_lazy("file"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy(
            "XLSX or CSV with the columns: 票据号, 证件号码, 姓名, 金额, 缴费日期 (may be left out)."
        ),
    )

    def clean_file(self) -> Any:
        """A day of a village is small; the page carries the list between the look and the posting."""
        sent = self.cleaned_data["file"]
        if sent.size > LIST_BYTES:
            raise forms.ValidationError(_("A daily list has at most 1 MB."))
        return sent


class HandoverForm(DeskForm):
    """Counted cash."""

    counted = forms.DecimalField(
        label=gettext_lazy("counted cash in yuan"), max_digits=12, decimal_places=2, min_value=0,
        widget=forms.NumberInput(attrs={"autofocus": True}),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("why it is short or over"), max_length=300, required=False)
    expected = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput)


class StubForm(DeskForm):
    """A photograph."""

    stub = forms.FileField(label=gettext_lazy("photograph of the stub"), max_length=200)

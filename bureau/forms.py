"""Forms of the desk: plain fields in the desk's dress, every number and text bounded."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bureau import access
from bureau.models import Region

_BLANKS = re.compile(r"[\s,，、;；]+")


class DeskForm(forms.Form):
    """A form whose widgets wear the desk's classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(
                field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect
            ):
                field.widget.attrs.setdefault("class", "desk-input desk-wide")


class DayField(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(
            attrs={"type": "date", "min": "1990-01-01", "max": "2199-12-31"}, format="%Y-%m-%d"
        )
        super().__init__(**{"widget": widget, "input_formats": ["%Y-%m-%d"], **kwargs})

    def clean(self, value: Any) -> Any:
        """A day within reason."""
        found = super().clean(value)
        if found is not None and not date(1990, 1, 1) <= found <= date(2199, 12, 31):
            raise ValidationError(gettext("Please give a day between 1990 and 2199."))
        return found


class YearField(forms.IntegerField):
    """A benefit year."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 2000, "max_value": 2199, **kwargs})


class RegionCodesField(forms.CharField):
    """Region codes separated by blanks or commas; cleaned to a list of codes that exist."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 2000, **kwargs})

    def clean(self, value: Any) -> Any:
        """The codes, in order, each once."""
        text = super().clean(value)
        codes = list(dict.fromkeys(part for part in _BLANKS.split(text) if part))
        known = set(Region.objects.filter(pk__in=codes).values_list("pk", flat=True))
        wrong = [code for code in codes if code not in known]
        if wrong:
            raise ValidationError(gettext("No such region: %(codes)s") % {"codes": ", ".join(wrong[:5])})
        return codes


class DaysField(forms.CharField):
    """Days separated by blanks or commas; cleaned to a set of dates."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "placeholder": "2027-01-01 2027-02-05"})
        super().__init__(**{"max_length": 5000, "required": False, "widget": widget, **kwargs})

    def clean(self, value: Any) -> Any:
        """The days."""
        days: set[date] = set()
        for part in _BLANKS.split(super().clean(value)):
            if part:
                try:
                    days.add(date.fromisoformat(part))
                except ValueError:
                    raise ValidationError(gettext("%(text)s is not a day.") % {"text": part[:20]}) from None
        return days


def region_choices(user: Any, within: Collection[str]) -> list[tuple[str, str]]:
    """The regions among ``within`` that are the person's own, for a select."""
    rows = access.for_user(Region.objects.filter(pk__in=within), user, "code").order_by("code")
    return [(code, f"{name} {code}") for code, name in rows.values_list("code", "name")]


class ReasonForm(DeskForm):
    """A reason in words."""

    reason = forms.CharField(
        label=_("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

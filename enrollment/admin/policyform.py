"""The form in which a supervisor drafts a region's terms: all parameters in groups, with what is inherited beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau.forms import DeskForm, YearField, region_choices
from bureau.models import Region
from enrollment.admin.policytexts import stored_term, term_error
from enrollment.admin.terminputs import Input, input_of
from enrollment.inheritance import read_each
from enrollment.models import Policy
from enrollment.policy import REQUIRED, PolicyError, Terms
from enrollment.services import policydrafts
from enrollment.services.policies import current
from enrollment.words import GROUPS, TERMS

OWN = "own"
MOST_REGIONS = 400


class WhereForm(DeskForm):
    """For which region and year."""

    region = forms.ChoiceField(label=gettext_lazy("region"))
    year = YearField(label=gettext_lazy("benefit year"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = Region.objects.order_by("code").values_list("code", flat=True)
        self.fields["region"].choices = region_choices(user, codes)[:MOST_REGIONS]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Start:
    """What a draft starts from: its terms as JSON, what is the region's own of them, the version above, and the version
    in force that the writer sees (0: none).
    """

    region: Region
    year: int
    terms: Mapping[str, Any]
    own: frozenset[str]
    base: Policy | None
    seen: int
    note: str = ""

    @classmethod
    def of(cls, region: Region, year: int, copied: Policy | None = None) -> Start:
        """From a version to be written again, the one in force, what holds above, or the latest year's carried forward."""
        now, base = current(region.pk, year), policydrafts.base_of(region.pk, year)
        source = copied or now
        above: Mapping[str, Any] = base.terms if base else {}
        if source is not None:
            terms = source.terms
            differs = {key for key in terms if base and terms[key] != above.get(key)}
            own = frozenset((set(source.overrides or ()) | differs) - {"benefit_year"})
        elif base is not None:
            terms, own = above, frozenset()
        else:
            former = policydrafts.compared_with(region.pk, year)
            terms, own = (former.terms.to_dict() if former else {}), frozenset()
        note = copied.note if copied else ""
        return cls(region, year, terms, own, base, now.version if now else 0, note)


@dataclass(frozen=True)
class Line:
    """A term on the page: its name, its inputs, whether it is the region's own, what holds above, what is wrong."""

    key: str
    label: Any
    parts: list[BoundField]
    own: BoundField | None
    inherited: str
    errors: list[str]

    @property
    def several(self) -> bool:
        """Whether each input needs its own name."""
        return len(self.parts) > 1

    @property
    def needed(self) -> bool:
        """Whether it cannot be empty."""
        return self.key in REQUIRED


class DraftForm(DeskForm):
    """Every term of a region and year; `values` is the JSON read from it, `overrides` what is the region's own."""

    note = forms.CharField(label=gettext_lazy("note"), max_length=500, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=99999)
    base = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, data: Any, *, start: Start) -> None:
        above = start.base.terms if start.base else {}
        initial: dict[str, Any] = {
            "seen": start.seen,
            "base": start.base.pk if start.base else None,
            "note": start.note,
        }
        super().__init__(data, initial=initial)
        self.start = start
        self.inputs: dict[str, Input] = {}
        defaults = Terms.__dataclass_fields__
        for _title, keys in GROUPS:
            for key in keys:
                made = input_of(key, [start.terms, above])
                self.inputs[key] = made
                self.fields.update(made.fields)
                value = start.terms.get(key)
                if key not in start.terms and key not in REQUIRED:
                    value = defaults[key].metadata["kind"].write(defaults[key].default)
                self.initial.update(made.initial(value))
                if start.base is not None:
                    self.fields[f"{OWN}-{key}"] = forms.BooleanField(required=False, label=_("own"))
                    self.initial[f"{OWN}-{key}"] = key in start.own
        for name, one in self.fields.items():
            if isinstance(one.widget, forms.TextInput | forms.NumberInput | forms.Select | forms.DateInput):
                one.widget.attrs.setdefault("class", "desk-input")
            if name.startswith("t-") and one.label:
                one.widget.attrs.setdefault("aria-label", str(one.label))
        self.values: dict[str, Any] = {}
        self.overrides: dict[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        """Read the terms; what is wrong stands at the term."""
        cleaned: dict[str, Any] = super().clean() or {}
        broken = {name for name in self.errors if name.startswith("t-")}
        above = self.start.base.terms if self.start.base else {}
        values: dict[str, Any] = {}
        for key, made in self.inputs.items():
            if broken & set(made.fields):
                continue
            value = made.read(cleaned)
            values[key] = above[key] if value is None and key in REQUIRED and key in above else value
        for key in REQUIRED:
            if key in self.inputs and values.get(key) is None and not broken & set(self.inputs[key].fields):
                self._refuse(key, _("This is needed."))
        for key, error in read_each(values).items():
            self._refuse(key, term_error(error))
        if not self.errors:
            self._together(values)
        return cleaned

    def _together(self, values: dict[str, Any]) -> None:
        """The terms as a whole, and which of them are the region's own."""
        try:
            self.values = Terms.from_dict(values, benefit_year=self.start.year).to_dict()
        except PolicyError as error:
            self._refuse(str(error.params.get("key", "")).partition(".")[0], term_error(error))
            return
        if self.start.base is not None:
            above = self.start.base.terms
            self.overrides = {
                key: value
                for key, value in self.values.items()
                if key in self.inputs and (self.cleaned_data.get(f"{OWN}-{key}") or value != above.get(key))
            }

    def _refuse(self, key: str, words: str) -> None:
        names = list(self.inputs[key].fields) if key in self.inputs else [None]
        self.add_error(names[0], words)

    def groups(self) -> Iterator[tuple[Any, list[Line]]]:
        """The terms by group, for the page."""
        for title, keys in GROUPS:
            yield title, [self._line(key) for key in keys]

    def _line(self, key: str) -> Line:
        parts = [self[name] for name in self.inputs[key].fields]
        base = self.start.base
        return Line(
            key=key,
            label=TERMS[key],
            parts=parts,
            own=self[f"{OWN}-{key}"] if base is not None else None,
            inherited=stored_term(key, base.terms.get(key)) if base is not None else "",
            errors=[str(error) for part in parts for error in part.errors],
        )

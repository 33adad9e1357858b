"""Inputs for the terms of a policy: for each term the fields of a form, filled from its JSON and read back into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bureau.forms import DayField, RegionCodesField
from enrollment import choices
from enrollment.policy import Terms
from enrollment.words import PRICE_CLASSES, SPECIAL_GROUPS, choice_words, group_name

PREFIX = "t"
_TEXT = 300
Fields = dict[str, forms.Field]
AIDS = (
    ("", _("no aid")),
    ("FULL", _("aid pays all")),
    ("VALUE", _("aid of so many yuan")),
    ("PAYS", _("the person pays so many yuan")),
    ("PERCENT", _("aid in percent")),
)
GROUP_KINDS = (
    ("", _("waits like everybody else")),
    ("ANY", _("without an event always, with one for some days")),
    ("STANDING", _("always")),
    ("EVENT", _("for some days after the event")),
)
RATIOS = (
    ("LEVEL_1", _("level 1")),
    ("LEVEL_2", _("level 2")),
    ("LEVEL_3", _("level 3")),
    ("OUTPATIENT", _("outpatient")),
)
CATEGORY_CODES = ("TEKUN", "ORPHAN", "DIBAO", "ZHONGCAN", "MONITORED")
GROUP_CODES = (
    "MEDICAL_AID",
    "CLERGY",
    "RELEASED",
    "MOVED_IN",
    "BACK_FROM_ABROAD",
    "GRADUATE",
    "EX_SOLDIER",
    "EMPLOYEE_BREAK",
)


@dataclass(frozen=True)
class Input:
    """The fields of one term, by name; `label` of a part stands before its field where a term has several."""

    key: str
    fields: Fields = field(default_factory=dict)

    def initial(self, value: Any) -> dict[str, Any]:
        """The fields' values for a term's JSON."""
        return {self.name(): value}

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        """The term's JSON from cleaned fields."""
        return cleaned.get(self.name())

    def name(self, part: str = "") -> str:
        """The name of a field."""
        return f"{PREFIX}-{self.key}-{part}" if part else f"{PREFIX}-{self.key}"


class _Day(Input):
    def read(self, cleaned: Mapping[str, Any]) -> Any:
        day = cleaned.get(self.name())
        return day.isoformat() if day else None


class _Text(Input):
    def read(self, cleaned: Mapping[str, Any]) -> Any:
        return cleaned.get(self.name()) or None


class _Flag(Input):
    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name(): "1" if value else "0"}

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        return cleaned.get(self.name()) == "1"


class _List(Input):
    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name(): " ".join(value or [])}

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        given = cleaned.get(self.name()) or []
        return given.replace("、", " ").replace(",", " ").split() if isinstance(given, str) else list(given)


class _Choices(Input):
    def read(self, cleaned: Mapping[str, Any]) -> Any:
        return list(cleaned.get(self.name()) or [])


class _Amounts(Input):
    """Named amounts: a standard by price class, ratios by level."""

    def initial(self, value: Any) -> dict[str, Any]:
        return {self.name(part): amount for part, amount in (value or {}).items()}

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        parts = [name.rpartition("-")[2] for name in self.fields]
        return {part: cleaned[self.name(part)] for part in parts if cleaned.get(self.name(part))} or None


class _Ratios(_Amounts):
    def read(self, cleaned: Mapping[str, Any]) -> Any:
        return super().read(cleaned) or {}


class _Subsidies(Input):
    def initial(self, value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for rule in value or []:
            kind, amount = rule["kind"], rule.get("value")
            if kind == "FIXED":
                kind, amount = ("PAYS", rule["pays"]) if rule.get("pays") else ("VALUE", amount)
            found[self.name(rule["category"])] = kind
            found[self.name(f"{rule['category']}.amount")] = amount
        return found

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        rules = []
        for name in self.fields:
            code = name.rpartition("-")[2]
            kind, amount = cleaned.get(name), cleaned.get(f"{name}.amount") or None
            if code.endswith(".amount") or not kind:
                continue
            rule: dict[str, Any] = {"category": code, "kind": "FIXED" if kind in ("VALUE", "PAYS") else kind}
            if kind != "FULL":
                rule["pays" if kind == "PAYS" else "value"] = amount
            rules.append(rule)
        return rules


class _Groups(Input):
    def initial(self, value: Any) -> dict[str, Any]:
        rows = [row if isinstance(row, dict) else {"group": row, "kind": "ANY"} for row in value or []]
        return {self.name(row["group"]): row.get("kind", "ANY") for row in rows}

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        return [
            {"group": name.rpartition("-")[2], "kind": cleaned[name]}
            for name in self.fields
            if cleaned.get(name)
        ]


def _amount(label: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 8, "class": "desk-input"})
    return forms.CharField(label=label, required=False, max_length=12, widget=widget)


def _select(label: Any, options: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=list(options), widget=forms.Select(attrs={"class": "desk-input"})
    )


def _text(**kwargs: Any) -> forms.CharField:
    return forms.CharField(required=False, max_length=_TEXT, **kwargs)


def _subsidies(key: str, codes: Iterable[str]) -> Input:
    made = _Subsidies(key)
    for code in codes:
        made.fields[made.name(code)] = _select(group_name(code), AIDS)
        made.fields[made.name(f"{code}.amount")] = _amount()
    return made


def _simple(key: str, kind: type[Input], one: forms.Field) -> Input:
    made = kind(key)
    made.fields[made.name()] = one
    return made


def _parts(key: str, kind: type[Input], parts: Iterable[tuple[str, forms.Field]]) -> Input:
    made = kind(key)
    made.fields.update({made.name(part): one for part, one in parts})
    return made


def _of_enum(key: str, options: type[StrEnum], *, several: bool) -> Input:
    words = choice_words(key)
    pairs = [(one.value, words.get(one.value, one.value)) for one in options]
    if not several:
        return _simple(key, Input, _select("", pairs))
    return _simple(
        key,
        _Choices,
        forms.MultipleChoiceField(required=False, choices=pairs, widget=forms.CheckboxSelectMultiple),
    )


def input_of(key: str, terms: Iterable[Mapping[str, Any]]) -> Input:
    """The inputs of a term; codes that ``terms`` (JSON) use are offered although nobody knows them here."""
    kind = str(Terms.__dataclass_fields__[key].type).removesuffix(" | None")
    several = kind.startswith("tuple[")
    inner = kind.removeprefix("tuple[").partition(",")[0]
    if key == "online_disabled":
        return _simple(key, _List, RegionCodesField(required=False, widget=forms.TextInput()))
    if key == "subsidy_rules":
        used = {rule["category"] for one in terms for rule in one.get(key) or []}
        return _subsidies(key, [*CATEGORY_CODES, *sorted(used - set(CATEGORY_CODES))])
    if key == "special_groups":
        rows = [row for one in terms for row in one.get(key) or []]
        used = {row["group"] if isinstance(row, dict) else row for row in rows}
        codes = [*GROUP_CODES, *sorted(used - set(GROUP_CODES))]
        names = [(code, _select(SPECIAL_GROUPS.get(code, code), GROUP_KINDS)) for code in codes]
        return _parts(key, _Groups, names)
    match inner:
        case "date":
            return _simple(key, _Day, DayField(required=False))
        case "int":
            return _simple(key, Input, forms.IntegerField(required=False, min_value=0, max_value=9999))
        case "bool":
            return _simple(key, _Flag, _select("", [("1", _("yes")), ("0", _("no"))]))
        case "Decimal":
            return _simple(key, _Text, _amount())
        case "Standard":
            return _parts(key, _Amounts, [(code, _amount(name)) for code, name in PRICE_CLASSES.items()])
        case "BenefitRatios":
            return _parts(key, _Ratios, [(code, _amount(name)) for code, name in RATIOS])
        case "str" if several:
            return _simple(key, _List, _text())
        case "str":
            return _simple(key, _Text, _text(widget=forms.TextInput(attrs={"placeholder": "09-01"})))
    return _of_enum(key, getattr(choices, inner), several=several)

"""Strict reading and canonical writing of the single terms of a policy.

A `Kind` pairs the reader of one JSON value with its writer. A reader takes the key (for the error) and the
value as `json.loads` gives it; it never converts silently: a float is not an amount, "3" is not a number,
true is not 1. The writer gives the one canonical JSON form: equal terms have equal JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bureau.errors import BureauError, gettext_noop
from bureau.money import AmountError, parse_yuan, yuan
from enrollment.choices import PriceClass, SpecialKind, SubsidyKind

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
REGION_CODE = re.compile(r"[1-9][0-9]{5}")
_HOTLINE = re.compile(r"[0-9][0-9-]{2,19}")
HUNDRED = Decimal("100.00")


class PolicyError(BureauError):
    """Base of everything that is wrong with the terms of a policy; `params["key"]` names the term."""

    code = "policy_invalid"
    message = gettext_noop("The terms of the policy are not valid: %(key)s.")


class PolicyNotAnObject(PolicyError):
    code = "policy_not_an_object"
    message = gettext_noop("The terms of a policy must be a JSON object.")


class UnknownTerm(PolicyError):
    code = "policy_unknown_key"
    message = gettext_noop("%(key)s is not a term of a policy.")


class MissingTerm(PolicyError):
    code = "policy_missing_key"
    message = gettext_noop("%(key)s is missing.")


class TermType(PolicyError):
    code = "policy_wrong_type"
    message = gettext_noop("%(key)s must be %(wanted)s.")


class TermChoice(PolicyError):
    code = "policy_bad_choice"
    message = gettext_noop("%(key)s must be one of %(choices)s, not %(value)s.")


class TermRange(PolicyError):
    code = "policy_out_of_range"
    message = gettext_noop("%(key)s must lie between %(low)s and %(high)s.")


class TermAmount(PolicyError):
    """Not positive, more than two decimals, over the limit or not digits."""

    code = "policy_bad_amount"
    message = gettext_noop("%(key)s must be a positive amount with at most two decimals.")


class TermText(PolicyError):
    code = "policy_bad_text"
    message = gettext_noop("%(key)s holds %(value)s, which is not %(wanted)s.")


class TermRepeated(PolicyError):
    code = "policy_repeated"
    message = gettext_noop("%(key)s names %(value)s twice.")


class PriceClasses(PolicyError):
    code = "policy_price_classes"
    message = gettext_noop("%(key)s needs either ALL alone, or CHILD, ADULT and ELDER.")


class SubsidyValue(PolicyError):
    code = "policy_subsidy_value"
    message = gettext_noop(
        "%(key)s: for %(category)s, FULL has no amount, FIXED either value or pays, PERCENT value up to 100."
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of term: `read(key, json value)` gives the Python value, `write` its canonical JSON."""

    read: Callable[[str, Any], Any]
    write: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Standard:
    """Yuan a year: either `all_people`, or the three classes."""

    all_people: Decimal | None = None
    child: Decimal | None = None
    adult: Decimal | None = None
    elder: Decimal | None = None

    @property
    def is_uniform(self) -> bool:
        """True where one amount holds for everybody."""
        return self.all_people is not None

    def amount(self, price_class: PriceClass) -> Decimal:
        """The amount of a class; CHILD, ADULT and ELDER are also answered by a uniform standard."""
        by_class = {PriceClass.CHILD: self.child, PriceClass.ADULT: self.adult, PriceClass.ELDER: self.elder}
        found = self.all_people if self.is_uniform else by_class.get(price_class)
        if found is None:
            raise PriceClasses(key=str(price_class))
        return found


@dataclass(frozen=True, slots=True)
class BenefitRatios:
    """What the fund pays of a bill inside the policy, in percent: shown to people, decides nothing here."""

    level_1: Decimal = Decimal("85.00")
    level_2: Decimal = Decimal("75.00")
    level_3: Decimal = Decimal("65.00")
    outpatient: Decimal = Decimal("50.00")


@dataclass(frozen=True, slots=True, order=True)
class SpecialGroup:
    """A group that does not wait after the window."""

    code: str
    kind: SpecialKind = SpecialKind.ANY


@dataclass(frozen=True, slots=True)
class SubsidyRule:
    """Aid for one category: FULL, FIXED (`value` yuan, or the person `pays` so much), PERCENT (`value`)."""

    category: str
    kind: SubsidyKind
    value: Decimal | None = None
    pays: Decimal | None = None


def _itself(value: Any) -> Any:
    return value


def whole(low: int, high: int) -> Kind:
    """A JSON integer within bounds."""

    def read(key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TermType(key=key, wanted=gettext_noop("a whole number"))
        if not low <= value <= high:
            raise TermRange(key=key, low=low, high=high)
        return value

    return Kind(read, _itself)


def _read_flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TermType(key=key, wanted=gettext_noop("true or false"))
    return value


def _read_day(key: str, value: Any) -> date:
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise TermType(key=key, wanted=gettext_noop("a date written YYYY-MM-DD"))
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise TermType(key=key, wanted=gettext_noop("a date of the calendar")) from None


def _read_month_day(key: str, value: Any) -> str:
    if not isinstance(value, str) or _MONTH_DAY.fullmatch(value) is None:
        raise TermType(key=key, wanted=gettext_noop("a day of every year written MM-DD"))
    try:
        date.fromisoformat(f"2001-{value}")  # a common year: 29 February is not a day of every year
    except ValueError:
        raise TermType(key=key, wanted=gettext_noop("a day of every year written MM-DD")) from None
    return value


def _read_amount(key: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TermType(key=key, wanted=gettext_noop('an amount written as text, as in "400.00"'))
    try:
        amount = parse_yuan(str(value))
    except AmountError:
        raise TermAmount(key=key) from None
    if amount <= 0:
        raise TermAmount(key=key)
    return amount


def _read_percent(key: str, value: Any) -> Decimal:
    amount = _read_amount(key, value)
    if amount > HUNDRED:
        raise TermRange(key=key, low="0.01", high="100.00")
    return amount


FLAG = Kind(_read_flag, _itself)
DAY = Kind(_read_day, date.isoformat)
MONTH_DAY = Kind(_read_month_day, _itself)
AMOUNT = Kind(_read_amount, yuan)
PERCENT = Kind(_read_percent, yuan)


def choice(options: type[StrEnum]) -> Kind:
    """One word of an enumeration."""

    def read(key: str, value: Any) -> StrEnum:
        if not isinstance(value, str):
            raise TermType(key=key, wanted=gettext_noop("a word"))
        if value not in set(options):
            raise TermChoice(key=key, value=value, choices=", ".join(options))
        return options(value)

    return Kind(read, str)


def optional(kind: Kind) -> Kind:
    """The same, or null."""
    return Kind(
        lambda key, value: None if value is None else kind.read(key, value),
        lambda value: None if value is None else kind.write(value),
    )


def _items(key: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TermType(key=key, wanted=gettext_noop("a list"))
    return value


def _refuse_repeats(key: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise TermRepeated(key=key, value=name)
        seen.add(name)


def choices(options: type[StrEnum]) -> Kind:
    """A set of words of an enumeration, kept sorted."""
    single = choice(options)

    def read(key: str, value: Any) -> tuple[StrEnum, ...]:
        words = [single.read(key, item) for item in _items(key, value)]
        _refuse_repeats(key, words)
        return tuple(sorted(words))

    return Kind(read, lambda words: [str(word) for word in words])


def _texts(pattern: re.Pattern[str], wanted: str, *, in_order: bool) -> Kind:
    def read(key: str, value: Any) -> tuple[str, ...]:
        texts = _items(key, value)
        for text in texts:
            if not isinstance(text, str):
                raise TermType(key=key, wanted=gettext_noop("a list of texts"))
            if pattern.fullmatch(text) is None:
                raise TermText(key=key, value=text, wanted=wanted)
        _refuse_repeats(key, texts)
        return tuple(texts if in_order else sorted(texts))

    return Kind(read, list)


REGIONS = _texts(REGION_CODE, gettext_noop("a region code of six digits"), in_order=False)
HOTLINES = _texts(_HOTLINE, gettext_noop("a telephone number"), in_order=True)


def _object(key: str, value: Any, allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TermType(key=key, wanted=gettext_noop("a JSON object"))
    for name in value:
        if name not in allowed:
            raise UnknownTerm(key=f"{key}.{name}")
    return value


_CLASS_FIELDS = {
    PriceClass.ALL: "all_people",
    PriceClass.CHILD: "child",
    PriceClass.ADULT: "adult",
    PriceClass.ELDER: "elder",
}


def _read_standard(key: str, value: Any) -> Standard:
    amounts = _object(key, value, set(PriceClass))
    if set(amounts) not in ({PriceClass.ALL}, set(PriceClass) - {PriceClass.ALL}):
        raise PriceClasses(key=key)
    return Standard(
        **{_CLASS_FIELDS[PriceClass(k)]: _read_amount(f"{key}.{k}", v) for k, v in amounts.items()}
    )


def _write_standard(standard: Standard) -> dict[str, str]:
    amounts = {str(k): getattr(standard, field) for k, field in sorted(_CLASS_FIELDS.items())}
    return {k: yuan(amount) for k, amount in amounts.items() if amount is not None}


STANDARD = Kind(_read_standard, _write_standard)

_RATIO_FIELDS = ("LEVEL_1", "LEVEL_2", "LEVEL_3", "OUTPATIENT")


def _read_ratios(key: str, value: Any) -> BenefitRatios:
    ratios = _object(key, value, set(_RATIO_FIELDS))
    return BenefitRatios(
        **{name.lower(): _read_percent(f"{key}.{name}", ratio) for name, ratio in ratios.items()}
    )


RATIOS = Kind(
    _read_ratios, lambda ratios: {name: yuan(getattr(ratios, name.lower())) for name in _RATIO_FIELDS}
)


def _read_code(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TermType(key=key, wanted=gettext_noop("a word"))
    if _CODE.fullmatch(value) is None:
        raise TermText(
            key=key,
            value=value,
            wanted=gettext_noop("a code of capitals, digits and underscores, 20 at most"),
        )
    return value


def _read_group(key: str, value: Any) -> SpecialGroup:
    if isinstance(value, str):
        return SpecialGroup(_read_code(key, value))
    row = _object(key, value, {"group", "kind"})
    if "group" not in row:
        raise MissingTerm(key=f"{key}.group")
    kind = choice(SpecialKind).read(f"{key}.kind", row.get("kind", SpecialKind.ANY.value))
    return SpecialGroup(_read_code(f"{key}.group", row["group"]), kind)


def _read_groups(key: str, value: Any) -> tuple[SpecialGroup, ...]:
    groups = [_read_group(key, item) for item in _items(key, value)]
    _refuse_repeats(key, [group.code for group in groups])
    return tuple(sorted(groups))


def _write_group(group: SpecialGroup) -> Any:
    return group.code if group.kind == SpecialKind.ANY else {"group": group.code, "kind": str(group.kind)}


SPECIAL_GROUPS = Kind(_read_groups, lambda groups: [_write_group(group) for group in groups])


def _read_subsidy(key: str, value: Any) -> SubsidyRule:
    row = _object(key, value, {"category", "kind", "value", "pays"})
    for name in ("category", "kind"):
        if name not in row:
            raise MissingTerm(key=f"{key}.{name}")
    category = _read_code(f"{key}.category", row["category"])
    kind = choice(SubsidyKind).read(f"{key}.kind", row["kind"])
    aid, pays = row.get("value"), row.get("pays")
    given = (aid is not None, pays is not None)
    allowed = {
        SubsidyKind.FULL: {(False, False)},
        SubsidyKind.FIXED: {(True, False), (False, True)},
        SubsidyKind.PERCENT: {(True, False)},
    }
    if given not in allowed[kind]:
        raise SubsidyValue(key=key, category=category)
    amount = None if aid is None else _read_amount(f"{key}.value", aid)
    if kind == SubsidyKind.PERCENT and amount is not None and amount > HUNDRED:
        raise SubsidyValue(key=key, category=category)
    return SubsidyRule(category, kind, amount, None if pays is None else _read_amount(f"{key}.pays", pays))


def _read_subsidies(key: str, value: Any) -> tuple[SubsidyRule, ...]:
    rules = [_read_subsidy(key, item) for item in _items(key, value)]
    _refuse_repeats(key, [rule.category for rule in rules])
    return tuple(sorted(rules, key=lambda rule: rule.category))


def _write_subsidy(rule: SubsidyRule) -> dict[str, str | None]:
    return {
        "category": rule.category,
        "kind": str(rule.kind),
        "pays": None if rule.pays is None else yuan(rule.pays),
        "value": None if rule.value is None else yuan(rule.value),
    }


SUBSIDIES = Kind(_read_subsidies, lambda rules: [_write_subsidy(rule) for rule in rules])

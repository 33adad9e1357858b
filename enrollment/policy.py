"""A region's terms for one benefit year, as a value, and the prices that follow from them.

`Terms.from_dict` reads a policy strictly, `Terms.to_dict` writes the one canonical JSON of it, so that two
policies are equal exactly when their JSON is. Only four terms have no default: the benefit year, the two ends
of the window, the personal standard. Every other default is the project's reading where the region is silent
(design: domain, head and 2.2); no regional number is a constant anywhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from bureau.errors import gettext_noop
from bureau.money import ZERO, round_fen
from enrollment.choices import (
    AidApplies,
    BreakCountMode,
    CorrectionMode,
    DebitShift,
    InWindowAfterJan1,
    LatePriceExempt,
    LatePriceRule,
    NewbornCrossYear,
    NewbornLate,
    NewbornUnit,
    PriceClass,
    RefundCutoff,
    RefundReason,
    SpecialKind,
    SpecialStart,
    SubsidyKind,
    SwitchStart,
    WaitRule,
)
from enrollment.termfields import (
    AMOUNT,
    DAY,
    FLAG,
    HOTLINES,
    HUNDRED,
    MONTH_DAY,
    PERCENT,
    RATIOS,
    REGIONS,
    SPECIAL_GROUPS,
    STANDARD,
    SUBSIDIES,
    BenefitRatios,
    Kind,
    MissingTerm,
    PolicyError,
    PolicyNotAnObject,
    PriceClasses,
    SpecialGroup,
    Standard,
    SubsidyRule,
    SubsidyValue,
    TermAmount,
    TermChoice,
    TermRange,
    TermRepeated,
    TermText,
    TermType,
    UnknownTerm,
    choice,
    choices,
    optional,
    whole,
)

__all__ = [
    "Aid",
    "AidApplies",
    "BenefitRatios",
    "BreakCountMode",
    "CorrectionMode",
    "DebitShift",
    "InWindowAfterJan1",
    "LatePriceExempt",
    "LatePriceRule",
    "MissingTerm",
    "NewbornCrossYear",
    "NewbornLate",
    "NewbornUnit",
    "PersonClassUnknown",
    "PolicyError",
    "PolicyNotAnObject",
    "PriceClass",
    "PriceClasses",
    "RefundCutoff",
    "RefundReason",
    "SpecialGroup",
    "SpecialKind",
    "SpecialStart",
    "Standard",
    "SubsidyKind",
    "SubsidyRule",
    "SubsidyValue",
    "SwitchStart",
    "TermAmount",
    "TermChoice",
    "TermConflict",
    "TermRange",
    "TermRepeated",
    "TermText",
    "TermType",
    "Terms",
    "UnknownTerm",
    "WaitRule",
    "WindowBackwards",
    "WindowOutsideYear",
    "YearConflict",
    "best_aid",
    "is_pay_day",
    "late_price",
    "person_class",
    "personal_price",
    "price_class",
    "price_on",
    "terms_difference",
]


class WindowBackwards(PolicyError):
    code = "policy_window_backwards"
    message = gettext_noop("%(key)s: the window closes on %(close)s, before it opens on %(open)s.")


class WindowOutsideYear(PolicyError):
    code = "policy_window_outside_year"
    message = gettext_noop("%(key)s: the window of %(year)s must lie between %(low)s and %(high)s.")


class YearConflict(PolicyError):
    code = "policy_year_conflict"
    message = gettext_noop("%(key)s is %(value)s, but the policy is for %(year)s.")


class TermConflict(PolicyError):
    """Two terms that cannot both hold; `because` says why, in English."""

    code = "policy_conflict"
    message = gettext_noop("%(key)s does not fit the other terms: %(because)s.")


class PersonClassUnknown(PolicyError):
    """A person type outside 14xx to 17xx, or a 17xx without a birth date, where the price depends on it."""

    code = "policy_person_class_unknown"
    message = gettext_noop("There is no price class for person type %(psn_type)s.")


def _held(kind: Kind) -> dict[str, Kind]:
    return {"kind": kind}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Every parameter of a region and benefit year (design: domain 2.2, 5.2); build it with `from_dict`."""

    benefit_year: int = field(metadata=_held(whole(2000, 2199)))
    #: First and last day of the central window, both inside it.
    window_open: date = field(metadata=_held(DAY))
    window_close: date = field(metadata=_held(DAY))
    #: Yuan a person pays a year, by price class.
    personal_standard: Standard = field(metadata=_held(STANDARD))
    #: Yuan the state adds a year; null = not known (then there is no full-cost price).
    fiscal_standard: Standard | None = field(default=None, metadata=_held(optional(STANDARD)))

    #: Days of the month on which payment is possible, both inside; null = every day.
    pay_day_from: int | None = field(default=None, metadata=_held(optional(whole(1, 31))))
    pay_day_to: int | None = field(default=None, metadata=_held(optional(whole(1, 31))))
    #: Day of the month of the bank's batch debit; null = any day.
    debit_day: int | None = field(default=None, metadata=_held(optional(whole(1, 28))))
    debit_shift: DebitShift = field(default=DebitShift.NEXT_WORKDAY, metadata=_held(choice(DebitShift)))
    #: Months between registering and being able to pay (Beijing 1); 0 = at once.
    register_then_pay_lag: int = field(default=0, metadata=_held(whole(0, 12)))

    #: Price after the window, from `late_price_from` on (null = the day after it), except for the exempt.
    late_price_rule: LatePriceRule = field(default=LatePriceRule.SAME, metadata=_held(choice(LatePriceRule)))
    late_price_from: date | None = field(default=None, metadata=_held(optional(DAY)))
    late_price_exempt: tuple[LatePriceExempt, ...] = field(
        default=(LatePriceExempt.NEWBORN, LatePriceExempt.SWITCHER), metadata=_held(choices(LatePriceExempt))
    )
    #: Last day of the late period; null = 31 December of the benefit year.
    late_last_pay_day: date | None = field(default=None, metadata=_held(optional(DAY)))

    in_window_after_jan1: InWindowAfterJan1 = field(
        default=InWindowAfterJan1.RETRO_JAN1, metadata=_held(choice(InWindowAfterJan1))
    )
    #: Months everybody waits who pays late or after a break (国办发〔2024〕38号: 3).
    wait_fixed: int = field(default=3, metadata=_held(whole(0, 60)))
    wait_rule: WaitRule = field(default=WaitRule.CIVIL, metadata=_held(choice(WaitRule)))
    #: Whether breaks add months; missed years count from `break_from` on (2025 by the same text).
    variable_wait: bool = field(default=True, metadata=_held(FLAG))
    break_from: int = field(default=2025, metadata=_held(whole(1998, 2199)))
    break_count_mode: BreakCountMode = field(
        default=BreakCountMode.EXTRA, metadata=_held(choice(BreakCountMode))
    )
    #: From so many missed years in a row on, repair leaves a wait of at least `long_floor` months (4 and 6).
    long_break: int = field(default=4, metadata=_held(whole(1, 99)))
    long_floor: int = field(default=6, metadata=_held(whole(0, 60)))

    #: Time after birth in which paying covers a newborn from birth (most regions 90 days).
    newborn_limit: int = field(default=90, metadata=_held(whole(1, 1000)))
    newborn_unit: NewbornUnit = field(default=NewbornUnit.DAY, metadata=_held(choice(NewbornUnit)))
    #: Whether the day of birth is day 1 of the limit (Wuhan).
    newborn_count_birth_day: bool = field(default=False, metadata=_held(FLAG))
    newborn_late: NewbornLate = field(default=NewbornLate.NEXT_MONTH, metadata=_held(choice(NewbornLate)))
    newborn_cross_year: NewbornCrossYear = field(
        default=NewbornCrossYear.SEPARATE, metadata=_held(choice(NewbornCrossYear))
    )
    #: Whether a child of type 1401 pays nothing for the year it is born in (Wuhan).
    newborn_free_first_year: bool = field(default=False, metadata=_held(FLAG))

    #: MM-DD of the year before, from which students who pay at their university are covered (Fujian 09-01).
    student_year_start: str | None = field(default=None, metadata=_held(optional(MONTH_DAY)))

    #: Groups that do not wait after the window; an empty list means that any group counts.
    special_groups: tuple[SpecialGroup, ...] = field(default=(), metadata=_held(SPECIAL_GROUPS))
    special_days: int = field(default=90, metadata=_held(whole(0, 3660)))
    special_start: SpecialStart = field(default=SpecialStart.NEXT_DAY, metadata=_held(choice(SpecialStart)))
    #: Calendar months after the month in which employee cover stopped.
    switch_months: int = field(default=3, metadata=_held(whole(0, 60)))
    switch_start: SwitchStart = field(default=SwitchStart.PAY_DATE, metadata=_held(choice(SwitchStart)))

    #: Subsidised enrolment by identity category; several statuses: the most generous one counts.
    subsidy_rules: tuple[SubsidyRule, ...] = field(default=(), metadata=_held(SUBSIDIES))
    #: Yuan by which an unbroken or claim-free year raises the serious-illness ceiling; the cap in % of it.
    incentive_step: Decimal = field(default=Decimal("1000.00"), metadata=_held(AMOUNT))
    incentive_cap: Decimal = field(default=Decimal("20.00"), metadata=_held(PERCENT))

    max_persons_per_account: int = field(default=5, metadata=_held(whole(1, 1000)))
    #: Counties (six digits) without online channels.
    online_disabled: tuple[str, ...] = field(default=(), metadata=_held(REGIONS))
    #: Minutes an unanswered online order stays locked (Chongqing 12).
    lock_minutes: int = field(default=30, metadata=_held(whole(1, 1440)))
    #: Hours until a voucher can be downloaded.
    voucher_delay_hours: int = field(default=2, metadata=_held(whole(0, 720)))

    refund_cutoff: RefundCutoff = field(
        default=RefundCutoff.PERSON_START, metadata=_held(choice(RefundCutoff))
    )
    #: Reasons that are refunded although cover has begun.
    after_start_reasons: tuple[RefundReason, ...] = field(
        default=(
            RefundReason.AID_DIFF,
            RefundReason.BANK_ERROR,
            RefundReason.CLERK_ERROR,
            RefundReason.DUP_PAY,
            RefundReason.LATE_MISTAKE,
            RefundReason.NOT_ELIGIBLE_WHEN_PAID,
        ),
        metadata=_held(choices(RefundReason)),
    )
    aid_applies: AidApplies = field(default=AidApplies.THIS_YEAR, metadata=_held(choice(AidApplies)))
    correction_mode: CorrectionMode = field(
        default=CorrectionMode.FULL, metadata=_held(choice(CorrectionMode))
    )
    #: Working days a refund should take, and the hard limit.
    refund_days: int = field(default=20, metadata=_held(whole(1, 365)))
    refund_hard_limit: int = field(default=30, metadata=_held(whole(1, 365)))
    #: Whether a claim settled on the cover blocks the refund.
    claims_block: bool = field(default=True, metadata=_held(FLAG))

    benefit_ratios: BenefitRatios = field(default=BenefitRatios(), metadata=_held(RATIOS))
    hotlines: tuple[str, ...] = field(default=("12345", "12366", "12393", "12333"), metadata=_held(HOTLINES))

    def __post_init__(self) -> None:
        """Refuse terms that contradict each other, however the value was built (dataclasses.replace too)."""
        if self.window_close < self.window_open:
            raise WindowBackwards(
                key="window_close", open=self.window_open.isoformat(), close=self.window_close.isoformat()
            )
        low = date(self.benefit_year - 1, 1, 1)
        if self.window_open < low or self.window_close > self.year_end:
            key = "window_open" if self.window_open < low else "window_close"
            raise WindowOutsideYear(
                key=key, year=self.benefit_year, low=low.isoformat(), high=self.year_end.isoformat()
            )
        if not self.window_close <= self.last_pay_day <= self.year_end:
            raise TermConflict(
                key="late_last_pay_day",
                because=gettext_noop("it lies before the end of the window or after the benefit year"),
            )
        if self.late_price_from is not None and self.late_price_from <= self.window_close:
            raise TermConflict(
                key="late_price_from", because=gettext_noop("the late price starts inside the window")
            )
        if self.late_price_rule == LatePriceRule.FULL_COST and self.fiscal_standard is None:
            raise TermConflict(
                key="fiscal_standard",
                because=gettext_noop("the full cost is asked for and the fiscal part is missing"),
            )
        if (self.pay_day_from is None) != (self.pay_day_to is None):
            key = "pay_day_from" if self.pay_day_from is None else "pay_day_to"
            raise TermConflict(key=key, because=gettext_noop("the pay days need a first and a last day"))
        if (
            self.pay_day_from is not None
            and self.pay_day_to is not None
            and self.pay_day_to < self.pay_day_from
        ):
            raise TermConflict(key="pay_day_to", because=gettext_noop("it lies before pay_day_from"))
        if self.refund_hard_limit < self.refund_days:
            raise TermConflict(
                key="refund_hard_limit", because=gettext_noop("it is shorter than refund_days")
            )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, benefit_year: int | None = None) -> Terms:
        """Read terms as `json.loads` gives them; keys that are missing take their default.

        The benefit year may stand in the data or come beside it (a row that keeps it in a column), and must
        agree when it does both. Raises subclasses of PolicyError whose `params["key"]` names the term.
        """
        if not isinstance(data, Mapping):
            raise PolicyNotAnObject(key="")
        given = dict(data)
        if benefit_year is not None and given.setdefault("benefit_year", benefit_year) != benefit_year:
            raise YearConflict(key="benefit_year", value=given["benefit_year"], year=benefit_year)
        known = {term.name: term for term in fields(cls)}
        for key in given:
            if key not in known:
                raise UnknownTerm(key=key)
        for key in REQUIRED:
            if key not in given:
                raise MissingTerm(key=key)
        return cls(**{key: known[key].metadata["kind"].read(key, value) for key, value in given.items()})

    def to_dict(self) -> dict[str, Any]:
        """The canonical JSON: every term, sorted, money and dates as text; equal for equal terms only."""
        terms = sorted(fields(self), key=lambda term: term.name)
        return {term.name: term.metadata["kind"].write(getattr(self, term.name)) for term in terms}

    @property
    def year_start(self) -> date:
        """1 January of the benefit year."""
        return date(self.benefit_year, 1, 1)

    @property
    def year_end(self) -> date:
        """31 December of the benefit year, the last day of all its cover."""
        return date(self.benefit_year, 12, 31)

    @property
    def last_pay_day(self) -> date:
        """The last day on which the year can be paid (newborns excepted)."""
        return self.late_last_pay_day or self.year_end

    @property
    def late_price_start(self) -> date:
        """The first day of the late price."""
        return self.late_price_from or self.window_close + timedelta(days=1)

    def in_window(self, day: date) -> bool:
        """True inside the central window, its first and last day included."""
        return self.window_open <= day <= self.window_close

    def special_kind(self, code: str) -> SpecialKind | None:
        """How the region treats a special group, None where it has no such group."""
        if not self.special_groups:
            return SpecialKind.ANY
        return next((group.kind for group in self.special_groups if group.code == code), None)

    def stands(self, code: str, event_date: date | None) -> bool:
        """True where a special group counts by itself, without days after an event."""
        kind = self.special_kind(code)
        return kind == SpecialKind.STANDING or (kind == SpecialKind.ANY and event_date is None)


REQUIRED = ("benefit_year", "window_open", "window_close", "personal_standard")


class Aid(NamedTuple):
    """Aid in yuan and the category that brings it; ("", 0.00) without one."""

    category: str
    amount: Decimal


def terms_difference(old: Terms, new: Terms) -> list[tuple[str, Any, Any]]:
    """The terms that differ, as (key, old, new) in canonical JSON and the order of the keys."""
    before, after = old.to_dict(), new.to_dict()
    return [(key, before[key], after[key]) for key in before if before[key] != after[key]]


def person_class(benefit_year: int, psn_type: str, birth_date: date | None) -> PriceClass:
    """CHILD for 14xx, ADULT for 15xx, ELDER for 16xx; 17xx by age on 1 January of the benefit year.

    Full years of age on that day: under 18 CHILD, from 60 ELDER, else ADULT; who turns 18 (60) on that very
    day is 18 (60). A child not yet born then is a CHILD. Raises PersonClassUnknown.
    """
    by_prefix = {"14": PriceClass.CHILD, "15": PriceClass.ADULT, "16": PriceClass.ELDER}
    if len(psn_type) == 4 and psn_type.isascii() and psn_type.isdigit():
        if psn_type[:2] in by_prefix:
            return by_prefix[psn_type[:2]]
        if psn_type[:2] == "17" and birth_date is not None:
            if birth_date > date(benefit_year - 18, 1, 1):
                return PriceClass.CHILD
            return PriceClass.ELDER if birth_date <= date(benefit_year - 60, 1, 1) else PriceClass.ADULT
    raise PersonClassUnknown(key="personal_standard", psn_type=psn_type)


def price_class(terms: Terms, psn_type: str, birth_date: date | None) -> PriceClass:
    """ALL where one personal standard holds for everybody, else the person's class (see `person_class`)."""
    if terms.personal_standard.is_uniform:
        return PriceClass.ALL
    return person_class(terms.benefit_year, psn_type, birth_date)


def _is_free(terms: Terms, psn_type: str, birth_date: date | None) -> bool:
    return (
        terms.newborn_free_first_year
        and psn_type == "1401"
        and birth_date is not None
        and birth_date.year == terms.benefit_year
    )


def _of_person(standard: Standard, terms: Terms, psn_type: str, birth_date: date | None) -> Decimal:
    if standard.is_uniform:
        return standard.amount(PriceClass.ALL)
    return standard.amount(person_class(terms.benefit_year, psn_type, birth_date))


def personal_price(terms: Terms, psn_type: str, birth_date: date | None) -> Decimal:
    """Yuan the person owes before aid, inside the window; 0.00 for a newborn's free first year.

    Raises PersonClassUnknown where the price depends on a class that cannot be told.
    """
    if _is_free(terms, psn_type, birth_date):
        return ZERO
    return _of_person(terms.personal_standard, terms, psn_type, birth_date)


def late_price(terms: Terms, psn_type: str, birth_date: date | None) -> Decimal:
    """Yuan owed before aid by somebody who pays late and is not exempt: the same, or personal + fiscal."""
    personal = personal_price(terms, psn_type, birth_date)
    if terms.late_price_rule == LatePriceRule.SAME or terms.fiscal_standard is None or personal == ZERO:
        return personal
    return personal + _of_person(terms.fiscal_standard, terms, psn_type, birth_date)


def price_on(
    terms: Terms,
    psn_type: str,
    birth_date: date | None,
    pay_date: date,
    groups: Collection[LatePriceExempt] = (),
) -> Decimal:
    """Yuan owed before aid on a payment date; `groups`: which of the exemptions the person can claim."""
    exempt = any(group in terms.late_price_exempt for group in groups)
    if pay_date < terms.late_price_start or exempt:
        return personal_price(terms, psn_type, birth_date)
    return late_price(terms, psn_type, birth_date)


def _aid(rule: SubsidyRule, price: Decimal) -> Decimal:
    if rule.kind == SubsidyKind.FULL:
        return price
    if rule.kind == SubsidyKind.PERCENT and rule.value is not None:
        return min(price, round_fen(price * rule.value / HUNDRED))
    if rule.value is not None:
        return min(price, rule.value)
    return max(ZERO, price - (rule.pays or ZERO))


def best_aid(terms: Terms, categories: Iterable[str], price: Decimal) -> Aid:
    """The aid of the most generous status («优先身份»), to the fen, never more than the price.

    FULL is everything, PERCENT is rounded half up to the fen, FIXED is `value` yuan or what remains above
    `pays`. Of equal aids the first category in alphabetical order is named; an aid of nothing names none.
    """
    held = set(categories)
    found = Aid("", ZERO)
    for rule in terms.subsidy_rules:  # sorted by category
        if rule.category in held and _aid(rule, price) > found.amount:
            found = Aid(rule.category, _aid(rule, price))
    return found


def is_pay_day(terms: Terms, day: date) -> bool:
    """True where the region takes payments on this day of the month (Beijing 5 to 20; most regions: any)."""
    if terms.pay_day_from is None or terms.pay_day_to is None:
        return True
    return terms.pay_day_from <= day.day <= terms.pay_day_to

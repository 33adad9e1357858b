"""A policy's terms, and the codes of cover, in words: for pages; nothing decides anything here."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bureau.pages import NOTHING, money
from enrollment.models import Category
from enrollment.policy import BenefitRatios, SpecialGroup, Standard, SubsidyRule, Terms
from enrollment.states import PolicyRunState, PolicyState

POLICY_STATES: Mapping[str, tuple[Any, str]] = {
    PolicyState.DRAFT: (_("draft"), "warning"),
    PolicyState.PUBLISHED: (_("published"), "success"),
    PolicyState.REPLACED: (_("replaced"), ""),
    PolicyState.DROPPED: (_("dropped"), ""),
}
RUN_STATES: Mapping[str, tuple[Any, str]] = {
    PolicyRunState.QUEUED: (_("waits"), "warning"),
    PolicyRunState.RUNNING: (_("under way"), "info"),
    PolicyRunState.DONE: (_("done"), "success"),
    PolicyRunState.PARKED: (_("parked"), "danger"),
    PolicyRunState.OVERTAKEN: (_("overtaken by a later version"), ""),
}
RULES: Mapping[str, Any] = {
    "NEWBORN_FROM_BIRTH": _("newborn, from birth"),
    "NEWBORN_LATE": _("newborn, paid late"),
    "NOT_OPEN": _("window not open yet"),
    "YEAR_CLOSED": _("year closed"),
    "EMPLOYEE_SWITCH_NO_WAIT": _("from employee cover, no wait"),
    "SPECIAL_NO_WAIT": _("special group, no wait"),
    "LEGACY_LATE": _("late, by the old rule"),
    "IN_WINDOW": _("inside the window"),
    "IN_WINDOW_BROKEN": _("inside the window, after a break"),
    "LATE": _("after the window"),
}
COVER_REASONS: Mapping[str, Any] = {
    "DECIDED": _("decided after payment"),
    "EXEMPT": _("exempt: aid pays all"),
    "POLICY": _("decided again: the policy changed"),
    "REVERSED": _("payment reversed"),
    "REFUNDED": _("payment refunded"),
    "SWAPPED": _("another payment carries the year"),
    "CORRECTED": _("personal data corrected"),
    "DIED": _("death"),
    "LEFT": _("enrolment ended"),
}
GROUPS: Sequence[tuple[Any, Sequence[str]]] = (
    (
        _("Window and payment"),
        (
            "window_open", "window_close", "late_last_pay_day", "pay_day_from", "pay_day_to", "debit_day", "debit_shift",
            "register_then_pay_lag", "max_persons_per_account", "online_disabled", "lock_minutes", "voucher_delay_hours",
        ),
    ),
    (
        _("Prices and aid"),
        (
            "personal_standard", "fiscal_standard", "late_price_rule", "late_price_from", "late_price_exempt",
            "subsidy_rules", "aid_applies",
        ),
    ),
    (
        _("Start of cover and waiting period"),
        (
            "in_window_after_jan1", "wait_fixed", "wait_rule", "variable_wait", "break_from", "break_count_mode",
            "long_break", "long_floor", "switch_months", "switch_start", "special_groups", "special_days",
            "special_start", "student_year_start",
        ),
    ),
    (
        _("Newborns"),
        (
            "newborn_limit", "newborn_unit", "newborn_count_birth_day", "newborn_late", "newborn_cross_year",
            "newborn_free_first_year",
        ),
    ),
    (
        _("Refunds"),
        (
            "refund_cutoff", "after_start_reasons", "correction_mode", "refund_days", "refund_hard_limit", "claims_block",
        ),
    ),
    (_("Benefits and service"), ("benefit_ratios", "incentive_step", "incentive_cap", "hotlines")),
)  # fmt: skip
TERMS: Mapping[str, Any] = {
    "benefit_year": _("benefit year"),
    "window_open": _("first day of the window"),
    "window_close": _("last day of the window"),
    "late_last_pay_day": _("last day for late payment"),
    "pay_day_from": _("first pay day of the month"),
    "pay_day_to": _("last pay day of the month"),
    "debit_day": _("day of the batch debit"),
    "debit_shift": _("debit day that is no working day"),
    "register_then_pay_lag": _("months from registering to paying"),
    "max_persons_per_account": _("insured persons per account"),
    "online_disabled": _("counties without online payment"),
    "lock_minutes": _("minutes an open order stays locked"),
    "voucher_delay_hours": _("hours until the voucher"),
    "personal_standard": _("personal standard"),
    "fiscal_standard": _("fiscal subsidy"),
    "late_price_rule": _("price after the window"),
    "late_price_from": _("late price from"),
    "late_price_exempt": _("late price does not hold for"),
    "subsidy_rules": _("aid by identity category"),
    "aid_applies": _("aid recognised after paying counts"),
    "in_window_after_jan1": _("paid inside the window, after 1 January"),
    "wait_fixed": _("fixed waiting months"),
    "wait_rule": _("how the wait is counted"),
    "variable_wait": _("breaks add months"),
    "break_from": _("breaks count from"),
    "break_count_mode": _("which missed years add a month"),
    "long_break": _("years that make a long break"),
    "long_floor": _("least months after a long break"),
    "switch_months": _("months to switch from employee cover"),
    "switch_start": _("start for switchers"),
    "special_groups": _("groups that do not wait"),
    "special_days": _("days after the event"),
    "special_start": _("start for special groups"),
    "student_year_start": _("students are covered from"),
    "newborn_limit": _("time limit for newborns"),
    "newborn_unit": _("unit of that limit"),
    "newborn_count_birth_day": _("the day of birth counts"),
    "newborn_late": _("newborn paid late"),
    "newborn_cross_year": _("born shortly before the new year"),
    "newborn_free_first_year": _("birth year free of charge"),
    "refund_cutoff": _("cover has begun from"),
    "after_start_reasons": _("refunded although cover has begun"),
    "correction_mode": _("correcting a clerk's error"),
    "refund_days": _("working days for a refund"),
    "refund_hard_limit": _("hard limit in working days"),
    "claims_block": _("a settled claim blocks a refund"),
    "benefit_ratios": _("share the fund pays, percent"),
    "incentive_step": _("incentive a year, yuan"),
    "incentive_cap": _("incentive cap, percent"),
    "hotlines": _("telephone numbers"),
}
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "debit_shift": {"NEXT_WORKDAY": _("next working day"), "NONE": _("not moved")},
    "late_price_rule": {"SAME": _("the same"), "FULL_COST": _("full cost: personal and fiscal part")},
    "late_price_exempt": {"NEWBORN": _("newborns"), "SWITCHER": _("people from employee cover")},
    "in_window_after_jan1": {
        "RETRO_JAN1": _("back to 1 January"),
        "PAY_DATE": _("the day of payment"),
        "NEXT_DAY": _("the next day"),
        "NEXT_MONTH": _("the 1st of the next month"),
        "PAY_MONTH": _("the 1st of the month of payment"),
    },
    "wait_rule": {
        "CIVIL": _("whole months from the day of payment, cover on the day after"),
        "ANNIV": _("whole months, cover on the same day of the month"),
        "MONTH_INCL": _("the month of payment is month 1"),
        "MONTH_NEXT": _("the month after payment is month 1"),
        "DAY90": _("90 days, cover on the day after"),
        "LEGACY": _("the old rule: 1st of the next month, after a break of the 3rd month"),
    },
    "break_count_mode": {"EXTRA": _("each year after the first"), "EACH": _("every missed year")},
    "newborn_unit": {"DAY": pgettext_lazy("unit", "days"), "MONTH": pgettext_lazy("unit", "months")},
    "newborn_late": {
        "NEXT_MONTH": _("the 1st of the next month"),
        "NEXT_DAY_TO_AGE1": _("the next day until age 1"),
        "PLUS30": _("30 days after payment"),
        "GENERAL": _("as everybody else"),
    },
    "newborn_cross_year": {
        "SEPARATE": _("each year for itself"),
        "BIRTH_YEAR_TOO": _("the birth year must be paid as well"),
    },
    "refund_cutoff": {"PERSON_START": _("the person's own start"), "YEAR_JAN1": _("1 January")},
    "after_start_reasons": {
        "DUP_PAY": _("paid twice"),
        "EMPLOYEE": _("joined employee cover"),
        "OTHER_REGION": _("insured in another region"),
        "DEATH": _("death"),
        "AID_DIFF": _("aid recognised, difference"),
        "CLERK_ERROR": _("clerk's error"),
        "BANK_ERROR": _("bank's error"),
        "GRADE": _("other grade"),
        "STUDENT": _("student paid twice"),
        "ARMY": _("joined the army"),
        "EMIGRATE": _("emigrated"),
        "PRISON": _("in prison"),
        "LATE_MISTAKE": _("paid after the deadline by mistake"),
        "VOLUNTARY": _("does not want the insurance"),
        "NOT_ELIGIBLE_WHEN_PAID": _("had employee cover when paying"),
    },
    "aid_applies": {"THIS_YEAR": _("this year"), "NEXT_YEAR": _("next year")},
    "correction_mode": {"FULL": _("refund all, then pay again"), "DIFFERENCE": _("refund the difference")},
}
_STARTS = CHOICES["in_window_after_jan1"]
_MORE: Mapping[str, Mapping[str, Any]] = {
    "special_start": _STARTS,
    "switch_start": {
        **_STARTS,
        "RETRO_AFTER_STOP": _("back to the 1st of the month after employee cover ended"),
    },
}
SPECIAL_GROUPS: Mapping[str, Any] = {
    "MEDICAL_AID": _("people on medical aid"),
    "CLERGY": _("clergy"),
    "RELEASED": _("people released from prison"),
    "MOVED_IN": _("people who moved in"),
    "BACK_FROM_ABROAD": _("people back from abroad"),
    "GRADUATE": _("graduates"),
    "EX_SOLDIER": _("ex-soldiers and their families"),
    "EMPLOYEE_BREAK": _("people whose employee cover lapsed"),
    **{category.value: category.label for category in Category},
}
PRICE_CLASSES: Mapping[str, Any] = {
    "ALL": _("everybody"),
    "CHILD": _("children"),
    "ADULT": _("adults"),
    "ELDER": _("elderly people"),
}
_SEPARATOR = "；"


def choice_words(key: str) -> Mapping[str, Any]:
    """The choices of a term in words."""
    return _MORE.get(key) or CHOICES.get(key, {})


def group_name(code: str) -> str:
    """A special group or identity category in words."""
    return str(SPECIAL_GROUPS.get(code, code))


def _standard(standard: Standard) -> str:
    if standard.all_people is not None:
        return money(standard.all_people)
    parts = (("CHILD", standard.child), ("ADULT", standard.adult), ("ELDER", standard.elder))
    return _SEPARATOR.join(
        f"{PRICE_CLASSES[name]} {money(amount)}" for name, amount in parts if amount is not None
    )


def _subsidy(rule: SubsidyRule) -> str:
    name = group_name(rule.category)
    if rule.kind == "FULL":
        how = _now("aid pays all")
    elif rule.pays is not None:
        how = _now("the person pays %(amount)s") % {"amount": money(rule.pays)}
    elif rule.kind == "PERCENT":
        how = _now("aid of %(percent)s %%") % {"percent": rule.value}
    else:
        how = _now("aid of %(amount)s") % {"amount": money(rule.value)}
    return f"{name} {how}"


def _ratios(ratios: BenefitRatios) -> str:
    parts = (
        (_("level 1"), ratios.level_1),
        (_("level 2"), ratios.level_2),
        (_("level 3"), ratios.level_3),
        (_("outpatient"), ratios.outpatient),
    )
    return _SEPARATOR.join(f"{name} {value:g}" for name, value in parts)


def term_value(key: str, value: Any) -> str:
    """The value of one term as a sentence part in the reader's language."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if key == "special_groups" and value == ():
        return _now("any group")
    if isinstance(value, tuple):
        return _SEPARATOR.join(term_value(key, item) for item in value) or NOTHING
    if isinstance(value, StrEnum):
        return str(choice_words(key).get(value.value, value.value))
    if isinstance(value, Standard):
        return _standard(value)
    if isinstance(value, SubsidyRule):
        return _subsidy(value)
    if isinstance(value, SpecialGroup):
        return group_name(value.code)
    if isinstance(value, BenefitRatios):
        return _ratios(value)
    if isinstance(value, Decimal):
        return money(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def terms_tables(terms: Terms) -> list[tuple[Any, list[tuple[Any, str]]]]:
    """All terms in groups: (title, [(name, value)])."""
    return [
        (title, [(TERMS[key], term_value(key, getattr(terms, key))) for key in keys])
        for title, keys in GROUPS
    ]

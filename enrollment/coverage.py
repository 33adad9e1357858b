"""The decision when cover starts: ten rules in their order, the first that matches wins (design: domain 4.2).

A pure function of the region's terms, what is known of the person and the payment date, which is the bank's
debit date in Asia/Shanghai. It can be recomputed at any time from the stored policy version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bureau.periods import add_months, first_of_next_month
from enrollment.choices import InWindowAfterJan1, NewbornLate, SpecialKind, SwitchStart, WaitRule
from enrollment.explain import Story, explain_en, explain_zh
from enrollment.facts import (
    NO_FACTS,
    REFUSALS,
    Facts,
    FactsError,
    NewbornWithoutBirthDate,
    RepairNegative,
    Rule,
)
from enrollment.policy import Terms
from enrollment.waiting import (
    NO_WAIT,
    Wait,
    counted_break,
    first_birthday,
    fixed_wait,
    late_start,
    missed_years,
    newborn_last_day,
    special_last_day,
    start_from,
    switch_last_day,
    wait_of,
)

__all__ = [
    "NO_FACTS",
    "Decision",
    "Facts",
    "FactsError",
    "NewbornWithoutBirthDate",
    "RepairNegative",
    "Rule",
    "decide",
    "missed_years",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """When cover starts, by which rule, and why.

    `start` and `end` are the first and the last covered day, both inside. Both are None for a refusal
    (`refused`) and where the wait runs past 31 December (`no_cover`): the rule code stays, no day is covered.
    `wait_months = wait_fixed + wait_variable`, other than 0 only for IN_WINDOW_BROKEN and LATE.
    `reached` is the day the rule arrives at, also when it lies after the year; None for a refusal.
    """

    rule: Rule
    start: date | None
    end: date | None
    wait_months: int
    wait_fixed: int
    wait_variable: int
    explain_zh: str
    explain_en: str
    refused: bool
    reached: date | None = None

    @property
    def no_cover(self) -> bool:
        """True where payment is possible but buys no cover (E_WAIT_PAST_YEAR_END): ask before it is made."""
        return not self.refused and self.start is None


@dataclass(frozen=True, slots=True)
class _Case:
    terms: Terms
    facts: Facts
    pay: date

    @property
    def inside(self) -> bool:
        return self.terms.in_window(self.pay)

    @property
    def after(self) -> bool:
        return self.pay > self.terms.window_close


class _Match(NamedTuple):
    """A start (None: refused), and the wait that the sentence speaks of."""

    start: date | None
    wait: Wait = NO_WAIT


def _newborn_from_birth(case: _Case) -> _Match | None:
    birth, terms = case.facts.birth_date, case.terms
    if not case.facts.newborn or birth is None or case.pay > newborn_last_day(terms, birth):
        return None
    born_in_year = birth.year == terms.benefit_year
    # Paid before birth (where the unborn are registered): the window must be open, as for a birth in Y - 1.
    if (born_in_year and case.pay >= birth) or (
        terms.benefit_year - 1 <= birth.year <= terms.benefit_year and case.pay >= terms.window_open
    ):
        return _Match(birth)
    return None


def _newborn_late(case: _Case) -> _Match | None:
    birth, terms = case.facts.birth_date, case.terms
    if not case.facts.newborn or birth is None or birth.year != terms.benefit_year:
        return None
    if case.pay <= newborn_last_day(terms, birth):
        return None
    match terms.newborn_late:
        case NewbornLate.NEXT_MONTH:
            return _Match(first_of_next_month(case.pay))
        case NewbornLate.PLUS30:
            return _Match(case.pay + timedelta(days=30))
        case NewbornLate.NEXT_DAY_TO_AGE1 if case.pay < first_birthday(birth):
            return _Match(case.pay + timedelta(days=1))
    wait = NO_WAIT if terms.wait_rule == WaitRule.LEGACY else fixed_wait(terms)
    return _Match(late_start(terms, case.pay, wait), wait)


def _not_open(case: _Case) -> _Match | None:
    return _Match(None) if case.pay < case.terms.window_open else None


def _year_closed(case: _Case) -> _Match | None:
    return _Match(None) if case.pay > case.terms.last_pay_day else None


def _employee_switch(case: _Case) -> _Match | None:
    stop, terms = case.facts.employee_stop_date, case.terms
    if stop is None or not stop < case.pay <= switch_last_day(terms, stop):
        return None
    if case.inside and terms.in_window_after_jan1 == InWindowAfterJan1.RETRO_JAN1:
        return _Match(stop + timedelta(days=1))
    if terms.switch_start == SwitchStart.RETRO_AFTER_STOP:
        return _Match(first_of_next_month(stop))
    return _Match(start_from(terms.switch_start, case.pay))


def _special(case: _Case) -> _Match | None:
    code, event, terms = case.facts.special_group, case.facts.special_event_date, case.terms
    if not case.after or not code:
        return None
    kind = terms.special_kind(code)
    if kind is None or (kind == SpecialKind.EVENT and event is None):
        return None
    if not terms.stands(code, event) and (
        event is None or not event <= case.pay <= special_last_day(terms, event)
    ):
        return None
    return _Match(start_from(terms.special_start, case.pay))


def _legacy(case: _Case) -> _Match | None:
    if not case.after or case.terms.wait_rule != WaitRule.LEGACY:
        return None
    return _Match(late_start(case.terms, case.pay, NO_WAIT, broken=bool(case.facts.missed_years)))


def _in_window(case: _Case) -> _Match | None:
    terms = case.terms
    if not case.inside or (terms.variable_wait and counted_break(terms, case.facts.missed_years)):
        return None
    if case.pay < terms.year_start or terms.in_window_after_jan1 == InWindowAfterJan1.RETRO_JAN1:
        return _Match(terms.year_start)
    return _Match(start_from(terms.in_window_after_jan1, case.pay))


def _in_window_broken(case: _Case) -> _Match | None:
    if not case.inside:
        return None
    wait = wait_of(case.terms, case.facts.missed_years, case.facts.repair_years)
    return _Match(add_months(case.terms.year_start, wait.months), wait)


def _late(case: _Case) -> _Match | None:
    wait = wait_of(case.terms, case.facts.missed_years, case.facts.repair_years)
    return _Match(late_start(case.terms, case.pay, wait), wait)


_RULES: tuple[tuple[Rule, Callable[[_Case], _Match | None]], ...] = (
    (Rule.NEWBORN_FROM_BIRTH, _newborn_from_birth),
    (Rule.NEWBORN_LATE, _newborn_late),
    (Rule.NOT_OPEN, _not_open),
    (Rule.YEAR_CLOSED, _year_closed),
    (Rule.EMPLOYEE_SWITCH_NO_WAIT, _employee_switch),
    (Rule.SPECIAL_NO_WAIT, _special),
    (Rule.LEGACY_LATE, _legacy),
    (Rule.IN_WINDOW, _in_window),
    (Rule.IN_WINDOW_BROKEN, _in_window_broken),
    (Rule.LATE, _late),
)


def _first_match(case: _Case) -> tuple[Rule, _Match]:
    for rule, matches in _RULES:
        match = matches(case)
        if match is not None:
            return rule, match
    raise AssertionError("the last rule takes every payment")


def decide(terms: Terms, facts: Facts, pay_date: date) -> Decision:
    """Decide the cover that a payment on `pay_date` (the debit date in Asia/Shanghai) buys in the year.

    Cover never starts before 1 January of the year and ends on its 31 December. Raises TypeError for a moment
    instead of a date: which day it belongs to is not decided here.
    """
    if isinstance(pay_date, datetime):
        raise TypeError("a date is needed, not a moment")
    rule, (start, told) = _first_match(_Case(terms, facts, pay_date))
    reached = None if start is None else max(start, terms.year_start)
    covered = reached is not None and reached <= terms.year_end
    wait = told if rule in (Rule.IN_WINDOW_BROKEN, Rule.LATE) else NO_WAIT
    story = Story(terms, facts, pay_date, rule, reached, reached != start, told)
    return Decision(
        rule=rule,
        start=reached if covered else None,
        end=terms.year_end if covered else None,
        wait_months=wait.months,
        wait_fixed=wait.fixed,
        wait_variable=wait.variable,
        explain_zh=explain_zh(story),
        explain_en=explain_en(story),
        refused=rule in REFUSALS,
        reached=reached,
    )

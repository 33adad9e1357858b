"""What a payment on a day would bring: amount, first day of cover, months of waiting, and what repair would change.

Pure, so that the counter, the command, the interface and a text message tell the same. The amount is the price of
the terms less aid on that day; what was already assessed or paid is told by who knows the money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bureau.errors import BureauError, gettext_noop
from bureau.money import ZERO, yuan
from enrollment.choices import LatePriceExempt, NewbornCrossYear
from enrollment.coverage import Decision, decide
from enrollment.facts import Facts, Rule
from enrollment.known import Known
from enrollment.policy import Terms, best_aid, is_pay_day, personal_price, price_on
from enrollment.waiting import newborn_last_day, switch_last_day

REPAIRABLE = frozenset({Rule.IN_WINDOW_BROKEN, Rule.LATE})


class RepairTooMuch(BureauError):
    """Repair beyond what helps would take money for nothing (domain 4.2)."""

    code = "REPAIR_TOO_MUCH"
    message = gettext_noop(
        "Repairing %(years)s years helps no more than repairing %(most)s: the rest would be paid for nothing."
    )


class Warn(StrEnum):
    """What the clerk says before money is taken."""

    WAIT_PAST_YEAR_END = "E_WAIT_PAST_YEAR_END"
    LATE_WAIT = "LATE_WAIT"
    NOT_A_PAY_DAY = "NOT_A_PAY_DAY"
    BIRTH_YEAR_TOO = "BIRTH_YEAR_TOO"
    EMPLOYEE_ACTIVE = "EMPLOYEE_ACTIVE"
    NOT_ENROLLED = "NOT_ENROLLED"
    DECEASED = "DECEASED"
    COVERED_ALREADY = "COVERED_ALREADY"


class Window(StrEnum):
    """Where a day lies: before the window, inside it, in the late period, after the last pay day."""

    NOT_OPEN = "NOT_OPEN"
    OPEN = "OPEN"
    LATE = "LATE"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Due:
    """The price of a day in yuan, the aid of the most generous category, and whether the late price holds."""

    standard: Decimal
    aid: Decimal
    aid_category: str
    is_late: bool

    @property
    def amount(self) -> Decimal:
        """What the person pays."""
        return self.standard - self.aid


@dataclass(frozen=True, slots=True)
class Repair:
    """Repairing `years`: its bill in yuan (years x this year's personal standard), and the cover it brings."""

    years: int
    cost: Decimal
    decision: Decision


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for one person, year and payment date; `repairs` holds every number of years that helps, from 0."""

    terms: Terms
    facts: Facts
    pay_date: date
    window: Window
    due: Due
    repairs: tuple[Repair, ...]
    chosen: Repair
    warnings: tuple[Warn, ...]

    @property
    def decision(self) -> Decision:
        """The cover with the chosen repair."""
        return self.chosen.decision

    @property
    def total(self) -> Decimal:
        """Contribution and repair together."""
        return self.due.amount + self.chosen.cost


def window_on(terms: Terms, day: date) -> Window:
    """Where a day lies in the year's payment periods."""
    if day < terms.window_open:
        return Window.NOT_OPEN
    if day <= terms.window_close:
        return Window.OPEN
    return Window.LATE if day <= terms.last_pay_day else Window.CLOSED


def late_exemptions(terms: Terms, known: Known, facts: Facts, day: date) -> frozenset[LatePriceExempt]:
    """Which exemptions from the late price a person can claim on a day; the twin of payments/sql/assess_price.sql."""
    found = set()
    birth, stop = known.birth_date, facts.employee_stop_date
    if birth is not None and (
        birth.year >= terms.benefit_year
        or (birth.year == terms.benefit_year - 1 and newborn_last_day(terms, birth) >= day)
    ):
        found.add(LatePriceExempt.NEWBORN)
    if stop is not None and stop < day <= switch_last_day(terms, stop):
        found.add(LatePriceExempt.SWITCHER)
    return frozenset(found)


def due_on(terms: Terms, known: Known, facts: Facts, person_class: str, day: date) -> Due:
    """What is due for a payment on a day, with the late price and the most generous aid of that day.

    Raises PersonClassUnknown where the price depends on a class that cannot be told.
    """
    exempt = late_exemptions(terms, known, facts, day)
    standard = price_on(terms, person_class, known.birth_date, day, exempt)
    held = [category.code for category in known.categories if category.holds(day, day)]
    aid = best_aid(terms, held, standard)
    late = standard != personal_price(terms, person_class, known.birth_date)
    return Due(standard, aid.amount, aid.category, late)


def repairs_of(terms: Terms, known: Known, pay_date: date, person_class: str, due: Due) -> tuple[Repair, ...]:
    """Repairing 0, 1, ... years, as far as each further year still takes a month away."""
    price = personal_price(terms, person_class, known.birth_date)
    first = decide(terms, known.on(terms, pay_date), pay_date)
    found = [Repair(0, ZERO, first)]
    while first.rule in REPAIRABLE:
        years = len(found)
        decision = decide(terms, known.on(terms, pay_date, repair_years=years), pay_date)
        if decision.wait_months == found[-1].decision.wait_months:
            break
        found.append(Repair(years, price * years, decision))
    return tuple(found)


def what_if(
    *,
    terms: Terms,
    known: Known,
    person_class: str,
    pay_date: date,
    repair_years: int = 0,
    also: Sequence[Warn] = (),
) -> WhatIf:
    """The answer for a payment on `pay_date` with `repair_years` repaired; `also`: warnings the caller knows of.

    Raises RepairTooMuch, RepairNegative, PersonClassUnknown.
    """
    facts = known.on(terms, pay_date, repair_years=repair_years)
    due = due_on(terms, known, facts, person_class, pay_date)
    repairs = repairs_of(terms, known, pay_date, person_class, due)
    if repair_years >= len(repairs):
        raise RepairTooMuch(years=repair_years, most=len(repairs) - 1)
    chosen = repairs[repair_years]
    return WhatIf(
        terms=terms,
        facts=facts,
        pay_date=pay_date,
        window=window_on(terms, pay_date),
        due=due,
        repairs=repairs,
        chosen=chosen,
        warnings=(*_warnings(terms, known, facts, pay_date, chosen.decision), *also),
    )


def _warnings(terms: Terms, known: Known, facts: Facts, day: date, decision: Decision) -> list[Warn]:
    found = []
    if decision.no_cover:
        found.append(Warn.WAIT_PAST_YEAR_END)
    elif decision.start is not None and decision.start > max(day, terms.year_start):
        found.append(Warn.LATE_WAIT)
    if not decision.refused and not is_pay_day(terms, day):
        found.append(Warn.NOT_A_PAY_DAY)
    birth = facts.birth_date
    if (
        terms.newborn_cross_year == NewbornCrossYear.BIRTH_YEAR_TOO
        and decision.rule == Rule.NEWBORN_FROM_BIRTH
        and birth is not None
        and birth.year < terms.benefit_year
    ):
        found.append(Warn.BIRTH_YEAR_TOO)
    if any(spell.covers(day) for spell in known.spells):
        found.append(Warn.EMPLOYEE_ACTIVE)
    return found


# ------------------------------------------------------------------------------------------------- in words

_WARNINGS: dict[Warn, tuple[str, str]] = {
    Warn.WAIT_PAST_YEAR_END: (
        "等待期届满已在{end}之后，{year}年度内没有待遇，须先告知本人并征得同意后方可缴费。",
        "The wait runs past {end}: there is no cover in {year}; the person must know and agree before paying.",
    ),
    Warn.LATE_WAIT: (
        "{pay}缴费，{start}起方可享受待遇，此前发生的医疗费用不予报销，请先向本人说明。",
        "Paid on {pay}, cover starts on {start}: bills before that day are not reimbursed, please say so first.",
    ),
    Warn.NOT_A_PAY_DAY: (
        "本地每月{first}日至{last}日办理缴费，{pay}不能缴费。",
        "Payments are taken from day {first} to day {last} of each month, not on {pay}.",
    ),
    Warn.BIRTH_YEAR_TOO: (
        "本地规定跨年度新生儿还须缴纳出生当年的费用，方可自出生之日起享受待遇。",
        "A child born shortly before the new year must be paid for in its birth year too, to be covered from birth.",
    ),
    Warn.EMPLOYEE_ACTIVE: (
        "{pay}仍在职工医保参保期内，须先停保。",
        "Employee cover is running on {pay} and must be stopped first.",
    ),
    Warn.NOT_ENROLLED: (
        "尚未在本统筹区办理居民医保参保登记，须先登记。",
        "There is no live resident enrolment in this pooling region: register first.",
    ),
    Warn.DECEASED: ("登记显示本人已经死亡。", "By the register this person is dead."),
    Warn.COVERED_ALREADY: (
        "{year}年度已有待遇，请先核对，勿重复缴费。",
        "There is cover for {year} already: check first, so that nothing is paid twice.",
    ),
}


def warning(answer: WhatIf, warn: Warn, *, chinese: bool = True) -> str:
    """A warning as a sentence."""
    terms = answer.terms
    return _WARNINGS[warn][0 if chinese else 1].format(
        year=terms.benefit_year,
        end=terms.year_end,
        pay=answer.pay_date,
        start=answer.decision.start,
        first=terms.pay_day_from,
        last=terms.pay_day_to,
    )


def sentence(answer: WhatIf, *, chinese: bool = True) -> str:
    """The sentence to read out: why, and from which day."""
    return answer.decision.explain_zh if chinese else answer.decision.explain_en


def message(answer: WhatIf, name: str, *, chinese: bool = True) -> str:
    """The answer as the text of a message to the person (a text message: short, without an ID number)."""
    return _message_zh(answer, name) if chinese else _message_en(answer, name)


def _message_zh(answer: WhatIf, name: str) -> str:
    terms, decision = answer.terms, answer.decision
    ask = f"咨询电话{terms.hotlines[0]}。" if terms.hotlines else ""
    if decision.refused:
        return f"【居民医保】{name}：{decision.explain_zh}{ask}"
    aid = f"（已减资助{yuan(answer.due.aid)}元）" if answer.due.aid else ""
    parts = [
        f"【居民医保】{name}：如于{answer.pay_date}缴纳{terms.benefit_year}年度费用，"
        f"应缴{yuan(answer.due.amount)}元{aid}"
    ]
    if answer.chosen.years:
        parts.append(f"，修复{answer.chosen.years}年另缴{yuan(answer.chosen.cost)}元")
    if decision.start is None:
        parts.append(f"，等待期届满已超过{terms.year_end}，{terms.benefit_year}年度内没有待遇。")
    else:
        wait = f"（等待期{decision.wait_months}个月）" if decision.wait_months else ""
        parts.append(f"，待遇期为{decision.start}至{decision.end}{wait}。")
    return "".join(parts) + ask


def _message_en(answer: WhatIf, name: str) -> str:
    terms, decision = answer.terms, answer.decision
    ask = f" Questions: {terms.hotlines[0]}." if terms.hotlines else ""
    if decision.refused:
        return f"Resident medical insurance, {name}: {decision.explain_en}{ask}"
    aid = f" (aid of {yuan(answer.due.aid)} taken off)" if answer.due.aid else ""
    parts = [
        f"Resident medical insurance, {name}: paying for {terms.benefit_year} on {answer.pay_date} costs "
        f"{yuan(answer.due.amount)} yuan{aid}"
    ]
    if answer.chosen.years:
        parts.append(f", repairing {answer.chosen.years} years {yuan(answer.chosen.cost)} more")
    if decision.start is None:
        parts.append(f"; the wait ends after {terms.year_end}, so there is no cover in {terms.benefit_year}.")
    else:
        wait = f" (a wait of {decision.wait_months} months)" if decision.wait_months else ""
        parts.append(f"; the cover runs from {decision.start} to {decision.end}{wait}.")
    return "".join(parts) + ask

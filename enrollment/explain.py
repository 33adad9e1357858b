"""The one sentence that explains a decision about cover, as a clerk reads it out, in Chinese and English.

Rendered from values, never stored: what was decided can be told again at any time in either language. Dates
are written YYYY-MM-DD in both, as on every page of the bureau.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from enrollment.choices import InWindowAfterJan1, NewbornLate, NewbornUnit, WaitRule
from enrollment.facts import Facts, Rule
from enrollment.policy import Terms
from enrollment.waiting import Wait, first_birthday, newborn_last_day, special_last_day, switch_last_day


@dataclass(frozen=True, slots=True)
class Story:
    """A decision and what it rests on.

    `reached` is the first covered day the rule arrives at, in whatever year, never before 1 January; None for
    a refusal. `clipped`: the rule alone would have said an earlier day. `wait` is the one to speak of.
    """

    terms: Terms
    facts: Facts
    pay_date: date
    rule: Rule
    reached: date | None
    clipped: bool
    wait: Wait

    @property
    def birth(self) -> date:
        """The birth date; the newborn rules have one."""
        if self.facts.birth_date is None:
            raise ValueError("a newborn rule without a birth date")
        return self.facts.birth_date

    @property
    def stop(self) -> date:
        """The last day of employee cover; the switcher's rule has one."""
        if self.facts.employee_stop_date is None:
            raise ValueError("a switcher's rule without an end of employee cover")
        return self.facts.employee_stop_date

    @property
    def retro_switch(self) -> bool:
        """True where a switcher pays inside a window that reaches back to 1 January."""
        retro = self.terms.in_window_after_jan1 == InWindowAfterJan1.RETRO_JAN1
        return retro and self.terms.in_window(self.pay_date)


#: Chinese and English names of the groups that are known; any other is shown by its code.
GROUPS: dict[str, tuple[str, str]] = {
    "MEDICAL_AID": ("医疗救助对象", "people on medical aid"),
    "CLERGY": ("宗教教职人员", "clergy"),
    "RELEASED": ("刑满释放人员", "people released from prison"),
    "MOVED_IN": ("户籍迁入人员", "people who moved in"),
    "BACK_FROM_ABROAD": ("回国人员", "people back from abroad"),
    "GRADUATE": ("毕业生", "graduates"),
    "EX_SOLDIER": ("退役军人及随迁家属", "ex-soldiers and their families"),
    "EMPLOYEE_BREAK": ("职工医保中断人员", "people whose employee cover lapsed"),
    "TEKUN": ("特困人员", "destitute people"),
    "ORPHAN": ("孤儿", "orphans"),
    "DIBAO": ("低保对象", "people on low income"),
    "ZHONGCAN": ("重度残疾人", "severely disabled people"),
    "MONITORED": ("防返贫监测对象", "people monitored against return to poverty"),
}

# ------------------------------------------------------------------------------------------------- Chinese

_ZH_START = {
    "RETRO_JAN1": "待遇追溯至1月1日",
    "PAY_DATE": "自缴费当日起享受待遇",
    "NEXT_DAY": "自缴费次日起享受待遇",
    "NEXT_MONTH": "自缴费次月1日起享受待遇",
    "PAY_MONTH": "自缴费当月1日起享受待遇",
    "RETRO_AFTER_STOP": "待遇追溯至停保次月1日",
}


def _zh_window(terms: Terms) -> str:
    return f"{terms.benefit_year}年度集中缴费期（{terms.window_open}至{terms.window_close}）"


def _zh_years(years: tuple[int, ...]) -> str:
    return "、".join(str(year) for year in years) + "年"


def _zh_wait(story: Story) -> str:
    wait, terms = story.wait, story.terms
    if wait.months == 0:
        return "等待期按90天计" if terms.wait_rule == WaitRule.DAY90 else "不设等待期"
    parts = [f"固定{wait.fixed}个月"]
    if wait.years:
        added = f"加变动{wait.unrepaired}个月" if wait.unrepaired else "不另加月"
        parts.append(f"{_zh_years(wait.years)}断缴{len(wait.years)}年{added}")
    if wait.repaired:
        parts.append(f"修复后减{wait.repaired}个月")
    if wait.floor_held:
        parts.append(f"断缴满{terms.long_break}年修复后不少于{wait.months}个月")
    return f"等待期{wait.months}个月（{'，'.join(parts)}）"


def _zh_counting(story: Story) -> str:
    months, variable = story.wait.months, story.wait.variable
    match story.terms.wait_rule:
        case WaitRule.CIVIL:
            return f"自缴费之日起满{months}个月的次日享受待遇" if months else "自缴费次日起享受待遇"
        case WaitRule.ANNIV:
            return f"自缴费之日起满{months}个月之日享受待遇" if months else "自缴费当日起享受待遇"
        case WaitRule.MONTH_INCL:
            return f"自缴费当月起算满{months}个月后享受待遇" if months else "自缴费当月1日起享受待遇"
        case WaitRule.MONTH_NEXT:
            return f"自缴费次月起算满{months}个月后享受待遇" if months else "自缴费次月1日起享受待遇"
        case WaitRule.DAY90:
            more = f"再过{variable}个月" if variable else ""
            return f"自缴费之日起90天后（不含第90天）{more}享受待遇"
        case WaitRule.LEGACY:
            return "自缴费次月1日起享受待遇"


def _zh_newborn(story: Story) -> str:
    terms = story.terms
    unit = "天" if terms.newborn_unit == NewbornUnit.DAY else "个月"
    counted = "，含出生当日" if terms.newborn_count_birth_day else ""
    limit = f"出生后{terms.newborn_limit}{unit}（截至{newborn_last_day(terms, story.birth)}{counted}）"
    paid = f"新生儿{story.birth}出生，{story.pay_date}缴纳{terms.benefit_year}年度费用"
    if story.rule == Rule.NEWBORN_FROM_BIRTH:
        return f"{paid}，未超过{limit}，自出生之日起享受待遇"
    how = f"按一般规定{_zh_wait(story)}，{_zh_counting(story)}"
    match terms.newborn_late:
        case NewbornLate.NEXT_MONTH:
            how = _ZH_START["NEXT_MONTH"]
        case NewbornLate.PLUS30:
            how = "自缴费之日起满30天享受待遇"
        case NewbornLate.NEXT_DAY_TO_AGE1:
            young = story.pay_date < first_birthday(story.birth)
            how = f"未满1周岁，{_ZH_START['NEXT_DAY']}" if young else f"已满1周岁，{how}"
    return f"{paid}，已超过{limit}，{how}"


def _zh_not_open(story: Story) -> str:
    return (
        f"{story.pay_date}不能缴费，{_zh_window(story.terms)}尚未开始，请自{story.terms.window_open}起缴费。"
    )


def _zh_closed(story: Story) -> str:
    terms = story.terms
    last = f"{terms.benefit_year}年度最后缴费日为{terms.last_pay_day}"
    return f"{story.pay_date}不能缴费，{last}，本年度缴费已经截止。"


def _zh_switch(story: Story) -> str:
    terms = story.terms
    since = (
        f"在{_zh_window(terms)}内，自停保次日起享受待遇"
        if story.retro_switch
        else _ZH_START[terms.switch_start]
    )
    return (
        f"职工医保{story.stop}停保，{story.pay_date}缴纳居民医保费，未超过停保后{terms.switch_months}个月"
        f"（截至{switch_last_day(terms, story.stop)}），不设等待期，{since}"
    )


def _zh_special(story: Story) -> str:
    terms, code, event = story.terms, story.facts.special_group, story.facts.special_event_date
    because = ""
    if event is not None and not terms.stands(code, event):
        because = f"，{event}起{terms.special_days}天内（截至{special_last_day(terms, event)}）"
    return (
        f"{story.pay_date}缴费，已过{_zh_window(terms)}，属于特殊人群（{GROUPS.get(code, (code,))[0]}"
        f"{because}），不设等待期，{_ZH_START[terms.special_start]}"
    )


def _zh_legacy(story: Story) -> str:
    missed = story.facts.missed_years
    since = f"{_zh_years(missed)}断缴，自缴费后第3个月1日起享受待遇" if missed else _ZH_START["NEXT_MONTH"]
    return f"{story.pay_date}缴费，已过{_zh_window(story.terms)}，{since}"


def _zh_in_window(story: Story) -> str:
    terms = story.terms
    paid = f"{story.pay_date}缴费，在{_zh_window(terms)}内"
    if story.facts.missed_years:
        paid += "，断缴年份不计入等待期"
    if story.pay_date < terms.year_start:
        return f"{paid}，不设等待期，自1月1日起享受待遇"
    return f"{paid}，不设等待期，{_ZH_START[terms.in_window_after_jan1]}"


def _zh_in_window_broken(story: Story) -> str:
    since = f"自1月1日起计{_zh_wait(story)}" if story.wait.months else "不设等待期，自1月1日起享受待遇"
    return f"{story.pay_date}缴费，在{_zh_window(story.terms)}内，但有断缴，{since}"


def _zh_late(story: Story) -> str:
    return f"{story.pay_date}缴费，已过{_zh_window(story.terms)}，{_zh_wait(story)}，{_zh_counting(story)}"


_ZH: dict[Rule, Callable[[Story], str]] = {
    Rule.NEWBORN_FROM_BIRTH: _zh_newborn,
    Rule.NEWBORN_LATE: _zh_newborn,
    Rule.NOT_OPEN: _zh_not_open,
    Rule.YEAR_CLOSED: _zh_closed,
    Rule.EMPLOYEE_SWITCH_NO_WAIT: _zh_switch,
    Rule.SPECIAL_NO_WAIT: _zh_special,
    Rule.LEGACY_LATE: _zh_legacy,
    Rule.IN_WINDOW: _zh_in_window,
    Rule.IN_WINDOW_BROKEN: _zh_in_window_broken,
    Rule.LATE: _zh_late,
}


def explain_zh(story: Story) -> str:
    """The decision as one Chinese sentence with its dates, reason and months."""
    sentence = _ZH[story.rule](story)
    if story.reached is None:
        return sentence
    year, year_end = story.terms.benefit_year, story.terms.year_end
    if story.reached > year_end:
        return (
            f"{sentence}，但起始日{story.reached}已在{year_end}之后，{year}年度内没有待遇，"
            f"须先告知本人并征得同意后方可缴费。"
        )
    clipped = f"，{year}年度待遇不早于1月1日" if story.clipped else ""
    return f"{sentence}{clipped}，待遇期为{story.reached}至{year_end}。"


# ------------------------------------------------------------------------------------------------- English

_EN_START = {
    "RETRO_JAN1": "cover reaches back to 1 January",
    "PAY_DATE": "cover starts on the day of payment",
    "NEXT_DAY": "cover starts on the day after payment",
    "NEXT_MONTH": "cover starts on the 1st of the month after payment",
    "PAY_MONTH": "cover starts on the 1st of the month of payment",
    "RETRO_AFTER_STOP": "cover reaches back to the 1st of the month after employee cover stopped",
}


def _en_count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _en_window(terms: Terms) -> str:
    return (
        f"the central payment window for {terms.benefit_year} ({terms.window_open} to {terms.window_close})"
    )


def _en_years(years: tuple[int, ...]) -> str:
    return ", ".join(str(year) for year in years)


def _en_wait(story: Story) -> str:
    wait, terms = story.wait, story.terms
    if wait.months == 0:
        return "a wait of 90 days" if terms.wait_rule == WaitRule.DAY90 else "no wait"
    parts = [f"{wait.fixed} fixed"]
    if wait.years:
        added = f"adds {wait.unrepaired}" if wait.unrepaired else "adds none"
        parts.append(f"the break of {_en_count(len(wait.years), 'year')} ({_en_years(wait.years)}) {added}")
    if wait.repaired:
        parts.append(f"repair takes away {wait.repaired}")
    if wait.floor_held:
        parts.append(f"after {terms.long_break} missed years repair leaves at least {wait.months}")
    return f"a wait of {_en_count(wait.months, 'month')} ({', '.join(parts)})"


def _en_counting(story: Story) -> str:
    months, variable = _en_count(story.wait.months, "month"), story.wait.variable
    if story.wait.months == 0 and story.terms.wait_rule not in (WaitRule.DAY90, WaitRule.LEGACY):
        words = {
            "CIVIL": "NEXT_DAY",
            "ANNIV": "PAY_DATE",
            "MONTH_INCL": "PAY_MONTH",
            "MONTH_NEXT": "NEXT_MONTH",
        }
        return _EN_START[words[story.terms.wait_rule]]
    match story.terms.wait_rule:
        case WaitRule.CIVIL:
            return f"cover starts on the day after {months} from payment"
        case WaitRule.ANNIV:
            return f"cover starts {months} after the day of payment"
        case WaitRule.MONTH_INCL:
            return f"cover starts after {months} counted from the month of payment"
        case WaitRule.MONTH_NEXT:
            return f"cover starts after {months} counted from the month after payment"
        case WaitRule.DAY90:
            more = f" and {_en_count(variable, 'month')} more" if variable else ""
            return f"cover starts after 90 days from payment{more}, the 90th day not covered"
        case WaitRule.LEGACY:
            return _EN_START["NEXT_MONTH"]


def _en_newborn(story: Story) -> str:
    terms = story.terms
    unit = _en_count(terms.newborn_limit, terms.newborn_unit.lower())
    counted = ", the day of birth counted" if terms.newborn_count_birth_day else ""
    limit = f"{unit} after birth (until {newborn_last_day(terms, story.birth)}{counted})"
    paid = f"The newborn was born on {story.birth} and {terms.benefit_year} was paid for on {story.pay_date}"
    if story.rule == Rule.NEWBORN_FROM_BIRTH:
        return f"{paid}, not later than {limit}: cover starts at birth"
    how = f"the general rule applies, {_en_wait(story)}, {_en_counting(story)}"
    match terms.newborn_late:
        case NewbornLate.NEXT_MONTH:
            how = _EN_START["NEXT_MONTH"]
        case NewbornLate.PLUS30:
            how = "cover starts 30 days after payment"
        case NewbornLate.NEXT_DAY_TO_AGE1:
            young = story.pay_date < first_birthday(story.birth)
            how = (
                f"before the first birthday {_EN_START['NEXT_DAY']}"
                if young
                else f"from the first birthday on {how}"
            )
    return f"{paid}, later than {limit}: {how}"


def _en_not_open(story: Story) -> str:
    return (
        f"Payment is not possible on {story.pay_date}: {_en_window(story.terms)} has not opened yet, "
        f"please pay from {story.terms.window_open} on."
    )


def _en_closed(story: Story) -> str:
    terms = story.terms
    return (
        f"Payment is not possible on {story.pay_date}: the last day to pay for {terms.benefit_year} "
        f"was {terms.last_pay_day}."
    )


def _en_switch(story: Story) -> str:
    terms = story.terms
    since = _EN_START[terms.switch_start]
    if story.retro_switch:
        since = f"inside {_en_window(terms)} cover starts on the day after the stop"
    limit = f"{_en_count(terms.switch_months, 'month')} after it (until {switch_last_day(terms, story.stop)})"
    return (
        f"Employee cover stopped on {story.stop} and resident cover was paid for on {story.pay_date}, "
        f"not later than {limit}: no wait, {since}"
    )


def _en_special(story: Story) -> str:
    terms, code, event = story.terms, story.facts.special_group, story.facts.special_event_date
    because = ""
    if event is not None and not terms.stands(code, event):
        days = _en_count(terms.special_days, "day")
        because = f", within {days} of {event} (until {special_last_day(terms, event)})"
    return (
        f"Paid on {story.pay_date}, after {_en_window(terms)}, as a special group "
        f"({GROUPS.get(code, (code, code))[1]}{because}): no wait, {_EN_START[terms.special_start]}"
    )


def _en_legacy(story: Story) -> str:
    missed = story.facts.missed_years
    since = _EN_START["NEXT_MONTH"]
    if missed:
        since = f"after missing {_en_years(missed)} cover starts on the 1st of the 3rd month after payment"
    return f"Paid on {story.pay_date}, after {_en_window(story.terms)}: {since}"


def _en_in_window(story: Story) -> str:
    terms = story.terms
    paid = f"Paid on {story.pay_date}, inside {_en_window(terms)}"
    if story.facts.missed_years:
        paid += ", the missed years do not count"
    if story.pay_date < terms.year_start:
        return f"{paid}: no wait, cover starts on 1 January"
    return f"{paid}: no wait, {_EN_START[terms.in_window_after_jan1]}"


def _en_in_window_broken(story: Story) -> str:
    return (
        f"Paid on {story.pay_date}, inside {_en_window(story.terms)}, but after a break: "
        f"{_en_wait(story)} from 1 January on"
    )


def _en_late(story: Story) -> str:
    return (
        f"Paid on {story.pay_date}, after {_en_window(story.terms)}: {_en_wait(story)}, {_en_counting(story)}"
    )


_EN: dict[Rule, Callable[[Story], str]] = {
    Rule.NEWBORN_FROM_BIRTH: _en_newborn,
    Rule.NEWBORN_LATE: _en_newborn,
    Rule.NOT_OPEN: _en_not_open,
    Rule.YEAR_CLOSED: _en_closed,
    Rule.EMPLOYEE_SWITCH_NO_WAIT: _en_switch,
    Rule.SPECIAL_NO_WAIT: _en_special,
    Rule.LEGACY_LATE: _en_legacy,
    Rule.IN_WINDOW: _en_in_window,
    Rule.IN_WINDOW_BROKEN: _en_in_window_broken,
    Rule.LATE: _en_late,
}


def explain_en(story: Story) -> str:
    """The decision as one English sentence with its dates, reason and months."""
    sentence = _EN[story.rule](story)
    if story.reached is None:
        return sentence
    year, year_end = story.terms.benefit_year, story.terms.year_end
    if story.reached > year_end:
        return (
            f"{sentence}, but that would be {story.reached}, after {year_end}: there is no cover in {year}, "
            f"and the person must know and agree before paying."
        )
    clipped = f", for {year} not before 1 January" if story.clipped else ""
    return f"{sentence}{clipped}, so the cover runs from {story.reached} to {year_end}."

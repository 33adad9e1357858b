"""What holds for any terms and any person."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrollment.coverage import NO_FACTS, Facts, Rule, decide, missed_years
from enrollment.policy import (
    BreakCountMode,
    InWindowAfterJan1,
    LatePriceRule,
    NewbornLate,
    NewbornUnit,
    SpecialStart,
    SwitchStart,
    Terms,
    WaitRule,
    best_aid,
    personal_price,
    price_class,
)
from enrollment.waiting import newborn_last_day, wait_of
from tests.enrollment.values import make_terms

YEAR = 2030
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
DAYS = st.dates(date(YEAR - 1, 1, 1), date(YEAR + 1, 6, 30))


def words(options: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([str(option) for option in options])


@st.composite
def any_terms(draw: st.DrawFn, /, *, usual_window: bool = False, **fixed: Any) -> Terms:
    opened, closed = date(YEAR - 1, 9, 1), date(YEAR, 2, 28)
    if not usual_window:
        opened = draw(st.dates(date(YEAR - 1, 1, 1), date(YEAR, 6, 30)))
        closed = draw(st.dates(opened, LAST))
    data = {
        "benefit_year": YEAR,
        "window_open": opened.isoformat(),
        "window_close": closed.isoformat(),
        "late_last_pay_day": draw(st.none() | st.dates(closed, LAST).map(date.isoformat)),
        "in_window_after_jan1": draw(words(InWindowAfterJan1)),
        "wait_fixed": draw(st.integers(0, 6)),
        "wait_rule": draw(words(WaitRule)),
        "variable_wait": draw(st.booleans()),
        "break_from": draw(st.integers(YEAR - 8, YEAR)),
        "break_count_mode": draw(words(BreakCountMode)),
        "long_break": draw(st.integers(1, 6)),
        "long_floor": draw(st.integers(0, 9)),
        "newborn_limit": draw(st.integers(1, 180)),
        "newborn_unit": draw(words(NewbornUnit)),
        "newborn_count_birth_day": draw(st.booleans()),
        "newborn_late": draw(words(NewbornLate)),
        "special_groups": draw(st.sampled_from([[], ["TEKUN"], [{"group": "RELEASED", "kind": "EVENT"}]])),
        "special_days": draw(st.integers(0, 120)),
        "special_start": draw(words(SpecialStart)),
        "switch_months": draw(st.integers(0, 6)),
        "switch_start": draw(words(SwitchStart)),
    }
    return make_terms(**{**data, **fixed})


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    newborn = draw(st.booleans())
    births = st.dates(date(YEAR - 2, 1, 1), date(YEAR + 1, 3, 31))
    return Facts(
        birth_date=draw(births if newborn else st.none() | births),
        newborn=newborn,
        missed_years=tuple(sorted(draw(st.sets(st.integers(YEAR - 9, YEAR))))),
        repair_years=draw(st.integers(0, 9)),
        special_group=draw(st.sampled_from(["", "TEKUN", "RELEASED"])),
        special_event_date=draw(st.none() | DAYS),
        employee_stop_date=draw(st.none() | DAYS),
    )


def matching_rules(terms: Terms, facts: Facts, paid: date) -> list[Rule]:
    """Every row of the table whose own condition holds, whatever the rows above it say."""
    inside = terms.window_open <= paid <= terms.window_close
    after = paid > terms.window_close
    born = facts.birth_date if facts.newborn else None
    in_time = born is not None and paid <= newborn_last_day(terms, born)
    stop, event = facts.employee_stop_date, facts.special_event_date
    months = (paid.year - stop.year) * 12 + paid.month - stop.month if stop else 0
    listed = {group.code for group in terms.special_groups}
    run = 0
    while YEAR - 1 - run >= terms.break_from and YEAR - 1 - run in facts.missed_years:
        run += 1
    conditions = {
        Rule.NEWBORN_FROM_BIRTH: born is not None
        and in_time
        and born.year in (YEAR - 1, YEAR)
        and (paid >= terms.window_open or (born.year == YEAR and paid >= born)),
        Rule.NEWBORN_LATE: born is not None and born.year == YEAR and not in_time,
        Rule.NOT_OPEN: paid < terms.window_open,
        Rule.YEAR_CLOSED: paid > (terms.late_last_pay_day or LAST),
        Rule.EMPLOYEE_SWITCH_NO_WAIT: stop is not None and stop < paid and months <= terms.switch_months,
        Rule.SPECIAL_NO_WAIT: after
        and facts.special_group != ""
        and (not listed or facts.special_group in listed)
        and not (facts.special_group in listed and facts.special_group == "RELEASED" and event is None)
        and (event is None or 0 <= (paid - event).days <= terms.special_days),
        Rule.LEGACY_LATE: after and terms.wait_rule == WaitRule.LEGACY,
        Rule.IN_WINDOW: inside and (run == 0 or not terms.variable_wait),
        Rule.IN_WINDOW_BROKEN: inside and run > 0 and terms.variable_wait,
        Rule.LATE: after,
    }
    return [rule for rule, holds in conditions.items() if holds]


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(any_terms(), any_facts(), DAYS)
def test_the_first_rule_that_matches_decides(terms: Terms, facts: Facts, paid: date) -> None:
    matching = matching_rules(terms, facts, paid)
    decision = decide(terms, facts, paid)
    assert decision.rule == matching[0]
    assert decision == decide(terms, facts, paid)
    assert decision.refused == (decision.rule in {Rule.NOT_OPEN, Rule.YEAR_CLOSED})


@settings(max_examples=200, deadline=None)
@given(any_terms(), any_facts(), DAYS)
def test_cover_lies_within_the_year_or_there_is_none(terms: Terms, facts: Facts, paid: date) -> None:
    decision = decide(terms, facts, paid)
    if decision.start is None:
        assert decision.end is None
        assert decision.refused or (decision.reached is not None and decision.reached > LAST)
    else:
        assert FIRST <= decision.start <= LAST
        assert decision.end == LAST
        assert decision.reached == decision.start
    if decision.rule == Rule.NEWBORN_FROM_BIRTH and decision.start and facts.birth_date:
        assert decision.start >= facts.birth_date
    assert decision.wait_months == decision.wait_fixed + decision.wait_variable
    assert decision.wait_months == 0 or decision.rule in {Rule.IN_WINDOW_BROKEN, Rule.LATE}


@settings(max_examples=200, deadline=None)
@given(any_terms(), any_facts(), DAYS)
def test_the_sentences_hold_the_dates(terms: Terms, facts: Facts, paid: date) -> None:
    decision = decide(terms, facts, paid)
    for sentence, stop in ((decision.explain_zh, "。"), (decision.explain_en, ".")):
        assert sentence.endswith(stop)
        assert sentence.count(stop) == 1
        assert "None" not in sentence
        assert "\n" not in sentence
        assert paid.isoformat() in sentence
        assert str(YEAR) in sentence
        if decision.reached is not None:
            assert decision.reached.isoformat() in sentence
            assert LAST.isoformat() in sentence
        if decision.rule in {
            Rule.NOT_OPEN,
            Rule.IN_WINDOW,
            Rule.IN_WINDOW_BROKEN,
            Rule.LATE,
            Rule.LEGACY_LATE,
        }:
            assert terms.window_open.isoformat() in sentence
            assert terms.window_close.isoformat() in sentence
        if decision.rule == Rule.YEAR_CLOSED:
            assert terms.last_pay_day.isoformat() in sentence
        if decision.wait_months:
            assert str(decision.wait_months) in sentence
        if decision.rule in {Rule.NEWBORN_FROM_BIRTH, Rule.NEWBORN_LATE}:
            assert str(facts.birth_date) in sentence
        if decision.rule == Rule.EMPLOYEE_SWITCH_NO_WAIT:
            assert str(facts.employee_stop_date) in sentence


GENERAL = {Rule.IN_WINDOW, Rule.IN_WINDOW_BROKEN, Rule.LATE, Rule.LEGACY_LATE}


@settings(max_examples=200, deadline=None)
@given(any_terms(), st.sets(st.integers(YEAR - 9, YEAR - 1)), st.lists(DAYS, min_size=2, max_size=12))
def test_paying_later_never_starts_earlier(terms: Terms, missed: set[int], paid: list[date]) -> None:
    facts = Facts(missed_years=tuple(sorted(missed)))
    starts: dict[Rule, list[date]] = {}
    for day in sorted(paid):
        decision = decide(terms, facts, day)
        assert decision.rule in GENERAL or decision.refused
        if decision.reached is not None:
            starts.setdefault(decision.rule, []).append(decision.reached)
    for reached in starts.values():
        assert reached == sorted(reached)


@settings(max_examples=200, deadline=None)
@given(
    any_terms(usual_window=True, in_window_after_jan1="RETRO_JAN1"),
    st.sets(st.integers(YEAR - 9, YEAR - 1)),
    st.dates(date(YEAR - 1, 9, 1), date(YEAR, 2, 28)),
    st.dates(date(YEAR, 3, 1), LAST),
    words(rule for rule in WaitRule if rule != WaitRule.LEGACY),
)
def test_missing_the_window_never_helps(
    terms: Terms, missed: set[int], inside: date, outside: date, wait_rule: str
) -> None:
    terms = replace(terms, wait_rule=WaitRule(wait_rule), late_last_pay_day=None)
    if (
        terms.wait_rule == WaitRule.DAY90
    ):  # the ninety days stand for three fixed months, and for no other number
        terms = replace(terms, wait_fixed=3)
    facts = Facts(missed_years=tuple(sorted(missed)))
    in_window, late = decide(terms, facts, inside), decide(terms, facts, outside)
    assert in_window.reached is not None
    assert late.reached is not None
    assert in_window.reached <= late.reached


@settings(max_examples=200, deadline=None)
@given(any_terms(), any_facts(), DAYS)
def test_repair_never_starts_later(terms: Terms, facts: Facts, paid: date) -> None:
    before = decide(terms, facts, paid)
    after = decide(terms, replace(facts, repair_years=facts.repair_years + 1), paid)
    assert after.rule == before.rule
    assert after.wait_months <= before.wait_months
    if before.reached is not None:
        assert after.reached is not None
        assert after.reached <= before.reached


@given(any_terms(), st.sets(st.integers(YEAR - 12, YEAR - 1)), st.integers(0, 12))
def test_a_wait_is_never_below_its_fixed_months(terms: Terms, missed: set[int], repair: int) -> None:
    wait, unrepaired = wait_of(terms, missed, repair), wait_of(terms, missed, 0)
    assert terms.wait_fixed <= wait.months <= unrepaired.months
    assert wait.months >= unrepaired.months - repair
    if len(wait.years) >= terms.long_break:
        assert wait.months >= min(unrepaired.months, terms.long_floor)


@given(
    any_terms(), st.sets(st.integers(YEAR - 12, YEAR + 2)), st.none() | st.dates(date(YEAR - 10, 1, 1), LAST)
)
def test_missed_years_are_a_run_up_to_the_year_before(
    terms: Terms, history: set[int], birth: date | None
) -> None:
    missed = missed_years(history, terms, YEAR, birth)
    assert missed == tuple(range(YEAR - len(missed), YEAR))
    assert not set(missed) & history
    assert all(birth is None or year >= birth.year for year in missed)
    if not any(year < YEAR for year in history):
        assert missed == ()
    if terms.wait_rule != WaitRule.LEGACY:
        assert all(year >= terms.break_from for year in missed)


AMOUNTS = st.decimals("0.01", "9999.99", places=2).map(str)
SUBSIDIES = st.one_of(
    st.just({"kind": "FULL"}),
    AMOUNTS.map(lambda amount: {"kind": "FIXED", "value": amount}),
    AMOUNTS.map(lambda amount: {"kind": "FIXED", "pays": amount}),
    st.decimals("0.01", "100.00", places=2).map(lambda percent: {"kind": "PERCENT", "value": str(percent)}),
)
CODES = ("DIBAO", "MONITORED", "ORPHAN", "TEKUN", "ZHONGCAN")


@given(
    st.dictionaries(st.sampled_from(CODES), SUBSIDIES),
    st.sets(st.sampled_from(CODES)),
    st.decimals("0.01", "9999.99", places=2),
)
def test_aid_is_the_best_of_each_and_never_more_than_the_price(
    rules: Any, held: set[str], price: Any
) -> None:
    terms = make_terms(subsidy_rules=[{"category": code, **rule} for code, rule in rules.items()])
    category, aid = best_aid(terms, held, price)
    single = {code: best_aid(terms, [code], price).amount for code in held}
    assert aid == max(single.values(), default=0)
    assert 0 <= aid <= price
    assert aid == round(aid, 2)
    assert category == min((code for code in held if single[code] == aid > 0), default="")


@given(st.dates(date(1900, 1, 1), date(YEAR, 12, 31)))
def test_class_by_age_on_1_january(birth: date) -> None:
    terms = make_terms(
        benefit_year=YEAR,
        window_open=f"{YEAR - 1}-09-01",
        window_close=f"{YEAR}-02-28",
        personal_standard={"CHILD": "1", "ADULT": "2", "ELDER": "3"},
    )
    age = YEAR - birth.year - (0 if (birth.month, birth.day) == (1, 1) else 1)
    expected = "CHILD" if age < 18 else "ELDER" if age >= 60 else "ADULT"
    assert price_class(terms, "1701", birth) == expected
    assert personal_price(terms, "1701", birth) == {"CHILD": 1, "ADULT": 2, "ELDER": 3}[expected]


@given(any_terms(late_price_rule=LatePriceRule.FULL_COST.value))
def test_terms_return_from_their_own_json(terms: Terms) -> None:
    assert Terms.from_dict(terms.to_dict()) == terms
    assert Terms.from_dict(terms.to_dict()).to_dict() == terms.to_dict()


def test_a_person_without_anything_special_is_decided_by_the_window_alone() -> None:
    terms = make_terms()
    rules = [decide(terms, NO_FACTS, date(2024, 8, 1) + timedelta(days=n)).rule for n in range(600)]
    changes = [rules[0], *(rule for before, rule in pairwise(rules) if rule != before)]
    assert changes == [Rule.NOT_OPEN, Rule.IN_WINDOW, Rule.LATE, Rule.YEAR_CLOSED]

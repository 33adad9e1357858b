"""Each rule at its edges; expected dates are counted by hand from the rule's text."""

from datetime import date, datetime
from typing import Any

import pytest

from bureau.errors import BureauError
from enrollment.coverage import (
    NO_FACTS,
    Facts,
    NewbornWithoutBirthDate,
    RepairNegative,
    Rule,
    decide,
    missed_years,
)
from enrollment.policy import Terms
from enrollment.waiting import counted_break, start_from, wait_of
from tests.enrollment.values import day, decided, make_terms, outcome, terms_of_year

SEP_TO_DEC = {"window_open": "2024-09-01", "window_close": "2024-12-31"}


@pytest.mark.parametrize(
    ("changes", "born", "paid", "expected"),
    [
        pytest.param(
            {}, "2025-01-01", "2025-01-01", ("NEWBORN_FROM_BIRTH", "2025-01-01"), id="born and paid on 1 Jan"
        ),
        pytest.param({}, "2025-03-10", "2025-06-08", ("NEWBORN_FROM_BIRTH", "2025-03-10"), id="day 90"),
        pytest.param({}, "2025-03-10", "2025-06-09", ("NEWBORN_LATE", "2025-07-01"), id="day 91"),
        pytest.param(
            {"newborn_count_birth_day": True},
            "2025-03-10",
            "2025-06-07",
            ("NEWBORN_FROM_BIRTH", "2025-03-10"),
            id="birth is day 1, day 90",
        ),
        pytest.param(
            {"newborn_count_birth_day": True},
            "2025-03-10",
            "2025-06-08",
            ("NEWBORN_LATE", "2025-07-01"),
            id="birth is day 1, day 91",
        ),
        pytest.param(
            {"newborn_limit": 3, "newborn_unit": "MONTH"},
            "2025-11-30",
            "2026-02-28",
            ("NEWBORN_FROM_BIRTH", "2025-11-30"),
            id="3 months end on the last of February, after the year",
        ),
        pytest.param(
            {"newborn_limit": 3, "newborn_unit": "MONTH"},
            "2025-11-30",
            "2026-03-01",
            ("NEWBORN_LATE", None),
            id="a day later nothing is left of the year",
        ),
        pytest.param(
            {"newborn_limit": 3, "newborn_unit": "MONTH", "newborn_count_birth_day": True},
            "2025-03-10",
            "2025-06-09",
            ("NEWBORN_FROM_BIRTH", "2025-03-10"),
            id="3 months with the day of birth",
        ),
        pytest.param(
            {"newborn_limit": 3, "newborn_unit": "MONTH", "newborn_count_birth_day": True},
            "2025-03-10",
            "2025-06-10",
            ("NEWBORN_LATE", "2025-07-01"),
            id="3 months with the day of birth are over",
        ),
        pytest.param(
            {}, "2024-12-20", "2024-12-25", ("NEWBORN_FROM_BIRTH", "2025-01-01"), id="year before, paid then"
        ),
        pytest.param(
            {}, "2024-12-20", "2025-03-20", ("NEWBORN_FROM_BIRTH", "2025-01-01"), id="year before, day 90"
        ),
        pytest.param(
            {}, "2024-12-20", "2025-03-21", ("LATE", "2025-06-22"), id="year before, day 91: general rule"
        ),
        pytest.param({}, "2024-08-01", "2024-08-31", ("NOT_OPEN", None), id="year before, window not open"),
        pytest.param(
            {}, "2024-08-01", "2024-09-01", ("NEWBORN_FROM_BIRTH", "2025-01-01"), id="year before, opening"
        ),
        pytest.param(
            {}, "2023-12-31", "2024-09-01", ("IN_WINDOW", "2025-01-01"), id="two years before: ordinary"
        ),
        pytest.param(
            {}, "2025-05-01", "2024-12-01", ("NEWBORN_FROM_BIRTH", "2025-05-01"), id="paid before birth"
        ),
        pytest.param({}, "2025-05-01", "2024-08-31", ("NOT_OPEN", None), id="paid before birth and window"),
        pytest.param(
            {"window_open": "2025-01-15"},
            "2025-01-03",
            "2025-01-05",
            ("NEWBORN_FROM_BIRTH", "2025-01-03"),
            id="born in the year: the window does not matter",
        ),
        pytest.param(
            {"window_open": "2025-01-15"},
            "2025-01-03",
            "2025-01-03",
            ("NEWBORN_FROM_BIRTH", "2025-01-03"),
            id="paid on the day of birth, before the window",
        ),
        pytest.param(
            {"newborn_limit": 400},
            "2023-12-31",
            "2024-09-01",
            ("IN_WINDOW", "2025-01-01"),
            id="born two years before: never a newborn, whatever the limit",
        ),
    ],
)
def test_newborn_in_time(
    changes: dict[str, Any], born: str, paid: str, expected: tuple[str, str | None]
) -> None:
    assert outcome(decided(make_terms(**changes), paid, newborn=True, birth_date=born)) == expected


def test_a_birth_date_alone_makes_no_newborn() -> None:
    assert outcome(decided(make_terms(), "2025-04-01", birth_date="2025-03-10")) == ("LATE", "2025-07-02")
    assert outcome(decided(make_terms(), "2025-07-01", birth_date="2025-03-10")) == ("LATE", "2025-10-02")


@pytest.mark.parametrize(
    ("changes", "paid", "expected"),
    [
        pytest.param({}, "2025-11-30", "2025-12-01", id="next month"),
        pytest.param({}, "2025-12-01", None, id="next month is next year"),
        pytest.param({}, "2026-01-05", None, id="paid when the year is over"),
        pytest.param({"newborn_late": "PLUS30"}, "2025-06-09", "2025-07-09", id="30 days"),
        pytest.param(
            {"newborn_late": "NEXT_DAY_TO_AGE1"}, "2025-12-30", "2025-12-31", id="next day, last one"
        ),
        pytest.param({"newborn_late": "NEXT_DAY_TO_AGE1"}, "2025-12-31", None, id="next day is next year"),
        pytest.param({"newborn_late": "GENERAL"}, "2025-06-09", "2025-09-10", id="general rule"),
        pytest.param(
            {"newborn_late": "GENERAL", "wait_rule": "ANNIV"}, "2025-06-09", "2025-09-09", id="anniversary"
        ),
        pytest.param(
            {"newborn_late": "GENERAL", "wait_rule": "LEGACY"}, "2025-06-09", "2025-07-01", id="legacy"
        ),
        pytest.param(
            {"newborn_late": "GENERAL", "wait_rule": "DAY90", "newborn_limit": 30},
            "2025-07-01",
            "2025-09-30",
            id="days",
        ),
    ],
)
def test_newborn_late(changes: dict[str, Any], paid: str, expected: str | None) -> None:
    decision = decided(
        make_terms(**changes), paid, newborn=True, birth_date="2025-03-10", missed_years=(2024,)
    )
    assert outcome(decision) == ("NEWBORN_LATE", expected)
    assert decision.wait_months == decision.wait_fixed == decision.wait_variable == 0


def test_newborn_is_one_year_old() -> None:
    terms = make_terms(newborn_late="NEXT_DAY_TO_AGE1")
    facts = Facts(newborn=True, birth_date=date(2025, 1, 1))
    assert decide(terms, facts, date(2025, 12, 31)).reached == date(2026, 1, 1)
    on_birthday = decide(terms, facts, date(2026, 1, 1))
    assert (on_birthday.rule, on_birthday.start, on_birthday.reached) == (
        Rule.NEWBORN_LATE,
        None,
        date(2026, 4, 2),
    )
    assert "已满1周岁" in on_birthday.explain_zh


@pytest.mark.parametrize(
    ("last", "paid", "expected"),
    [
        (None, "2024-08-31", ("NOT_OPEN", None)),
        (None, "2024-09-01", ("IN_WINDOW", "2025-01-01")),
        (None, "2025-12-31", ("LATE", None)),
        (None, "2026-01-01", ("YEAR_CLOSED", None)),
        ("2025-09-30", "2025-09-30", ("LATE", "2025-12-31")),
        ("2025-09-30", "2025-10-01", ("YEAR_CLOSED", None)),
        ("2025-02-28", "2025-02-28", ("IN_WINDOW", "2025-01-01")),
        ("2025-02-28", "2025-03-01", ("YEAR_CLOSED", None)),
    ],
)
def test_the_year_opens_and_closes(last: str | None, paid: str, expected: tuple[str, str | None]) -> None:
    decision = decided(make_terms(late_last_pay_day=last), paid)
    assert outcome(decision) == expected
    assert decision.refused == (expected[0] in {"NOT_OPEN", "YEAR_CLOSED"})
    assert decision.no_cover == (expected == ("LATE", None))


def test_a_closed_year_refuses_everybody_but_newborns() -> None:
    terms = make_terms(late_last_pay_day="2025-09-30")
    assert decided(terms, "2025-10-01", special_group="TEKUN").rule == Rule.YEAR_CLOSED
    assert decided(terms, "2025-10-01", employee_stop_date="2025-09-15").rule == Rule.YEAR_CLOSED
    assert decided(terms, "2025-10-01", newborn=True, birth_date="2025-09-01").rule == Rule.NEWBORN_FROM_BIRTH


@pytest.mark.parametrize(
    ("changes", "stop", "paid", "expected"),
    [
        ({}, "2025-04-30", "2025-05-01", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-05-01")),
        ({}, "2025-04-30", "2025-07-31", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-07-31")),
        ({}, "2025-04-30", "2025-08-01", ("LATE", "2025-11-02")),
        ({}, "2025-04-30", "2025-04-30", ("LATE", "2025-07-31")),
        ({}, "2025-03-15", "2025-06-30", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-06-30")),
        ({}, "2025-03-15", "2025-07-01", ("LATE", "2025-10-02")),
        ({"switch_months": 4}, "2025-04-30", "2025-08-31", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-08-31")),
        ({"switch_months": 0}, "2025-04-10", "2025-04-30", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-04-30")),
        ({"switch_months": 0}, "2025-04-10", "2025-05-01", ("LATE", "2025-08-02")),
        ({"switch_start": "NEXT_DAY"}, "2025-04-10", "2025-06-20", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-06-21")),
        (
            {"switch_start": "NEXT_MONTH"},
            "2025-04-10",
            "2025-06-20",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-07-01"),
        ),
        (
            {"switch_start": "PAY_MONTH"},
            "2025-04-10",
            "2025-06-20",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-06-01"),
        ),
        (
            {"switch_start": "RETRO_AFTER_STOP"},
            "2025-04-10",
            "2025-06-20",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-05-01"),
        ),
        ({"switch_start": "NEXT_MONTH"}, "2025-11-30", "2025-12-05", ("EMPLOYEE_SWITCH_NO_WAIT", None)),
        # Inside a window that reaches back to 1 January: the day after the stop, whatever switch_start says.
        ({}, "2025-01-10", "2025-02-20", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-01-11")),
        (
            {"switch_start": "NEXT_MONTH"},
            "2025-01-10",
            "2025-02-20",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-01-11"),
        ),
        ({}, "2024-11-30", "2024-12-05", ("EMPLOYEE_SWITCH_NO_WAIT", "2025-01-01")),
        # Inside a window of another kind: switch_start, not before 1 January.
        (
            {"in_window_after_jan1": "PAY_DATE"},
            "2025-01-10",
            "2025-02-20",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-02-20"),
        ),
        (
            {"in_window_after_jan1": "PAY_DATE"},
            "2024-11-30",
            "2024-12-05",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-01-01"),
        ),
        (
            {"in_window_after_jan1": "PAY_DATE", "switch_start": "RETRO_AFTER_STOP"},
            "2025-01-10",
            "2025-02-20",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-02-01"),
        ),
        (
            {"in_window_after_jan1": "PAY_DATE", "switch_start": "RETRO_AFTER_STOP"},
            "2024-10-20",
            "2025-01-31",
            ("EMPLOYEE_SWITCH_NO_WAIT", "2025-01-01"),
        ),
    ],
)
def test_employee_switch(
    changes: dict[str, Any], stop: str, paid: str, expected: tuple[str, str | None]
) -> None:
    assert outcome(decided(make_terms(**changes), paid, employee_stop_date=stop)) == expected


def test_switch_goes_before_special_group_break_and_legacy() -> None:
    facts = {"employee_stop_date": "2025-04-30", "special_group": "TEKUN", "missed_years": (2024,)}
    terms = make_terms(break_from=2020, special_start="NEXT_MONTH", wait_rule="LEGACY")
    assert outcome(decided(terms, "2025-06-20", **facts)) == ("EMPLOYEE_SWITCH_NO_WAIT", "2025-06-20")
    assert outcome(decided(terms, "2025-08-20", **facts)) == ("SPECIAL_NO_WAIT", "2025-09-01")


@pytest.mark.parametrize(
    ("changes", "group", "event", "paid", "expected"),
    [
        ({}, "TEKUN", None, "2025-03-01", ("SPECIAL_NO_WAIT", "2025-03-02")),
        ({}, "TEKUN", None, "2025-02-28", ("IN_WINDOW", "2025-01-01")),
        ({}, "TEKUN", None, "2025-12-31", ("SPECIAL_NO_WAIT", None)),
        ({}, "RELEASED", "2025-04-01", "2025-06-30", ("SPECIAL_NO_WAIT", "2025-07-01")),
        ({}, "RELEASED", "2025-04-01", "2025-07-01", ("LATE", "2025-10-02")),
        ({}, "RELEASED", "2025-04-01", "2025-04-01", ("SPECIAL_NO_WAIT", "2025-04-02")),
        ({}, "RELEASED", "2025-04-02", "2025-04-01", ("LATE", "2025-07-02")),
        ({"special_start": "PAY_DATE"}, "TEKUN", None, "2025-06-30", ("SPECIAL_NO_WAIT", "2025-06-30")),
        ({"special_start": "PAY_MONTH"}, "TEKUN", None, "2025-06-30", ("SPECIAL_NO_WAIT", "2025-06-01")),
        ({"special_start": "NEXT_MONTH"}, "TEKUN", None, "2025-06-30", ("SPECIAL_NO_WAIT", "2025-07-01")),
        ({"special_groups": ["TEKUN"]}, "TEKUN", None, "2025-03-01", ("SPECIAL_NO_WAIT", "2025-03-02")),
        ({"special_groups": ["TEKUN"]}, "CLERGY", None, "2025-03-01", ("LATE", "2025-06-02")),
        (
            {"special_groups": [{"group": "RELEASED", "kind": "EVENT"}]},
            "RELEASED",
            None,
            "2025-03-01",
            ("LATE", "2025-06-02"),
        ),
        (
            {"special_groups": [{"group": "TEKUN", "kind": "STANDING"}]},
            "TEKUN",
            "2024-01-01",
            "2025-03-01",
            ("SPECIAL_NO_WAIT", "2025-03-02"),
        ),
        (
            {"special_groups": [{"group": "RELEASED", "kind": "EVENT"}]},
            "RELEASED",
            "2025-03-01",
            "2025-03-10",
            ("SPECIAL_NO_WAIT", "2025-03-11"),
        ),
        ({"special_groups": ["TEKUN"]}, "RELEASED", "2025-03-01", "2025-03-10", ("LATE", "2025-06-11")),
        # A window that closes early: the year's cover does not start before 1 January.
        ({"window_close": "2024-12-20"}, "TEKUN", None, "2024-12-25", ("SPECIAL_NO_WAIT", "2025-01-01")),
    ],
)
def test_special_group(
    changes: dict[str, Any], group: str, event: str | None, paid: str, expected: tuple[str, str | None]
) -> None:
    facts = {"special_group": group} | ({"special_event_date": event} if event else {})
    assert outcome(decided(make_terms(**changes), paid, **facts)) == expected


@pytest.mark.parametrize(
    ("missed", "paid", "expected"),
    [
        ((), "2025-02-28", ("IN_WINDOW", "2025-01-01")),
        ((), "2025-03-01", ("LEGACY_LATE", "2025-04-01")),
        ((), "2025-11-30", ("LEGACY_LATE", "2025-12-01")),
        ((), "2025-12-01", ("LEGACY_LATE", None)),
        ((2024,), "2025-03-31", ("LEGACY_LATE", "2025-06-01")),
        ((2011,), "2025-09-30", ("LEGACY_LATE", "2025-12-01")),
        ((2024,), "2025-10-01", ("LEGACY_LATE", None)),
    ],
)
def test_legacy(missed: tuple[int, ...], paid: str, expected: tuple[str, str | None]) -> None:
    decision = decided(make_terms(wait_rule="LEGACY", variable_wait=False), paid, missed_years=missed)
    assert outcome(decision) == expected
    assert decision.wait_months == 0


@pytest.mark.parametrize(
    ("choice", "on_1_january", "on_20_january", "on_28_february"),
    [
        ("RETRO_JAN1", "2025-01-01", "2025-01-01", "2025-01-01"),
        ("PAY_DATE", "2025-01-01", "2025-01-20", "2025-02-28"),
        ("NEXT_DAY", "2025-01-02", "2025-01-21", "2025-03-01"),
        ("NEXT_MONTH", "2025-02-01", "2025-02-01", "2025-03-01"),
        ("PAY_MONTH", "2025-01-01", "2025-01-01", "2025-02-01"),
    ],
)
def test_in_window(choice: str, on_1_january: str, on_20_january: str, on_28_february: str) -> None:
    terms = make_terms(in_window_after_jan1=choice)
    assert outcome(decided(terms, "2024-12-31")) == ("IN_WINDOW", "2025-01-01")
    assert outcome(decided(terms, "2025-01-01")) == ("IN_WINDOW", on_1_january)
    assert outcome(decided(terms, "2025-01-20")) == ("IN_WINDOW", on_20_january)
    assert outcome(decided(terms, "2025-02-28")) == ("IN_WINDOW", on_28_february)


@pytest.mark.parametrize(
    ("changes", "missed", "expected", "months"),
    [
        ({}, (2025,), ("IN_WINDOW_BROKEN", "2026-04-01"), 3),
        ({"break_count_mode": "EACH"}, (2025,), ("IN_WINDOW_BROKEN", "2026-05-01"), 4),
        ({"break_from": 2024}, (2024, 2025), ("IN_WINDOW_BROKEN", "2026-05-01"), 4),
        ({}, (2024, 2025), ("IN_WINDOW_BROKEN", "2026-04-01"), 3),
        ({}, (2024,), ("IN_WINDOW", "2026-01-01"), 0),
        ({"variable_wait": False}, (2025,), ("IN_WINDOW", "2026-01-01"), 0),
        ({"wait_fixed": 0}, (2025,), ("IN_WINDOW_BROKEN", "2026-01-01"), 0),
        ({"wait_fixed": 11}, (2025,), ("IN_WINDOW_BROKEN", "2026-12-01"), 11),
        ({"wait_fixed": 12}, (2025,), ("IN_WINDOW_BROKEN", None), 12),
        ({"wait_rule": "DAY90"}, (2025,), ("IN_WINDOW_BROKEN", "2026-04-01"), 3),
        ({"in_window_after_jan1": "NEXT_MONTH"}, (2025,), ("IN_WINDOW_BROKEN", "2026-04-01"), 3),
    ],
)
def test_in_window_with_a_break(
    changes: dict[str, Any], missed: tuple[int, ...], expected: tuple[str, str | None], months: int
) -> None:
    terms = terms_of_year(2026, **changes)
    for paid in ("2025-09-01", "2026-02-28"):
        decision = decided(terms, paid, missed_years=missed)
        assert outcome(decision) == expected
        assert decision.wait_months == months


@pytest.mark.parametrize(
    ("rule", "on_12_march", "with_a_fourth_month", "on_31_august"),
    [
        ("CIVIL", "2026-06-13", "2026-07-13", "2026-12-01"),
        ("ANNIV", "2026-06-12", "2026-07-12", "2026-11-30"),
        ("MONTH_INCL", "2026-06-01", "2026-07-01", "2026-11-01"),
        ("MONTH_NEXT", "2026-07-01", "2026-08-01", "2026-12-01"),
        ("DAY90", "2026-06-11", "2026-07-11", "2026-11-30"),
    ],
)
def test_late(rule: str, on_12_march: str, with_a_fourth_month: str, on_31_august: str) -> None:
    terms = terms_of_year(2026, wait_rule=rule, break_count_mode="EACH")
    first = decided(terms, "2026-03-12")
    assert outcome(first) == ("LATE", on_12_march)
    assert (first.wait_months, first.wait_fixed, first.wait_variable) == (3, 3, 0)
    fourth = decided(terms, "2026-03-12", missed_years=(2025,))
    assert outcome(fourth) == ("LATE", with_a_fourth_month)
    assert (fourth.wait_months, fourth.wait_fixed, fourth.wait_variable) == (4, 3, 1)
    assert outcome(decided(terms, "2026-08-31")) == ("LATE", on_31_august)


@pytest.mark.parametrize(
    ("rule", "last_with_cover", "first_without"),
    [
        ("CIVIL", "2025-09-30", "2025-10-01"),
        ("ANNIV", "2025-09-30", "2025-10-01"),
        ("MONTH_INCL", "2025-09-30", "2025-10-01"),
        ("MONTH_NEXT", "2025-08-31", "2025-09-01"),
        ("DAY90", "2025-10-01", "2025-10-02"),
    ],
)
def test_the_wait_runs_past_the_year(rule: str, last_with_cover: str, first_without: str) -> None:
    terms = make_terms(wait_rule=rule)
    assert decided(terms, last_with_cover).start is not None
    decision = decided(terms, first_without)
    assert (decision.rule, decision.start, decision.end, decision.wait_months) == (Rule.LATE, None, None, 3)
    assert decision.no_cover
    assert not decision.refused
    assert "2025年度内没有待遇" in decision.explain_zh
    assert "no cover in 2025" in decision.explain_en


def test_late_wait_of_nothing_and_early_window() -> None:
    assert outcome(decided(make_terms(wait_fixed=0), "2025-03-01")) == ("LATE", "2025-03-02")
    assert outcome(decided(make_terms(**SEP_TO_DEC), "2025-01-01")) == ("LATE", "2025-04-02")
    early = make_terms(window_close="2024-10-31", wait_fixed=1, wait_rule="MONTH_INCL")
    assert outcome(decided(early, "2024-11-05")) == ("LATE", "2025-01-01")


@pytest.mark.parametrize(
    ("changes", "run", "repair", "expected"),
    [
        ({}, 0, 0, (3, 0)),
        ({}, 1, 0, (3, 0)),
        ({}, 2, 0, (3, 1)),
        ({}, 2, 1, (3, 0)),
        ({}, 2, 9, (3, 0)),
        ({}, 3, 2, (3, 0)),
        ({}, 4, 0, (3, 3)),
        ({}, 4, 3, (3, 3)),  # four in a row: repair does not go below six months
        ({}, 5, 0, (3, 4)),
        ({}, 5, 1, (3, 3)),
        ({}, 5, 4, (3, 3)),
        ({"break_count_mode": "EACH"}, 1, 0, (3, 1)),
        ({"break_count_mode": "EACH"}, 3, 3, (3, 0)),
        ({"break_count_mode": "EACH"}, 4, 0, (3, 4)),
        ({"break_count_mode": "EACH"}, 4, 4, (3, 3)),
        ({"long_floor": 12}, 4, 3, (3, 3)),  # the floor never raises a wait above the unrepaired one
        ({"long_floor": 2}, 4, 3, (3, 0)),
        ({"long_break": 2}, 2, 1, (3, 1)),
        ({"wait_fixed": 8}, 4, 3, (8, 0)),
        ({"variable_wait": False}, 5, 0, (3, 0)),
        ({"wait_fixed": 0}, 5, 4, (0, 4)),  # V = 4, so the floor of 6 is cut at 4
    ],
)
def test_months_of_a_break(changes: dict[str, Any], run: int, repair: int, expected: tuple[int, int]) -> None:
    terms = terms_of_year(2032, **changes)
    wait = wait_of(terms, tuple(range(2032 - run, 2032)), repair)
    assert (wait.fixed, wait.variable) == expected
    assert wait.months == sum(expected)


def test_the_floor_is_told_only_where_it_stopped_the_repair() -> None:
    terms = terms_of_year(2032)
    run = tuple(range(2027, 2032))
    assert [wait_of(terms, run, repair).floor_held for repair in (0, 1, 2)] == [False, False, True]


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ((), ()),
        ((2029,), (2029,)),
        ((2028,), ()),
        ((2026, 2028, 2029), (2028, 2029)),
        ((2023, 2024, 2025, 2026, 2027, 2028, 2029), (2025, 2026, 2027, 2028, 2029)),
        ((2030, 2031), ()),
        ((2029, 2030), (2029,)),
    ],
)
def test_only_the_run_up_to_the_year_before_counts(
    missed: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert counted_break(terms_of_year(2030), missed) == expected


@pytest.mark.parametrize(
    ("history", "birth", "expected"),
    [
        (set(), None, ()),
        ({2029}, None, ()),
        ({2028}, None, (2029,)),
        ({2020, 2024}, None, (2025, 2026, 2027, 2028, 2029)),
        ({2010}, None, (2025, 2026, 2027, 2028, 2029)),
        ({2026, 2028}, None, (2029,)),
        ({2030, 2031}, None, ()),
        ({2027, 2030}, None, (2028, 2029)),
        ({2024}, "2028-05-01", ()),
        ({2024, 2028}, "2028-05-01", (2029,)),
    ],
)
def test_missed_years_of_a_person(history: set[int], birth: str | None, expected: tuple[int, ...]) -> None:
    terms = terms_of_year(2030)
    assert missed_years(history, terms, 2030, day(birth) if birth else None) == expected
    assert missed_years(history, terms, birth_date=day(birth) if birth else None) == expected


def test_missed_years_follow_break_from_except_for_legacy() -> None:
    assert missed_years({2014}, terms_of_year(2018), 2018) == ()
    assert missed_years({2014}, terms_of_year(2018, break_from=2016), 2018) == (2016, 2017)
    legacy = terms_of_year(2018, wait_rule="LEGACY", variable_wait=False)
    assert missed_years({2014}, legacy, 2018) == (2015, 2016, 2017)
    assert missed_years({2017}, legacy, 2018) == ()


def test_facts_that_cannot_be_are_refused() -> None:
    with pytest.raises(NewbornWithoutBirthDate) as newborn:
        Facts(newborn=True)
    assert newborn.value.params["key"] == "birth_date"
    with pytest.raises(RepairNegative) as repair:
        Facts(repair_years=-1)
    assert repair.value.params["key"] == "repair_years"
    assert isinstance(repair.value, BureauError)


def test_a_moment_is_not_a_payment_date(base: Terms) -> None:
    with pytest.raises(TypeError):
        decide(base, NO_FACTS, datetime.fromisoformat("2025-01-01T00:00:00+00:00"))


def test_start_from_knows_only_choices_of_the_payment_date() -> None:
    with pytest.raises(ValueError, match="RETRO_AFTER_STOP"):
        start_from("RETRO_AFTER_STOP", date(2025, 1, 1))


@pytest.fixture
def base() -> Terms:
    return make_terms()

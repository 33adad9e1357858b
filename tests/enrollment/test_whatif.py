"""What if this person pays on a day: the counter's answer, by example and against the price that is assessed."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from enrollment.facts import Rule
from enrollment.known import Category, Known, Spell
from enrollment.models import PriorCover
from enrollment.services import policies, whatif
from enrollment.whatif import RepairTooMuch, Warn, WhatIf, Window, message, what_if
from tests import builders
from tests.enrollment.values import make_terms, terms_of_year

LATE = make_terms(late_price_rule="FULL_COST")


def answer(terms: Any, on: str, repair: int = 0, person_class: str = "1501", **known: Any) -> WhatIf:
    """The answer for a person born in 1980 of whom ``known`` is known."""
    known.setdefault("birth_date", date(1980, 5, 17))
    return what_if(
        terms=terms,
        known=Known(**known),
        person_class=person_class,
        pay_date=date.fromisoformat(on),
        repair_years=repair,
    )


def test_inside_the_window_costs_the_standard_and_covers_from_1_january() -> None:
    """No wait, nothing to repair, nothing to warn of."""
    found = answer(make_terms(), "2024-12-01")
    assert (found.due.amount, found.decision.start, found.decision.rule) == (
        Decimal("400.00"),
        date(2025, 1, 1),
        Rule.IN_WINDOW,
    )
    assert (found.window, found.warnings, len(found.repairs)) == (Window.OPEN, (), 1)


def test_a_late_payer_pays_the_full_cost_and_waits() -> None:
    """400 + 670 yuan, three fixed months: 10 March gives 11 June."""
    found = answer(LATE, "2025-03-10")
    assert (found.due.amount, found.due.is_late) == (Decimal("1070.00"), True)
    assert (found.decision.start, found.decision.wait_months) == (date(2025, 6, 11), 3)
    assert (found.window, found.warnings) == (Window.LATE, (Warn.LATE_WAIT,))


def test_newborns_and_switchers_keep_the_standard() -> None:
    """Where the terms exempt them: born in the year, or out of employee cover for not more than three months."""
    born = answer(LATE, "2025-04-10", birth_date=date(2025, 3, 1), person_class="1401")
    stopped = answer(LATE, "2025-04-10", spells=(Spell(date(2020, 1, 1), date(2025, 1, 31)),))
    too_late = answer(LATE, "2025-05-01", spells=(Spell(date(2020, 1, 1), date(2025, 1, 31)),))
    assert [one.due.amount for one in (born, stopped, too_late)] == [
        Decimal("400.00"),
        Decimal("400.00"),
        Decimal("1070.00"),
    ]


def test_aid_is_that_of_the_day() -> None:
    """60 per cent while the category is held, nothing on the day it ends."""
    terms = make_terms(subsidy_rules=[{"category": "DIBAO", "kind": "PERCENT", "value": "60"}])
    held = (Category("DIBAO", date(2024, 1, 1), date(2025, 1, 1)),)
    assert answer(terms, "2024-12-31", categories=held).due.amount == Decimal("160.00")
    assert answer(terms, "2025-01-01", categories=held).due.amount == Decimal("400.00")


def test_each_repaired_year_costs_the_standard_and_takes_a_month_as_far_as_it_helps() -> None:
    """Three years missed add two months; two repaired years take them away, at 400 each, not at the late price."""
    terms = terms_of_year(2028, late_price_rule="FULL_COST")
    found = answer(terms, "2028-03-10", covered=frozenset({2024}))
    assert [(row.years, row.cost, row.decision.start) for row in found.repairs] == [
        (0, Decimal("0.00"), date(2028, 8, 11)),
        (1, Decimal("400.00"), date(2028, 7, 11)),
        (2, Decimal("800.00"), date(2028, 6, 11)),
    ]
    chosen = answer(terms, "2028-03-10", repair=2, covered=frozenset({2024}))
    assert (chosen.decision.wait_variable, chosen.total) == (0, Decimal("1870.00"))


def test_a_long_break_keeps_six_months() -> None:
    """Five years missed: 3 + 4 months; one repaired year helps, a second one would be paid for nothing."""
    terms = terms_of_year(2030)
    found = answer(terms, "2030-03-10", covered=frozenset({2024}))
    assert [row.decision.wait_months for row in found.repairs] == [7, 6]
    with pytest.raises(RepairTooMuch) as refused:
        answer(terms, "2030-03-10", repair=2, covered=frozenset({2024}))
    assert refused.value.params == {"years": 2, "most": 1}


def test_who_has_nothing_to_repair_is_not_sold_any() -> None:
    """Inside the window without a break."""
    with pytest.raises(RepairTooMuch):
        answer(make_terms(), "2024-12-01", repair=1)


def test_a_wait_past_the_end_of_the_year_is_warned_of() -> None:
    """Paid in October, three months: nothing in the year, and the message says so in both languages."""
    found = answer(make_terms(), "2025-10-01")
    assert (found.decision.start, found.warnings) == (None, (Warn.WAIT_PAST_YEAR_END,))
    assert "没有待遇" in message(found, "张三")
    assert "no cover in 2025" in message(found, "张三", chinese=False)


@pytest.mark.parametrize(
    ("on", "window", "rule"),
    [
        ("2024-08-31", Window.NOT_OPEN, Rule.NOT_OPEN),
        ("2024-09-01", Window.OPEN, Rule.IN_WINDOW),
        ("2025-02-28", Window.OPEN, Rule.IN_WINDOW),
        ("2025-03-01", Window.LATE, Rule.LATE),
        ("2026-01-01", Window.CLOSED, Rule.YEAR_CLOSED),
    ],
)
def test_the_window_is_told_with_its_first_and_last_day(on: str, window: Window, rule: Rule) -> None:
    """Both inside."""
    found = answer(make_terms(), on)
    assert (found.window, found.decision.rule) == (window, rule)


def test_other_days_of_the_month_and_running_employee_cover_are_warned_of() -> None:
    """Beijing takes payments from the 5th to the 20th."""
    terms = make_terms(pay_day_from=5, pay_day_to=20)
    found = answer(terms, "2024-12-21", spells=(Spell(date(2020, 1, 1)),))
    assert found.warnings == (Warn.NOT_A_PAY_DAY, Warn.EMPLOYEE_ACTIVE)
    assert answer(terms, "2024-12-20").warnings == ()


def test_a_child_of_last_year_is_told_of_the_birth_year() -> None:
    """Where cover from birth needs both years."""
    known: dict[str, Any] = {"birth_date": date(2024, 12, 20), "person_class": "1401"}
    strict = make_terms(newborn_cross_year="BIRTH_YEAR_TOO")
    assert answer(strict, "2025-01-15", **known).warnings == (Warn.BIRTH_YEAR_TOO,)
    assert answer(make_terms(), "2025-01-15", **known).warnings == ()


# ---------------------------------------------------------------------------------------------- with the register


@pytest.mark.django_db
def test_the_region_of_the_enrolment_decides() -> None:
    """The terms of the pooling region, by way of the regions above it; without one the counter is told to enrol."""
    person = builders.make_person()
    builders.enrol(person)
    asked = whatif.ask(person_id=person.pk, year=2025, pay_date=date(2025, 3, 10))
    assert (asked.policy, asked.region.code) == (policies.in_force("450800", 2025), "450800")
    stranger = builders.make_person("510100")
    asked = whatif.ask(person_id=stranger.pk, year=2025, pay_date=date(2025, 3, 10))
    assert (asked.region.code, Warn.NOT_ENROLLED in asked.answer.warnings) == ("510100", True)


@pytest.mark.django_db
def test_the_command_prints_one_object() -> None:
    """By the number in any form; the keys are an agreement with others."""
    person = builders.make_person()
    builders.enrol(person)
    PriorCover.objects.create(person=person, benefit_year=2024)
    told = json.loads(
        run("whatif", id_number=f" {person.id_number.lower()} ", year=2025, pay_date="2025-03-10")
    )
    wanted = {
        "amount": "400.00",
        "start": "2025-06-11",
        "end": "2025-12-31",
        "rule": "LATE",
        "wait_months": 3,
        "wait_fixed": 3,
        "wait_variable": 0,
        "repair_cost": "0.00",
        "warnings": ["LATE_WAIT"],
    }
    assert {key: told[key] for key in wanted} == wanted
    assert "2025-06-11" in told["explain"]
    assert "2025-06-11" in told["explain_en"]
    assert told["message"].startswith("【居民医保】张三：")
    assert person.id_number not in json.dumps(told)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"id_number": "110101199003070000"}, "PERSON_UNKNOWN"),
        ({"year": 2199}, "POLICY_MISSING"),
        ({"repair": 3}, "REPAIR_TOO_MUCH"),
        ({"repair": -1}, "facts_repair_negative"),
    ],
)
def test_the_command_names_what_is_wrong(options: dict[str, Any], code: str) -> None:
    """Exit code 2 with the error's code."""
    person = builders.make_person()
    builders.enrol(person)
    with pytest.raises(CommandError, match=code) as refused:
        run("whatif", **({"id_number": person.id_number, "year": 2025, "pay_date": "2025-03-10"} | options))
    assert refused.value.returncode == 2


def run(name: str, **options: Any) -> str:
    """A command's output as JSON text."""
    out = StringIO()
    arguments = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
    call_command(name, *arguments, "--json", stdout=out)
    return out.getvalue()

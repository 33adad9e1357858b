"""From what the register knows of a person to the facts of one payment."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.coverage import NO_FACTS, Facts
from enrollment.known import Category, Known, Special, Spell, facts_from_dict, facts_to_dict
from tests.enrollment.test_coverage_properties import any_facts
from tests.enrollment.values import day, make_terms, terms_of_year

T25, T28 = make_terms(), terms_of_year(2028)


def test_an_adult_without_anything_special_is_plain_and_has_no_facts() -> None:
    known = Known(birth_date=date(1980, 5, 17), covered=frozenset({2024}))
    assert known.is_plain(T25)
    assert known.on(T25, day("2025-01-15")) == NO_FACTS


@pytest.mark.parametrize(
    ("birth", "newborn"),
    [("2023-12-31", False), ("2024-01-01", True), ("2025-12-31", True), ("2026-01-01", False)],
)
def test_newborns_are_born_in_the_year_or_the_one_before(birth: str, newborn: bool) -> None:
    known = Known(birth_date=day(birth))
    assert known.on(T25, day("2025-01-15")).newborn is newborn
    assert known.is_plain(T25) is not newborn


@pytest.mark.parametrize(
    ("spells", "pay_date", "stop"),
    [
        ([("2020-01-01", "2024-11-30")], "2024-11-30", None),
        ([("2020-01-01", "2024-11-30")], "2024-12-01", "2024-11-30"),
        ([("2020-01-01", "2023-05-31"), ("2024-01-01", "2024-11-30")], "2025-01-15", "2024-11-30"),
        ([("2020-01-01", "2023-05-31"), ("2025-02-01", "2025-06-30")], "2025-01-15", "2023-05-31"),
        ([("2020-01-01", "2023-05-31"), ("2025-01-01", None)], "2025-01-15", None),
        ([("2020-01-01", "2023-05-31"), ("2025-02-01", None)], "2025-01-15", "2023-05-31"),
    ],
)
def test_the_stop_is_the_last_before_the_payment_unless_cover_runs(
    spells: list[tuple[str, str | None]], pay_date: str, stop: str | None
) -> None:
    known = Known(spells=tuple(Spell(day(first), day(last) if last else None) for first, last in spells))
    assert known.on(T25, day(pay_date)).employee_stop_date == (day(stop) if stop else None)
    assert not known.is_plain(T25)


def test_without_a_payment_date_the_last_stop_of_all_counts() -> None:
    ended = Known(
        spells=(Spell(day("2020-01-01"), day("2023-05-31")), Spell(day("2024-01-01"), day("2025-03-31")))
    )
    assert ended.on(T25).employee_stop_date == day("2025-03-31")
    assert Known(spells=(Spell(day("2020-01-01")),)).on(T25).employee_stop_date is None


@pytest.mark.parametrize(
    ("covered", "spells", "missed"),
    [
        ({2027}, (), ()),
        ({2026}, (), (2027,)),
        ({2020}, (), (2025, 2026, 2027)),
        (set(), (), ()),
        ({2024}, (Spell(date(2026, 12, 31), date(2026, 12, 31)),), (2027,)),
        ({2024}, (Spell(date(2027, 12, 31), date(2028, 3, 1)),), ()),
        (set(), (Spell(date(2025, 1, 1)),), ()),
        ({2028}, (), ()),
    ],
)
def test_a_year_with_a_day_of_employee_cover_is_covered(
    covered: set[int], spells: tuple[Spell, ...], missed: tuple[int, ...]
) -> None:
    known = Known(birth_date=date(1980, 5, 17), covered=frozenset(covered), spells=spells)
    assert known.on(T28, day("2028-01-15")).missed_years == missed


def test_a_break_matters_only_where_the_terms_look_at_it() -> None:
    broken = Known(covered=frozenset({2023}))
    assert broken.is_plain(T25)
    assert not broken.is_plain(T28)
    assert not broken.is_plain(make_terms(wait_rule="LEGACY"))


LATE = day("2025-04-10")


@pytest.mark.parametrize(
    ("specials", "pay_date", "told"),
    [
        ([("RELEASED", "2025-02-01")], "2025-02-28", ("", None)),
        ([("RELEASED", "2025-02-01")], "2025-04-10", ("RELEASED", "2025-02-01")),
        ([("RELEASED", "2024-02-01")], "2025-04-10", ("", None)),
        ([("RELEASED", "2024-02-01"), ("CLERGY", None)], "2025-04-10", ("CLERGY", None)),
        ([("RELEASED", "2025-02-01"), ("GRADUATE", "2025-03-01")], "2025-04-10", ("GRADUATE", "2025-03-01")),
        ([("RELEASED", "2025-02-01"), ("GRADUATE", "2025-05-01")], "2025-04-10", ("RELEASED", "2025-02-01")),
    ],
)
def test_the_special_status_told_is_one_that_lifts_the_wait(
    specials: list[tuple[str, str | None]], pay_date: str, told: tuple[str, str | None]
) -> None:
    known = Known(specials=tuple(Special(group, day(event) if event else None) for group, event in specials))
    facts = known.on(T25, day(pay_date))
    assert (facts.special_group, facts.special_event_date) == (told[0], day(told[1]) if told[1] else None)


def test_a_category_lifts_the_wait_only_where_the_region_names_it() -> None:
    known = Known(categories=(Category("DIBAO", day("2025-01-01"), day("2025-04-10")),))
    naming = make_terms(special_groups=["DIBAO"])
    assert known.is_plain(T25)
    assert known.on(T25, LATE) == NO_FACTS
    assert not known.is_plain(naming)
    assert known.on(naming, day("2025-04-09")).special_group == "DIBAO"
    assert known.on(naming, day("2025-04-10")).special_group == ""


def test_repaired_years_are_passed_on() -> None:
    assert Known(covered=frozenset({2024})).on(T28, LATE, repair_years=2).repair_years == 2


@given(facts=any_facts())
def test_facts_survive_their_way_through_json(facts: Facts) -> None:
    assert facts_from_dict(facts_to_dict(facts)) == facts


def test_nothing_special_is_stored_as_nothing() -> None:
    assert facts_to_dict(NO_FACTS) is None
    assert facts_from_dict(None) == NO_FACTS


@given(year=st.integers(2000, 2199))
def test_a_spell_reaches_no_further_than_asked(year: int) -> None:
    assert list(Spell(date(year, 3, 1)).years(year + 1)) == [year, year + 1]
    assert list(Spell(date(year, 3, 1), date(year, 3, 1)).years(year + 1)) == [year]

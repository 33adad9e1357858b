"""What the register knows of a person, and the facts that follow from it for one year's terms and one
payment date.

The bridge between rows and the decision: pure, so that the rule which facts count lives once. `is_plain` has
a twin in SQL (enrollment/services/coversql.py); a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from enrollment.choices import WaitRule
from enrollment.coverage import decide
from enrollment.facts import Facts, Rule
from enrollment.policy import Terms
from enrollment.waiting import missed_years


@dataclass(frozen=True, slots=True)
class Special:
    """A status or event that may lift the wait; without a date it stands."""

    group: str
    event_date: date | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """An identity category, half-open in time."""

    code: str
    valid_from: date
    valid_to: date | None = None

    def holds(self, first: date, last: date) -> bool:
        """True where it is held on some day from `first` to `last`."""
        return self.valid_from <= last and (self.valid_to is None or first < self.valid_to)


@dataclass(frozen=True, slots=True)
class Spell:
    """Employee cover from its first to its last day; it runs while the last day is None."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """True where the spell holds the day."""
        return self.first <= day and (self.last is None or day <= self.last)

    def years(self, until: int) -> Iterable[int]:
        """The years up to `until` of which it holds at least a day."""
        last = until if self.last is None else min(self.last.year, until)
        return range(self.first.year, last + 1)


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the register has them. `covered` holds earlier benefit years with cover in either
    scheme, those of the employee spells not among them.
    """

    birth_date: date | None = None
    specials: tuple[Special, ...] = ()
    categories: tuple[Category, ...] = ()
    spells: tuple[Spell, ...] = ()
    covered: frozenset[int] = frozenset()

    def newborn(self, terms: Terms) -> bool:
        """Born in the benefit year or the year before (rows 1 and 2 of the rules look at nobody else)."""
        return self.birth_date is not None and self.birth_date.year in (
            terms.benefit_year - 1,
            terms.benefit_year,
        )

    def is_plain(self, terms: Terms) -> bool:
        """True only where nothing known can change a decision by `terms`, whatever the payment date.

        A sufficient condition that is cheap to tell: no newborn, no special status, no spell of employee
        cover, no category that the region names, and, where breaks can matter at all, either no cover before
        or cover in the year before.
        """
        history = {year for year in self.covered if year < terms.benefit_year}
        broken = history_matters(terms) and bool(history) and terms.benefit_year - 1 not in history
        named = any(category.code in named_categories(terms) for category in self.categories)
        return not (broken or named or self.specials or self.spells or self.newborn(terms))

    def on(self, terms: Terms, pay_date: date | None = None, *, repair_years: int = 0) -> Facts:
        """The facts for a payment on `pay_date`; without a date those that hold for the year as a whole.

        Employee cover counts as stopped where no spell holds the payment date, with the last stop before it.
        Of several special statuses the first that lifts the wait on that date is told, a standing one before
        the latest event.
        """
        year = terms.benefit_year
        newborn = self.newborn(terms)
        covered = self.covered.union(*(spell.years(year - 1) for spell in self.spells))
        facts = Facts(
            birth_date=self.birth_date if newborn else None,
            newborn=newborn,
            missed_years=missed_years(covered, terms, birth_date=self.birth_date),
            repair_years=repair_years,
            employee_stop_date=self._stop(pay_date),
        )
        for special in self._candidates(terms, pay_date):
            told = replace(facts, special_group=special.group, special_event_date=special.event_date)
            if pay_date is None or decide(terms, told, pay_date).rule == Rule.SPECIAL_NO_WAIT:
                return told
        return facts

    def _stop(self, pay_date: date | None) -> date | None:
        if any(spell.last is None if pay_date is None else spell.covers(pay_date) for spell in self.spells):
            return None
        stops = [spell.last for spell in self.spells if spell.last is not None]
        return max((stop for stop in stops if pay_date is None or stop < pay_date), default=None)

    def _candidates(self, terms: Terms, pay_date: date | None) -> list[Special]:
        first, last = (terms.window_open, terms.year_end) if pay_date is None else (pay_date, pay_date)
        if pay_date is not None and pay_date <= terms.window_close:
            return []
        named = named_categories(terms)
        held = [
            Special(category.code)
            for category in self.categories
            if category.code in named and category.holds(first, last)
        ]
        return sorted(
            [*self.specials, *held],
            key=lambda special: (
                special.event_date is not None,
                -special.event_date.toordinal() if special.event_date else 0,
                special.group,
            ),
        )


def history_matters(terms: Terms) -> bool:
    """Whether years without cover can matter by `terms`: none before `break_from` counts, except in
    LEGACY regions.
    """
    return terms.wait_rule == WaitRule.LEGACY or terms.break_from < terms.benefit_year


def named_categories(terms: Terms) -> frozenset[str]:
    """Codes under which an identity category lifts the wait: only where the region names its special
    groups.
    """
    return frozenset(group.code for group in terms.special_groups)


NOTHING_SPECIAL = Facts()


def facts_to_dict(facts: Facts) -> dict[str, Any] | None:
    """The facts as JSON, without what has the value of nothing special; None where that is everything."""
    told: dict[str, Any] = {}
    for name in ("birth_date", "special_event_date", "employee_stop_date"):
        day = getattr(facts, name)
        if day is not None:
            told[name] = day.isoformat()
    if facts.newborn:
        told["newborn"] = True
    if facts.missed_years:
        told["missed_years"] = list(facts.missed_years)
    if facts.repair_years:
        told["repair_years"] = facts.repair_years
    if facts.special_group:
        told["special_group"] = facts.special_group
    return told or None


def facts_from_dict(told: Mapping[str, Any] | None) -> Facts:
    """The facts that `facts_to_dict` wrote."""
    values: dict[str, Any] = dict(told or {})
    for name in ("birth_date", "special_event_date", "employee_stop_date"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    if "missed_years" in values:
        values["missed_years"] = tuple(values["missed_years"])
    return Facts(**values)

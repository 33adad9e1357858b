"""Terms that a region takes from the one above it, but for what it says otherwise; and terms carried to another year."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from enrollment.policy import REQUIRED, PolicyError, Terms, YearConflict

#: What a region cannot say otherwise: the year is the row's own.
FIXED = frozenset({"benefit_year"})


def merged(base: Terms, overrides: Mapping[str, Any]) -> Terms:
    """The terms of ``base`` with ``overrides`` (canonical JSON by key) in their place.

    Raises PolicyError where an override is no term, cannot be read, or does not fit the others.
    """
    for key in FIXED & set(overrides):
        if overrides[key] != base.benefit_year:
            raise YearConflict(key=key, value=overrides[key], year=base.benefit_year)
    return Terms.from_dict(base.to_dict() | dict(overrides))


def said_otherwise(base: Terms, terms: Terms, keys: Collection[str] = ()) -> dict[str, Any]:
    """What ``terms`` say otherwise than ``base``, and ``keys`` in any case, as canonical JSON by key."""
    before, after = base.to_dict(), terms.to_dict()
    return {
        key: after[key] for key in after if key not in FIXED and (key in keys or before[key] != after[key])
    }


def read_each(data: Mapping[str, Any]) -> dict[str, PolicyError]:
    """What is wrong with each term by itself, by the key of the term; nothing where all can be read."""
    wrong: dict[str, PolicyError] = {}
    for term in fields(Terms):
        if term.name in data and not (data[term.name] is None and term.name in REQUIRED):
            try:
                term.metadata["kind"].read(term.name, data[term.name])
            except PolicyError as error:
                wrong[term.name] = error
    return wrong


def carried_forward(terms: Terms, year: int) -> Terms:
    """The same terms for another benefit year: its dates move by as many years, the end of February stays its end."""
    by = year - terms.benefit_year
    moved: dict[str, Any] = {
        term.name: _moved(value, by)
        for term in fields(Terms)
        if isinstance(value := getattr(terms, term.name), date)
    }
    return replace(terms, benefit_year=year, **moved)


def _moved(day: date, by: int) -> date:
    year = day.year + by
    last = calendar.monthrange(year, day.month)[1]
    ends = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, day.month, last if ends else min(day.day, last))

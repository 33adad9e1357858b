"""What terms would change before they count: tried on the cover of a region, read-only."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from enrollment.coverage import decide
from enrollment.known import facts_from_dict
from enrollment.models import Policy
from enrollment.policy import Terms
from enrollment.services import policies, recompute, recomputesql
from enrollment.services.cover import DAY

CHUNK = 20_000
MOST = 200_000
SAMPLES = 20


class Turn(NamedTuple):
    """A way in which decisions change: the rules, whether there is cover, and whether it starts earlier (-1) or later
    (1) or on the same day (0).
    """

    old_rule: str
    new_rule: str
    had_cover: bool
    has_cover: bool
    direction: int


class Sample(NamedTuple):
    """Somebody whose decision changes; periods with their first and last day."""

    person_id: int
    receivable_id: int
    paid_on: date
    old_rule: str
    old_start: date | None
    old_end: date | None
    new_rule: str
    new_start: date | None
    new_end: date | None
    explain: str


@dataclass
class Tried:
    """How many covers were looked at and how many are decided otherwise, in which ways, with samples.

    ``complete`` is False where the region has more cover than was looked at.
    """

    persons: int = 0
    changed: int = 0
    turns: Counter[Turn] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    complete: bool = True

    @property
    def moved(self) -> int:
        """How many begin on another day."""
        return sum(number for turn, number in self.turns.items() if turn.direction)


def try_on_region(
    *, region_id: str, terms: Terms, at: datetime, most: int | None = MOST, samples: int = SAMPLES
) -> Tried:
    """Decide the cover of a region and of those that go by its terms again by ``terms``; nothing is written.

    At most ``most`` covers (None: all of them).
    """
    year = terms.benefit_year
    policy = Policy(region_id=region_id, benefit_year=year, terms=terms.to_dict())
    tried = Tried()
    with transaction.atomic(), connection.cursor() as cursor:
        regions, reached = policies.governed(region_id, year), 0
        while True:
            if most is not None and tried.persons >= most:
                tried.complete = False
                break
            with recompute.decided_again(
                cursor, policy=policy, regions=regions, after=reached, rows=CHUNK, at=at
            ) as part:
                if part is None:
                    break
                reached = part.reached
                tried.persons += part.rows
                tried.changed += part.changed
                if part.changed:
                    _count(cursor, tried)
                    _sample(cursor, tried, terms, samples - len(tried.samples))
        transaction.set_rollback(True)
    return tried


def _count(cursor: Any, tried: Tried) -> None:
    cursor.execute(recomputesql.COUNTS)
    for old, new, had_none, has_none, direction, number in cursor.fetchall():
        tried.turns[Turn(old, new, not had_none, not has_none, direction)] += number


def _sample(cursor: Any, tried: Tried, terms: Terms, most: int) -> None:
    if most <= 0:
        return
    cursor.execute(recomputesql.SAMPLES, {"most": most})
    for person, key, paid_on, *rest in cursor.fetchall():
        old_start, old_end, old_rule, start, end, rule, facts = rest
        told = decide(terms, facts_from_dict(facts), paid_on).explain_zh
        tried.samples.append(
            Sample(person, key, paid_on, old_rule, old_start, _last(old_end), rule, start, _last(end), told)
        )


def _last(end: date | None) -> date | None:
    return None if end is None else end - DAY

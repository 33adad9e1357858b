"""Deciding cover again by other terms: a chunk of receivables at a time, set-based where nothing special is known of
the people, by the same pure function for everybody else. Rows come only where the decision differs.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from enrollment.coverage import NO_FACTS, Decision, decide
from enrollment.known import facts_to_dict
from enrollment.models import RESIDENT, Policy
from enrollment.policy import Terms
from enrollment.reasons import ENDING, SHORTENED, CoverReason
from enrollment.services import recomputesql
from enrollment.services.cover import (
    BATCH,
    DAY,
    ROWS_A_RECEIVABLE,
    UNKNOWN,
    YEAR,
    Chunk,
    CoverRowsExhausted,
    batches,
    columns,
    in_line,
    tell_apart,
    without_nested_loops,
)
from enrollment.services.facts import known_of

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """A chunk of receivables: the mark after it, how many covers it looked at, how many are decided otherwise."""

    reached: int
    rows: int
    changed: int


def last_receivable(cursor: CursorWrapper, *, year: int, regions: Collection[str]) -> int:
    """The largest receivable of the year with cover in these regions, 0 without any."""
    cursor.execute(recomputesql.LAST, {"year": year, "factor": YEAR, "regions": sorted(regions)})
    found: int = cursor.fetchone()[0]
    return found


@contextmanager
def decided_again(
    cursor: CursorWrapper, *, policy: Policy, regions: Collection[str], after: int, rows: int, at: datetime
) -> Iterator[Part | None]:
    """The next ``rows`` rows of cover after receivable ``after``, decided by the terms of ``policy``, which need not be
    stored; ``cover_due`` and ``cover_new`` hold them while the block runs. None where nothing is left.

    Called inside a transaction. Raises CoverRowsExhausted where a receivable has no room for a further row.
    """
    terms = policy.values
    values: dict[str, Any] = {
        "year": terms.benefit_year,
        "factor": YEAR,
        "regions": sorted(regions),
        "after": max(after, terms.benefit_year * YEAR // ROWS_A_RECEIVABLE),
        "rows": rows,
        "ending": sorted(ENDING),
        "shortened": sorted(SHORTENED),
    }
    cursor.execute(recomputesql.UPPER, values)
    upper = cursor.fetchone()[0]
    if upper is None:
        yield None
        return
    values |= {"low": (values["after"] + 1) * ROWS_A_RECEIVABLE, "high": upper * ROWS_A_RECEIVABLE + 99}
    cursor.execute(recomputesql.DROP)
    cursor.execute(recomputesql.MAKE_DUE, values)
    cursor.execute(recomputesql.MAKE_NEW)
    looked = _decide_chunk(cursor, policy, terms, values, at)
    cursor.execute("SELECT count(*) FROM cover_new")
    changed = cursor.fetchone()[0]
    cursor.execute(recomputesql.FULL)
    full = cursor.fetchone()
    if full is not None:
        raise CoverRowsExhausted(receivable=full[0])
    yield Part(upper, looked, changed)
    cursor.execute(recomputesql.DROP)


def _decide_chunk(
    cursor: CursorWrapper, policy: Policy, terms: Terms, values: dict[str, Any], at: datetime
) -> int:
    """Fill cover_new; returns how many rows of cover were looked at."""
    cursor.execute("ANALYZE cover_due")
    cursor.execute(
        "SELECT paid_on, count(*), min(receivable_id), max(receivable_id), min(person_id), max(person_id) "
        "FROM cover_due GROUP BY paid_on"
    )
    groups = cursor.fetchall()
    if not groups:
        return 0
    chunk = Chunk(
        relation='"cover_due"',
        dates={group[0]: group[1] for group in groups},
        receivables=(min(group[2] for group in groups), max(group[3] for group in groups)),
        persons=(min(group[4] for group in groups), max(group[5] for group in groups)),
        policy=policy,
        reason=CoverReason.POLICY,
        at=at,
    )
    tell_apart(cursor, chunk)
    cursor.execute(recomputesql.ADD_SPECIAL_ROWS, values)
    _plain(cursor, terms, list(chunk.dates))
    _each(cursor, terms)
    return chunk.rows


def _plain(cursor: CursorWrapper, terms: Terms, days: Sequence[date]) -> None:
    """One decision for each payment date, for everybody of whom nothing special is known."""
    decisions = [decide(terms, NO_FACTS, day) for day in days]
    with without_nested_loops(cursor):
        cursor.execute(
            recomputesql.ADD_PLAIN,
            {"paid_on": list(days), "reason": CoverReason.POLICY.value, **columns(decisions)},
        )


def _each(cursor: CursorWrapper, terms: Terms) -> None:
    """A decision for each of the others, by what is known of them now; an early end stays."""
    cursor.execute(recomputesql.ODD)
    for batch in batches(cursor.fetchall(), BATCH):
        known = known_of(person_ids=[row[1] for row in batch], benefit_year=terms.benefit_year)
        facts = [
            known.get(person, UNKNOWN).on(terms, paid_on, repair_years=repaired)
            for _receivable, person, paid_on, _end, repaired, _reason in batch
        ]
        decisions = [decide(terms, each, row[2]) for each, row in zip(facts, batch, strict=True)]
        told = [facts_to_dict(each) for each in facts]
        held = columns(decisions)
        for position, (row, decision) in enumerate(zip(batch, decisions, strict=True)):
            if row[5] in SHORTENED:
                held["start"][position], held["end"][position] = shortened(decision, row[3])
        with without_nested_loops(cursor):
            cursor.execute(
                recomputesql.ADD_DECIDED,
                {
                    "receivable_id": [row[0] for row in batch],
                    "reason": [row[5] if row[5] in SHORTENED else CoverReason.POLICY.value for row in batch],
                    "facts": [None if each is None else json.dumps(each) for each in told],
                    **held,
                },
            )


def shortened(decision: Decision, end: date | None) -> tuple[date | None, date | None]:
    """The half-open period of a decision for somebody whose cover ended early (``end`` None: before it began)."""
    if decision.start is None or decision.end is None or end is None:
        return None, None
    last = min(decision.end + DAY, end)
    return (decision.start, last) if decision.start < last else (None, None)


def write(cursor: CursorWrapper, *, policy: Policy, run_id: int, at: datetime) -> None:
    """Write what differs: rows of cover that replace the former ones, and the moves of the run."""
    cursor.execute(recomputesql.WRITE, {"scheme": RESIDENT, "policy": policy.pk, "run": run_id, "at": at})


def put_in_line(cursor: CursorWrapper, year: int) -> None:
    """Nobody else writes cover of the year until the commit."""
    in_line(cursor, year, alone=True)

"""Cover: the rows that say from when to when a paid year is covered; written by the posting transaction,
never changed.

Persons about whom nothing special is known are decided once a payment date and written set-based; everybody
else is decided one by one by the same pure function (enrollment/coverage.py). A row's key is ``receivable *
100 + seq``; the row with the highest ``seq`` is in force and names the one it replaces.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, QuerySet

from bureau.errors import BureauError, gettext_noop
from enrollment.coverage import NO_FACTS, Decision, decide
from enrollment.known import Known, facts_from_dict, facts_to_dict, history_matters, named_categories
from enrollment.models import RESIDENT, Coverage, Policy
from enrollment.reasons import (
    ENDING,
    SHORTENED,
    CoverReason,
    again_prefix,
    bare_sentence,
    ended_sentence,
    exempt_prefix,
    shortened_sentence,
)
from enrollment.services import coversql, policies
from enrollment.services.facts import known_of

YEAR = Coverage.partition.factor
ROWS_A_RECEIVABLE = 100
NUMBERS_A_YEAR = YEAR // ROWS_A_RECEIVABLE
# Up to so many payments, reading every person costs less than telling the plain ones apart.
SMALL = 1_000
BATCH = 4_000
DAY = timedelta(days=1)
UNKNOWN = Known()
T = TypeVar("T")


class CoverWithoutPayment(BureauError):
    """Cover rests on a payment, or on aid that carries everything; never on both, never on neither."""

    code = "COVER_WITHOUT_PAYMENT"
    message = gettext_noop("%(rows)s of the payments do not fit the reason %(reason)s.")


class CoverOutsideYear(BureauError):
    """A receivable of another benefit year than the policy's."""

    code = "COVER_OUTSIDE_YEAR"
    message = gettext_noop("Receivable %(receivable)s does not belong to benefit year %(year)s.")


class CoverRowsExhausted(BureauError):
    """A receivable has room for 100 rows of cover."""

    code = "COVER_ROWS_EXHAUSTED"
    message = gettext_noop(
        "Receivable %(receivable)s has 100 rows of cover: no further change can be recorded."
    )


class CoverReasonWrong(BureauError):
    """Cover is taken away only for a reason that says so."""

    code = "COVER_REASON_WRONG"
    message = gettext_noop("%(reason)s is not a reason for taking cover away.")


class Started(int):
    """The number of rows written; `without_cover` of them hold no day of the year."""

    without_cover: int

    def __new__(cls, written: int, without_cover: int) -> "Started":
        """Count rows written, and those without cover among them."""
        self = super().__new__(cls, written)
        self.without_cover = without_cover
        return self


class Due(NamedTuple):
    """A row of the caller's relation."""

    receivable_id: int
    payment_id: int | None
    person_id: int
    region_id: str
    paid_on: date


@dataclass(frozen=True)
class Chunk:
    """The relation as a whole (how many rows each payment date has, the ranges of the keys), and what all its
    cover shares.
    """

    relation: str
    dates: dict[date, int]
    receivables: tuple[int, int]
    persons: tuple[int, int]
    policy: Policy
    reason: CoverReason
    at: datetime

    @property
    def rows(self) -> int:
        """All rows of the relation."""
        return sum(self.dates.values())

    @property
    def low(self) -> int:
        """The smallest key that cover of these receivables can have."""
        return self.receivables[0] * ROWS_A_RECEIVABLE

    @property
    def high(self) -> int:
        """The largest key that cover of these receivables can have."""
        return self.receivables[1] * ROWS_A_RECEIVABLE + ROWS_A_RECEIVABLE - 1


def in_line(cursor: CursorWrapper, year: int, *, alone: bool = False) -> None:
    """Until the commit: writers of a year's cover side by side, or one ``alone`` that decides all of it again."""
    shared = "" if alone else "_shared"
    cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(hashtext('enrollment.cover'), %s)", [year])


def current_policy(*, region_id: str, year: int) -> Policy:
    """The policy in force, kept so until the commit for who writes cover by it: a recomputing after a later
    publication waits, and finds the rows. Called inside a transaction. Raises NoPolicy.
    """
    with connection.cursor() as cursor:
        in_line(cursor, year)
    return policies.in_force(region_id, year)


def start_cover(*, relation: str, policy: Policy, at: datetime) -> Started:
    """Write what the payments of ``relation`` buy, all of one region and of the benefit year of ``policy``.

    ``relation`` names a temporary table or view (payment_id, receivable_id, person_id, region_id, paid_on),
    each receivable once; ``paid_on`` is the bank's debit date. Called inside the posting transaction, which
    records who and why. A receivable with cover already gets a row that supersedes it. Raises
    CoverWithoutPayment, CoverOutsideYear, CoverRowsExhausted.
    """
    return _start(relation, policy, CoverReason.DECIDED, at)


def start_exempt_cover(*, relation: str, policy: Policy, at: datetime) -> Started:
    """As :func:`start_cover` for people whose contribution aid carries wholly: ``payment_id`` is null in
    every row, and ``paid_on`` is the day that counts as the day of payment.
    """
    return _start(relation, policy, CoverReason.EXEMPT, at)


def _start(relation: str, policy: Policy, reason: CoverReason, at: datetime) -> Started:
    with transaction.atomic(), connection.cursor() as cursor:
        in_line(cursor, policy.benefit_year)
        chunk = _chunk(cursor, connection.ops.quote_name(relation), policy, reason, at)
        if chunk is None:
            return Started(0, 0)
        if chunk.rows <= SMALL:
            cursor.execute(coversql.ROWS.format(relation=chunk.relation))
            return _decide_each(cursor, chunk, [Due(*row) for row in cursor.fetchall()])
        odd = tell_apart(cursor, chunk)
        plain = _decide_plain(cursor, chunk, odd)
        cursor.execute("DROP TABLE cover_odd, cover_former")
        each = _decide_each(cursor, chunk, odd)
        return Started(plain + each, plain.without_cover + each.without_cover)


def _chunk(
    cursor: CursorWrapper, relation: str, policy: Policy, reason: CoverReason, at: datetime
) -> Chunk | None:
    """The bounds of the relation, None for an empty one; raises where it cannot be what it should."""
    cursor.execute(coversql.BOUNDS.format(relation=relation))
    groups = cursor.fetchall()
    if not groups:
        return None
    dates = {group[0]: group[1] for group in groups}
    paid, rows = sum(group[2] for group in groups), sum(dates.values())
    unfit = paid if reason == CoverReason.EXEMPT else rows - paid
    if unfit or None in dates:
        raise CoverWithoutPayment(rows=unfit or dates[None], reason=reason.value)
    low, high = min(group[3] for group in groups), max(group[4] for group in groups)
    for receivable in (low, high):
        if receivable // NUMBERS_A_YEAR != policy.benefit_year:
            raise CoverOutsideYear(receivable=receivable, year=policy.benefit_year)
    persons = min(group[5] for group in groups), max(group[6] for group in groups)
    return Chunk(relation, dates, (low, high), persons, policy, reason, at)


@contextmanager
def without_nested_loops(cursor: CursorWrapper) -> Iterator[None]:
    """Statistics of fresh tables say "one row"; a nested loop chosen by them would take hours."""
    cursor.execute("SELECT current_setting('enable_nestloop')")
    before = cursor.fetchone()[0]
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SELECT set_config('enable_nestloop', %s, true)", [before])


def tell_apart(cursor: CursorWrapper, chunk: Chunk) -> list[Due]:
    """Fill cover_odd with the rows of who is not plain, and cover_former with the last cover there is."""
    terms = chunk.policy.values
    year = terms.benefit_year
    values: dict[str, Any] = {
        "first": chunk.persons[0],
        "last": chunk.persons[1],
        "born_from": date(year - 1, 1, 1),
        "born_to": date(year + 1, 1, 1),
        "named": sorted(named_categories(terms)),
        "year": year,
        "factor": YEAR,
    }
    with without_nested_loops(cursor):
        cursor.execute(coversql.MAKE_ODD.format(relation=chunk.relation), values)
        cursor.execute(coversql.MAKE_FORMER, {"low": chunk.low, "high": chunk.high})
        if history_matters(terms):
            cursor.execute(coversql.MAKE_UNCOVERED.format(relation=chunk.relation), values)
    if history_matters(terms):
        cursor.execute(coversql.ADD_BROKEN, values)
        cursor.execute("DROP TABLE cover_uncovered")
    cursor.execute(coversql.FULL)
    full = cursor.fetchone()
    if full is not None:
        raise CoverRowsExhausted(receivable=full[0])
    cursor.execute(coversql.ROWS.format(relation="cover_odd"))
    return [Due(*row) for row in cursor.fetchall()]


def _decide_plain(cursor: CursorWrapper, chunk: Chunk, odd: Sequence[Due]) -> Started:
    """One decision for each payment date, joined to everybody who is plain."""
    terms = chunk.policy.values
    decisions = {paid_on: decide(terms, NO_FACTS, paid_on) for paid_on in chunk.dates}
    with without_nested_loops(cursor):
        cursor.execute(
            coversql.INSERT_PLAIN.format(relation=chunk.relation),
            {"paid_on": list(decisions), **columns(decisions.values()), **_same(chunk)},
        )
        written = cursor.rowcount
    plain = dict(chunk.dates)
    for due in odd:
        plain[due.paid_on] -= 1
    return Started(written, sum(rows for paid_on, rows in plain.items() if decisions[paid_on].start is None))


def _decide_each(cursor: CursorWrapper, chunk: Chunk, rows: Sequence[Due]) -> Started:
    """A decision for each person by what is known of them."""
    terms, without_cover = chunk.policy.values, 0
    for batch in batches(rows, BATCH):
        known = known_of(person_ids=[due.person_id for due in batch], benefit_year=terms.benefit_year)
        facts = [known.get(due.person_id, UNKNOWN).on(terms, due.paid_on) for due in batch]
        decisions = [decide(terms, each, due.paid_on) for each, due in zip(facts, batch, strict=True)]
        without_cover += sum(decision.start is None for decision in decisions)
        former = _last_rows(cursor, [due.receivable_id for due in batch], chunk.low, chunk.high)
        keys = [(former.get(due.receivable_id), due.receivable_id * ROWS_A_RECEIVABLE) for due in batch]
        told = [facts_to_dict(each) for each in facts]
        cursor.execute(
            coversql.INSERT_DECIDED,
            {
                "id": [first if last is None else last + 1 for last, first in keys],
                "supersedes": [last for last, _first in keys],
                "person_id": [due.person_id for due in batch],
                "region_id": [due.region_id for due in batch],
                "payment_id": [due.payment_id for due in batch],
                "paid_on": [due.paid_on for due in batch],
                "repair_years": [each.repair_years for each in facts],
                "facts": [None if each is None else json.dumps(each) for each in told],
                **columns(decisions),
                **_same(chunk),
            },
        )
    return Started(len(rows), without_cover)


def columns(decisions: Iterable[Decision]) -> dict[str, list[Any]]:
    """The decisions as columns of cover rows; the period is stored half-open."""
    each = list(decisions)
    return {
        "start": [decision.start for decision in each],
        "end": [None if decision.end is None else decision.end + DAY for decision in each],
        "rule": [decision.rule.value for decision in each],
        "wait_fixed": [decision.wait_fixed for decision in each],
        "wait_variable": [decision.wait_variable for decision in each],
    }


def _same(chunk: Chunk) -> dict[str, Any]:
    return {"scheme": RESIDENT, "policy": chunk.policy.pk, "reason": chunk.reason.value, "at": chunk.at}


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows, so many at a time."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def _last_rows(cursor: CursorWrapper, receivables: list[int], low: int, high: int) -> dict[int, int]:
    """The key of the last row of each receivable that has one; raises where it is the last possible."""
    cursor.execute(coversql.LAST_ROWS, {"receivables": receivables, "low": low, "high": high})
    found: dict[int, int] = dict(cursor.fetchall())
    for receivable, last in sorted(found.items()):
        if last % ROWS_A_RECEIVABLE == ROWS_A_RECEIVABLE - 1:
            raise CoverRowsExhausted(receivable=receivable)
    return found


def end_cover(*, receivable_ids: Collection[int], reason: str, at: datetime) -> int:
    """Take the cover of receivables away: a superseding row with an empty period and the reason; returns the
    rows written.

    A receivable without cover rows, or whose cover was taken away before, gets none. Raises
    CoverReasonWrong, CoverRowsExhausted.
    """
    if reason not in ENDING:
        raise CoverReasonWrong(reason=reason)
    wanted = sorted(set(receivable_ids))
    if not wanted:
        return 0
    low, high = wanted[0] * ROWS_A_RECEIVABLE, wanted[-1] * ROWS_A_RECEIVABLE + ROWS_A_RECEIVABLE - 1
    with transaction.atomic(), connection.cursor() as cursor:
        for year in sorted({key // NUMBERS_A_YEAR for key in wanted}):
            in_line(cursor, year)
        former = _last_rows(cursor, wanted, low, high)
        cursor.execute(
            coversql.INSERT_ENDED,
            {
                "former": sorted(former.values()),
                "low": low,
                "high": high,
                "ending": sorted(ENDING),
                "reason": str(reason),
                "at": at,
            },
        )
        return cursor.rowcount


def in_force_for(person_ids: Collection[int], year: int) -> QuerySet[Coverage]:
    """The row in force of each receivable of these persons for benefit year ``year``, with its policy, by
    key.

    A row with an empty period says that there is no cover; who has no row has nothing that was paid or
    exempt.
    """
    rows = Coverage.objects.filter(person_id__in=person_ids, id__gte=year * YEAR, id__lt=(year + 1) * YEAR)
    last = (
        rows.annotate(receivable=F("id") / ROWS_A_RECEIVABLE)
        .order_by("receivable", "-id")
        .distinct("receivable")
    )
    return last.select_related("policy")


def explain(row: Coverage, lang: str = "zh") -> str:
    """The sentence that explains a row of cover, in Chinese (``zh``, ``zh-hans``) or English, from the row's
    own values.

    The decision is told from the row's policy version, payment date and facts, not from what is known today.
    Should the rules have been rewritten since so that they say something else, the row is told without its
    reasons.
    """
    chinese = lang.lower().startswith("zh")
    reason = CoverReason(row.reason)
    if reason in SHORTENED:
        last = None if row.end is None else row.end - DAY
        return shortened_sentence(reason, start=row.start, last=last, year=row.benefit_year, chinese=chinese)
    if reason in ENDING or row.paid_on is None:
        return ended_sentence(reason, paid_on=row.paid_on, year=row.benefit_year, chinese=chinese)
    decision = decide(row.policy.values, facts_from_dict(row.facts), row.paid_on)
    told = decision.explain_zh if chinese else decision.explain_en
    if not _agrees(row, decision):
        last = None if row.end is None else row.end - DAY
        told = bare_sentence(
            rule=row.rule, start=row.start, last=last, year=row.benefit_year, chinese=chinese
        )
    prefix = again_prefix(chinese=chinese) if reason == CoverReason.POLICY else ""
    if reason == CoverReason.EXEMPT or (reason == CoverReason.POLICY and row.payment_id is None):
        prefix += exempt_prefix(paid_on=row.paid_on, chinese=chinese)
    return prefix + told


def _agrees(row: Coverage, decision: Decision) -> bool:
    end = None if decision.end is None else decision.end + DAY
    held = (row.rule, row.start, row.end, row.wait_fixed, row.wait_variable)
    return held == (decision.rule.value, decision.start, end, decision.wait_fixed, decision.wait_variable)

"""What is due: receivables of a region and benefit year, assessed set-based, and later amounts (design:
domain 2.2, 2.3).

The prices and the aid of each category come from the pure rules of the terms; the statements only say which
of them is whose. So a million persons are priced without passing through Python, and a percentage is rounded
in one place.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from bureau import access, audit
from bureau.models import User
from bureau.money import ZERO, yuan
from bureau.partitions import open_year
from bureau.periods import add_months, first_of_month
from enrollment.choices import LatePriceExempt, LatePriceRule
from enrollment.models import Policy
from enrollment.policy import PriceClass, Terms, best_aid, late_price, personal_price
from enrollment.services import cover, policies
from enrollment.waiting import newborn_last_day
from payments.models.receivables import NUMBERS_A_YEAR, Receivable
from payments.services import statements

ACTION = "receivable.assess"
MANY = 10_000
"""From so many new rows on the planner is told at once, not by and by."""
_SAMPLES = {
    PriceClass.ALL: "1501",
    PriceClass.CHILD: "1402",
    PriceClass.ADULT: "1501",
    PriceClass.ELDER: "1601",
}
"""A person class that has the price of each price class."""


@dataclass(frozen=True)
class Assessed:
    """What an assessment did: new receivables, those that were there already, and the new ones in figures.

    `amount` in yuan; `exempt`: carried wholly by aid; `by_class`: lines and yuan by price class; `siblings`:
    receivables newly linked to one of the same person-year in another region; `unpriced`: persons whose price
    class cannot be told.
    """

    region: str
    year: int
    on: date
    assessed: int = 0
    already: int = 0
    exempt: int = 0
    amount: Decimal = ZERO
    by_class: dict[str, dict[str, Any]] = field(default_factory=dict)
    aided: int = 0
    siblings: int = 0
    unpriced: int = 0


def usual_day(*, region_id: str, year: int, today: date) -> date:
    """The day whose prices an assessment takes: ``today`` while the year is being paid, else the window's
    first day.

    A year that is over or not yet open is only rehearsed. Raises NoPolicy.
    """
    terms = policies.in_force(region_id, year).values
    return today if terms.window_open <= today <= terms.last_pay_day else terms.window_open


def assess(
    *,
    region_id: str,
    year: int,
    on: date,
    by: User | None,
    at: datetime,
    person_ids: Collection[int] | None = None,
) -> Assessed:
    """Make the missing receivables of ``region_id`` for benefit year ``year`` at the prices of day ``on``.

    One for each live resident enrolment of the pooling region that began before the year ends, of a person
    who is alive; numbered in the order of the enrolments. Whom aid carries wholly gets cover at once, as if
    paid on the later of the window's first day and the day from which the aid holds. Running it again adds
    only what is new. ``person_ids`` limits it to these persons, without the figures of the region; ``by`` None
    is the system. Raises NoPolicy, NotAllowed, OutOfScope.
    """
    people = None if person_ids is None else sorted(person_ids)
    with transaction.atomic(), audit.acting(by=by, why="assess receivables", region=region_id, year=year):
        if by is not None:
            access.require(by, ACTION, region_id)
        policy = cover.current_policy(region_id=region_id, year=year)
        with connection.cursor() as cursor, _priced(cursor, region_id, policy, on, people):
            after = _last_number(cursor, year)
            values: dict[str, Any] = {"region": region_id, "year": year}
            made = statements.run(
                cursor,
                "assess",
                sequence=_sequence(year),
                policy=policy.pk,
                on=on,
                at=at,
                **values,
            )
            if made >= MANY:
                cursor.execute(f'ANALYZE "payments_receivable_{year}"')
            siblings = statements.run(cursor, "siblings", after=after, **values) if made else 0
            _carry(cursor, policy, at, ids=[], people=people, **values)
            if made:
                # The rows are append-only and have no history of their own: who and why are kept once, here.
                cursor.execute("SELECT _pgh_attach_context()")
            done = Assessed(region_id, year, on, assessed=made, siblings=siblings)
            return done if people is not None else _report(cursor, done, after)


def reassess(
    *,
    region_id: str,
    year: int,
    on: date,
    reason: str,
    by: User | None,
    at: datetime,
    receivable_ids: Collection[int] | None = None,
) -> int:
    """Append later amounts where the price of day ``on`` is another than what is due; returns how many.

    For all receivables of the region and year, or those of ``receivable_ids``. Who paid, whose receivable is
    being collected, and who is exempt already keeps the amount. Raises as :func:`assess`.
    """
    people = None if receivable_ids is None else _people_of(receivable_ids)
    with transaction.atomic(), audit.acting(by=by, why=reason, region=region_id, year=year):
        if by is not None:
            access.require(by, ACTION, region_id)
        policy = cover.current_policy(region_id=region_id, year=year)
        with connection.cursor() as cursor, _priced(cursor, region_id, policy, on, people):
            _lock(cursor, year)
            values: dict[str, Any] = {"region": region_id, "year": year}
            statements.run(
                cursor,
                "reassess",
                policy=policy.pk,
                reason=reason,
                on=on,
                at=at,
                everybody=receivable_ids is None,
                ids=sorted(receivable_ids or ()),
                **values,
            )
            made, exempt = cursor.fetchone()
            if exempt:
                _carry(cursor, policy, at, ids=exempt, people=people, **values)
            if made:
                cursor.execute("SELECT _pgh_attach_context()")
            return made


def pricing(terms: Terms, on: date) -> dict[str, Any]:
    """The values that the pricing statement asks for: prices, aid by category and price, and who is exempt
    from lateness.
    """
    uniform = terms.personal_standard.is_uniform
    split = not uniform or not (terms.fiscal_standard is None or terms.fiscal_standard.is_uniform)
    prices = _prices(terms, uniform=uniform, split=split)
    aids = {
        (rule.category, price, best_aid(terms, [rule.category], price).amount)
        for rule in terms.subsidy_rules
        for _class, _kind, price in prices
    }
    late = terms.late_price_rule == LatePriceRule.FULL_COST and on >= terms.late_price_start
    return {
        "prices": json.dumps(
            [{"price_class": c, "kind": kind, "standard": yuan(price)} for c, kind, price in prices]
        ),
        "aids": json.dumps(
            [
                {"category": category, "standard": yuan(price), "aid": yuan(aid)}
                for category, price, aid in sorted(aids)
                if aid > ZERO
            ]
        ),
        "uniform": uniform,
        "split": split,
        "child_after": date(terms.benefit_year - 18, 1, 1),
        "elder_until": date(terms.benefit_year - 60, 1, 1),
        "newborn_free": terms.newborn_free_first_year,
        "late": late,
        "newborn_since": _newborn_since(terms, on) if late else None,
        "switch_since": _switch_since(terms, on) if late else None,
        "year_start": terms.year_start,
        "year_end": terms.year_end,
        "window_open": terms.window_open,
        "on": on,
    }


def _prices(terms: Terms, *, uniform: bool, split: bool) -> list[tuple[PriceClass, str, Decimal]]:
    """Every price that somebody may owe before aid: class, kind, yuan. ALL stands for an unknown class as
    well.
    """
    classes = [PriceClass.CHILD, PriceClass.ADULT, PriceClass.ELDER] if split else []
    prices = []
    for price_class in [PriceClass.ALL, *classes] if uniform else classes:
        person_class = _SAMPLES[price_class]
        prices.append((price_class, "PLAIN", personal_price(terms, person_class, None)))
        prices.append((price_class, "FREE", ZERO))
        if price_class != PriceClass.ALL or not split:
            prices.append((price_class, "LATE", late_price(terms, person_class, None)))
    return prices


def _newborn_since(terms: Terms, on: date) -> date | None:
    """The earliest birth that still counts as a newborn's on ``on``: born in the year, or before it and
    inside the limit.
    """
    if LatePriceExempt.NEWBORN not in terms.late_price_exempt:
        return None
    last_year = (terms.year_start - timedelta(days=back) for back in range(366, 0, -1))
    return next((birth for birth in last_year if newborn_last_day(terms, birth) >= on), terms.year_start)


def _switch_since(terms: Terms, on: date) -> date | None:
    """The earliest last day of employee cover after which somebody still switches in time on ``on`` (domain
    4.2, row 5).
    """
    if LatePriceExempt.SWITCHER not in terms.late_price_exempt:
        return None
    return add_months(first_of_month(on), -terms.switch_months)


@contextmanager
def _priced(
    cursor: CursorWrapper, region_id: str, policy: Policy, on: date, people: list[int] | None = None
) -> Iterator[None]:
    """The view ``priced`` of the region's live enrolments (or those of ``people``) by the policy's terms, while the
    block runs.
    """
    statements.run(cursor, "assess_price", region=region_id, people=people, **pricing(policy.values, on))
    yield
    cursor.execute("DROP VIEW priced")


def _people_of(receivable_ids: Collection[int]) -> list[int]:
    """Whose they are."""
    rows = Receivable.objects.filter(pk__in=sorted(receivable_ids))
    return sorted(set(rows.values_list("person_id", flat=True)))


def _carry(cursor: CursorWrapper, policy: Policy, at: datetime, **values: Any) -> None:
    """Cover for those who owe nothing, from enrolment's own service and in the same transaction."""
    # The rows just written are unknown to the planner's statistics: it would walk all prices for each of them.
    whole = values["people"] is None
    if whole:
        cursor.execute("SET LOCAL enable_nestloop = off")
    statements.run(cursor, "lock_carried", **values)
    carried = statements.run(cursor, "assess_carried", **values)
    cursor.execute("SET LOCAL enable_nestloop = on")
    if carried:
        cover.start_exempt_cover(relation="carried", policy=policy, at=at)
    cursor.execute("DROP TABLE carried")


def _sequence(year: int) -> str:
    return f"payments_receivable_{year}_number"


def _lock(cursor: CursorWrapper, year: int) -> None:
    """One assessment of a year at a time in all regions: two at once would miss each other's siblings."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.assess'), %s)", [year])


def _last_number(cursor: CursorWrapper, year: int) -> int:
    """Lock the year, make its partitions where they are missing, and return its largest receivable id handed
    out.
    """
    _lock(cursor, year)
    cursor.execute("SELECT to_regclass(%s)", [_sequence(year)])
    if cursor.fetchone()[0] is None:
        open_year(year)
    cursor.execute(f'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "{_sequence(year)}"')
    last: int = cursor.fetchone()[0]
    return year * NUMBERS_A_YEAR + last


def _report(cursor: CursorWrapper, made: Assessed, after: int) -> Assessed:
    cursor.execute(
        "SELECT count(*) FROM payments_receivable WHERE region_id = %s AND id > %s AND id <= %s",
        [made.region, made.year * NUMBERS_A_YEAR, after],
    )
    already = cursor.fetchone()[0]
    cursor.execute("SELECT count(*) FROM priced WHERE standard IS NULL")
    unpriced = cursor.fetchone()[0]
    statements.run(cursor, "assess_report", region=made.region, year=made.year, after=after)
    rows = cursor.fetchall()
    return Assessed(
        made.region,
        made.year,
        made.on,
        assessed=made.assessed,
        already=already,
        exempt=sum(row[4] for row in rows),
        amount=sum((row[2] for row in rows), ZERO),
        by_class={row[0]: {"lines": row[1], "amount": yuan(row[2])} for row in rows},
        aided=sum(row[3] for row in rows),
        siblings=made.siblings,
        unpriced=unpriced,
    )

"""What the register's changes mean for money: pulled in the order of their commits, each once, in one transaction.

Who was enrolled gets a receivable in every year that is open; whose category, class or birth changed gets another
amount where nobody paid yet; who paid and was recognised afterwards becomes a candidate for a refund. An enrolment
that ended needs nothing here: freezing leaves out whoever is not enrolled or not alive.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from bureau import audit
from bureau.clock import day_of
from bureau.money import ZERO
from enrollment.models import RESIDENT, Change, ChangeKind, Enrollment, PersonCategory
from enrollment.policy import best_aid
from enrollment.services import changes, policies
from enrollment.states import EnrollmentState
from payments.models import AidDifference, Receivable, RegisterMark
from payments.models.receivables import NUMBERS_A_YEAR
from payments.services import receivables, statements

NAME = "receivables"
BEGAN = frozenset(
    {
        ChangeKind.REGISTERED,
        ChangeKind.ENROLLED,
        ChangeKind.RESUMED,
        ChangeKind.MERGED,
        ChangeKind.UNDONE,
    }
)
PRICED = frozenset(
    {
        ChangeKind.CATEGORY_BEGAN,
        ChangeKind.CATEGORY_ENDED,
        ChangeKind.CORRECTED,
        ChangeKind.MERGED,
        ChangeKind.UNDONE,
    }
)
RECOGNISED = frozenset({ChangeKind.CATEGORY_BEGAN, ChangeKind.MERGED})


@dataclass(frozen=True)
class Pulled:
    """What a pull did: changes taken, receivables made, later amounts, candidates for a refund of aid."""

    changes: int = 0
    assessed: int = 0
    reassessed: int = 0
    differences: int = 0


def pull(*, at: datetime, most: int = changes.MOST) -> Pulled:
    """Act on the next changes of the register and move the mark, in one transaction; nothing is left when
    ``changes`` is 0.

    Two at once wait for each other; repeating it does nothing twice.
    """
    with transaction.atomic(), audit.acting(by=None, why="changes of the register"):
        RegisterMark.objects.get_or_create(name=NAME)
        mark = RegisterMark.objects.select_for_update(of=("self",)).get(name=NAME)
        rows = changes.after(changes.Mark(mark.xid, mark.number), most)
        if not rows:
            return Pulled()
        done = act(rows, on=day_of(at), at=at)
        mark.xid, mark.number = changes.mark_of(rows[-1])
        mark.save(update_fields=["xid", "number"])
        return done


def act(rows: Sequence[Change], *, on: date, at: datetime) -> Pulled:
    """What ``rows`` mean on day ``on``. Years are taken in order, and regions within a year: the order of locks
    of every assessment.
    """
    began = {row.person_id for row in rows if row.kind in BEGAN}
    priced = {row.person_id for row in rows if row.kind in PRICED}
    listed = {row.person_id: day_of(row.made_at) for row in rows if row.kind in RECOGNISED}
    assessed = reassessed = differences = 0
    for year in (on.year, on.year + 1):
        for region_id, people in _enrolled(began):
            if _open(region_id, year, on):
                day = receivables.usual_day(region_id=region_id, year=year, today=on)
                made = receivables.assess(
                    region_id=region_id, year=year, on=day, by=None, at=at, person_ids=people
                )
                assessed += made.assessed
        for region_id, ids in _due(priced, year):
            if _open(region_id, year, on):
                day = receivables.usual_day(region_id=region_id, year=year, today=on)
                reassessed += receivables.reassess(
                    region_id=region_id,
                    year=year,
                    on=day,
                    reason="the register changed",
                    by=None,
                    at=at,
                    receivable_ids=ids,
                )
        for region_id, ids in _due(listed, year):
            differences += _recognised(region_id, year, ids, listed, at)
    return Pulled(len(rows), assessed, reassessed, differences)


def _open(region_id: str, year: int, on: date) -> bool:
    """Whether the year can be paid, or soon will be: terms are published and the last day has not passed."""
    try:
        return on <= policies.in_force(region_id, year).values.last_pay_day
    except policies.NoPolicy:
        return False


def _enrolled(person_ids: Collection[int]) -> list[tuple[str, list[int]]]:
    """Live resident enrolments of these persons, by region in order."""
    live = Enrollment.objects.filter(
        person_id__in=sorted(person_ids), scheme=RESIDENT, state=EnrollmentState.ENROLLED
    )
    return _grouped(live.order_by("pk").values_list("region_id", "person_id"))


def _due(person_ids: Collection[int], year: int) -> list[tuple[str, list[int]]]:
    """Receivables of these persons for a year, by region in order."""
    rows = Receivable.objects.filter(
        person_id__in=sorted(person_ids), id__gte=year * NUMBERS_A_YEAR, id__lt=(year + 1) * NUMBERS_A_YEAR
    )
    return _grouped(rows.order_by("pk").values_list("region_id", "pk"))


def _grouped(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, list[int]]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for region_id, number in pairs:
        found[region_id].append(number)
    return sorted(found.items())


def _recognised(region_id: str, year: int, ids: Sequence[int], listed: dict[int, date], at: datetime) -> int:
    """Candidates for AID_DIFF among paid receivables: what the best category of the year would have carried more
    than was carried. Each payment and category once.
    """
    terms = policies.in_force(region_id, year).values
    with connection.cursor() as cursor:
        statements.run(cursor, "aid_paid", ids=list(ids))
        paid: list[tuple[int, int, int, Decimal, Decimal, Decimal]] = cursor.fetchall()
    held: defaultdict[int, set[str]] = defaultdict(set)
    valid = PersonCategory.objects.filter(
        person_id__in=[row[2] for row in paid], valid_from__lte=terms.year_end
    ).exclude(valid_to__lte=terms.year_start)
    for person_id, category in valid.order_by("pk").values_list("person_id", "category"):
        held[person_id].add(category)
    fresh = []
    for payment_id, receivable_id, person_id, amount, standard, carried in paid:
        best = best_aid(terms, sorted(held[person_id]), standard)
        more = min(amount, best.amount - carried)
        if more > ZERO:
            fresh.append(
                AidDifference(
                    payment_id=payment_id,
                    receivable_id=receivable_id,
                    person_id=person_id,
                    region_id=region_id,
                    category=best.category,
                    amount=more,
                    listed_on=listed[person_id],
                    found_at=at,
                )
            )
    known = set(
        AidDifference.objects.filter(payment_id__in=[one.payment_id for one in fresh]).values_list(
            "payment_id", "category"
        )
    )
    new = [one for one in fresh if (one.payment_id, one.category) not in known]
    return len(AidDifference.objects.bulk_create(new, ignore_conflicts=True))

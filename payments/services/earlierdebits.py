"""A duplicate that was debited before the payment that carries the year, and would cover sooner, is put before a supervisor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from enrollment.coverage import Decision, decide
from enrollment.services import policies
from enrollment.services.facts import known_of
from payments.models import Payment, WorkItem, WorkKind
from payments.services.comparisons import sooner


@dataclass(frozen=True)
class Late:
    """A duplicate just booked."""

    line_id: int
    person_id: int
    region_id: str
    amount: Decimal
    debited_on: date
    carried_by: int
    file_id: int | None = None


def open_items(*, late: Sequence[Late], due_on: date, at: datetime) -> int:
    """A work item for each duplicate that was debited before the payment that carries the year and would cover sooner by
    its own region's terms; returns how many were opened.
    """
    carriers = Payment.objects.in_bulk([one.carried_by for one in late])
    earlier = [
        (one, carriers[one.carried_by])
        for one in late
        if one.carried_by in carriers and one.debited_on < carriers[one.carried_by].debited_on
    ]
    years = {carrier.benefit_year for _one, carrier in earlier}
    people = [one.person_id for one, _carrier in earlier]
    known = {year: known_of(person_ids=people, benefit_year=year) for year in years}
    places = {(row.region_id, pair[1].benefit_year) for pair in earlier for row in pair}
    terms = {place: policies.in_force(*place).values for place in places}

    def buys(row: Late | Payment, year: int) -> Decision:
        mine = terms[row.region_id, year]
        return decide(mine, known[year][row.person_id].on(mine, row.debited_on), row.debited_on)

    better = [
        one
        for one, carrier in earlier
        if sooner(buys(one, carrier.benefit_year), buys(carrier, carrier.benefit_year))
    ]
    items = [
        WorkItem(
            kind=WorkKind.SWAP,
            region_id=one.region_id,
            person_id=one.person_id,
            file_id=one.file_id,
            line_id=one.line_id,
            amount=one.amount,
            reason="EARLIER_DEBIT",
            due_on=due_on,
            opened_at=at,
        )
        for one in better
    ]
    return len(WorkItem.objects.bulk_create(items, batch_size=1_000))

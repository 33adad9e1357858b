"""Whether another debit date than ours would begin cover on another day, for what a line of a statement speaks of."""

from datetime import date

from enrollment.coverage import decide
from enrollment.services import facts, policies
from payments.models import OrderDebit, OrderLine, Ours, Payment, Swap
from payments.models.receivables import NUMBERS_A_YEAR


def differs(*, kind: int, key: int, ours: date, theirs: date) -> bool:
    """By our record ``key`` of ``kind`` (Ours): whether cover of anything that it pays would start otherwise."""
    return any(
        _starts_differ(receivable, person, region, ours, theirs)
        for receivable, person, region in _years_of(kind, key)
    )


def _years_of(kind: int, key: int) -> list[tuple[int, int, str]]:
    """Receivable, person and region of everything that our record pays."""
    if kind == Ours.ORDER:
        order = OrderDebit.objects.get(pk=key).order_id
        rows = OrderLine.objects.filter(order_id=order).order_by("pk")
        return [(row.receivable_id, row.person_id, row.region_id) for row in rows]
    carried = [key]
    if kind == Ours.DUPLICATE:
        carried = list(Swap.objects.filter(duplicate_id=key).values_list("carried_by", flat=True))
    return [(row.pk // 100, row.person_id, row.region_id) for row in Payment.objects.filter(pk__in=carried)]


def _starts_differ(receivable: int, person: int, region: str, ours: date, theirs: date) -> bool:
    year = receivable // NUMBERS_A_YEAR
    terms = policies.in_force(region, year).values
    known = facts.known_of(person_ids=[person], benefit_year=year)[person]
    one, other = (decide(terms, known.on(terms, on), on) for on in (ours, theirs))
    return (one.start, one.refused) != (other.start, other.refused)

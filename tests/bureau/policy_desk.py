"""One of everything of the policy desk: a draft, a recomputing, whose cover it moved, a difference of price."""

from dataclasses import dataclass, replace
from typing import Any

from enrollment.models import Policy, PolicyMove, PolicyRun
from enrollment.services import policies, policydrafts
from payments.models import PriceDifference
from tests import builders
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AT, Books


@dataclass
class PolicyDesk:
    """The rows."""

    draft: Policy
    run: PolicyRun
    move: PolicyMove
    difference: PriceDifference


def of(world: Any) -> PolicyDesk:
    """The desk's rows, made at the first call."""
    run = PolicyRun.objects.order_by("pk").first()
    if run is None:
        return make(world.books)
    return PolicyDesk(
        Policy.objects.get(state="DRAFT"),
        run,
        PolicyMove.objects.get(run=run),
        PriceDifference.objects.get(run=run),
    )


def make(books: Books) -> PolicyDesk:
    """One of everything in Guigang."""
    home = builders.GUIGANG
    policy = bookbuilders.policy_of()
    terms = replace(policies.in_force(home, 2025).values, wait_fixed=2)
    draft = policydrafts.draft(
        region_id=home, benefit_year=2025, terms=terms, by=books.home.supervisor, at=AT
    )
    run = PolicyRun.objects.create(
        policy=policy, region_id=home, state="DONE", persons=2, moved=1, made_at=AT, finished_at=AT
    )
    person = books.settled.person
    move = PolicyMove.objects.create(
        run=run, region_id=home, person=person, coverage_id=books.settled.receivable_id * 100
    )
    difference = PriceDifference.objects.create(
        payment_id=books.settled.receivable_id * 100,
        person=person,
        region_id=home,
        policy=policy,
        run=run,
        debited_on=bookbuilders.PAID_ON,
        paid=bookbuilders.PRICE,
        due=bookbuilders.PRICE / 2,
        difference=bookbuilders.PRICE / 2,
        found_at=AT,
    )
    return PolicyDesk(draft, run, move, difference)

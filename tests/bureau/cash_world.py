"""A village agent with a book, a spoilt receipt and a hand-over that is short, made when a page first asks for them."""

from decimal import Decimal
from typing import Any

from payments.models import CashHandover, CashReceipt, ReceiptBook, VillageAgent
from tests.payments.bookbuilders import AT


def agent(world: Any) -> VillageAgent:
    """The agent, the same at each call."""
    home = world.books.home
    made, new = VillageAgent.objects.get_or_create(
        code="NJ-01",
        defaults={
            "name": "韦大姐", "region_id": world.person.region_id, "village": "南江村", "made_by": home.supervisor, "made_at": AT,
        },
    )  # fmt: skip
    if new:
        ReceiptBook.objects.create(
            agent=made, series="A", first=1, last=50, handed_by=home.supervisor, handed_at=AT
        )
        CashHandover.objects.create(
            agent=made, region_id=made.region_id, nth=1, expected=Decimal(400), counted=Decimal(390), note="少10元",
            counted_by=home.clerk, counted_at=AT,
        )  # fmt: skip
    return made


def receipt(world: Any) -> CashReceipt:
    """A receipt that was spoilt, the third of the book."""
    owner = agent(world)
    made, _new = CashReceipt.objects.get_or_create(
        series="A", number=3,
        defaults={
            "book": owner.books.get(), "agent": owner, "region_id": owner.region_id, "amount": 0, "paid_on": AT.date(),
            "spoilt": "写错", "keyed_by": world.books.home.clerk, "keyed_at": AT,
        },
    )  # fmt: skip
    return made

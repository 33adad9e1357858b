"""Channels as partners: people with a receivable each, a day inside the window, and signed calls at that day."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bureau import audit, clock
from enrollment.models import Person
from payments.api.views import ORDERS, STATUS
from payments.models import Channel
from payments.services import receivables
from tests import builders
from tests.bureau.partner_world import Caller, make_client, make_key
from tests.clients.partner import Partner
from tests.payments import kit

DAY = datetime(2024, 10, 10, 2, 0, tzinfo=UTC)
REGION, YEAR = kit.REGION, kit.YEAR
ORDERS_URL, STATUS_URL = "/api/v1/orders", "/api/v1/status-queries"
ONLINE = [one.value for one in Channel if one not in (Channel.BANK_BATCH, Channel.MINZHENGTONG)]


class Day:
    """The day's clock: it stands still until somebody moves it; calls are signed with its time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: datetime = DAY) -> None:
        self.moment = start
        monkeypatch.setattr("bureau.clock.now", lambda: self.moment)

    def pass_(self, **parts: float) -> datetime:
        """Later."""
        self.moment += timedelta(**parts)
        return self.moment


@dataclass
class Teller(Caller):
    """A channel's machine; it signs with the bureau's day."""

    @property
    def partner(self) -> Partner:
        """Who signs."""
        partner = super().partner
        partner.skew = round(clock.now().timestamp() - time.time())
        return partner

    def open(self, *persons: Person, key: str | None = None, **changes: Any) -> Any:
        """An order for these persons."""
        return self.post(ORDERS_URL, order_of(*persons, **changes), key)

    def pay(self, order: Any, serial: str = "S1", key: str | None = None, **changes: Any) -> Any:
        """What the channel took for an order (the body of its answer)."""
        content = {"channel_serial": serial, "amount": order["amount"], "debited_at": clock.now().isoformat()}
        return self.post(f"{ORDERS_URL}/{order['order_no']}/payment", content | changes, key)

    def cancel(self, order: Any, key: str | None = None, **more: Any) -> Any:
        """The payer gave up."""
        return self.post(f"{ORDERS_URL}/{order['order_no']}/cancellation", {}, key, **more)

    def reverse(self, number: Any, key: str | None = None) -> Any:
        """Take a payment back."""
        return self.post(f"/api/v1/payments/{number}/reversal", {"reason": "错缴"}, key)

    def status(self, person: Person, **changes: Any) -> Any:
        """How a person's year stands."""
        return self.post(STATUS_URL, insured(person) | changes)


def make_teller(
    channel: str = "WECHAT", *more: str, regions: tuple[str, ...] = (REGION,), **fields: Any
) -> Teller:
    """The machine of one channel, or of several."""
    scopes = [ORDERS, STATUS, *(f"channel.{name}" for name in (channel, *more))]
    with audit.acting(by=None, why="a test's partner"):
        client = make_client(regions=regions, **{"scopes": scopes} | fields)
        return Teller(client, make_key(client, expires_at=datetime(2030, 1, 1, tzinfo=UTC)))


def people(count: int, region: str = REGION) -> list[Person]:
    """Registered adults with a receivable each."""
    with audit.acting(by=None, why="a test's people"):
        made = [builders.make_person(region, birth_date=date(1980, 5, 17)) for _ in range(count)]
        for person in made:
            builders.enrol(person, region, started_on=date(2024, 9, 1))
    receivables.assess(region_id=region, year=YEAR, on=date(2024, 10, 1), by=None, at=DAY)
    return made


def insured(person: Person, year: int = YEAR) -> dict[str, Any]:
    """Whom a line is about."""
    return {"id_type": "01", "id_number": person.id_number, "name": person.name, "benefit_year": year}


def order_of(*persons: Person, **changes: Any) -> dict[str, Any]:
    """The body of an order."""
    content: dict[str, Any] = {
        "card_type": "DEBIT",
        "payer": {"name": "张三"},
        "lines": [insured(person) for person in persons],
    }
    return content | changes

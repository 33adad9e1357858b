"""The reference client plays each kind of channel against the real server: over the network, with its own books."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test.testcases import LiveServerThread

from bureau import audit, clock, signing
from payments.models import ChannelTerms, DuplicatePayment, Hold, Order, OrderDebit, Payment
from payments.services import asking, expiry
from tests.clients.channel import ChannelClient, StatusAddress
from tests.payments import kit
from tests.payments.channel_world import ONLINE, Day, insured, make_teller, people

APPS = (
    "ALIPAY",
    "WECHAT",
    "NHSA_APP",
    "BANK_APP",
    "ETAX",
    "SOCIAL_APP",
    "SOCIAL_WECHAT",
    "QR",
    "FAMILY_SHARE",
)
COUNTERS = ("BANK_COUNTER", "POST", "TAX_HALL", "VILLAGE", "CASH")


@pytest.fixture
def day(committed: None, monkeypatch: pytest.MonkeyPatch) -> Day:
    """A day inside the window, with everything committed: the server has connections of its own."""
    return Day(monkeypatch)


@pytest.fixture
def server(day: Day, settings: Any) -> Iterator[str]:
    """The whole application on a port of its own; its address. (The plugin's own fixture empties tables, which guards forbid.)"""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    thread = LiveServerThread("127.0.0.1", lambda handler: handler, connections_override={})
    thread.daemon = True
    thread.start()
    thread.is_ready.wait(30)
    assert thread.error is None
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


def client(name: str, server: str) -> ChannelClient:
    """The machine of a channel, with a key of its own, calling over the network."""
    partner = make_teller(name).partner
    partner.address = server
    return ChannelClient(partner, name, clock.now)


def test_the_channels_are_all_played() -> None:
    assert sorted((*APPS, *COUNTERS)) == sorted(ONLINE)


def test_each_channel_takes_a_familys_money(day: Day, server: str) -> None:
    """Status, order, debit, telling; the telling again; what was paid is seen by the next channel."""
    channels = (*APPS, *COUNTERS)
    everybody = people(2 * len(channels))
    for nth, name in enumerate(channels):
        family = everybody[2 * nth : 2 * nth + 2]
        machine = client(name, server)
        lines = [insured(person) for person in family]
        before = machine.status(lines[0]).json
        assert (before["registered"], before["paid"]) == (True, [])
        reply = machine.pay(lines)
        assert (reply.status, reply.json["state"], reply.json["amount"]) == (200, "PAID", "800.00"), name
        debit = machine.taken[reply.json["order_no"]]
        assert machine.tell(debit).json["debits"] == reply.json["debits"]
        after = machine.status(lines[1]).json
        assert (after["paid"][0]["channel"], after["covered_from"]) == (name, "2025-01-01")
        assert machine.order(lines).json["code"] == "ALREADY_PAID"
    assert Payment.objects.count() == 2 * len(channels)
    assert not Hold.objects.exists()
    kit.books_green()


def test_a_channel_for_queries_only(day: Day, server: str) -> None:
    """It sees, and takes nothing."""
    (person,) = people(1)
    machine = client("MINZHENGTONG", server)
    assert machine.status(insured(person)).json["due"][0]["amount"] == "400.00"
    assert machine.pay([insured(person)]).json["code"] == "CHANNEL_CLOSED"


def test_a_credit_card_at_an_app_and_at_the_tax_hall(day: Day, server: str) -> None:
    """P18: where only debit cards are taken."""
    one, two = people(2)
    assert (
        client("ALIPAY", server).order([insured(one)], card="CREDIT").json["code"] == "CARD_TYPE_UNSUPPORTED"
    )
    assert client("TAX_HALL", server).order([insured(two)], card="CREDIT").status == 201


def test_the_bureau_asks_a_channel_about_an_order(day: Day, server: str) -> None:
    """One order was paid and never told, one was not: the channel's books decide both."""
    paid, unpaid = people(2)
    machine = client("WECHAT", server)
    key = asking.key_of("WECHAT")
    with StatusAddress(machine, key, signing.secret_of(settings.PARTNER_MASTER_SECRET, key)) as address:
        with audit.acting(by=None, why="a test's address"):
            ChannelTerms.objects.filter(channel="WECHAT").update(status_url=address.url)
        try:
            machine.debit(machine.order([insured(paid)]).json)
            machine.order([insured(unpaid)])
            found = expiry.expire(at=day.pass_(minutes=31))
        finally:
            with audit.acting(by=None, why="a test's address"):
                ChannelTerms.objects.filter(channel="WECHAT").update(status_url="")
    assert found == expiry.Expired(asked=2, paid=1, expired=1)
    assert OrderDebit.objects.get().source == "ASKED"
    assert len(address.calls) == 2
    kit.books_green()


def test_late_consent_cancellation_and_reversal(day: Day, server: str) -> None:
    """After the window the payer is told and agrees; gives up; pays; takes it back on the day."""
    (person,) = people(1)
    day.pass_(days=151)
    machine = client("NHSA_APP", server)
    first = machine.order([insured(person)])
    assert (first.status, first.json["consent"]) == (201, ["LATE_WAIT"])
    assert machine.cancel(first.json).json["state"] == "CANCELLED"
    second = machine.pay([insured(person)]).json
    assert machine.reverse(second["lines"][0]["payment"]).json["amount"] == "400.00"
    late = machine.debit(first.json)
    assert machine.tell(late).json["lines"][0]["booked"] == "PAYMENT"
    assert (Order.objects.count(), Payment.objects.count(), DuplicatePayment.objects.count()) == (2, 2, 0)
    kit.books_green()

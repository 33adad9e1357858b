"""Orders whose time is over: the channel is asked at its address, and its word, or its silence, decides."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from bureau import audit, signing
from bureau.access import NotAllowed
from bureau.proposals import ReasonNeeded
from payments import tasks
from payments.models import ChannelTerms, DayCut, Hold, Order, OrderDebit, Payment, WorkItem
from payments.services import asking, expiry, orders
from payments.services.asking import Said, Word
from tests import builders
from tests.clients.channel import ChannelClient, StatusAddress
from tests.clients.partner import Partner
from tests.payments import kit
from tests.payments.test_orders import AT, open_for, people, refused

pytestmark = pytest.mark.django_db
OVER = AT + timedelta(minutes=31)
PAID = {
    "state": "PAID",
    "channel_serial": "A-1",
    "amount": "400.00",
    "debited_at": "2024-10-10T10:05:00+08:00",
}


@pytest.fixture
def address() -> Iterator[StatusAddress]:
    """WeChat's status address, named in its terms."""
    client = ChannelClient(Partner("", "", ""), "WECHAT", lambda: AT + timedelta(minutes=5))
    key = asking.key_of("WECHAT")
    with StatusAddress(client, key, signing.secret_of(settings.PARTNER_MASTER_SECRET, key)) as found:
        terms(status_url=found.url)
        yield found


def terms(**values: Any) -> None:
    """WeChat's terms."""
    with audit.acting(by=None, why="a test's terms"):
        ChannelTerms.objects.filter(channel="WECHAT").update(**values)


def test_an_order_that_is_paid_there_is_booked(address: StatusAddress) -> None:
    """The call that told of it was lost; the channel's own books say so."""
    (person,) = people(1)
    order = open_for(person)
    address.client.debit({"order_no": order.number, "amount": "400.00"})
    assert expiry.expire(at=OVER) == expiry.Expired(asked=1, paid=1)
    told = OrderDebit.objects.get()
    assert (told.source, told.was, told.outcome) == ("ASKED", "ASKED", "BOOKED")
    assert (Payment.objects.count(), Hold.objects.count()) == (1, 0)
    assert expiry.expire(at=OVER) == expiry.Expired()
    assert address.calls == [order.number]
    kit.books_green()


def test_an_order_that_is_not_paid_there_is_given_up(address: StatusAddress) -> None:
    """And the channel takes no money for it any more."""
    (person,) = people(1)
    order = open_for(person)
    assert expiry.expire(at=OVER) == expiry.Expired(asked=1, expired=1)
    order.refresh_from_db()
    assert (order.state, Hold.objects.count()) == ("EXPIRED", 0)
    with pytest.raises(LookupError):
        address.client.debit({"order_no": order.number, "amount": "400.00"})
    kit.books_green()


def test_that_it_is_not_paid_counts_only_where_the_answer_is_final(address: StatusAddress) -> None:
    """A post office's statement may say otherwise: its order waits for it."""
    (person,) = people(1)
    open_for(person)
    terms(answer_final=False)
    assert expiry.expire(at=OVER) == expiry.Expired(asked=1, waiting=1)
    assert expiry.expire(at=OVER, sources=[lambda *_: Said(Word.UNPAID, source="STATEMENT")]).expired == 1


def test_a_statement_that_does_not_name_it_says_that_it_is_not_paid(db: None) -> None:
    """A channel without an address, whose answers are not final: its statement of the day is in, the order is free."""
    (person,) = people(1)
    order = open_for(person)
    terms(answer_final=False)
    assert expiry.expire(at=OVER) == expiry.Expired(asked=1, waiting=1)
    with audit.acting(by=None, why="a test's statement"):
        DayCut.objects.create(
            region_id=order.region_id,
            channel="WECHAT",
            day=AT.date(),
            has_statement=True,
            expected_on=AT.date(),
            cut_at=OVER,
        )
    assert expiry.expire(at=OVER) == expiry.Expired(expired=1)
    kit.books_green()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, b"{}"),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b"{" + b'"a":' * 40 + b"1"),
        (200, b" " * 70_000),
        (200, json.dumps({"state": "PERHAPS"}).encode()),
        (200, json.dumps(PAID | {"amount": "4e2"}).encode()),
        (200, json.dumps(PAID | {"amount": "0.00"}).encode()),
        (200, json.dumps(PAID | {"amount": "-400.00"}).encode()),
        (200, json.dumps(PAID | {"channel_serial": ""}).encode()),
        (200, json.dumps(PAID | {"channel_serial": "x" * 65}).encode()),
        (200, json.dumps(PAID | {"channel_serial": "a\u0000"}).encode()),
        (200, json.dumps(PAID | {"debited_at": "2024-10-10T10:05:00"}).encode()),
        (200, json.dumps(PAID | {"debited_at": 5}).encode()),
        (200, json.dumps(PAID | {"debited_at": "2023-10-10T10:05:00+08:00"}).encode()),
        (200, json.dumps({"state": "PAID"}).encode()),
    ],
)
def test_what_cannot_be_understood_is_silence(address: StatusAddress, status: int, body: bytes) -> None:
    """The order waits; nothing is booked and nothing given up."""
    (person,) = people(1)
    open_for(person)
    address.answer = (status, body)
    assert expiry.expire(at=OVER) == expiry.Expired(asked=1, waiting=1)
    assert not OrderDebit.objects.exists()
    assert expiry.expire(at=OVER + expiry.GRACE) == expiry.Expired(expired=1)


def test_an_address_that_nobody_answers(address: StatusAddress) -> None:
    (person,) = people(1)
    open_for(person)
    terms(status_url="http://127.0.0.1:9/status")
    assert expiry.expire(at=OVER) == expiry.Expired(asked=1, waiting=1)


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://127.0.0.1/"])
def test_only_safe_addresses_are_asked(url: str) -> None:
    """Over TLS; without it to this machine alone, and only in tests."""
    order = Order(number="1", channel="WECHAT", amount=Decimal("1.00"))
    assert asking.by_address(order, ChannelTerms(channel="WECHAT", status_url=url), AT).word == Word.SILENT


def test_money_of_another_amount_is_work_for_a_person(address: StatusAddress) -> None:
    """The order waits on: what was asked is not what was paid."""
    (person,) = people(1)
    order = open_for(person)
    address.client.debit({"order_no": order.number, "amount": "40.00"})
    for _time in range(2):
        expiry.expire(at=OVER)
    order.refresh_from_db()
    assert (order.state, WorkItem.objects.get().amount, Payment.objects.count()) == (
        "ASKED",
        Decimal("40.00"),
        0,
    )
    kit.books_green()


def test_the_command_and_the_beat(address: StatusAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's clock is the door's."""
    first, second = people(2)
    open_for(first)
    monkeypatch.setattr("bureau.clock.now", lambda: OVER)
    written = io.StringIO()
    call_command("expire_orders", "--json", stdout=written)
    assert json.loads(written.getvalue()) == {"asked": 1, "paid": 0, "expired": 1, "waiting": 0}
    call_command("expire_orders", "--most", "0", stdout=written)
    assert "asked 0" in written.getvalue()
    order = open_for(second)
    tasks.expire_orders()
    order.refresh_from_db()
    assert order.state == "EXPIRED"


def test_a_clerk_asks_and_cancels(address: StatusAddress) -> None:
    """At the desk nobody waits for the lock's end; cancelling says why, and is a clerk's."""
    first, second, third = people(3)
    clerk, auditor = builders.make_staff("clerk"), builders.make_staff("auditor")
    paid, unpaid, quiet = open_for(first), open_for(second), open_for(third)
    address.client.debit({"order_no": paid.number, "amount": "400.00"})
    at = AT + timedelta(minutes=6)
    assert expiry.ask_now(number=paid.number, by=clerk, at=at)[0].state == "PAID"
    assert expiry.ask_now(number=unpaid.number, by=clerk, at=at)[0].state == "CANCELLED"
    assert expiry.ask_now(number=quiet.number, by=clerk, at=at, sources=[])[0].state == "OPEN"
    with refused("illegal_transition"):
        expiry.ask_now(number=paid.number, by=clerk, at=at)
    with pytest.raises(NotAllowed):
        orders.cancel(number=quiet.number, client=None, at=at, by=auditor, reason="x")
    with pytest.raises(ReasonNeeded):
        orders.cancel(number=quiet.number, client=None, at=at, by=clerk, reason=" ")
    assert (
        orders.cancel(number=quiet.number, client=None, at=at, by=clerk, reason="记错人").state == "CANCELLED"
    )
    kit.books_green()

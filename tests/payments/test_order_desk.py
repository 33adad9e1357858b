"""What a clerk does about an order at the desk, and two supervisors about the terms of a channel."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bureau import proposals
from bureau.models import Proposal
from payments.models import ChannelTerms, Order
from payments.services import channels, channelterms, orders
from tests import builders
from tests.payments.test_orders import AT, LATER, open_for, pay, people, refused

pytestmark = pytest.mark.django_db


def client(role: str, region: str = "450800") -> Client:
    """Somebody of this role, logged in."""
    found = Client()
    found.force_login(builders.make_staff(role, region))
    return found


def act(who: Client, order: Order, **sent: str) -> Any:
    """Press a button of the order's page."""
    return who.post(reverse("admin:payments_order_act", args=[order.pk]), sent)


def test_a_clerk_cancels_with_a_reason() -> None:
    """Without one nothing happens; an auditor may not, another region's clerk does not see it."""
    (person,) = people(1)
    order = open_for(person)
    assert act(client("auditor"), order, action="cancel", reason="x").status_code == 403
    assert act(client("clerk", "110000"), order, action="cancel", reason="x").status_code == 404
    act(client("clerk"), order, action="cancel", reason="")
    assert Order.objects.get().state == "OPEN"
    act(client("clerk"), order, action="ask")
    assert Order.objects.get().state == "OPEN"
    act(client("clerk"), order, action="cancel", reason="记错人")
    assert Order.objects.get().state == "CANCELLED"


def test_late_money_is_found_and_leads_to_its_order() -> None:
    """The filter shows orders with money that came late; a line of an order leads to it."""
    one, two = people(2)
    late, plain = open_for(one), open_for(two)
    orders.cancel(number=late.number, client="wx", at=LATER)
    pay(late, at=LATER + timedelta(minutes=1))
    pay(plain, serial="S2")
    clerk = client("clerk")
    shown = clerk.get(reverse("admin:payments_order_changelist") + "?which=late").content.decode()
    assert late.number in shown
    assert plain.number not in shown
    line = late.lines.get()
    answer = clerk.get(reverse("admin:payments_order_line", args=[line.pk]))
    assert answer.headers["Location"] == reverse("admin:payments_order_change", args=[late.pk])
    assert "S1" in clerk.get(answer.headers["Location"]).content.decode()


def test_terms_need_a_second_supervisor() -> None:
    """One proposes, another approves; the region's own row holds below it, everywhere else nothing changes."""
    maker, checker = builders.make_staff("supervisor"), builders.make_staff("supervisor")
    base = channels.terms_of(channel="WECHAT", region_id="450800")
    values = channelterms.values_of(base) | {"max_persons": 3, "lock_minutes": 12}
    same = {"channel": "WECHAT", "region_id": "450800", "reason": "x", "by": maker, "at": AT}
    with refused("CHANNEL_TERMS_SAME"):
        channelterms.propose(values=channelterms.values_of(base), **same)  # type: ignore[arg-type]
    with refused("CHANNEL_TERMS_WRONG"):
        channelterms.propose(values=values | {"status_url": "ftp://x"}, **same)  # type: ignore[arg-type]
    proposal = channelterms.propose(values=values, **same)  # type: ignore[arg-type]
    with refused("CHANNEL_TERMS_WAIT"):
        channelterms.propose(values=values, **same)  # type: ignore[arg-type]
    with refused("SECOND_PERSON_NEEDED"):
        proposals.review(proposal_id=proposal.pk, approve=True, reason="", by=maker, at=AT)
    proposals.review(proposal_id=proposal.pk, approve=True, reason="", by=checker, at=AT)
    here = channels.terms_of(channel="WECHAT", region_id="450802")
    assert (here.region_id, here.max_persons, here.lock_minutes) == ("450800", 3, 12)
    assert channels.terms_of(channel="WECHAT", region_id="510100") == base


def test_the_form_of_the_terms() -> None:
    """What the page sends becomes a proposal, which shows its difference in words."""
    base = ChannelTerms.objects.get(channel="ALIPAY", region=None)
    sent = {name: value for name, value in channelterms.values_of(base).items() if value not in (None, False)}
    boss = client("supervisor")
    sent |= {"region": "450800", "past_year_end": "on", "reason": "缴费人要求"}
    answer = boss.post(reverse("admin:payments_channelterms_edit", args=[base.pk]), sent)
    assert answer.status_code == 302
    proposal = Proposal.objects.get(kind=channelterms.KIND)
    assert proposal.difference["terms"] == {"past_year_end": [False, True]}
    page = boss.get(reverse("admin:bureau_proposal_change", args=[proposal.pk])).content.decode()
    assert "经本人同意可收取当年无待遇的缴费" in page

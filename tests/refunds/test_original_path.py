"""原路径退回: on the day of the debit the tax office, approving, has the channel return the money; what it does not
confirm is not reversed.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project

from bureau import audit
from bureau import signing as signatures
from bureau.errors import BureauError
from enrollment.choices import RefundReason
from payments.models import ChannelTerms, Payment, Reversal
from payments.services import asking
from refunds.models import PayoutLine, RefundCase
from refunds.services import filing, looking, original, signing
from tests.clients.channel import ChannelClient, StatusAddress
from tests.clients.partner import Partner
from tests.payments.test_orders import LATER, open_for, pay, people
from tests.refunds import refundkit
from tests.refunds.refundkit import form_for, submitted

pytestmark = pytest.mark.django_db
NOW = LATER + timedelta(minutes=30)


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def address() -> Iterator[StatusAddress]:
    """WeChat's status address, named in its terms."""
    client = ChannelClient(Partner("", "", ""), "WECHAT", lambda: NOW)
    key = asking.key_of("WECHAT")
    with StatusAddress(client, key, signatures.secret_of(project.PARTNER_MASTER_SECRET, key)) as found:
        terms(status_url=found.url)
        yield found


def terms(**values: Any) -> None:
    with audit.acting(by=None, why="a test's terms"):
        ChannelTerms.objects.filter(channel="WECHAT").update(**values)


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


def asked_back(desk: refundkit.Desk) -> RefundCase:
    """Somebody paid by phone a moment ago, for the wrong person; the bureau has reviewed it."""
    (person,) = people(1)
    pay(open_for(person))
    payment = Payment.objects.get(person=person)
    form = form_for(payment, RefundReason.CLERK_ERROR, account=refundkit.account_of(person))
    case = submitted(desk, form, at=NOW)
    return signing.review(case_ids=[case.pk], by=desk.supervisor, at=NOW).one()


def returns(address: StatusAddress, case: RefundCase, **changes: str) -> None:
    """What the channel will say."""
    said = {"state": "REVERSED", "payment": str(case.lines.get().payment_id), "amount": "400.00"} | changes
    address.answer = (200, json.dumps(said).encode())


def test_the_channel_returns_it(desk: refundkit.Desk, address: StatusAddress) -> None:
    """One call, one reversal, the case is over without a payout: asked, reviewed and approved by three persons."""
    case = asked_back(desk)
    lines = list(case.lines.all())
    assert original.possible(lines=lines, on=lines[0].paid_on)
    assert looking.may(desk.officer, case)["may_approve"]
    for somebody in (desk.clerk, desk.supervisor):
        with refused("NOT_ALLOWED"):
            original.take_back(case_id=case.pk, by=somebody, at=NOW)
    returns(address, case)
    done = original.take_back(case_id=case.pk, by=desk.officer, at=NOW)
    assert (done.state, done.route, done.paid_on) == ("CLOSED", "ORIGINAL_PATH", lines[0].paid_on)
    assert (done.submitted_by, done.reviewed_by, done.approved_by) == (
        desk.clerk,
        desk.supervisor,
        desk.officer,
    )
    assert Reversal.objects.get().payment_id == lines[0].payment_id
    assert refundkit.in_force(lines[0].receivable_id).start is None
    assert (len(address.calls), PayoutLine.objects.exists()) == (1, False)
    with refused("illegal_transition"):
        original.take_back(case_id=case.pk, by=desk.officer, at=NOW)
    refundkit.books_green()


@pytest.mark.parametrize(
    "changes", [{"state": "UNPAID"}, {"amount": "399.99"}, {"payment": "1"}, {"state": "SILENT"}]
)
def test_silence_changes_nothing(
    desk: refundkit.Desk, address: StatusAddress, changes: dict[str, str]
) -> None:
    """Another word, another amount, another payment: nothing is reversed, and the desk may ask again."""
    case = asked_back(desk)
    returns(address, case, **changes)
    with refused("CHANNEL_DOES_NOT_CONFIRM"):
        original.take_back(case_id=case.pk, by=desk.officer, at=NOW)
    case.refresh_from_db()
    assert (case.state, Reversal.objects.exists()) == ("BUREAU_APPROVED", False)
    returns(address, case)
    assert original.take_back(case_id=case.pk, by=desk.officer, at=NOW).state == "CLOSED"


def test_where_the_terms_or_the_day_say_no(desk: refundkit.Desk, address: StatusAddress) -> None:
    """The next day, and where the channel's money goes to an account, it is a refund like any other."""
    case = asked_back(desk)
    with refused("CHANNEL_CANNOT_RETURN"):
        original.take_back(case_id=case.pk, by=desk.officer, at=NOW + timedelta(days=1))
    terms(refund_route="BANK_ACCOUNT")
    with refused("CHANNEL_CANNOT_RETURN"):
        original.take_back(case_id=case.pk, by=desk.officer, at=NOW)
    assert (address.calls, Reversal.objects.exists()) == ([], False)


def test_not_before_the_bureau_has_reviewed_it(desk: refundkit.Desk, address: StatusAddress) -> None:
    """Three desks, this way too; and whoever reviewed it does not approve it."""
    case = asked_back(desk)
    signing.send_back(case_ids=[case.pk], words="缺表", by=desk.officer, at=NOW).one()
    case = filing.submit(case_id=case.pk, by=desk.clerk, at=NOW)
    with refused("illegal_transition"):
        original.take_back(case_id=case.pk, by=desk.officer, at=NOW)
    assert (address.calls, Reversal.objects.exists()) == ([], False)

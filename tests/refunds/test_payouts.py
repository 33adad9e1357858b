"""Money out: frozen by one, released by another, answered by a file; a bounce goes back to the clerk and out again."""

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from bureau import proposals
from bureau.errors import BureauError
from bureau.models import Proposal
from enrollment.choices import RefundReason
from refunds.models import PayoutAnswer, PayoutBatch, PayoutFile, RefundCase
from refunds.payoutfile import is_payout_name
from refunds.services import accounts, answers, payouts
from tests import builders
from tests.refunds import refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import AT, approved, form_for, paid_twice

pytestmark = pytest.mark.django_db
LATER = AT.replace(day=22)


@pytest.fixture
def desk() -> refundkit.Desk:
    return refundkit.desk()


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


def cases(desk: refundkit.Desk, number: int) -> list[RefundCase]:
    return [approved(desk, form_for(row, RefundReason.DUP_PAY)) for row in paid_twice(desk, number)]


def frozen(desk: refundkit.Desk, **changes: Any) -> PayoutBatch:
    values = {
        "route": "FUND_ACCOUNT",
        "region_id": refundkit.REGION,
        "bank": "103",
        "by": desk.payer_out,
        "at": AT,
    }
    return payouts.freeze(**(values | changes))


def sent(desk: refundkit.Desk, **changes: Any) -> PayoutBatch:
    return payouts.release(batch_id=frozen(desk, **changes).pk, by=desk.releaser, at=AT)


def receive(desk: refundkit.Desk, content: bytes, name: str = "YBTF_R1.txt", **more: Any) -> dict[str, Any]:
    values = {"source": io.BytesIO(content), "name": name, "digest": None, "by": desk.payer_out, "at": LATER}
    return answers.receive(**(values | more))


def test_frozen_released_answered(desk: refundkit.Desk) -> None:
    """The file is determined when it is frozen; only the bank's word makes a case paid, and saying it twice changes nothing."""
    made = cases(desk, 3)
    batch = frozen(desk)
    assert (batch.lines, batch.amount, batch.state) == (3, Decimal("1200.00"), "FROZEN")
    text = payouts.content(batch).decode("gb18030")
    head, *lines = text.split("\r\n")
    assert head == "P|1.0|450800|103|YBJ45080002|20250120|0001|3|1200.00|CNY|"
    assert lines[0].split("|")[7] == f"{made[0].number}-01"
    assert is_payout_name(payouts.name_of(batch))
    assert set(RefundCase.objects.values_list("state", flat=True)) == {"FUND_PAYMENT"}
    with refused("SECOND_PERSON_NEEDED"):
        payouts.release(batch_id=batch.pk, by=desk.payer_out, at=AT)
    payouts.release(batch_id=batch.pk, by=desk.releaser, at=AT)
    report = receive(desk, answer(batch, {2: ("3031", "账号户名不符"), 3: ("3024", "处理中")}))
    assert (report["state"], report["buckets"]["PAID"], report["buckets"]["FAILED"]["lines"]) == (
        "APPLIED",
        {"lines": 1, "amount": "400.00"},
        1,
    )
    states = list(RefundCase.objects.order_by("pk").values_list("state", "words", "paid_on"))
    assert states == [
        ("PAID", "", date(2025, 1, 21)),
        ("PAY_FAILED", "账号户名不符", None),
        ("FUND_PAYMENT", "", None),
    ]
    again = receive(desk, answer(batch, {2: ("3031", "账号户名不符"), 3: ("3024", "处理中")}))
    assert (again["reasons"][0]["code"], again["changed"]) == ("ALREADY_RECEIVED", 0)
    more = receive(desk, answer(batch, {2: ("3031", "账号户名不符")}), name="YBTF_R2.txt")
    assert (more["repeated"], more["buckets"]["PAID"]["lines"]) == (2, 1)
    refundkit.books_green()


def test_a_bounce_is_corrected_and_paid(desk: refundkit.Desk) -> None:
    """The clerk writes the right account, a second person confirms it, the next batch takes it: no dead end."""
    (case,) = cases(desk, 1)
    receive(desk, answer(sent(desk), {1: ("3018", "已清户")}))
    person = case.person
    with refused("REFUND_ACCOUNT_HOLDER"):
        accounts.correct(
            case_id=case.pk,
            account=refundkit.account_of(person, holder="别人"),
            words="换卡",
            by=desk.clerk,
            at=LATER,
        )
    accounts.correct(
        case_id=case.pk, account=refundkit.account_of(person), words="旧卡已销", by=desk.clerk, at=LATER
    )
    with refused("PAYOUT_NOTHING"):
        frozen(desk)
    waiting = Proposal.objects.get(kind="refund.account")
    assert "6228480000000000001" not in json.dumps(waiting.difference)
    proposals.review(proposal_id=waiting.pk, approve=True, reason="", by=desk.supervisor, at=LATER)
    batch = sent(desk, at=LATER)
    assert batch.payouts.get().account == "6228480000000000001"
    assert batch.payouts.get().ref == f"{case.number}-02"
    receive(desk, answer(batch))
    case.refresh_from_db()
    assert (case.state, case.tries) == ("PAID", 2)
    refundkit.books_green()


def test_money_that_comes_back_after_it_was_paid(desk: refundkit.Desk) -> None:
    """退票: a paid line that the bank reverses goes back to the clerk; nothing else contradicts a paid one."""
    (case,) = cases(desk, 1)
    batch = sent(desk)
    receive(desk, answer(batch))
    report = receive(desk, answer(batch, {1: ("3019", "退票")}), name="R2.txt")
    assert report["buckets"]["RETURNED"]["lines"] == 1
    case.refresh_from_db()
    assert (case.state, case.paid_on) == ("PAY_FAILED", None)
    refundkit.books_green()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines_off": 1}, "COUNT_DIFFERS"),
        ({"ok_amount": Decimal("799.99")}, "TOTAL_DIFFERS"),
        ({"ref": "TF0-01"}, "UNKNOWN_REFERENCE"),
        ({"account": "6228480000000000009"}, "VALUES_DIFFER"),
        ({"paid": Decimal("399.00")}, "PAID_WITHOUT_PROOF"),
    ],
)
def test_what_nobody_can_explain_is_held(desk: refundkit.Desk, changes: dict[str, Any], code: str) -> None:
    """Nothing moves until a second person lets it in; then good lines count and strange ones are written down."""
    cases(desk, 2)
    batch = sent(desk)
    report = receive(desk, _altered(batch, changes))
    assert report["state"] == "HELD"
    assert code in [reason["code"] for reason in report["reasons"]]
    assert not PayoutAnswer.objects.exists()
    file = PayoutFile.objects.get()
    with refused("SECOND_PERSON_NEEDED"):
        answers.decide_held(file_id=file.pk, approve=True, words="", by=desk.payer_out, at=LATER)
    answers.decide_held(file_id=file.pk, approve=True, words="", by=desk.releaser, at=LATER)
    assert RefundCase.objects.filter(state="PAID").exists()
    refundkit.books_green()


def _altered(batch: PayoutBatch, changes: dict[str, Any]) -> bytes:
    text = answer(batch).decode("gb18030").split("\r\n")
    head, first = text[0].split("|"), text[1].split("|")
    if "lines_off" in changes:
        head[7] = "3"
    if "ok_amount" in changes:
        head[10] = str(changes["ok_amount"])
    for name, place in (("account", 1), ("paid", 4), ("ref", 9)):
        if name in changes:
            first[place] = str(changes[name])
    return "\r\n".join(["|".join(head), "|".join(first), *text[2:]]).encode("gb18030")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"<html></html>", "WRONG_FORMAT"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "XML_DTD"),
        (b"Q|1.0|450800|\r\n", "HEADER_UNREADABLE"),
        (
            b"R|1.0|450800|103|YBJ45080002|20250120|0001|0|0.00|0|0.00|0|0.00|20250121|\r\n",
            "HEADER_UNREADABLE",
        ),
        (b"Q|1.0|450800|103|YBJ45080002|20250120|0009|0|0.00|0|0.00|0|0.00|20250121|\r\n", "UNKNOWN_BATCH"),
    ],
)
def test_what_is_no_answer_is_rejected(desk: refundkit.Desk, content: bytes, code: str) -> None:
    report = receive(desk, content)
    assert (report["state"], report["reasons"][0]["code"]) == ("REJECTED", code)
    assert not PayoutAnswer.objects.exists()


def test_who_signed_does_not_pay_out(desk: refundkit.Desk) -> None:
    """The approver's own cases stay for another officer; the database would refuse them too."""
    cases(desk, 1)
    with refused("PAYOUT_NOTHING"):
        frozen(desk, by=desk.officer)
    assert frozen(desk).lines == 1


def test_dropped_batches_free_their_cases(desk: refundkit.Desk) -> None:
    cases(desk, 2)
    batch = frozen(desk)
    payouts.drop(batch_id=batch.pk, words="银行维护", by=desk.payer_out, at=AT)
    assert set(RefundCase.objects.values_list("state", flat=True)) == {"TAX_APPROVED"}
    again = frozen(desk)
    assert (again.number, again.lines) == (2, 2)
    refundkit.books_green()


@pytest.mark.parametrize("layout", ["PAIN_03", "PAIN_09"])
def test_iso_20022(desk: refundkit.Desk, layout: str) -> None:
    """Written as pain.001, answered by pain.002: only ACSC is paid, an absent line has no answer."""
    made = cases(desk, 3)
    batch = sent(desk, layout=layout)
    content = payouts.content(batch)
    root = ElementTree.fromstring(content)  # noqa: S314 (written by ourselves a line above)
    space = root.tag.partition("}")[0] + "}"
    version = {"PAIN_03": "pain.001.001.03", "PAIN_09": "pain.001.001.09"}[layout]
    assert space == "{urn:iso:std:iso:20022:tech:xsd:" + version + "}"
    assert [one.text for one in root.iter(f"{space}EndToEndId")] == [f"{case.number}-01" for case in made]
    message = next(root.iter(f"{space}MsgId")).text
    report = receive(desk, _pain002(str(message), made), name="pain002.xml")
    assert (report["state"], report["no_answer"]["lines"]) == ("APPLIED", 1)
    assert list(RefundCase.objects.order_by("pk").values_list("state", flat=True)) == [
        "PAID",
        "PAY_FAILED",
        "FUND_PAYMENT",
    ]
    refundkit.books_green()


def _pain002(message: str, made: list[RefundCase]) -> bytes:
    def line(case: RefundCase, status: str, extra: str) -> str:
        return (
            f"<TxInfAndSts><OrgnlEndToEndId>{case.number}-01</OrgnlEndToEndId><TxSts>{status}</TxSts>{extra}"
            "<OrgnlTxRef><Amt><InstdAmt Ccy='CNY'>400.00</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>"
        )

    good = "<AccptncDtTm>2025-01-21T10:00:00</AccptncDtTm><AcctSvcrRef>X1</AcctSvcrRef>"
    bad = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf>"
    return (
        "<?xml version='1.0'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.03'><CstmrPmtStsRpt>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlNbOfTxs>3</OrgnlNbOfTxs></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts>{line(made[0], 'ACSC', good)}{line(made[1], 'RJCT', bad)}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def test_the_commands(desk: refundkit.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Export writes file and digest, again the same; receiving looks first and then applies."""
    cases(desk, 2)
    names = {"by": desk.payer_out.username, "release_by": desk.releaser.username}
    where = {"route": "FUND_ACCOUNT", "region": refundkit.REGION, "out": tmp_path / "out", "json": True}
    call_command("export_payouts", **where, **names)
    report = json.loads(capsys.readouterr().out)
    (file,) = report["files"]
    path = Path(file["file"])
    first = path.read_bytes()
    assert path.with_name(path.name + ".sm3").read_text().startswith(file["digest"])
    call_command("export_payouts", **where, **names)
    assert json.loads(capsys.readouterr().out)["new"] == ""
    assert path.read_bytes() == first
    reply = tmp_path / "reply.txt"
    reply.write_bytes(answer(PayoutBatch.objects.get()))
    call_command("receive_payouts", reply, dry_run=True, json=True, by=desk.payer_out.username)
    assert json.loads(capsys.readouterr().out)["buckets"]["PAID"]["lines"] == 2
    assert not PayoutFile.objects.exists()
    call_command("receive_payouts", reply, json=True, by=desk.payer_out.username)
    assert json.loads(capsys.readouterr().out)["state"] == "APPLIED"
    refundkit.books_green()


def test_other_regions_see_nothing(desk: refundkit.Desk) -> None:
    cases(desk, 1)
    batch = frozen(desk)
    stranger = builders.make_staff("tax_officer", "510000")
    with refused("PAYOUT_UNKNOWN"):
        payouts.release(batch_id=batch.pk, by=stranger, at=AT)
    with refused("OUT_OF_SCOPE"):
        frozen(desk, by=stranger)

"""Mandates: what may be signed, and the moves with who and why."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pghistory
import pytest

from bureau.access import NotAllowed, OutOfScope
from bureau.models import User
from payments.models import Mandate
from payments.services import mandates
from payments.services.debits import BankUnknown
from payments.services.mandates import cancel, sign, verify
from payments.states import MANDATE_MOVES, MandateState
from tests import builders

Staff = Callable[..., User]
AT = datetime(2024, 10, 1, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "bank": "103",
    "agreement_no": "SF450800202500000001",
    "account": "6228480010000000017",
    "holder": "张三",
    "signed_on": date(2024, 9, 20),
    "at": AT,
}


@pytest.fixture
def clerk(db: None, staff: Staff) -> User:
    return staff("clerk")


def signed(by: User, **changes: Any) -> Mandate:
    return sign(**({"person_id": builders.make_person().pk, "by": by} | GOOD | changes))


def test_signed_then_verified_then_cancelled_with_who_and_why(clerk: User) -> None:
    mandate = signed(clerk, holder=" 买买提•艾力 ")
    assert (mandate.state, mandate.holder, mandate.cross_bank) == ("SIGNED", "买买提·艾力", False)
    assert verify(mandate_id=mandate.pk, by=clerk, at=AT).state == "VERIFIED"
    assert cancel(mandate_id=mandate.pk, reason="the holder asked", by=clerk, at=AT).state == "CANCELLED"
    events = pghistory.models.Events.objects.tracks(mandate).order_by("pgh_created_at", "pgh_id")
    told = [(event.pgh_label, event.pgh_context["why"], event.pgh_context["user"]) for event in events]
    assert told == [
        ("insert", "sign a mandate", clerk.pk),
        ("update", "verify a mandate", clerk.pk),
        ("update", "the holder asked", clerk.pk),
    ]


def test_an_account_at_another_bank(clerk: User) -> None:
    mandate = signed(clerk, bank_name="中国建设银行贵港分行", cnaps="105624000015")
    assert (mandate.cross_bank, mandate.cnaps) == (True, "105624000015")


@pytest.mark.parametrize(
    "account",
    [
        "",
        "6228480010000000018",
        "622848001000000001",
        "62284800100000000170",
        "６２２８４８００１００００００００１７",
        "6228A",
    ],
)
def test_the_account_is_a_cards_number(clerk: User, account: str) -> None:
    with pytest.raises(mandates.AccountNotACard):
        signed(clerk, account=account)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"holder": "张|三"}, "holder"),
        ({"holder": "字" * 61}, "holder"),
        ({"holder": "  "}, "holder"),
        ({"agreement_no": ""}, "mandate_no"),
        ({"agreement_no": "A" * 61}, "mandate_no"),
        ({"bank_name": "行" * 41, "cnaps": "105624000015"}, "bank_name"),
    ],
)
def test_every_field_fits_the_banks_file(clerk: User, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(mandates.FieldNotWritable) as caught:
        signed(clerk, **changes)
    assert caught.value.params["field"] == field


@pytest.mark.parametrize(
    "changes",
    [{"bank_name": "中国银行"}, {"cnaps": "105624000015"}, {"bank_name": "中国银行", "cnaps": "1056"}],
)
def test_another_bank_is_named_with_its_code(clerk: User, changes: dict[str, Any]) -> None:
    with pytest.raises(mandates.OpeningBankMissing):
        signed(clerk, **changes)


def test_one_live_mandate_a_person_and_each_number_once(clerk: User) -> None:
    first = signed(clerk)
    with pytest.raises(mandates.MandateExists):
        signed(clerk)
    with pytest.raises(mandates.MandateExists):
        signed(clerk, person_id=first.person_id, agreement_no="SF450800202500000002")
    cancel(mandate_id=first.pk, reason="new card", by=clerk, at=AT)
    assert signed(clerk, person_id=first.person_id, agreement_no="SF450800202500000002").pk != first.pk


def test_moves_as_the_table_says(clerk: User) -> None:
    asked = {MandateState.VERIFIED: verify, MandateState.CANCELLED: lambda **k: cancel(reason="x", **k)}
    for number, (state, allowed) in enumerate(MANDATE_MOVES.items()):
        for wanted, move in asked.items():
            mandate = signed(clerk, agreement_no=f"A{number}{wanted}")
            if state != MandateState.SIGNED:
                asked[MandateState(state)](mandate_id=mandate.pk, by=clerk, at=AT)
            if wanted in allowed:
                assert move(mandate_id=mandate.pk, by=clerk, at=AT).state == wanted
            else:
                with pytest.raises(mandates.MandateMove):
                    move(mandate_id=mandate.pk, by=clerk, at=AT)


def test_who_may(db: None, staff: Staff) -> None:
    with pytest.raises(NotAllowed):
        signed(staff("auditor"))
    with pytest.raises(OutOfScope):
        signed(staff("clerk", "510000"))
    with pytest.raises(BankUnknown):
        signed(staff("clerk"), bank="999")
    with pytest.raises(mandates.PersonUnknown):
        signed(staff("clerk"), person_id=0)
    with pytest.raises(mandates.MandateUnknown):
        verify(mandate_id=0, by=staff("clerk"), at=AT)
    mandate = signed(staff("clerk"))
    with pytest.raises(OutOfScope):
        verify(mandate_id=mandate.pk, by=staff("clerk", "510000"), at=AT)

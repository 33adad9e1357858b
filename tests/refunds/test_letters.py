"""Decisions on paper, and why an answer is held, in words."""

import inspect
import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from enrollment.choices import RefundReason
from refunds import letters, words
from refunds.models import RefundCase
from refunds.services import answermeaning, signing
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, approved, form_for, paid, paid_twice, submitted


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def text_of(case: RefundCase) -> str:
    with pypdfium2.PdfDocument(letters.decision_letter(case)) as document:
        return str(document[0].get_textpage().get_text_bounded())


@pytest.mark.django_db
def test_a_yes_and_its_day() -> None:
    """The rule's sentence, the amount, the day of the tax office's signature."""
    desk = refundkit.desk()
    (double,) = paid_twice(desk)
    said = text_of(approved(desk, form_for(double, RefundReason.DUP_PAY)))
    assert "重复缴费，退还400.00元" in said
    assert "2025-01-20" in said


@pytest.mark.django_db
def test_a_no_of_a_person_is_not_a_yes_of_the_rule() -> None:
    """The rules would refund, a person refuses: the letter gives that reason and no amount, the rule's yes is not in it."""
    desk = refundkit.desk()
    (payment,) = paid(desk)
    case = submitted(desk, form_for(payment, RefundReason.CLERK_ERROR))
    signing.reject(case_ids=[case.pk], words="更正申请表未经单位盖章", by=desk.supervisor, at=AT).one()
    case.refresh_from_db()
    said = text_of(case)
    assert "更正申请表未经单位盖章" in said
    assert "退还400.00元" not in said
    assert "¥0.00" in said


def test_every_reason_of_a_held_answer_has_words() -> None:
    """Whatever the reader of answers may say stands in the vocabulary."""
    source = inspect.getsource(answermeaning)
    codes = set(
        re.findall(r'(?:reason = |return |_strange\(number, read.batch, |say\(\s*)"([A-Z_]{6,})"', source)
    )
    assert {"VALUES_DIFFER", "SERIAL_REUSED", "COUNT_DIFFERS", "LINE_UNREADABLE", "SECOND_PAYMENT"} <= codes
    assert codes <= words.ANSWER_REASONS.keys()

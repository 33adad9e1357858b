"""The clocks of refunds: working days, reminders once, cases that end by themselves."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from enrollment.choices import RefundReason
from refunds.models import RefundReminder
from refunds.services import clocks, steps
from tests.refunds import refundkit
from tests.refunds.refundkit import AT, form_for, paid_twice, submitted

pytestmark = pytest.mark.django_db


def test_working_days_decide_also_where_they_are_not_published() -> None:
    """The festival of 2025 is counted; a year without a calendar by its weekdays."""
    assert steps.workdays_after(date(2025, 1, 20), 20) == date(2025, 2, 21)
    assert steps.workdays_after(date(2126, 12, 2), 5) == date(2126, 12, 9)


def test_late_cases_remind_once_a_step(settings: Any, tmp_path: Path) -> None:
    """Past the target, past the limit; again changes nothing."""
    settings.VAR_DIR = tmp_path
    desk = refundkit.desk()
    (double,) = paid_twice(desk)
    case = submitted(desk, form_for(double, RefundReason.DUP_PAY))
    assert clocks.tick(at=AT).reminded == 0
    assert clocks.tick(at=AT + timedelta(days=40)).reminded == 1
    assert clocks.tick(at=AT + timedelta(days=60)).reminded == 1
    assert clocks.tick(at=AT + timedelta(days=61)).reminded == 0
    rows = RefundReminder.objects.filter(case=case).order_by("pk").values_list("kind", "step", "desk")
    assert list(rows) == [("TARGET", "SUBMITTED", "supervisor"), ("LIMIT", "SUBMITTED", "supervisor")]
    refundkit.books_green()

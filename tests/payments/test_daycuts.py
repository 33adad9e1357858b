"""Day cuts and unsettled money: three ways to the fen, by age and owner, counted again without a change."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from bureau import audit
from bureau.errors import BureauError
from bureau.models import ExportRecord
from payments.models import DayCut, DebitCase
from payments.services import daycuts, orderpayments, unsettled
from tests import builders
from tests.bureau.desk_world import client_of
from tests.payments import kit
from tests.payments import settlementkit as k
from tests.payments.settlementkit import DAY, RECEIVED, Said, Settled
from tests.payments.test_orders import LATER, REGION, open_for, pay, people

pytestmark = pytest.mark.django_db
FRIDAY = RECEIVED


def cut(day: date = DAY, at: datetime = FRIDAY) -> daycuts.Cut:
    """A cut by the system."""
    return daycuts.cut(day=day, by=None, at=at)


def row() -> DayCut:
    return DayCut.objects.get()


def test_a_day_goes_from_booked_to_even() -> None:
    """Booked; stated; in the treasury: each cut counts what is new, a second one nothing."""
    made = k.paid(2)
    by = k.clerk()
    first = cut()
    assert (first.changed, daycuts.state_of(row())) == (1, "UNSETTLED")
    assert (row().booked_lines, row().booked, row().unsettled, row().has_statement) == (
        2, Decimal("800.00"), Decimal("800.00"), False,
    )  # fmt: skip
    assert row().expected_on == date(2024, 10, 11)
    assert cut().changed == 0
    k.stated([Said(order.channel_serial, order.number) for order in made], by)
    cut()
    assert (row().stated_lines, row().stated, row().has_statement) == (2, Decimal("800.00"), True)
    k.settled([Settled(k.payment_of(order).pk) for order in made], by, day=date(2024, 10, 11))
    cut()
    assert (row().treasury, row().unsettled_lines, daycuts.state_of(row())) == (Decimal("800.00"), 0, "EVEN")
    assert cut().changed == 0
    kit.books_green()


def test_a_day_that_differs() -> None:
    """Short, long, a debit not posted, a reversal: each in its column."""
    made = k.paid(3)
    orderpayments.reverse(payment_id=k.payment_of(made[2]).pk, client="wx", at=LATER)
    k.stated([Said("S1", made[0].number), Said("X1", "NONE"), Said("S3", made[2].number),
              Said("R3", made[2].number, turn=2)], k.clerk())  # fmt: skip
    cut()
    found = row()
    assert (found.booked_lines, found.back_lines, found.loose_lines, found.loose) == (
        3,
        1,
        1,
        Decimal("400.00"),
    )
    assert (found.stated_lines, found.returned_lines, found.unsettled_lines) == (3, 1, 2)
    assert (found.differences, daycuts.state_of(found)) == (2, "DIFFERENT")
    told = daycuts.told(cut())
    assert told["changed"] == 0
    assert told["rows"][0]["loose"] == {"lines": 1, "amount": "400.00"}


def test_a_cut_counts_earlier_days_again() -> None:
    made = k.paid(1)
    cut()
    k.settled([Settled(k.payment_of(made[0]).pk)], k.clerk(), day=date(2024, 10, 11))
    assert cut(date(2024, 10, 11)).changed == 1
    assert row().unsettled_lines == 0


def test_money_told_late_is_counted_on_its_day() -> None:
    """The day was even, or nothing, at its cut; days later a channel tells of a debit, and a statement of one more."""
    (person,) = people(1)
    late = open_for(person)
    assert (cut().changed, DayCut.objects.count()) == (0, 0)
    pay(late, at=LATER)
    told = datetime(2024, 10, 15, 2, 0, tzinfo=UTC)
    assert cut(date(2024, 10, 14), at=told).changed == 1
    assert (row().day, row().booked_lines, row().unsettled_lines) == (DAY, 1, 1)
    by = k.clerk()
    k.settled([Settled(k.payment_of(late).pk)], by, at=told, day=date(2024, 10, 14))
    cut(date(2024, 10, 14), at=told)
    k.stated([Said("S1", late.number)], by, at=told)
    assert cut(date(2024, 10, 14), at=told).changed == 1
    assert (row().stated_lines, daycuts.state_of(row())) == (1, "EVEN")
    assert cut(date(2024, 10, 14), at=told).changed == 0
    kit.books_green()


def test_a_debit_that_went_back_is_no_longer_loose_on_its_day() -> None:
    """A wrong amount is told, and stated; two days later it goes back: the day of the debit is counted again."""
    (person,) = people(1)
    order = open_for(person)
    with pytest.raises(orderpayments.AmountDiffers):
        pay(order, amount=order.amount - 1)
    by = k.clerk()
    k.stated([Said("S1", order.number, order.amount - 1)], by)
    cut()
    assert (row().loose_lines, row().differences, row().unsettled_lines) == (1, 0, 0)
    back = date(2024, 10, 12)
    at = datetime(2024, 10, 13, 2, 0, tzinfo=UTC)
    k.stated(
        [Said("S1", order.number, order.amount - 1, at=LATER + timedelta(days=2), turn=2)],
        by,
        at=at,
        day=back,
    )
    cut(back, at=at)
    assert DayCut.objects.get(day=DAY).loose_lines == 0
    assert DayCut.objects.get(day=back).returned_lines == 1


def test_days_to_come_are_not_cut() -> None:
    with pytest.raises(BureauError, check=lambda error: error.code == "DAY_TO_COME"):
        cut(date(2024, 10, 12))


def test_unsettled_money_by_age_and_owner() -> None:
    """An open order is the channel's, a late settlement the tax office's, a late return the bureau's."""
    one, two = people(2)
    pay(open_for(one))
    open_for(two)
    k.stated([Said("S1", ""), Said("X1", "NONE")], k.clerk())
    cut()
    with audit.acting(by=None, why="a test's staff"):
        user, stranger = builders.make_staff("clerk", REGION), builders.make_staff("clerk", "510100")
    at_once = {
        (row.stage, row.owner): row.amount for row in unsettled.summary(user=user, on=date(2024, 10, 11))
    }
    assert at_once == {
        ("DECLARED", "CHANNEL"): Decimal("400.00"),
        ("NOT_POSTED", "BANK"): Decimal("400.00"),
        ("DEBITED", "CHANNEL"): Decimal("400.00"),
    }
    later = unsettled.summary(user=user, on=date(2024, 10, 30))
    assert [(row.stage, row.owner, row.lines) for row in later] == [
        ("DECLARED", "CHANNEL", [0, 0, 0, 1]),
        ("NOT_POSTED", "BUREAU", [0, 0, 0, 1]),
        ("DEBITED", "TAX", [0, 0, 0, 1]),
    ]
    assert unsettled.summary(user=stranger, on=date(2024, 10, 30)) == []


def test_a_batch_without_answers_is_declared(tmp_path: object) -> None:
    town = kit.town(tmp_path, 10)  # type: ignore[arg-type]
    (declared,) = unsettled.summary(user=town.clerk, on=date(2025, 1, 16))
    assert (declared.stage, declared.owner, declared.number, declared.amount) == (
        "DECLARED", "BANK", 10, Decimal("4000.00"),
    )  # fmt: skip
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    kit.flow(town, file)
    assert unsettled.summary(user=town.clerk, on=date(2025, 1, 16)) == []
    daycuts.cut(
        day=date(2025, 1, 15), by=None, at=datetime(2025, 1, 20, 2, 0, tzinfo=UTC) + timedelta(days=1)
    )
    assert not DebitCase.objects.exists()
    rows = unsettled.summary(user=town.clerk, on=date(2025, 1, 16))
    assert {(one.stage, one.channel) for one in rows} == {("DEBITED", "BANK_BATCH")}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_unsettled_money_is_taken_along_by_age(kind: str) -> None:
    """For auditors: each item with its age and owner, formula-safe, in the export register; not for a clerk of elsewhere."""
    one, two = people(2)
    pay(open_for(one))
    waiting = open_for(two)
    k.stated([Said("S1", ""), Said("=X1", "=1+1")], k.clerk())
    cut()
    with audit.acting(by=None, why="a test's staff"):
        auditor, other = builders.make_staff("auditor"), builders.make_staff("supervisor", "510100")
    there = "/desk/payments/daycut/unsettled/export/"
    assert client_of(auditor).get(there).status_code == 302
    page = client_of(auditor).get("/desk/payments/daycut/unsettled/").content.decode()
    assert there in page
    found: Any = client_of(auditor).post(there, {"kind": kind})
    content = b"".join(found.streaming_content)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        rows = [
            ["" if cell is None else str(cell) for cell in row]
            for row in book.active.iter_rows(values_only=True)
        ]
    assert len(rows) == 4
    assert [row[10] for row in rows[1:3]] == [waiting.number, "'=1+1"]
    assert [Decimal(row[9]) for row in rows[1:]] == [Decimal(400)] * 3
    record = ExportRecord.objects.get()
    assert (record.what, record.masked, record.outcome.rows) == ("unsettled", True, 3)
    elsewhere: Any = client_of(other).post(there)
    assert len(b"".join(elsewhere.streaming_content).splitlines()) == 1

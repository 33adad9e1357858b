"""Statements and settlements: each line in exactly one outcome, money that was never told is booked, returns close cases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from enrollment.models import Coverage
from payments.models import (
    DayCut,
    DebitCase,
    DuplicatePayment,
    Hold,
    OrderDebit,
    Payment,
    Receivable,
    SettlementLine,
    WorkItem,
)
from payments.services import daycuts, debitcases, orderpayments, orders, releases, river, workitems
from payments.states import RECEIVABLE_MOVES, FileKind
from tests import builders
from tests.payments import kit
from tests.payments import settlementkit as k
from tests.payments.settlementkit import LATER, PRICE, RECEIVED, Said, Settled, open_for, pay, people

pytestmark = pytest.mark.django_db
NIGHT = datetime(2024, 10, 10, 15, 59, 30, tzinfo=UTC)
"""23:59:30 in Beijing."""


def items() -> list[tuple[str, str, Decimal, str]]:
    """Work that waits, in words."""
    return [
        (item.kind, item.reason, item.amount, item.state)
        for item in WorkItem.objects.exclude(state="RESOLVED").order_by("pk")
    ]


def test_a_day_that_is_equal() -> None:
    """Every order of the day stands in the statement: nothing is left for anybody."""
    made = k.paid(3)
    lines = [Said(order.channel_serial, order.number) for order in made]
    report = k.stated(lines, k.clerk())
    assert (report["state"], report["lines"], report["amount"]) == ("APPLIED", 3, "1200.00")
    assert k.lines_of(report) == {"MATCHED": 3}
    assert report["outcomes"]["MATCHED"]["amount"] == "1200.00"
    k.adds_up(report, "1200.00")
    assert (items(), DebitCase.objects.count(), report["changed"]) == ([], 0, 3)
    kit.books_green()


def test_all_outcomes_at_once() -> None:
    """Equal, short, long, another amount, another date, said twice: one line each, to the fen."""
    made = k.paid(4)
    lines = [
        Said("S1", made[0].number),
        Said("S2", made[1].number, Decimal("399.99")),
        Said("S3", made[2].number, at=LATER - timedelta(days=1)),
        Said("S1", made[0].number),
        Said("X9", "NO-SUCH-ORDER", Decimal("0.01")),
    ]
    report = k.stated(lines, k.clerk())
    assert k.lines_of(report) == {
        "MATCHED": 1, "OURS_ONLY": 1, "THEIRS_ONLY": 1, "AMOUNT_DIFF": 1, "DATE_DIFF": 1, "DUP": 1,
    }  # fmt: skip
    k.adds_up(report, "1600.00")
    assert report["outcomes"]["OURS_ONLY"]["amount"] == "400.00"
    assert items() == [
        ("STATED_AMOUNT", "AMOUNT_DIFFERS", Decimal("0.01"), "OPEN"),
        ("LONG", "UNKNOWN_REFERENCE", Decimal("0.01"), "OPEN"),
        ("SHORT", "NOT_STATED", PRICE, "OPEN"),
    ]
    case = DebitCase.objects.get()
    assert (case.state, case.amount, case.serial, case.ref) == (
        "OPEN",
        Decimal("0.01"),
        "X9",
        "NO-SUCH-ORDER",
    )
    assert case.due_on == date(2024, 10, 15)
    kit.books_green()


def test_the_same_file_twice_changes_nothing() -> None:
    made = k.paid(2)
    by = k.clerk()
    lines = [Said("S1", made[0].number), Said("X1", "NONE")]
    first = k.stated(lines, by)
    rows = SettlementLine.objects.count()
    again = k.stated(lines, by)
    assert (again["state"], again["refused_because"], again["changed"]) == ("REJECTED", "ALREADY_RECEIVED", 0)
    assert again["outcomes"] == first["outcomes"]
    assert (SettlementLine.objects.count(), WorkItem.objects.count()) == (rows, 2)


def test_a_corrected_file_changes_only_what_is_new() -> None:
    """The second statement of the day repeats the first and brings the order that it lacked: its work is done."""
    made = k.paid(2)
    by = k.clerk()
    k.stated([Said("S1", made[0].number), Said("X1", "NONE")], by)
    assert {item[0] for item in items()} == {"LONG", "SHORT"}
    report = k.stated([Said("S1", made[0].number), Said("X1", "NONE"), Said("S2", made[1].number)], by)
    assert k.lines_of(report) == {"MATCHED": 2, "THEIRS_ONLY": 1}
    assert report["outcomes"]["MATCHED"]["repeated"] == 1
    assert report["outcomes"]["THEIRS_ONLY"]["repeated"] == 1
    assert [item[0] for item in items()] == ["LONG"]
    assert WorkItem.objects.get(kind="SHORT").resolution == "STATED_LATER"
    assert SettlementLine.objects.count() == 4
    kit.books_green()


def test_what_the_channel_never_told_is_booked_from_its_statement() -> None:
    """A lost answer: debited at the channel, unknown here; the statement books it and cover starts."""
    (person,) = people(1)
    order = open_for(person)
    orders.cancel(number=order.number, client="wx", at=LATER)
    report = k.stated([Said("S1", order.number)], k.clerk())
    assert k.lines_of(report) == {"THEIRS_ONLY": 1}
    assert report["booked"] == 1
    line = SettlementLine.objects.get()
    assert (line.reason, items(), DebitCase.objects.count()) == ("NOT_TOLD", [], 0)
    assert (Payment.objects.get().amount, Coverage.objects.get().start) == (PRICE, date(2025, 1, 1))
    assert OrderDebit.objects.get().source == "STATEMENT"
    assert pay(order).state == "PAID"
    kit.books_green()


def test_a_second_debit_in_the_statement_is_a_duplicate() -> None:
    """Nobody is charged twice unnoticed."""
    (order,) = k.paid(1)
    report = k.stated([Said("S1", order.number), Said("S2", order.number)], k.clerk())
    assert k.lines_of(report) == {"MATCHED": 1, "DUP": 1}
    assert report["booked"] == 1
    assert DuplicatePayment.objects.get().amount == PRICE
    assert items() == []
    kit.books_green()


def test_an_untold_debit_of_another_amount_is_work_and_a_case() -> None:
    (person,) = people(1)
    order = open_for(person)
    report = k.stated([Said("S1", order.number, Decimal("40.00"))], k.clerk())
    assert k.lines_of(report) == {"THEIRS_ONLY": 1}
    assert items() == [("UNMATCHED", "ORDER_AMOUNT_DIFFERS", Decimal("40.00"), "OPEN")]
    case = DebitCase.objects.get()
    assert (case.channel, case.serial, case.ref, case.amount) == (
        "WECHAT",
        "S1",
        order.number,
        Decimal("40.00"),
    )
    kit.books_green()


def test_a_return_closes_the_debit_that_was_never_posted() -> None:
    """Within three working days the bank gives it back: the case ends by the line of the statement, and its work with it."""
    by = k.clerk()
    k.stated([Said("X1", "NONE")], by)
    case = DebitCase.objects.get()
    report = k.stated([Said("X1", "NONE", turn=2, at=LATER + timedelta(days=1))], by, day=date(2024, 10, 11),
                      at=RECEIVED + timedelta(days=1))  # fmt: skip
    assert k.lines_of(report) == {"MATCHED": 1}
    k.adds_up(report, "0.00", "400.00")
    case.refresh_from_db()
    assert (case.state, case.returned_on) == ("RETURNED", date(2024, 10, 11))
    assert case.return_line_id == SettlementLine.objects.order_by("-pk")[0].pk
    assert (items(), WorkItem.objects.get().resolution) == ([], "RETURNED_BY_BANK")
    kit.books_green()


def test_a_late_bank_is_escalated() -> None:
    by = k.clerk()
    k.stated([Said("X1", "NONE")], by)
    at = datetime(2024, 10, 15, 2, 0, tzinfo=UTC)
    assert debitcases.pull(at=at).changed == 0
    assert debitcases.pull(at=at + timedelta(days=1)).escalated == 1
    assert debitcases.pull(at=at + timedelta(days=1)).changed == 0
    assert DebitCase.objects.get().state == "ESCALATED"
    workitems.resolve(
        item_id=WorkItem.objects.get().pk, resolution="the bank says it was a test", by=by, at=at
    )
    assert debitcases.pull(at=at + timedelta(days=2)).explained == 1
    kit.books_green()


def test_a_return_that_nobody_asked_for() -> None:
    """The channel gave back what we count as paid: a person looks at once."""
    (order,) = k.paid(1)
    report = k.stated([Said("S1", order.number), Said("R1", order.number, turn=2)], k.clerk())
    assert k.lines_of(report) == {"MATCHED": 1, "THEIRS_ONLY": 1}
    assert items() == [("RETURN_UNKNOWN", "RETURN_UNKNOWN", PRICE, "OPEN")]
    kit.books_green()


def test_a_reversal_is_matched_by_its_return() -> None:
    (order,) = k.paid(1)
    orderpayments.reverse(payment_id=k.payment_of(order).pk, client="wx", at=LATER)
    report = k.stated([Said("S1", order.number), Said("R1", order.number, turn=2)], k.clerk())
    assert k.lines_of(report) == {"MATCHED": 2}
    kit.books_green()


def test_around_midnight_the_date_differs_and_cover_may() -> None:
    """On the window's last evening a minute decides about three months: 2025-02-28 against 2025-03-01."""
    (person,) = people(1)
    at = datetime(2025, 2, 28, 15, 50, tzinfo=UTC)
    order = pay(open_for(person, at=at), at=at + timedelta(minutes=5))
    report = k.stated(
        [Said("S1", order.number, at=at + timedelta(minutes=11))],
        k.clerk(),
        day=date(2025, 3, 1),
        at=at + timedelta(days=1),
    )
    assert k.lines_of(report) == {"DATE_DIFF": 1}
    assert items() == [("STATED_DATE", "COVER_DIFFERS", PRICE, "OPEN")]
    assert Payment.objects.get().debited_on == date(2025, 2, 28)


def test_a_bank_batch_is_held_against_its_statement(tmp_path: Path) -> None:
    """Lines of the bank's own statement name the instruction; unmatched money goes back and frees its receivable."""
    town = kit.town(tmp_path, 12)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    kit.flow(town, file)
    said = []
    for payment in Payment.objects.order_by("pk"):
        number = payment.instruction_id
        assert number is not None
        ref = f"{k.REGION}-{number // 10**12}-{number // 100 % 10**10:09d}-{number % 100:02d}"
        at = datetime.combine(payment.debited_on, datetime.min.time(), UTC)
        said.append(Said(f"B{number}", ref, payment.amount, at))
    day = Payment.objects.order_by("pk")[0].debited_on
    mine = [line for line in said if line.at.date() == day]
    report = k.stated(mine[:-1], town.clerk, channel="BANK_BATCH", day=day, at=kit.RECEIVED_AT)
    assert k.lines_of(report) == {"MATCHED": len(mine) - 1, "OURS_ONLY": 1}
    kit.books_green()


def test_unmatched_bank_money_has_a_case_and_its_return_frees_the_receivable(tmp_path: Path) -> None:
    """P02: the bank debited another holder's account; it gives the money back, and the year may be paid again."""
    town = kit.town(tmp_path, 12)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    head, first, *rest = file.content.split(b"\r\n")
    fields = first.split(b"|")
    fields[2] = "王二麻".encode("gb18030")
    wrong = replace(file, content=b"\r\n".join([head, b"|".join(fields), *rest]), digest=None)
    assert kit.flow(town, wrong)["buckets"]["UNMATCHED"]["lines"] == 1
    case = DebitCase.objects.get()
    receivable = (case.item.instruction_id or 0) // 100
    assert (case.channel, case.ref, case.amount) == ("BANK_BATCH", fields[9].decode(), PRICE)
    assert Hold.objects.filter(pk=receivable).exists()
    back = Said("R1", case.ref, case.amount, kit.RECEIVED_AT, turn=2)
    said = k.stated([back], town.clerk, channel="BANK_BATCH", day=date(2025, 1, 20), at=kit.RECEIVED_AT)
    assert k.lines_of(said) == {"MATCHED": 1}
    case.refresh_from_db()
    assert case.state == "RETURNED"
    assert not Hold.objects.filter(pk=receivable).exists()
    assert items() == []


def test_the_banks_answer_and_its_statement_speak_of_the_same_yuan(tmp_path: Path) -> None:
    """Money of another holder and a second debit of one instruction hang on cases; the statement adds none."""
    town = kit.town(tmp_path, 12)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    head, first, second, *rest = file.content.split(b"\r\n")
    fields, again = first.split(b"|"), second.split(b"|")
    fields[2] = "王二麻".encode("gb18030")
    kit.flow(town, replace(file, content=b"\r\n".join([head, b"|".join(fields), second, *rest]), digest=None))
    again[0], again[7] = b"1", b"AGAIN"
    sums = b"|".join([b"1", again[3], b"1", again[4], b"0", b"0.00"])
    parts = head.split(b"|")
    later = b"|".join([*parts[:7], sums, *parts[13:]]) + b"\r\n" + b"|".join(again) + b"\r\n"
    kit.flow(town, replace(file, name=file.name.replace("_R1", "_R2"), content=later, digest=None))
    assert sorted((case.serial, case.amount) for case in DebitCase.objects.all()) == sorted(
        [(fields[7].decode(), PRICE), ("AGAIN", PRICE)]
    )
    at = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)
    said = [
        Said(line[7].decode(), line[9].decode(), PRICE, at) for line in (fields, second.split(b"|"), again)
    ]
    report = k.stated(said, town.clerk, channel="BANK_BATCH", day=date(2025, 1, 15), at=kit.RECEIVED_AT)
    assert k.lines_of(report)["MATCHED"] == 3
    assert "THEIRS_ONLY" not in k.lines_of(report)
    assert DebitCase.objects.count() == 2
    kit.books_green()


@pytest.mark.parametrize("first", ["answer", "statement"])
def test_answer_and_statement_in_either_order_end_alike(tmp_path: Path, first: str) -> None:
    """A bank's statement before its answer is long by all of it; once the answer has posted the money nothing waits for anybody,
    and a corrected statement of the day still finds everything.
    """
    town = kit.town(tmp_path, 12)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    head, one, two, *rest = file.content.split(b"\r\n")
    fields = one.split(b"|")
    fields[2] = "王二麻".encode("gb18030")
    lines = [line.split(b"|") for line in (one, two, *rest) if b"|20250115|" in line]
    content = b"\r\n".join([head, b"|".join(fields), two, *rest])
    at = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)
    said = [Said(line[7].decode(), line[9].decode(), PRICE, at) for line in lines]
    day: dict[str, Any] = {"channel": "BANK_BATCH", "day": date(2025, 1, 15), "at": kit.RECEIVED_AT}

    def answer() -> None:
        kit.flow(town, replace(file, content=content, digest=None))

    def state() -> None:
        k.stated(said[:-1], town.clerk, **day)

    for bring in (answer, state) if first == "answer" else (state, answer):
        bring()
    case = DebitCase.objects.exclude(state__in=["BOOKED", "EXPLAINED"]).get()
    assert (case.serial, case.amount, case.state) == (fields[7].decode(), PRICE, "OPEN")
    told = [("UNMATCHED", "HOLDER_DIFFERS", PRICE, "OPEN")]
    assert items() == (told if first == "statement" else [*told, ("SHORT", "NOT_STATED", PRICE, "OPEN")])
    report = k.stated(said, town.clerk, **day)
    assert report["outcomes"]["OURS_ONLY"]["lines"] == 0
    debitcases.pull(at=kit.RECEIVED_AT)
    assert items() == told
    cut = daycuts.cut(day=date(2025, 1, 15), by=None, at=kit.RECEIVED_AT)
    assert cut is not None
    (row,) = DayCut.objects.filter(channel="BANK_BATCH")
    assert (row.booked, row.stated) == (PRICE * (len(said) - 1), PRICE * len(said))
    assert (row.loose, row.differences) == (PRICE, 0)
    kit.books_green()


# --- the treasury ----------------------------------------------------------


def test_the_treasury_confirms_payments() -> None:
    made = [k.payment_of(order) for order in k.paid(3)]
    lines = [Settled(payment.pk) for payment in made]
    report = k.settled(lines, k.clerk(), day=date(2024, 10, 11))
    assert k.lines_of(report) == {"MATCHED": 3}
    k.adds_up(report, "1200.00")
    assert set(SettlementLine.objects.values_list("side", "channel")) == {(2, "WECHAT")}
    kit.books_green()


def test_what_the_treasury_says_otherwise() -> None:
    """Unknown, another amount, an impossible date, twice in a file, again in a later file, missing by its day."""
    made = [k.payment_of(order) for order in k.paid(5)]
    by = k.clerk()
    lines = [
        Settled(made[0].pk),
        Settled(made[1].pk, amount=Decimal("400.01")),
        Settled(made[2].pk, on=date(2024, 10, 9)),
        Settled(made[0].pk, voucher="345000000000000001"),
        Settled(2025999999999900, voucher="345000000000000002"),
    ]
    report = k.settled(lines, by, day=date(2024, 10, 11))
    assert k.lines_of(report) == {
        "MATCHED": 1, "OURS_ONLY": 2, "THEIRS_ONLY": 1, "AMOUNT_DIFF": 1, "DATE_DIFF": 1, "DUP": 1,
    }  # fmt: skip
    k.adds_up(report, "2000.01")
    assert sorted(item[:2] for item in items()) == [
        ("LONG", "SETTLED_BEFORE"),
        ("LONG", "UNKNOWN_REFERENCE"),
        ("STATED_AMOUNT", "AMOUNT_DIFFERS"),
        ("STATED_DATE", "BEFORE_DEBIT"),
    ]
    assert not DebitCase.objects.exists()
    later = k.settled([Settled(made[0].pk), Settled(made[3].pk, on=date(2024, 10, 14))], by,
                      at=RECEIVED + timedelta(days=3), day=date(2024, 10, 14))  # fmt: skip
    assert k.lines_of(later) == {"MATCHED": 2, "OURS_ONLY": 1}
    assert later["outcomes"]["MATCHED"]["repeated"] == 1
    assert later["outcomes"]["OURS_ONLY"]["repeated"] == 1
    kit.books_green()


def test_money_is_short_at_the_treasury_only_after_its_days() -> None:
    """WeChat has one working day: paid on Thursday, due on Friday."""
    k.paid(1)
    by = k.clerk()
    early = k.settled([], by, day=date(2024, 10, 10), at=RECEIVED)
    assert k.lines_of(early) == {}
    late = k.settled([], by, day=date(2024, 10, 11), at=RECEIVED)
    assert k.lines_of(late) == {"OURS_ONLY": 1}


def test_a_receivable_tells_where_its_money_is() -> None:
    """Declared at the channel, paid, in the treasury."""
    (person,) = people(1)

    def state() -> str:
        found: Any = Receivable.objects.with_state().get()
        return str(found.state)

    seen = [state()]
    order = open_for(person)
    seen.append(state())
    pay(order)
    seen.append(state())
    k.settled([Settled(k.payment_of(order).pk)], k.clerk(), day=date(2024, 10, 11))
    seen.append(state())
    assert seen == ["ASSESSED", "DECLARED_UNPAID", "SETTLED", "IN_TREASURY"]
    assert all(new in RECEIVABLE_MOVES[old] for old, new in pairwise(seen))


# --- bad files -------------------------------------------------------------


def test_a_held_statement_waits_for_a_second_person() -> None:
    """Its header says another sum: every line is shown with its outcome, nothing is applied until it is released."""
    (order,) = k.paid(1)
    by = k.clerk()
    report = k.stated([Said("S1", order.number)], by, received="800.00")
    assert (report["state"], report["refused_because"]) == ("HELD", "TOTAL_DIFFERS")
    assert (k.lines_of(report), SettlementLine.objects.count()) == ({"MATCHED": 1}, 0)
    second = builders.make_staff("supervisor", k.REGION)
    file = releases.decide_held(
        file_id=report["file"], approve=True, reason="the channel confirmed it", by=second, at=RECEIVED
    )
    assert river.process(file_id=file.pk, at=RECEIVED).state == "APPLIED"
    assert SettlementLine.objects.count() == 1


def _with(lines: list[Said], change: bytes, by: bytes) -> bytes:
    return k.statement(lines).replace(change, by, 1)


GOOD = [Said("S7", "A"), Said("S8", "B")]


@pytest.mark.parametrize(
    ("content", "state", "code"),
    [
        (b"", "REJECTED", "EMPTY_FILE"),
        (b"<html><body>502</body></html>", "REJECTED", "WRONG_FORMAT"),
        (b"%PDF-1.7 xx", "REJECTED", "WRONG_FORMAT"),
        (b"\xef\xbb\xbf" + k.statement(GOOD), "REJECTED", "WRONG_ENCODING"),
        (k.statement(GOOD).replace(b"S|", b"R|", 1), "REJECTED", "HEADER_UNREADABLE"),
        (k.statement(GOOD).replace(b"S|1.0", b"S|2.0", 1), "REJECTED", "HEADER_UNREADABLE"),
        (k.statement(GOOD, region="999999"), "REJECTED", "UNKNOWN_REGION"),
        (k.statement(GOOD, region="110000"), "REJECTED", "UNKNOWN_REGION"),
        (k.statement(GOOD, channel="PIGEON"), "REJECTED", "UNKNOWN_CHANNEL"),
        (k.statement(GOOD, count=5), "HELD", "COUNT_DIFFERS"),
        (k.statement(GOOD, received="800.01"), "HELD", "TOTAL_DIFFERS"),
        (k.statement(GOOD)[:-12], "HELD", "LINE_UNREADABLE"),
        (_with(GOOD, b"|400.00|2024", b"|4e2|2024"), "HELD", "AMOUNT_UNREADABLE"),
        (_with(GOOD, b"|400.00|2024", b"|400.001|2024"), "HELD", "AMOUNT_UNREADABLE"),
        (_with(GOOD, b"|400.00|2024", b"|99999999999.00|2024"), "HELD", "AMOUNT_OVER_LIMIT"),
        (_with(GOOD, b"|1|\r\n", b"|3|\r\n"), "HELD", "LINE_UNREADABLE"),
        (_with(GOOD, b"S7|", b"S7|x|"), "HELD", "LINE_UNREADABLE"),
        (_with(GOOD, b"20241010101", b"20241310101"), "APPLIED", None),
        (k.statement([]), "APPLIED", None),
    ],
)  # fmt: skip
def test_bad_files(content: bytes, state: str, code: str | None) -> None:
    """REJECTED before a line is believed, HELD where totals cannot be proved, a bad line alone stops nothing."""
    report = k.flow(content, FileKind.STATEMENT, k.clerk())
    assert (report["state"], report["refused_because"]) == (state, code)
    if state != "APPLIED":
        assert SettlementLine.objects.count() == 0
    kit.books_green()


def test_a_line_with_control_characters_is_kept_with_its_money() -> None:
    """The amount is proved, the money hangs on a work item with the text; its neighbour is applied."""
    content = _with(GOOD, b"S7|A", b"S\x0b7|A")
    report = k.flow(content, FileKind.STATEMENT, k.clerk())
    assert (report["state"], k.lines_of(report)) == ("APPLIED", {"THEIRS_ONLY": 2})
    k.adds_up(report, "800.00")
    line = SettlementLine.objects.order_by("pk")[0]
    assert (line.reason, line.serial, line.text != "") == ("CONTROL_CHARACTERS", "", True)


def test_the_same_content_with_other_line_ends_is_held() -> None:
    by = k.clerk()
    k.flow(k.statement(GOOD), FileKind.STATEMENT, by)
    report = k.flow(k.statement(GOOD).replace(b"\r\n", b"\n"), FileKind.STATEMENT, by)
    assert (report["state"], report["refused_because"]) == ("HELD", "SAME_CONTENT")

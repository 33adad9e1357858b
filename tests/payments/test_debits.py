"""Debits: what is frozen and what stays out, the second person, and one holder for each receivable."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from bureau import proposals
from bureau.access import NotAllowed, OutOfScope
from bureau.models import Proposal, User, Workday
from bureau.workdays import YearNotPublished
from enrollment.models import Enrollment, Person
from payments.models import (
    Assessment,
    BankProfile,
    DebitBatch,
    Hold,
    Instruction,
    Mandate,
    Receivable,
    WorkItem,
)
from payments.services import debits
from payments.services.debits import batches_of_day, drop, freeze, left_out, release, usual_debit_date
from payments.states import Bucket
from tests import builders
from tests.payments import bookbuilders
from tests.payments.bookbuilders import Answer, apply_file, assess
from tests.payments.racing import race

Staff = Callable[..., User]
AT = datetime(2025, 1, 10, 1, 0, tzinfo=UTC)
DAY = date(2025, 1, 15)
WHERE: dict[str, Any] = {"region_id": builders.GUIGANG, "year": 2025, "bank": "103"}


@pytest.fixture
def crew(db: None) -> bookbuilders.Staff:
    return bookbuilders.staff_of()


def ready(*, holder: str | None = None, state: str = "VERIFIED", **mandate: Any) -> Receivable:
    """A receivable that may be debited, unless the arguments say otherwise."""
    due = assess()
    values: dict[str, Any] = {
        "agreement_no": f"SF{due.pk}",
        "person": due.person,
        "bank_id": "103",
        "account": "6228480010000000017",
        "holder": holder or due.person.name,
        "state": state,
        "signed_on": date(2024, 9, 1),
    }
    Mandate.objects.create(**(values | mandate))
    return due


def run(crew: bookbuilders.Staff, day: date = DAY, **where: Any) -> list[DebitBatch]:
    return freeze(**(WHERE | where), debit_date=day, by=crew.clerk, at=AT)


# --- what is frozen --------------------------------------------------------------------------------


def test_a_frozen_line_says_everything(crew: bookbuilders.Staff) -> None:
    plain = ready()
    dotted = ready(holder="买买提•艾力")
    aided = assess(aid=Decimal("240.00"))
    Mandate.objects.create(
        agreement_no="SF450800202500000003",
        person=aided.person,
        bank_id="103",
        account="6217000010000000037",
        holder="䶮𠮷",
        cross_bank=True,
        bank_name="中国建设银行贵港分行",
        cnaps="105624000015",
        state="VERIFIED",
        signed_on=date(2024, 9, 1),
    )
    (batch,) = run(crew)

    assert (batch.lines, batch.amount, batch.number) == (3, Decimal("960.00"), 1)
    assert (batch.entrusted_on, batch.debit_from, batch.debit_to) == (DAY, DAY, date(2025, 1, 17))
    assert (batch.state, batch.made_by, batch.left_out, batch.digest) == ("FROZEN", crew.clerk, {}, "")
    first, second, third = Instruction.objects.order_by("seq")
    assert [first.pk, second.pk, third.pk] == [due.pk * 100 + 1 for due in (plain, dotted, aided)]
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert first.ref == f"450800-2025-{plain.number:09d}-01"
    assert (first.mandate_no, first.account, first.amount) == (
        f"SF{plain.pk}",
        "6228480010000000017",
        Decimal("400.00"),
    )
    assert second.holder == "买买提·艾力"
    assert (third.holder, third.cross_bank, third.bank_name, third.cnaps, third.remark, third.amount) == (
        "䶮𠮷",
        True,
        "中国建设银行贵港分行",
        "105624000015",
        "低保",
        Decimal("160.00"),
    )
    assert {h.receivable_id: h.instruction_id for h in Hold.objects.all()} == {
        i.receivable_id: i.pk for i in (first, second, third)
    }
    states = set(Receivable.objects.with_state().values_list("state", flat=True))
    assert states == {"DEBITING"}
    assert set(Instruction.objects.with_state().values_list("state", flat=True)) == {"FROZEN"}


def test_the_release_is_proposed_with_what_it_means(crew: bookbuilders.Staff) -> None:
    ready()
    assess()
    (batch,) = run(crew)
    waiting = Proposal.objects.get()
    assert (waiting.kind, waiting.subject_id, waiting.state) == ("batch.release", str(batch.pk), "OPEN")
    assert waiting.made_by == crew.clerk
    assert waiting.difference == {
        "lines": 1,
        "amount": "400.00",
        "debit_from": "2025-01-15",
        "debit_to": "2025-01-17",
        "left_out": {"NO_MANDATE": 1},
    }
    assert list(proposals.waiting_for(crew.supervisor)) == [waiting]
    assert list(proposals.waiting_for(crew.clerk)) == []


def test_the_latest_amount_is_frozen(crew: bookbuilders.Staff) -> None:
    due = ready()
    Assessment.objects.create(
        id=due.pk * 100 + 1,
        receivable=due,
        region_id=due.region_id,
        policy=due.policy,
        standard="400.00",
        aid_category="DIBAO",
        aid="240.00",
        amount="160.00",
        reason="later list",
        assessed_on=DAY,
        assessed_at=AT,
    )
    (batch,) = run(crew)
    instruction = Instruction.objects.get()
    assert (batch.amount, instruction.amount, instruction.remark) == (
        Decimal("160.00"),
        Decimal("160.00"),
        "低保",
    )


def test_a_bank_with_small_files_gets_several(crew: bookbuilders.Staff) -> None:
    BankProfile.objects.filter(pk="103").update(max_lines=2)
    due = [ready() for _ in range(5)]
    batches = run(crew)
    assert [(b.number, b.lines, b.amount) for b in batches] == [
        (1, 2, Decimal("800.00")),
        (2, 2, Decimal("800.00")),
        (3, 1, Decimal("400.00")),
    ]
    rows = Instruction.objects.order_by("id").values_list("id", "batch__number", "seq")
    assert list(rows) == [(due[n].pk * 100 + 1, 1 + n // 2, 1 + n % 2) for n in range(5)]
    assert Proposal.objects.count() == 3
    ready()
    assert [b.number for b in run(crew)] == [4]


# --- what stays out --------------------------------------------------------------------------------


def _answered(
    crew: bookbuilders.Staff, due: Receivable, number: int, *answers: dict[str, Any]
) -> Instruction:
    """The receivable in a released batch, with one applied file for each of ``answers``."""
    batch, (instruction,) = bookbuilders.freeze([due], crew, number=number)
    for nth, answer in enumerate(answers):
        apply_file(batch, crew, [Answer(instruction, **answer)], name=f"R{number}-{nth}")
    return instruction


PENDING = {"bucket": Bucket.PENDING, "ok": False}
DECLINED = {"bucket": Bucket.DECLINED, "ok": False}
UNMATCHED = {"bucket": Bucket.UNMATCHED, "reason": "HOLDER_DIFFERS"}
SETTLED = {"bucket": Bucket.SETTLED}
REVERSED = {"bucket": Bucket.DECLINED, "ok": False, "reason": "REVERSED"}
LATER = date(2025, 1, 20)


def test_every_reason_to_stay_out(crew: bookbuilders.Staff) -> None:
    BankProfile.objects.create(code="105", name="中国建设银行")
    assess(aid=Decimal("400.00"))  # NOTHING_DUE
    bookbuilders.pay_at_counter(ready(), "C-1")  # PAID
    dead = ready()
    Person.objects.filter(pk=dead.person_id).update(death_date=date(2025, 1, 2))
    for fields in (
        {"state": "2"},
        {"state": "4", "ended_on": date(2025, 1, 2)},
        {"started_on": date(2025, 1, 21)},
    ):  # ENROLLMENT_NOT_LIVE: suspended, ended, begun after the day
        Enrollment.objects.filter(pk=ready().enrollment_id).update(**fields)
    _answered(crew, ready(), 1, PENDING)
    _answered(crew, ready(), 2, DECLINED, PENDING)  # the last word counts
    _answered(crew, ready(), 3, UNMATCHED)  # UNRESOLVED_MONEY
    bookbuilders.freeze([ready()], crew, number=4)  # HELD
    assess()  # NO_MANDATE
    ready(state="SIGNED")
    ready(state="CANCELLED")
    ready(bank_id="105")
    ready(holder="张|三")
    (batch,) = run(crew, LATER) if ready() else ()
    assert batch.left_out == {
        "NOTHING_DUE": 1,
        "PAID": 1,
        "DECEASED": 1,
        "ENROLLMENT_NOT_LIVE": 3,
        "PENDING_ANSWER": 2,
        "UNRESOLVED_MONEY": 1,
        "HELD": 1,
        "NO_MANDATE": 1,
        "MANDATE_NOT_VERIFIED": 1,
        "MANDATE_CANCELLED": 1,
        "OTHER_BANK": 1,
        "NAME_NOT_ENCODABLE": 1,
    }
    assert batch.lines == 1
    assert left_out(**WHERE, debit_date=LATER) == batch.left_out


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("holder", "张|三"),
        ("holder", "张\u200b三"),
        ("holder", "张\t三"),
        ("holder", "字" * 61),
        ("holder", "𠮷" * 31),
        ("bank_name", "行" * 41),
        ("agreement_no", "协议" * 16),
        ("agreement_no", "A|B"),
        ("account", "62284800ABCDEF0017"),
    ],
)
def test_what_the_file_cannot_say_is_listed_not_mangled(
    crew: bookbuilders.Staff, field: str, value: str
) -> None:
    mandate: dict[str, Any] = {field: value}
    ready(**mandate, **({"cross_bank": True, "cnaps": "105624000015"} if field == "bank_name" else {}))
    assert run(crew) == []
    assert left_out(**WHERE, debit_date=DAY) == {"NAME_NOT_ENCODABLE": 1}
    assert not Hold.objects.exists()


@pytest.mark.parametrize("holder", ["字" * 60, "𠮷" * 30, "Anna Müller", "欧阳\u3000修", "A" * 120, "\\"])
def test_what_the_file_can_say_is_frozen(crew: bookbuilders.Staff, holder: str) -> None:
    ready(holder=holder)
    assert [batch.lines for batch in run(crew)] == [1]


def test_money_that_was_found_again_no_longer_blocks(crew: bookbuilders.Staff) -> None:
    instruction = _answered(crew, ready(), 1, UNMATCHED)
    WorkItem.objects.filter(instruction_id=instruction.pk).update(
        state="RESOLVED", resolved_at=AT, resolution="the bank sent it back"
    )
    assert left_out(**WHERE, debit_date=LATER) == {"HELD": 1}
    Hold.objects.all().delete()
    (batch,) = run(crew, LATER)
    assert Instruction.objects.get(batch=batch).pk == instruction.pk + 1


def test_a_year_paid_in_another_region_is_paid(crew: bookbuilders.Staff) -> None:
    here = ready()
    there = assess("510000", person=here.person)
    bookbuilders.link_siblings(here, there)
    (batch,) = run(crew) if ready() else ()
    assert batch.left_out == {}
    drop(batch_id=batch.pk, reason="again", by=crew.clerk, at=AT)
    bookbuilders.pay_at_counter(there, "C-1")
    (batch,) = run(crew)
    assert (batch.lines, batch.left_out) == (1, {"PAID": 1})


def test_declined_is_tried_again_on_another_day_with_the_next_number(crew: bookbuilders.Staff) -> None:
    first = _answered(crew, ready(), 1, DECLINED)
    assert left_out(**WHERE, debit_date=DAY) == {}  # it stands in that day's file
    assert run(crew) == []
    (batch,) = run(crew, LATER)
    second = Instruction.objects.get(batch=batch)
    assert (second.pk, second.ref[-3:]) == (first.pk + 1, "-02")


def test_one_try_a_day_whatever_the_bank(crew: bookbuilders.Staff) -> None:
    BankProfile.objects.create(code="105", name="中国建设银行")
    due = ready()
    _answered(crew, due, 1, DECLINED)
    Mandate.objects.filter(person=due.person).update(bank_id="105")
    assert run(crew, bank="105") == []
    assert left_out(**(WHERE | {"bank": "105"}), debit_date=DAY) == {"TRIED_TODAY": 1}
    assert [batch.lines for batch in run(crew, LATER, bank="105")] == [1]


def test_a_payment_taken_back_is_debited_again(crew: bookbuilders.Staff) -> None:
    due = ready()
    _answered(crew, due, 1, SETTLED)
    assert left_out(**WHERE, debit_date=LATER) == {"PAID": 1}
    batch, instruction = DebitBatch.objects.get(), Instruction.objects.get()
    apply_file(batch, crew, [Answer(instruction, **REVERSED)], name="R9")
    assert [b.lines for b in run(crew, LATER)] == [1]


def test_ninety_nine_tries_are_the_end(crew: bookbuilders.Staff) -> None:
    due = ready()
    batch, _ = bookbuilders.freeze([due], crew, number=1, nth_try=99)
    apply_file(batch, crew, [Answer(Instruction.objects.get(), **DECLINED)], name="R1")
    assert left_out(**WHERE, debit_date=LATER) == {"NO_TRY_LEFT": 1}


def test_other_regions_and_years_are_left_alone(crew: bookbuilders.Staff) -> None:
    ready()
    elsewhere = assess("510000")
    bookbuilders.mandate_of(elsewhere.person)
    (batch,) = run(crew)
    assert (batch.lines, batch.left_out) == (1, {})
    assert Hold.objects.count() == 1


# --- days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        (date(2025, 1, 15), date(2025, 1, 15), date(2025, 1, 17)),
        (date(2025, 1, 18), date(2025, 1, 20), date(2025, 1, 22)),
        (date(2025, 1, 26), date(2025, 1, 26), date(2025, 2, 5)),  # a working Sunday before Spring Festival
        (date(2025, 1, 28), date(2025, 2, 5), date(2025, 2, 7)),
        (date(2025, 2, 28), date(2025, 2, 28), date(2025, 3, 4)),
        (date(2024, 9, 1), date(2024, 9, 2), date(2024, 9, 4)),
    ],
)
def test_the_debit_day_moves_to_a_working_day(
    crew: bookbuilders.Staff, wanted: date, first: date, last: date
) -> None:
    ready()
    (batch,) = run(crew, wanted)
    assert (batch.entrusted_on, batch.debit_from, batch.debit_to) == (first, first, last)
    assert batches_of_day(**WHERE, debit_date=wanted) == [batch]


def test_the_bank_says_how_many_days(crew: bookbuilders.Staff) -> None:
    BankProfile.objects.filter(pk="103").update(debit_days=1)
    ready()
    (batch,) = run(crew)
    assert batch.debit_to == DAY


@pytest.mark.parametrize(
    ("day", "error"),
    [
        (date(2024, 8, 30), debits.DebitBeforeWindow),
        (date(2025, 3, 3), debits.DebitAfterWindow),
        (date(2025, 3, 1), debits.DebitAfterWindow),
    ],
)
def test_no_run_outside_the_window(crew: bookbuilders.Staff, day: date, error: type[Exception]) -> None:
    ready()
    with pytest.raises(error):
        run(crew, day)
    assert not DebitBatch.objects.exists()


def test_a_window_that_ends_on_a_free_day_ends_the_runs(crew: bookbuilders.Staff) -> None:
    guigang_2018 = WHERE | {"year": 2018}
    with pytest.raises(debits.DebitAfterWindow):  # Saturday 30 December 2017 is the last day of the window
        freeze(**guigang_2018, debit_date=date(2017, 12, 30), by=crew.clerk, at=AT)


@pytest.mark.parametrize("day", [date(2025, 1, 2), date(2025, 1, 21), date(2025, 3, 4)])
def test_beijing_takes_payments_from_the_5th_to_the_20th(db: None, staff: Staff, day: date) -> None:
    with pytest.raises(debits.OutOfPayDays):
        freeze(region_id="110000", year=2025, bank="103", debit_date=day, by=staff("clerk", "110000"), at=AT)


def test_beijing_debits_on_the_15th(db: None) -> None:
    def usual(today: date) -> date:
        return usual_debit_date(region_id="110000", year=2025, today=today)

    assert usual(date(2024, 1, 1)) == date(2025, 1, 15)
    assert usual(date(2025, 1, 16)) == date(2025, 2, 15)
    assert usual(date(2025, 3, 15)) == date(2025, 3, 15)
    assert usual(date(2026, 1, 1)) == date(2025, 1, 15)
    with pytest.raises(debits.DebitDayMissing):
        usual_debit_date(region_id=builders.GUIGANG, year=2025, today=DAY)


def test_a_year_without_calendar_is_no_guess(crew: bookbuilders.Staff) -> None:
    ready()
    Workday.objects.filter(day__year=2025).delete()
    with pytest.raises(YearNotPublished):
        run(crew)


def test_an_unknown_bank(crew: bookbuilders.Staff) -> None:
    with pytest.raises(debits.BankUnknown):
        run(crew, bank="999")


# --- the second person -----------------------------------------------------------------------------


def test_a_second_person_releases(crew: bookbuilders.Staff) -> None:
    ready()
    (batch,) = run(crew)
    released = release(batch_id=batch.pk, by=crew.supervisor, at=AT)
    assert (released.state, released.released_by, released.released_at) == ("RELEASED", crew.supervisor, AT)
    assert Proposal.objects.get().state == "APPROVED"
    assert Instruction.objects.with_state().get().state == "SENT"
    with pytest.raises(debits.BatchNotFrozen):
        release(batch_id=batch.pk, by=crew.supervisor, at=AT)
    with pytest.raises(debits.BatchNotFrozen):
        drop(batch_id=batch.pk, reason="too late", by=crew.supervisor, at=AT)


def test_approving_the_proposal_is_the_same_as_releasing(crew: bookbuilders.Staff) -> None:
    ready()
    (batch,) = run(crew)
    proposals.review(
        proposal_id=Proposal.objects.get().pk, approve=True, reason="", by=crew.supervisor, at=AT
    )
    batch.refresh_from_db()
    assert (batch.state, batch.released_by) == ("RELEASED", crew.supervisor)


def test_nobody_releases_what_they_made(crew: bookbuilders.Staff) -> None:
    ready()
    (batch,) = freeze(**WHERE, debit_date=DAY, by=crew.supervisor, at=AT)
    with pytest.raises(proposals.SecondPersonNeeded):
        release(batch_id=batch.pk, by=crew.supervisor, at=AT)
    proposals.withdraw(proposal_id=Proposal.objects.get().pk, by=crew.supervisor, at=AT)
    with pytest.raises(proposals.SecondPersonNeeded):
        release(batch_id=batch.pk, by=crew.supervisor, at=AT)
    other = builders.make_staff("supervisor")
    assert release(batch_id=batch.pk, by=other, at=AT).state == "RELEASED"


def test_rights_and_regions(crew: bookbuilders.Staff, staff: Staff) -> None:
    ready()
    with pytest.raises(NotAllowed):
        freeze(**WHERE, debit_date=DAY, by=staff("auditor"), at=AT)
    with pytest.raises(OutOfScope):
        freeze(**WHERE, debit_date=DAY, by=staff("clerk", "510000"), at=AT)
    (batch,) = run(crew)
    with pytest.raises(NotAllowed):
        release(batch_id=batch.pk, by=staff("clerk"), at=AT)
    with pytest.raises(OutOfScope):
        release(batch_id=batch.pk, by=staff("supervisor", "510000"), at=AT)
    batch.refresh_from_db()
    assert batch.state == "FROZEN"


@pytest.mark.parametrize("who", ["second person", "maker", "second person without a proposal"])
def test_a_dropped_batch_frees_its_receivables(crew: bookbuilders.Staff, who: str) -> None:
    due = ready()
    (batch,) = run(crew)
    if who == "second person without a proposal":
        proposals.withdraw(proposal_id=Proposal.objects.get().pk, by=crew.clerk, at=AT)
    by = crew.clerk if who == "maker" else crew.supervisor
    dropped = drop(batch_id=batch.pk, reason="wrong day", by=by, at=AT)
    assert (dropped.state, dropped.released_by) == ("DROPPED", None)
    assert Proposal.objects.get().state == ("REJECTED" if who == "second person" else "WITHDRAWN")
    assert not Hold.objects.exists()
    assert Instruction.objects.count() == 1
    (again,) = run(crew)
    assert again.number == 2
    assert Instruction.objects.get(batch=again).pk == due.pk * 100 + 2
    assert batches_of_day(**WHERE, debit_date=DAY) == [again]


def test_rejecting_needs_a_reason(crew: bookbuilders.Staff) -> None:
    ready()
    (batch,) = run(crew)
    with pytest.raises(proposals.ReasonNeeded):
        drop(batch_id=batch.pk, reason=" ", by=crew.supervisor, at=AT)
    assert Hold.objects.exists()


def test_dropping_leaves_the_holds_of_others(crew: bookbuilders.Staff) -> None:
    ready()
    (batch,) = run(crew)
    kept, (other,) = bookbuilders.freeze([ready()], crew, number=7)
    drop(batch_id=batch.pk, reason="wrong", by=crew.supervisor, at=AT)
    assert Hold.objects.get().instruction_id == other.pk
    assert kept.state == "RELEASED"


# --- at the same time ------------------------------------------------------------------------------


def test_two_freezes_at_once_hold_each_receivable_once(committed: None) -> None:
    crew = bookbuilders.staff_of()
    for _ in range(15):
        ready()
    results = race(lambda: run(crew), lambda: run(crew), lambda: run(crew, LATER))
    assert not [each for each in results if isinstance(each, Exception)]
    assert sum(batch.lines for batches in results for batch in batches) == 15
    assert Instruction.objects.count() == Hold.objects.count() == 15
    assert len([batches for batches in results if batches]) == 1


def _taken_elsewhere(monkeypatch: pytest.MonkeyPatch, due: list[Receivable]) -> None:
    """Another channel takes one of ``due`` each time freezing has judged and not written yet."""
    write = debits._write

    def write_late(*arguments: Any) -> list[DebitBatch]:
        if due:
            taken = due.pop()
            settings = connection.get_connection_params()
            chosen = {
                k: settings[k] for k in ("host", "port", "user", "password", "dbname") if settings.get(k)
            }
            with psycopg.connect(**chosen) as other:
                other.execute(
                    "INSERT INTO payments_hold (id, region_id, instruction_id, held_at) "
                    "VALUES (%s, %s, 1, now())",
                    [taken.pk, taken.region_id],
                )
        return write(*arguments)

    monkeypatch.setattr(debits, "_write", write_late)


def test_another_channel_in_between_is_left_its_receivable(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew = bookbuilders.staff_of()
    due = [ready() for _ in range(3)]
    _taken_elsewhere(monkeypatch, [due[1]])
    (batch,) = run(crew)
    assert (batch.lines, batch.number, batch.left_out) == (2, 1, {"HELD": 1})
    assert Hold.objects.get(pk=due[1].pk).instruction_id == 1
    assert Instruction.objects.count() == 2
    assert Proposal.objects.count() == 1


def test_twice_in_a_row_is_told(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    crew = bookbuilders.staff_of()
    due = [ready() for _ in range(3)]
    _taken_elsewhere(monkeypatch, due[1:])
    with pytest.raises(debits.ReceivableBusy):
        run(crew)
    assert not DebitBatch.objects.exists()
    assert not Instruction.objects.exists()


def test_a_freeze_that_fails_leaves_nothing(
    crew: bookbuilders.Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready()

    def broken(*_arguments: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(debits, "_propose", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        run(crew)
    assert not DebitBatch.objects.exists()
    assert not Hold.objects.exists()

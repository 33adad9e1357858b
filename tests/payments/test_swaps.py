"""Two payments for a year: the first to arrive carries it, a better one that was made earlier may take its place."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bureau import audit, proposals
from bureau.access import NotAllowed, OutOfScope
from bureau.errors import BureauError
from bureau.models import Proposal, StaffRegion, User
from enrollment.models import Coverage, Person
from enrollment.services import cover
from payments.models import (
    BankLine,
    DuplicatePayment,
    Hold,
    Instruction,
    Payment,
    Receivable,
    Reversal,
    SettlementLine,
    Swap,
    WorkItem,
)
from payments.models.swaps import FIRST_SWAP
from payments.services import (
    books,
    comparisons,
    debitcases,
    obstacles,
    orderpayments,
    orders,
    orderviews,
    receivables,
    swaps,
    vouchers,
)
from payments.services.orders import Payer
from payments.states import FileKind
from payments.words import line_reason
from tests import builders
from tests.bureau.desk_world import client_of
from tests.payments import kit
from tests.payments import settlementkit as lists
from tests.payments.test_orders import AT, YEAR, open_for, pay, people, refused

REGION, AWAY = kit.REGION, "510100"
EARLY = datetime(2025, 2, 20, 2, 0, tzinfo=UTC)
LATE = datetime(2025, 3, 10, 2, 0, tzinfo=UTC)
SOON = timedelta(minutes=1)


@pytest.fixture
def crew(db: None) -> tuple[User, User]:
    """A clerk and a supervisor of the region."""
    return staff()


def staff(region: str = REGION) -> tuple[User, User]:
    with audit.acting(by=None, why="a test's staff"):
        return builders.make_staff("clerk", region), builders.make_staff("supervisor", region)


def two_regions() -> Person:
    """Somebody enrolled, and owing, in two regions (P03)."""
    (person,) = people(1)
    with audit.acting(by=None, why="a second region"):
        builders.enrol(person, AWAY, started_on=date(2024, 9, 1))
    receivables.assess(region_id=AWAY, year=YEAR, on=date(2024, 10, 1), by=None, at=AT)
    return person


def paid_twice(person: Person, here: str = REGION, there: str = REGION) -> DuplicatePayment:
    """Debited in February by one channel, which tells it last; paid in March by another, with a wait, told first."""
    serial = str(person.pk)
    payer = Payer(person.name, serial)
    first = open_for(person, at=EARLY, region_id=here, payer=payer)
    orders.cancel(number=first.number, client="wx", at=EARLY + SOON)
    second = open_for(
        person, channel="ALIPAY", client="ali", at=LATE, consent=True, region_id=there, payer=payer
    )
    pay(second, serial="A" + serial, client="ali", at=LATE + SOON)
    pay(first, serial="W" + serial, debited_at=EARLY + SOON, at=LATE + 2 * SOON)
    return DuplicatePayment.objects.get(person=person)


def propose(twice: DuplicatePayment, clerk: User, reason: str = "二月先扣款") -> Proposal:
    return swaps.propose(duplicate_id=twice.pk, reason=reason, by=clerk, at=LATE)


def approve(proposal: Proposal, supervisor: User) -> Proposal:
    return proposals.review(proposal_id=proposal.pk, approve=True, reason="", by=supervisor, at=LATE)


def force(person: Person) -> list[tuple[str, date | None]]:
    """Region and start of the cover in force."""
    return [(row.region_id, row.start) for row in cover.in_force_for([person.pk], YEAR)]


# --- found at booking -------------------------------------------------------------------------------


def test_the_first_to_arrive_carries_the_year(db: None) -> None:
    """The debit of February arrives after that of March: booked as a duplicate, and put before a supervisor."""
    (person,) = people(1)
    twice = paid_twice(person)
    live = Payment.objects.get()
    assert (live.channel, live.debited_on, twice.carried_by) == ("ALIPAY", date(2025, 3, 10), live.pk)
    item = WorkItem.objects.get(kind="SWAP")
    assert (item.line_id, item.amount, item.person, item.state) == (twice.pk, twice.amount, person, "OPEN")
    assert force(person) == [(REGION, date(2025, 6, 11))]
    assert line_reason(item.reason) != item.reason
    kit.books_green()


def test_a_later_debit_or_an_equal_cover_is_no_reason_to_swap(db: None) -> None:
    """Booked for refund all the same."""
    (person,) = people(1)
    first = open_for(person, at=AT)
    orders.cancel(number=first.number, client="wx", at=AT + SOON)
    second = open_for(person, channel="ALIPAY", client="ali", at=EARLY)
    pay(second, serial="A1", client="ali", at=EARLY + SOON)
    pay(first, serial="W1", debited_at=AT + SOON, at=EARLY + 2 * SOON)
    assert DuplicatePayment.objects.count() == 1
    assert not WorkItem.objects.exists()


def test_in_two_regions_by_the_terms_of_each(db: None) -> None:
    """P03, P10: what was paid in two regions is one year; the better cover is found by each region's own terms."""
    person = two_regions()
    twice = paid_twice(person, REGION, AWAY)
    both = comparisons.compare(duplicate_id=twice.pk)
    assert (both.carrier.region_id, both.duplicate.region_id, both.better) == (AWAY, REGION, True)
    assert both.duplicate.decision.start == date(2025, 1, 1)
    assert both.carrier.decision.start == Coverage.objects.get().start
    assert WorkItem.objects.get(kind="SWAP").region_id == REGION
    kit.books_green()


def test_a_bank_file_after_an_order(db: None, tmp_path: Any) -> None:
    """The bank debited in January and answers in March, when the person has paid by phone: the same rule for files."""
    town = kit.town(tmp_path, 12)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    held = Hold.objects.order_by("pk")[0]
    Hold.objects.filter(pk=held.pk).delete()
    person = Person.objects.get(instructions__pk=held.instruction_id)
    pay(open_for(person, at=LATE, consent=True), at=LATE + SOON)
    kit.flow(town, file)
    twice = DuplicatePayment.objects.get()
    assert WorkItem.objects.get(kind="SWAP").line_id == twice.pk
    swapped = approve(propose(twice, town.clerk), town.supervisor)
    assert swapped.state == "APPROVED"
    live = Payment.objects.order_by("-pk").get(person=person, instruction_id=twice.instruction_id)
    assert (live.channel, live.pk % 100) == ("BANK_BATCH", 1)
    assert BankLine.objects.get(pk=live.line_id).bucket == 2
    assert Instruction.objects.with_state().get(pk=twice.instruction_id).state == "SETTLED"
    assert force(person) == [(REGION, date(2025, 1, 1))]
    kit.books_green()


# --- the swap ---------------------------------------------------------------------------------------


def test_a_swap_moves_books_and_cover(crew: tuple[User, User]) -> None:
    """What was the duplicate pays the receivable, what paid it is the duplicate; cover begins by the earlier debit."""
    clerk, supervisor = crew
    (person,) = people(1)
    twice = paid_twice(person)
    before = Payment.objects.get()
    approve(propose(twice, clerk), supervisor)
    swap = Swap.objects.get()
    now = Payment.objects.get(pk=swap.carried_by)
    assert (now.pk, now.channel, now.channel_serial, now.line_id) == (
        before.pk + 1,
        "WECHAT",
        f"W{person.pk}",
        twice.pk,
    )
    other = DuplicatePayment.objects.get(pk=before.line_id)
    assert (other.channel, other.amount, other.carried_by) == ("ALIPAY", before.amount, now.pk)
    assert set(Reversal.objects.values_list("line_id", flat=True)) == set(swap.reversal_numbers)
    assert min(swap.reversal_numbers) > FIRST_SWAP
    assert force(person) == [(REGION, date(2025, 1, 1))]
    assert Receivable.objects.with_state().get().state == "SETTLED"
    item = WorkItem.objects.get(kind="SWAP")
    assert (item.state, item.resolved_by) == ("RESOLVED", supervisor)
    told = obstacles.standing_of(person_id=person.pk, year=YEAR, on=date(2025, 3, 10)).obstacles
    assert [one.evidence["duplicate"] for one in told if one.code == "DUP_PAYMENT"] == [other.pk]
    seen = {
        line.number: line.booked
        for order in orders.Order.objects.all()
        for line in [orderviews.view_of(order).lines[0]]
    }
    assert seen == {now.pk: "PAYMENT", other.pk: "DUPLICATE"}
    kit.books_green()


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE payments_swap SET payment_id = 1", "SWAPPED_NOTHING"),
        ("DELETE FROM payments_reversal WHERE duplicate_id IS NOT NULL", "SWAPPED_NOT_TAKEN_BACK"),
        ("UPDATE payments_payment SET amount = 1 WHERE id % 100 = 1", "SWAPPED_MONEY_DIFFERS"),
        ("UPDATE bureau_proposal SET state = 'REJECTED'", "SWAPPED_BY_ONE_PERSON"),
    ],
)
def test_the_books_know_a_swap(crew: tuple[User, User], damage: str, problem: str) -> None:
    """R10: what a swap took back and booked anew is all there."""
    clerk, supervisor = crew
    (person,) = people(1)
    approve(propose(paid_twice(person), clerk), supervisor)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(damage)
    (result,) = books.run_checks(only=["R10"])
    assert [row["problem"] for row in result.rows] == [problem]


def test_between_regions_the_cover_moves_too(crew: tuple[User, User]) -> None:
    """One region's cover is withdrawn, with a sentence that says why; the other's begins."""
    clerk, supervisor = crew
    person = two_regions()
    twice = paid_twice(person, REGION, AWAY)
    with audit.acting(by=None, why="both regions"):
        StaffRegion.objects.create(user=supervisor, region_id=AWAY)
    approve(propose(twice, clerk), User.objects.get(pk=supervisor.pk))
    assert sorted(force(person), key=str) == [(AWAY, None), (REGION, date(2025, 1, 1))] or sorted(
        force(person), key=str
    ) == [(REGION, date(2025, 1, 1)), (AWAY, None)]
    gone = Coverage.objects.get(region_id=AWAY, reason="SWAPPED")
    assert "改由另一笔缴费承担" in cover.explain(gone)
    assert Swap.objects.get().carried_by % 100 == 0
    kit.books_green()


def test_cover_of_another_region_is_ended_by_somebody_of_both(crew: tuple[User, User]) -> None:
    clerk, supervisor = crew
    person = two_regions()
    proposal = propose(paid_twice(person, REGION, AWAY), clerk)
    with refused("SWAP_OTHER_REGION"):
        approve(proposal, supervisor)
    assert Proposal.objects.get(pk=proposal.pk).state == "OPEN"
    kit.books_green()


def test_two_persons_swap(crew: tuple[User, User]) -> None:
    """Who proposes does not decide; clerks do not decide; another region's staff sees nothing."""
    clerk, supervisor = crew
    (person,) = people(1)
    twice = paid_twice(person)
    with refused("REASON_NEEDED"):
        propose(twice, clerk, " ")
    mine = propose(twice, supervisor)
    with refused("SWAP_PROPOSED"):
        propose(twice, clerk)
    with refused("SECOND_PERSON_NEEDED"):
        approve(mine, supervisor)
    with pytest.raises(NotAllowed):
        approve(mine, clerk)
    stranger, _other = staff(AWAY)
    with pytest.raises(OutOfScope):
        propose(twice, stranger)
    second = builders.make_staff("supervisor")
    proposals.review(proposal_id=mine.pk, approve=False, reason="不换", by=second, at=LATE)
    assert not Swap.objects.exists()
    assert WorkItem.objects.get(kind="SWAP").state == "OPEN"


def _taken_back(twice: DuplicatePayment) -> None:
    orderpayments.reverse(payment_id=twice.carried_by or 0, client=None, at=LATE + 2 * SOON)


def _refunded(twice: DuplicatePayment) -> None:
    comparisons.guard("test", lambda payment_id, duplicate_id: "TF1" if duplicate_id == twice.pk else "")


def _collected(twice: DuplicatePayment) -> None:
    Hold.objects.create(pk=twice.receivable_id, region_id=twice.region_id, order_id=1, held_at=LATE)


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [
        (_taken_back, "SWAP_CARRIER_GONE"),
        (_refunded, "SWAP_REFUND_UNDER_WAY"),
        (_collected, "SWAP_STILL_COLLECTED"),
    ],
)
def test_what_happened_meanwhile_counts(
    crew: tuple[User, User], meanwhile: Callable[[DuplicatePayment], None], code: str
) -> None:
    """Nothing moves where the books are no longer those that were compared."""
    clerk, supervisor = crew
    (person,) = people(1)
    twice = paid_twice(person)
    proposal = propose(twice, clerk)
    meanwhile(twice)
    try:
        with refused(code):
            approve(proposal, supervisor)
        with refused("SWAP_PROPOSED"):
            propose(twice, clerk)
    finally:
        comparisons._guards.pop("test", None)
    assert not Swap.objects.exists()


def test_a_pair_is_swapped_once(crew: tuple[User, User]) -> None:
    """What is wrong after that is settled by a refund."""
    clerk, supervisor = crew
    (person,) = people(1)
    twice = paid_twice(person)
    approve(propose(twice, clerk), supervisor)
    with refused("DUPLICATE_SETTLED"):
        comparisons.compare(duplicate_id=twice.pk)
    with refused("SWAPPED_BEFORE"):
        comparisons.compare(duplicate_id=Swap.objects.get().line_id)
    with refused("DUPLICATE_UNKNOWN"):
        comparisons.compare(duplicate_id=1)


def test_the_channel_takes_back_what_is_booked_now(crew: tuple[User, User]) -> None:
    """After a swap a reversal of the first payment takes back the duplicate that its money is by now."""
    clerk, supervisor = crew
    (person,) = people(1)
    twice = paid_twice(person)
    before = Payment.objects.get()
    approve(propose(twice, clerk), supervisor)
    made = orderpayments.reverse(payment_id=before.pk, client="ali", at=LATE + 3 * SOON)
    assert (made.duplicate_id, made.payment_id) == (before.line_id, None)
    assert orderpayments.reverse(payment_id=before.pk, client="ali", at=LATE + 3 * SOON) == made
    assert force(person) == [(REGION, date(2025, 1, 1))]
    kit.books_green()


# --- races ------------------------------------------------------------------------------------------


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Start the jobs at the same moment; what each returned, or the code of its refusal."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def work(place: int, job: Callable[[], Any]) -> None:
        gate.wait(10)
        try:
            results[place] = job()
        except BureauError as error:
            results[place] = error.code  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_a_swap_races_with_the_channel_that_takes_the_payment_back(committed: None) -> None:
    """Whoever is first, the books are whole: the year is carried by one payment or by none."""
    clerk, supervisor = staff()
    for _round in range(10):
        (person,) = people(1)
        twice = paid_twice(person)
        proposal = propose(twice, clerk)
        carrier = twice.carried_by or 0
        together(
            lambda proposal=proposal: approve(proposal, supervisor).state,
            lambda carrier=carrier: orderpayments.reverse(payment_id=carrier, client=None, at=LATE + SOON).pk,
        )
        assert Swap.objects.filter(person=person).count() in (0, 1)
    kit.books_green()


def test_two_swaps_of_one_year_race(committed: None) -> None:
    """Two duplicates of one payment: one takes its place, the other comes too late."""
    clerk, supervisor = staff()
    for _round in range(10):
        (person,) = people(1)
        paid_twice(person)
        order = open_for_again(person)
        waiting = [
            propose(twice, clerk).pk
            for twice in DuplicatePayment.objects.filter(person=person).order_by("pk")
        ]
        seen = together(
            *[
                lambda key=key: (
                    proposals.review(proposal_id=key, approve=True, reason="", by=supervisor, at=LATE).state
                )
                for key in waiting
            ]
        )
        assert sorted(seen) == ["APPROVED", "SWAPPED_BEFORE"], (order, seen)
    kit.books_green()


def open_for_again(person: Person) -> str:
    """A third debit: the second channel charged its order twice."""
    paid = Payment.objects.get(person=person)
    order = orders.Order.objects.get(lines__pk=paid.line_id)
    orderpayments.pay(
        number=order.number, client="ali", serial=f"B{person.pk}", amount=order.amount,
        debited_at=LATE + SOON, at=LATE + 3 * SOON,
    )  # fmt: skip
    return order.number


def test_a_duplicate_whose_carrier_was_taken_back_is_put_before_a_person(crew: tuple[User, User]) -> None:
    """The year is open and the payer's money is here: once, with what to do; not while another payment carries the year."""
    (person,) = people(1)
    twice = paid_twice(person)
    debitcases.pull(at=LATE)
    assert not WorkItem.objects.filter(reason="DUPLICATE_LEFT").exists()
    carrier = Payment.objects.get(pk=twice.carried_by or 0)
    orderpayments.reverse(
        payment_id=carrier.pk, client=None, at=datetime.combine(carrier.debited_on, time(4), UTC)
    )
    for _time in range(2):
        debitcases.pull(at=LATE)
    item = WorkItem.objects.get(reason="DUPLICATE_LEFT")
    assert (item.kind, item.line_id, item.person, item.amount) == ("REVERSED", twice.pk, person, twice.amount)
    page = client_of(crew[0]).get(f"/desk/payments/workitem/{item.pk}/change/").content.decode()
    assert "由重复缴费承担" in page
    assert f"/desk/duplicate/{twice.pk}/" in page
    kit.books_green()


# --- nothing carries the year ------------------------------------------------------------------------


def left_alone(person: Person, here: str = REGION, there: str = REGION) -> DuplicatePayment:
    """Paid twice; the channel took back what carried the year on the day of its debit."""
    twice = paid_twice(person, here, there)
    orderpayments.reverse(payment_id=twice.carried_by or 0, client=None, at=LATE + 2 * SOON)
    return twice


def test_a_duplicate_carries_the_year_that_nothing_carries(crew: tuple[User, User]) -> None:
    """Proposed by one, decided by another: its money is the year's payment, cover begins by its debit date."""
    clerk, supervisor = crew
    (person,) = people(1)
    twice = left_alone(person)
    gone = Payment.objects.get()
    debitcases.pull(at=LATE)
    both = comparisons.compare(duplicate_id=twice.pk)
    assert (both.carrier, both.payment_id, both.better) == (None, None, True)
    assert both.gone is not None
    assert (both.gone.side.channel, both.gone.on) == ("ALIPAY", date(2025, 3, 10))
    proposal = propose(twice, clerk, "支付宝已退回，微信款仍在")
    assert (proposal.difference["payment"], proposal.region_id) == (None, REGION)
    page = client_of(supervisor).get(f"/desk/bureau/proposal/{proposal.pk}/change/").content.decode()
    assert "2025-01-01" in page
    assert "现无有效缴费" in page
    with pytest.raises(NotAllowed):
        approve(proposal, clerk)
    approve(proposal, supervisor)
    made = Swap.objects.get()
    now = Payment.objects.get(pk=made.carried_by)
    assert (made.payment_id, made.line_id, made.duplicate_id) == (None, None, twice.pk)
    assert (now.pk, now.channel, now.line_id, now.debited_on) == (
        gone.pk + 1,
        "WECHAT",
        twice.pk,
        twice.debited_on,
    )
    assert [row.duplicate_id for row in Reversal.objects.filter(line_id__gt=FIRST_SWAP)] == [twice.pk]
    assert force(person) == [(REGION, date(2025, 1, 1))]
    assert set(WorkItem.objects.filter(line_id=twice.pk).values_list("state", "resolved_by")) == {
        ("RESOLVED", supervisor.pk)
    }
    told = obstacles.standing_of(person_id=person.pk, year=YEAR, on=LATE.date()).obstacles
    assert {"ALREADY_PAID"} == {one.code for one in told} & {"ALREADY_PAID", "DUP_PAYMENT"}
    with refused("DUPLICATE_SETTLED"):
        comparisons.compare(duplicate_id=twice.pk)
    kit.books_green()


def test_of_two_duplicates_one_carries(crew: tuple[User, User]) -> None:
    """The other one stays for its refund; its item is done with, and it cannot change places with money that was a duplicate."""
    clerk, supervisor = crew
    (person,) = people(1)
    paid_twice(person)
    open_for_again(person)
    carrier = Payment.objects.get()
    orderpayments.reverse(payment_id=carrier.pk, client=None, at=LATE + 4 * SOON)
    one, other = DuplicatePayment.objects.order_by("debited_on")
    debitcases.pull(at=LATE)
    assert WorkItem.objects.filter(reason="DUPLICATE_LEFT", state="OPEN").count() == 2
    approve(propose(one, clerk), supervisor)
    assert not WorkItem.objects.filter(reason="DUPLICATE_LEFT").exclude(state="RESOLVED").exists()
    with refused("SWAPPED_BEFORE"):
        comparisons.compare(duplicate_id=other.pk)
    told = obstacles.standing_of(person_id=person.pk, year=YEAR, on=LATE.date()).obstacles
    assert [row.evidence["duplicate"] for row in told if row.code == "DUP_PAYMENT"] == [other.pk]
    kit.books_green()


def test_in_the_region_where_the_duplicate_was_paid(crew: tuple[User, User]) -> None:
    """What carried the year elsewhere is gone, so a supervisor of the duplicate's region decides."""
    clerk, supervisor = crew
    person = two_regions()
    twice = left_alone(person, REGION, AWAY)
    approve(propose(twice, clerk), supervisor)
    assert set(force(person)) == {(AWAY, None), (REGION, date(2025, 1, 1))}
    assert Swap.objects.get().carried_by == twice.receivable_id * 100
    kit.books_green()


def test_what_was_swapped_out_carries_again_when_the_other_went_back(
    crew: tuple[User, User],
) -> None:
    """Swapped, then the bank takes the better one back: the payment that was there first carries the year once more, and a
    channel that takes it back then finds it."""
    clerk, supervisor = crew
    (person,) = people(1)
    twice = paid_twice(person)
    first = Payment.objects.get()
    approve(propose(twice, clerk), supervisor)
    now = Payment.objects.get(pk=Swap.objects.get().carried_by)
    orderpayments.reverse(payment_id=now.pk, client=None, at=datetime.combine(now.debited_on, time(4), UTC))
    debitcases.pull(at=LATE)
    back = DuplicatePayment.objects.get(pk=first.line_id)
    assert WorkItem.objects.get(reason="DUPLICATE_LEFT").line_id == back.pk
    approve(propose(back, clerk), supervisor)
    again = Payment.objects.order_by("-pk")[0]
    assert (again.line_id, again.channel, again.pk % 100) == (first.line_id, "ALIPAY", 2)
    assert force(person) == [(REGION, date(2025, 6, 11))]
    kit.books_green()
    made = orderpayments.reverse(payment_id=first.pk, client="ali", at=LATE + 3 * SOON)
    assert made.payment_id == again.pk
    kit.books_green()


def test_not_while_the_year_is_being_collected_or_carried(crew: tuple[User, User]) -> None:
    """A new order for the year, in whatever region; once that is paid the two are compared, and the item closes itself."""
    clerk, supervisor = crew
    person = two_regions()
    twice = left_alone(person, REGION, AWAY)
    debitcases.pull(at=LATE)
    proposal = propose(twice, clerk)
    order = open_for(person, channel="ALIPAY", client="ali", at=LATE + 3 * SOON, consent=True, region_id=AWAY)
    with refused("SWAP_STILL_COLLECTED"):
        approve(proposal, supervisor)
    pay(order, serial="AGAIN", client="ali", at=LATE + 4 * SOON)
    with refused("SWAP_OTHER_REGION"):
        approve(proposal, supervisor)
    with audit.acting(by=None, why="both regions"):
        StaffRegion.objects.create(user=supervisor, region_id=AWAY)
    with refused("SWAP_CARRIER_CHANGED"):
        approve(proposal, User.objects.get(pk=supervisor.pk))
    debitcases.pull(at=LATE)
    item = WorkItem.objects.get(reason="DUPLICATE_LEFT")
    assert (item.state, item.resolution) == ("RESOLVED", "CARRIED_AGAIN")
    assert not Swap.objects.exists()
    kit.books_green()


def test_money_of_the_bank_carries_the_year_again(db: None, tmp_path: Path) -> None:
    """Paid by phone, debited by the bank besides; the phone's payment goes back, the bank's carries the year: and a late word
    of the bank, a statement of it and the treasury all still know the money."""
    town = kit.town(tmp_path, 12)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    held = Hold.objects.order_by("pk")[0]
    Hold.objects.filter(pk=held.pk).delete()
    person = Person.objects.get(instructions__pk=held.instruction_id)
    order = open_for(person, at=LATE, consent=True)
    pay(order, at=LATE + SOON)
    kit.flow(town, file)
    twice = DuplicatePayment.objects.get()
    carrier = Payment.objects.get(person=person)
    orderpayments.reverse(payment_id=carrier.pk, client=None, at=LATE + 2 * SOON)
    approve(propose(twice, town.clerk), town.supervisor)
    live = Payment.objects.get(person=person, instruction_id=twice.instruction_id)
    assert (live.pk, live.channel, live.line_id) == (carrier.pk + 1, "BANK_BATCH", twice.pk)
    assert Instruction.objects.with_state().get(pk=twice.instruction_id).state == "SETTLED"
    assert force(person) == [(REGION, date(2025, 1, 1))]
    number = twice.instruction_id or 0
    ref = f"{REGION}-{number // 10**12}-{number // 100 % 10**10:09d}-{number % 100:02d}"
    day = datetime.combine(twice.debited_on, time(2), UTC)
    said = lists.Said(BankLine.objects.get(pk=twice.pk).serial, ref, twice.amount, day)
    report = lists.stated([said], town.clerk, channel="BANK_BATCH", day=twice.debited_on, at=LATE)
    assert (report["outcomes"]["MATCHED"]["lines"], report["outcomes"]["THEIRS_ONLY"]["lines"]) == (1, 0)
    stated = SettlementLine.objects.get(outcome=1)
    assert (stated.ours_kind, stated.ours_id) == (3, twice.pk)
    day_after = lists.Settled(twice.pk, amount=twice.amount, on=twice.debited_on)
    lists.flow(lists.treasury([day_after], LATE.date()), FileKind.TREASURY, town.clerk, at=LATE)
    assert vouchers.treasury_days([live.pk]) == {live.pk: LATE.date()}
    kit.books_green()

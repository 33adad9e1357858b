"""The problems of domain.md section 6: for each a world where it applies and one, as near as may be, where it does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bureau import audit
from enrollment.models import EmployeeSpell, Enrollment, Person
from payments.models import (
    BankLine,
    ChannelTerms,
    DuplicatePayment,
    Mandate,
    Order,
    Payment,
    PushAnswer,
    PushBatch,
    PushLine,
    Receivable,
    WorkItem,
)
from payments.problems import CATALOGUE, HELPS
from payments.services import agents, obstacles, orderpayments, orders, receivables, typed, whynot
from payments.services.orders import OrderRefused
from payments.states import Bucket
from tests import builders
from tests.payments import bookbuilders, kit
from tests.payments.bookbuilders import Answer
from tests.payments.test_orders import AT, LATER, PAYER, YEAR, open_for, pay, people
from tests.payments.test_swaps import paid_twice, two_regions

REGION, AWAY = kit.REGION, "510100"
JANUARY = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)
LATE = datetime(2025, 3, 10, 3, 0, tzinfo=UTC)
ASKED_OF_ONE = {"INPUT_FORMAT", "INPUT_MISMATCH", "REGION_NOT_ENABLED", "CHANNEL_CLOSED", "CARD_TYPE_UNSUPPORTED",
                "PAYER_LIMIT"}  # fmt: skip
"""Of what was typed, of a channel or of a payer's account: their worlds are tests of their own below."""


@dataclass
class World:
    """Somebody, and the moment at which they want to pay."""

    person: Person
    at: datetime = AT


def plain() -> World:
    """Enrolled, assessed, with a verified mandate: nothing stands in the way."""
    (person,) = people(1)
    bookbuilders.mandate_of(person)
    return World(person)


def _with(**changes: Any) -> World:
    world = plain()
    Person.objects.filter(pk=world.person.pk).update(**changes)
    return world


def _enrolment(**changes: Any) -> World:
    world = plain()
    Enrollment.objects.filter(person=world.person).update(**changes)
    return world


def _employee(stopped: date | None) -> World:
    world = plain()
    with audit.acting(by=None, why="a test"):
        EmployeeSpell.objects.create(person=world.person, started_on=date(2024, 1, 1), stopped_on=stopped)
    return world


def _odd_money(resolved: bool) -> World:
    world = plain()
    with pytest.raises(orderpayments.AmountDiffers):
        pay(open_for(world.person), serial=f"S{world.person.pk}", amount=Decimal("40.00"))
    if resolved:
        WorkItem.objects.update(state="RESOLVED", resolved_at=AT, resolution="已退回")
    return World(world.person, LATER)


def _twice(taken_back: bool) -> World:
    world = plain()
    twice = paid_twice(world.person)
    if taken_back:
        orderpayments.reverse(payment_id=twice.pk, client=None, at=twice.posted_at.replace(day=20, month=2))
    return World(world.person, LATE)


def _paid(taken_back: bool = False) -> World:
    world = plain()
    pay(open_for(world.person))
    if taken_back:
        orderpayments.reverse(payment_id=Payment.objects.get().pk, client=None, at=LATER)
    return World(world.person, LATER + timedelta(hours=1))


def _paid_long_ago() -> World:
    return replace(_paid(), at=LATER + timedelta(hours=3))


def _two(paid: bool = False, ended: bool = False, held: bool = False) -> World:
    person = two_regions()
    bookbuilders.mandate_of(person)
    if paid or held:
        order = open_for(person, region_id=AWAY)
        if paid:
            pay(order)
    if ended:
        Enrollment.objects.filter(person=person, region_id=AWAY).update(state="4", ended_on=date(2024, 10, 1))
    return World(person, LATER)


def _ordered(channel: str = "WECHAT", state: str = "OPEN") -> World:
    world = plain()
    order = open_for(world.person, channel=channel)
    if state == "ASKED":
        Order.objects.filter(pk=order.pk).update(state=state, asked_at=LATER)
    if state == "CANCELLED":
        orders.cancel(number=order.number, client="wx", at=LATER)
    return World(world.person, LATER)


def _sent(internal: str = "", at: datetime = JANUARY) -> World:
    """In a batch of the bank, without an answer, or declined with that meaning."""
    world = plain()
    crew = bookbuilders.staff_of()
    due = Receivable.objects.get(person=world.person)
    batch, (asked,) = bookbuilders.freeze([due], crew, number=1)
    if internal:
        bookbuilders.apply_file(batch, crew, [Answer(asked, Bucket.DECLINED, ok=False)], name="R1")
        with bookbuilders.connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            BankLine.objects.update(internal=internal)
            cursor.execute("SET LOCAL session_replication_role = origin")
    return World(world.person, at)


def _unassessed() -> World:
    with audit.acting(by=None, why="a test's person"):
        person = builders.make_person()
        builders.enrol(person, REGION)
    bookbuilders.mandate_of(person)
    return World(person)


def _at(year: int, month: int, day: int) -> World:
    return replace(plain(), at=datetime(year, month, day, 2, 0, tzinfo=UTC))


def _beijing(day: int) -> World:
    (person,) = people(1, "110000")
    bookbuilders.mandate_of(person)
    return World(person, datetime(2025, 1, day, 2, 0, tzinfo=UTC))


def _pushed(*ops: str) -> World:
    """Taken by the tax office with these operations; ended here."""
    world = _enrolment(state="4", ended_on=date(2024, 10, 1))
    due = Receivable.objects.get(person=world.person)
    crew = bookbuilders.staff_of()
    for number, op in enumerate(ops, start=1):
        batch = PushBatch.objects.create(
            region_id=REGION,
            day=date(2024, 9, number),
            number=due.number,
            lines=1,
            made_by=crew.clerk,
            made_at=AT,
        )
        line = PushLine.objects.create(
            pk=batch.pk * 10**8 + 1, batch=batch, region_id=REGION, op=op, receivable_id=due.pk,
            enrollment_id=due.enrollment_id, person=world.person, id_type="01", id_number=world.person.id_number,
            name=world.person.name, scheme="390", benefit_year=YEAR, amount=due.amount,
        )  # fmt: skip
        PushAnswer.objects.create(
            line=line, region_id=REGION, file_line_id=line.pk, taken=True, answered_at=AT
        )
    return world


def _passed_over(*numbers: int, region: str = REGION) -> World:
    """A village agent of the region keyed in these receipts, for others."""
    world = plain()
    others = people(len(numbers), region)
    with audit.acting(by=None, why="a test's staff"):
        clerk = builders.make_staff("supervisor", region)
    agent = agents.open_agent(
        code="NJ-01", name="韦大姐", phone="", region_id=region, village="南江村", by=clerk, at=AT
    )
    agents.hand_out(agent_id=agent.pk, series="A", first=1, last=50, by=clerk, at=AT)
    for number, person in zip(numbers, others, strict=True):
        agents.key_in(
            agent_id=agent.pk, receipt=("A", number), year=YEAR, insured=[agents.Insured(person.id_number, person.name)],
            amount=Decimal("400.00"), paid_on=AT.date(), consent=False, by=clerk, at=AT,
        )  # fmt: skip
    return world


def _no_mandate() -> World:
    return World(people(1)[0])


Case = tuple[Callable[[], World], Callable[[], World]]
WORLDS: dict[str, Case] = {
    "DEBITED_NOT_POSTED": (lambda: _odd_money(False), lambda: _odd_money(True)),
    "DUP_PAYMENT": (lambda: _twice(False), _paid),
    "PERSON_DECEASED": (lambda: _with(death_date=date(2024, 9, 30)), plain),
    "PERSON_NOT_FOUND": (
        lambda: _enrolment(state="4", ended_on=date(2024, 10, 1)),
        lambda: _enrolment(state="2"),
    ),
    "PERSON_DATA_INCOMPLETE": (
        lambda: _with(birth_date=date(1980, 5, 18)),
        lambda: _with(birth_date=date(1980, 5, 18), id_type="99"),
    ),
    "EMPLOYEE_ACTIVE": (lambda: _employee(None), lambda: _employee(date(2024, 8, 31))),
    "ALREADY_PAID": (_paid, lambda: _paid(taken_back=True)),
    "PAID_ELSEWHERE": (lambda: _two(paid=True), _two),
    "ALREADY_DECLARED": (lambda: _two(held=True), _ordered),
    "UNSETTLED_EXISTS": (_sent, lambda: _sent("NO_FUNDS")),
    "OFFLINE_NOT_POSTED": (lambda: _ordered("VILLAGE"), _ordered),
    "OPEN_ORDER": (_ordered, lambda: _ordered(state="CANCELLED")),
    "TX_LOCKED": (lambda: _ordered(state="ASKED"), _ordered),
    "MULTI_RECEIVABLE": (_two, lambda: _two(ended=True)),
    "NO_RECEIVABLE": (_unassessed, plain),
    "NOT_OPEN": (lambda: _at(2024, 8, 31), plain),
    "YEAR_CLOSED": (lambda: _at(2026, 1, 5), lambda: _at(2025, 12, 31)),
    "OUT_OF_PAY_DAYS": (lambda: _beijing(3), lambda: _beijing(6)),
    "E_WAIT_PAST_YEAR_END": (lambda: _at(2025, 11, 20), lambda: _at(2025, 9, 1)),
    "LATE_WAIT": (lambda: _at(2025, 3, 10), lambda: _at(2025, 2, 20)),
    "PAY_RESULT_PENDING": (_sent, lambda: _sent(at=JANUARY + timedelta(days=7))),
    "UPSTREAM_ERROR": (lambda: _ordered(state="ASKED"), _ordered),
    "DEBIT_REJECTED": (lambda: _sent("CLOSED"), lambda: _sent("NO_FUNDS")),
    "BATCH_DEBIT_FAILED": (lambda: _sent("NO_FUNDS"), _sent),
    "VOUCHER_NOT_READY": (_paid, _paid_long_ago),
    "STOP_NOT_SYNCED": (lambda: _pushed("A"), lambda: _pushed("A", "D")),
    "RECEIPT_PASSED_OVER": (lambda: _passed_over(1, 3), lambda: _passed_over(1, 2)),
    "NO_CARD_BOUND": (_no_mandate, plain),
}


def told(world: World) -> list[str]:
    """The codes on the screen, most urgent first."""
    return [
        one.obstacle.code for one in whynot.ask(person_id=world.person.pk, year=YEAR, at=world.at).reasons
    ]


def test_every_problem_has_its_worlds() -> None:
    assert set(WORLDS) | ASKED_OF_ONE == set(CATALOGUE)
    numbers = {problem.number for problem in CATALOGUE.values()} | {one.number for one in HELPS}
    ours = {f"P{number:02d}" for number in range(1, 33)} - {"P30"}  # P30 is the screen itself
    assert ours == numbers - {""}


def test_nothing_stands_in_the_way_of_most_people(db: None) -> None:
    world = plain()
    assert told(world) == []
    assert open_for(world.person).state == "OPEN"


@pytest.mark.parametrize("code", WORLDS)
def test_where_it_applies(db: None, code: str) -> None:
    world = WORLDS[code][0]()
    answer = whynot.ask(person_id=world.person.pk, year=YEAR, at=world.at)
    found = [one for one in answer.reasons if one.obstacle.code == code]
    assert found, told(world)
    ranks = [one.obstacle.problem.rank for one in answer.reasons]
    assert ranks == sorted(ranks)
    for one in found:
        today = world.at.date()
        if one.obstacle.problem.days:
            assert one.due_on is not None
        assert (
            one.due_on is None
            or one.due_on >= today
            or code in ("OPEN_ORDER", "TX_LOCKED", "DEBITED_NOT_POSTED")
        )


@pytest.mark.parametrize("code", WORLDS)
def test_where_it_does_not_apply(db: None, code: str) -> None:
    assert code not in told(WORLDS[code][1]())


def _worlds() -> Iterator[Any]:
    for code, pair in WORLDS.items():
        yield pytest.param(pair[0], id=code)
        yield pytest.param(pair[1], id=f"not {code}")


@pytest.mark.parametrize("build", list(_worlds()))
def test_the_screen_and_the_refusal_never_disagree(db: None, build: Callable[[], World]) -> None:
    """An order is refused with the first problem of the screen that blocks, and opened where none does."""
    world = build()
    standing = whynot.ask(person_id=world.person.pk, year=YEAR, at=world.at).standing
    try:
        opened = open_for(world.person, at=world.at, consent=True, client="other").state
    except OrderRefused as refusal:
        opened = refusal.code
    assert opened == (standing.blocking[0].code if standing.blocking else "OPEN")


# --- what was typed, what a channel takes, how many a payer pays for -------------------------------


@pytest.mark.parametrize(
    ("number", "name", "codes"),
    [
        ("same", "张三", []),
        ("lower", "张 三", []),
        ("same", "李四", ["INPUT_MISMATCH"]),
        ("same", "张3", ["INPUT_FORMAT"]),
        ("same", " ", ["INPUT_FORMAT"]),
        ("450802199008150014", "张三", ["INPUT_FORMAT"]),
        ("45080219900815", "张三", ["INPUT_FORMAT"]),
        ("510104202501010036", "张三", ["PERSON_NOT_FOUND"]),
    ],
)
def test_what_was_typed(db: None, number: str, name: str, codes: list[str]) -> None:
    """P11, P12, P14: full-width digits and a lower-case x are forgiven; of a stranger nothing is told."""
    body = "45080219800517"
    person = builders.make_person(id_number=_ends_in_x(body))
    given = {"same": person.id_number, "lower": person.id_number.lower()}.get(number, number)
    found = typed.look(id_type="01", id_number=given, name=name, today=date(2025, 1, 1))
    assert [one.code for one in found.obstacles] == codes
    assert found.person == (None if codes else person)


def _ends_in_x(body: str) -> str:
    numbers = (builders.id_number(date(1980, 5, 17), order=order) for order in range(1, 200))
    return next(number for number in numbers if number.endswith("X") and number.startswith(body))


def test_what_a_channel_takes(db: None) -> None:
    """P18, P19: the counter's screen says of each channel what the order would be refused with."""
    codes = lambda channel, region=REGION, card="": [  # noqa: E731
        one.code for one in obstacles.of_channel(channel=channel, region_id=region, year=YEAR, card_type=card)
    ]
    assert codes("WECHAT") == []
    assert codes("WECHAT", card="CREDIT") == ["CARD_TYPE_UNSUPPORTED"]
    assert codes("CASH", card="CREDIT") == []
    assert codes("MINZHENGTONG") == ["CHANNEL_CLOSED"]
    assert codes("ALIPAY", "450881") == ["REGION_NOT_ENABLED"]
    assert codes("CASH", "450881") == []
    shown = whynot.ask(person_id=plain().person.pk, year=YEAR, at=AT).closed
    assert shown["WECHAT"] == []
    assert [one.code for one in shown["MINZHENGTONG"]] == ["CHANNEL_CLOSED"]
    assert "BANK_BATCH" not in shown
    assert set(shown) <= set(ChannelTerms.objects.values_list("channel", flat=True))


def test_one_account_pays_for_so_many(db: None) -> None:
    """P20: the sixth is refused; five are not."""
    family = people(6)
    with pytest.raises(OrderRefused) as caught:
        open_for(*family, payer=PAYER)
    assert caught.value.code == "PAYER_LIMIT"
    assert open_for(*family[:5]).state == "OPEN"


# --- a whole region ---------------------------------------------------------------------------------

BULK: dict[str, Callable[[], World]] = {code: WORLDS[code][0] for code in whynot.IN_BULK}


@pytest.mark.parametrize("code", whynot.IN_BULK)
def test_a_region_lists_who_has_a_problem(db: None, code: str) -> None:
    """The same people as one by one, a page at a time; nobody of the world beside it."""
    near = WORLDS[code][1]()
    world = BULK[code]()
    rows = whynot.in_region(problem=code, region_id=REGION, year=YEAR)
    assert world.person.pk in [row.person_id for row in rows]
    assert near.person.pk not in [row.person_id for row in rows]
    last = rows[-1].person_id
    assert whynot.in_region(problem=code, region_id=REGION, year=YEAR, after=last) == []
    assert whynot.in_region(problem=code, region_id="110000", year=YEAR) == []


def test_what_is_asked_of_one_person_is_not_listed(db: None) -> None:
    with pytest.raises(whynot.NotInBulk):
        whynot.in_region(problem="LATE_WAIT", region_id=REGION, year=YEAR)


def test_who_paid_in_two_regions_sees_where(db: None) -> None:
    """P05, P32: place and day are told, the payer is not."""
    person = two_regions()
    pay(open_for(person, region_id=AWAY))
    assert DuplicatePayment.objects.count() == 0
    standing = obstacles.standing_of(person_id=person.pk, year=YEAR, on=date(2024, 10, 11))
    seen = {one.code: one.evidence for one in standing.obstacles}
    assert seen["ALREADY_DECLARED"]["region"] == AWAY
    assert seen["PAID_ELSEWHERE"]["place"] == seen["ALREADY_PAID"]["place"]
    assert "payer" not in str(seen)


def test_an_ended_enrolment_leaves_one_receivable(db: None) -> None:
    """P03 is over when the enrolment that is over has ended; a mandate is the same everywhere."""
    world = _two(ended=True)
    assert Mandate.objects.filter(person=world.person).count() == 1
    assert receivables.Receivable.objects.filter(person=world.person).count() == 2
    assert told(world) == []

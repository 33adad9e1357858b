"""Orders of the channels: one at a time for a receivable, priced by the day, booked once, never lost."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from bureau import audit
from bureau.errors import BureauError
from enrollment.models import Coverage, EmployeeSpell, Enrollment, Person, PersonCategory
from payments.models import (
    ChannelTerms,
    DuplicatePayment,
    Hold,
    Order,
    OrderConsent,
    OrderDebit,
    Payment,
    Reversal,
    WorkItem,
)
from payments.services import books, expiry, orderpayments, orders, receivables
from payments.services.orders import Payer, Wanted
from payments.states import ORDER_MOVES, OrderState
from tests import builders
from tests.payments import kit

REGION, YEAR = kit.REGION, kit.YEAR
AT = datetime(2024, 10, 10, 2, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=10)
PAYER = Payer("张三", "2088-0001")


def people(count: int, region: str = REGION) -> list[Person]:
    """Registered adults with a receivable each."""
    with audit.acting(by=None, why="a test's people"):
        made = [builders.make_person(birth_date=date(1980, 5, 17)) for _ in range(count)]
        for person in made:
            builders.enrol(person, region, started_on=date(2024, 9, 1))
    receivables.assess(region_id=region, year=YEAR, on=date(2024, 10, 1), by=None, at=AT)
    return made


def open_for(*persons: Person, at: datetime = AT, channel: str = "WECHAT", **changes: Any) -> Order:
    wanted = [Wanted(person.pk, YEAR, changes.pop("region_id", None)) for person in persons]
    values: dict[str, Any] = {"client": "wx", "channel": channel, "payer": PAYER, "wanted": wanted, "at": at}
    return orders.open_order(**values | changes)


def pay(order: Order, serial: str = "S1", at: datetime = LATER, **changes: Any) -> Order:
    values: dict[str, Any] = {
        "number": order.number,
        "client": "wx",
        "serial": serial,
        "amount": order.amount,
        "debited_at": at,
        "at": at,
    }
    return orderpayments.pay(**values | changes)


def refused(code: str) -> Any:
    return pytest.raises(BureauError, check=lambda error: error.code == code)


def test_a_family_pays_in_one_order(db: None) -> None:
    """Three persons, one payer: held while open, paid and covered at once, the holds gone."""
    family = people(3)
    order = open_for(*family)
    assert (order.state, order.amount, order.lines.count()) == ("OPEN", Decimal("1200.00"), 3)
    assert order.locked_until == AT + timedelta(minutes=30)
    assert Hold.objects.filter(order_id=order.pk).count() == 3
    kit.books_green()
    paid = pay(order)
    assert (paid.state, paid.channel_serial, paid.debited_at) == ("PAID", "S1", LATER)
    rows = Payment.objects.order_by("pk")
    assert [(row.amount, row.channel, row.debited_on, row.person_id) for row in rows] == [
        (Decimal("400.00"), "WECHAT", date(2024, 10, 10), person.pk) for person in family
    ]
    assert not Hold.objects.exists()
    assert set(Coverage.objects.values_list("start", "end")) == {(date(2025, 1, 1), date(2026, 1, 1))}
    kit.books_green()


def test_the_same_debit_told_again_changes_nothing(db: None) -> None:
    (person,) = people(1)
    order = open_for(person)
    pay(order)
    assert pay(order).state == "PAID"
    assert (Payment.objects.count(), OrderDebit.objects.count()) == (1, 1)
    with refused("SERIAL_TAKEN"):
        pay(order, amount=Decimal("1.00"))
    with refused("illegal_transition"):
        orders.cancel(number=order.number, client="wx", at=LATER)
    kit.books_green()


def test_a_second_debit_of_a_paid_order_is_booked_beside_it(db: None) -> None:
    """Another serial is other money: a further order, whose lines are duplicates; told again it changes nothing."""
    family = people(2)
    order = open_for(*family)
    pay(order)
    for _time in range(2):
        pay(order, serial="S2", at=LATER + timedelta(minutes=1))
    further = Order.objects.get(again_for=order)
    assert (further.state, further.channel_serial, further.amount) == ("PAID", "S2", order.amount)
    twice = list(DuplicatePayment.objects.order_by("pk"))
    assert [row.line_id for row in twice] == list(further.lines.order_by("pk").values_list("pk", flat=True))
    assert Payment.objects.count() == 2
    told = OrderDebit.objects.get(channel_serial="S2")
    assert (told.outcome, told.was, told.booked_as) == ("AGAIN", "PAID", further)
    kit.books_green()
    back = orderpayments.reverse(payment_id=twice[0].pk, client="wx", at=LATER)
    assert (back.duplicate_id, back.payment_id) == (twice[0].pk, None)
    assert orderpayments.reverse(payment_id=twice[0].pk, client="wx", at=LATER) == back
    assert Coverage.objects.filter(start=None).count() == 0
    kit.books_green()


def test_the_debit_day_is_beijings(db: None) -> None:
    """17:30 in UTC is the next day in Shanghai."""
    (person,) = people(1)
    order = open_for(person, at=datetime(2024, 10, 10, 15, 50, tzinfo=UTC))
    pay(order, at=datetime(2024, 10, 10, 16, 5, tzinfo=UTC))
    assert Payment.objects.get().debited_on == date(2024, 10, 11)


def test_one_order_at_a_time(db: None) -> None:
    """Another channel is told of the open order, and may go on once it is cancelled."""
    (person,) = people(1)
    first = open_for(person)
    with refused("OPEN_ORDER") as caught:
        open_for(person, channel="ALIPAY", client="ali")
    assert caught.value.obstacle.evidence["order"] == first.number
    orders.cancel(number=first.number, client="wx", at=LATER)
    assert not Hold.objects.exists()
    assert open_for(person, channel="ALIPAY", client="ali").state == "OPEN"
    assert orders.cancel(number=first.number, client="wx", at=LATER).state == "CANCELLED"
    kit.books_green()


def test_who_paid_is_not_asked_again(db: None) -> None:
    (person,) = people(1)
    pay(open_for(person))
    with refused("ALREADY_PAID") as caught:
        open_for(person, channel="ALIPAY")
    assert caught.value.obstacle.evidence["channel"] == "WECHAT"
    assert caught.value.obstacle.evidence["day"] == "2024-10-10"


def test_an_order_is_all_or_nothing(db: None) -> None:
    """One of three has paid: nobody's receivable is held."""
    family = people(3)
    pay(open_for(family[1]))
    with refused("ALREADY_PAID"):
        open_for(*family)
    assert not Hold.objects.exists()
    assert Order.objects.count() == 1


def _dead(person: Person) -> None:
    person.death_date = date(2024, 9, 30)
    person.save(update_fields=["death_date"])


def _employee(person: Person) -> None:
    EmployeeSpell.objects.create(person=person, started_on=date(2024, 1, 1))


def _ended(person: Person) -> None:
    Enrollment.objects.filter(person=person).update(state="4", ended_on=date(2024, 10, 1))


def _aided(person: Person) -> None:
    PersonCategory.objects.create(person=person, category="TEKUN", valid_from=date(2024, 9, 1))


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (_dead, "PERSON_DECEASED"),
        (_employee, "EMPLOYEE_ACTIVE"),
        (_ended, "PERSON_NOT_FOUND"),
        (_aided, "ALREADY_PAID"),
    ],
)
def test_problems_of_the_person(db: None, prepare: Callable[[Person], None], code: str) -> None:
    (person,) = people(1)
    prepare(person)
    with refused(code):
        open_for(person)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2024, 8, 31, 2, 0, tzinfo=UTC), "NOT_OPEN"),
        (datetime(2025, 3, 10, 2, 0, tzinfo=UTC), "LATE_WAIT"),
        (datetime(2025, 11, 20, 2, 0, tzinfo=UTC), "E_WAIT_PAST_YEAR_END"),
        (datetime(2026, 1, 5, 2, 0, tzinfo=UTC), "YEAR_CLOSED"),
    ],
)
def test_problems_of_the_day(db: None, at: datetime, code: str) -> None:
    (person,) = people(1)
    with refused(code):
        open_for(person, at=at)


def test_who_agrees_to_wait_may_pay_late(db: None) -> None:
    """P22: the first covered day is told with the order and holds."""
    (person,) = people(1)
    late = datetime(2025, 3, 10, 2, 0, tzinfo=UTC)
    order = open_for(person, at=late, consent=True)
    line = order.lines.get()
    assert (order.consent, line.cover_start, line.wait_months) == (True, date(2025, 6, 11), 3)
    assert OrderConsent.objects.get(line=line).code == "LATE_WAIT"
    assert set(line.told) == {"zh", "en"}
    pay(order, at=late + timedelta(minutes=1))
    assert Coverage.objects.get().start == line.cover_start


def test_problems_of_the_payer(db: None) -> None:
    """P18, P20: debit cards only; five persons by the policy, fewer where the channel says so."""
    family = people(6)
    with refused("CARD_TYPE_UNSUPPORTED"):
        open_for(family[0], payer=replace(PAYER, card_type="CREDIT"))
    with refused("PAYER_LIMIT") as caught:
        open_for(*family)
    assert caught.value.obstacle.evidence == {"most": 5}
    assert open_for(*family[:5]).lines.count() == 5
    ChannelTerms.objects.filter(channel="ALIPAY").update(max_persons=1)
    with refused("ORDER_EMPTY"):
        open_for()


def test_an_account_pays_for_five_persons_over_all_its_orders(db: None) -> None:
    """P20: the sixth is refused in whatever order; another account goes on; orders given up do not count."""
    family = people(7)
    pay(open_for(*family[:3]))
    waiting = open_for(*family[3:5])
    with refused("PAYER_LIMIT"):
        open_for(family[5])
    assert open_for(family[5], payer=Payer("李四", "2088-0002")).state == "OPEN"
    orders.cancel(number=waiting.number, client="wx", at=LATER)
    assert open_for(family[6]).state == "OPEN"


def test_channels_are_data(db: None) -> None:
    """Closed in one region, open in the others; a query-only channel takes no orders; a county may be off-line."""
    (person,) = people(1)
    with refused("CHANNEL_CLOSED"):
        open_for(person, channel="MINZHENGTONG")
    with refused("CHANNEL_UNKNOWN"):
        open_for(person, channel="PIGEON")
    base = ChannelTerms.objects.get(channel="WECHAT", region=None)
    ChannelTerms.objects.create(channel="WECHAT", region_id="450000", enabled=False, mode=base.mode,
                                keyed_by=base.keyed_by, refund_route=base.refund_route)  # fmt: skip
    with refused("CHANNEL_CLOSED"):
        open_for(person)
    county = builders.make_person(birth_date=date(1980, 5, 17))
    builders.enrol(county, "450881", started_on=date(2024, 9, 1))
    receivables.assess(region_id="450881", year=YEAR, on=date(2024, 10, 1), by=None, at=AT)
    with refused("REGION_NOT_ENABLED"):
        open_for(county, channel="ALIPAY")
    assert open_for(county, channel="CASH").state == "OPEN"


def test_the_time_of_an_order(db: None) -> None:
    """When the lock is over the channel is asked; after a day without an answer the receivable is free."""
    (person,) = people(1)
    order = open_for(person)
    assert expiry.expire(at=AT + timedelta(minutes=29)) == expiry.Expired()
    assert expiry.expire(at=AT + timedelta(minutes=30)) == expiry.Expired(asked=1, waiting=1)
    with refused("TX_LOCKED"):
        open_for(person, channel="ALIPAY", at=AT + timedelta(hours=1))
    kit.books_green()
    assert expiry.expire(at=AT + timedelta(hours=24)) == expiry.Expired(waiting=1)
    assert expiry.expire(at=AT + timedelta(hours=25)) == expiry.Expired(expired=1)
    order.refresh_from_db()
    assert (order.state, Hold.objects.count()) == ("EXPIRED", 0)
    kit.books_green()


def test_money_for_an_order_given_up_is_booked(db: None) -> None:
    """The first to arrive carries the year; the other is a duplicate, not lost."""
    (person,) = people(1)
    first = open_for(person)
    orders.cancel(number=first.number, client="wx", at=LATER)
    second = open_for(person, channel="ALIPAY", client="ali", at=LATER)
    pay(first, at=LATER + timedelta(minutes=1))
    assert Payment.objects.get().channel == "WECHAT"
    kit_open = Hold.objects.get()
    assert kit_open.order_id == second.pk
    pay(second, serial="A1", client="ali", at=LATER + timedelta(minutes=2))
    twice = DuplicatePayment.objects.get()
    assert (twice.channel, twice.carried_by, twice.amount) == (
        "ALIPAY",
        Payment.objects.get().pk,
        Decimal("400.00"),
    )
    assert not Hold.objects.exists()
    kit.books_green()


def test_a_person_of_two_regions(db: None) -> None:
    """P03: with two receivables the region must be named; who paid in one is told so in the other."""
    (person,) = people(1)
    with audit.acting(by=None, why="a second region"):
        builders.enrol(person, "510100", started_on=date(2024, 9, 1))
    receivables.assess(region_id="510100", year=YEAR, on=date(2024, 10, 1), by=None, at=AT)
    with refused("MULTI_RECEIVABLE"):
        open_for(person)
    here = open_for(person, region_id=REGION)
    with refused("OPEN_ORDER"):
        open_for(person, region_id="510100")
    orders.cancel(number=here.number, client="wx", at=LATER)
    there = open_for(person, region_id="510100", at=LATER)
    pay(there, at=LATER)
    pay(here, serial="S2", at=LATER)
    assert (Payment.objects.get().region_id, DuplicatePayment.objects.get().region_id) == ("510100", REGION)
    assert Coverage.objects.count() == 1
    with refused("ALREADY_PAID"):
        open_for(person, region_id=REGION, at=LATER)
    kit.books_green()


def test_another_amount_is_work_for_a_person(db: None) -> None:
    """Nothing is posted, the money hangs with its amount, once; the order stays as it is."""
    (person,) = people(1)
    order = open_for(person)
    for _time in range(2):
        with refused("ORDER_AMOUNT_DIFFERS"):
            pay(order, amount=Decimal("40.00"))
    item = WorkItem.objects.get()
    assert (item.kind, item.amount, item.person_id) == ("UNMATCHED", Decimal("40.00"), person.pk)
    order.refresh_from_db()
    assert (order.state, Payment.objects.count()) == ("OPEN", 0)
    with refused("ORDER_AMOUNT_DIFFERS"):
        pay(order, serial="S2", amount=Decimal("40.00"))
    items = WorkItem.objects.order_by("pk").values_list("amount", "line_id")
    assert list(items) == [(Decimal("40.00"), order.lines.get().pk), (Decimal("40.00"), None)]
    assert set(OrderDebit.objects.values_list("outcome", flat=True)) == {"DIFFERS"}
    kit.books_green()


def test_money_after_the_last_day_is_work_for_a_person(db: None) -> None:
    """Opened before midnight of the last day, debited after it: nothing can be paid with it, it is not lost."""
    (person,) = people(1)
    ChannelTerms.objects.filter(channel="WECHAT").update(past_year_end=True)
    late = datetime(2025, 12, 31, 15, 50, tzinfo=UTC)
    order = open_for(person, at=late, no_cover=True)
    with refused("DEBITED_OUTSIDE_YEAR"):
        pay(order, at=late + timedelta(minutes=20))
    assert (WorkItem.objects.get().reason, Payment.objects.count()) == ("DEBITED_OUTSIDE_YEAR", 0)
    kit.books_green()


def test_paying_for_nothing_needs_the_channels_terms_and_consent(db: None) -> None:
    """P23: blocked by default; where the terms let it be, the payer's consent is written down."""
    (person,) = people(1)
    late = datetime(2025, 11, 20, 2, 0, tzinfo=UTC)
    nothing: dict[str, Any] = {}
    for agreed in (nothing, {"consent": True}, {"no_cover": True}):
        with refused("E_WAIT_PAST_YEAR_END"):
            open_for(person, at=late, **agreed)
    ChannelTerms.objects.filter(channel="WECHAT").update(past_year_end=True)
    with refused("E_WAIT_PAST_YEAR_END"):
        open_for(person, at=late, consent=True)
    order = open_for(person, at=late, no_cover=True)
    assert OrderConsent.objects.get().code == "E_WAIT_PAST_YEAR_END"
    pay(order, at=late + timedelta(minutes=1))
    kit.books_green()


def test_debits_outside_the_life_of_an_order(db: None) -> None:
    (person,) = people(1)
    order = open_for(person)
    for when in (AT - timedelta(hours=1), LATER + timedelta(hours=1)):
        with refused("DEBIT_TIME_OUTSIDE"):
            pay(order, debited_at=when)


def test_a_serial_pays_one_order(db: None) -> None:
    one, two = people(2)
    pay(open_for(one))
    with refused("SERIAL_TAKEN"):
        pay(open_for(two))


def test_partners_see_their_own_orders(db: None) -> None:
    (person,) = people(1)
    order = open_for(person)
    for act in (
        lambda: orders.cancel(number=order.number, client="ali", at=LATER),
        lambda: pay(order, client="ali"),
    ):
        with refused("ORDER_UNKNOWN"):
            act()


def test_taken_back_on_the_same_day(db: None) -> None:
    """Cover ends, the receivable may be paid again; the next day it is a refund."""
    (person,) = people(1)
    pay(open_for(person))
    first = Payment.objects.get()
    assert orderpayments.reverse(payment_id=first.pk, client="wx", at=LATER).amount == Decimal("400.00")
    orderpayments.reverse(payment_id=first.pk, client="wx", at=LATER)
    assert Reversal.objects.count() == 1
    assert Coverage.objects.order_by("-pk")[0].start is None
    kit.books_green()
    again = open_for(person, at=LATER + timedelta(minutes=1))
    pay(again, serial="S2", at=LATER + timedelta(minutes=2))
    assert Payment.objects.count() == 2
    second = Payment.objects.order_by("-pk")[0]
    kit.books_green()
    with refused("REVERSAL_TOO_LATE"):
        orderpayments.reverse(payment_id=second.pk, client="wx", at=LATER + timedelta(days=1))
    with refused("PAYMENT_UNKNOWN"):
        orderpayments.reverse(payment_id=second.pk, client="ali", at=LATER)


def test_a_bank_file_that_is_late_finds_the_order_paid(db: None, tmp_path: Any) -> None:
    """The debit was let go, the person paid by phone, the bank debited after all: booked as a duplicate."""
    town = kit.town(tmp_path, 12)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    held = Hold.objects.order_by("pk")[0]
    Hold.objects.filter(pk=held.pk).delete()
    person = Person.objects.get(instructions__pk=held.instruction_id)
    when = datetime(2025, 1, 16, 2, 0, tzinfo=UTC)
    pay(open_for(person, at=when, consent=True), at=when + timedelta(minutes=1))
    report = kit.flow(town, file)
    assert report["buckets"]["DUPLICATE"]["lines"] == 1
    assert DuplicatePayment.objects.get().person_id == person.pk
    kit.books_green()


def test_two_channels_race_for_one_receivable(committed: None) -> None:
    """Of two orders at the same moment one is opened; the other is told so."""
    persons = people(20)
    seen: list[str] = []

    def attempt(person: Person, channel: str, gate: threading.Barrier) -> None:
        gate.wait(10)
        try:
            seen.append(open_for(person, channel=channel, payer=Payer("张三")).state)
        except BureauError as error:
            seen.append(error.code)
        finally:
            connection.close()

    for person in persons:
        gate = threading.Barrier(2)
        threads = [
            threading.Thread(target=attempt, args=(person, name, gate)) for name in ("WECHAT", "ALIPAY")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert sorted(seen) == ["OPEN"] * 20 + ["OPEN_ORDER"] * 20
    assert Hold.objects.count() == 20
    kit.books_green()


@pytest.mark.parametrize("old", list(OrderState))
@pytest.mark.parametrize("new", list(OrderState))
def test_moves_are_guarded(db: None, old: OrderState, new: OrderState) -> None:
    """The database lets an order make the listed moves and no other."""
    (person,) = people(1)
    order = open_for(person)
    paid = {"channel_serial": "S9", "debited_at": LATER}
    if old != OrderState.OPEN:
        through = [OrderState.ASKED, old] if old == OrderState.EXPIRED else [old]
        for state in through:
            ended = None if state == OrderState.ASKED else LATER
            more = paid if state == OrderState.PAID else {}
            Order.objects.filter(pk=order.pk).update(state=state.value, ended_at=ended, **more)
    ended = None if new in (OrderState.OPEN, OrderState.ASKED) else LATER
    more = paid if new == OrderState.PAID else {"channel_serial": "", "debited_at": None}
    if new == old or new in ORDER_MOVES[old]:
        assert Order.objects.filter(pk=order.pk).update(state=new.value, ended_at=ended, **more) == 1
    else:
        with pytest.raises(Exception, match="payments_order: "):
            Order.objects.filter(pk=order.pk).update(state=new.value, ended_at=ended, **more)


def test_planted_violations_are_seen(db: None) -> None:
    """I12, I15, R03 name an order that is paid and not booked, a hold without its order, a payment unlike its order."""
    one, two = people(2)
    order = open_for(one)
    Hold.objects.filter(order_id=order.pk).delete()
    assert _broken("I15") == [("order line", "NOT_HELD")]
    orders.cancel(number=order.number, client="wx", at=LATER)
    Hold.objects.create(
        receivable_id=order.lines.get().receivable_id, region_id=REGION, order_id=order.pk, held_at=AT
    )
    assert _broken("I15") == [("hold", "HELD_THOUGH_CANCELLED")]
    Hold.objects.all().delete()
    unbooked = open_for(two)
    Order.objects.filter(pk=unbooked.pk).update(
        state="PAID", ended_at=LATER, channel_serial="X", debited_at=LATER
    )
    Hold.objects.all().delete()
    assert _broken("I12") == [("order", "PAID_IS_NOT_BOOKED")]


def test_money_that_a_channel_told_and_that_is_nowhere_is_seen(db: None) -> None:
    """I04 names a debit whose order, or whose work item, says another amount."""
    one, two = people(2)
    pay(open_for(one))
    with refused("ORDER_AMOUNT_DIFFERS"):
        pay(open_for(two), serial="S2", amount=Decimal("1.00"))
    assert _broken("I04") == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE payments_orderdebit SET amount = 399 WHERE outcome = 'BOOKED'")
        cursor.execute("UPDATE payments_workitem SET amount = 0")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert _broken("I04") == [("order debit", "DEBITED_AND_NOWHERE")] * 2


@pytest.mark.parametrize("table", ["payment", "duplicatepayment"])
def test_what_was_booked_unlike_its_order_is_seen(db: None, table: str) -> None:
    """R03 and R06 name a payment, or a duplicate, whose amount is not that of its line."""
    (person,) = people(1)
    first = open_for(person)
    orders.cancel(number=first.number, client="wx", at=LATER)
    second = open_for(person, at=LATER)
    pay(first)
    pay(second, serial="S2")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE payments_{table} SET amount = 1")
        cursor.execute("SET LOCAL session_replication_role = origin")
    what, code = ("payment", "R03") if table == "payment" else ("duplicate", "R06")
    assert _broken(code) == [(what, "ORDER_DIFFERS")]


def _broken(code: str) -> list[tuple[str, str]]:
    (found,) = [result for result in books.run_checks() if result.code == code]
    return [(row["what"], row["problem"]) for row in found.rows]

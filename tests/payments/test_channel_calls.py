"""Channels' calls about money: what each answers, what it leaves behind, and which problem it tells."""

from datetime import timedelta
from typing import Any

import pytest

from bureau import audit
from enrollment.models import Coverage, EmployeeSpell, Enrollment, Person, PersonCategory
from payments.models import ChannelTerms, DuplicatePayment, Hold, Order, OrderDebit, Payment, WorkItem
from payments.services import expiry, receivables
from tests import builders
from tests.payments import kit
from tests.payments.channel_world import (
    DAY,
    ORDERS_URL,
    REGION,
    YEAR,
    Day,
    Teller,
    make_teller,
    order_of,
    people,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Day:
    """10 October 2024, ten in the morning: the window is open."""
    return Day(monkeypatch)


@pytest.fixture
def wechat(day: Day) -> Teller:
    """WeChat's machine."""
    return make_teller()


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """A problem with words in both languages."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response.headers["Content-Type"] == "application/problem+json"
    for part in (body["message"], body["action"]):
        assert not part["zh"].isascii()
        assert part["en"].isascii()
    return body


class TestALife:
    """Asked, ordered, paid, taken back."""

    def test_a_family_is_paid_for(self, wechat: Teller) -> None:
        family = people(3)
        answer = wechat.open(*family)
        assert answer.status_code == 201
        body = answer.json()
        assert answer.headers["Location"] == f"{ORDERS_URL}/{body['order_no']}"
        assert (body["amount"], body["state"], body["payer"], body["channel"]) == (
            "1200.00",
            "OPEN",
            "张*",
            "WECHAT",
        )
        assert [
            (line["amount"], line["cover_start"], line["wait_months"], line["booked"])
            for line in body["lines"]
        ] == [("400.00", "2025-01-01", 0, "")] * 3
        assert all("2025" in line["explain"]["zh"] for line in body["lines"])
        paid = wechat.pay(body).json()
        assert paid["state"] == "PAID"
        assert {line["booked"] for line in paid["lines"]} == {"PAYMENT"}
        assert [one["outcome"] for one in paid["debits"]] == ["BOOKED"]
        assert wechat.get(f"{ORDERS_URL}/{body['order_no']}").json() == paid
        assert Coverage.objects.filter(start="2025-01-01").count() == 3
        kit.books_green()

    def test_what_a_person_sees_before_and_after(self, wechat: Teller) -> None:
        """P30: each step of the way shows; whose order it is, and who paid, is not for everybody."""
        (person,) = people(1)
        alipay = make_teller("ALIPAY")
        before = wechat.status(person).json()
        assert (before["registered"], before["declared"], before["paid"], before["locked"]) == (
            True,
            False,
            [],
            None,
        )
        assert [(row["state"], row["amount"]) for row in before["due"]] == [("ASSESSED", "400.00")]
        order = wechat.open(person).json()
        mine, theirs = wechat.status(person).json(), alipay.status(person).json()
        assert (mine["locked"]["order_no"], theirs["locked"]["order_no"]) == (order["order_no"], "")
        assert theirs["locked"]["channel"] == "WECHAT"
        assert theirs["declared"]
        assert theirs["problems"][0]["code"] == "OPEN_ORDER"
        wechat.pay(order)
        after = alipay.status(person).json()
        assert after["paid"] == [
            {
                "debited_on": "2024-10-10",
                "channel": "WECHAT",
                "region": REGION,
                "amount": "400.00",
                "payer": "张*",
                "settled": False,
            }
        ]
        assert (after["covered_from"], after["settled"], after["locked"]) == ("2025-01-01", False, None)
        assert after["problems"][0]["code"] == "ALREADY_PAID"

    def test_taken_back_on_the_day(self, wechat: Teller, day: Day) -> None:
        (person,) = people(1)
        paid = wechat.pay(wechat.open(person).json()).json()
        number = paid["lines"][0]["payment"]
        stranger = make_teller("ALIPAY")
        refused(stranger.reverse(number), 404, "PAYMENT_UNKNOWN")
        answer = wechat.reverse(number).json()
        assert answer == {
            "payment": number,
            "receivable": paid["lines"][0]["receivable"],
            "amount": "400.00",
            "reversed_on": "2024-10-10",
        }
        assert wechat.reverse(number).json() == answer
        assert (
            wechat.get(f"{ORDERS_URL}/{paid['order_no']}").json()["lines"][0]["reversed_on"] == "2024-10-10"
        )
        again = wechat.pay(wechat.open(person).json(), "S2").json()["lines"][0]["payment"]
        kit.books_green()
        day.pass_(days=1)
        refused(wechat.reverse(again), 409, "REVERSAL_TOO_LATE")

    @pytest.mark.parametrize("number", ["0", "abc", "9" * 25, "1", "-1", "1.0"])
    def test_payments_that_are_not_there(self, wechat: Teller, number: str) -> None:
        """Refund of what was never paid."""
        refused(wechat.reverse(number), 404, "PAYMENT_UNKNOWN")

    def test_late_money_is_booked(self, wechat: Teller) -> None:
        """Cancelled, then debited all the same; and a second serial of the same order."""
        (person,) = people(1)
        order = wechat.open(person).json()
        assert wechat.cancel(order).json()["state"] == "CANCELLED"
        assert not Hold.objects.exists()
        assert wechat.cancel(order).json()["state"] == "CANCELLED"
        assert wechat.pay(order).json()["state"] == "PAID"
        body = wechat.pay(order, "S2").json()
        assert [one["outcome"] for one in body["debits"]] == ["BOOKED", "AGAIN"]
        further = wechat.get(f"{ORDERS_URL}/{body['debits'][1]['order_no']}").json()
        assert further["lines"][0]["booked"] == "DUPLICATE"
        assert wechat.status(person).json()["problems"][0]["code"] == "DUP_PAYMENT"
        assert wechat.reverse(further["lines"][0]["payment"]).status_code == 200
        kit.books_green()

    def test_a_wrong_amount_is_kept_for_a_person(self, wechat: Teller) -> None:
        """The refusal is the stored answer: the money it tells of hangs on a work item, once."""
        (person,) = people(1)
        order = wechat.open(person).json()
        first = wechat.pay(order, amount="40.00", key="same")
        body = refused(first, 422, "ORDER_AMOUNT_DIFFERS")
        assert body["errors"][0]["pointer"] == "/amount"
        again = wechat.pay(
            order,
            amount="40.00",
            key="same",
        )
        assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
        refused(wechat.pay(order, amount="40.00"), 422, "ORDER_AMOUNT_DIFFERS")
        refused(wechat.pay(order, amount="400.00"), 409, "SERIAL_TAKEN")
        assert (WorkItem.objects.count(), OrderDebit.objects.count(), Payment.objects.count()) == (1, 1, 0)
        assert wechat.pay(order, "S2").json()["state"] == "PAID"
        kit.books_green()

    def test_a_serial_stands_for_one_order(self, wechat: Teller) -> None:
        one, two = people(2)
        wechat.pay(wechat.open(one).json())
        refused(wechat.pay(wechat.open(two).json()), 409, "SERIAL_TAKEN")

    @pytest.mark.parametrize("off", [{"hours": -1}, {"hours": 1}])
    def test_debits_before_the_order_or_to_come(self, wechat: Teller, off: dict[str, float]) -> None:
        (person,) = people(1)
        when = (DAY + timedelta(**off)).isoformat()
        body = refused(wechat.pay(wechat.open(person).json(), debited_at=when), 422, "DEBIT_TIME_OUTSIDE")
        assert body["errors"][0]["pointer"] == "/debited_at"


class TestStates:
    """A14, A15."""

    def test_what_is_paid_cannot_be_cancelled(self, wechat: Teller) -> None:
        (person,) = people(1)
        order = wechat.open(person).json()
        wechat.pay(order)
        body = refused(wechat.cancel(order), 409, "illegal_transition")
        assert body["details"] == {"state": "PAID", "wanted": "CANCELLED"}

    def test_acting_on_an_old_picture(self, wechat: Teller) -> None:
        """A15: an ETag that is no longer true is refused; the present one, or any, lets it happen."""
        (person,) = people(1)
        order = wechat.open(person).json()
        tag = wechat.get(f"{ORDERS_URL}/{order['order_no']}").headers["ETag"]
        refused(wechat.cancel(order, headers={"If-Match": '"old"'}), 412, "precondition_failed")
        assert wechat.cancel(order, headers={"If-Match": f'"old", {tag}'}).json()["state"] == "CANCELLED"
        refused(wechat.cancel(order, headers={"If-Match": tag}), 412, "precondition_failed")
        assert wechat.cancel(order, headers={"If-Match": "*"}).status_code == 200

    def test_an_order_that_is_asked_about_is_read_before_it_is_cancelled(
        self, wechat: Teller, day: Day
    ) -> None:
        """A15: money may have moved while its time ran out."""
        (person,) = people(1)
        order = wechat.open(person).json()
        expiry.expire(at=day.pass_(minutes=31), sources=[])
        refused(wechat.cancel(order), 428, "precondition_required")
        tag = wechat.get(f"{ORDERS_URL}/{order['order_no']}").headers["ETag"]
        assert wechat.cancel(order, headers={"If-Match": tag}).json()["state"] == "CANCELLED"

    def test_an_order_whose_time_is_over_can_be_paid(self, wechat: Teller, day: Day) -> None:
        (person,) = people(1)
        order = wechat.open(person).json()
        expiry.expire(at=day.pass_(minutes=31), sources=[])
        expiry.expire(at=day.pass_(hours=25), sources=[])
        assert wechat.get(f"{ORDERS_URL}/{order['order_no']}").json()["state"] == "EXPIRED"
        assert wechat.pay(order).json()["state"] == "PAID"
        kit.books_green()

    def test_orders_of_others_do_not_exist(self, wechat: Teller) -> None:
        (person,) = people(1)
        order = wechat.open(person).json()
        stranger = make_teller("ALIPAY")
        refused(stranger.get(f"{ORDERS_URL}/{order['order_no']}"), 404, "ORDER_UNKNOWN")
        refused(stranger.cancel(order), 404, "ORDER_UNKNOWN")
        refused(stranger.pay(order), 404, "ORDER_UNKNOWN")


def _dead(person: Person) -> None:
    person.death_date = "2024-09-30"  # type: ignore[assignment]
    person.save(update_fields=["death_date"])


def _employee(person: Person) -> None:
    EmployeeSpell.objects.create(person=person, started_on="2024-01-01")


def _ended(person: Person) -> None:
    Enrollment.objects.filter(person=person).update(state="4", ended_on="2024-10-01")


def _aided(person: Person) -> None:
    PersonCategory.objects.create(person=person, category="TEKUN", valid_from="2024-09-01")


def _twice(person: Person) -> None:
    builders.enrol(person, "510100")
    receivables.assess(region_id="510100", year=YEAR, on=DAY.date(), by=None, at=DAY)


def _closed(_person: Person) -> None:
    ChannelTerms.objects.filter(channel="WECHAT").update(enabled=False)


class TestProblems:
    """The problems of the catalogue, with the line they are about."""

    @pytest.mark.parametrize(
        ("prepare", "status", "code"),
        [
            (_dead, 422, "PERSON_DECEASED"),
            (_employee, 422, "EMPLOYEE_ACTIVE"),
            (_ended, 422, "PERSON_NOT_FOUND"),
            (_aided, 409, "ALREADY_PAID"),
            (_twice, 409, "MULTI_RECEIVABLE"),
            (_closed, 422, "CHANNEL_CLOSED"),
        ],
    )
    def test_of_one_of_two(self, wechat: Teller, prepare: Any, status: int, code: str) -> None:
        first, second = people(2)
        with audit.acting(by=None, why="a test's trouble"):
            prepare(second)
        body = refused(wechat.open(first, second), status, code)
        where = {one["pointer"] for one in body["errors"]}
        assert where == ({"/lines/0"} if code == "CHANNEL_CLOSED" else {"/lines/1"})
        assert "resolvers" in body["details"]
        assert not Hold.objects.exists()

    def test_an_open_order_elsewhere(self, wechat: Teller) -> None:
        """P16: the channel and the time are told; whose order it is stays with the bureau."""
        (person,) = people(1)
        number = wechat.open(person).json()["order_no"]
        body = refused(make_teller("ALIPAY").open(person), 409, "OPEN_ORDER")
        assert (body["details"]["number"], body["details"]["channel"]) == ("P16", "WECHAT")
        assert number not in str(body)

    def test_an_order_that_is_asked_about(self, wechat: Teller, day: Day) -> None:
        (person,) = people(1)
        wechat.open(person)
        expiry.expire(at=day.pass_(minutes=31), sources=[])
        refused(wechat.open(person), 409, "TX_LOCKED")

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"id_number": "450802199008150014"}, "/lines/0/id_number"),
            ({"id_number": "１２"}, "/lines/0/id_number"),
        ],
    )
    def test_a_number_that_cannot_be(self, wechat: Teller, change: dict[str, str], where: str) -> None:
        """P14."""
        (person,) = people(1)
        content = order_of(person)
        content["lines"][0] |= change
        body = refused(wechat.post(ORDERS_URL, content), 422, "INPUT_FORMAT")
        assert body["errors"][0]["pointer"] == where

    def test_strangers_all_look_the_same(self, wechat: Teller) -> None:
        """An unknown number, a wrong name, somebody of another region: one answer; nothing can be found out."""
        (person,) = people(1)
        (away,) = people(1, "510100")
        unknown = builders.id_number()
        answers = []
        for number, name in ((unknown, "张三"), (person.id_number, "错名"), (away.id_number, away.name)):
            content = order_of(person)
            content["lines"][0] |= {"id_number": number, "name": name}
            answers.append(refused(wechat.post(ORDERS_URL, content), 422, "PERSON_NOT_FOUND"))
        assert answers[0] == answers[1] == answers[2]
        asked = [wechat.status(person, id_number=number).json() for number in (unknown, away.id_number)]
        assert asked[0] == asked[1]
        assert (asked[0]["registered"], asked[0]["problems"][0]["code"]) == (False, "PERSON_NOT_FOUND")

    def test_waiting_needs_consent(self, wechat: Teller, day: Day) -> None:
        """P22: the first day is told with the refusal; with the consent the order says it again."""
        (person,) = people(1)
        day.pass_(days=151)
        body = refused(wechat.open(person), 422, "LATE_WAIT")
        assert (body["details"]["start"], body["details"]["wait_months"]) == ("2025-06-11", 3)
        order = wechat.open(person, consent=["LATE_WAIT"]).json()
        assert (order["lines"][0]["cover_start"], order["consent"]) == ("2025-06-11", ["LATE_WAIT"])

    def test_cover_for_nothing(self, wechat: Teller, day: Day) -> None:
        """P23: blocked, unless the channel's terms let the payer agree."""
        (person,) = people(1)
        day.pass_(days=406)
        refused(
            wechat.open(person, consent=["LATE_WAIT", "E_WAIT_PAST_YEAR_END"]), 422, "E_WAIT_PAST_YEAR_END"
        )
        ChannelTerms.objects.filter(channel="WECHAT").update(past_year_end=True)
        order = wechat.open(person, consent=["E_WAIT_PAST_YEAR_END"])
        assert order.json()["consent"] == ["E_WAIT_PAST_YEAR_END"]
        refused(wechat.open(people(1)[0]), 422, "E_WAIT_PAST_YEAR_END")

    def test_regions_of_others(self, day: Day) -> None:
        """Who is registered here may be due elsewhere: that is the other region's partners' to collect."""
        (person,) = people(1)
        with audit.acting(by=None, why="moved"):
            _twice(person)
        teller = make_teller()
        content = order_of(person)
        content["lines"][0]["region"] = "510100"
        refused(teller.post(ORDERS_URL, content), 403, "region_not_yours")
        content["lines"][0]["region"] = REGION
        assert teller.post(ORDERS_URL, content).status_code == 201

    def test_the_same_person_twice(self, wechat: Teller) -> None:
        (person,) = people(1)
        assert refused(wechat.open(person, person), 422, "ORDER_EMPTY")["errors"][0]["pointer"] == "/lines"

    def test_a_credit_card(self, wechat: Teller) -> None:
        """P18."""
        (person,) = people(1)
        refused(wechat.open(person, card_type="CREDIT"), 422, "CARD_TYPE_UNSUPPORTED")

    def test_a_sixth_person(self, wechat: Teller) -> None:
        """P20."""
        family = people(6)
        assert refused(wechat.open(*family), 422, "PAYER_LIMIT")["details"]["most"] == 5


class TestChannels:
    """Whose channel it is."""

    def test_partners_of_several_channels_say_which(self, day: Day) -> None:
        (person,) = people(1)
        teller = make_teller("NHSA_APP", "FAMILY_SHARE")
        refused(teller.open(person), 422, "CHANNEL_NOT_NAMED")
        refused(teller.open(person, channel="WECHAT"), 403, "channel_not_yours")
        assert teller.open(person, channel="FAMILY_SHARE").json()["channel"] == "FAMILY_SHARE"

    def test_a_channel_for_queries(self, day: Day) -> None:
        """Minzhengtong shows, and takes no money."""
        (person,) = people(1)
        teller = make_teller("MINZHENGTONG")
        assert teller.status(person).json()["registered"]
        refused(teller.open(person), 422, "CHANNEL_CLOSED")
        assert not Order.objects.exists()


def test_duplicates_over_regions_and_channels(day: Day) -> None:
    """The first to arrive carries the year; what arrives later, in whatever region and channel, is a duplicate."""
    (person,) = people(1)
    with audit.acting(by=None, why="moved"):
        _twice(person)
    here, there = make_teller(), make_teller("ALIPAY", regions=("510100",))
    content = order_of(person)
    content["lines"][0]["region"] = REGION
    first = here.post(ORDERS_URL, content).json()
    here.cancel(first)
    content["lines"][0]["region"] = "510100"
    second = there.post(ORDERS_URL, content).json()
    there.pay(second)
    assert here.pay(first, "S2").json()["lines"][0]["booked"] == "DUPLICATE"
    assert (Payment.objects.get().region_id, DuplicatePayment.objects.get().region_id) == ("510100", REGION)
    kit.books_green()

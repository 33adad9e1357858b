"""Village agents: numbered receipts, each once; cash posted as an order of the day it was paid; hand-overs; daily lists."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bureau import attachments, audit, clock
from bureau.access import NotAllowed, OutOfScope
from bureau.sheets.refusals import HeaderMissing
from enrollment.models import Coverage
from payments.models import (
    CashHandover,
    CashReceipt,
    Hold,
    Order,
    Payment,
    ReceiptBook,
    VillageAgent,
)
from payments.services import agents, cashlists
from payments.services.agents import Insured
from payments.services.orders import OrderRefused
from tests import builders
from tests.bureau.desk_world import client_of
from tests.bureau.drawings import picture
from tests.payments import kit
from tests.payments.test_orders import people

pytestmark = pytest.mark.django_db
AT = datetime(2024, 10, 20, 2, 0, tzinfo=UTC)
PAID = date(2024, 10, 18)
REGION, YEAR = kit.REGION, kit.YEAR


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path


class Desk:
    """An agent with a book A 1–50, a clerk, a supervisor."""

    def __init__(self) -> None:
        with audit.acting(by=None, why="a test's staff"):
            self.clerk = builders.make_staff("clerk")
            self.supervisor = builders.make_staff("supervisor")
        self.agent = agents.open_agent(
            code="NJ-01",
            name="韦大姐",
            phone="",
            region_id=REGION,
            village="南江村",
            by=self.supervisor,
            at=AT,
        )
        self.book = agents.hand_out(
            agent_id=self.agent.pk, series="A", first=1, last=50, by=self.supervisor, at=AT
        )

    def key(self, number: int, *persons: Any, **changes: Any) -> CashReceipt:
        """Key in a receipt for ``persons``."""
        values: dict[str, Any] = {
            "agent_id": self.agent.pk, "receipt": ("A", number), "year": YEAR,
            "insured": [Insured(one.id_number, one.name) for one in persons],
            "amount": Decimal(400) * len(persons), "paid_on": PAID, "consent": False, "by": self.clerk, "at": AT,
        }  # fmt: skip
        return agents.key_in(**(values | changes))


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestReceipts:
    def test_a_family_pays_cash(self, desk: Desk) -> None:
        """Booked on the day the cash was paid, by the services of the orders; cover follows; the books are green."""
        family = people(2)
        made = desk.key(1, *family)
        assert (str(made), made.amount, made.order and made.order.state) == ("A00000001", 800, "PAID")
        rows = Payment.objects.order_by("pk")
        assert [(row.channel, row.channel_serial, row.debited_on) for row in rows] == [
            ("VILLAGE", "A00000001", PAID)
        ] * 2
        assert (Coverage.objects.count(), Hold.objects.count()) == (2, 0)
        kit.books_green()

    def test_a_number_is_used_once(self, desk: Desk) -> None:
        first, second = people(2)
        desk.key(1, first)
        with pytest.raises(agents.ReceiptUsed):
            desk.key(1, second)
        with pytest.raises(agents.ReceiptUsed):
            agents.spoil(agent_id=desk.agent.pk, receipt=("A", 1), reason="wet", by=desk.clerk, at=AT)
        assert Payment.objects.count() == 1

    @pytest.mark.parametrize("receipt", [("A", 51), ("B", 1), ("A", 0)])
    def test_numbers_of_no_book(self, desk: Desk, receipt: tuple[str, int]) -> None:
        (person,) = people(1)
        with pytest.raises(agents.ReceiptForeign):
            desk.key(1, person, receipt=receipt)

    def test_nothing_is_half_done(self, desk: Desk) -> None:
        """Wrong amount, wrong name, somebody who paid already: nothing is posted, the number stays free."""
        first, second = people(2)
        with pytest.raises(agents.ReceiptAmountDiffers):
            desk.key(1, first, amount=Decimal(380))
        with pytest.raises(agents.ReceiptPersonUnknown):
            desk.key(1, first, insured=[Insured(first.id_number, "李四")])
        desk.key(2, first)
        with pytest.raises(OrderRefused) as caught:
            desk.key(1, first, second)
        assert caught.value.code == "ALREADY_PAID"
        assert (Order.objects.count(), CashReceipt.objects.count(), Hold.objects.count()) == (1, 1, 0)
        kit.books_green()

    @pytest.mark.parametrize("day", [date(2024, 10, 21), date(2024, 8, 1)])
    def test_days(self, desk: Desk, day: date) -> None:
        (person,) = people(1)
        with pytest.raises(agents.ReceiptDay):
            desk.key(1, person, paid_on=day)

    def test_cash_of_this_morning(self, desk: Desk) -> None:
        """Before noon the moment is now."""
        (person,) = people(1)
        early = datetime(2024, 10, 20, 0, 30, tzinfo=UTC)
        assert desk.key(1, person, paid_on=date(2024, 10, 20), at=early).order.debited_at == early  # type: ignore[union-attr]

    def test_who_may(self, desk: Desk) -> None:
        (person,) = people(1)
        with pytest.raises(OutOfScope):
            desk.key(1, person, by=builders.make_staff("clerk", "510000"))
        with pytest.raises(NotAllowed):
            desk.key(1, person, by=builders.make_staff("auditor"))
        with pytest.raises(NotAllowed):
            agents.hand_out(agent_id=desk.agent.pk, series="Z", first=1, last=2, by=desk.clerk, at=AT)
        with pytest.raises(agents.BookOverlaps):
            agents.hand_out(agent_id=desk.agent.pk, series="A", first=50, last=99, by=desk.supervisor, at=AT)
        with pytest.raises(agents.AgentCodeTaken):
            agents.open_agent(
                code="NJ-01", name="x", phone="", region_id=REGION, village="x", by=desk.supervisor, at=AT
            )
        VillageAgent.objects.update(active=False)
        with pytest.raises(agents.AgentInactive):
            desk.key(1, person)

    def test_missing_numbers(self, desk: Desk) -> None:
        """Below the last one used, neither keyed in nor spoilt."""
        first, second = people(2)
        desk.key(2, first)
        desk.key(5, second)
        agents.spoil(agent_id=desk.agent.pk, receipt=("A", 3), reason="写错", by=desk.clerk, at=AT)
        assert agents.missing(desk.agent.pk) == ["A00000001", "A00000004"]


class TestHandOver:
    def test_balance(self, desk: Desk) -> None:
        """What is short stays owed, what is over is the agent's credit; each difference has its note."""
        first, second = people(2)
        desk.key(1, first)
        desk.key(2, second)
        values: dict[str, Any] = {"agent_id": desk.agent.pk, "by": desk.clerk, "at": AT}
        with pytest.raises(agents.HandoverMoved):
            agents.hand_over(expected=Decimal(400), counted=Decimal(400), note="", **values)
        with pytest.raises(agents.HandoverUnexplained):
            agents.hand_over(expected=Decimal(800), counted=Decimal(790), note=" ", **values)
        agents.hand_over(expected=Decimal(800), counted=Decimal(790), note="少10元，次日补交", **values)
        assert agents.balance(desk.agent.pk) == 10
        agents.hand_over(expected=Decimal(10), counted=Decimal(10), note="", **values)
        assert agents.balance(desk.agent.pk) == 0
        assert list(CashHandover.objects.order_by("nth").values_list("nth", "counted")) == [(1, 790), (2, 10)]


def book(path: Path, rows: list[list[Any]]) -> Path:
    """A workbook with these rows."""
    made = openpyxl.Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    made.save(path)
    return path


HEAD = ["票据号", "证件号码", "姓名", "金额", "缴费日期"]


class TestList:
    def take(self, desk: Desk, path: Path) -> list[tuple[Any, ...]]:
        taken = cashlists.take(path=path, agent_id=desk.agent.pk, year=YEAR, by=desk.clerk, at=AT)
        return [(one.receipt, one.error.code if one.error else "", one.again) for one in taken.outcomes]

    def test_receipt_by_receipt(self, desk: Desk, tmp_path: Path) -> None:
        """Rows of a receipt are one order; a bad receipt never stops a good one; the same list again changes nothing."""
        one, two, three, four = people(4)
        day = PAID.isoformat()
        rows: list[list[Any]] = [
            HEAD,
            ["A00000001", one.id_number, one.name, "400.00", day],
            ["A00000001", two.id_number, two.name, "400.00", day],
            ["A00000002", three.id_number, "李四", "400.00", day],
            ["A00000003", three.id_number, three.name, "380.00", day],
            ["A3", three.id_number, three.name, "400.00", day],
            ["B00000001", three.id_number, three.name, "400.00", day],
            ["A00000004", four.id_number, four.name, "400.00", day],
            ["A00000005", float(three.id_number[:15]), three.name, "400.00", day],
        ]
        path = book(tmp_path / "l.xlsx", rows)
        first = self.take(desk, path)
        assert first == [
            ("A00000001", "", False),
            ("A00000002", "RECEIPT_PERSON_UNKNOWN", False),
            ("A00000003", "RECEIPT_AMOUNT_DIFFERS", False),
            ("", "CELL_RECEIPT", False),
            ("B00000001", "RECEIPT_FOREIGN", False),
            ("A00000004", "", False),
            ("A00000005", "CELL_NUMBER", False),
        ]
        assert Payment.objects.count() == 3
        again = self.take(desk, path)
        assert [(receipt, known) for receipt, _code, known in again if known] == [
            ("A00000001", True),
            ("A00000004", True),
        ]
        assert (Payment.objects.count(), CashReceipt.objects.count()) == (3, 2)
        kit.books_green()

    def test_a_list_without_days(self, desk: Desk, tmp_path: Path) -> None:
        """Today's."""
        (one,) = people(1)
        path = book(tmp_path / "l.xlsx", [HEAD[:4], ["A00000001", one.id_number, one.name, "400.00"]])
        assert self.take(desk, path) == [("A00000001", "", False)]
        assert Payment.objects.get().debited_on == date(2024, 10, 20)

    def test_two_days_on_a_receipt(self, desk: Desk, tmp_path: Path) -> None:
        one, two = people(2)
        rows: list[list[Any]] = [
            HEAD,
            ["A00000001", one.id_number, one.name, "400.00", "2024-10-18"],
            ["A00000001", two.id_number, two.name, "400.00", "2024-10-19"],
        ]
        assert self.take(desk, book(tmp_path / "l.xlsx", rows)) == [
            ("A00000001", "RECEIPT_DAYS_DIFFER", False)
        ]

    def test_no_such_list(self, desk: Desk, tmp_path: Path) -> None:
        with pytest.raises(HeaderMissing):
            self.take(desk, book(tmp_path / "l.xlsx", [["票据号"], ["A00000001"]]))


class TestPages:
    """A clerk keys in, imports, counts; a supervisor opens agents and hands out books."""

    def test_a_list_is_looked_at_before_it_is_posted(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Good and bad receipts by line; nothing is posted by looking; then the good ones go on, and only of this agent."""
        monkeypatch.setattr("bureau.clock.now", lambda: AT)
        one, two = people(2)
        here, client = f"/desk/payments/villageagent/{desk.agent.pk}/list/", client_of(desk.clerk)
        rows: list[list[Any]] = [
            HEAD[:4],
            ["A00000001", one.id_number, one.name, "400.00"],
            ["A00000002", two.id_number, "李四", "400.00"],
        ]
        with book(tmp_path / "l.xlsx", rows).open("rb") as file:
            said = client.post(here, {"year": YEAR, "file": file}).content.decode()
        assert ("可入账" in said, "未入账" in said, CashReceipt.objects.exists()) == (True, True, False)
        kept = re.findall(r'name="kept" value="([^"]+)"', said)[0]
        assert "未入账" not in client.post(here, {"kept": kept[:-2]}).content.decode()
        assert not CashReceipt.objects.exists()
        said = client.post(here, {"kept": kept}).content.decode()
        assert [str(made) for made in CashReceipt.objects.all()] == ["A00000001"]
        assert ("已入账" in said, "未入账" in said, 'name="kept"' in said) == (True, True, False)
        kit.books_green()

    def test_a_day(self, desk: Desk, tmp_path: Path) -> None:
        one, two = people(2)
        here = f"/desk/payments/villageagent/{desk.agent.pk}/"
        client = client_of(desk.clerk)
        today = clock.today()
        sent = {"receipt": "A-00000001", "paid_on": str(today), "year": YEAR, "amount": "400.00",
                "id_1": one.id_number, "name_1": "李四"}  # fmt: skip
        said = client.post(f"{here}receipt/", sent).content.decode()
        assert "证件号码和姓名" in said
        said = client.post(f"{here}receipt/", sent | {"receipt": "1"}).content.decode()
        assert "不是票据号" in said
        rows: list[list[Any]] = [HEAD[:4], ["A00000009", two.id_number, "李四", "400.00"]]
        with book(tmp_path / "l.xlsx", rows).open("rb") as file:
            said = client.post(f"{here}list/", {"year": YEAR, "file": file}).content.decode()
        assert "未入账" in said
        assert 'name="kept"' not in said
        desk.key(2, one)
        page = client.get(f"{here}change/").content.decode()
        assert ("400.00" in page, "A00000001" in page) == (True, True)
        client.post(f"{here}handover/", {"expected": "400.00", "counted": "399.00", "note": "少1元"})
        assert agents.balance(desk.agent.pk) == 1
        client.post(f"{here}spoil/", {"receipt": "A00000001", "reason": "写错"})
        assert agents.missing(desk.agent.pk) == []
        made = CashReceipt.objects.get(number=2)
        stub = SimpleUploadedFile("存根.jpg", picture())
        client.post(f"/desk/payments/cashreceipt/{made.pk}/stub/", {"stub": stub})
        assert attachments.of(made).get().kind == "STUB"
        assert "存根" in client.get(f"/desk/payments/cashreceipt/{made.pk}/change/").content.decode()
        assert client.post(f"{here}book/", {}).status_code == 403
        manager = client_of(desk.supervisor)
        manager.post(f"{here}book/", {"series": "B", "first": 1, "last": 100})
        assert ReceiptBook.objects.get(series="B").last == 100
        new = {"region": REGION, "code": "NJ-02", "name": "黄伯", "village": "北江村"}
        manager.post("/desk/payments/villageagent/open/", new)
        assert VillageAgent.objects.get(code="NJ-02").village == "北江村"


def test_late_cash_needs_consent(desk: Desk) -> None:
    """P22: paid after the window; the payer was told of the wait, or nothing is posted."""
    (person,) = people(1)
    late = datetime(2025, 3, 12, 2, 0, tzinfo=UTC)
    values: dict[str, Any] = {"paid_on": date(2025, 3, 10), "at": late}
    with pytest.raises(OrderRefused) as caught:
        desk.key(1, person, **values)
    assert caught.value.code == "LATE_WAIT"
    desk.key(1, person, consent=True, **values)
    assert Coverage.objects.get().start == date(2025, 3, 10) + timedelta(days=93)

"""Vouchers: numbered without gaps, issued when their time has come, printed after a look at the document, cancelled."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from django.test import Client

from bureau.access import NotAllowed, OutOfScope
from bureau.models import ApiRate, ExportRecord
from payments import voucherpdf
from payments.api.vouchers import VOUCHERS
from payments.models import (
    Payment,
    Receivable,
    SettlementLine,
    Voucher,
    VoucherBatch,
    VoucherCancellation,
    VoucherPart,
    VoucherPrint,
    VoucherSeries,
)
from payments.models.settlement import Ours, Side, Turn
from payments.services import orderpayments, voucherbatches, vouchers
from payments.states import VOUCHER_BATCH_MOVES, Outcome, VoucherBatchState
from tests import builders
from tests.bureau.desk_world import client_of
from tests.bureau.partner_world import make_caller
from tests.payments import bookbuilders, paper, test_orders
from tests.payments.bookbuilders import AT
from tests.payments.racing import race

READY = AT + timedelta(hours=2)
REGION, YEAR = builders.GUIGANG, bookbuilders.YEAR
BASE = "https://ybj.example.cn"


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Any) -> None:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path


def paid(count: int = 1, region: str = REGION, **fields: Any) -> list[Payment]:
    """Payments at the counter, posted at AT."""
    due = [bookbuilders.assess(region, **fields) for _ in range(count)]
    return [bookbuilders.pay_at_counter(one, f"S{one.pk}") for one in due]


def reverse(payment: Payment) -> None:
    """The channel takes it back."""
    bookbuilders.Reversal.objects.create(
        line_id=payment.pk, region_id=payment.region_id, person_id=payment.person_id, payment_id=payment.pk,
        receivable_id=payment.receivable_id, amount=payment.amount, reversed_on=date(2025, 1, 20), posted_at=AT,
    )  # fmt: skip


def numbers(region: str = REGION) -> list[int]:
    return sorted(Voucher.objects.filter(region_id=region).values_list("number", flat=True))


class TestIssue:
    def test_numbers_follow_each_other(self, db: None) -> None:
        """Each region has its own series; whoever comes later goes on, and nothing is issued twice."""
        paid(3)
        paid(2, "510000")
        assert vouchers.issue_due(at=READY) == 5
        assert (numbers(), numbers("510000")) == ([1, 2, 3], [1, 2])
        paid(2)
        assert vouchers.issue_due(at=READY) == 2
        assert vouchers.issue_due(at=READY) == 0
        assert numbers() == [1, 2, 3, 4, 5]
        assert str(Voucher.objects.get(region_id=REGION, number=5)) == "450800-2025-00000005"

    def test_in_chunks(self, db: None) -> None:
        paid(5)
        made = [vouchers.issue(region_id=REGION, year=YEAR, at=READY, most=2) for _ in range(4)]
        assert (made, numbers()) == ([2, 2, 1, 0], [1, 2, 3, 4, 5])

    def test_the_delay_is_the_regions(self, db: None) -> None:
        """Two hours by default, 72 in Inner Mongolia: P26 says from when on."""
        (one,) = paid()
        (far,) = paid(region="150000")
        early = READY - timedelta(minutes=1)
        assert vouchers.issue_due(at=early) == 0
        with pytest.raises(vouchers.VoucherNotReady) as refused:
            vouchers.of_payment(payment_id=one.pk, at=early)
        assert (refused.value.code, refused.value.params) == (
            "VOUCHER_NOT_READY",
            {"time": "2025-01-20 12:00"},
        )
        with pytest.raises(vouchers.VoucherNotReady):
            vouchers.of_payment(payment_id=far.pk, at=AT + timedelta(hours=71))
        assert vouchers.issue_due(at=AT + timedelta(hours=71)) == 1
        assert vouchers.issue_due(at=AT + timedelta(hours=72)) == 1

    def test_money_taken_back_has_none(self, db: None) -> None:
        """Before: none is issued. After: the voucher is cancelled and marked, once."""
        before, after = paid(2)
        reverse(before)
        assert vouchers.issue_due(at=READY) == 1
        reverse(after)
        assert vouchers.issue_due(at=READY) == 0
        assert VoucherCancellation.objects.get().reason == "REVERSED"
        assert vouchers.cancel_reversed(at=READY) == 0
        for payment in (before, after):
            with pytest.raises(vouchers.VoucherCancelled):
                vouchers.of_payment(payment_id=payment.pk, at=READY)

    def test_a_refund_cancels(self, db: None) -> None:
        """What refunds call: with or without a voucher, once."""
        first, second = paid(2)
        vouchers.of_payment(payment_id=first.pk, at=READY)
        keys = [first.pk, second.pk]
        for new in (2, 0):
            assert new == vouchers.cancel(
                payment_ids=keys, reason="REFUNDED", reference="T-1", by=None, at=READY
            )
        assert vouchers.issue_due(at=READY) == 0
        assert set(VoucherCancellation.objects.values_list("reason", "reference")) == {("REFUNDED", "T-1")}

    def test_a_rollback_leaves_no_gap(self, db: None) -> None:
        first, second = paid(2)
        with transaction.atomic():
            vouchers.of_payment(payment_id=first.pk, at=READY)
            transaction.set_rollback(True)
        assert str(vouchers.of_payment(payment_id=second.pk, at=READY)).endswith("00000001")

    def test_everybody_at_once(self, committed: None) -> None:
        """Batches and single ones on four connections: no gap, no double."""
        made = paid(40)
        jobs = [
            lambda: vouchers.issue(region_id=REGION, year=YEAR, at=READY, most=7),
            lambda: [vouchers.of_payment(payment_id=one.pk, at=READY) for one in made[:20]],
            lambda: [vouchers.of_payment(payment_id=one.pk, at=READY) for one in reversed(made)],
            lambda: vouchers.issue_due(at=READY),
        ]
        assert [one for one in race(*jobs) if isinstance(one, Exception)] == []
        assert numbers() == list(range(1, 41))
        assert VoucherSeries.objects.get(region_id=REGION, benefit_year=YEAR).last == 40


def issued(name: str = "张三") -> Voucher:
    (payment,) = paid(name=name)
    return vouchers.of_payment(payment_id=payment.pk, at=READY)


class TestPaper:
    def test_what_stands_on_it(self, db: None) -> None:
        """Insured, year, amount, channel, debit and treasury dates; no whole ID number."""
        voucher = issued("阿卜杜·热合曼")
        (said,) = vouchers.contents([voucher])
        text = paper.text_of(voucherpdf.render(said, BASE))
        for part in (
            "阿卜杜·热合曼", "450800-2025-00000001", "2025", "¥400.00", "肆佰元整", "银行柜面", "2025-01-15", "贵港市",
            "国库尚未反馈",
        ):  # fmt: skip
            assert part in text, (part, text)
        person = Payment.objects.get(pk=voucher.pk).person
        assert person.id_number not in text
        assert "作废" not in text

    def test_the_treasury_date(self, db: None) -> None:
        """As the treasury's own settlement tells it."""
        voucher = issued()
        SettlementLine.objects.create(
            id=7 * 10**8 + 1, region_id=REGION, side=Side.TREASURY, day=date(2025, 1, 17), outcome=Outcome.MATCHED,
            turn=Turn.RECEIPT, amount=Decimal("400.00"), happened_on=date(2025, 1, 17), ours_kind=Ours.PAYMENT,
            ours_id=voucher.pk, ours_amount=Decimal("400.00"), ours_on=date(2025, 1, 15),
        )  # fmt: skip
        (said,) = vouchers.contents([voucher])
        assert "2025-01-17" in paper.text_of(voucherpdf.render(said, BASE))

    def test_a_cancelled_one_is_marked(self, db: None) -> None:
        voucher = issued()
        vouchers.cancel(payment_ids=[voucher.pk], reason="REFUNDED", reference="T-1", by=None, at=READY)
        (said,) = vouchers.contents([voucher])
        assert "已作废" in paper.text_of(voucherpdf.render(said, BASE))

    def test_rare_characters(self, db: None) -> None:
        """What the font has is printed (䶮, 㛃, 𫍯); what it lacks (𠮷) is written as its code point and reported."""
        (said,) = vouchers.contents([issued("䶮㛃𫍯𠮷")])
        assert (voucherpdf.unprintable("䶮㛃𫍯"), voucherpdf.unprintable(said.name)) == ("", "𠮷")
        text = paper.text_of(voucherpdf.render(said, BASE))
        assert "䶮㛃𫍯[U+20BB7]" in text
        assert "字库缺少" in text
        printed = voucherpdf.print_part([said], BASE)
        assert (printed.pages, list(printed.unprintable)) == (0, [(said.number, "𠮷")])

    def test_the_longest_name(self, db: None) -> None:
        """Eighty characters are written smaller, not cut."""
        (said,) = vouchers.contents([issued("古" * 79 + "丽")])
        assert "古古古丽" in paper.text_of(voucherpdf.render(said, BASE)).replace("\r\n", "")


class TestVerification:
    def asked(self, voucher: Voucher, **changes: Any) -> bool:
        (said,) = vouchers.contents([voucher])
        values: dict[str, Any] = {
            "number": said.number,
            "code": said.code,
            "name": said.name,
            "amount": said.amount,
        }
        return vouchers.matches(**(values | changes))

    def test_the_code_leads_to_the_page_that_says_match(self, db: None) -> None:
        """The whole way, with the code as a telephone reads it from the paper."""
        (said,) = vouchers.contents([issued()])
        address = urlsplit(paper.code_of(voucherpdf.render(said, BASE)))
        assert f"{address.scheme}://{address.netloc}" == BASE
        client = Client()
        shown = client.get(f"{address.path}?{address.query}")
        page = shown.content.decode()
        assert (shown.status_code, said.number in page, "张三" in page, "400.00" in page) == (
            200,
            True,
            False,
            False,
        )
        carried = {key: value[0] for key, value in parse_qs(address.query).items()}
        sent = {"number": carried["n"], "code": carried["c"], "name": "张三", "amount": "400.00"}
        assert "desk-answer-yes" in client.post(address.path, sent).content.decode()
        wrong = client.post(address.path, sent | {"name": "李四"}).content.decode()
        assert ("desk-answer-no" in wrong, "张三" in wrong) == (True, False)

    def test_what_matches(self, db: None) -> None:
        """Blanks, dots and letter case do not matter; anything else does."""
        voucher = issued("阿卜杜·热合曼")
        (said,) = vouchers.contents([voucher])
        spaced = " ".join(said.code[nth : nth + 4] for nth in range(0, 16, 4)).lower()
        assert self.asked(voucher)
        assert self.asked(voucher, code=spaced, name="阿卜杜•热合曼 ")
        other = issued()
        for changes in (
            {"name": "阿卜杜"},
            {"amount": Decimal("400.01")},
            {"code": "A" * 16},
            {"code": "é"},
            {"number": str(other)},
            {"number": "450800-2025-00000099"},
            {"number": "１"},
            {"number": "x"},
        ):
            assert not self.asked(voucher, **changes), changes

    def test_a_character_that_the_font_lacks(self, db: None) -> None:
        """Either the character or what is printed in its place."""
        voucher = issued("王𠮷")
        assert self.asked(voucher)
        assert self.asked(voucher, name="王[U+20BB7]")

    def test_a_cancelled_one_does_not_match(self, db: None) -> None:
        voucher = issued()
        vouchers.cancel(payment_ids=[voucher.pk], reason="REFUNDED", reference="", by=None, at=READY)
        assert not self.asked(voucher)

    def test_earlier_secrets_count(self, db: None, settings: Any) -> None:
        """A new secret: paper printed before is still good."""
        voucher = issued()
        (said,) = vouchers.contents([voucher])
        settings.VOUCHER_SECRETS = ["x" * 50, *settings.VOUCHER_SECRETS]
        assert self.asked(voucher, code=said.code)
        settings.VOUCHER_SECRETS = ["x" * 50]
        assert not self.asked(voucher, code=said.code)

    def test_nobody_asks_without_end(self, db: None) -> None:
        """Twenty questions a minute from one address."""
        client, sent = Client(), {"number": "x", "code": "x", "name": "x", "amount": "1"}
        assert "desk-answer-no" in client.post("/voucher/", sent).content.decode()
        ApiRate.objects.update(hits=20)
        refused = client.post("/voucher/", sent)
        assert (refused.status_code, "desk-answer" in refused.content.decode()) == (429, False)

    def test_odd_questions(self, db: None) -> None:
        client = Client()
        assert client.post("/voucher/", {}).status_code == 200
        assert client.post("/voucher/", {"amount": "1e400", "name": "x" * 500}).status_code == 200
        assert client.get("/voucher/?n=%00").status_code == 400


class TestHall:
    """Paper at the hall: a look at the document, a count, one effect."""

    def printed(self, voucher: Voucher, **changes: Any) -> VoucherPrint:
        person = Payment.objects.get(pk=voucher.pk).person
        values: dict[str, Any] = {
            "payment_id": voucher.pk, "nth": 1, "id_type": "01", "id_number": person.id_number, "collector": "",
            "by": self.clerk, "at": READY,
        }  # fmt: skip
        return vouchers.print_paper(**(values | changes))

    @pytest.fixture(autouse=True)
    def people(self, db: None) -> None:
        self.clerk = builders.make_staff("clerk")

    def test_prints_are_counted(self) -> None:
        voucher = issued()
        first = self.printed(voucher)
        assert (first.nth, self.printed(voucher).pk) == (1, first.pk)
        second = self.printed(voucher, nth=2, collector="李四", by=builders.make_staff("tax_officer"))
        assert (second.nth, second.collector, VoucherPrint.objects.count()) == (2, "李四", 2)

    def test_two_at_one_counter(self) -> None:
        """The form of another clerk was older: both prints are noted."""
        voucher = issued()
        self.printed(voucher)
        assert self.printed(voucher, by=builders.make_staff("clerk")).nth == 2

    def test_another_persons_document(self) -> None:
        voucher = issued()
        with pytest.raises(vouchers.DocumentDiffers):
            self.printed(voucher, id_number=builders.make_person().id_number)
        with pytest.raises(vouchers.DocumentDiffers):
            self.printed(voucher, id_number=builders.id_number())
        assert not VoucherPrint.objects.exists()

    def test_who_may(self) -> None:
        voucher = issued()
        with pytest.raises(OutOfScope):
            self.printed(voucher, by=builders.make_staff("clerk", "510000"))
        with pytest.raises(NotAllowed):
            self.printed(voucher, by=builders.make_staff("auditor"))

    def test_the_pages(self) -> None:
        """From the voucher's page to the paper in the browser; the number is checked against the register."""
        voucher = issued()
        client = client_of(self.clerk)
        here = f"/desk/payments/voucher/{voucher.pk}/"
        assert f"{here}print/" in client.get(f"{here}change/").content.decode()
        electronic = client.get(f"{here}pdf/")
        assert electronic.headers["Content-Type"] == "application/pdf"
        assert "纸质打印" not in paper.text_of(electronic.content)
        sent = {"id_type": "01", "id_number": builders.id_number(), "nth": 1}
        assert "不是参保人本人" in client.post(f"{here}print/", sent).content.decode()
        number = Payment.objects.get(pk=voucher.pk).person.id_number
        done = client.post(f"{here}print/", sent | {"id_number": number})
        assert "纸质打印第1次" in paper.text_of(done.content)
        page = client.get(f"{here}change/").content.decode()
        assert number not in page
        assert client_of(builders.make_staff("auditor")).post(f"{here}print/", sent).status_code == 403


class TestChannel:
    """GET /api/v1/payments/{no}/voucher."""

    def test_the_partners_own(self, db: None) -> None:
        caller = make_caller(code="wx", scopes=[VOUCHERS])
        (person,) = test_orders.people(1)
        order = test_orders.pay(test_orders.open_for(person))
        payment = Payment.objects.get(person=person)
        where = f"/api/v1/payments/{payment.pk}/voucher"
        answer = caller.get(where)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert order.channel == "WECHAT"
        assert "微信" in paper.text_of(answer.content)
        stranger = make_caller(code="ali", scopes=[VOUCHERS])
        assert (stranger.get(where).status_code, stranger.get(where).json()["code"]) == (
            404,
            "PAYMENT_UNKNOWN",
        )
        orders_only = make_caller(code="no-scope")
        assert orders_only.get(where).status_code == 403
        vouchers.cancel(payment_ids=[payment.pk], reason="REFUNDED", reference="", by=None, at=READY)
        assert (caller.get(where).status_code, caller.get(where).json()["code"]) == (409, "VOUCHER_CANCELLED")

    def test_too_early(self, db: None) -> None:
        """Fresh money: the answer says from when on."""
        caller = make_caller(code="wx", scopes=[VOUCHERS])
        (person,) = test_orders.people(1)
        test_orders.pay(test_orders.open_for(person))
        payment = Payment.objects.get(person=person)
        with pytest.raises(vouchers.VoucherNotReady):
            vouchers.of_payment(payment_id=payment.pk, at=test_orders.LATER, client="wx")
        assert caller.get("/api/v1/payments/1/voucher").status_code == 404

    @pytest.mark.parametrize("number", ["0", "-1", "x", "９", "9" * 19, "9" * 400, "1e5"])
    def test_odd_numbers(self, db: None, number: str) -> None:
        assert make_caller(scopes=[VOUCHERS]).get(f"/api/v1/payments/{number}/voucher").status_code == 404


class TestBatch:
    """One task for many, part by part, stopped and resumed."""

    @pytest.fixture(autouse=True)
    def people(self, db: None) -> None:
        self.clerk = builders.make_staff("clerk")

    def made(self, count: int = 7, names: dict[int, str] | None = None) -> VoucherBatch:
        for nth in range(1, count + 1):
            paid(name=(names or {}).get(nth, "张三"))
        vouchers.issue_due(at=READY)
        return voucherbatches.create(
            region_id=REGION, year=YEAR, first=1, last=count, address=BASE, by=self.clerk, at=READY
        )

    def run(self, batch: VoucherBatch, printer: Any = voucherpdf.print_part) -> VoucherBatch:
        return voucherbatches.process(batch_id=batch.pk, printer=printer, at=READY, part=3)

    def test_to_the_end(self) -> None:
        """Parts hold consecutive numbers; cancelled ones are left out, names that cannot be written reported."""
        batch = self.made(names={4: "王𠮷"})
        gone = Voucher.objects.get(number=2)
        vouchers.cancel(payment_ids=[gone.pk], reason="REFUNDED", reference="", by=None, at=READY)
        done = self.run(batch)
        assert (done.state, done.reached, done.printed, done.left_out) == ("DONE", 7, 5, 1)
        assert done.unprintable == [["450800-2025-00000004", "𠮷"]]
        parts = list(batch.parts.values_list("first", "last", "pages"))
        assert parts == [(1, 3, 2), (4, 6, 2), (7, 7, 1)]
        content = voucherbatches.read(VoucherPart.objects.get(first=4))
        assert paper.pages_of(content) == 2
        assert "450800-2025-00000005" in paper.text_of(content)
        assert paper.code_of(content, 1).startswith(f"{BASE}/voucher/?n=450800-2025-00000006&c=")
        assert voucherbatches.waiting() == []

    def test_stopped_and_resumed(self) -> None:
        """The part in work is thrown away; resumed, the batch goes on behind the last part."""
        batch = self.made()
        seen: list[str] = []

        def printer(contents: Any, base: str) -> Any:
            seen.append(contents[0].number[-1])
            if len(seen) == 2:
                voucherbatches.stop(batch_id=batch.pk, by=self.clerk)
            return voucherbatches.Printed(b"%PDF", len(contents))

        assert (self.run(batch, printer).state, VoucherPart.objects.count()) == ("STOPPED", 1)
        with pytest.raises(voucherbatches.VoucherBatchMoved):
            self.run(batch, printer)
        voucherbatches.resume(batch_id=batch.pk, by=self.clerk)
        assert voucherbatches.waiting() == [batch.pk]
        assert (self.run(batch, printer).state, seen) == ("DONE", ["1", "4", "4", "7"])

    def test_a_printer_that_fails(self) -> None:
        """The next worker goes on behind the last part; after three failures a person looks."""
        batch = self.made()

        def broken(contents: Any, base: str) -> Any:
            raise OSError("paper jam")

        for _attempt in range(3):
            with pytest.raises(OSError, match="paper jam"):
                self.run(batch, broken)
        with pytest.raises(voucherbatches.VoucherBatchMoved):
            self.run(batch, broken)
        batch.refresh_from_db()
        assert batch.state == "PARKED"
        voucherbatches.resume(batch_id=batch.pk, by=self.clerk)
        assert self.run(batch).state == "DONE"

    def test_one_worker_at_a_time(self) -> None:
        batch = self.made(1)

        def printer(contents: Any, base: str) -> Any:
            with pytest.raises(voucherbatches.VoucherBatchBusy):
                self.run(batch)
            return voucherbatches.Printed(b"%PDF", 1)

        assert self.run(batch, printer).state == "DONE"

    @pytest.mark.parametrize("between", [(0, 1), (2, 1), (1, 4), (1, 50_001)])
    def test_ranges(self, between: tuple[int, int]) -> None:
        paid(3)
        vouchers.issue_due(at=READY)
        with pytest.raises(voucherbatches.VoucherRangeEmpty):
            voucherbatches.create(
                region_id=REGION, year=YEAR, first=between[0], last=between[1], address=BASE, by=self.clerk, at=READY
            )  # fmt: skip

    def test_the_pages(self) -> None:
        """Asked for, watched, its file fetched by POST and entered in the export register."""
        batch = self.made(2)
        client = client_of(self.clerk)
        form = {"region": REGION, "year": YEAR, "first": 1, "last": 2}
        answer = client.post("/desk/payments/voucherbatch/create/", form)
        made = VoucherBatch.objects.exclude(pk=batch.pk).get()
        here = f"/desk/payments/voucherbatch/{made.pk}/"
        assert answer.headers["Location"] == f"{here}change/"
        assert client.get(f"{here}progress/").json()["percent"] == 0
        client.post(f"{here}act/", {"action": "stop"})
        assert "继续" in client.get(f"{here}change/").content.decode()
        client.post(f"{here}act/", {"action": "resume"})
        self.run(made)
        assert client.get(f"{here}part/1/").status_code == 405
        fetched = client.post(f"{here}part/1/")
        assert paper.pages_of(fetched.content) == 2
        record = ExportRecord.objects.get(what="vouchers")
        assert (record.outcome.rows, record.user) == (2, self.clerk)
        assert client.post(f"{here}part/2/").status_code == 404
        VoucherPart.objects.get(batch=made)
        for path in voucherbatches.folder().rglob("*.pdf"):
            path.write_bytes(b"altered")
        assert "缺失或被改动" in client.post(f"{here}part/1/", follow=True).content.decode()

    def test_moves(self) -> None:
        """Every state has its row of moves."""
        assert set(VOUCHER_BATCH_MOVES) == set(VoucherBatchState)


def test_money_that_is_reversed_by_its_channel(db: None) -> None:
    """End to end with an order: paid, issued, reversed on its day, cancelled by the next sweep."""
    (person,) = test_orders.people(1)
    test_orders.pay(test_orders.open_for(person))
    payment = Payment.objects.get(person=person)
    late = test_orders.LATER + timedelta(hours=3)
    vouchers.issue_due(at=late)
    orderpayments.reverse(payment_id=payment.pk, client="wx", at=late)
    vouchers.issue_due(at=late)
    assert VoucherCancellation.objects.get().pk == payment.pk
    due: Any = Receivable.objects.with_state().get(person=person)
    assert due.state == "REVERSED"

"""Messages: pulled from the facts, told once, in the words of the day, sent once, answered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from bureau.access import NotAllowed, OutOfScope
from bureau.identity import mask_name
from bureau.models import ExportRecord
from bureau.names import MIDDLE_DOTS
from payments.files import smsfile
from payments.models import (
    Event,
    Message,
    MessageFile,
    MessageOptOut,
    MessageReceipt,
    MessageSending,
)
from payments.services import messages
from payments.states import Bucket
from tests import builders
from tests.bureau.desk_world import client_of
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AT, Answer
from tests.payments.racing import race

REGION = builders.GUIGANG
PHONE = "13812345678"


def debited(*answers: tuple[str, Bucket, str], **fields: Any) -> list[Any]:
    """An applied result file: a person by name, bucket and internal code for each line."""
    staff = bookbuilders.staff_of()
    due = [bookbuilders.assess(name=name, **({"phone": PHONE} | fields)) for name, _b, _i in answers]
    batch, asked = bookbuilders.freeze(due, staff, number=1)
    said = [
        Answer(one, bucket, ok=bucket == Bucket.SETTLED)
        for one, (_name, bucket, _internal) in zip(asked, answers, strict=True)
    ]
    file = bookbuilders.apply_file(batch, staff, said, name="R1")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the builders write NO_FUNDS only
        for nth, (_name, _bucket, internal) in enumerate(answers, start=1):
            cursor.execute(
                "UPDATE payments_bankline SET internal = %s WHERE id = %s", [internal, file.pk * 10**8 + nth]
            )
        cursor.execute("SET session_replication_role = origin")
    return due


def texts() -> dict[str, str]:
    return dict(Message.objects.values_list("event", "text"))


class TestPull:
    def test_results_of_a_debit(self, db: None) -> None:
        """Success, low balance, anything else: three wordings, names masked, each told once."""
        debited(
            ("张三丰", Bucket.SETTLED, "OK"),
            ("李四", Bucket.DECLINED, "NO_FUNDS"),
            ("王五", Bucket.DECLINED, "CLOSED"),
        )
        later = AT + timedelta(hours=1)
        done = messages.pull(at=later)
        assert (done["DEBIT_PAID"], done["DEBIT_FAILED"], done["DEBIT_ABNORMAL"]) == (1, 1, 1)
        said = texts()
        assert said["DEBIT_PAID"] == (
            "张**，您2025年度城乡居民基本医疗保险费400.00元已于2025年1月15日通过银行代扣缴费成功，请勿重复缴费。"
        )
        assert "余额不足" in said["DEBIT_FAILED"]
        assert "账户异常" in said["DEBIT_ABNORMAL"]
        assert sum(messages.pull(at=later).values()) == 0

    def test_old_results_are_not_told(self, db: None) -> None:
        debited(("李四", Bucket.DECLINED, "NO_FUNDS"))
        assert messages.pull(at=AT + timedelta(days=4))["DEBIT_FAILED"] == 0

    def test_the_last_chance(self, db: None) -> None:
        """Within a week of the window's end, whoever owes something and is collected by nobody; nobody else."""
        owing, paid, aided, held = (bookbuilders.assess(phone=PHONE) for _ in range(4))
        bookbuilders.pay_at_counter(paid, "S1")
        bookbuilders.Assessment.objects.create(
            id=aided.pk * 100 + 1, receivable=aided, region_id=REGION, policy=aided.policy, standard=400, aid=400, amount=0,
            aid_category="DIBAO", reason="aid", assessed_on=date(2025, 1, 1), assessed_at=AT,
        )  # fmt: skip
        bookbuilders.freeze([held], bookbuilders.staff_of(), number=1)
        closes = bookbuilders.policy_of().values.window_close
        before = datetime(closes.year, closes.month, closes.day, 2, tzinfo=UTC)
        assert messages.pull(at=before - timedelta(days=8))["LAST_CHANCE"] == 0
        assert messages.pull(at=before - timedelta(days=2))["LAST_CHANCE"] == 1
        assert messages.pull(at=before)["LAST_CHANCE"] == 0
        row = Message.objects.get(event="LAST_CHANCE")
        assert (row.subject_id, row.until) == (owing.pk, closes)
        assert f"{closes.year}年{closes.month}月{closes.day}日" in row.text

    def test_cover_that_starts(self, db: None) -> None:
        """On its first day, the cover in force; what was replaced is not told."""
        due = bookbuilders.assess(phone=PHONE)
        payment = bookbuilders.pay_at_counter(due, "S1")
        start = datetime(2025, 1, 1, 2, tzinfo=UTC)
        assert messages.pull(at=start - timedelta(days=1))["COVER_START"] == 0
        assert messages.pull(at=start)["COVER_START"] == 1
        assert "待遇自2025年1月1日起享受" in texts()["COVER_START"]
        bookbuilders.cover(due, payment, start=date(2025, 4, 1))
        assert messages.pull(at=datetime(2025, 4, 1, 2, tzinfo=UTC))["COVER_START"] == 0

    def test_who_is_not_written_to(self, db: None) -> None:
        """No telephone, no messages wanted: a row that says so; the dead are not written to at all."""
        due = debited(*[(name, Bucket.DECLINED, "NO_FUNDS") for name in ("甲", "乙", "丙")])
        clerk = builders.make_staff("clerk")
        messages.set_opt_out(person_id=due[0].person_id, out=True, by=clerk, at=AT)
        due[1].person.phone = ""
        due[1].person.save()
        due[2].person.death_date = date(2025, 1, 18)
        due[2].person.save()
        messages.pull(at=AT)
        assert dict(Message.objects.values_list("person_id", "skipped")) == {
            due[0].person_id: "OPTED_OUT",
            due[1].person_id: "NO_PHONE",
        }

    def test_facts_of_an_app_above(self, db: None) -> None:
        """Refunds say what they paid; nothing here knows them."""
        person = builders.make_person(phone=PHONE)
        query = (
            "SELECT 77 AS subject_id, %(region)s AS region_id, %(person)s AS person_id, 2025 AS year, "
            "380.00 AS amount, CAST('2025-02-03' AS date) AS day, CAST('2025-02-10' AS date) AS until"
        )
        before = dict(messages._facts)
        messages.register(Event.REFUND_PAID, lambda at: [(query, {"region": REGION, "person": person.pk})])
        try:
            assert [messages.pull(at=AT)["REFUND_PAID"] for _ in range(2)] == [1, 0]
        finally:
            messages._facts.clear()
            messages._facts.update(before)
        assert "380.00元已于2025年2月3日退回" in texts()["REFUND_PAID"]

    def test_two_at_once(self, committed: None) -> None:
        debited(*[(f"王{nth}", Bucket.DECLINED, "NO_FUNDS") for nth in range(20)])
        done = race(*[lambda: messages.pull(at=AT)["DEBIT_FAILED"] for _ in range(4)])
        assert (sum(done), Message.objects.count()) == (20, 20)

    @given(
        name=st.text(st.sampled_from("张三a ·•\u3000\U00020bb7-*"), min_size=1, max_size=6).filter(str.strip)
    )
    def test_names_are_masked_as_on_the_screen(self, name: str) -> None:
        """The statement's mask and bureau.identity's are one."""
        letters = f"[^{MIDDLE_DOTS}[:space:]]"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT left(%s, 1) || regexp_replace(substr(%s, 2), %s, '*', 'g')", [name, name, letters]
            )
            assert cursor.fetchone()[0] == mask_name(name)

    test_names_are_masked_as_on_the_screen = pytest.mark.django_db(test_names_are_masked_as_on_the_screen)


class TestWording:
    def test_a_new_version_counts_from_then_on(self, db: None) -> None:
        supervisor = builders.make_staff("supervisor")
        made = messages.write_template(
            event=Event.DEBIT_FAILED, text="{name}：{amount}元未扣成", by=supervisor, at=AT
        )
        assert made.version == 2
        debited(("李四", Bucket.DECLINED, "NO_FUNDS"))
        messages.pull(at=AT)
        assert texts()["DEBIT_FAILED"] == "李*：400.00元未扣成"

    @pytest.mark.parametrize("text", ["{id_number}", "{}", "{name!r}", "{0}"])
    def test_places_that_do_not_exist(self, db: None, text: str) -> None:
        with pytest.raises(messages.PlaceUnknown):
            messages.write_template(
                event=Event.DEBIT_FAILED, text=text, by=builders.make_staff("supervisor"), at=AT
            )

    def test_who_may(self, db: None) -> None:
        with pytest.raises(NotAllowed):
            messages.write_template(
                event=Event.DEBIT_FAILED, text="x", by=builders.make_staff("clerk"), at=AT
            )


class TestSending:
    def sent(self, count: int = 3) -> MessageFile:
        debited(*[(f"王{nth}", Bucket.DECLINED, "NO_FUNDS") for nth in range(count)])
        messages.pull(at=AT)
        self.supervisor = builders.make_staff("supervisor")
        return messages.make_file(region_id=REGION, by=self.supervisor, at=AT)

    def test_the_file(self, db: None) -> None:
        """Whole numbers, GB18030, a digest, the same bytes at each call; nothing is in two files."""
        file = self.sent()
        content = messages.content(file)
        lines = content.decode("gb18030").split("\r\n")
        ids = list(Message.objects.order_by("pk").values_list("pk", flat=True))
        assert lines[0] == f"SMS|{file}|3|{file.sha256}"
        assert [line.split("|")[:2] for line in lines[1:4]] == [[str(pk), PHONE] for pk in ids]
        assert lines[4:] == [""]
        assert messages.content(file) == content
        with pytest.raises(messages.NothingToSend):
            messages.make_file(region_id=REGION, by=self.supervisor, at=AT)

    def test_what_stays_back(self, db: None) -> None:
        """Who opted out since, and what is too late."""
        due = debited(("甲", Bucket.DECLINED, "NO_FUNDS"), ("乙", Bucket.DECLINED, "NO_FUNDS"))
        messages.pull(at=AT)
        by = builders.make_staff("supervisor")
        with pytest.raises(messages.NothingToSend):
            messages.make_file(region_id=REGION, by=by, at=AT + timedelta(days=5))
        messages.set_opt_out(person_id=due[0].person_id, out=True, by=by, at=AT)
        assert messages.make_file(region_id=REGION, by=by, at=AT).messages == 1
        assert MessageSending.objects.get().message.person_id == due[1].person_id
        messages.set_opt_out(person_id=due[0].person_id, out=False, by=by, at=AT)
        assert messages.make_file(region_id=REGION, by=by, at=AT).messages == 1

    def test_who_may(self, db: None) -> None:
        self.sent()
        with pytest.raises(NotAllowed):
            messages.make_file(region_id=REGION, by=builders.make_staff("clerk"), at=AT)
        with pytest.raises(OutOfScope):
            messages.make_file(region_id=REGION, by=builders.make_staff("supervisor", "510000"), at=AT)

    def test_the_answer(self, db: None) -> None:
        """Delivered, not delivered, twice, strangers: each counted; what was said first stands."""
        file = self.sent()
        first, second, third = Message.objects.order_by("pk").values_list("pk", flat=True)
        said = f"SMSACK|{file}|3\r\n{first}|1|\r\n{second}|0|空号\r\n99|1|\r\n"
        values: dict[str, Any] = {"file_id": file.pk, "by": self.supervisor, "at": AT}
        done = messages.acknowledge(answer=said.encode("gb18030"), **values)
        assert vars(done) == {"delivered": 1, "failed": 1, "known": 0, "unknown": 1}
        again = f"SMSACK|{file}|2\n{second}|1|\n{third}|1|\n"
        done = messages.acknowledge(answer=again.encode("gb18030"), **values)
        assert vars(done) == {"delivered": 1, "failed": 0, "known": 1, "unknown": 0}
        assert MessageReceipt.objects.get(pk=second).reason == "空号"

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"\xff\xff",
            b"SMSACK|x",
            b"SMSACK|SMS_1|1\r\n",
            b"SMSACK|SMS_1|1\r\nx|1|\r\n",
            b"SMSACK|SMS_1|1\r\n1|2|\r\n",
            b"SMSACK|SMS_1|1\r\n99999999999999999999|1|\r\n",
            b"SMSACK|SMS_1|0",
            b"<html>",
        ],
    )
    def test_answers_that_are_none(self, db: None, answer: bytes) -> None:
        file = self.sent(1)
        with pytest.raises(
            (smsfile.AnswerUnreadable, smsfile.AnswerIncomplete, messages.AnswerOfAnotherFile)
        ):
            messages.acknowledge(file_id=file.pk, answer=answer, by=self.supervisor, at=AT)
        assert not MessageReceipt.objects.exists()

    def test_the_pages(self, db: None) -> None:
        """Made, fetched by POST and entered in the register, answered; numbers masked on the screen."""
        debited(("李四", Bucket.DECLINED, "NO_FUNDS"))
        messages.pull(at=AT)
        Message.objects.get()
        client = client_of(builders.make_staff("supervisor"))
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE payments_message SET until = '2100-01-01'")
            cursor.execute("SET session_replication_role = origin")
        client.post("/desk/payments/messagefile/make/", {"region": REGION})
        file = MessageFile.objects.get()
        here = f"/desk/payments/messagefile/{file.pk}/"
        assert client.get(f"{here}download/").status_code == 405
        assert PHONE in client.post(f"{here}download/").content.decode("gb18030")
        record = ExportRecord.objects.get(what="sms")
        assert (record.masked, record.outcome.rows) == (False, 1)
        message = Message.objects.get()
        answer = f"SMSACK|{file}|1\r\n{message.pk}|0|停机\r\n".encode("gb18030")
        upload = SimpleUploadedFile("answer.txt", answer)
        assert "停机" in client.post(f"{here}answer/", {"file": upload}, follow=True).content.decode()
        page = client.get(f"/desk/payments/message/{message.pk}/change/").content.decode()
        assert ("138****5678" in page, PHONE in page) == (True, False)
        client.post(f"/desk/payments/message/opt/{message.person_id}/", {"wanted": "0"})
        assert MessageOptOut.objects.filter(pk=message.person_id).exists()

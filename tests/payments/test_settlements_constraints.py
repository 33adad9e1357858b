"""Settlement lines, debits not posted, day cuts, voids, pushes: every named constraint by raw writes."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from bureau import audit, proposals
from bureau.models import Proposal
from payments.models import (
    BankFile,
    DayCut,
    DebitCase,
    DeclarationVoid,
    PushAnswer,
    PushBatch,
    PushLine,
    SettlementLine,
    WorkItem,
)
from payments.services import pushes
from tests import builders
from tests.payments import settlementkit as k
from tests.payments.settlementkit import Said
from tests.payments.test_orders import AT, REGION, YEAR, people

pytestmark = pytest.mark.django_db
LATER = datetime(2024, 10, 12, 3, 0, tzinfo=UTC)


def copy(row: models.Model, **values: Any) -> None:
    """Write a copy of a row with other values, past every layer of ours."""
    table = row._meta.db_table
    kept: dict[str, Any] = {
        str(field.column): getattr(row, field.attname) for field in row._meta.concrete_fields
    }
    if "id" in kept and "id" not in values:
        kept.pop("id")
    kept |= values
    names = ", ".join(f'"{name}"' for name in kept)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(kept))})', [*kept.values()]
        )


def broken(name: str, act: Callable[[], Any]) -> None:
    """The database names the constraint that ``act`` breaks."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


@pytest.fixture
def line() -> SettlementLine:
    """A matched line, with one that is long and one that is short beside it."""
    made = k.paid(2)
    k.stated([Said("S1", made[0].number), Said("X1", "NONE")], k.clerk())
    return SettlementLine.objects.get(outcome=1)


def test_settlement_lines(line: SettlementLine) -> None:
    new = line.pk + 100
    other = {"id": new, "serial": "Z", "ours_id": 1}
    broken("settlement_serial_once", lambda: copy(line, id=new, ours_id=1))
    broken("settlement_ours_once", lambda: copy(line, id=new, serial="Z"))
    missing = SettlementLine.objects.get(outcome=2)
    broken("settlement_missing_once", lambda: copy(missing, id=new, serial="Z"))
    broken("settlement_words_known", lambda: copy(line, **other | {"outcome": 9}))
    broken("settlement_words_known", lambda: copy(line, **other | {"turn": 9}))
    broken("settlement_ours_evidence", lambda: copy(line, **other | {"ours_id": None}))
    broken("settlement_equal_is_equal", lambda: copy(line, **other, ours_amount=Decimal("1.00")))
    broken("settlement_channel_named", lambda: copy(line, **other, channel=""))
    broken(
        "settlement_amount_range", lambda: copy(line, **other | {"outcome": 3, "amount": Decimal("-1.00")})
    )
    for sql in ("UPDATE payments_settlementline SET amount = 1", "DELETE FROM payments_settlementline"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def test_debit_cases(line: SettlementLine) -> None:
    case = DebitCase.objects.get()
    item = WorkItem.objects.get(kind="SHORT")
    ended = {"state": "RETURNED", "return_line_id": 7, "returned_on": date(2024, 10, 12), "closed_at": LATER}
    with audit.acting(by=None, why="a test"):
        broken("payments_debitcase_item_id_key", lambda: copy(case))
        broken("debitcase_amount_range", lambda: copy(case, item_id=item.pk, amount=0))
        broken("debitcase_state_known", lambda: copy(case, item_id=item.pk, state="GONE", closed_at=LATER))
        broken(
            "debitcase_return_evidence", lambda: copy(case, item_id=item.pk, **ended | {"returned_on": None})
        )
        broken("debitcase_end_evidence", lambda: copy(case, item_id=item.pk, closed_at=LATER))
        copy(case, item_id=item.pk, **ended)
        second = DebitCase.objects.filter(pk=case.pk)
        broken("debitcase_return_once", lambda: second.update(**ended))


def test_day_cuts() -> None:
    cut = DayCut.objects.create(region_id=REGION, channel="WECHAT", day=k.DAY, expected_on=k.DAY, cut_at=AT)
    broken("daycut_once", lambda: copy(cut))
    broken("daycut_amount_range", lambda: copy(cut, channel="ALIPAY", unsettled=-1))


def test_files_of_the_new_kinds(line: SettlementLine) -> None:
    file = BankFile.objects.filter(pk=line.file_id)
    with audit.acting(by=None, why="a test"):
        broken("bankfile_kind_known", lambda: file.update(kind="OTHER"))
        broken("bankfile_day_evidence", lambda: file.update(day=None))
        broken("bankfile_applied_evidence", lambda: file.update(kind="RESULT"))


@pytest.fixture
def proposal() -> Proposal:
    """A void that waits."""
    (person,) = people(1)
    with audit.acting(by=None, why="a test's staff"):
        officer = builders.make_staff("tax_officer", REGION)
    return proposals.propose(
        kind="declaration.void", subject=person, region_id=REGION, title="x", difference={}, by=officer, at=AT
    )


def test_voids(proposal: Proposal) -> None:
    void = DeclarationVoid.objects.create(
        receivable_id=1, region_id=REGION, person_id=int(proposal.subject_id), order_id=2, amount=1, reason="x",
        proposal=proposal, voided_at=AT,
    )  # fmt: skip
    broken("void_once", lambda: copy(void))
    broken("void_has_reason", lambda: copy(void, order_id=3, reason=""))
    broken("void_of_one", lambda: copy(void, order_id=3, instruction_id=4))
    broken("void_amount_range", lambda: copy(void, order_id=3, amount=0))


def test_pushes() -> None:
    people(1)
    batch = pushes.make(region_id=REGION, year=YEAR, by=k.clerk(), at=AT)
    row = PushLine.objects.get()
    answer = PushAnswer.objects.create(
        line=row, region_id=REGION, file_line_id=5, taken=False, reason="x", answered_at=AT
    )
    broken("push_number_once", lambda: copy(batch))
    broken("push_number_range", lambda: copy(batch, number=0))
    broken("push_has_lines", lambda: copy(batch, number=2, lines=0))
    broken("pushline_once", lambda: copy(row, id=row.pk + 1))
    broken("pushline_key_carries_batch", lambda: copy(row, id=5, receivable_id=1))
    broken("pushline_op_known", lambda: copy(row, id=row.pk + 1, receivable_id=1, op="X"))
    broken("pushline_amount_range", lambda: copy(row, id=row.pk + 1, receivable_id=1, amount=-1))
    broken("pushanswer_reason", lambda: copy(answer, line_id=row.pk + 1, file_line_id=6, taken=True))
    copy(row, id=row.pk + 1, receivable_id=1)
    broken("pushanswer_line_once", lambda: copy(answer, line_id=row.pk + 1))
    assert PushBatch.objects.count() == 1

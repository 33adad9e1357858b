"""A statement with a line of each outcome, a debit not posted, a day cut, a void and a push, made when a page first asks."""

from datetime import date
from decimal import Decimal
from typing import Any

from bureau.models import Proposal
from payments.models import (
    BankFile,
    DayCut,
    DebitCase,
    DeclarationVoid,
    FileLease,
    PushAnswer,
    PushBatch,
    PushLine,
    SettlementLine,
    WorkItem,
)
from payments.states import Outcome
from tests import builders
from tests.payments.bookbuilders import AT, PAID_ON, PRICE

HOME = builders.GUIGANG
NAME = "YBDZ_WECHAT_450800_20250115.txt"


def statement(world: Any) -> BankFile:
    """An applied statement with a matched, a long and a short line, the same at each call."""
    found = BankFile.objects.filter(name=NAME).order_by("pk").first()
    if found is not None:
        return found
    one = {"lines": 1, "amount": "400.00", "returned": "0.00", "repeated": 0}
    none = {"lines": 0, "amount": "0.00", "returned": "0.00", "repeated": 0}
    there = {"MATCHED", "OURS_ONLY", "THEIRS_ONLY"}
    file = BankFile.objects.create(
        name=NAME, stored_as="s.txt", size=9, sha256="b" * 64, region_id=HOME, kind="STATEMENT", channel="WECHAT",
        day=PAID_ON, header={"lines": 2, "received": "800.00", "returned": "0.00", "day": "2025-01-15"}, lines=2,
        amount=Decimal("800.00"), state="APPLIED", finished_at=AT, uploaded_by=world.books.home.clerk, uploaded_at=AT,
        report={"outcomes": {o.name: one if o.name in there else none for o in Outcome}, "booked": 0, "closed": 0,
                "changed": 5},
    )  # fmt: skip
    FileLease.objects.create(file=file)
    first = file.pk * 10**8
    shared = {"region_id": HOME, "side": 1, "channel": "WECHAT", "day": PAID_ON, "turn": 1, "amount": PRICE}
    payment = world.books.counter
    ours = {"ours_kind": 2, "ours_amount": PRICE, "ours_on": PAID_ON}
    SettlementLine.objects.create(
        id=first + 1, outcome=1, happened_on=PAID_ON, serial="S1", ours_id=payment.pk, **shared, **ours
    )
    SettlementLine.objects.create(
        id=first + 2,
        outcome=3,
        happened_on=PAID_ON,
        serial="S2",
        ref="A<b>",
        reason="UNKNOWN_REFERENCE",
        **shared,
    )
    SettlementLine.objects.create(id=first + 5 * 10**7, outcome=2, ours_id=payment.pk, **shared, **ours)
    item = WorkItem.objects.create(
        kind="LONG", region_id=HOME, file=file, line_id=first + 2, amount=PRICE, reason="UNKNOWN_REFERENCE",
        due_on=date(2025, 1, 20), opened_at=AT,
    )  # fmt: skip
    DebitCase.objects.create(
        item=item, region_id=HOME, channel="WECHAT", serial="S2", ref="A<b>", amount=PRICE, debited_on=PAID_ON, opened_at=AT,
        due_on=date(2025, 1, 20), person=payment.person,
    )  # fmt: skip
    return file


def line(world: Any) -> int:
    """The long line."""
    return statement(world).pk * 10**8 + 2


def case(world: Any) -> DebitCase:
    """The debit of the long line."""
    statement(world)
    return DebitCase.objects.get(serial="S2")


def cut(world: Any) -> DayCut:
    """A day on which nothing is in the treasury yet."""
    made, _new = DayCut.objects.get_or_create(
        region_id=HOME,
        channel="WECHAT",
        day=PAID_ON,
        defaults={"booked_lines": 1, "booked": PRICE, "unsettled_lines": 1, "unsettled": PRICE,
                  "expected_on": date(2025, 1, 16), "cut_at": AT},
    )  # fmt: skip
    return made


def void(world: Any) -> DeclarationVoid:
    """A void by two officers; beside it one that waits."""
    person = world.books.settled.person
    found = DeclarationVoid.objects.order_by("pk").first()
    if found is not None:
        return found
    officers = [builders.make_staff("tax_officer", HOME) for _nth in range(2)]
    shared = {"kind": "declaration.void", "subject_type": "payments.receivable", "region_id": HOME, "title": "450800-2025",
              "difference": {"amount": "400.00", "channel": "WECHAT"}, "reason": "never debited", "made_by": officers[0],
              "made_at": AT}  # fmt: skip
    Proposal.objects.create(subject_id="2", **shared)
    done = Proposal.objects.create(
        subject_id="1", state="APPROVED", reviewed_by=officers[1], reviewed_at=AT, **shared
    )
    return DeclarationVoid.objects.create(
        receivable_id=world.books.settled.receivable_id, region_id=HOME, person=person, order_id=1, amount=PRICE,
        reason="never debited", proposal=done, voided_at=AT,
    )  # fmt: skip


def push(world: Any) -> PushBatch:
    """A push of two lines, one refused."""
    found = PushBatch.objects.order_by("pk").first()
    if found is not None:
        return found
    batch = PushBatch.objects.create(
        region_id=HOME, day=date(2024, 10, 8), number=1, lines=2, made_by=world.books.home.clerk, made_at=AT
    )
    person = world.books.settled.person
    for nth, receivable in enumerate(
        (world.books.settled.receivable_id, world.books.declined.receivable_id), start=1
    ):
        row = PushLine.objects.create(
            id=batch.pk * 10**8 + nth, batch=batch, region_id=HOME, op="A", receivable_id=receivable, enrollment_id=1,
            person=person, id_type="01", id_number=person.id_number, name=person.name, scheme="390", benefit_year=2025,
            amount=PRICE,
        )  # fmt: skip
    PushAnswer.objects.create(
        line=row, region_id=HOME, file_line_id=1, taken=False, reason="证件号码不符", answered_at=AT
    )
    return batch

"""Books that agree with themselves, written row by row: what the river would leave, without the river.

``clean()`` holds one case of everything the model knows; the tests of the checks damage it in one place each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from bureau import audit
from bureau.models import Proposal, User
from enrollment.models import Coverage, Enrollment, Person, Policy
from payments.models import (
    Assessment,
    BankFile,
    BankLine,
    DebitBatch,
    DuplicatePayment,
    FileChunk,
    FileLease,
    FileTally,
    Hold,
    Instruction,
    InstructionRelease,
    LineText,
    Mandate,
    Payment,
    Receivable,
    Reversal,
    SiblingReceivable,
    WorkItem,
)
from payments.services import debitcases
from payments.states import Bucket
from tests import builders

YEAR = 2025
AWAY = "510000"
AT = datetime(2025, 1, 20, 2, 0, tzinfo=UTC)
PAID_ON = date(2025, 1, 15)
PRICE = Decimal("400.00")
NOTHING = Decimal("0.00")


class Answer(NamedTuple):
    """What a line of a result file says, and the bucket that it belongs to."""

    instruction: Instruction | None
    bucket: Bucket
    ok: bool = True
    reason: str = ""
    repeated: bool = False
    carried_by: int | None = None


@dataclass
class Staff:
    """Who acts in a region."""

    clerk: User
    supervisor: User


def staff_of(region: str = builders.GUIGANG) -> Staff:
    """A clerk and a supervisor of ``region``."""
    return Staff(builders.make_staff("clerk", region), builders.make_staff("supervisor", region))


def policy_of(region: str = builders.GUIGANG) -> Policy:
    """The terms in force for YEAR."""
    return Policy.objects.get(region_id=region, benefit_year=YEAR, state="PUBLISHED")


def assess(
    region: str = builders.GUIGANG, aid: Decimal = NOTHING, person: Person | None = None, **fields: Any
) -> Receivable:
    """A person, enrolled in ``region``, with what is due for YEAR."""
    person = person or builders.make_person(region, **fields)
    enrolment = Enrollment.objects.filter(person=person, region_id=region).first() or builders.enrol(
        person, region
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('payments_receivable_{YEAR}_number')")
        number = cursor.fetchone()[0]
    return Receivable.objects.create(
        id=YEAR * 10**10 + number,
        person=person,
        enrollment=enrolment,
        region_id=region,
        policy=policy_of(region),
        benefit_year=YEAR,
        price_class="ALL",
        standard=PRICE,
        aid_category="DIBAO" if aid else "",
        aid=aid,
        amount=PRICE - aid,
        assessed_on=date(2024, 10, 1),
        assessed_at=AT,
    )


def link_siblings(*receivables: Receivable) -> None:
    """Say that these belong to one person-year."""
    for receivable in receivables:
        SiblingReceivable.objects.create(
            receivable=receivable, person=receivable.person, benefit_year=receivable.benefit_year
        )


def mandate_of(person: Person) -> Mandate:
    """The person's live mandate."""
    found = Mandate.objects.filter(person=person).first()
    return found or Mandate.objects.create(
        agreement_no=f"A{person.pk}",
        person=person,
        bank_id="103",
        account=f"62284800{person.pk:011d}",
        holder=person.name,
        state="VERIFIED",
        signed_on=date(2024, 9, 1),
    )


def freeze(
    receivables: Sequence[Receivable], staff: Staff, *, number: int, state: str = "RELEASED", nth_try: int = 1
) -> tuple[DebitBatch, list[Instruction]]:
    """A batch with one instruction and one hold for each receivable; a DROPPED one holds nothing."""
    region = receivables[0].region_id
    batch = DebitBatch.objects.create(
        region_id=region,
        bank_id="103",
        benefit_year=YEAR,
        entrusted_on=PAID_ON,
        number=number,
        debit_from=PAID_ON,
        debit_to=date(2025, 1, 17),
        lines=len(receivables),
        amount=sum((r.amount for r in receivables), NOTHING),
        state="FROZEN",
        made_by=staff.clerk,
        made_at=AT,
    )
    made = []
    for seq, receivable in enumerate(receivables, start=1):
        mandate = mandate_of(receivable.person)
        instruction = Instruction.objects.create(
            id=receivable.pk * 100 + nth_try,
            batch=batch,
            seq=seq,
            region_id=region,
            person=receivable.person,
            mandate=mandate,
            amount=receivable.amount,
            account=mandate.account,
            holder=mandate.holder,
            mandate_no=mandate.agreement_no,
        )
        if state != "DROPPED":
            Hold.objects.create(
                receivable=receivable, region_id=region, instruction_id=instruction.pk, held_at=AT
            )
        made.append(instruction)
    if state != "FROZEN":
        batch.state = state
    if state == "RELEASED":
        batch.released_by, batch.released_at = staff.supervisor, AT
    batch.save()
    return batch, made


def queue_file(
    batch: DebitBatch | None, staff: Staff, *, name: str, state: str = "QUEUED", **fields: Any
) -> BankFile:
    """A received file with its lease."""
    values: dict[str, Any] = {
        "name": name,
        "stored_as": f"{name}.stored",
        "size": 100,
        "sha256": f"{name:0<64}",
        "region_id": batch.region_id if batch else staff.clerk.regions.get().pk,
        "bank_id": batch.bank_id if batch else None,
        "batch": batch,
        "state": state,
        "uploaded_by": staff.clerk,
        "uploaded_at": AT,
    }
    file = BankFile.objects.create(**(values | fields))
    FileLease.objects.create(file=file)
    return file


def apply_file(batch: DebitBatch, staff: Staff, answers: Sequence[Answer], *, name: str) -> BankFile:
    """An applied file: its lines and everything that they mean, its tallies, its header."""
    file = queue_file(batch, staff, name=name, state="RUNNING", lines=len(answers))
    for line_no, answer in enumerate(answers, start=1):
        if not answer.repeated:
            _book(file, line_no, answer)
    _add_up(file, answers)
    FileChunk.objects.create(file=file, number=1, first=1, last=len(answers), state="DONE")
    debitcases.pull(at=AT)  # as the river does at the end of every file
    file.state, file.finished_at = "APPLIED", AT
    file.save()
    return file


def _asked(answer: Answer) -> Decimal:
    return answer.instruction.amount if answer.instruction else PRICE


def _book(file: BankFile, line_no: int, answer: Answer) -> None:
    instruction, asked = answer.instruction, _asked(answer)
    line = BankLine.objects.create(
        id=file.pk * 10**8 + line_no,
        region_id=file.region_id,
        bank_id=file.bank_id,
        bucket=answer.bucket,
        ok=answer.ok,
        instruction_id=instruction.pk if instruction else None,
        due=asked,
        debited=asked if answer.ok else NOTHING,
        debited_on=PAID_ON if answer.ok else None,
        code="0000" if answer.ok else "3008",
        internal="OK" if answer.ok else "NO_FUNDS",
        reason=answer.reason,
        serial=f"S{file.pk}-{line_no}" if answer.ok else "",
    )
    if answer.bucket == Bucket.SETTLED and instruction:
        pay(instruction, line)
    elif answer.bucket == Bucket.DUPLICATE and instruction:
        _duplicate(instruction, line, answer.carried_by or 0)
    elif answer.reason == "REVERSED" and instruction:
        reverse(instruction, line)
    if answer.bucket in (Bucket.UNMATCHED, Bucket.REJECTED):
        LineText.objects.create(line=line, text="…")
        kind = "UNMATCHED" if answer.bucket == Bucket.UNMATCHED else "REJECTED_MONEY"
        _work(file, line, kind, answer)
    ended = answer.bucket in (Bucket.DECLINED, Bucket.DUPLICATE) and answer.reason != "CONTRADICTS_POSTED"
    if instruction and ended:
        Hold.objects.filter(pk=instruction.receivable_id, instruction_id=instruction.pk).delete()


def _work(file: BankFile, line: BankLine, kind: str, answer: Answer) -> None:
    WorkItem.objects.create(
        kind=kind,
        region_id=file.region_id,
        person_id=answer.instruction.person_id if answer.instruction else None,
        file=file,
        line_id=line.pk,
        instruction_id=line.instruction_id,
        amount=line.debited,
        reason=answer.reason,
        due_on=date(2025, 1, 23),
        opened_at=AT,
    )


def pay(instruction: Instruction, line: BankLine) -> Payment:
    """The payment of a settled line, and the cover that it buys."""
    reversals = Reversal.objects.filter(receivable_id=instruction.receivable_id, payment_id__isnull=False)
    payment = Payment.objects.create(
        id=instruction.receivable_id * 100 + reversals.count(),
        region_id=instruction.region_id,
        person_id=instruction.person_id,
        amount=line.debited,
        debited_on=line.debited_on,
        channel="BANK_BATCH",
        line_id=line.pk,
        instruction_id=instruction.pk,
        posted_at=AT,
    )
    cover(Receivable.objects.get(pk=instruction.receivable_id), payment)
    return payment


def pay_at_counter(receivable: Receivable, serial: str) -> Payment:
    """A payment without a bank file."""
    payment = Payment.objects.create(
        id=receivable.pk * 100,
        region_id=receivable.region_id,
        person=receivable.person,
        amount=receivable.amount,
        debited_on=PAID_ON,
        channel="BANK_COUNTER",
        channel_serial=serial,
        posted_at=AT,
    )
    cover(receivable, payment)
    return payment


def cover(receivable: Receivable, payment: Payment | None, **fields: Any) -> Coverage:
    """The next row of cover of ``receivable``: the whole year, unless ``fields`` say otherwise."""
    seq = Coverage.objects.filter(pk__gte=receivable.pk * 100, pk__lt=receivable.pk * 100 + 100).count()
    values: dict[str, Any] = {
        "id": receivable.pk * 100 + seq,
        "person": receivable.person,
        "region_id": receivable.region_id,
        "start": date(YEAR, 1, 1),
        "end": date(YEAR + 1, 1, 1),
        "rule": "IN_WINDOW",
        "policy": receivable.policy,
        "payment_id": payment.pk if payment else None,
        "paid_on": payment.debited_on if payment else None,
        "supersedes": receivable.pk * 100 + seq - 1 if seq else None,
        "decided_at": AT,
    }
    return Coverage.objects.create(**(values | fields))


def _duplicate(instruction: Instruction, line: BankLine, carried_by: int) -> None:
    DuplicatePayment.objects.create(
        line_id=line.pk,
        region_id=instruction.region_id,
        person_id=instruction.person_id,
        receivable_id=instruction.receivable_id,
        instruction_id=instruction.pk,
        carried_by=carried_by,
        amount=line.debited,
        debited_on=line.debited_on,
        channel="BANK_BATCH",
        posted_at=AT,
    )


def reverse(instruction: Instruction, line: BankLine) -> Reversal:
    """The bank takes back what ``instruction`` brought; its cover ends."""
    payment = Payment.objects.get(instruction_id=instruction.pk)
    made = Reversal.objects.create(
        line_id=line.pk,
        region_id=instruction.region_id,
        person_id=instruction.person_id,
        payment_id=payment.pk,
        booked_line_id=payment.line_id,
        receivable_id=instruction.receivable_id,
        amount=payment.amount,
        reversed_on=PAID_ON,
        posted_at=AT,
    )
    cover(
        Receivable.objects.get(pk=instruction.receivable_id), payment, start=None, end=None, reason="REVERSED"
    )
    return made


def _add_up(file: BankFile, answers: Sequence[Answer]) -> None:
    for bucket in Bucket:
        mine = [a for a in answers if a.bucket == bucket]
        again = [a for a in mine if a.repeated]
        FileTally.objects.create(
            file=file,
            region_id=file.region_id,
            bucket=bucket,
            lines=len(mine),
            amount=sum((_asked(a) for a in mine), NOTHING),
            debited=sum((_asked(a) for a in mine if a.ok), NOTHING),
            repeated=len(again),
            repeated_amount=sum((_asked(a) for a in again), NOTHING),
            repeated_debited=sum((_asked(a) for a in again if a.ok), NOTHING),
        )
    ok = [a for a in answers if a.ok]
    others = [a for a in answers if not a.ok]
    file.amount = sum((_asked(a) for a in answers), NOTHING)
    file.debited = sum((_asked(a) for a in ok), NOTHING)
    file.header = {
        "lines": len(answers),
        "amount": str(file.amount),
        "ok_lines": len(ok),
        "ok_amount": str(file.debited),
        "failed_lines": len(others),
        "failed_amount": str(sum((_asked(a) for a in others), NOTHING)),
    }


def release_unanswered(instruction: Instruction, staff: Staff) -> InstructionRelease:
    """Two persons let an instruction without an answer go, on the bank's written word."""
    proposal = Proposal.objects.create(
        kind="hold.release",
        subject_type="payments.instruction",
        subject_id=str(instruction.pk),
        region_id=instruction.region_id,
        title="release",
        made_by=staff.clerk,
        made_at=AT,
    )
    proposal.state, proposal.reviewed_by, proposal.reviewed_at = "APPROVED", staff.supervisor, AT
    proposal.save()
    Hold.objects.filter(pk=instruction.receivable_id).delete()
    return InstructionRelease.objects.create(
        instruction=instruction,
        region_id=instruction.region_id,
        batch=instruction.batch,
        proposal_id=proposal.pk,
        released_at=AT,
    )


@dataclass
class Books:
    """One case of everything, by name."""

    home: Staff
    away: Staff
    batch: DebitBatch
    dropped: DebitBatch
    file: BankFile
    second: BankFile
    away_file: BankFile
    held_file: BankFile
    rejected_file: BankFile
    settled: Instruction
    declined: Instruction
    pending: Instruction
    unmatched: Instruction
    reversed: Instruction
    duplicate: Instruction
    released: Instruction
    unanswered: Instruction
    never_sent: Instruction
    exempt: Receivable
    reassessed: Receivable
    counter: Payment

    def line(self, line_no: int, file: BankFile | None = None) -> int:
        """The key of a line of ``file`` (the first file)."""
        return (file or self.file).pk * 10**8 + line_no


def clean() -> Books:
    """Books in which every check is green."""
    with audit.acting(by=None, why="books of a test"):
        return _clean()


def _clean() -> Books:
    home, away = staff_of(), staff_of(AWAY)
    names = ("settled", "declined", "pending", "unmatched", "reversed", "released", "unanswered")
    due = {name: assess() for name in names}
    batch, instructions = freeze(list(due.values()), home, number=1)
    by_name = dict(zip(names, instructions, strict=True))
    file = apply_file(batch, home, _first_answers(by_name), name="R1")
    second = apply_file(batch, home, _second_answers(by_name), name="R2")
    twice = assess(AWAY, person=due["settled"].person)
    link_siblings(due["settled"], twice)
    away_batch, (duplicate,) = freeze([twice], away, number=1)
    carrier = by_name["settled"].receivable_id * 100
    away_file = apply_file(
        away_batch,
        away,
        [Answer(duplicate, Bucket.DUPLICATE, reason="PAID_ELSEWHERE", carried_by=carrier)],
        name="R3",
    )
    release_unanswered(by_name["released"], home)
    dropped, (never_sent,) = freeze([assess()], home, number=2, state="DROPPED")
    exempt = assess(aid=PRICE)
    cover(exempt, None)
    return Books(
        home=home,
        away=away,
        batch=batch,
        dropped=dropped,
        file=file,
        second=second,
        away_file=away_file,
        held_file=queue_file(batch, home, name="R4", state="HELD", lines=5),
        rejected_file=queue_file(None, home, name="X1", state="REJECTED", finished_at=AT),
        duplicate=duplicate,
        never_sent=never_sent,
        exempt=exempt,
        reassessed=_reassess(assess()),
        counter=pay_at_counter(assess(), "C-1"),
        **by_name,
    )


def _first_answers(asked: dict[str, Instruction]) -> list[Answer]:
    return [
        Answer(asked["settled"], Bucket.SETTLED),
        Answer(asked["declined"], Bucket.DECLINED, ok=False),
        Answer(asked["pending"], Bucket.PENDING, ok=False),
        Answer(asked["unmatched"], Bucket.UNMATCHED, reason="HOLDER_DIFFERS"),
        Answer(asked["reversed"], Bucket.SETTLED),
        Answer(asked["settled"], Bucket.REJECTED, reason="REPEATED_IN_FILE"),
        Answer(None, Bucket.UNMATCHED, reason="UNKNOWN_REFERENCE"),
    ]


def _second_answers(asked: dict[str, Instruction]) -> list[Answer]:
    return [
        Answer(asked["settled"], Bucket.SETTLED, repeated=True),
        Answer(asked["declined"], Bucket.DECLINED, ok=False, repeated=True),
        Answer(asked["reversed"], Bucket.DECLINED, ok=False, reason="REVERSED"),
    ]


def _reassess(receivable: Receivable) -> Receivable:
    """Aid was recognised later."""
    Assessment.objects.create(
        id=receivable.pk * 100 + 1,
        receivable=receivable,
        region_id=receivable.region_id,
        policy=receivable.policy,
        standard=PRICE,
        aid_category="DIBAO",
        aid=Decimal("120.00"),
        amount=Decimal("280.00"),
        reason="list of civil affairs",
        assessed_on=date(2024, 11, 1),
        assessed_at=AT,
    )
    return receivable

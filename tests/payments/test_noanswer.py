"""No answer: two persons may let go what no file speaks of, after three working days, and nothing else."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bureau import proposals
from bureau.access import NotAllowed
from bureau.models import Proposal
from payments.models import (
    BankFile,
    Hold,
    Instruction,
    InstructionRelease,
    Receivable,
)
from payments.services.debits import freeze
from payments.services.noanswer import (
    AnswerUnderWay,
    BatchNotReleased,
    NothingUnanswered,
    TooEarly,
    propose_no_answer_release,
)
from payments.states import Bucket
from tests import builders
from tests.payments import bookbuilders
from tests.payments.bookbuilders import Answer, apply_file, assess

# The batch may be debited until Friday 17 January 2025: Monday to Wednesday are the three working days.
LAST_DAY, FIRST_DAY = datetime(2025, 1, 21, 15, 59, tzinfo=UTC), datetime(2025, 1, 21, 16, 0, tzinfo=UTC)
NAMES = ("silent", "settled", "declined", "pending", "unmatched", "duplicate", "refused", "quiet")


@pytest.fixture
def crew(db: None) -> bookbuilders.Staff:
    return bookbuilders.staff_of()


@pytest.fixture
def sent(crew: bookbuilders.Staff) -> dict[str, Instruction]:
    """A released batch; a file answers all but two of its instructions."""
    batch, made = bookbuilders.freeze([assess() for _ in NAMES], crew, number=1)
    by_name = dict(zip(NAMES, made, strict=True))
    apply_file(
        batch,
        crew,
        [
            Answer(by_name["settled"], Bucket.SETTLED),
            Answer(by_name["declined"], Bucket.DECLINED, ok=False),
            Answer(by_name["pending"], Bucket.PENDING, ok=False),
            Answer(by_name["unmatched"], Bucket.UNMATCHED, reason="HOLDER_DIFFERS"),
            Answer(by_name["duplicate"], Bucket.DUPLICATE, carried_by=1),
            Answer(by_name["refused"], Bucket.REJECTED, reason="OK_WITHOUT_SERIAL"),
        ],
        name="R1",
    )
    return by_name


def propose(crew: bookbuilders.Staff, instruction: Instruction, at: datetime = FIRST_DAY) -> Proposal:
    return propose_no_answer_release(
        batch_id=instruction.batch_id, reason="letter of the bank of 22 January", by=crew.clerk, at=at
    )


def decide(crew: bookbuilders.Staff, proposal: Proposal, **fields: Any) -> None:
    proposals.review(
        **(
            {
                "proposal_id": proposal.pk,
                "approve": True,
                "reason": "",
                "by": crew.supervisor,
                "at": FIRST_DAY,
            }
            | fields
        )
    )


def test_only_what_no_line_speaks_of_is_let_go(
    crew: bookbuilders.Staff, sent: dict[str, Instruction]
) -> None:
    held_before = set(Hold.objects.values_list("instruction_id", flat=True))
    proposal = propose(crew, sent["silent"])
    assert (proposal.kind, proposal.difference) == ("hold.release", {"lines": 2, "amount": "800.00"})
    assert set(Hold.objects.values_list("instruction_id", flat=True)) == held_before

    decide(crew, proposal)

    free = {sent["silent"].pk, sent["quiet"].pk}
    assert held_before - set(Hold.objects.values_list("instruction_id", flat=True)) == free
    releases = InstructionRelease.objects.all()
    assert {r.instruction_id for r in releases} == free
    assert {(r.proposal_id, r.batch_id, r.released_at) for r in releases} == {
        (proposal.pk, sent["silent"].batch_id, FIRST_DAY)
    }
    states = {i.pk: i.state for i in Instruction.objects.with_state()}
    assert states[sent["silent"].pk] == "RELEASED"
    assert states[sent["pending"].pk] == "PENDING"
    assert Receivable.objects.with_state().get(pk=sent["silent"].receivable_id).state == "ASSESSED"
    with pytest.raises(NothingUnanswered):
        propose(crew, sent["silent"])


def test_a_released_receivable_can_be_debited_again(
    crew: bookbuilders.Staff, sent: dict[str, Instruction]
) -> None:
    decide(crew, propose(crew, sent["silent"]))
    (batch,) = freeze(
        region_id=builders.GUIGANG,
        year=2025,
        bank="103",
        debit_date=date(2025, 2, 10),
        by=crew.clerk,
        at=FIRST_DAY,
    )
    tried = set(Instruction.objects.filter(batch=batch).values_list("pk", flat=True))
    assert {sent["silent"].pk + 1, sent["quiet"].pk + 1} <= tried
    assert sent["pending"].pk + 1 not in tried
    assert sent["unmatched"].pk + 1 not in tried


def test_the_bank_has_three_working_days(crew: bookbuilders.Staff, sent: dict[str, Instruction]) -> None:
    with pytest.raises(TooEarly) as caught:
        propose(crew, sent["silent"], at=LAST_DAY)
    assert caught.value.params["day"] == "2025-01-22"
    assert propose(crew, sent["silent"], at=FIRST_DAY).state == "OPEN"


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING", "HELD", "PARKED"])
def test_a_file_under_way_may_hold_the_answers(
    crew: bookbuilders.Staff, sent: dict[str, Instruction], state: str
) -> None:
    proposal = propose(crew, sent["silent"])
    file = bookbuilders.queue_file(sent["silent"].batch, crew, name="R2", state=state)
    with pytest.raises(AnswerUnderWay):
        decide(crew, proposal)
    assert not InstructionRelease.objects.exists()
    BankFile.objects.filter(pk=file.pk).delete()
    decide(crew, proposal)
    assert InstructionRelease.objects.count() == 2


def test_answers_that_came_meanwhile_count(crew: bookbuilders.Staff, sent: dict[str, Instruction]) -> None:
    proposal = propose(crew, sent["silent"])
    apply_file(
        sent["silent"].batch,
        crew,
        [
            Answer(sent["silent"], Bucket.PENDING, ok=False),
            Answer(sent["quiet"], Bucket.SETTLED),
        ],
        name="R2",
    )
    with pytest.raises(NothingUnanswered):
        decide(crew, proposal)
    assert Hold.objects.filter(pk=sent["silent"].receivable_id).exists()


def test_two_persons(crew: bookbuilders.Staff, sent: dict[str, Instruction]) -> None:
    with pytest.raises(NotAllowed):
        decide(crew, propose(crew, sent["silent"]), by=crew.clerk)
    with pytest.raises(proposals.ReasonNeeded):
        propose_no_answer_release(
            batch_id=sent["silent"].batch_id, reason=" ", by=crew.supervisor, at=FIRST_DAY
        )


def test_rejecting_changes_nothing(crew: bookbuilders.Staff, sent: dict[str, Instruction]) -> None:
    decide(crew, propose(crew, sent["silent"]), approve=False, reason="the bank says wait")
    assert Hold.objects.filter(instruction_id=sent["silent"].pk).exists()
    assert not InstructionRelease.objects.exists()


def test_a_batch_that_was_never_sent(crew: bookbuilders.Staff) -> None:
    _batch, (instruction,) = bookbuilders.freeze([assess()], crew, number=1, state="FROZEN")
    with pytest.raises(BatchNotReleased):
        propose(crew, instruction)

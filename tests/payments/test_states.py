"""States and moves: the tables are total, the database holds the same ones, and the facts tell the state."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

import pgtrigger
import pytest
from django.db import connection

from bureau import audit
from bureau.states import PROPOSAL_MOVES, ProposalState
from enrollment.states import (
    APPLICATION_MOVES,
    ENROLLMENT_MOVES,
    LIST_MOVES,
    POLICY_MOVES,
    POLICY_RUN_MOVES,
    EnrollmentState,
    PolicyRunState,
    PolicyState,
)
from payments import states
from payments.models import Assessment, Hold, Instruction, Receivable
from payments.models.querysets import (
    INSTRUCTION_STATE_SQL,
    RECEIVABLE_STATE_SQL,
    STATE_NAMES,
)
from payments.states import (
    INSTRUCTION_MOVES,
    RECEIVABLE_MOVES,
    BatchState,
    Bucket,
    ChunkState,
    FileState,
    InstructionState,
    MandateState,
    ReceivableState,
    WorkState,
)
from refunds import states as refund_states
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AT, Answer, Books

Moves = Mapping[str, frozenset[str]]
TABLES: list[tuple[type[StrEnum], Moves, str, set[str]]] = [
    # enum, moves, where a row begins, where it ends for good
    (ReceivableState, RECEIVABLE_MOVES, "ASSESSED", set()),
    (InstructionState, INSTRUCTION_MOVES, "FROZEN", {"REVERSED"}),
    (FileState, states.FILE_MOVES, "QUEUED", {"APPLIED", "REJECTED"}),
    (BatchState, states.BATCH_MOVES, "FROZEN", {"RELEASED", "DROPPED"}),
    (ChunkState, states.CHUNK_MOVES, "TODO", {"DONE"}),
    (WorkState, states.WORK_MOVES, "OPEN", {"RESOLVED"}),
    (MandateState, states.MANDATE_MOVES, "SIGNED", {"CANCELLED"}),
    (
        states.DebitCaseState,
        states.DEBIT_CASE_MOVES,
        "OPEN",
        {"RETURNED", "BOOKED", "EXPLAINED"},
    ),
    (states.OrderState, states.ORDER_MOVES, "OPEN", {"PAID"}),
    (states.VoucherBatchState, states.VOUCHER_BATCH_MOVES, "QUEUED", {"DONE"}),
    (refund_states.CaseState, refund_states.CASE_MOVES, "DRAFT", {"CLOSED", "REJECTED", "WITHDRAWN"}),
    (refund_states.CandidateState, refund_states.CANDIDATE_MOVES, "OPEN", set()),
    (refund_states.PayoutState, refund_states.PAYOUT_MOVES, "FROZEN", {"RELEASED", "DROPPED"}),
    (refund_states.AnswerState, refund_states.ANSWER_MOVES, "HELD", {"APPLIED", "REJECTED"}),
    (ProposalState, PROPOSAL_MOVES, "OPEN", {"APPROVED", "REJECTED", "WITHDRAWN"}),
    (EnrollmentState, ENROLLMENT_MOVES, "0", {"4"}),
    (PolicyState, POLICY_MOVES, "DRAFT", {"REPLACED", "DROPPED"}),
    (PolicyRunState, POLICY_RUN_MOVES, "QUEUED", {"DONE", "OVERTAKEN"}),
]
GUARDED = {
    "payments_bankfile": states.FILE_MOVES,
    "payments_debitbatch": states.BATCH_MOVES,
    "payments_filechunk": states.CHUNK_MOVES,
    "payments_workitem": states.WORK_MOVES,
    "payments_mandate": states.MANDATE_MOVES,
    "bureau_proposal": PROPOSAL_MOVES,
    "enrollment_enrollment": ENROLLMENT_MOVES,
    "enrollment_policy": POLICY_MOVES,
    "enrollment_policyrun": POLICY_RUN_MOVES,
    "enrollment_listfile": LIST_MOVES,
    "enrollment_enrolmentapplication": APPLICATION_MOVES,
    "payments_debitcase": states.DEBIT_CASE_MOVES,
    "payments_order": states.ORDER_MOVES,
    "payments_voucherbatch": states.VOUCHER_BATCH_MOVES,
    "refunds_refundcandidate": refund_states.CANDIDATE_MOVES,
    "refunds_refundcase": refund_states.CASE_MOVES,
    "refunds_payoutbatch": refund_states.PAYOUT_MOVES,
    "refunds_payoutfile": refund_states.ANSWER_MOVES,
}
table = pytest.mark.parametrize(
    ("names", "moves", "first", "ends"), TABLES, ids=[t[0].__name__ for t in TABLES]
)


@table
def test_every_state_has_its_moves_and_every_move_a_state(
    names: type[StrEnum], moves: Moves, first: str, ends: set[str]
) -> None:
    assert set(moves) == {state.value for state in names}
    assert {new for news in moves.values() for new in news} <= set(moves)
    assert not [state for state, news in moves.items() if state in news]


@table
def test_a_row_ends_where_it_should(names: type[StrEnum], moves: Moves, first: str, ends: set[str]) -> None:
    assert {str(state) for state, news in moves.items() if not news} == ends


@table
def test_every_state_can_be_reached(names: type[StrEnum], moves: Moves, first: str, ends: set[str]) -> None:
    seen, left = {first}, [first]
    while left:
        new = {str(state) for state in moves[left.pop()]} - seen
        seen |= new
        left += sorted(new)
    assert seen == {state.value for state in names}


def test_money_once_posted_never_becomes_unposted_without_a_reversal() -> None:
    """Two payments of a year may change places: both stay booked."""
    booked = {InstructionState.SETTLED, InstructionState.DUPLICATE}
    for state in booked:
        assert INSTRUCTION_MOVES[state] == {InstructionState.REVERSED} | booked - {state}
    assert ReceivableState.ASSESSED not in RECEIVABLE_MOVES[ReceivableState.SETTLED]
    assert {Bucket.SETTLED, Bucket.DUPLICATE} == states.BOOKED


@pytest.mark.parametrize(
    ("sql", "names"),
    [(RECEIVABLE_STATE_SQL, ReceivableState), (INSTRUCTION_STATE_SQL, InstructionState)],
    ids=["receivable", "instruction"],
)
def test_the_expression_names_states_of_the_table(sql: str, names: type[StrEnum]) -> None:
    said = set(re.findall(r"(?:THEN|ELSE) '([A-Z_]+)'", sql))
    assert said
    assert said <= {state.value for state in names}


def test_the_querysets_know_all_names() -> None:
    assert {
        "receivable": frozenset(RECEIVABLE_MOVES),
        "instruction": frozenset(INSTRUCTION_MOVES),
    } == STATE_NAMES


@pytest.mark.parametrize("guarded", sorted(GUARDED))
def test_the_database_holds_the_same_moves(db: None, guarded: str) -> None:
    """The trigger function as PostgreSQL has it, not as the model declares it."""
    (model, trigger) = next(
        (model, trigger)
        for model, trigger in pgtrigger.registered()
        if model._meta.db_table == guarded and str(trigger.name).endswith("_moves")
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [trigger.get_pgid(model)])
        body = cursor.fetchone()[0]
    pairs = set(re.findall(r"\('([A-Z0-9_]+)', '([A-Z0-9_]+)'\)", body))
    assert pairs == {(str(old), str(new)) for old, news in GUARDED[guarded].items() for new in news}


def test_no_state_column_is_without_its_table() -> None:
    columns = {
        model._meta.db_table
        for model, trigger in pgtrigger.registered()
        if str(trigger.name).endswith("_moves")
    }
    assert columns == set(GUARDED)


# --- facts tell the state --------------------------------------------------


@pytest.fixture
def clean(db: None) -> Books:
    """One case of everything."""
    return bookbuilders.clean()


def receivable_state(receivable_id: int) -> str:
    """What the facts of a receivable say."""
    return str(Receivable.objects.with_state().get(pk=receivable_id).state)


def instruction_state(instruction_id: int) -> str:
    """What the facts of an instruction say."""
    return str(Instruction.objects.with_state().get(pk=instruction_id).state)


def test_facts_of_receivables(clean: Books) -> None:
    waiting = bookbuilders.assess()
    said = {
        "assessed": receivable_state(waiting.pk),
        "settled": receivable_state(clean.settled.receivable_id),
        "declined": receivable_state(clean.declined.receivable_id),
        "pending": receivable_state(clean.pending.receivable_id),
        "unmatched": receivable_state(clean.unmatched.receivable_id),
        "reversed": receivable_state(clean.reversed.receivable_id),
        "released": receivable_state(clean.released.receivable_id),
        "unanswered": receivable_state(clean.unanswered.receivable_id),
        "dropped": receivable_state(clean.never_sent.receivable_id),
        "exempt": receivable_state(clean.exempt.pk),
        "counter": receivable_state(clean.counter.receivable_id),
    }
    assert said == {
        "assessed": "ASSESSED",
        "settled": "SETTLED",
        "declined": "ASSESSED",
        "pending": "DEBITING",
        "unmatched": "DEBITING",
        "reversed": "REVERSED",
        "released": "ASSESSED",
        "unanswered": "DEBITING",
        "dropped": "ASSESSED",
        "exempt": "EXEMPT",
        "counter": "SETTLED",
    }


def test_facts_of_instructions(clean: Books) -> None:
    frozen, (instruction,) = bookbuilders.freeze(
        [bookbuilders.assess()], clean.home, number=7, state="FROZEN"
    )
    said = {
        name: instruction_state(getattr(clean, name).pk)
        for name in (
            "settled",
            "declined",
            "pending",
            "unmatched",
            "reversed",
            "duplicate",
            "released",
            "unanswered",
        )
    }
    assert said == {
        "settled": "SETTLED",
        "declined": "DECLINED",
        "pending": "PENDING",
        "unmatched": "UNMATCHED",
        "reversed": "REVERSED",
        "duplicate": "DUPLICATE",
        "released": "RELEASED",
        "unanswered": "SENT",
    }
    assert frozen.state == BatchState.FROZEN
    assert instruction_state(instruction.pk) == "FROZEN"


def test_a_later_amount_is_what_is_due(clean: Books) -> None:
    row = Receivable.objects.with_state().get(pk=clean.reassessed.pk)
    assert (row.state, row.amount_due, row.amount) == ("ASSESSED", Decimal("280.00"), Decimal("400.00"))


def later_amount(receivable: Receivable, seq: int, aid: str) -> None:
    """The assessment number ``seq`` of a receivable."""
    Assessment.objects.create(
        id=receivable.pk * 100 + seq,
        receivable=receivable,
        region_id=receivable.region_id,
        policy=receivable.policy,
        standard=Decimal("400.00"),
        aid=Decimal(aid),
        amount=Decimal("400.00") - Decimal(aid),
        reason="list of civil affairs",
        assessed_on=date(2024, 11, 1),
        assessed_at=AT,
    )


def listed(seen: Sequence[str], moves: Moves) -> bool:
    """Whether each step of ``seen`` is a move of the table."""
    return all(new in moves[old] for old, new in pairwise(seen))


def test_a_receivable_goes_only_where_its_table_allows(clean: Books) -> None:
    """Declined, tried again, paid, taken back, tried again, paid."""
    receivable = bookbuilders.assess()
    seen = [receivable_state(receivable.pk)]
    with audit.acting(by=None, why="a test"):
        answers = [(Bucket.DECLINED, ""), (Bucket.SETTLED, ""), (Bucket.SETTLED, "")]
        for nth_try, (bucket, reason) in enumerate(answers, start=1):
            batch, (asked,) = bookbuilders.freeze(
                [receivable], clean.home, number=20 + nth_try, nth_try=nth_try
            )
            seen.append(receivable_state(receivable.pk))
            ok = bucket == Bucket.SETTLED
            bookbuilders.apply_file(
                batch, clean.home, [Answer(asked, bucket, ok, reason)], name=f"M{nth_try}"
            )
            seen.append(receivable_state(receivable.pk))
            if nth_try == 2:
                back = Answer(asked, Bucket.DECLINED, ok=False, reason="REVERSED")
                bookbuilders.apply_file(batch, clean.home, [back], name="M2b")
                seen.append(receivable_state(receivable.pk))
    assert seen == [
        "ASSESSED",
        "DEBITING",
        "ASSESSED",
        "DEBITING",
        "SETTLED",
        "REVERSED",
        "DEBITING",
        "SETTLED",
    ]
    assert listed(seen, RECEIVABLE_MOVES)


def test_aid_that_carries_everything_exempts_and_may_be_withdrawn(clean: Books) -> None:
    receivable = bookbuilders.assess()
    seen = [receivable_state(receivable.pk)]
    for seq, aid in ((1, "400.00"), (2, "100.00")):
        later_amount(receivable, seq, aid)
        seen.append(receivable_state(receivable.pk))
    assert seen == ["ASSESSED", "EXEMPT", "ASSESSED"]
    assert listed(seen, RECEIVABLE_MOVES)


def test_an_instruction_goes_only_where_its_table_allows(clean: Books) -> None:
    """Every answer that a bank may change its mind to, then money, then the money back."""
    receivable = bookbuilders.assess()
    with audit.acting(by=None, why="a test"):
        batch, (asked,) = bookbuilders.freeze([receivable], clean.home, number=30, state="FROZEN")
        seen = [instruction_state(asked.pk)]
        batch.state, batch.released_by, batch.released_at = "RELEASED", clean.home.supervisor, AT
        batch.save()
        seen.append(instruction_state(asked.pk))
        answers = [
            Answer(asked, Bucket.PENDING, ok=False),
            Answer(asked, Bucket.UNMATCHED, reason="HOLDER_DIFFERS"),
            Answer(asked, Bucket.DECLINED, ok=False),
            Answer(asked, Bucket.SETTLED),
            Answer(asked, Bucket.DECLINED, ok=False, reason="REVERSED"),
        ]
        for number, answer in enumerate(answers):
            bookbuilders.apply_file(batch, clean.home, [answer], name=f"N{number}")
            seen.append(instruction_state(asked.pk))
    assert seen == ["FROZEN", "SENT", "PENDING", "UNMATCHED", "DECLINED", "SETTLED", "REVERSED"]
    assert listed(seen, INSTRUCTION_MOVES)


def test_a_contradiction_changes_nothing(clean: Books) -> None:
    answer = Answer(clean.settled, Bucket.DECLINED, ok=False, reason="CONTRADICTS_POSTED")
    with audit.acting(by=None, why="a test"):
        bookbuilders.apply_file(clean.batch, clean.home, [answer], name="C1")
    assert instruction_state(clean.settled.pk) == "SETTLED"
    assert receivable_state(clean.settled.receivable_id) == "SETTLED"
    assert Hold.objects.get(pk=clean.settled.receivable_id).instruction_id == clean.settled.pk

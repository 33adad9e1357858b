"""After a failed debit: the bank's rules decide who is tried again, and the freeze respects them (design: bank-files 8.4)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bureau.access import NotAllowed, OutOfScope
from payments.files.resultcodes import ResultCode, retryable
from payments.models import (
    BankLine,
    BankProfile,
    DebitBatch,
    Instruction,
    Mandate,
    Receivable,
    RetryAction,
    RetryRule,
)
from payments.services import debits, retries
from payments.services.debits import freeze, left_out
from payments.states import Bucket
from tests import builders
from tests.payments import bookbuilders
from tests.payments.bookbuilders import Answer, apply_file
from tests.payments.test_debits import AT, DAY, WHERE, ready
from tests.payments.test_orders import refused

NEXT, LAST = date(2025, 1, 16), date(2025, 1, 17)
REST = [code for code in ResultCode if code not in (ResultCode.OK, ResultCode.PENDING)]
OUT = {
    RetryAction.NEW_ACCOUNT: "NEW_ACCOUNT_NEEDED",
    RetryAction.ASK_BANK: "ASK_THE_BANK",
    RetryAction.LOOK: "LOOK_FIRST",
    RetryAction.STOP: "MANDATE_STOPPED",
}


@pytest.fixture
def crew(db: None) -> bookbuilders.Staff:
    return bookbuilders.staff_of()


def run(crew: bookbuilders.Staff, day: date = DAY, **where: Any) -> list[DebitBatch]:
    return freeze(**(WHERE | where), debit_date=day, by=crew.clerk, at=AT)


def fail(
    crew: bookbuilders.Staff, day: date, internal: str, bucket: Bucket = Bucket.DECLINED
) -> list[Instruction]:
    """Freeze and release a run on ``day``; the bank answers every line so."""
    (batch,) = run(crew, day)
    debits.release(batch_id=batch.pk, by=crew.supervisor, at=AT)
    asked = list(batch.instructions.order_by("pk"))
    file = apply_file(batch, crew, [Answer(one, bucket, ok=False) for one in asked], name=f"{day}-{internal}")
    told = BankLine.objects.filter(pk__gte=file.pk * 10**8, pk__lt=(file.pk + 1) * 10**8)
    with bookbuilders.connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        told.update(internal=internal)
        cursor.execute("SET LOCAL session_replication_role = origin")
    return asked


def out(day: date = NEXT) -> dict[str, int]:
    return left_out(**WHERE, debit_date=day)


# --- the rules --------------------------------------------------------------------------------------


def test_every_reason_has_a_rule_and_the_table_of_codes_agrees(db: None) -> None:
    """What 8.4 lets be tried again is tried again, and nothing else."""
    rules = retries.rules_of("103")
    assert set(rules) == {code.value for code in REST}
    again = {code for code, rule in rules.items() if rule.action == RetryAction.TRY_AGAIN}
    assert again == {code.value for code in REST if retryable(code)}


@pytest.mark.parametrize("internal", [code.value for code in REST])
def test_the_freeze_does_what_the_rule_says(crew: bookbuilders.Staff, internal: str) -> None:
    due = ready()
    fail(crew, DAY, internal)
    action = RetryAction(retries.rules_of("103")[internal].action)
    told = retries.last_failure(receivable_id=due.pk)
    assert told is not None
    assert (told.internal, told.action, told.forbids) == (internal, action, action != RetryAction.TRY_AGAIN)
    if action == RetryAction.TRY_AGAIN:
        assert out() == {}
        (batch,) = run(crew, NEXT)
        assert batch.lines == 1
    else:
        assert out() == {OUT[action]: 1}
        assert run(crew, NEXT) == []


def test_one_try_a_debit_day(crew: bookbuilders.Staff) -> None:
    ready()
    fail(crew, DAY, "NO_FUNDS")
    BankProfile.objects.create(code="105", name="建行", code_set="AIPG")
    Mandate.objects.update(bank_id="105")
    assert left_out(**(WHERE | {"bank": "105"}), debit_date=DAY) == {"TRIED_TODAY": 1}


def test_never_while_the_bank_has_no_final_answer(crew: bookbuilders.Staff) -> None:
    """A pending debit stays out whatever the rules say, and counts as no failure."""
    due = ready()
    RetryRule.objects.create(internal="PENDING", action="TRY_AGAIN")
    fail(crew, DAY, "PENDING", Bucket.PENDING)
    assert out() == {"PENDING_ANSWER": 1}
    assert retries.last_failure(receivable_id=due.pk) is None
    assert retries.last_chance(region_id=builders.GUIGANG, year=2025) == []


def test_after_so_many_failures_the_mandate_is_stopped(crew: bookbuilders.Staff) -> None:
    """Three by the rule that ships; the freeze cancels it, with who and why, and a new one starts afresh."""
    due = ready()
    for day in (DAY, NEXT, LAST):
        fail(crew, day, "NO_FUNDS")
    told = retries.last_failure(receivable_id=due.pk)
    assert told is not None
    assert (told.failures, told.stop_after, told.stopped) == (3, 3, True)
    later = date(2025, 1, 20)
    assert out(later) == {"MANDATE_STOPPED": 1}
    assert Mandate.objects.get().state == "VERIFIED"
    assert run(crew, later) == []
    assert Mandate.objects.get().state == "CANCELLED"
    assert out(later) == {"MANDATE_CANCELLED": 1}
    ready_again(due)
    (batch,) = run(crew, later)
    assert batch.lines == 1


def ready_again(due: Receivable, account: str = "6217000010000000037") -> Mandate:
    """A new mandate, verified."""
    Mandate.objects.filter(person=due.person).update(state="CANCELLED")
    return Mandate.objects.create(
        agreement_no=f"NEW{due.pk}",
        person=due.person,
        bank_id="103",
        account=account,
        holder=due.person.name,
        state="VERIFIED",
        signed_on=date(2025, 1, 16),
    )


def test_the_banks_own_failures_stop_nobody(crew: bookbuilders.Staff) -> None:
    ready()
    for day in (DAY, NEXT, LAST, date(2025, 1, 20)):
        fail(crew, day, "BANK_SYS")
    assert out(date(2025, 1, 21)) == {}


def test_a_new_account_ends_the_question(crew: bookbuilders.Staff) -> None:
    due = ready()
    fail(crew, DAY, "CLOSED")
    assert out() == {"NEW_ACCOUNT_NEEDED": 1}
    ready_again(due)
    assert out() == {}
    (batch,) = run(crew, NEXT)
    assert batch.lines == 1


def test_a_clerk_clears_an_account(crew: bookbuilders.Staff) -> None:
    """Unfrozen at the bank: the same account is tried again, once; the next failure asks again."""
    due = ready()
    (asked,) = fail(crew, DAY, "BLOCKED")
    with refused("REASON_NEEDED"):
        retries.clear(instruction_id=asked.pk, reason=" ", by=crew.clerk, at=AT)
    with refused("NOTHING_FAILED"):
        retries.clear(instruction_id=1, reason="x", by=crew.clerk, at=AT)
    with pytest.raises(OutOfScope):
        retries.clear(instruction_id=asked.pk, reason="x", by=builders.make_staff("clerk", "510100"), at=AT)
    made = retries.clear(instruction_id=asked.pk, reason="银行已解冻", by=crew.clerk, at=AT)
    assert (made.person, made.region_id, made.reason) == (due.person, due.region_id, "银行已解冻")
    with refused("RETRY_CLEARED"):
        retries.clear(instruction_id=asked.pk, reason="x", by=crew.clerk, at=AT)
    assert out() == {}
    fail(crew, NEXT, "BLOCKED")
    assert out(LAST) == {"ASK_THE_BANK": 1}
    with refused("NOTHING_FAILED"):
        retries.clear(instruction_id=asked.pk, reason="x", by=crew.clerk, at=AT)


def test_a_bank_may_have_rules_of_its_own(crew: bookbuilders.Staff) -> None:
    """Kept beside those for all banks, edited by a supervisor, taken back again."""
    due = ready()
    fail(crew, DAY, "CLOSED")
    how: dict[str, Any] = {
        "bank": "103",
        "internal": "CLOSED",
        "action": "TRY_AGAIN",
        "stop_after": 2,
        "at": AT,
    }
    with pytest.raises(NotAllowed):
        retries.set_rule(**how, by=crew.clerk)
    own = retries.set_rule(**how, by=crew.supervisor)
    with refused("RETRY_RULE_TAKEN"):
        retries.set_rule(**how, by=crew.supervisor)
    assert out() == {}
    with refused("RETRY_LIMIT"):
        retries.set_rule(rule_id=own.pk, action="LOOK", stop_after=2, by=crew.supervisor, at=AT)
    retries.set_rule(rule_id=own.pk, action="LOOK", stop_after=None, by=crew.supervisor, at=AT)
    assert out() == {"LOOK_FIRST": 1}
    told = retries.last_failure(receivable_id=due.pk)
    assert told is not None
    assert told.action == RetryAction.LOOK
    general = RetryRule.objects.get(bank=None, internal="CLOSED")
    with refused("RETRY_RULE_NEEDED"):
        retries.drop_rule(rule_id=general.pk, by=crew.supervisor, at=AT)
    retries.drop_rule(rule_id=own.pk, by=crew.supervisor, at=AT)
    with refused("RETRY_RULE_UNKNOWN"):
        retries.drop_rule(rule_id=own.pk, by=crew.supervisor, at=AT)
    assert out() == {"NEW_ACCOUNT_NEEDED": 1}


# --- the last chance --------------------------------------------------------------------------------


def test_who_is_on_the_list_of_the_last_chance(crew: bookbuilders.Staff) -> None:
    """Who failed and has not paid: with the reason, how often, and what follows; who paid since is not on it."""
    poor, closed, paid = ready(), ready(), ready()
    fail(crew, DAY, "NO_FUNDS")
    bookbuilders.pay_at_counter(paid, "C1")
    with bookbuilders.connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        BankLine.objects.filter(instruction_id=closed.pk * 100 + 1).update(internal="CLOSED")
        cursor.execute("SET LOCAL session_replication_role = origin")
    found = retries.last_chance(region_id=builders.GUIGANG, year=2025)
    assert [
        (one.receivable_id, one.internal, one.action, one.failures, one.tried_again) for one in found
    ] == [
        (poor.pk, "NO_FUNDS", RetryAction.TRY_AGAIN, 1, True),
        (closed.pk, "CLOSED", RetryAction.NEW_ACCOUNT, 0, False),
    ]
    assert {(one.amount, one.tried_on) for one in found} == {(Decimal("400.00"), DAY)}
    assert [
        one.receivable_id for one in retries.last_chance(region_id=builders.GUIGANG, year=2025, after=poor.pk)
    ] == [closed.pk]
    ready_again(closed)
    assert [one.settled for one in retries.last_chance(region_id=builders.GUIGANG, year=2025)] == [
        False,
        True,
    ]
    run(crew, NEXT)
    assert retries.last_chance(region_id=builders.GUIGANG, year=2025) == []


def test_the_runs_that_are_left(db: None) -> None:
    """Beijing debits on the 15th of January, February and March, moved to a working day; the last one is the last chance."""
    beijing = {"region_id": "110000", "year": 2025}
    runs = retries.runs_left(**beijing, on=date(2025, 1, 1))
    assert runs.days == (date(2025, 1, 15), date(2025, 2, 17), date(2025, 3, 17))
    assert not runs.is_last
    assert retries.runs_left(**beijing, on=date(2025, 2, 18)).is_last
    assert retries.runs_left(**beijing, on=date(2025, 3, 18)).days == ()


def test_times_are_given(crew: bookbuilders.Staff) -> None:
    """The clearance keeps the moment that the door read."""
    ready()
    (asked,) = fail(crew, DAY, "DORMANT")
    at = datetime(2025, 1, 16, 3, 0, tzinfo=UTC)
    assert retries.clear(instruction_id=asked.pk, reason="已激活", by=crew.clerk, at=at).cleared_at == at

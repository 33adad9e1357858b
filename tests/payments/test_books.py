"""The books: green when everything is right; each check names the row that was damaged behind its back."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from bureau import audit
from bureau.models import StaffRegion
from enrollment.models import Enrollment, Person, Policy, PriorCover
from payments.models import FileChunk, FileLease, FileTally, Hold, WorkItem
from payments.services import books
from payments.services.statements import SQL_DIR
from payments.states import Bucket, Outcome
from tests.payments import bookbuilders, test_settlement_books
from tests.payments.bookbuilders import Answer, Books
from tests.payments.plants.everything import ALL

WORDS = re.compile(r"'([A-Z]+(?:_[A-Z]+)+)'")
NOT_PROBLEMS = {"BANK_BATCH", "REJECTED_MONEY", "CONTRADICTS_POSTED", "QUEUED_LONG"}
# Why a line of a statement has its outcome.
NOT_PROBLEMS |= {"NOT_TOLD", "OK_WITHOUT_MONEY", "SECOND_DEBIT", "SETTLED_BEFORE"}
NOT_PROBLEMS |= {outcome.name for outcome in Outcome}


@pytest.fixture
def clean(db: None) -> Books:
    """Books with one case of everything."""
    return bookbuilders.clean()


def run(sql: str) -> None:
    """One raw statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def triggers_off() -> Iterator[None]:
    """As the owner who switched every guard off."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    yield
    run("SET LOCAL session_replication_role = origin")


def named(code: str) -> list[tuple[str, str, str]]:
    """What the check says, as (what, key, problem)."""
    (result,) = books.run_checks(only=[code])
    assert result.ok == (result.count == 0)
    assert result.count == len(result.rows)
    return sorted((row["what"], row["key"], row["problem"]) for row in result.rows)


def _triggers(ending: str) -> dict[str, str]:
    found = {m._meta.db_table: t.get_pgid(m) for m, t in pgtrigger.registered() if t.name.endswith(ending)}
    return {table: found[table] for table in sorted(found)}


def _names(clean: Books) -> dict[str, Any]:
    policy = clean.exempt.policy_id
    return {
        "b": clean,
        "policy": policy,
        "other_policy": Policy.objects.filter(benefit_year=2026).order_by("id")[0].pk,
        "proposal": _release_proposal(clean),
        "work": WorkItem.objects.order_by("id")[0].pk,
        "chunk": FileChunk.objects.get(file=clean.file).pk,
        "tally": FileTally.objects.get(file=clean.file, bucket=Bucket.SETTLED).pk,
        "guard": _triggers("_no_change"),
        "moves": _triggers("_moves"),
        "history": _triggers("update_update"),
    }


def _release_proposal(clean: Books) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proposal_id FROM payments_instructionrelease WHERE instruction_id = %s",
            [clean.released.pk],
        )
        return int(cursor.fetchone()[0])


def _last(model: type[Any]) -> int:
    newest = model.objects.order_by("-id").first()
    return newest.pk if newest else 0


def test_clean_books_are_green(clean: Books) -> None:
    found = {result.code: result.rows for result in books.run_checks()}
    assert found == {check.code: [] for check in books.known_checks()}


@pytest.mark.parametrize("code", sorted({plant.code for plant in ALL}))
def test_planted_violations_are_named(clean: Books, code: str) -> None:
    """One after the other, each on clean books."""
    values = _names(clean)
    wrong = []
    for plant in (plant for plant in ALL if plant.code == code):
        with transaction.atomic():
            with triggers_off():
                for sql in plant.sql:
                    run(sql.format(**values))
            last = {"last_enrolment": _last(Enrollment), "last_prior": _last(PriorCover)}
            expected = sorted(
                (what, key.format(**values, **last), problem) for what, key, problem in plant.seen
            )
            seen = named(code)
            transaction.set_rollback(True)
        if seen != expected:
            wrong.append((plant.sql, expected, seen))
    assert wrong == []


def test_every_check_and_every_problem_has_its_plant() -> None:
    planted = {problem for plant in ALL for _, _, problem in plant.seen}
    planted |= {problem for _, _, _, problem in test_settlement_books.PLANTS}
    planted |= {"CHANGED_WITHOUT_ACTOR", "HELD_THOUGH_"}
    planted |= {"ORDER_DIFFERS", "PAID_IS_NOT_BOOKED"}  # in tests/payments/test_orders.py
    planted |= {
        "SWAPPED_NOTHING",
        "SWAPPED_NOT_TAKEN_BACK",
        "SWAPPED_MONEY_DIFFERS",
        "SWAPPED_BY_ONE_PERSON",
    }  # test_swaps.py
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((SQL_DIR / "books").glob("*.sql")))
    text += Path(books.__file__).read_text(encoding="utf-8")
    said = set(WORDS.findall(text)) | set(re.findall(r"'(HELD_THOUGH_)'", text))
    assert said - NOT_PROBLEMS <= planted
    codes = {plant.code for plant in ALL} | {code for code, _, _, _ in test_settlement_books.PLANTS}
    assert codes == {check.code for check in books.BUILT_IN}


def test_a_change_without_actor_is_named(clean: Books) -> None:
    receivable = clean.pending.receivable_id
    run("SELECT set_config('pghistory.context_id', '', true)")
    Person.objects.filter(pk=clean.pending.person_id).update(phone="13800000000")
    Hold.objects.filter(pk=receivable).delete()
    assert named("I18") == [
        ("hold", str(receivable), "CHANGED_WITHOUT_ACTOR"),
        ("person", str(clean.pending.person_id), "CHANGED_WITHOUT_ACTOR"),
    ]


def test_a_wrong_header_counts_unless_a_supervisor_released_the_file(clean: Books) -> None:
    wrong = (
        f'UPDATE payments_bankfile SET header = header || \'{{"amount": "1.00"}}\' WHERE id = {clean.file.pk}'
    )
    released = (
        f"UPDATE payments_bankfile SET released_by_id = {clean.home.supervisor.pk}, released_at = now() "
        f"WHERE id = {clean.file.pk}"
    )
    with triggers_off():
        run(wrong)
    assert named("I03") == [("file", str(clean.file.pk), "AMOUNT_DIFFERS_FROM_HEADER")]
    with triggers_off():
        run(released)
    assert named("I03") == []
    with triggers_off():
        run(f"UPDATE payments_bankfile SET amount = amount + 1 WHERE id = {clean.file.pk}")
    assert named("I03") == [("file", str(clean.file.pk), "AMOUNT_DIFFERS_FROM_ORIGINAL")]


def test_a_file_without_totals_in_its_header_is_not_proved(clean: Books) -> None:
    with triggers_off():
        run(f"UPDATE payments_bankfile SET header = '{{}}' WHERE id = {clean.second.pk}")
    assert {problem for _, _, problem in named("I03")} == {
        "AMOUNT_DIFFERS_FROM_HEADER",
        "DEBITED_DIFFERS_FROM_HEADER",
        "HEADER_DOES_NOT_ADD_UP",
        "LINES_DIFFER_FROM_HEADER",
        "OK_LINES_DIFFER_FROM_HEADER",
        "OTHER_AMOUNT_DIFFERS_FROM_HEADER",
    }


def test_newborns_pay_by_their_own_rule(clean: Books) -> None:
    with triggers_off():
        run(f"UPDATE payments_payment SET debited_on = '2026-01-20' WHERE id = {clean.counter.pk}")
    assert named("I13") == [("payment", str(clean.counter.pk), "PAID_OUTSIDE_THE_YEAR")]
    with triggers_off():
        run(f"UPDATE enrollment_person SET birth_date = '2025-11-30' WHERE id = {clean.counter.person_id}")
    assert named("I13") == []


def test_a_late_ok_of_an_earlier_try_leaves_the_hold_of_the_try_that_is_out(clean: Books) -> None:
    receivable = clean.declined.receivable_id
    with audit.acting(by=None, why="books of a test"):
        again, _ = bookbuilders.freeze(
            [
                clean.declined.batch.instructions.model.objects.get(
                    pk=clean.declined.pk
                ).person.receivables.get(pk=receivable)
            ],
            clean.home,
            number=3,
            nth_try=2,
        )
        bookbuilders.apply_file(clean.batch, clean.home, [Answer(clean.declined, Bucket.SETTLED)], name="R9")
    assert Hold.objects.get(pk=receivable).instruction_id == again.instructions.get().pk
    assert [result.code for result in books.run_checks() if not result.ok] == []


def test_a_hold_taken_for_a_receivable_that_another_channel_paid_is_named(clean: Books) -> None:
    receivable = clean.counter.receivable_id
    with triggers_off():
        run(
            "INSERT INTO payments_instruction SELECT (jsonb_populate_record(i, jsonb_build_object('id', "
            f"{receivable}01, 'seq', 99))).* FROM payments_instruction i WHERE id = {clean.pending.pk}"
        )
        run(
            "INSERT INTO payments_hold (id, region_id, instruction_id, held_at) "
            f"VALUES ({receivable}, '450800', {receivable}01, now())"
        )
    assert named("I15") == [("hold", str(receivable), "HELD_THOUGH_PAID")]


def test_cover_of_an_exempt_receivable_that_is_due_again_is_named(clean: Books) -> None:
    """The last assessment counts: aid that was withdrawn leaves cover without a payment."""
    with triggers_off():
        run(f"UPDATE payments_assessment SET id = {clean.exempt.pk}01, receivable_id = {clean.exempt.pk}")
    assert named("I14") == [("cover", f"{clean.exempt.pk}00", "COVER_WITHOUT_PAYMENT")]


def test_who_once_worked_in_a_region_may_have_acted_there(clean: Books) -> None:
    with audit.acting(by=None, why="moved"):
        StaffRegion.objects.filter(user=clean.home.clerk).update(region_id="510000")
    assert named("I22") == []


def test_a_file_that_waits_long_is_a_warning(clean: Books) -> None:
    with audit.acting(by=None, why="books of a test"):
        waiting = bookbuilders.queue_file(clean.batch, clean.home, name="Q1")
    with triggers_off():
        run(
            "UPDATE payments_bankfileevent SET pgh_created_at = now() - interval '301 seconds' "
            f"WHERE pgh_obj_id = {waiting.pk}"
        )
    (result,) = books.run_checks(only=["I21"])
    assert result.ok
    assert [(row["key"], row["problem"]) for row in result.rows] == [(str(waiting.pk), "QUEUED_LONG")]


def test_a_lease_that_just_expired_is_no_alarm(clean: Books) -> None:
    with triggers_off():
        run(f"UPDATE payments_bankfile SET state = 'RUNNING' WHERE id = {clean.held_file.pk}")
    FileLease.objects.filter(pk=clean.held_file.pk).update(attempts=3)
    run(
        "UPDATE payments_filelease SET expires_at = now() - interval '299 seconds' "
        f"WHERE file_id = {clean.held_file.pk}"
    )
    assert named("I21") == []


def test_at_most_twenty_rows_are_shown_and_all_are_counted(clean: Books) -> None:
    with triggers_off():
        run(
            "INSERT INTO payments_linetext (line_id, text) "
            f"SELECT {clean.file.pk}00000100 + n, '' FROM generate_series(1, 25) n"
        )
    (result,) = books.run_checks(only=["R08"])
    assert (result.ok, result.count, len(result.rows)) == (False, 25, books.SHOWN)


def test_the_checks_cannot_write_and_leave_the_settings_alone(clean: Books) -> None:
    def query() -> tuple[str, dict[str, Any]]:
        return (
            "SELECT '' AS what, current_setting('enable_nestloop') AS key, '' AS problem, "
            "'' AS expected, '' AS found",
            {},
        )

    books.register(books.Check("Z99", "what the planner is told", query))
    try:
        (result,) = books.run_checks(only=["Z99"])
    finally:
        books._checks.pop("Z99")
    assert result.rows[0]["key"] == "off"
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        assert cursor.fetchone() == ("on",)


# --- the command --------------------------------------------------------


def command(*args: str) -> tuple[int, str]:
    """Exit code and output of check_books."""
    out = StringIO()
    try:
        call_command("check_books", *args, stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_command_is_green_with_exit_0(clean: Books) -> None:
    code, text = command("--json")
    answer = json.loads(text)
    assert code == 0
    assert {check["code"] for check in answer["checks"]} == {check.code for check in books.known_checks()}
    assert all(check["ok"] and check["rows"] == [] for check in answer["checks"])


def test_command_names_the_rows_with_exit_1(clean: Books) -> None:
    with triggers_off():
        run(f"DELETE FROM payments_workitem WHERE line_id = {clean.line(4)}")
    code, text = command("--json", "--only", "I04,I05")
    assert code == 1
    i04, i05 = json.loads(text)["checks"]
    assert (i05["code"], i05["ok"], i05["rows"]) == ("I05", True, [])
    assert (i04["code"], i04["ok"]) == ("I04", False)
    assert i04["rows"] == [
        {
            "what": "bank line",
            "key": str(clean.line(4)),
            "problem": "DEBITED_AND_NOWHERE",
            "expected": "400.00",
            "found": "no work item",
        }
    ]


def test_command_prints_a_table_for_people(clean: Books) -> None:
    with triggers_off():
        run(f"DELETE FROM payments_workitem WHERE line_id = {clean.line(4)}")
    code, text = command()
    assert code == 1
    assert f"DEBITED_AND_NOWHERE bank line {clean.line(4)}" in text
    assert "I05" in text


def test_no_id_number_account_or_name_is_ever_said(clean: Books) -> None:
    """Everything about a person is damaged at once; what is said must not tell who it is."""
    person = Person.objects.get(pk=clean.settled.person_id)
    with triggers_off():
        run("ALTER TABLE enrollment_person DROP CONSTRAINT person_id_number_once")
        run(
            f"UPDATE enrollment_person SET id_number = '450802199008150014', name = '欧阳娜娜' "
            f"WHERE id IN ({person.pk}, {person.pk + 1})"
        )
        run(f"UPDATE payments_mandate SET holder = '欧阳娜娜' WHERE id = {clean.settled.mandate_id}")
        run(f"DELETE FROM payments_payment WHERE person_id = {person.pk}")
    code, text = command()
    assert code == 1
    account = clean.settled.account
    assert not [
        secret for secret in ("450802199008150014", "欧阳娜娜", account, person.id_number) if secret in text
    ]

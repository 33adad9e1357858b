"""Who did what and why: guards that nobody passes, history that nothing escapes, the context that it carries."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bureau import audit
from bureau.models import ExportOutcome, ExportRecord, Region, User
from enrollment.models import EmployeeSpell, Person, PriorCover
from tests.builders import make_person
from tests.payments import bookbuilders

Staff = Callable[..., User]
Event = dict[str, Any]


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement returns, if anything."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def events(table: str, key: int | str) -> list[tuple[Any, ...]]:
    """(label, metadata of its context) of each event of a row, in order."""
    found = rows(
        f"SELECT e.pgh_label, c.metadata FROM {table} e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id "
        "WHERE e.pgh_obj_id = %s ORDER BY e.pgh_id",
        key,
    )
    return [(label, metadata and json.loads(metadata)) for label, metadata in found]


def forget() -> None:
    """As in a new transaction: nobody acts."""
    rows("SELECT set_config('pghistory.context_id', '', true)")


def refused(sql: str) -> tuple[str, str]:
    """(sqlstate, table) of the refusal of a raw statement."""
    rows("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        rows(sql)
    cause: Any = caught.value.__cause__
    return cause.sqlstate, cause.diag.table_name


@pytest.fixture
def record(db: None, staff: Staff, at: datetime) -> ExportRecord:
    """A line of the export register."""
    return ExportRecord.objects.create(user=staff("auditor"), at=at, what="payments")


# --- append-only ---------------------------------------------------------------


def test_an_append_only_row_stays_as_it_was_written(record: ExportRecord, at: datetime) -> None:
    ExportOutcome.objects.create(export=record, rows=1, sha256="0" * 64, finished_at=at)
    expected = ("BU001", "bureau_exportrecord")
    assert refused(f"UPDATE bureau_exportrecord SET what = 'persons' WHERE id = {record.pk}") == expected
    assert refused(f"DELETE FROM bureau_exportrecord WHERE id = {record.pk}") == expected
    assert refused("TRUNCATE bureau_exportrecord CASCADE") == expected
    assert rows("SELECT what FROM bureau_exportrecord") == [("payments",)]


@pytest.mark.parametrize(
    "table",
    [
        "payments_receivable",
        "payments_instruction",
        "payments_payment",
        "enrollment_coverage",
        "payments_bankline",
        "payments_duplicatepayment",
        "payments_reversal",
        "payments_filetally",
        "payments_linetext",
        "payments_assessment",
        "payments_instructionrelease",
        "payments_siblingreceivable",
    ],
)
def test_money_lines_and_cover_are_append_only_on_parent_and_leaf(db: None, table: str) -> None:
    bookbuilders.clean()
    column = rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum LIMIT 1",
        table,
    )[0][0]
    leaves = [
        row[0]
        for row in rows(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", table
        )
    ]
    written = rows(f"SELECT count(*) FROM {table}")
    assert written[0][0] > 0
    for relation in [table, *(leaf for leaf in leaves if leaf.endswith("2025"))]:
        for sql in (
            f"UPDATE {relation} SET {column} = {column}",
            f"DELETE FROM {relation}",
            f"TRUNCATE {relation} CASCADE",
        ):
            assert refused(sql) == ("BU001", table)
    assert rows(f"SELECT count(*) FROM {table}") == written


def test_a_new_year_is_guarded_from_its_first_row(db: None) -> None:
    assert refused("TRUNCATE payments_payment_2028") == ("BU001", "payments_payment")
    assert refused("TRUNCATE enrollment_coverage_2024") == ("BU001", "enrollment_coverage")


# --- moves ----------------------------------------------------------------------


def test_a_state_makes_only_listed_moves_by_whatever_hand(db: None) -> None:
    books = bookbuilders.clean()
    sql = "UPDATE payments_bankfile SET state = 'QUEUED' WHERE id = {}"
    assert refused(sql.format(books.file.pk)) == ("BU002", "payments_bankfile")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(books.held_file.pk))
    assert rows("SELECT state FROM payments_bankfile WHERE id = %s", books.held_file.pk) == [("QUEUED",)]


# --- history ----------------------------------------------------------------------


def test_every_way_of_changing_a_row_leaves_history(db: None, staff: Staff) -> None:
    by = staff("clerk")
    with audit.acting(by=by, why="a test"):
        person = make_person()
        person.phone = "1"
        person.save(update_fields=["phone"])
        Person.objects.filter(pk=person.pk).update(phone="2")
        Person.objects.bulk_update([Person(pk=person.pk, phone="3")], ["phone"])
        rows("UPDATE enrollment_person SET phone = '4' WHERE id = %s RETURNING id", person.pk)
        spell = EmployeeSpell.objects.create(person=person, started_on=date(2024, 1, 1))
        EmployeeSpell.objects.filter(pk=spell.pk).delete()
    assert [label for label, _ in events("enrollment_personevent", person.pk)] == ["insert", *["update"] * 4]
    phones = rows("SELECT phone FROM enrollment_personevent WHERE pgh_obj_id = %s ORDER BY pgh_id", person.pk)
    assert phones == [("",), ("1",), ("2",), ("3",), ("4",)]
    assert [label for label, _ in events("enrollment_employeespellevent", spell.pk)] == ["insert", "delete"]


def test_a_statement_that_changes_nothing_leaves_nothing(db: None) -> None:
    person = make_person()
    Person.objects.filter(pk=person.pk).update(phone=person.phone)
    assert [label for label, _ in events("enrollment_personevent", person.pk)] == ["insert"]


def test_passwords_are_no_part_of_history(db: None, staff: Staff) -> None:
    user = staff("clerk")
    user.set_password("correct horse battery staple")
    user.save(update_fields=["password"])
    columns = {
        row[0]
        for row in rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'bureau_userevent'"
        )
    }
    assert "username" in columns
    assert not columns & {"password", "last_login"}
    assert [label for label, _ in events("bureau_userevent", user.pk)] == ["insert"]


# --- who and why ------------------------------------------------------------------


def test_history_says_who_why_and_what_about(db: None, staff: Staff) -> None:
    by = staff("clerk")
    with audit.acting(by=by, why="moved house", file=7):
        person = make_person()
    assert events("enrollment_personevent", person.pk) == [
        ("insert", {"user": by.pk, "actor": by.username, "why": "moved house", "file": 7})
    ]


def test_the_system_acts_under_its_own_name(db: None) -> None:
    with audit.acting(by=None, why="nightly"):
        person = make_person()
    assert events("enrollment_personevent", person.pk)[0][1] == {
        "user": None,
        "actor": "system",
        "why": "nightly",
    }


def test_who_and_why_are_written_once_for_a_million_rows(db: None) -> None:
    person = make_person()
    forget()
    with audit.acting(by=None, why="an import"):
        PriorCover.objects.bulk_create(
            PriorCover(person=person, benefit_year=year) for year in range(2003, 2023)
        )
    found = rows(
        "SELECT count(*), count(DISTINCT e.pgh_context_id) FROM enrollment_priorcoverevent e "
        "JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE c.metadata ->> 'why' = 'an import'"
    )
    assert found == [(20, 1)]


def test_rows_copied_in_after_a_statement_are_attributed_too(db: None) -> None:
    """COPY passes the context by; a write before it in the same transaction brings it along."""
    person = make_person()
    forget()
    with audit.acting(by=None, why="a copy"), connection.cursor() as cursor:
        cursor.execute("UPDATE enrollment_person SET phone = '1' WHERE id = %s", [person.pk])
        with cursor.copy(
            "COPY enrollment_priorcover (person_id, benefit_year, scheme, source) FROM STDIN"
        ) as copy:
            copy.write_row((person.pk, 2020, "390", ""))
    key = PriorCover.objects.get(person=person).pk
    assert [(label, seen["why"]) for label, seen in events("enrollment_priorcoverevent", key)] == [
        ("insert", "a copy")
    ]


def test_an_inner_service_adds_to_what_the_outer_door_said(db: None, staff: Staff) -> None:
    by = staff("clerk")
    with audit.acting(by=by, why="upload", request="/desk/"), audit.acting(by=by, why="post", file=7):
        person = make_person()
    assert events("enrollment_personevent", person.pk)[0][1] == {
        "user": by.pk,
        "actor": by.username,
        "why": "post",
        "request": "/desk/",
        "file": 7,
    }


def test_an_inner_service_does_not_speak_for_the_outer_one(db: None, staff: Staff) -> None:
    """Rows written before and after the inner block say the outer why, also in one transaction."""
    by, other = staff("clerk"), staff("clerk")
    with transaction.atomic(), audit.acting(by=by, why="import a list"):
        first = make_person()
        with audit.acting(by=other, why="propose"):
            second = make_person()
        third = make_person()
    told = {
        person.pk: [
            (seen["why"], seen["user"]) for _label, seen in events("enrollment_personevent", person.pk)
        ]
        for person in (first, second, third)
    }
    assert told == {
        first.pk: [("import a list", by.pk)],
        second.pk: [("propose", other.pk)],
        third.pk: [("import a list", by.pk)],
    }


def test_nobody_answers_for_what_comes_after(committed: None, staff: Staff) -> None:
    """The context ends with its block: the next transaction on the same connection has none."""
    by = staff("clerk")
    with audit.acting(by=by, why="first"):
        person = make_person()
    Person.objects.filter(pk=person.pk).update(phone="1")
    assert [(label, seen and seen["why"]) for label, seen in events("enrollment_personevent", person.pk)] == [
        ("insert", "first"),
        ("update", None),
    ]


def test_what_is_rolled_back_leaves_no_history(db: None, staff: Staff) -> None:
    person = make_person()
    with audit.acting(by=staff("clerk"), why="a mistake"), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(phone="1")
        transaction.set_rollback(True)
    assert [label for label, _ in events("enrollment_personevent", person.pk)] == ["insert"]


def test_a_region_edited_by_hand_is_in_the_history(db: None) -> None:
    forget()
    Region.objects.filter(pk="450800").update(online_enabled=False)
    assert [label for label, _ in events("bureau_regionevent", "450800")][-1] == "update"

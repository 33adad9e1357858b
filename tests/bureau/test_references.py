"""References proved once a statement: unknown parents are refused by whatever hand, and parents stay."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from enrollment.models import Household, HouseholdMember, Person
from tests.builders import GUIGANG, enrol, make_person

NOBODY = {"bureau_region": "999999", "enrollment_person": 987654321, "enrollment_household": 987654321}


def declared() -> Iterator[tuple[str, str, str]]:
    """(table, column, parent) of every reference that the triggers hold."""
    for model in apps.get_models():
        names = {trigger.name for trigger in getattr(model._meta, "triggers", [])}
        for field in model._meta.concrete_fields:
            if f"{field.name}_is_known" in names:
                assert isinstance(field, models.ForeignKey)
                assert f"{field.name}_stays_known" in names
                yield model._meta.db_table, field.column, field.related_model._meta.db_table


REFERENCES = sorted(declared())


def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """A raw statement, in a savepoint of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def rows(db: None) -> dict[str, int]:
    """One row of each table that refers, by its number."""
    person = make_person()
    home = Household.objects.create(region_id=GUIGANG, opened_on=date(2025, 1, 1), closed_on=date(2025, 1, 2))
    member = HouseholdMember.objects.create(
        household=home, person=person, relation="HEAD", joined_on=date(2025, 1, 1)
    )
    return {
        "enrollment_person": person.pk,
        "enrollment_enrollment": enrol(person).pk,
        "enrollment_household": home.pk,
        "enrollment_householdmember": member.pk,
    }


def test_the_tables_that_lists_fill_hold_their_references_so() -> None:
    held = {(table, column) for table, column, _ in REFERENCES}
    assert {
        ("enrollment_person", "region_id"),
        ("enrollment_person", "merged_into_id"),
        ("enrollment_enrollment", "person_id"),
        ("enrollment_enrollment", "region_id"),
        ("enrollment_household", "region_id"),
        ("enrollment_household", "payer_id"),
        ("enrollment_household", "merged_into_id"),
        ("enrollment_householdmember", "household_id"),
        ("enrollment_householdmember", "person_id"),
        ("enrollment_householdmember", "guardian_id"),
    } <= held


@pytest.mark.parametrize(("table", "column", "parent"), REFERENCES)
def test_a_row_that_refers_to_nobody_is_refused(
    rows: dict[str, int], table: str, column: str, parent: str
) -> None:
    columns = [
        name
        for (name,) in run(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'",
            table,
        )
    ]
    # Copies of the row: a good one and one with an unknown parent in one statement; unique columns made other.
    other = {
        "id_number": "'45080219990101' || n || '8X'" if table == "enrollment_person" else "id_number",
        "left_on": "joined_on",
        "state": "'4'",
        "ended_on": "started_on",
        column: f"CASE n WHEN 10 THEN {column} ELSE %s END",
    }
    chosen = ", ".join(other.get(name, name) for name in columns)
    copy = (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table}, generate_series(10, %s) n "
        f"WHERE id = %s"
    )
    nobody = NOBODY[parent]
    before = run(f"SELECT count(*) FROM {table}")
    with pytest.raises(IntegrityError, match=f"{table}.{column} refers to no row of {parent}"):
        run(copy, nobody, 11, rows[table])
    assert run(f"SELECT count(*) FROM {table}") == before
    run(copy, nobody, 10, rows[table])
    assert run(f"SELECT count(*) FROM {table}") == [(before[0][0] + 1,)]


@pytest.mark.parametrize(("table", "column", "parent"), REFERENCES)
def test_a_row_cannot_be_turned_to_nobody(rows: dict[str, int], table: str, column: str, parent: str) -> None:
    with pytest.raises(IntegrityError, match=f"{table}.{column} refers to no row of {parent}"):
        run(f"UPDATE {table} SET {column} = %s WHERE id = %s", NOBODY[parent], rows[table])


@pytest.mark.parametrize("parent", sorted({parent for _, _, parent in REFERENCES}))
def test_who_is_referred_to_stays_under_the_same_key(rows: dict[str, int], parent: str) -> None:
    key, value = ("code", GUIGANG) if parent == "bureau_region" else ("id", rows[parent])
    for sql in (
        f"DELETE FROM {parent} WHERE {key} = %s",
        f"UPDATE {parent} SET {key} = '999999' WHERE {key} = %s",
    ):
        with pytest.raises(DatabaseError, match="rows are kept") as caught:
            run(sql, value)
        cause: Any = caught.value.__cause__
        assert (cause.sqlstate, cause.diag.table_name) == ("BU001", parent)


def test_nobody_is_a_reference_where_it_may_be_empty(rows: dict[str, int]) -> None:
    Person.objects.filter(pk=rows["enrollment_person"]).update(merged_into=None)
    other = make_person()
    Person.objects.filter(pk=rows["enrollment_person"]).update(merged_into=other)
    assert Person.objects.get(pk=rows["enrollment_person"]).merged_into == other

"""Households and changes: every named constraint by raw writes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from enrollment.models import Household
from enrollment.services import changes
from tests.builders import GUIGANG, enrol, make_person

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 1)
AT = datetime(2025, 3, 1, 1, 0, tzinfo=UTC)


def insert(table: str, **row: Any) -> int:
    """Write a row past every layer of ours; returns its id."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO enrollment_{table} ({columns}) VALUES ({marks}) RETURNING id", list(row.values())
        )
        return int(cursor.fetchone()[0])


def update(table: str, key: int, **values: Any) -> None:
    """Change a row past every layer of ours."""
    parts = ", ".join(f'"{name}" = %s' for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE enrollment_{table} SET {parts} WHERE id = %s", [*values.values(), key])


def household(**values: Any) -> int:
    row: dict[str, Any] = {"region_id": GUIGANG, "town": "", "village": "", "address": "", "phone": ""}
    return insert("household", **row | {"opened_on": DAY, "version": 0} | values)


def member(home: int, person: int, **values: Any) -> int:
    row: dict[str, Any] = {"household_id": home, "person_id": person, "relation": "OTHER", "joined_on": DAY}
    return insert("householdmember", **row | values)


def refused(name: str) -> Any:
    """The next write breaks the constraint ``name``."""
    return pytest.raises(IntegrityError, match=name)


def test_households() -> None:
    """A household ends after it begins; a merged one is closed and is not merged into itself."""
    one, two = household(), household()
    with refused("household_order"), transaction.atomic():
        update("household", one, closed_on=date(2025, 2, 28))
    with refused("household_merged_is_closed"), transaction.atomic():
        update("household", one, merged_into_id=two)
    with refused("household_merged_is_closed"), transaction.atomic():
        update("household", one, merged_into_id=one, closed_on=DAY)
    update("household", one, merged_into_id=two, closed_on=DAY)
    assert Household.objects.get(pk=one).merged_into_id == two


def test_members() -> None:
    """One live household a person, one head a household, nobody their own guardian, known relations."""
    one, two = household(), household()
    head, other = make_person().pk, make_person().pk
    member(one, head, relation="HEAD")
    with refused("household_one_head"), transaction.atomic():
        member(one, other, relation="HEAD")
    with refused("member_of_one_household"), transaction.atomic():
        member(two, head)
    with refused("member_order"), transaction.atomic():
        member(one, other, left_on=date(2025, 2, 28))
    with refused("member_not_own_guardian"), transaction.atomic():
        member(one, other, guardian_id=other)
    with refused("member_relation_known"), transaction.atomic():
        member(one, other, relation="COUSIN")


def test_persons_and_ends() -> None:
    """A record does not go into itself; the reason of an end is a known one, of an ended enrolment."""
    person = make_person()
    enrollment = enrol(person)
    with refused("person_not_into_itself"), transaction.atomic():
        update("person", person.pk, merged_into_id=person.pk)
    with refused("enrollment_end_reason_known"), transaction.atomic():
        update("enrollment", enrollment.pk, end_reason="DEATH")
    with refused("enrollment_end_reason_known"), transaction.atomic():
        update("enrollment", enrollment.pk, state="4", ended_on=date(2025, 3, 1), end_reason="BORED")


def test_changes_are_for_ever() -> None:
    """A change is of a known kind and is neither altered nor removed."""
    person = make_person()
    change = changes.record(
        kind=changes.ChangeKind.REGISTERED, person_id=person.pk, region_id=GUIGANG, on=DAY, by=None, at=AT
    )
    with refused("change_kind_known"), transaction.atomic():
        insert(
            "change",
            kind="GOSSIP",
            person_id=person.pk,
            region_id=GUIGANG,
            effective_on=DAY,
            details="{}",
            reason="",
            made_at=AT,
        )
    for statement in (
        "UPDATE enrollment_change SET reason = 'x' WHERE id = %s",
        "DELETE FROM enrollment_change WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [change.pk])

"""PostgreSQL has the last word: every named constraint, state guard and append-only guard of enrolment,
by raw writes.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg.types.range import Range

from enrollment.models import Coverage, Enrollment, Policy
from enrollment.states import ENROLLMENT_MOVES, POLICY_MOVES
from tests.builders import GUIGANG, make_person, make_staff
from tests.enrollment.covered import AT, receivable

pytestmark = pytest.mark.django_db
APPEND_ONLY, MOVE = "BU001", "BU002"
LEAF = "enrollment_coverage_2025"
Row = dict[str, Any]


def insert(table: str, **row: Any) -> int:
    """Write a row past every layer of ours; returns its id."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO enrollment_{table} ({columns}) VALUES ({marks}) RETURNING id", list(row.values())
        )
        return int(cursor.fetchone()[0])


def person_row(**changes: Any) -> Row:
    row: Row = {
        "id_type": "01",
        "id_number": "450802198005170017",
        "id_alias": "",
        "name": "张三",
        "gender": "1",
        "birth_date": date(1980, 5, 17),
        "death_date": None,
        "phone": "",
        "person_class": "1501",
        "region_id": GUIGANG,
        "created_at": AT,
    }
    return row | changes


def enrollment_row(person: int, **changes: Any) -> Row:
    row: Row = {
        "person_id": person,
        "region_id": GUIGANG,
        "scheme": "390",
        "state": "1",
        "started_on": date(2024, 9, 1),
        "ended_on": None,
        "reason": "",
    }
    return row | changes


def policy_row(**changes: Any) -> Row:
    row: Row = {
        "key": "T",
        "region_id": GUIGANG,
        "benefit_year": 2040,
        "version": 1,
        "terms": "{}",
        "mark": "",
        "note": "",
        "state": "DRAFT",
        "in_force": None,
        "made_by_id": None,
        "published_by_id": None,
    }
    return row | changes


def coverage_row(**changes: Any) -> Row:
    row: Row = {
        "id": receivable(2025) * 100,
        "person_id": 1,
        "region_id": GUIGANG,
        "scheme": "390",
        "start": date(2025, 1, 1),
        "end": date(2026, 1, 1),
        "rule": "IN_WINDOW",
        "wait_fixed": 0,
        "wait_variable": 0,
        "repair_years": 0,
        "policy_id": 1,
        "reason": "DECIDED",
        "decided_at": AT,
    }
    return row | changes


SINCE = datetime(2039, 1, 1, tzinfo=UTC)
FIRST, LATER = Range(SINCE, None), Range(datetime(2039, 6, 1, tzinfo=UTC), None)
EARLY, LATE = date(2024, 1, 1), date(2024, 2, 1)


def _twice_live(person: int) -> list[tuple[str, Row]]:
    rows = [enrollment_row(person, state=state, started_on=day) for state, day in (("0", EARLY), ("2", LATE))]
    return [("enrollment", row) for row in rows]


def _dated(table: str, person: int, first: str, last: str, **more: Any) -> tuple[str, Row]:
    return table, {"person_id": person, first: LATE, last: EARLY, "source": "", **more}


def _category(person: int, **changes: Any) -> tuple[str, Row]:
    row: Row = {"person_id": person, "category": "DIBAO", "valid_from": LATE, "valid_to": None, "source": ""}
    return "personcategory", row | changes


def _spell(person: int) -> tuple[str, Row]:
    return "employeespell", {"person_id": person, "started_on": EARLY, "source": ""}


def _prior(person: int, year: int = 2024) -> tuple[str, Row]:
    return "priorcover", {"person_id": person, "benefit_year": year, "scheme": "390", "source": ""}


def _same_person(user: int) -> Row:
    return policy_row(made_by_id=user, published_by_id=user, state="PUBLISHED", in_force=FIRST)


Violation = Callable[[int, int], list[tuple[str, Row]]]
VIOLATIONS: list[tuple[str, Violation]] = [
    ("person_id_number_once", lambda p, u: [("person", person_row()), ("person", person_row(name="李四"))]),
    ("person_id_number_normal", lambda p, u: [("person", person_row(id_type="99", id_number="ab 12"))]),
    ("person_id_number_normal", lambda p, u: [("person", person_row(id_type="99", id_number=""))]),
    ("person_id_card_format", lambda p, u: [("person", person_row(id_number="450802800517001"))]),
    ("person_id_card_format", lambda p, u: [("person", person_row(id_number="04508019800517001X"))]),
    ("person_id_card_format", lambda p, u: [("person", person_row(id_number="4508021980051700X1"))]),
    ("person_id_card_format", lambda p, u: [("person", person_row(id_number="45080219800517001A"))]),
    ("person_id_number_normal", lambda p, u: [("person", person_row(id_type="99", id_number="AB\uff1112"))]),
    ("person_id_number_normal", lambda p, u: [("person", person_row(id_type="99", id_number="A 12"))]),
    ("person_has_name", lambda p, u: [("person", person_row(name=""))]),
    ("person_life_order", lambda p, u: [("person", person_row(death_date=date(1980, 5, 16)))]),
    ("person_class_known", lambda p, u: [("person", person_row(person_class="9999"))]),
    ("enrollment_one_live", lambda p, u: _twice_live(p)),
    ("enrollment_state_known", lambda p, u: [("enrollment", enrollment_row(p, state="3"))]),
    ("enrollment_scheme_known", lambda p, u: [("enrollment", enrollment_row(p, scheme="999"))]),
    ("enrollment_end_evidence", lambda p, u: [("enrollment", enrollment_row(p, state="4"))]),
    ("enrollment_end_evidence", lambda p, u: [("enrollment", enrollment_row(p, ended_on=date(2025, 1, 1)))]),
    ("enrollment_order", lambda p, u: [("enrollment", enrollment_row(p, state="4", ended_on=EARLY))]),
    ("category_order", lambda p, u: [_category(p, valid_to=EARLY)]),
    ("category_order", lambda p, u: [_category(p, valid_to=LATE)]),
    ("category_once", lambda p, u: [_category(p), _category(p, source="again")]),
    ("spell_order", lambda p, u: [_dated("employeespell", p, "started_on", "stopped_on")]),
    ("spell_once", lambda p, u: [_spell(p), _spell(p)]),
    ("prior_cover_once", lambda p, u: [_prior(p), _prior(p)]),
    ("prior_cover_year", lambda p, u: [_prior(p, 1997)]),
    ("prior_cover_year", lambda p, u: [_prior(p, 2200)]),
    ("policy_version_once", lambda p, u: [("policy", policy_row()), ("policy", policy_row(key="U"))]),
    (
        "policy_one_in_force",
        lambda p, u: [
            ("policy", policy_row(state="PUBLISHED", in_force=FIRST)),
            ("policy", policy_row(version=2, state="PUBLISHED", in_force=LATER)),
        ],
    ),
    ("policy_year", lambda p, u: [("policy", policy_row(benefit_year=1999))]),
    ("policy_year", lambda p, u: [("policy", policy_row(benefit_year=2200))]),
    ("policy_force_evidence", lambda p, u: [("policy", policy_row(state="PUBLISHED"))]),
    ("policy_force_evidence", lambda p, u: [("policy", policy_row(in_force=FIRST))]),
    ("policy_force_evidence", lambda p, u: [("policy", policy_row(state="UNHEARD"))]),
    ("policy_second_person", lambda p, u: [("policy", _same_person(u))]),
    ("coverage_order", lambda p, u: [("coverage", coverage_row(end=date(2025, 1, 1)))]),
    ("coverage_order", lambda p, u: [("coverage", coverage_row(end=None))]),
    ("coverage_order", lambda p, u: [("coverage", coverage_row(start=None))]),
]


@pytest.mark.parametrize(
    ("name", "rows"), VIOLATIONS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(VIOLATIONS)]
)
def test_raw_writes_meet_the_constraint(name: str, rows: Violation) -> None:
    person = make_person(id_type="99", id_number="KEPT1").pk
    *allowed, (table, refused) = rows(person, make_staff("supervisor").pk)
    for allowed_table, row in allowed:
        insert(allowed_table, **row)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        insert(table, **refused)
    assert caught.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_what_is_provoked_has_its_name_from_the_models() -> None:
    """That every constraint is provoked somewhere is a rule of the house (tests/test_architecture.py)."""
    named = {
        constraint.name
        for model in apps.get_app_config("enrollment").get_models()
        for constraint in model._meta.constraints
    }
    assert {name for name, _rows in VIOLATIONS} <= named


def test_an_ended_enrolment_makes_room_for_a_new_one() -> None:
    person = make_person().pk
    insert("enrollment", **enrollment_row(person, state="4", ended_on=date(2024, 9, 1)))
    insert("enrollment", **enrollment_row(person))
    insert("enrollment", **enrollment_row(person, region_id="510100"))
    assert Enrollment.objects.filter(person_id=person).count() == 3


# ------------------------------------------------------------------------------------------------- guards


def refused_with(sql: str) -> str:
    """The SQLSTATE with which the database refuses a statement."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return str(getattr(caught.value.__cause__, "sqlstate", ""))


@pytest.mark.parametrize("table", ["enrollment_coverage", LEAF])
@pytest.mark.parametrize("statement", ["UPDATE {} SET rule = 'X'", "DELETE FROM {}", "TRUNCATE {}"])
def test_cover_is_append_only_in_the_parent_and_in_a_leaf(table: str, statement: str) -> None:
    key = insert("coverage", **coverage_row())
    assert refused_with(statement.format(table)) == APPEND_ONLY
    assert Coverage.objects.get(pk=key).rule == "IN_WINDOW"


@pytest.mark.parametrize("year", [2018, 2024, 2026, 2028])
def test_every_leaf_of_cover_has_the_guard_against_truncating(year: int) -> None:
    assert refused_with(f"TRUNCATE enrollment_coverage_{year}") == APPEND_ONLY


def test_a_row_of_a_year_without_a_leaf_is_refused() -> None:
    with pytest.raises(IntegrityError, match="no partition"), transaction.atomic():
        insert("coverage", **coverage_row(id=receivable(2199) * 100))


ENROLLMENT_PAIRS = [(old, new) for old, new in product(ENROLLMENT_MOVES, repeat=2) if old != new]
POLICY_PAIRS = [(old, new) for old, new in product(POLICY_MOVES, repeat=2) if old != new]


@pytest.mark.parametrize(("old", "new"), ENROLLMENT_PAIRS)
def test_an_enrolment_makes_only_the_listed_moves(old: str, new: str) -> None:
    ended = date(2025, 1, 1) if old == "4" else None
    key = insert("enrollment", **enrollment_row(make_person().pk, state=str(old), ended_on=ended))
    after = "DATE '2025-01-01'" if new == "4" else "NULL"
    sql = f"UPDATE enrollment_enrollment SET state = '{new}', ended_on = {after} WHERE id = {key}"
    _check_move(sql, Enrollment, key, allowed=new in ENROLLMENT_MOVES[old], old=old, new=new)


@pytest.mark.parametrize(("old", "new"), POLICY_PAIRS)
def test_a_policy_makes_only_the_listed_moves(old: str, new: str) -> None:
    forced = {"PUBLISHED", "REPLACED"}
    key = insert("policy", **policy_row(state=str(old), in_force=FIRST if old in forced else None))
    after = "tstzrange('2039-01-01', '2039-06-01')" if new in forced else "NULL"
    sql = f"UPDATE enrollment_policy SET state = '{new}', in_force = {after} WHERE id = {key}"
    _check_move(sql, Policy, key, allowed=new in POLICY_MOVES[old], old=old, new=new)


def _check_move(sql: str, model: Any, key: int, *, allowed: bool, old: str, new: str) -> None:
    if allowed:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    else:
        assert refused_with(sql) == MOVE
    assert model.objects.get(pk=key).state == (new if allowed else old)

"""What the database itself refuses about inheritance, recomputings and moved cover."""

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from enrollment.models import PolicyRun
from enrollment.states import POLICY_RUN_MOVES
from tests.builders import GUIGANG, make_person
from tests.enrollment.covered import AT, shipped
from tests.enrollment.test_constraints import APPEND_ONLY, MOVE, Row, insert, policy_row, refused_with

pytestmark = pytest.mark.django_db
ENDED = ("DONE", "OVERTAKEN")


def run_row(**changes: Any) -> Row:
    row: Row = {
        "policy_id": shipped("GG25").pk,
        "region_id": GUIGANG,
        "state": "QUEUED",
        "reached": 0,
        "until": 0,
        "persons": 0,
        "moved": 0,
        "attempts": 0,
        "error": "",
        "made_at": AT,
    }
    return row | changes


def _move_row(run: int, person: int) -> Row:
    return {"run_id": run, "region_id": GUIGANG, "person_id": person, "coverage_id": 2025 * 10**12 + 1}


def _provoke(name: str) -> None:
    """Write what the constraint called ``name`` must refuse."""
    base = shipped("SC25").pk
    match name:
        case "policy_inheritance":
            insert("policy", **policy_row(base_id=base, overrides=None))
        case "policyrun_state_known":
            insert("policyrun", **run_row(state="UNHEARD"))
        case "policyrun_one_live":
            insert("policyrun", **run_row(state="RUNNING"))
            insert("policyrun", **run_row())
        case "policyrun_end_evidence":
            insert("policyrun", **run_row(state="DONE"))
        case "policymove_cover_once":
            run, person = insert("policyrun", **run_row()), make_person().pk
            insert("policymove", **_move_row(run, person))
            insert("policymove", **_move_row(run, person))


NAMES = (
    "policy_inheritance",
    "policyrun_state_known",
    "policyrun_one_live",
    "policyrun_end_evidence",
    "policymove_cover_once",
)


@pytest.mark.parametrize("name", NAMES)
def test_raw_writes_meet_the_constraint(name: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        _provoke(name)
    assert caught.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_a_version_does_not_inherit_from_itself() -> None:
    key = insert("policy", **policy_row())
    with (
        pytest.raises(IntegrityError, match="policy_inheritance"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute("UPDATE enrollment_policy SET base_id = id, overrides = '{}' WHERE id = %s", [key])


@pytest.mark.parametrize(
    ("old", "new"), [pair for pair in product(POLICY_RUN_MOVES, repeat=2) if pair[0] != pair[1]]
)
def test_a_run_makes_only_the_listed_moves(old: str, new: str) -> None:
    key = insert("policyrun", **run_row(state=str(old), finished_at=AT if old in ENDED else None))
    after = "now()" if new in ENDED else "NULL"
    sql = f"UPDATE enrollment_policyrun SET state = '{new}', finished_at = {after} WHERE id = {key}"
    if new in POLICY_RUN_MOVES[old]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
        assert PolicyRun.objects.get(pk=key).state == new
    else:
        assert refused_with(sql) == MOVE


@pytest.mark.parametrize("statement", ["UPDATE {} SET old_start = NULL", "DELETE FROM {}", "TRUNCATE {}"])
def test_moves_are_append_only(statement: str) -> None:
    insert("policymove", **_move_row(insert("policyrun", **run_row()), make_person().pk))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert refused_with(statement.format("enrollment_policymove")) == APPEND_ONLY

"""Each named constraint about lists, provoked past the models."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from bureau import audit
from bureau.models import User
from enrollment.models import ListFile, ListKind, ListLine
from tests import builders
from tests.enrollment.listkit import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(staff: Callable[..., User]) -> ListFile:
    return ListFile.objects.create(
        kind=ListKind.AID_MEMBERS, issuer="CIVIL", region_id=builders.GUIGANG, month=AT.date().replace(day=1), name="a",
        stored_as="a.xlsx", size=1, sha256="0" * 64, uploaded_by=staff("clerk"), uploaded_at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("listfile_second_person", {"confirmed_by_id": "uploader", "confirmed_at": AT}),
        ("listfile_aid_second_person", {"second_person": False}),
        ("listfile_confirm_evidence", {"confirmed_at": AT}),
        ("listfile_applied_was_confirmed", {"state": "APPLIED", "applied_at": AT}),
        ("listfile_applied_evidence", {"state": "APPLIED", "confirmed_by_id": "other", "confirmed_at": AT}),
        ("listfile_undone_evidence", {"state": "UNDONE", "confirmed_by_id": "other", "confirmed_at": AT}),
        ("listfile_state_known", {"state": "ODD"}),
        ("listfile_kind_known", {"kind": "ODD"}),
        ("listfile_issuer_known", {"issuer": "ODD"}),
    ],
)
def test_a_list_contradicts_itself(
    file: ListFile, staff: Callable[..., User], name: str, values: dict[str, Any]
) -> None:
    people = {"uploader": file.uploaded_by_id, "other": staff("supervisor").pk}
    plain = {
        key: people.get(value, value) if isinstance(value, str) else value for key, value in values.items()
    }
    for name_of_field, value in plain.items():
        setattr(file, name_of_field, value)
    file.pk = None
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        file.save(force_insert=True)
    assert caught.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("listline_once", {"line_no": 2, "outcome": "ERROR"}),
        ("listline_outcome_known", {"line_no": 3, "outcome": "ODD"}),
        ("listline_moves_somebody", {"line_no": 3, "outcome": "NEW"}),
    ],
)
def test_a_line_contradicts_itself(file: ListFile, name: str, values: dict[str, Any]) -> None:
    ListLine.objects.create(list=file, line_no=2, outcome="ERROR", code="CELL_EMPTY")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        ListLine.objects.create(list=file, code="CELL_EMPTY", **values)
    assert caught.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_a_list_makes_only_its_moves(file: ListFile) -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        ListFile.objects.filter(pk=file.pk).update(state="STOPPED")
    assert caught.value.__cause__.sqlstate == audit.MOVE_ERRCODE  # type: ignore[union-attr]

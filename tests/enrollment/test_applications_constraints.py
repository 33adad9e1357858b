"""Online applications: every named constraint by raw writes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.builders import GUIGANG, enrol, id_number, make_person, make_staff
from tests.bureau.partner_world import make_client

pytestmark = pytest.mark.django_db
AT = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path


def insert(client: int, **values: Any) -> int:
    """A row past every layer of ours."""
    number = id_number()
    row: dict[str, Any] = {
        "number": number, "client_id": client, "reference": "", "region_id": GUIGANG, "id_type": "01", "id_number": number,
        "name": "张三", "gender": "1", "birth_date": "1980-05-17", "phone": "", "person_class": "1501", "town": "",
        "village": "", "address": "", "relation": "", "head_number": "", "guardian_name": "", "guardian_number": "",
        "guardian_phone": "", "round": 1, "submitted_at": AT, "state": "WAITING", "reason": "",
    } | values  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO enrollment_enrolmentapplication ({', '.join(row)}) "
            f"VALUES ({', '.join(['%s'] * len(row))}) RETURNING id",
            list(row.values()),
        )
        return int(cursor.fetchone()[0])


def refused(name: str, client: int, **values: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        insert(client, **values)


def test_what_is_used_once() -> None:
    client = make_client().pk
    insert(client, number="1", id_number="450802198005170016", reference="A")
    refused("application_number_once", client, number="1")
    refused("application_reference_once", client, reference="A")
    refused("application_one_open", client, id_number="450802198005170016")
    insert(make_client().pk, reference="A")


def test_each_state_has_its_evidence() -> None:
    client, clerk = make_client().pk, make_staff("clerk").pk
    decided = {"decided_by_id": clerk, "decided_at": AT}
    person = make_person()
    refused("application_state_known", client, state="GONE", **decided)
    refused("application_taken_evidence", client, state="TAKEN")
    refused("application_taken_evidence", client, taken_by_id=clerk)
    refused("application_decision_evidence", client, state="RETURNED", reason="x")
    refused("application_decision_evidence", client, **decided)
    refused("application_reason_evidence", client, state="REJECTED", **decided)
    refused("application_accepted_evidence", client, state="ACCEPTED", **decided)
    refused("application_accepted_evidence", client, person_id=person.pk)
    refused("application_round_range", client, round=51)
    insert(client, state="ACCEPTED", person_id=person.pk, enrollment_id=enrol(person).pk, **decided)

"""Attachments: each named constraint by raw writes."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.builders import GUIGANG

pytestmark = pytest.mark.django_db


def insert(**values: Any) -> None:
    """A row past every layer of ours."""
    row = {
        "subject_type": "bureau.proposal", "subject_id": "1", "region_id": GUIGANG, "kind": "", "name": "a.jpg",
        "stored_as": "0" * 32 + ".jpg", "content_type": "image/jpeg", "size": 1, "width": 0, "height": 0,
        "sha256": "0" * 64, "uploaded_at": "2025-01-15T00:00:00Z",
    } | values  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO bureau_attachment ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})",
            list(row.values()),
        )


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"stored_as": "../../etc/passwd"}, "attachment_stored_random"),
        ({"stored_as": "0" * 32 + ".exe"}, "attachment_stored_random"),
        ({"sha256": "x"}, "attachment_digest_format"),
        ({"content_type": "text/html"}, "attachment_type_known"),
        ({"size": 0}, "attachment_not_empty"),
    ],
)
def test_what_cannot_be(values: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        insert(**values)


def test_a_stored_name_is_used_once() -> None:
    insert()
    with pytest.raises(IntegrityError, match="attachment_stored_once"), transaction.atomic():
        insert()

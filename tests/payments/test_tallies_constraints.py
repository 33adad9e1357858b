"""Each constraint of the tallies of the register, provoked by raw writes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from payments.models import RegisterTally

AT = datetime(2025, 6, 1, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"topic": "AGE"}, "register_tally_topic_known"),
        ({"due_amount": "-1.00"}, "register_tally_sign"),
        ({}, "register_tally_once"),
    ],
)
@pytest.mark.django_db
def test_the_database_refuses_other_tallies(fields: dict[str, Any], name: str) -> None:
    """Each constraint by a raw write."""
    values = {"benefit_year": 2025, "region_id": "450800", "topic": "CLASS", "code": "1501", "counted_at": AT}
    RegisterTally.objects.create(**values)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        RegisterTally.objects.create(**(values | ({"code": "1601", **fields} if fields else {})))

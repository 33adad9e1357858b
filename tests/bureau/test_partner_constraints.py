"""Partners, keys and what the gate writes down: each named constraint by raw writes."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from bureau.models import ApiKey
from tests.builders import GUIGANG
from tests.bureau.partner_world import make_client, make_key

pytestmark = pytest.mark.django_db


def run(sql: str, *values: Any) -> None:
    """A raw statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))


def refused(name: str, sql: str, *values: Any) -> None:
    """A statement that breaks the constraint ``name``."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        run(sql, *values)


def test_partners() -> None:
    one, two = make_client("one"), make_client("two")
    change = "UPDATE bureau_apiclient SET {} WHERE id = %s"
    refused("client_code_once", change.format("code = 'one'"), two.pk)
    refused("client_code_format", change.format("code = 'One!'"), one.pk)
    refused("client_rate_range", change.format("per_minute = 0"), one.pk)
    refused(
        "client_region_once",
        "INSERT INTO bureau_apiclientregion (client_id, region_id) VALUES (%s, %s)",
        one.pk,
        GUIGANG,
    )


def test_keys() -> None:
    client = make_client()
    first, second = make_key(client), make_key(client, 2)
    change = "UPDATE bureau_apikey SET {} WHERE id = %s"
    refused("apikey_once", change.format("key_id = %s"), first.key_id, second.pk)
    refused("apikey_two_live", change.format("slot = 1"), second.pk)
    refused("apikey_slot_range", change.format("slot = 3"), second.pk)
    refused("apikey_second_person", change.format("approved_by_id = issued_by_id"), first.pk)
    refused("apikey_order", change.format("expires_at = issued_at"), first.pk)
    refused("apikey_revoke_evidence", change.format("revoked_at = now()"), first.pk)
    refused("apikey_revoke_evidence", change.format("revoke_reason = 'x'"), first.pk)
    run(change.format("revoked_at = now(), revoked_by_id = issued_by_id, revoke_reason = 'x'"), first.pk)
    run(change.format("slot = 1"), second.pk)
    assert ApiKey.objects.get(pk=second.pk).slot == 1


def test_what_the_gate_writes() -> None:
    key = make_key(make_client())
    for sql, values, constraint in (
        ("INSERT INTO bureau_apinonce (key_id, nonce, at) VALUES (%s, 'n', now())", [key.pk], "nonce_once"),
        ("INSERT INTO bureau_apirate (bucket, minute, hits) VALUES ('b', '2025-01-01', 1)", [], "rate_once"),
        (
            "INSERT INTO bureau_apianswer (client_id, key, fingerprint, status, body, location, at) "
            "VALUES (%s, 'k', '', 200, '', '', now())",
            [key.client_id],
            "answer_once",
        ),
    ):
        run(sql, *values)
        refused(constraint, sql, *values)

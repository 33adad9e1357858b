"""Messages: every named constraint by raw writes, and what nobody may change."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.models import Message, MessageSending, MessageTemplate
from payments.services import messages
from payments.states import Bucket
from tests import builders
from tests.payments.bookbuilders import AT
from tests.payments.test_messages import REGION, debited
from tests.payments.test_orders_constraints import copy, refused


def test_constraints(db: None) -> None:
    """Each named constraint by a raw write."""
    debited(("李四", Bucket.DECLINED, "NO_FUNDS"))
    messages.pull(at=AT)
    key = Message.objects.get().pk
    refused("message_once", "message", key, id=900_000)
    refused("message_event_known", "message", key, id=900_000, event="LOST")
    refused("message_skipped_known", "message", key, id=900_000, subject_id=1, skipped="LOST")
    template = MessageTemplate.objects.get(event="DEBIT_PAID").pk
    refused("message_template_version_once", "messagetemplate", template, id=900_000)
    refused("message_template_event_known", "messagetemplate", template, id=900_000, event="LOST")
    refused("message_template_has_text", "messagetemplate", template, id=900_000, version=9, text="")
    file = messages.make_file(region_id=REGION, by=builders.make_staff("supervisor"), at=AT)
    refused("message_file_not_empty", "messagefile", file.pk, id=900_000, messages=0)
    copy("message", key, id=900_000, subject_id=1)
    with pytest.raises(IntegrityError, match="message_sending_has_phone"), transaction.atomic():
        MessageSending.objects.create(message_id=900_000, file=file, phone="")
    for table in ("message", "messagetemplate", "messagefile", "messagesending"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM payments_{table}")

"""A form counts once, however often it is sent (double click, back button, two tabs: design F10)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from enrollment.models import FormReceipt


class FormForeign(BureauError):
    """A form that somebody else was given."""

    code = "FORM_FOREIGN"
    message = gettext_noop("This form was sent by somebody else; open the page again.")


def once(*, token: UUID, by: User, at: datetime, call: Callable[[], str]) -> tuple[str, bool]:
    """What ``call`` answers, the first time the form ``token`` is sent, and afterwards that answer again; with
    whether it is a repetition.

    The receipt is written in the transaction of the call; a second sender waits for the first. Raises
    FormForeign and whatever ``call`` raises (then nothing counts).
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"form {token}"])
        known = FormReceipt.objects.filter(pk=token).order_by("pk").first()
        if known is not None:
            if known.made_by_id != by.pk:
                raise FormForeign()
            return known.answer, True
        answer = call()
        FormReceipt.objects.create(token=token, answer=answer, made_by=by, made_at=at)
        return answer, False

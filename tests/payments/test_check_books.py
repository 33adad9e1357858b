"""The books as a whole: on an empty database, committed, in their own snapshot, and asked for by code."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from payments.models import BankFile
from payments.services import books
from tests import builders
from tests.payments import bookbuilders


def test_empty_books_are_green(db: None) -> None:
    assert [result.code for result in books.run_checks() if not result.ok] == []


def test_books_are_green_inside_and_outside_a_transaction(committed: None) -> None:
    with transaction.atomic():
        bookbuilders.clean()
        inside = [result.code for result in books.run_checks() if not result.ok]
    outside = [result.code for result in books.run_checks() if not result.ok]
    assert (inside, outside) == ([], [])
    assert BankFile.objects.count() == 5


def test_the_snapshot_is_read_only_and_repeatable(committed: None) -> None:
    def query() -> tuple[str, dict[str, Any]]:
        return (
            "SELECT current_setting('transaction_isolation') AS what, "
            "current_setting('transaction_read_only') AS key, "
            "'' AS problem, '' AS expected, '' AS found"
        ), {}

    books.register(books.Check("Z99", "how the transaction reads", query))
    try:
        (result,) = books.run_checks(only=["Z99"])
    finally:
        books._checks.pop("Z99")
    assert (result.rows[0]["what"], result.rows[0]["key"]) == ("repeatable read", "on")


def test_an_unknown_check_is_refused(db: None) -> None:
    with pytest.raises(books.UnknownCheck) as caught:
        books.run_checks(only=["I01", "I99"])
    assert (caught.value.code, caught.value.params) == ("CHECK_UNKNOWN", {"check": "I99"})


def test_a_log_in_made_on_the_command_line_has_no_actor_and_its_changes_need_one(db: None) -> None:
    user = builders.make_staff("clerk")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")

    def blamed() -> bool:
        (result,) = books.run_checks(only=["I18"])
        return ("user", str(user.pk)) in {(row["what"], row["key"]) for row in result.rows}

    assert not blamed()
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert blamed()


def test_the_command_fails_with_2_on_an_unknown_check(db: None) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("check_books", "--only", "I99")
    assert caught.value.returncode == 2

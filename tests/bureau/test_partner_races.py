"""Partners' calls on real connections at the same time."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from enrollment.models import EnrolmentApplication
from tests.bureau.partner_world import APPLICATIONS, Caller, make_caller
from tests.enrollment.forms import form


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path


def together(number: int, call: Callable[[], Any]) -> list[Any]:
    found: list[Any] = []
    barrier = threading.Barrier(number)

    def run() -> None:
        try:
            barrier.wait()
            found.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _nth in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_dropped_answer_repeated_ten_times(committed: None) -> None:
    """X34: one effect; each answer is the stored one, or tells to come again."""
    caller, content = make_caller(), form()

    def call() -> Any:
        return Caller(caller.client, caller.key).post(APPLICATIONS, content, "dropped")

    answers = together(10, call)
    assert {answer.status_code for answer in answers} <= {201, 409}
    busy = [answer for answer in answers if answer.status_code == 409]
    assert all(answer.headers["Retry-After"] == "1" for answer in busy)
    assert {answer.json()["code"] for answer in busy} <= {"idempotency_in_flight"}
    final = call()
    bodies = {answer.content for answer in answers if answer.status_code == 201} | {final.content}
    assert len(bodies) == 1
    assert final.headers["Idempotency-Replayed"] == "true"
    assert EnrolmentApplication.objects.count() == 1


def test_a_stolen_call_is_let_in_once(committed: None) -> None:
    """The same bytes by five at once: one nonce, one admission."""
    caller = make_caller()
    headers = caller.partner.headers("GET", f"{APPLICATIONS}/1", b"")
    answers = together(5, lambda: Client().get(f"{APPLICATIONS}/1", headers=headers).status_code)
    assert sorted(answers) == [401, 401, 401, 401, 404]

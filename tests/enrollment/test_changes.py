"""Changes are pulled in the order of their commits; none is passed over."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from enrollment.models import Change, ChangeKind
from enrollment.services import changes
from tests import builders

AT = datetime(2025, 3, 1, 1, 0, tzinfo=UTC)


def _record(person_id: int) -> Change:
    return changes.record(
        kind=ChangeKind.REGISTERED,
        person_id=person_id,
        region_id="450800",
        on=date(2025, 3, 1),
        by=None,
        at=AT,
    )


def _taken(wanted: int) -> list[Change]:
    """The changes handed out, once transactions of other databases on the same server let them go."""
    for _pause in range(200):
        found = changes.after(changes.START)
        if len(found) >= wanted:
            return found
        threading.Event().wait(0.1)
    return changes.after(changes.START)


@pytest.mark.usefixtures("committed")
def test_a_change_committed_late_is_not_passed_over() -> None:
    """The row with the lower number commits second: whoever pulled in between still gets it, once."""
    person = builders.make_person()
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            _record(person.pk)
            written.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    quick = _record(person.pk)
    assert changes.after(changes.START) == []  # the one before it still runs
    go_on.set()
    thread.join(10)
    taken = _taken(2)
    assert len(taken) == 2
    assert taken[-1].pk == quick.pk
    assert changes.after(changes.mark_of(taken[0])) == [quick]
    assert changes.after(changes.mark_of(taken[1])) == []


@pytest.mark.django_db
def test_days_are_stored_as_text() -> None:
    """Details are plain JSON; a date is its ISO form."""
    change = changes.record(
        kind=ChangeKind.DIED,
        person_id=builders.make_person().pk,
        region_id="450800",
        on=date(2025, 3, 1),
        by=None,
        at=AT,
        died_on=date(2025, 2, 27),
    )
    assert change.details == {"died_on": "2025-02-27"}

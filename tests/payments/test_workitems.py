"""Work items: lock, check, decide, write; one hand at a time, every step on record."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection

from bureau import access
from bureau.models import User
from payments.models import WorkItem
from payments.services import workitems
from tests import builders


@pytest.fixture
def item(db: None, at: datetime) -> WorkItem:
    """An open item of Guigang."""
    return make(at)


def make(at: datetime, **fields: Any) -> WorkItem:
    """A work item."""
    values = {
        "kind": "UNMATCHED",
        "region_id": builders.GUIGANG,
        "due_on": date(2025, 1, 20),
        "opened_at": at,
    }
    return WorkItem.objects.create(**(values | {"amount": "400.00", "reason": "HOLDER_DIFFERS"} | fields))


@pytest.fixture
def clerk(db: None) -> User:
    """Who handles it."""
    return builders.make_staff("clerk")


def test_take_and_resolve(item: WorkItem, clerk: User, at: datetime) -> None:
    """Who and when stand on the row; the history has both moves with the actor."""
    workitems.take(item_id=item.pk, by=clerk, at=at)
    workitems.resolve(item_id=item.pk, resolution=" done ", by=clerk, at=at)
    fresh = WorkItem.objects.get(pk=item.pk)
    assert (fresh.state, fresh.taken_by, fresh.resolved_by) == ("RESOLVED", clerk, clerk)
    assert (fresh.resolution, fresh.resolved_at) == ("done", at)
    events = fresh.events.order_by("pgh_id").select_related("pgh_context")[1:]
    assert [(one.state, one.pgh_context.metadata["actor"]) for one in events] == [
        ("TAKEN", clerk.username),
        ("RESOLVED", clerk.username),
    ]


def test_taking_twice_names_who_has_it(item: WorkItem, clerk: User, at: datetime) -> None:
    """Also to the one who has it."""
    workitems.take(item_id=item.pk, by=clerk, at=at)
    for who in (clerk, builders.make_staff("supervisor")):
        with pytest.raises(workitems.AlreadyTaken) as refused:
            workitems.take(item_id=item.pk, by=who, at=at)
        assert refused.value.params == {"who": clerk.username, "taken_by": clerk.pk}


def test_another_does_not_resolve_what_is_taken(item: WorkItem, clerk: User, at: datetime) -> None:
    """Not even a supervisor: it is given back first."""
    supervisor = builders.make_staff("supervisor")
    workitems.take(item_id=item.pk, by=clerk, at=at)
    with pytest.raises(workitems.AlreadyTaken):
        workitems.resolve(item_id=item.pk, resolution="x", by=supervisor, at=at)
    workitems.give_back(item_id=item.pk, by=supervisor, at=at)
    assert workitems.resolve(item_id=item.pk, resolution="x", by=supervisor, at=at).state == "RESOLVED"


def test_giving_back(item: WorkItem, clerk: User, at: datetime) -> None:
    """Only what is taken, and not what a colleague holds."""
    with pytest.raises(workitems.NotTaken):
        workitems.give_back(item_id=item.pk, by=clerk, at=at)
    workitems.take(item_id=item.pk, by=clerk, at=at)
    with pytest.raises(workitems.AlreadyTaken):
        workitems.give_back(item_id=item.pk, by=builders.make_staff("clerk"), at=at)
    given = workitems.give_back(item_id=item.pk, by=clerk, at=at)
    assert (given.state, given.taken_by) == ("OPEN", None)


def test_resolved_stays_resolved(item: WorkItem, clerk: User, at: datetime) -> None:
    """Every further step says who resolved it and how; a note is still possible."""
    workitems.resolve(item_id=item.pk, resolution="sent back", by=clerk, at=at)
    for step in (workitems.take, workitems.give_back):
        with pytest.raises(workitems.AlreadyResolved, match="sent back"):
            step(item_id=item.pk, by=clerk, at=at)
    with pytest.raises(workitems.AlreadyResolved):
        workitems.resolve(item_id=item.pk, resolution="again", by=clerk, at=at)
    assert workitems.add_note(item_id=item.pk, text="letter 7", by=clerk, at=at).text == "letter 7"


def test_words_are_needed_and_bounded(item: WorkItem, clerk: User, at: datetime) -> None:
    """Blanks are no words; more than fits is refused before the database does."""
    for text in ("", " \n "):
        with pytest.raises(workitems.TextNeeded):
            workitems.add_note(item_id=item.pk, text=text, by=clerk, at=at)
        with pytest.raises(workitems.TextNeeded):
            workitems.resolve(item_id=item.pk, resolution=text, by=clerk, at=at)
    with pytest.raises(workitems.TextTooLong):
        workitems.add_note(item_id=item.pk, text="x" * 1001, by=clerk, at=at)
    with pytest.raises(workitems.TextTooLong):
        workitems.resolve(item_id=item.pk, resolution="x" * 501, by=clerk, at=at)


def test_rights_and_regions(item: WorkItem, at: datetime) -> None:
    """Another region's item is absent; an auditor only looks; an unknown one has a name for it."""
    with pytest.raises(access.OutOfScope):
        workitems.take(item_id=item.pk, by=builders.make_staff("clerk", "510100"), at=at)
    with pytest.raises(access.NotAllowed):
        workitems.take(item_id=item.pk, by=builders.make_staff("auditor"), at=at)
    with pytest.raises(workitems.WorkItemUnknown):
        workitems.take(item_id=item.pk + 10**6, by=builders.make_staff("clerk"), at=at)


def test_the_next_item_is_the_one_due_first(item: WorkItem, clerk: User, at: datetime) -> None:
    """By due date, then by age; never another region's, never a taken one; None at the end."""
    first = make(at, due_on=date(2025, 1, 18))
    make(at, region_id="510100", due_on=date(2025, 1, 1))
    assert workitems.take_next(by=clerk, at=at) == first
    assert workitems.take_next(by=clerk, at=at) == item
    assert workitems.take_next(by=clerk, at=at) is None
    with pytest.raises(access.NotAllowed):
        workitems.take_next(by=builders.make_staff("auditor"), at=at)


@pytest.mark.usefixtures("committed")
def test_two_clerks_never_get_the_same_item(at: datetime) -> None:
    """An item that a colleague is taking this moment is passed over, not waited for."""
    first, second = make(at), make(at)
    clerk = builders.make_staff("clerk")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM payments_workitem WHERE id = %s FOR UPDATE", [first.pk])
            assert workitems.take_next(by=clerk, at=at) == second
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert workitems.take_next(by=clerk, at=at) == first

"""Work for a person: take it, remark on it, give it back, resolve it. An item is in one hand at a time."""

from datetime import datetime

from django.db import transaction

from bureau import access, audit
from bureau.access import Role
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.keys import CHILDREN
from payments.models import Hold, Payment, WorkItem, WorkKind, WorkNote
from payments.states import WorkState

NOTE_LENGTH = 1000
RESOLUTION_LENGTH = 500
FREEING = frozenset({WorkKind.UNMATCHED, WorkKind.REJECTED_MONEY, WorkKind.CONTRADICTION})


class WorkItemUnknown(BureauError):
    """No such item."""

    code = "WORK_ITEM_UNKNOWN"
    message = gettext_noop("There is no work item %(item)s.")


class AlreadyResolved(BureauError):
    """Somebody was faster, or a button was pressed twice."""

    code = "WORK_RESOLVED"
    message = gettext_noop("Already resolved by %(who)s: %(resolution)s")


class AlreadyTaken(BureauError):
    """The item is in somebody's hands; ``taken_by`` is that person's key."""

    code = "WORK_TAKEN"
    message = gettext_noop("%(who)s has taken this.")


class NotTaken(BureauError):
    """Nobody has it, so nobody can give it back."""

    code = "WORK_NOT_TAKEN"
    message = gettext_noop("Nobody has taken this.")


class TextNeeded(BureauError):
    """A note or a resolution without words."""

    code = "TEXT_NEEDED"
    message = gettext_noop("Please write what was done.")


class TextTooLong(BureauError):
    """More words than fit."""

    code = "TEXT_TOO_LONG"
    message = gettext_noop("The text is longer than %(limit)s characters.")


def _locked(item_id: int, by: User) -> WorkItem:
    """The item under its lock, with the right to handle it read afresh."""
    item = (
        WorkItem.objects.select_for_update(of=("self",))
        .select_related("taken_by", "resolved_by")
        .filter(pk=item_id)
        .first()
    )
    if item is None:
        raise WorkItemUnknown(item=item_id)
    access.require(by, "work.handle", item.region_id)
    return item


def _unresolved(item: WorkItem) -> WorkItem:
    if item.state == WorkState.RESOLVED:
        who = item.resolved_by.username if item.resolved_by else ""
        raise AlreadyResolved(who=who, resolution=item.resolution)
    return item


def _not_with_another(item: WorkItem, by: User) -> WorkItem:
    if item.state == WorkState.TAKEN and item.taken_by_id != by.pk:
        raise _taken(item)
    return item


def _taken(item: WorkItem) -> AlreadyTaken:
    return AlreadyTaken(who=item.taken_by.username if item.taken_by else "", taken_by=item.taken_by_id)


def _words(text: str, limit: int) -> str:
    words = text.strip()
    if not words:
        raise TextNeeded()
    if len(words) > limit:
        raise TextTooLong(limit=limit)
    return words


def take(*, item_id: int, by: User, at: datetime) -> WorkItem:
    """Take an open item into one's own hands.

    Raises WorkItemUnknown, AlreadyTaken (by anybody, oneself included), AlreadyResolved, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="take work", item=item_id, at=at.isoformat()):
        item = _unresolved(_locked(item_id, by))
        if item.state == WorkState.TAKEN:
            raise _taken(item)
        item.state, item.taken_by = WorkState.TAKEN.value, by
        item.save(update_fields=["state", "taken_by"])
        return item


def take_next(*, by: User, at: datetime) -> WorkItem | None:
    """Take the open item of one's regions that is due first and that nobody is taking this moment; None when there is none.

    Raises NotAllowed.
    """
    with transaction.atomic(), audit.acting(by=by, why="take work", at=at.isoformat()):
        access.require(by, "work.handle")
        waiting = WorkItem.objects.select_for_update(of=("self",), skip_locked=True).filter(
            state=WorkState.OPEN
        )
        item = access.for_user(waiting, by).order_by("due_on", "id").first()
        if item is None:
            return None
        item.state, item.taken_by = WorkState.TAKEN.value, by
        item.save(update_fields=["state", "taken_by"])
        return item


def give_back(*, item_id: int, by: User, at: datetime) -> WorkItem:
    """Put a taken item back into the queue: its holder, or a supervisor of the region for somebody who is away.

    Raises WorkItemUnknown, NotTaken, AlreadyTaken (by another), AlreadyResolved, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="give work back", item=item_id, at=at.isoformat()):
        item = _unresolved(_locked(item_id, by))
        if item.state != WorkState.TAKEN:
            raise NotTaken()
        if Role.SUPERVISOR not in access.roles(by):
            _not_with_another(item, by)
        item.state, item.taken_by = WorkState.OPEN.value, None
        item.save(update_fields=["state", "taken_by"])
        return item


def add_note(*, item_id: int, text: str, by: User, at: datetime) -> WorkNote:
    """Add a remark; resolved items take remarks too.

    Raises WorkItemUnknown, TextNeeded, TextTooLong, NotAllowed, OutOfScope.
    """
    words = _words(text, NOTE_LENGTH)
    with transaction.atomic(), audit.acting(by=by, why="note on work", item=item_id):
        item = _locked(item_id, by)
        return WorkNote.objects.create(item=item, by=by, at=at, text=words)


def resolve(*, item_id: int, resolution: str, by: User, at: datetime) -> WorkItem:
    """Close an item that is open or in one's own hands, saying what was done.

    Raises WorkItemUnknown, TextNeeded, TextTooLong, AlreadyTaken (by another), AlreadyResolved, NotAllowed, OutOfScope.
    """
    words = _words(resolution, RESOLUTION_LENGTH)
    with transaction.atomic(), audit.acting(by=by, why=words, item=item_id):
        item = _not_with_another(_unresolved(_locked(item_id, by)), by)
        item.state, item.resolution = WorkState.RESOLVED.value, words
        item.resolved_by, item.resolved_at = by, at
        item.save(update_fields=["state", "resolution", "resolved_by", "resolved_at"])
        _free(item)
        return item


def _free(item: WorkItem) -> None:
    """A receivable whose answer nobody could book may be collected again once a person has dealt with the money."""
    if item.kind not in FREEING or item.instruction_id is None:
        return
    receivable = item.instruction_id // CHILDREN
    first, last = receivable * CHILDREN, receivable * CHILDREN + CHILDREN - 1
    if not Payment.objects.filter(pk__range=(first, last), instruction_id=item.instruction_id).exists():
        Hold.objects.filter(pk=receivable, instruction_id=item.instruction_id).delete()

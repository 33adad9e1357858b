"""Taking a list back as a whole: exactly what was before, or a refusal that names what rests on it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from bureau import access, audit, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import mask_name
from bureau.models import User
from enrollment.models import (
    ChangeKind,
    Coverage,
    Enrollment,
    HouseholdMember,
    ListFile,
    ListKind,
    ListLine,
    Person,
)
from enrollment.reasons import CoverReason
from enrollment.services import changes, coverlife, listreading
from enrollment.services import statements as sql
from enrollment.services.cover import ROWS_A_RECEIVABLE, CoverRowsExhausted
from enrollment.services.listwork import ListNotWaiting
from enrollment.states import LIST_MOVES, ListState


class ListRested(BureauError):
    """Something was built on a line of the list since."""

    code = "LIST_RESTED_ON"
    message = gettext_noop(
        "The list cannot be taken back: line %(line)s, %(name)s (no. %(person)s), has %(what)s of %(day)s. Deal with that "
        "person first."
    )


def undo(*, list_id: int, reason: str, by: User, at: datetime) -> ListFile:
    """Take back what a list did, all of it, in one transaction.

    New registrations end as a mistake (the persons stay, with their history); changed fields, categories, dates of death,
    cover and households return to what they were. Raises ListRested, ListNotWaiting, ReasonNeeded, SecondPersonNeeded
    (nobody alone undoes what takes two to do: the undoing person needs the right to release), NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, list=list_id):
        file = ListFile.objects.select_for_update(of=("self",)).get(pk=list_id)
        access.require(by, "list.release" if file.second_person else "list.upload", file.region_id)
        if ListState.UNDONE not in LIST_MOVES[file.state]:
            raise ListNotWaiting(list=list_id, state=file.state)
        _check_rest(file)
        why = f"undo of list {listreading.source_of(file)}"
        values: dict[str, Any] = {
            "list": file.pk,
            "done": file.done_through,
            "why": why,
            "by": by.pk,
            "at": at,
        }
        match file.kind:
            case ListKind.REGISTER:
                sql.execute("list_undo_register", region=file.region_id, day=day_of(at), **values)
            case ListKind.AID_MEMBERS:
                sql.execute("list_undo_aid", month=file.month, **values)
            case ListKind.DEATHS:
                lines = file.lines.filter(code="DIED", line_no__lte=file.done_through).order_by("line_no")
                for line in lines:
                    _alive_again(file, line, why, by, at)
        file.state, file.undone_by, file.undone_at = ListState.UNDONE.value, by, at
        file.undo_reason = reason.strip()[:300]
        file.save(update_fields=["state", "undone_by", "undone_at", "undo_reason"])
        sql.execute("list_drop", listreading.tables(file.pk))
        return file


def _check_rest(file: ListFile) -> None:
    reason = f"list {listreading.source_of(file)}"
    found = sql.rows(
        "list_rests", list=file.pk, done=file.done_through, applied=file.applied_at, reason=reason
    )
    if not found:
        return
    person = Person.objects.get(pk=found[0]["person_id"])
    what = found[0]["what"]
    named = gettext_noop("cover decided on") if what == "COVER" else str(dict(ChangeKind.choices)[what])
    raise ListRested(
        line=found[0]["line_no"],
        name=mask_name(person.name),
        person=person.pk,
        what=named,
        day=day_of(found[0]["at"]).isoformat(),
    )


def _alive_again(file: ListFile, line: ListLine, why: str, by: User, at: datetime) -> None:
    """The death of one person taken back: enrolments, household and cover as they were."""
    before = line.before or {}
    person = Person.objects.select_for_update(of=("self",)).get(pk=line.person_id or 0)
    person.death_date = None
    person.version += 1
    person.save(update_fields=["death_date", "version"])
    for number, state in before.get("enrollments", []):
        # An ended enrolment never lives again (its moves): another row takes its place, from the same day.
        ended = Enrollment.objects.get(pk=number)
        Enrollment.objects.create(
            person=person,
            region_id=ended.region_id,
            scheme=ended.scheme,
            state=state,
            started_on=ended.started_on,
            reason=why[:200],
        )
    for member in HouseholdMember.objects.filter(pk__in=before.get("members", [])):
        member.left_on = None
        member.save(update_fields=["left_on"])
    for ward in HouseholdMember.objects.filter(pk__in=before.get("wards", []), guardian=None):
        ward.guardian = person
        ward.save(update_fields=["guardian"])
    _cover_again(person.pk, at)
    changes.record(
        kind=ChangeKind.UNDONE,
        person_id=person.pk,
        region_id=person.region_id,
        on=day_of(at),
        by=by,
        at=at,
        reason=why,
        list=file.pk,
    )


def _cover_again(person_id: int, at: datetime) -> None:
    """A further row for each receivable whose cover the death shortened, equal to the one before."""
    fresh = []
    for row in coverlife.in_force(person_id):
        if row.reason != CoverReason.DIED or row.supersedes is None:
            continue
        if row.pk % ROWS_A_RECEIVABLE == ROWS_A_RECEIVABLE - 1:
            raise CoverRowsExhausted(receivable=row.receivable_id)
        former = Coverage.objects.get(pk=row.supersedes)
        former.pk, former.supersedes, former.decided_at = row.pk + 1, row.pk, at
        fresh.append(former)
    Coverage.objects.bulk_create(fresh)

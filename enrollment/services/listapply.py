"""Applying a confirmed list in chunks: each chunk is one transaction that also moves the mark ``done_through``.

So the same task again, after any crash, goes on behind the last chunk; what somebody changed since the preview is told and
left alone. Of a large list of registrations two chunks are worked out at a time (listlanes).
"""

import logging
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg import errors

from bureau import audit, faults
from bureau.clock import day_of
from bureau.errors import BureauError
from bureau.models import User
from enrollment.models import ListFile, ListKind, ListLine, Outcome, Person
from enrollment.services import life, listlanes, listreading, listwork
from enrollment.services import statements as sql
from enrollment.services.listreading import source_of, tables
from enrollment.states import ListState

log = logging.getLogger(__name__)
CHUNK = 20_000
DEATHS_A_CHUNK = 200
ATTEMPTS = 5


def apply_chunks(work: listwork.Work, at: datetime) -> ListFile:
    """Apply what is left of a list, chunk by chunk, until it is done or somebody stops it."""
    _stage_again(work, at)
    _apply_in_lanes(work, at)
    while True:
        with transaction.atomic(), audit.acting(by=None, why="apply a list", list=work.list_id):
            file = listwork.confirm(work)
            if file.stop_wanted:
                return _leave(work, file, ListState.STOPPED, at)
            if file.done_through >= file.last_line:
                return _finish(work, file, at)
            size = DEATHS_A_CHUNK if file.kind == ListKind.DEATHS else CHUNK
            last = min(file.done_through + size, file.last_line)
            _apply(file, file.done_through + 1, last, at)
            file.done_through = last
            file.save(update_fields=["done_through"])
        work.lines_seen = last
        faults.hit("after_list_chunk")


def _apply_in_lanes(work: listwork.Work, at: datetime) -> None:
    """Registrations beyond one chunk, two chunks at a time; whatever the lanes leave is done one after the other."""
    file = ListFile.objects.select_related("region", "uploaded_by", "confirmed_by").get(pk=work.list_id)
    # Inside somebody's transaction other connections see nothing of it.
    if (
        file.kind == ListKind.REGISTER
        and file.last_line - file.done_through > CHUNK
        and not file.stop_wanted
        and not connection.in_atomic_block
    ):
        listlanes.run(work, file, size=CHUNK, apply=lambda first, last: _apply(file, first, last, at))


def _stage_again(work: listwork.Work, at: datetime) -> None:
    """The staged rows, from the kept file where a crash of the database emptied them."""
    file = ListFile.objects.select_related("region").get(pk=work.list_id)
    needed = file.kind == ListKind.REGISTER and file.done_through < file.last_line
    if needed and not listreading.is_staged(file.pk):
        with transaction.atomic():
            listreading.stage(file=file, today=day_of(at))


def _apply(file: ListFile, first: int, last: int, at: datetime) -> None:
    by, reason = file.confirmed_by, f"list {source_of(file)}"
    values: dict[str, Any] = {"list": file.pk, "first": first, "last": last, "at": at, "reason": reason}
    values["by"] = by.pk if by else None
    match file.kind:
        case ListKind.REGISTER:
            values |= _shared(file, at)
            _register(file, values)
        case ListKind.AID_MEMBERS:
            sql.execute("list_apply_aid", month=file.month, **values)
        case ListKind.DEATHS if by is not None:
            _deaths(file, first, last, by, reason, at)


def _register(file: ListFile, values: dict[str, Any]) -> None:
    """One chunk of registrations; once more where somebody registered one of its persons meanwhile."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                if attempt > 1:
                    sql.execute("list_apply_taken", tables(file.pk), **values)
                sql.execute("list_apply_register", tables(file.pk), **values)
            break
        except IntegrityError as error:
            if not isinstance(error.__cause__, errors.UniqueViolation) or attempt == ATTEMPTS:
                raise
    sql.execute("list_apply_families", tables(file.pk), **values)


def _shared(file: ListFile, at: datetime) -> dict[str, Any]:
    """What the statements for registrations share."""
    return {
        "list": file.pk,
        "region": file.region_id,
        "day": day_of(at),
        "regions": listreading.scope_of(file.uploaded_by),
    }


def _deaths(file: ListFile, first: int, last: int, by: User, reason: str, at: datetime) -> None:
    """Each death by the register's own service, under the person's lock; one that is refused is told."""
    lines = file.lines.filter(code="DIED", line_no__range=(first, last)).order_by("line_no")
    for line in lines:
        person_id = line.person_id or 0
        version = Person.objects.values_list("version", flat=True).get(pk=person_id)
        try:
            if version != (line.before or {}).get("version"):
                raise _Changed
            with transaction.atomic():
                life.declare_death(
                    person_id=person_id,
                    died_on=datetime.fromisoformat((line.params or {})["day"]).date(),
                    reason=reason,
                    by=by,
                    at=at,
                )
        except (BureauError, _Changed):
            ListLine.objects.filter(pk=line.pk).update(
                outcome=Outcome.CONTRADICTORY.value, code="CHANGED_MEANWHILE", before=None
            )


class _Changed(Exception):
    """The person is not as the preview found them."""


def _finish(work: listwork.Work, file: ListFile, at: datetime) -> ListFile:
    if file.kind == ListKind.REGISTER:
        sql.execute("list_apply_households", tables(file.pk), **_shared(file, at))
    same = int(file.tallies.get("SAME", 0))
    tallies: dict[str, int] = {}
    for row in sql.rows("list_tally", list=file.pk):
        tallies[row["outcome"]] = tallies.get(row["outcome"], 0) + row["lines"]
    file.tallies = {**tallies, "SAME": same}
    file.save(update_fields=["tallies"])
    sql.execute("list_drop", tables(file.pk))
    return _leave(work, file, ListState.APPLIED, at)


def _leave(work: listwork.Work, file: ListFile, state: ListState, at: datetime) -> ListFile:
    file.state, file.applied_at, file.stop_wanted = state.value, at, False
    file.save(update_fields=["state", "applied_at", "stop_wanted"])
    listwork.let_go(work)
    return file


def analyze() -> None:
    """Tell the planner what a large list brought."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enrollment_person, enrollment_enrollment, enrollment_householdmember")

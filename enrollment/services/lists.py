"""Lists: received, read, confirmed by whom it takes, applied, stopped (design: reliability 4b, P07, P08)."""

import hashlib
import logging
import os
import uuid
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, Region, User
from bureau.sheets import refusals
from bureau.sheets.limits import IN_A_REQUEST, IN_A_TASK, MEGABYTE, Limits
from bureau.sheets.reader import open_list
from bureau.sheets.refusals import SheetRefused
from bureau.states import ProposalState
from enrollment.models import Issuer, ListFile, ListKind, ListLease
from enrollment.services import listapply, listlayouts, listreading, listwork
from enrollment.services import statements as sql
from enrollment.services.listwork import ListNotWaiting
from enrollment.states import LIST_MOVES, ListState

log = logging.getLogger(__name__)
RELEASE_KIND = "list.release"
UPLOAD = "list.upload"
_BLOCK = 1 << 20


class ListRegionUnknown(BureauError):
    """No such region, or not one of the uploader's: the same answer."""

    code = "LIST_REGION"
    message = gettext_noop("Region %(region)s is not one of yours.")


class ListIssuerWrong(BureauError):
    """Each kind of list comes from certain bodies."""

    code = "LIST_ISSUER"
    message = gettext_noop("A list of this kind is not issued by this body.")


class ListAltered(BureauError):
    """The stored original is not what was received."""

    code = "LIST_ALTERED"
    message = gettext_noop("The stored file of list %(list)s was changed or is gone. Upload it again.")


class PreviewOutdated(BureauError):
    """What is confirmed must be what was seen (S20)."""

    code = "LIST_PREVIEW_OUTDATED"
    message = gettext_noop(
        "The list was read again since your preview. Look at it once more and confirm then."
    )


ISSUERS: dict[str, tuple[str, ...]] = {
    ListKind.REGISTER: (Issuer.BUREAU,),
    ListKind.AID_MEMBERS: (Issuer.CIVIL, Issuer.DISABLED, Issuer.RURAL),
    ListKind.AID_CHECK: (Issuer.CIVIL, Issuer.DISABLED, Issuer.RURAL, Issuer.BUREAU),
    ListKind.TAX_CLAIM: (Issuer.BUREAU, Issuer.CIVIL, Issuer.DISABLED, Issuer.RURAL),
    ListKind.DEATHS: (Issuer.CIVIL, Issuer.HEALTH),
}
"""Which bodies issue which lists."""


def receive(
    *,
    source: BinaryIO,
    name: str,
    kind: str,
    region_id: str,
    by: User,
    at: datetime,
    issuer: str = Issuer.BUREAU.value,
    month: date | None = None,
    sheet: str = "",
) -> ListFile:
    """Keep the bytes of a list and queue it to be read.

    ``month`` (its first day counts) is the month for which an aid list speaks; default: this month. Raises SheetTooLarge,
    ListRegionUnknown, ListIssuerWrong, NotAllowed.
    """
    access.require(by, UPLOAD)
    if not Region.objects.filter(pk=region_id).exists() or not access.in_scope(by, region_id):
        raise ListRegionUnknown(region=region_id[:6])
    if issuer not in ISSUERS.get(kind, ()):
        raise ListIssuerWrong()
    stored_as, size, digest = _keep(source, Path(name).suffix)
    with transaction.atomic(), audit.acting(by=by, why="upload a list"):
        file = ListFile.objects.create(
            kind=kind,
            issuer=issuer,
            region_id=region_id,
            month=(month or day_of(at)).replace(day=1),
            name=name[:200],
            stored_as=stored_as,
            size=size,
            sha256=digest,
            sheet=sheet[:100],
            uploaded_by=by,
            uploaded_at=at,
        )
        ListLease.objects.create(list=file)
    return file


def _keep(source: BinaryIO, suffix: str) -> tuple[str, int, str]:
    """Write the bytes below MEDIA_ROOT under a random name, whole and synced, or not at all."""
    folder = Path(settings.MEDIA_ROOT) / listreading.FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stored_as = f"{uuid.uuid4().hex}.{'csv' if suffix.lower() == '.csv' else 'xlsx'}"
    path, digest, size = folder / stored_as, hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            while block := source.read(_BLOCK):
                size += len(block)
                if size > IN_A_TASK.file_bytes:
                    raise refusals.SheetTooLarge(limit=IN_A_TASK.file_bytes // MEGABYTE)
                digest.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return stored_as, size, digest.hexdigest()


def fits_request(file: ListFile) -> bool:
    """Whether a list is small enough to be read while somebody waits; what is refused at once fits as well."""
    limits = IN_A_REQUEST
    try:
        with open_list(
            listreading.path_of(file), layout=listlayouts.LAYOUTS[file.kind], limits=limits, sheet=file.sheet
        ) as opened:
            return opened.expected_rows <= limits.rows
    except (refusals.SheetRows, refusals.SheetBomb, refusals.SheetTooLarge):
        return False
    except SheetRefused:
        return True


def process(
    *,
    list_id: int,
    at: datetime,
    limits: Limits = IN_A_TASK,
    judge: listreading.Judge = listreading.judge_each,
) -> ListFile:
    """Take a waiting list one step: read it (READ, HELD, REJECTED), or apply it (APPLIED, STOPPED).

    ``judge`` reads the rows of a small list through django-import-export (enrollment/resources.py).

    Raises ListNotWaiting, ListBusy. A failure counts as an attempt; the third parks the list.
    """
    work = listwork.claim(list_id)
    try:
        with listwork.kept(work):
            if work.state == ListState.APPLYING:
                file = listapply.apply_chunks(work, at)
                if file.rows > listreading.IN_THE_REQUEST:
                    listapply.analyze()
                return file
            return _read(work, at, limits, judge)
    except listwork.ListLeaseLost:
        log.warning("list %s: the lease was lost", list_id)
    except SheetRefused as refusal:
        _refuse(work, refusal, at)
    except Exception as error:
        connection.close_if_unusable_or_obsolete()
        try:
            listwork.give_back(work, f"{type(error).__name__}: {error}"[:300])
        except DatabaseError:
            log.warning("list %s: the database is away; the lease will expire by itself", list_id)
        log.exception("list %s: attempt %s failed", list_id, work.attempts)
    return ListFile.objects.get(pk=list_id)


def _read(work: listwork.Work, at: datetime, limits: Limits, judge: listreading.Judge) -> ListFile:
    file = ListFile.objects.select_related("region", "uploaded_by").get(pk=work.list_id)
    _check_bytes(file)
    progress = _Told(work)
    with transaction.atomic(), audit.acting(by=None, why="read a list", list=file.pk):
        listreading.read_now(file=file, at=at, limits=limits, progress=progress, judge=judge)
        listwork.confirm(work)
        file.state, file.reasons, file.done_through = ListState.READ.value, [], 0
        file.save(
            update_fields=[
                "state", "reasons", "rows", "last_line", "tallies", "warnings", "sheet", "second_person", "done_through",
            ]
        )  # fmt: skip
        if file.second_person:
            _propose(file, at)
        listwork.let_go(work)
    return file


class _Told(listreading.Progress):
    """Passes the lines read on to the heartbeat."""

    def __init__(self, work: listwork.Work) -> None:
        super().__init__()
        self._work = work

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "lines" and hasattr(self, "_work"):
            self._work.lines_seen = value


def _check_bytes(file: ListFile) -> None:
    path = listreading.path_of(file)
    if not path.is_file():
        raise refusals.SheetDamaged(part=file.name[:60])
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
            raise refusals.SheetDamaged(part=file.name[:60])


def _propose(file: ListFile, at: datetime) -> None:
    proposals.propose(
        kind=RELEASE_KIND,
        subject=file,
        region_id=file.region_id,
        title=file.name,
        difference={"kind": file.kind, "rows": file.rows, "tallies": file.tallies, "warnings": file.warnings},
        by=file.uploaded_by,
        at=at,
    )


def _refuse(work: listwork.Work, refusal: SheetRefused, at: datetime) -> None:
    """REJECTED with its reason; several sheets are no reason to reject, somebody chooses."""
    choose = isinstance(refusal, refusals.SheetChoice)
    with transaction.atomic(), audit.acting(by=None, why="refuse a list", list=work.list_id):
        file = listwork.confirm(work)
        file.reasons = [reason_of(refusal)]
        file.sheets = refusal.params.get("sheets", []) if choose else []
        file.state = (ListState.HELD if choose else ListState.REJECTED).value
        file.save(update_fields=["reasons", "sheets", "state"])
        listwork.let_go(work)


def reason_of(refusal: BureauError) -> dict[str, Any]:
    """An error as it is stored: its code, its English text and its parameters."""
    params = {key: str(value) for key, value in refusal.params.items() if key != "sheets"}
    return {"code": refusal.code, "message": refusal.message, "params": params}


def _locked(list_id: int, by: User, action: str, wanted: ListState) -> ListFile:
    """The list under its lock, the right of ``by`` and the move to ``wanted`` checked."""
    file = (
        ListFile.objects.select_for_update(of=("self",))
        .select_related("region", "uploaded_by")
        .get(pk=list_id)
    )
    access.require(by, action, file.region_id)
    if wanted not in LIST_MOVES[file.state]:
        raise ListNotWaiting(list=list_id, state=file.state)
    return file


def choose_sheet(*, list_id: int, sheet: str, by: User, at: datetime) -> ListFile:
    """Say which sheet of a HELD workbook is meant; the list is queued again. Raises SheetUnknown, ListNotWaiting."""
    with transaction.atomic(), audit.acting(by=by, why="choose a sheet", at=at.isoformat()):
        file = _locked(list_id, by, UPLOAD, ListState.QUEUED)
        if sheet not in [one["name"] for one in file.sheets]:
            raise refusals.SheetUnknown(name=sheet[:60])
        file.sheet, file.state = sheet, ListState.QUEUED.value
        file.save(update_fields=["sheet", "state"])
        return file


def confirm(*, list_id: int, by: User, at: datetime, tallies: dict[str, Any] | None = None) -> ListFile:
    """Confirm a read list: it is queued to be applied. ``tallies``: what the confirming person saw.

    A list that takes a second person is confirmed through its proposal. Raises SecondPersonNeeded, PreviewOutdated,
    ListNotWaiting, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="confirm a list", list=list_id):
        file = ListFile.objects.select_for_update(of=("self",)).get(pk=list_id)
        if file.second_person:
            open_one = open_proposal(file)
            if open_one is None:
                access.require(by, "list.release", file.region_id)
                raise ListNotWaiting(list=list_id, state=file.state)
            proposals.review(proposal_id=open_one.pk, approve=True, reason="", by=by, at=at)
            return ListFile.objects.get(pk=list_id)
        file = _locked(list_id, by, UPLOAD, ListState.CONFIRMED)
        if tallies is not None and tallies != file.tallies:
            raise PreviewOutdated()
        return _confirmed(file, by, at)


def _confirmed(file: ListFile, by: User, at: datetime) -> ListFile:
    if hashlib.sha256(listreading.path_of(file).read_bytes()).hexdigest() != file.sha256:
        raise ListAltered(list=file.pk)
    file.confirmed_by, file.confirmed_at, file.state = by, at, ListState.CONFIRMED.value
    file.save(update_fields=["confirmed_by", "confirmed_at", "state"])
    ListLease.objects.filter(pk=file.pk).update(attempts=0)
    return file


def open_proposal(file: ListFile) -> Proposal | None:
    """The proposal by which a second person confirms the list, while it waits."""
    waiting = Proposal.objects.filter(kind=RELEASE_KIND, subject_id=str(file.pk), state=ProposalState.OPEN)
    return waiting.order_by("id").first()


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    file = _locked(int(proposal.subject_id), by, "list.release", ListState.CONFIRMED)
    _confirmed(file, by, at)


def _reject(proposal: Proposal, by: User, at: datetime) -> None:
    file = _locked(int(proposal.subject_id), by, "list.release", ListState.DROPPED)
    _dropped(file)


proposals.register(
    proposals.Kind(
        RELEASE_KIND, _("confirmation of a list"), "list.release", approve=_approve, reject=_reject
    )
)


def _dropped(file: ListFile) -> ListFile:
    file.state = ListState.DROPPED.value
    file.save(update_fields=["state"])
    sql.execute("list_drop", listreading.tables(file.pk))
    return file


def drop(*, list_id: int, by: User, at: datetime) -> ListFile:
    """Give up a list of which nothing was applied; while a second person is asked, its uploader alone may.

    Raises ListNotWaiting, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="drop a list", at=at.isoformat()):
        file = _locked(list_id, by, UPLOAD, ListState.DROPPED)
        if file.done_through:
            raise ListNotWaiting(list=list_id, state=file.state)
        waiting = open_proposal(file)
        if waiting is not None:
            proposals.withdraw(proposal_id=waiting.pk, by=by, at=at)
        return _dropped(file)


def stop(*, list_id: int, by: User, at: datetime) -> ListFile:
    """Ask the worker to stop after its chunk; a list that still waits stops at once. Raises ListNotWaiting, NotAllowed."""
    with transaction.atomic(), audit.acting(by=by, why="stop a list", at=at.isoformat()):
        file = _locked(list_id, by, UPLOAD, ListState.STOPPED)
        if file.state == ListState.APPLYING:
            file.stop_wanted = True
            file.save(update_fields=["stop_wanted"])
            return file
        file.state, file.applied_at = ListState.STOPPED.value, at
        file.save(update_fields=["state", "applied_at"])
        return file


def resume(*, list_id: int, by: User, at: datetime) -> ListFile:
    """Let a stopped or parked list go on where it was. Raises ListNotWaiting, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="resume a list", at=at.isoformat()):
        file = ListFile.objects.select_for_update(of=("self",)).get(pk=list_id)
        wanted = ListState.QUEUED if file.confirmed_by_id is None else ListState.CONFIRMED
        file = _locked(list_id, by, UPLOAD, wanted)
        file.state, file.stop_wanted = wanted.value, False
        file.save(update_fields=["state", "stop_wanted"])
        ListLease.objects.filter(pk=list_id).update(attempts=0)
        return file

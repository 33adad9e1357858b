"""A held or parked file and the people: release, reject, queue again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.models import Proposal, User
from bureau.states import ProposalState
from payments.models import BankFile, FileLease
from payments.services.leases import NotWaiting
from payments.services.river import RELEASE_KIND
from payments.states import FileState


def _locked(proposal: Proposal) -> BankFile:
    file = BankFile.objects.select_for_update(of=("self",)).get(pk=int(proposal.subject_id))
    if file.state != FileState.HELD:
        raise NotWaiting(file=file.pk, state=file.state)
    return file


def _release(proposal: Proposal, by: User, at: datetime) -> None:
    file = _locked(proposal)
    file.released_by, file.released_at, file.state = by, at, FileState.QUEUED.value
    file.save(update_fields=["released_by", "released_at", "state"])
    FileLease.objects.filter(pk=file.pk).update(attempts=0)


def _reject(proposal: Proposal, by: User, at: datetime) -> None:
    file = _locked(proposal)
    file.finished_at, file.state = at, FileState.REJECTED.value
    file.save(update_fields=["finished_at", "state"])


proposals.register(
    proposals.Kind(
        RELEASE_KIND, _("release of a held file"), "file.release", approve=_release, reject=_reject
    )
)


def decide_held(*, file_id: int, approve: bool, reason: str, by: User, at: datetime) -> BankFile:
    """Release or reject a HELD file as the second person; a released file is queued.

    Raises NotWaiting (not held), SecondPersonNeeded, ReasonNeeded, NotAllowed, OutOfScope.
    """
    file = BankFile.objects.get(pk=file_id)
    open_one = (
        Proposal.objects.filter(kind=RELEASE_KIND, subject_id=str(file_id), state=ProposalState.OPEN)
        .order_by("id")
        .first()
    )
    if open_one is None:
        access.require(by, "file.release", file.region_id)
        raise NotWaiting(file=file_id, state=file.state)
    proposals.review(proposal_id=open_one.pk, approve=approve, reason=reason, by=by, at=at)
    return BankFile.objects.get(pk=file_id)


def requeue(*, file_id: int, by: User, at: datetime) -> BankFile:
    """Give a PARKED file three new attempts. Raises NotWaiting, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="queue a parked file again", file=file_id):
        file = BankFile.objects.select_for_update(of=("self",)).get(pk=file_id)
        access.require(by, "file.requeue", file.region_id)
        if file.state != FileState.PARKED:
            raise NotWaiting(file=file_id, state=file.state)
        file.state, file.reasons = FileState.QUEUED.value, []
        file.save(update_fields=["state", "reasons"])
        FileLease.objects.filter(pk=file_id).update(attempts=0, last_error="")
        return file


def drop_parked(*, file_id: int, reason: str, by: User, at: datetime) -> BankFile:
    """Reject a PARKED file of which nothing was posted. Raises NotWaiting, ReasonNeeded, NotAllowed, OutOfScope."""
    if not reason.strip():
        raise proposals.ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, file=file_id):
        file = BankFile.objects.select_for_update(of=("self",)).get(pk=file_id)
        access.require(by, "file.release", file.region_id)
        if file.state != FileState.PARKED or file.chunks.filter(state="DONE").exists():
            raise NotWaiting(file=file_id, state=file.state)
        file.state, file.finished_at = FileState.REJECTED.value, at
        file.save(update_fields=["state", "finished_at"])
        return file

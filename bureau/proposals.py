"""The second person: a proposal with its difference, a review with a reason, the effect in the same transaction.

An app registers a kind once, with the action that its reviewer needs and the effects of approval and rejection; the
kernel knows nothing of what the kinds do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, User
from bureau.states import ProposalState

Effect = Callable[[Proposal, User, datetime], None]


class UnknownKind(BureauError):
    """No app registered this kind of proposal."""

    code = "PROPOSAL_KIND_UNKNOWN"
    message = gettext_noop("There is no kind of proposal called %(kind)s.")


class AlreadyDecided(BureauError):
    """Somebody was faster."""

    code = "PROPOSAL_DECIDED"
    message = gettext_noop("Already decided by %(who)s at %(at)s: %(state)s.")


class SecondPersonNeeded(BureauError):
    """The maker tried to review."""

    code = "SECOND_PERSON_NEEDED"
    message = gettext_noop("A second person must decide this: you made it.")


class ReasonNeeded(BureauError):
    """A rejection without a reason helps nobody."""

    code = "REASON_NEEDED"
    message = gettext_noop("Please give a reason.")


@dataclass(frozen=True)
class Kind:
    """What a proposal of this kind does when decided."""

    code: str
    label: Any
    action: str
    approve: Effect
    reject: Effect | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make ``kind`` known; registering the same code again replaces it (module reload)."""
    _kinds[kind.code] = kind


def kind_of(code: str) -> Kind:
    """The registered kind; raises :class:`UnknownKind`."""
    if code not in _kinds:
        raise UnknownKind(kind=code)
    return _kinds[code]


def known_kinds() -> Mapping[str, Kind]:
    """All kinds by code."""
    return dict(_kinds)


def propose(
    *,
    kind: str,
    subject: models.Model,
    region_id: str,
    title: str,
    difference: Mapping[str, Any],
    by: User,
    at: datetime,
    reason: str = "",
) -> Proposal:
    """Write down a change that waits for a second person; at most one open proposal per kind and subject."""
    kind_of(kind)
    with transaction.atomic(), audit.acting(by=by, why=reason or f"propose {kind}"):
        return Proposal.objects.create(
            kind=kind,
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            region_id=region_id,
            title=title,
            difference=dict(difference),
            reason=reason,
            made_by=by,
            made_at=at,
        )


def review(*, proposal_id: int, approve: bool, reason: str, by: User, at: datetime) -> Proposal:
    """Decide an open proposal and let its effect happen, all in one transaction.

    Raises AlreadyDecided, SecondPersonNeeded, ReasonNeeded (a rejection needs one), NotAllowed, OutOfScope, and whatever
    the effect raises (then nothing is decided).
    """
    with transaction.atomic(), audit.acting(by=by, why=reason or ("approve" if approve else "reject")):
        proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
        kind = kind_of(proposal.kind)
        access.require(by, kind.action, proposal.region_id)
        if proposal.state != ProposalState.OPEN:
            raise AlreadyDecided(
                who=proposal.reviewed_by.username if proposal.reviewed_by else "",
                at=proposal.reviewed_at.isoformat(timespec="seconds") if proposal.reviewed_at else "",
                state=proposal.state,
            )
        if proposal.made_by_id == by.pk:
            raise SecondPersonNeeded()
        if not approve and not reason.strip():
            raise ReasonNeeded()
        proposal.state = ProposalState.APPROVED.value if approve else ProposalState.REJECTED.value
        proposal.reviewed_by, proposal.reviewed_at, proposal.review_reason = by, at, reason
        proposal.save(update_fields=["state", "reviewed_by", "reviewed_at", "review_reason"])
        effect = kind.approve if approve else kind.reject
        if effect is not None:
            effect(proposal, by, at)
        return proposal


def withdraw(*, proposal_id: int, by: User, at: datetime) -> Proposal:
    """The maker takes an open proposal back."""
    with transaction.atomic(), audit.acting(by=by, why="withdraw"):
        proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
        if proposal.state != ProposalState.OPEN:
            raise AlreadyDecided(who="", at="", state=proposal.state)
        if proposal.made_by_id != by.pk:
            raise access.NotAllowed(action="proposal.withdraw")
        proposal.state = ProposalState.WITHDRAWN.value
        proposal.reviewed_by, proposal.reviewed_at = by, at
        proposal.save(update_fields=["state", "reviewed_by", "reviewed_at"])
        return proposal


def waiting_for(user: User) -> models.QuerySet[Proposal]:
    """Open proposals in the regions of ``user`` that the person may decide and did not make."""
    kinds = [kind.code for kind in _kinds.values() if access.may(user, kind.action)]
    mine = Proposal.objects.filter(state=ProposalState.OPEN, kind__in=kinds).exclude(made_by=user)
    return access.for_user(mine, user).select_related("made_by", "region").order_by("id")

"""Drafts of policy versions: written whole or as what a region says otherwise, compared, proposed, published by a
second person, and written again when the region above has a new version.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, Region, User
from bureau.states import ProposalState
from enrollment.inheritance import carried_forward, merged
from enrollment.models import Policy
from enrollment.policy import Terms, terms_difference
from enrollment.services import policies
from enrollment.services.policies import DRAFT, PUBLISH, NoPolicy
from enrollment.states import PolicyState


class PolicyBaseMoved(BureauError):
    """The version from which a draft's difference was shown, or from which it inherits, is no longer in force."""

    code = "POLICY_BASE_MOVED"
    message = gettext_noop(
        "Meanwhile another version was published for region %(region)s and %(year)s: draft the change anew."
    )


class PolicyNotDraft(BureauError):
    """Only a draft can be proposed, published or dropped."""

    code = "POLICY_NOT_DRAFT"
    message = gettext_noop("Version %(version)s is %(state)s, not a draft.")


class PolicyUnchanged(BureauError):
    """A draft that says what is in force anyway."""

    code = "POLICY_UNCHANGED"
    message = gettext_noop("These terms are already in force.")


class PolicyNothingAbove(BureauError):
    """No region above has terms from which the region could inherit."""

    code = "POLICY_NOTHING_ABOVE"
    message = gettext_noop("No region above %(region)s has terms for %(year)s.")


class PolicyNotInherited(BureauError):
    """Only terms that were taken from a region above can be taken from it again."""

    code = "POLICY_NOT_INHERITED"
    message = gettext_noop("Version %(version)s of region %(region)s inherits nothing.")


class PolicyProposed(BureauError):
    """A draft that waits for the second person is decided there."""

    code = "POLICY_PROPOSED"
    message = gettext_noop("Version %(version)s waits for a second person already.")


class Compared(NamedTuple):
    """What terms are held against: the version, and its terms (carried to the year where it is of another one)."""

    policy: Policy
    terms: Terms


def base_of(region_id: str, benefit_year: int) -> Policy | None:
    """The version in force of the nearest region above, None where there is none."""
    parent = Region.objects.values_list("parent_id", flat=True).get(pk=region_id)
    if parent is None:
        return None
    try:
        return policies.in_force(parent, benefit_year)
    except NoPolicy:
        return None


def compared_with(region_id: str, benefit_year: int, *, but: int | None = None) -> Compared | None:
    """What people go by now: the version in force for the year (the region's or of the nearest above), else the latest
    earlier year's, carried forward. ``but`` is a version that does not count.
    """
    versions = Policy.objects.exclude(pk=but) if but is not None else Policy.objects.all()
    try:
        found = policies.in_force(region_id, benefit_year)
        if found.pk != but:
            return Compared(found, found.values)
    except NoPolicy:
        found = None
    earlier = versions.filter(
        region_id=region_id, benefit_year__lt=benefit_year, state=PolicyState.PUBLISHED
    ).select_related("region")
    last = earlier.order_by("-benefit_year", "-version").first()
    return None if last is None else Compared(last, carried_forward(last.values, benefit_year))


def draft(
    *,
    region_id: str,
    benefit_year: int,
    terms: Terms,
    by: User,
    at: datetime,
    key: str = "",
    mark: str = "",
    note: str = "",
    seen: int | None = None,
) -> Policy:
    """Write down the next version of a region's terms; nothing is in force until a second person publishes
    it.

    ``seen`` is the version in force that the writer saw (0: none); another one meanwhile refuses the draft. Raises
    PolicyRegionUnknown, PolicyUnchanged, PolicyBaseMoved, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=note or "draft a policy", at=at.isoformat()):
        _may_draft(region_id, benefit_year, by, seen)
        return _write(
            Policy(
                key=key,
                region_id=region_id,
                benefit_year=benefit_year,
                terms=terms.to_dict(),
                mark=mark,
                note=note,
                made_by=by,
            )
        )


def draft_below(
    *,
    region_id: str,
    benefit_year: int,
    overrides: Mapping[str, Any],
    by: User,
    at: datetime,
    mark: str = "",
    note: str = "",
    base_id: int | None = None,
    seen: int | None = None,
) -> Policy:
    """As :func:`draft`, for a region that goes by the terms above it except for ``overrides`` (canonical JSON by key).

    ``base_id`` is the version above that the writer saw. Raises PolicyNothingAbove and PolicyError as well.
    """
    with transaction.atomic(), audit.acting(by=by, why=note or "draft a policy", at=at.isoformat()):
        _may_draft(region_id, benefit_year, by, seen)
        base = base_of(region_id, benefit_year)
        if base is None:
            raise PolicyNothingAbove(region=region_id, year=benefit_year)
        if base_id is not None and base.pk != base_id:
            raise PolicyBaseMoved(region=base.region_id, year=benefit_year)
        terms = merged(base.values, overrides)
        whole = terms.to_dict()
        return _write(
            Policy(
                region_id=region_id,
                benefit_year=benefit_year,
                terms=whole,
                base=base,
                overrides={name: whole[name] for name in sorted(overrides)},
                mark=mark,
                note=note,
                made_by=by,
            )
        )


def redraft(*, policy_id: int, by: User, at: datetime) -> Policy:
    """Write a version again on what is in force above it now: the same overrides on the new base.

    Raises PolicyNotInherited, and as :func:`draft_below`.
    """
    policy = Policy.objects.get(pk=policy_id)
    if policy.overrides is None:
        raise PolicyNotInherited(version=policy.version, region=policy.region_id)
    return draft_below(
        region_id=policy.region_id,
        benefit_year=policy.benefit_year,
        overrides=policy.overrides,
        mark=policy.mark,
        note=policy.note,
        by=by,
        at=at,
    )


def redraft_dependants(*, policy_id: int, by: User, at: datetime) -> list[Policy]:
    """Write every version in force that inherits from a former version of ``policy_id`` again on it; all or none.

    Raises as :func:`redraft`.
    """
    with transaction.atomic():
        rows = dependants(Policy.objects.get(pk=policy_id)).filter(state=PolicyState.PUBLISHED)
        return [redraft(policy_id=row.pk, by=by, at=at) for row in rows]


def dependants(policy: Policy) -> QuerySet[Policy]:
    """Versions in force, and drafts, that inherit from a former version of the region and year of ``policy``."""
    return (
        Policy.objects.filter(
            base__region_id=policy.region_id,
            base__benefit_year=policy.benefit_year,
            base__version__lt=policy.version,
            state__in=[PolicyState.PUBLISHED, PolicyState.DRAFT],
        )
        .select_related("region", "base")
        .order_by("region_id", "version")
    )


def _may_draft(region_id: str, benefit_year: int, by: User, seen: int | None) -> None:
    policies.lock(region_id)
    access.require(by, DRAFT, region_id)
    current = policies.current(region_id, benefit_year)
    if seen is not None and seen != (current.version if current else 0):
        raise PolicyBaseMoved(region=region_id, year=benefit_year)


def _write(policy: Policy) -> Policy:
    current = policies.current(policy.region_id, policy.benefit_year)
    same = current is not None and not terms_difference(current.values, policy.values)
    if (
        current is not None
        and same
        and (current.base_id, current.overrides) == (policy.base_id, policy.overrides)
    ):
        raise PolicyUnchanged()
    versions = Policy.objects.filter(region_id=policy.region_id, benefit_year=policy.benefit_year)
    policy.version = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    policy.key = policy.key or f"{policy.region_id}-{policy.benefit_year}-{policy.version}"
    policy.save()
    return policy


def difference(policy: Policy) -> dict[str, Any]:
    """What publishing ``policy`` would change, for the second person: ``{"base": version, "terms": {key:
    [old, new]}}``.

    The base is the version in force of the same region and year, None where this is its first; ``compared`` then names
    what people went by until now, and without any all terms are new.
    """
    own = policies.current(policy.region_id, policy.benefit_year)
    if own is not None:
        changes = terms_difference(own.values, policy.values)
        return {"base": own.version, "terms": {key: [old, new] for key, old, new in changes}}
    former = compared_with(policy.region_id, policy.benefit_year, but=policy.pk)
    if former is None:
        return {"base": None, "terms": {key: [None, new] for key, new in policy.values.to_dict().items()}}
    changes = terms_difference(former.terms, policy.values)
    against = former.policy
    return {
        "base": None,
        "compared": {"region": against.region_id, "year": against.benefit_year, "version": against.version},
        "terms": {key: [old, new] for key, old, new in changes},
    }


def propose(*, policy_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """Ask for the publication of a draft; another supervisor decides it through bureau.proposals.

    Raises PolicyNotDraft, PolicyProposed, PolicyVersionStale, PolicyBaseMoved, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=reason or "propose a policy"):
        policy = policies.locked(policy_id)
        access.require(by, DRAFT, policy.region_id)
        _check_draft(policy)
        _check_not_proposed(policy)
        policies.check_newest(policy, policies.current(policy.region_id, policy.benefit_year))
        return proposals.propose(
            kind=PUBLISH,
            subject=policy,
            region_id=policy.region_id,
            title=f"{policy.region_id} {policy.benefit_year} v{policy.version}",
            difference=difference(policy),
            reason=reason,
            by=by,
            at=at,
        )


def drop(*, policy_id: int, reason: str, by: User, at: datetime) -> Policy:
    """Give a draft up that nobody decides on. Raises PolicyNotDraft, PolicyProposed, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why=reason or "drop a draft", at=at.isoformat()):
        policy = policies.locked(policy_id)
        access.require(by, DRAFT, policy.region_id)
        if policy.state != PolicyState.DRAFT:
            raise PolicyNotDraft(version=policy.version, state=policy.state)
        _check_not_proposed(policy)
        policy.state = PolicyState.DROPPED.value
        policy.save(update_fields=["state"])
        return policy


def _check_draft(policy: Policy) -> None:
    if policy.state != PolicyState.DRAFT:
        raise PolicyNotDraft(version=policy.version, state=policy.state)
    if policy.base is not None and policy.base.state != PolicyState.PUBLISHED:
        raise PolicyBaseMoved(region=policy.base.region_id, year=policy.benefit_year)


def waiting(policy: Policy) -> Proposal | None:
    """The open proposal to publish a draft."""
    return (
        Proposal.objects.filter(
            kind=PUBLISH,
            subject_type=policy._meta.label_lower,
            subject_id=str(policy.pk),
            state=ProposalState.OPEN,
        )
        .order_by("pk")
        .first()
    )


def _check_not_proposed(policy: Policy) -> None:
    if waiting(policy) is not None:
        raise PolicyProposed(version=policy.version)


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    policy = policies.locked(int(proposal.subject_id))
    _check_draft(policy)
    if policy.made_by_id == by.pk:
        raise proposals.SecondPersonNeeded()
    current = policies.current(policy.region_id, policy.benefit_year)
    if (current.version if current else None) != proposal.difference.get("base"):
        raise PolicyBaseMoved(region=policy.region_id, year=policy.benefit_year)
    policies.publish(policy, by=by, at=at)


def _reject(proposal: Proposal, by: User, at: datetime) -> None:
    policy = policies.locked(int(proposal.subject_id))
    if policy.state != PolicyState.DRAFT:
        raise PolicyNotDraft(version=policy.version, state=policy.state)
    policy.state = PolicyState.DROPPED.value
    policy.save(update_fields=["state"])


proposals.register(proposals.Kind(PUBLISH, _("publish a policy"), PUBLISH, _approve, _reject))

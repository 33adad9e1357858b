"""Policy versions: which one is in force, loading a file of them, and drafts that a second person publishes.

A region without terms of its own for a year goes by those of the nearest region above it. At any moment one
version of a region and year is in force; publishing one ends the former at the same instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, Region, User
from bureau.partitions import open_year
from enrollment.models import Policy
from enrollment.policy import Terms, terms_difference
from enrollment.policyfile import PolicyRow
from enrollment.states import PolicyState

PUBLISH = "policy.publish"
DRAFT = "policy.draft"


class NoPolicy(BureauError):
    """Neither the region nor any region above it has terms for the year."""

    code = "POLICY_MISSING"
    message = gettext_noop("No policy is in force for region %(region)s and benefit year %(year)s.")


class PolicyRegionUnknown(BureauError):
    """Terms for a code that is no region."""

    code = "POLICY_REGION_UNKNOWN"
    message = gettext_noop("There is no region %(region)s.")


class PolicyVersionDiffers(BureauError):
    """A version that exists was brought again with other terms; `keys` names those that differ."""

    code = "POLICY_VERSION_DIFFERS"
    message = gettext_noop(
        "Version %(version)s of region %(region)s for %(year)s exists with other terms: %(keys)s. "
        "Other terms need a new version number."
    )


class PolicyVersionTaken(BureauError):
    """The number belongs to a draft that nobody published, or that was dropped."""

    code = "POLICY_VERSION_TAKEN"
    message = gettext_noop(
        "Version %(version)s of region %(region)s for %(year)s exists as %(state)s: use another number."
    )


class PolicyVersionStale(BureauError):
    """A later version is in force already; an older one cannot take its place."""

    code = "POLICY_VERSION_STALE"
    message = gettext_noop(
        "Version %(version)s of region %(region)s for %(year)s comes after version %(current)s was published."
    )


class PolicyBeforeCurrent(BureauError):
    """A version cannot come into force before the one it replaces did."""

    code = "POLICY_BEFORE_CURRENT"
    message = gettext_noop(
        "Version %(current)s of region %(region)s for %(year)s is in force since %(since)s."
    )


class PolicyBaseMoved(BureauError):
    """The version from which a draft's difference was shown is no longer the one in force."""

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


@dataclass(frozen=True)
class Loaded:
    """What loading a file did: the versions now published, those replaced within the same file, those
    known before.
    """

    published: list[Policy] = field(default_factory=list)
    passed_over: list[Policy] = field(default_factory=list)
    unchanged: list[Policy] = field(default_factory=list)


_NEAREST = """
WITH RECURSIVE up (code, parent_id, distance) AS (
  SELECT code, parent_id, 0 FROM bureau_region WHERE code = %(region)s
  UNION ALL
  SELECT r.code, r.parent_id, up.distance + 1 FROM bureau_region r JOIN up ON r.code = up.parent_id
)
SELECT p.id
  FROM up JOIN enrollment_policy p ON p.region_id = up.code
 WHERE p.benefit_year = %(year)s
   AND CASE WHEN %(at)s::timestamptz IS NULL THEN p.state = 'PUBLISHED'
            ELSE p.in_force @> %(at)s::timestamptz END
 ORDER BY up.distance
 LIMIT 1
"""


def in_force(region_id: str, year: int, at: datetime | None = None) -> Policy:
    """The policy of ``region_id`` for benefit year ``year``: its own, or that of the nearest region above it.

    ``at`` asks for the version in force at that moment, None for the one in force now. Raises NoPolicy.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, {"region": region_id, "year": year, "at": at})
        row = cursor.fetchone()
    if row is None:
        raise NoPolicy(region=region_id, year=year)
    return Policy.objects.select_related("region").get(pk=row[0])


def _current(region_id: str, year: int) -> Policy | None:
    return (
        Policy.objects.filter(region_id=region_id, benefit_year=year, state=PolicyState.PUBLISHED)
        .order_by("-version")
        .first()
    )


def _lock(region_id: str) -> None:
    """Put publishers of one region in line (its row outlives every version)."""
    if not Region.objects.select_for_update(of=("self",)).filter(pk=region_id).exists():
        raise PolicyRegionUnknown(region=region_id)


def _check_newest(policy: Policy, current: Policy | None) -> None:
    if current is not None and current.version > policy.version:
        raise PolicyVersionStale(
            version=policy.version, region=policy.region_id, year=policy.benefit_year, current=current.version
        )


def _publish(policy: Policy, *, by: User | None, at: datetime) -> None:
    """Put a version in force at ``at`` and end the former at the same instant; the region's row is locked."""
    current = _current(policy.region_id, policy.benefit_year)
    _check_newest(policy, current)
    if current is not None:
        if at < current.in_force.lower:
            raise PolicyBeforeCurrent(
                current=current.version,
                region=policy.region_id,
                year=policy.benefit_year,
                since=current.in_force.lower.isoformat(),
            )
        current.in_force = DateTimeTZRange(current.in_force.lower, at)
        current.state = PolicyState.REPLACED.value
        current.save(update_fields=["in_force", "state"])
    policy.in_force = DateTimeTZRange(at, None)
    policy.state = PolicyState.PUBLISHED.value
    policy.published_by = by
    policy.save()
    open_year(policy.benefit_year)


def load(*, rows: Iterable[PolicyRow], by: User | None, at: datetime) -> Loaded:
    """Publish the versions of a policy file that are new; all of them or none.

    A version that exists with the same terms is left as it is. Of several new versions of a region and year
    the last comes into force; the others were never (their time in force is empty). ``by`` None is the
    system. Raises PolicyVersionDiffers, PolicyVersionTaken, PolicyVersionStale, PolicyBeforeCurrent,
    PolicyRegionUnknown, NotAllowed, OutOfScope.
    """
    done = Loaded()
    with transaction.atomic(), audit.acting(by=by, why="load policies", at=at.isoformat()):
        for row in sorted(rows, key=lambda row: (row.region, row.benefit_year, row.version)):
            _lock(row.region)
            if by is not None:
                access.require(by, PUBLISH, row.region)
            _load_row(row, done, by=by, at=at)
    return done


def _load_row(row: PolicyRow, done: Loaded, *, by: User | None, at: datetime) -> None:
    known = Policy.objects.filter(
        region_id=row.region, benefit_year=row.benefit_year, version=row.version
    ).order_by("pk")
    found = known.first()
    if found is not None:
        if found.in_force is None:
            raise PolicyVersionTaken(
                version=row.version, region=row.region, year=row.benefit_year, state=found.state
            )
        differing = terms_difference(found.values, row.terms)
        if differing:
            raise PolicyVersionDiffers(
                version=row.version,
                region=row.region,
                year=row.benefit_year,
                keys=", ".join(key for key, _old, _new in differing),
            )
        done.unchanged.append(found)
        return
    former = done.published[-1] if done.published else None
    policy = Policy(
        key=row.key,
        region_id=row.region,
        benefit_year=row.benefit_year,
        version=row.version,
        terms=row.terms.to_dict(),
        mark=row.mark,
        note=row.note,
    )
    _publish(policy, by=by, at=at)
    if former is not None and (former.region_id, former.benefit_year) == (
        policy.region_id,
        policy.benefit_year,
    ):
        done.passed_over.append(done.published.pop())
    done.published.append(policy)


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
) -> Policy:
    """Write down the next version of a region's terms; nothing is in force until a second person publishes
    it.

    Raises PolicyRegionUnknown, PolicyUnchanged, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=note or "draft a policy", at=at.isoformat()):
        _lock(region_id)
        access.require(by, DRAFT, region_id)
        current = _current(region_id, benefit_year)
        if current is not None and not terms_difference(current.values, terms):
            raise PolicyUnchanged()
        versions = Policy.objects.filter(region_id=region_id, benefit_year=benefit_year)
        version = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
        return Policy.objects.create(
            key=key or f"{region_id}-{benefit_year}-{version}",
            region_id=region_id,
            benefit_year=benefit_year,
            version=version,
            terms=terms.to_dict(),
            mark=mark,
            note=note,
            made_by=by,
        )


def difference(policy: Policy) -> dict[str, Any]:
    """What publishing ``policy`` would change, for the second person: ``{"base": version, "terms": {key:
    [old, new]}}``.

    The base is the version in force of the same region and year, None where this is its first; all terms are
    new then.
    """
    current = _current(policy.region_id, policy.benefit_year)
    if current is None:
        return {"base": None, "terms": {key: [None, new] for key, new in policy.values.to_dict().items()}}
    changes = terms_difference(current.values, policy.values)
    return {"base": current.version, "terms": {key: [old, new] for key, old, new in changes}}


def propose(*, policy_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """Ask for the publication of a draft; another supervisor decides it through bureau.proposals.

    Raises PolicyNotDraft, PolicyVersionStale, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=reason or "propose a policy"):
        policy = _locked(policy_id)
        access.require(by, DRAFT, policy.region_id)
        _check_draft(policy)
        _check_newest(policy, _current(policy.region_id, policy.benefit_year))
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


def _locked(policy_id: int) -> Policy:
    """The policy, read after the lock on its region."""
    region_id = Policy.objects.values_list("region_id", flat=True).get(pk=policy_id)
    _lock(region_id)
    return Policy.objects.select_for_update(of=("self",)).get(pk=policy_id)


def _check_draft(policy: Policy) -> None:
    if policy.state != PolicyState.DRAFT:
        raise PolicyNotDraft(version=policy.version, state=policy.state)


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    policy = _locked(int(proposal.subject_id))
    _check_draft(policy)
    if policy.made_by_id == by.pk:
        raise proposals.SecondPersonNeeded()
    current = _current(policy.region_id, policy.benefit_year)
    if (current.version if current else None) != proposal.difference.get("base"):
        raise PolicyBaseMoved(region=policy.region_id, year=policy.benefit_year)
    _publish(policy, by=by, at=at)


def _reject(proposal: Proposal, by: User, at: datetime) -> None:
    policy = _locked(int(proposal.subject_id))
    _check_draft(policy)
    policy.state = PolicyState.DROPPED.value
    policy.save(update_fields=["state"])


proposals.register(proposals.Kind(PUBLISH, _("publish a policy"), PUBLISH, _approve, _reject))

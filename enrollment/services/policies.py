"""Policy versions: which one is in force and where, publishing them, and loading a file of them.

A region without terms of its own for a year goes by those of the nearest region above it. At any moment one
version of a region and year is in force; publishing one ends the former at the same instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region, User
from bureau.partitions import open_year
from enrollment.models import Coverage, Policy, PolicyRun
from enrollment.policy import terms_difference
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


class PolicyNotInForce(BureauError):
    """Cover is recomputed by a version that is in force, by no other."""

    code = "POLICY_NOT_IN_FORCE"
    message = gettext_noop("Version %(version)s is %(state)s, not in force.")


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


_GOVERNED = """
WITH RECURSIVE governed (code) AS (
  SELECT code FROM bureau_region WHERE code = %(region)s
  UNION ALL
  SELECT r.code FROM bureau_region r JOIN governed g ON r.parent_id = g.code
   WHERE NOT EXISTS (SELECT FROM enrollment_policy p WHERE p.region_id = r.code
                        AND p.benefit_year = %(year)s AND p.state = 'PUBLISHED')
)
SELECT code FROM governed ORDER BY code
"""


def governed(region_id: str, year: int) -> list[str]:
    """The regions that go by the terms of ``region_id`` for ``year``: itself, and those below it without terms of their
    own or of a nearer region.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GOVERNED, {"region": region_id, "year": year})
        return [row[0] for row in cursor.fetchall()]


def current(region_id: str, year: int) -> Policy | None:
    """The version in force that is the region's own."""
    return (
        Policy.objects.filter(region_id=region_id, benefit_year=year, state=PolicyState.PUBLISHED)
        .order_by("-version")
        .first()
    )


def lock(region_id: str) -> None:
    """Put who drafts or publishes for one region in line (its row outlives every version)."""
    if not Region.objects.select_for_update(of=("self",)).filter(pk=region_id).exists():
        raise PolicyRegionUnknown(region=region_id)


def locked(policy_id: int) -> Policy:
    """The policy, read after the lock on its region."""
    region_id = Policy.objects.values_list("region_id", flat=True).get(pk=policy_id)
    lock(region_id)
    return Policy.objects.select_for_update(of=("self",)).select_related("base").get(pk=policy_id)


def check_newest(policy: Policy, found: Policy | None) -> None:
    """Raise PolicyVersionStale where ``found``, the version in force, is a later one."""
    if found is not None and found.version > policy.version:
        raise PolicyVersionStale(
            version=policy.version, region=policy.region_id, year=policy.benefit_year, current=found.version
        )


def publish(policy: Policy, *, by: User | None, at: datetime) -> None:
    """Put a version in force at ``at`` and end the former at the same instant; the region's row is locked.

    Cover of the year that was decided before is queued for recomputing. Raises PolicyVersionStale,
    PolicyBeforeCurrent.
    """
    former = current(policy.region_id, policy.benefit_year)
    check_newest(policy, former)
    if former is not None:
        if at < former.in_force.lower:
            raise PolicyBeforeCurrent(
                current=former.version,
                region=policy.region_id,
                year=policy.benefit_year,
                since=former.in_force.lower.isoformat(),
            )
        former.in_force = DateTimeTZRange(former.in_force.lower, at)
        former.state = PolicyState.REPLACED.value
        former.save(update_fields=["in_force", "state"])
    policy.in_force = DateTimeTZRange(at, None)
    policy.state = PolicyState.PUBLISHED.value
    policy.published_by = by
    policy.save()
    open_year(policy.benefit_year)
    if _has_cover(policy.benefit_year):
        PolicyRun.objects.create(policy=policy, region_id=policy.region_id, made_by=by, made_at=at)


def _has_cover(year: int) -> bool:
    factor = Coverage.partition.factor
    return Coverage.objects.filter(pk__gte=year * factor, pk__lt=(year + 1) * factor).exists()


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
            lock(row.region)
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
    publish(policy, by=by, at=at)
    if former is not None and (former.region_id, former.benefit_year) == (
        policy.region_id,
        policy.benefit_year,
    ):
        done.passed_over.append(done.published.pop())
    done.published.append(policy)

"""Who may do what, and where: roles, actions, regions. One scope serves lists, objects, choices, search, actions, exports.

Rows outside a person's regions answer 404, as if absent; rows inside without the right answer 403 (design: reliability 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from django.db import connection, models

from bureau.errors import BureauError, gettext_noop
from bureau.models import User


class Role(StrEnum):
    """The groups of staff; a migration makes them."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    TAX_OFFICER = "tax_officer"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


DESK = frozenset({Role.CLERK, Role.SUPERVISOR})
ACTIONS: dict[str, frozenset[Role]] = {
    "person.view": DESK | {Role.AUDITOR},
    "money.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "person.register": DESK,
    "person.correct": DESK,
    "person.approve": frozenset({Role.SUPERVISOR}),
    "person.merge": frozenset({Role.SUPERVISOR}),
    "enrollment.transfer": DESK,
    "household.edit": DESK,
    "list.view": DESK | {Role.AUDITOR},
    "list.upload": DESK,
    "list.release": frozenset({Role.SUPERVISOR}),
    "application.view": DESK | {Role.AUDITOR},
    "application.decide": DESK,
    "statistics.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "policy.draft": frozenset({Role.SUPERVISOR}),
    "policy.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "policy.publish": frozenset({Role.SUPERVISOR}),
    "receivable.assess": DESK,
    "batch.view": DESK | {Role.AUDITOR},
    "batch.freeze": DESK,
    "batch.release": frozenset({Role.SUPERVISOR}),
    "batch.download": frozenset({Role.SUPERVISOR}),
    "file.view": DESK | {Role.AUDITOR},
    "file.upload": DESK,
    "settlement.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "settlement.upload": DESK | {Role.TAX_OFFICER},
    "declaration.void": frozenset({Role.TAX_OFFICER}),
    "day.cut": DESK,
    "push.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "push.make": DESK,
    "push.download": DESK,
    "file.release": frozenset({Role.SUPERVISOR}),
    "file.requeue": frozenset({Role.SUPERVISOR, Role.SYSADMIN}),
    "problems.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "duplicate.propose": DESK,
    "duplicate.swap": frozenset({Role.SUPERVISOR}),
    "retry.edit": frozenset({Role.SUPERVISOR}),
    "retry.clear": DESK,
    "hold.release": frozenset({Role.SUPERVISOR}),
    "order.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "order.cancel": DESK,
    "channel.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "channel.edit": frozenset({Role.SUPERVISOR}),
    "payment.counter": DESK,
    "refund.view": DESK | {Role.AUDITOR, Role.TAX_OFFICER},
    "refund.request": DESK,
    "refund.review": frozenset({Role.SUPERVISOR}),
    "refund.approve": frozenset({Role.TAX_OFFICER}),
    "refund.payout": frozenset({Role.TAX_OFFICER}),
    "refund.release": frozenset({Role.TAX_OFFICER}),
    "refund.answer": frozenset({Role.TAX_OFFICER}),
    "refund.limit": frozenset({Role.SUPERVISOR}),
    "voucher.print": DESK | {Role.TAX_OFFICER},
    "message.view": DESK | {Role.AUDITOR},
    "message.send": frozenset({Role.SUPERVISOR}),
    "message.opt": DESK,
    "agent.view": DESK | {Role.AUDITOR},
    "agent.manage": frozenset({Role.SUPERVISOR}),
    "agent.enter": DESK,
    "day.close": frozenset({Role.SUPERVISOR}),
    "work.view": DESK | {Role.AUDITOR},
    "work.handle": DESK,
    "proposal.view": DESK | {Role.AUDITOR},
    "export.list": frozenset({Role.AUDITOR, Role.SUPERVISOR}),
    "export.register": frozenset({Role.AUDITOR, Role.SUPERVISOR}),
    "books.view": frozenset({Role.AUDITOR, Role.SUPERVISOR}),
    "reference.view": frozenset(Role),
    "calendar.edit": frozenset({Role.SUPERVISOR, Role.SYSADMIN}),
    "staff.manage": frozenset({Role.SYSADMIN}),
    "partner.manage": frozenset({Role.SYSADMIN}),
    "security.view": frozenset({Role.SYSADMIN, Role.AUDITOR}),
}
EVERYWHERE = frozenset({Role.AUDITOR, Role.SYSADMIN})
# Pairs that one person must not hold together (design: reliability I23): who makes must not check, who checks must not pay.
CONFLICTS: frozenset[frozenset[Role]] = frozenset(
    frozenset(pair)
    for pair in [
        (Role.CLERK, Role.SUPERVISOR),
        (Role.CLERK, Role.TAX_OFFICER),
        (Role.SUPERVISOR, Role.TAX_OFFICER),
        (Role.AUDITOR, Role.CLERK),
        (Role.AUDITOR, Role.SUPERVISOR),
        (Role.AUDITOR, Role.TAX_OFFICER),
        (Role.SYSADMIN, Role.CLERK),
        (Role.SYSADMIN, Role.SUPERVISOR),
        (Role.SYSADMIN, Role.TAX_OFFICER),
        (Role.SYSADMIN, Role.AUDITOR),
    ]
)

M = TypeVar("M", bound=models.Model)


class NotAllowed(BureauError):
    """The person's roles do not include this action."""

    code = "NOT_ALLOWED"
    message = gettext_noop("Your role does not allow this (%(action)s).")


class OutOfScope(BureauError):
    """The row belongs to a region in which the person does not work."""

    code = "OUT_OF_SCOPE"
    message = gettext_noop("This does not exist in your regions.")


def roles(user: Any) -> frozenset[Role]:
    """The roles of ``user``, read once per user object (so a change counts from the next request on)."""
    cached = getattr(user, "_bureau_roles", None)
    if cached is None:
        known = {role.value for role in Role}
        names = user.groups.values_list("name", flat=True) if user.is_active and user.pk else []
        cached = frozenset(Role(name) for name in names if name in known)
        user._bureau_roles = cached
    return cached


def may(user: Any, action: str) -> bool:
    """Whether ``user`` may do ``action`` somewhere (the region is a separate question, see :func:`in_scope`)."""
    return bool(roles(user) & ACTIONS[action])


def regions_of(user: Any) -> frozenset[str] | None:
    """Codes of the regions of ``user`` with everything below them; None means everywhere."""
    if roles(user) & EVERYWHERE:
        return None
    cached = getattr(user, "_bureau_regions", None)
    if cached is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH RECURSIVE mine AS (SELECT region_id AS code FROM bureau_staffregion WHERE user_id = %s "
                "UNION SELECT r.code FROM bureau_region r JOIN mine ON r.parent_id = mine.code) SELECT code FROM mine",
                [user.pk],
            )
            cached = frozenset(row[0] for row in cursor.fetchall())
        user._bureau_regions = cached
    return cached


def in_scope(user: Any, region_id: str | None) -> bool:
    """Whether a row of ``region_id`` exists for ``user``; rows without a region exist for everybody on the desk."""
    codes = regions_of(user)
    return codes is None or region_id is None or region_id in codes


def for_user(queryset: models.QuerySet[M], user: Any, field: str = "region_id") -> models.QuerySet[M]:
    """The one scope: ``queryset`` limited to the regions of ``user`` by ``field``."""
    codes = regions_of(user)
    return queryset if codes is None else queryset.filter(**{f"{field}__in": sorted(codes)})


def require(user: User, action: str, region_id: str | None = None) -> None:
    """Raise unless ``user`` may do ``action`` in ``region_id`` now; roles and regions are read afresh.

    Called inside the transaction that acts, after its locks, so that a right withdrawn meanwhile counts.
    Raises :class:`OutOfScope` before :class:`NotAllowed`: existence is not told to strangers.
    """
    fresh = User.objects.get(pk=user.pk)
    if not in_scope(fresh, region_id):
        raise OutOfScope()
    if not fresh.is_active or not may(fresh, action):
        raise NotAllowed(action=action)


def staff_with_role(role: Role, region_id: str) -> Iterable[User]:
    """Active members of staff with ``role`` whose regions include ``region_id``, oldest account first."""
    candidates = User.objects.filter(is_active=True, groups__name=role.value).order_by("id")
    return [user for user in candidates if in_scope(user, region_id)]

"""Members of staff: made and changed by a system administrator, never by themselves, never with conflicting roles."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import connection, transaction

from bureau import access, audit
from bureau.access import CONFLICTS, Role
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region, StaffRegion, User


class OwnRecord(BureauError):
    """Somebody tried to change what they may do themselves."""

    code = "OWN_RECORD"
    message = gettext_noop("Nobody changes their own log-in, roles or regions.")


class ConflictingRoles(BureauError):
    """Who makes must not check, who checks must not pay (design: reliability I23)."""

    code = "ROLES_CONFLICT"
    message = gettext_noop("One person must not be both %(first)s and %(second)s.")


class StaffUnknown(BureauError):
    """No such member of staff."""

    code = "STAFF_UNKNOWN"
    message = gettext_noop("There is no such member of staff.")


class UsernameTaken(BureauError):
    """User names are unique."""

    code = "USERNAME_TAKEN"
    message = gettext_noop("The user name %(username)s is taken.")


def refuse_conflicts(roles: Iterable[Role]) -> frozenset[Role]:
    """The roles as a set; raises ConflictingRoles for the first pair that one person must not hold."""
    wanted = frozenset(roles)
    for pair in sorted(CONFLICTS, key=sorted):
        if pair <= wanted:
            first, second = sorted(pair)
            raise ConflictingRoles(first=first.value, second=second.value)
    return wanted


def create_staff(
    *,
    username: str,
    password: str,
    first_name: str,
    last_name: str,
    roles: Iterable[Role],
    region_ids: Iterable[str],
    by: User,
    at: datetime,
) -> User:
    """Make an active log-in with its roles and regions. Raises UsernameTaken, ConflictingRoles, NotAllowed."""
    wanted = refuse_conflicts(roles)
    with transaction.atomic(), audit.acting(by=by, why="create a member of staff"):
        access.require(by, "staff.manage")
        # Two administrators at once would both find the name free.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('bureau.staff'))")
        if User.objects.filter(username=username).exists():
            raise UsernameTaken(username=username)
        user = User(
            username=username, first_name=first_name, last_name=last_name, is_staff=True, date_joined=at
        )
        user.set_password(password)
        user.save()
        _give(user, wanted, region_ids)
        return user


def change_staff(
    *,
    user_id: int,
    first_name: str,
    last_name: str,
    is_active: bool,
    roles: Iterable[Role],
    region_ids: Iterable[str],
    by: User,
    at: datetime,
) -> User:
    """Change name, roles, regions, or close a log-in; it counts from that person's next request on.

    Raises OwnRecord, ConflictingRoles, StaffUnknown, NotAllowed.
    """
    wanted = refuse_conflicts(roles)
    with transaction.atomic(), audit.acting(by=by, why="change a member of staff", at=at.isoformat()):
        user = _locked(user_id, by)
        user.first_name, user.last_name, user.is_active = first_name, last_name, is_active
        user.save(update_fields=["first_name", "last_name", "is_active"])
        _give(user, wanted, region_ids)
        return user


def set_password(*, user_id: int, password: str, by: User, at: datetime) -> User:
    """Give somebody else a new password; all their sessions end. Raises OwnRecord, StaffUnknown, NotAllowed."""
    with transaction.atomic(), audit.acting(by=by, why="set a password", user_id=user_id, at=at.isoformat()):
        user = _locked(user_id, by)
        user.set_password(password)
        user.save(update_fields=["password"])
        return user


def _locked(user_id: int, by: User) -> User:
    user = User.objects.select_for_update(of=("self",)).filter(pk=user_id).first()
    access.require(by, "staff.manage")
    if user is None:
        raise StaffUnknown()
    if user.pk == by.pk:
        raise OwnRecord()
    return user


def _give(user: User, roles: frozenset[Role], region_ids: Iterable[str]) -> None:
    """Make the person's groups and regions exactly these; groups that are no roles are left alone."""
    known = {role.value for role in Role}
    held = {group.name: group for group in user.groups.filter(name__in=known)}
    names = {role.value for role in roles}
    user.groups.remove(*[group for name, group in held.items() if name not in names])
    user.groups.add(*Group.objects.filter(name__in=names - set(held)))
    codes = set(Region.objects.filter(pk__in=set(region_ids)).values_list("pk", flat=True))
    StaffRegion.objects.filter(user=user).exclude(region_id__in=codes).delete()
    had = set(StaffRegion.objects.filter(user=user).values_list("region_id", flat=True))
    StaffRegion.objects.bulk_create(StaffRegion(user=user, region_id=code) for code in sorted(codes - had))

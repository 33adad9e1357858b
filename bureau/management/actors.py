"""Who acts when a command runs: the person named, or the region's demo staff where only those exist."""

from django.core.management.base import CommandError

from bureau.access import Role, regions_of, roles
from bureau.models import User

USAGE = 2


def actor(username: str | None, role: Role, region_id: str | None) -> User:
    """The user that ``--by`` names; without a name the demo member of staff with ``role`` in ``region_id``.

    The default holds only where every active user is a demo log-in (a workstation); of several the one that
    works in the region itself comes before those of a larger one, then the oldest account. ``region_id``
    None: any region. What the person may do is checked by the service. Raises CommandError with exit code 2.
    """
    if username:
        named = User.objects.filter(username=username, is_active=True).first()
        if named is None:
            raise CommandError(f"There is no active user called {username}.", returncode=USAGE)
        return named
    if User.objects.filter(is_active=True, is_demo=False).exists():
        raise CommandError(f"Say who acts: --by USER (a {role.value}).", returncode=USAGE)
    candidates = User.objects.filter(is_active=True, is_demo=True, groups__name=role.value).order_by("id")
    fitting = [user for user in candidates if role in roles(user) and _works_in(user, region_id)]
    if not fitting:
        where = f" of region {region_id}" if region_id else ""
        raise CommandError(
            f"There is no demo {role.value}{where}: run seed_region, or say --by USER.", returncode=USAGE
        )
    return min(fitting, key=lambda user: (not _home(user, region_id), user.pk))


def _works_in(user: User, region_id: str | None) -> bool:
    codes = regions_of(user)
    return region_id is None or codes is None or region_id in codes


def _home(user: User, region_id: str | None) -> bool:
    return region_id is not None and user.staff_regions.filter(region_id=region_id).exists()

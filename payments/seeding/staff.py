"""The demo staff of a region: log-ins with random passwords, kept for the person who runs the rehearsal."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group

from bureau.access import Role
from bureau.home import write_private
from bureau.models import StaffRegion, User

LOGINS = "demo_logins.json"
_STAFF = (
    ("clerk", Role.CLERK),
    ("supervisor", Role.SUPERVISOR),
    ("supervisor2", Role.SUPERVISOR),
    ("tax", Role.TAX_OFFICER),
    ("tax2", Role.TAX_OFFICER),
    ("auditor", Role.AUDITOR),
)


@dataclass(frozen=True)
class DemoStaff:
    """The user names of a region's demo staff, those newly made among them, and where the passwords lie."""

    usernames: list[str]
    made: list[str]
    logins: Path


def make_staff(*, region_id: str, folder: Path) -> DemoStaff:
    """Create the region's demo log-ins that are missing, and the system administrator's; others keep their
    password.

    The passwords of new ones (24 random characters) are added to ``demo_logins.json`` in ``folder``, readable
    by its owner only. Called inside the caller's transaction and history context.
    """
    wanted = [(f"{name}-{region_id}", role, region_id) for name, role in _STAFF]
    wanted.append(("sysadmin", Role.SYSADMIN, ""))
    known = set(
        User.objects.filter(username__in=[name for name, _, _ in wanted]).values_list("username", flat=True)
    )
    made: list[dict[str, str]] = []
    for username, role, region in wanted:
        if username not in known:
            password = secrets.token_urlsafe(18)
            _make(username, password, role, region)
            made.append({"username": username, "password": password, "role": role.value, "region": region})
    path = folder / LOGINS
    if made:
        _remember(path, made)
    return DemoStaff([name for name, _, _ in wanted], [login["username"] for login in made], path)


def _make(username: str, password: str, role: Role, region: str) -> None:
    user = User.objects.create_user(username=username, password=password, is_staff=True, is_demo=True)
    user.groups.add(Group.objects.get(name=role.value))
    if region:
        StaffRegion.objects.create(user=user, region_id=region)


def _remember(path: Path, made: list[dict[str, str]]) -> None:
    """Add log-ins to the file; one that is made anew replaces its entry of a database that is gone."""
    names = {login["username"] for login in made}
    kept = [login for login in read_logins(path) if login.get("username") not in names]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(kept + made, indent=1) + "\n")


def read_logins(path: Path) -> list[dict[str, Any]]:
    """The demo log-ins of a file, none where there is no file or it cannot be read."""
    try:
        logins = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return logins if isinstance(logins, list) else []

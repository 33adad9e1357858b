"""Members of staff: roles and regions are given by others, and no two roles that exclude each other."""

from datetime import datetime
from itertools import combinations
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse

from bureau import access, staff
from bureau.access import CONFLICTS, Role
from bureau.models import User
from tests import builders
from tests.bureau.desk_world import client_of

PASSWORD = "correct horse battery staple"


@pytest.fixture
def sysadmin(db: None) -> User:
    """Who manages staff."""
    return builders.make_staff("sysadmin")


def new(by: User, at: datetime, **changes: Any) -> User:
    """A new clerk of Guigang, unless ``changes`` say otherwise."""
    values: dict[str, Any] = {
        "username": "new",
        "password": PASSWORD,
        "first_name": "三",
        "last_name": "张",
        "roles": [Role.CLERK],
        "region_ids": ["450800"],
    }
    return staff.create_staff(**(values | changes), by=by, at=at)


def test_a_new_member_of_staff(sysadmin: User, at: datetime) -> None:
    """Log-in, role and region."""
    user = new(sysadmin, at)
    assert user.check_password(PASSWORD)
    assert access.roles(user) == {Role.CLERK}
    assert list(user.regions.values_list("pk", flat=True)) == ["450800"]


def test_changing_replaces_roles_and_regions(sysadmin: User, at: datetime) -> None:
    """From clerk to supervisor of another region, in one go."""
    user = new(sysadmin, at)
    staff.change_staff(
        user_id=user.pk,
        first_name="",
        last_name="李",
        is_active=False,
        roles=[Role.SUPERVISOR],
        region_ids=["510000"],
        by=sysadmin,
        at=at,
    )
    fresh = User.objects.get(pk=user.pk)
    assert (fresh.is_active, fresh.last_name) == (False, "李")
    assert list(fresh.groups.values_list("name", flat=True)) == ["supervisor"]
    assert list(fresh.regions.values_list("pk", flat=True)) == ["510000"]


def test_nobody_changes_themselves(sysadmin: User, at: datetime) -> None:
    """Neither roles nor password."""
    with pytest.raises(staff.OwnRecord):
        staff.change_staff(
            user_id=sysadmin.pk,
            first_name="",
            last_name="",
            is_active=True,
            roles=[Role.SYSADMIN],
            region_ids=[],
            by=sysadmin,
            at=at,
        )
    with pytest.raises(staff.OwnRecord):
        staff.set_password(user_id=sysadmin.pk, password=PASSWORD, by=sysadmin, at=at)


def test_a_user_name_is_taken_once(sysadmin: User, at: datetime) -> None:
    """The second one is refused by name."""
    new(sysadmin, at)
    with pytest.raises(staff.UsernameTaken):
        new(sysadmin, at)


def test_only_system_administrators_manage_staff(sysadmin: User, at: datetime) -> None:
    """Not even a supervisor."""
    with pytest.raises(access.NotAllowed):
        new(builders.make_staff("supervisor"), at)
    with pytest.raises(staff.StaffUnknown):
        staff.set_password(user_id=10**9, password=PASSWORD, by=sysadmin, at=at)


@pytest.mark.parametrize("pair", sorted(map(sorted, CONFLICTS)), ids="-".join)
def test_conflicting_roles_are_refused_twice(sysadmin: User, at: datetime, pair: list[Role]) -> None:
    """I23: the service names the pair, and the database refuses whoever writes the row."""
    first, second = pair
    with pytest.raises(staff.ConflictingRoles):
        new(sysadmin, at, roles=[first, second])
    user = new(sysadmin, at, roles=[first])
    with pytest.raises(IntegrityError, match="together with"), transaction.atomic():
        user.groups.add(Group.objects.get(name=second.value))
    assert list(user.groups.values_list("name", flat=True)) == [first.value]


def test_every_pair_of_roles_is_decided(db: None) -> None:
    """The trigger and bureau.access list the same pairs: what one lets through the other does."""
    for one, other in combinations(Role, 2):
        user = builders.make_staff(one.value)
        refused = frozenset({one, other}) in CONFLICTS
        try:
            with transaction.atomic():
                user.groups.add(Group.objects.get(name=other.value))
            held = False
        except IntegrityError:
            held = True
        assert (one, other, held) == (one, other, refused)


class TestPages:
    """The same through the pages."""

    def test_a_conflict_is_shown_in_words(self, sysadmin: User) -> None:
        """The form names both roles in Chinese; nothing is written."""
        sent = {
            "username": "two",
            "roles": ["clerk", "supervisor"],
            "regions": "450800",
            "password": PASSWORD,
            "again": PASSWORD,
        }
        response = client_of(sysadmin).post(reverse("admin:bureau_user_add"), sent)
        assert "经办员" in str(response.context["form"].errors["roles"])
        assert not User.objects.filter(username="two").exists()

    def test_add_edit_and_log_in(self, sysadmin: User, client: Any) -> None:
        """A log-in made here works, and ends when it is closed."""
        sent = {
            "username": "li",
            "last_name": "李",
            "roles": ["clerk"],
            "regions": "450800, 450802",
            "password": PASSWORD,
            "again": PASSWORD,
        }
        manager = client_of(sysadmin)
        manager.post(reverse("admin:bureau_user_add"), sent)
        user = User.objects.get(username="li")
        assert set(user.regions.values_list("pk", flat=True)) == {"450800", "450802"}
        client.post(reverse("admin:login"), {"username": "li", "password": PASSWORD})
        assert client.get(reverse("admin:payments_workitem_changelist")).status_code == 200
        manager.post(
            reverse("admin:bureau_user_edit", args=[user.pk]), {"roles": ["clerk"], "regions": "450800"}
        )
        assert client.get(reverse("admin:payments_workitem_changelist")).status_code == 302

    def test_unknown_regions_and_weak_passwords_are_refused(self, sysadmin: User) -> None:
        """Each field says what is wrong with it."""
        sent = {"username": "x", "regions": "999999", "password": "short", "again": "other"}
        response = client_of(sysadmin).post(reverse("admin:bureau_user_add"), sent)
        assert response.context["form"].errors.keys() == {"regions", "again"}
        sent = {"username": "x", "regions": "", "password": "short", "again": "short"}
        response = client_of(sysadmin).post(reverse("admin:bureau_user_add"), sent)
        assert response.context["form"].errors.keys() == {"password"}

    def test_a_new_password_ends_the_sessions(self, sysadmin: User) -> None:
        """H23: whoever is logged in with the old one is out."""
        clerk = builders.make_staff("clerk")
        session = client_of(clerk)
        assert session.get(reverse("admin:index")).status_code == 200
        sent = {"password": PASSWORD, "again": PASSWORD}
        client_of(sysadmin).post(reverse("admin:bureau_user_password", args=[clerk.pk]), sent)
        assert session.get(reverse("admin:index")).status_code == 302

    def test_the_own_record_has_no_buttons(self, sysadmin: User) -> None:
        """And its form is refused by the service."""
        client = client_of(sysadmin)
        shown = client.get(reverse("admin:bureau_user_change", args=[sysadmin.pk])).content.decode()
        assert reverse("admin:bureau_user_edit", args=[sysadmin.pk]) not in shown
        client.post(
            reverse("admin:bureau_user_edit", args=[sysadmin.pk]), {"roles": ["clerk"], "is_active": "on"}
        )
        assert list(sysadmin.groups.values_list("name", flat=True)) == ["sysadmin"]

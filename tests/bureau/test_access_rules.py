"""Who may do what, and where: the table of actions, the regions with what lies below them, conflicting roles."""

import ast
from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import IntegrityError, transaction

from bureau import access
from bureau.access import ACTIONS, CONFLICTS, EVERYWHERE, Role
from bureau.models import Region, StaffRegion, User
from enrollment.models import Person
from tests.architecture.source import dotted, project
from tests.builders import GUIGANG, make_person

Staff = Callable[..., User]
C, S, T, A, Y = Role.CLERK, Role.SUPERVISOR, Role.TAX_OFFICER, Role.AUDITOR, Role.SYSADMIN
MATRIX = [
    # rows of the access matrix (design: reliability 5) that have an action by now
    ("P01", "person.view", {C, S, A}),
    ("W02", "policy.publish", {S}),
    ("D01", "batch.freeze", {C, S}),
    ("D02", "batch.release", {S}),
    ("D04", "file.upload", {C, S}),
    ("D05", "file.release", {S}),
    ("D06", "file.requeue", {S, Y}),
    ("D07", "file.view", {C, S, A}),
    ("Y01", "payment.counter", {C, S}),
    ("U01", "staff.manage", {Y}),
]
CHANGES = {
    "policy.publish",
    "receivable.assess",
    "batch.freeze",
    "batch.release",
    "file.upload",
    "file.release",
    "file.requeue",
    "hold.release",
    "payment.counter",
    "day.close",
    "work.handle",
}


@pytest.mark.parametrize(("row", "action", "allowed"), MATRIX, ids=[row for row, *_ in MATRIX])
def test_the_matrix(row: str, action: str, allowed: set[Role]) -> None:
    assert ACTIONS[action] == allowed


def test_auditors_read_and_administrators_see_no_money() -> None:
    assert not [action for action in CHANGES if A in ACTIONS[action]]
    assert not [
        action for action in ("person.view", "money.view", "work.view", "batch.view") if Y in ACTIONS[action]
    ]


def test_what_releases_is_not_for_those_who_only_make() -> None:
    """Who makes by role alone cannot check: a clerk is in none of the second signatures."""
    assert not [
        action for action in ACTIONS if action.endswith((".release", ".publish")) and C in ACTIONS[action]
    ]


def test_every_action_that_code_asks_for_is_in_the_table() -> None:
    asked = set()
    for source in project():
        for call in source.calls():
            if dotted(call.func).split(".")[-1] in ("require", "may") and len(call.args) > 1:
                asked |= {n.value for n in ast.walk(call.args[1]) if isinstance(n, ast.Constant)}
    assert {"file.upload", "batch.release"} & asked
    assert {name for name in asked if isinstance(name, str)} <= set(ACTIONS)


# --- roles ------------------------------------------------------------------


def test_roles_are_groups_made_by_the_migration(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= {role.value for role in Role}


def test_roles_of_people(db: None, staff: Staff) -> None:
    clerk = staff("clerk")
    clerk.groups.add(Group.objects.create(name="choir"))
    assert access.roles(clerk) == {Role.CLERK}
    assert access.may(clerk, "file.upload")
    assert not access.may(clerk, "file.release")
    assert access.roles(AnonymousUser()) == frozenset()
    closed = staff("supervisor")
    closed.is_active = False
    assert access.roles(closed) == frozenset()


def test_a_role_given_counts_from_the_next_request(db: None, staff: Staff) -> None:
    user = staff("clerk")
    assert not access.may(user, "file.release")
    user.groups.set([Group.objects.get(name="supervisor")])
    assert not access.may(user, "file.release")
    assert access.may(User.objects.get(pk=user.pk), "file.release")


def test_a_superuser_without_a_role_may_nothing(db: None) -> None:
    root = User.objects.create(username="root", is_superuser=True, is_staff=True)
    assert not [action for action in ACTIONS if access.may(root, action)]


PAIRS = [tuple(sorted(pair)) for pair in combinations(Role, 2)]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
def test_the_database_refuses_conflicting_roles(
    db: None, staff: Staff, one: str, other: str, turned: bool
) -> None:
    """The trigger's pairs are those of the code, in both orders."""
    first, second = (other, one) if turned else (one, other)
    user = staff(first)
    group = Group.objects.get(name=second)
    if frozenset({Role(one), Role(other)}) not in CONFLICTS:
        user.groups.add(group)
        assert access.roles(User.objects.get(pk=user.pk)) == {Role(one), Role(other)}
        return
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        user.groups.add(group)
    assert caught.value.__cause__.diag.constraint_name == "user_roles_conflict"  # type: ignore[union-attr]
    assert access.roles(User.objects.get(pk=user.pk)) == {Role(first)}


def test_everybody_has_one_role_as_all_pairs_conflict() -> None:
    assert {frozenset(map(Role, pair)) for pair in PAIRS} == CONFLICTS


# --- regions ----------------------------------------------------------------


def test_a_region_comes_with_all_below_it(db: None, staff: Staff) -> None:
    codes = access.regions_of(staff("clerk"))
    below = set(Region.objects.filter(parent_id=GUIGANG).values_list("code", flat=True))
    assert {"450802", "450803", "450804", "450821", "450881"} <= below
    assert codes == {GUIGANG} | below
    province = access.regions_of(staff("clerk", "450000"))
    assert province is not None
    assert province > codes
    assert "510100" not in province
    county = access.regions_of(staff("clerk", "450802"))
    assert county == {"450802"}


def test_several_regions_add_up_and_none_is_nothing(db: None, staff: Staff) -> None:
    user = staff("clerk", "450802")
    StaffRegion.objects.create(user=user, region_id="510100")
    codes = access.regions_of(User.objects.get(pk=user.pk))
    assert codes is not None
    assert {"450802", "510100"} <= codes
    assert GUIGANG not in codes
    StaffRegion.objects.filter(user=user).delete()
    assert access.regions_of(User.objects.get(pk=user.pk)) == frozenset()


@pytest.mark.parametrize("role", sorted(Role))
def test_only_auditors_and_administrators_are_everywhere(db: None, staff: Staff, role: Role) -> None:
    assert (access.regions_of(staff(role.value)) is None) == (role in EVERYWHERE)


def test_rows_in_scope(db: None, staff: Staff) -> None:
    clerk, auditor = staff("clerk"), staff("auditor")
    assert [access.in_scope(clerk, code) for code in (GUIGANG, "450802", "450000", "510000", None)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert access.in_scope(auditor, "510000")
    assert not access.in_scope(AnonymousUser(), GUIGANG)


def test_one_scope_limits_every_query(db: None, staff: Staff) -> None:
    here, below, away = make_person(), make_person("450802"), make_person("510000")
    people = Person.objects.order_by("id")
    assert list(access.for_user(people, staff("clerk"))) == [here, below]
    assert list(access.for_user(people, staff("clerk", "510000"))) == [away]
    assert list(access.for_user(people, staff("auditor"))) == [here, below, away]
    assert list(access.for_user(people, AnonymousUser())) == []
    by_code = access.for_user(Region.objects.order_by("code"), staff("clerk", "450802"), field="code")
    assert [region.code for region in by_code] == ["450802"]


# --- the question inside the transaction --------------------------------------


def test_strangers_are_not_told_what_exists(db: None, staff: Staff) -> None:
    with pytest.raises(access.OutOfScope):
        access.require(staff("clerk", "510000"), "file.release", GUIGANG)
    with pytest.raises(access.NotAllowed) as caught:
        access.require(staff("clerk"), "file.release", GUIGANG)
    assert (caught.value.code, caught.value.params) == ("NOT_ALLOWED", {"action": "file.release"})
    access.require(staff("supervisor"), "file.release", GUIGANG)
    access.require(staff("supervisor"), "file.release", "450802")
    access.require(staff("supervisor", "510000"), "file.release")


@pytest.mark.parametrize("loss", ["role", "region", "log-in"])
def test_rights_are_read_afresh(db: None, staff: Staff, loss: str) -> None:
    user = staff("supervisor")
    access.require(user, "file.release", GUIGANG)
    assert access.may(user, "file.release")
    assert access.in_scope(user, GUIGANG)
    if loss == "role":
        User.objects.get(pk=user.pk).groups.clear()
    elif loss == "region":
        StaffRegion.objects.filter(user=user).update(region_id="510000")
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(access.OutOfScope if loss == "region" else access.NotAllowed):
        access.require(user, "file.release", GUIGANG)


def test_nobody_acts_as_somebody_who_is_gone(db: None) -> None:
    with pytest.raises(User.DoesNotExist):
        access.require(SimpleNamespace(pk=987654321), "file.release", GUIGANG)  # type: ignore[arg-type]


def test_staff_with_a_role_in_a_region(db: None, staff: Staff) -> None:
    first, _clerk, county = staff("supervisor", "450000"), staff("clerk"), staff("supervisor", "450802")
    second, _away = staff("supervisor"), staff("supervisor", "510000")
    gone = staff("supervisor")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert list(access.staff_with_role(Role.SUPERVISOR, GUIGANG)) == [first, second]
    assert list(access.staff_with_role(Role.SUPERVISOR, "450802")) == [first, county, second]

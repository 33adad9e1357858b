"""Who acts when a command runs: a name, or the demo staff where nobody else works."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError

from bureau.access import Role
from bureau.management.actors import actor
from bureau.models import User
from tests import builders

Staff = Callable[..., User]


def test_a_name_is_taken_as_it_is(db: None, staff: Staff) -> None:
    staff("clerk")
    named = staff("auditor", "510000")
    assert actor(named.username, Role.CLERK, builders.GUIGANG) == named


@pytest.mark.parametrize("name", ["nobody", "gone"])
def test_a_name_must_be_that_of_an_active_user(db: None, staff: Staff, name: str) -> None:
    builders.make_staff("clerk", username="gone")
    User.objects.filter(username="gone").update(is_active=False)
    with pytest.raises(CommandError, match=name) as caught:
        actor(name, Role.CLERK, builders.GUIGANG)
    assert caught.value.returncode == 2


def test_real_staff_must_say_who(db: None, staff: Staff) -> None:
    staff("clerk")
    User.objects.update(is_demo=True)
    staff("sysadmin")
    with pytest.raises(CommandError, match="--by") as caught:
        actor(None, Role.CLERK, builders.GUIGANG)
    assert caught.value.returncode == 2
    User.objects.filter(is_demo=False).update(is_active=False)
    assert actor(None, Role.CLERK, builders.GUIGANG).is_demo


def test_the_nearest_and_oldest_demo_log_in(db: None, staff: Staff) -> None:
    province, first, second = staff("clerk", "450000"), staff("clerk"), staff("clerk")
    elsewhere, supervisor = staff("clerk", "510000"), staff("supervisor")
    User.objects.update(is_demo=True)
    assert actor(None, Role.CLERK, builders.GUIGANG) == first
    assert actor("", Role.CLERK, builders.GUIGANG) == first
    assert actor(None, Role.CLERK, "450100") == province
    assert actor(None, Role.CLERK, "510100") == elsewhere
    assert actor(None, Role.SUPERVISOR, builders.GUIGANG) == supervisor
    assert actor(None, Role.CLERK, None) == province
    User.objects.filter(pk=first.pk).update(is_active=False)
    assert actor(None, Role.CLERK, builders.GUIGANG) == second


@pytest.mark.parametrize(("role", "region"), [(Role.AUDITOR, builders.GUIGANG), (Role.CLERK, "110000")])
def test_nobody_fits(db: None, staff: Staff, role: Role, region: str) -> None:
    staff("clerk")
    User.objects.update(is_demo=True)
    with pytest.raises(CommandError, match="seed_region") as caught:
        actor(None, role, region)
    assert caught.value.returncode == 2

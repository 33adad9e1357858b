"""What can be done from a person's page: each a button that leads to its own page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bureau import access
from bureau.models import User
from enrollment.models import Person


@dataclass(frozen=True)
class Button:
    """A button: its text, its sign, the right it needs, the page it leads to (by ``person``'s key) and its key."""

    text: Any
    icon: str
    action: str
    name: str
    key: str = ""
    when: Callable[[Person], bool] = lambda person: True


@dataclass(frozen=True)
class Action:
    """A button with its address."""

    text: Any
    icon: str
    url: str
    key: str = ""


# In the order in which they stand on the page.
BUTTONS: Sequence[Button] = (
    Button(_("When covered?"), "calculate", "person.view", "desk:whatif_person", "w"),
    Button(_("Entitlement"), "verified_user", "person.view", "desk:entitlement_person", "e"),
)


def actions(user: User, person: Person) -> list[Action]:
    """The buttons that the roles of ``user`` allow for ``person``."""
    return [
        Action(one.text, one.icon, reverse(one.name, args=[person.pk]), one.key)
        for one in BUTTONS
        if access.may(user, one.action) and one.when(person)
    ]

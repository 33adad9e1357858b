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


def _own(person: Person) -> bool:
    """A record of its own, not one that went into another."""
    return person.merged_into_id is None


def _living(person: Person) -> bool:
    """Of somebody alive."""
    return person.death_date is None and _own(person)


# In the order in which they stand on the page.
BUTTONS: Sequence[Button] = (
    Button(_("When covered?"), "calculate", "person.view", "desk:whatif_person", "w"),
    Button(_("Why can't they pay?"), "help", "person.view", "desk:whynot", "n", when=_own),
    Button(_("Entitlement"), "verified_user", "person.view", "desk:entitlement_person", "e"),
    Button(_("Enrol"), "how_to_reg", "person.register", "desk:person_enrol", when=_living),
    Button(_("End, suspend, resume"), "event_busy", "person.register", "desk:person_life", when=_living),
    Button(_("Correct personal data"), "edit_document", "person.correct", "desk:person_correct", when=_own),
    Button(_("Telephone"), "call", "person.correct", "desk:person_phone", when=_own),
    Button(_("Messages wanted?"), "sms", "message.opt", "admin:payments_message_opt", when=_own),
    Button(_("Merge"), "call_merge", "person.merge", "desk:person_merge", when=_own),
)


def actions(user: User, person: Person) -> list[Action]:
    """The buttons that the roles of ``user`` allow for ``person``."""
    return [
        Action(one.text, one.icon, reverse(one.name, args=[person.pk]), one.key)
        for one in BUTTONS
        if access.may(user, one.action) and one.when(person)
    ]

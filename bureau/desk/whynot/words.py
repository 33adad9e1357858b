"""What is known of a problem, in words that a clerk reads out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau.pages import day, moment
from payments.models import Channel, RetryAction
from payments.problems import Resolver
from payments.services.obstacles import Obstacle
from payments.words import INSTRUCTION_STATES, meaning

RESOLVERS: Mapping[str, Any] = {
    Resolver.BUREAU: gettext_lazy("medical insurance bureau"),
    Resolver.TAX: gettext_lazy("tax office"),
    Resolver.BANK: gettext_lazy("bank"),
    Resolver.CHANNEL: gettext_lazy("payment channel"),
    Resolver.USER: gettext_lazy("payer"),
}
_CHANNELS = {**dict(Channel.choices), "AID": gettext_lazy("aid pays all")}
_ACTIONS = dict(RetryAction.choices)


def _time(text: str) -> str:
    return moment(datetime.fromisoformat(text)) if "T" in text else day(date.fromisoformat(text))


# In the order in which they are told; what is not named here is for the buttons.
_TOLD: tuple[tuple[str, Any, Callable[[Any], str]], ...] = (
    ("place", gettext_lazy("region"), str),
    ("channel", gettext_lazy("channel"), lambda code: str(_CHANNELS.get(code, code))),
    ("bank", gettext_lazy("bank"), str),
    ("order", gettext_lazy("order number"), str),
    ("collector", gettext_lazy("village agent"), str),
    ("receipts", gettext_lazy("missing receipts"), "、".join),
    ("day", gettext_lazy("debit date"), _time),
    ("since", gettext_lazy("since"), _time),
    ("debit_from", gettext_lazy("first debit day"), _time),
    ("debit_to", gettext_lazy("last debit day"), _time),
    ("answer", gettext_lazy("bank's answer"), lambda code: str(INSTRUCTION_STATES.get(code, (code,))[0])),
    ("internal", gettext_lazy("bank's reason"), meaning),
    ("action", gettext_lazy("what follows"), lambda code: str(_ACTIONS.get(code, code))),
    ("failures", gettext_lazy("failed debits that count"), str),
    ("next_run", gettext_lazy("next run"), _time),
    ("closes", gettext_lazy("window closes"), _time),
    ("amount", gettext_lazy("amount"), str),
    ("locked_until", gettext_lazy("locked until"), _time),
    ("ready_at", gettext_lazy("ready at"), _time),
    ("window_open", gettext_lazy("window opens"), _time),
    ("last_day", gettext_lazy("last day to pay"), _time),
    ("first", gettext_lazy("first pay day of the month"), str),
    ("last", gettext_lazy("last pay day of the month"), str),
    ("start", gettext_lazy("first day of cover"), _time),
    ("wait_months", gettext_lazy("months of waiting"), str),
)


def told(obstacle: Obstacle) -> list[tuple[Any, str]]:
    """What is known of the problem: labels and values."""
    known = obstacle.evidence
    said = [
        (label, shown(known[name])) for name, label, shown in _TOLD if known.get(name) not in (None, "", 0)
    ]
    if known.get("last_chance"):
        said.append((_("note"), _("last chance: no further run before the window closes")))
    return said


def who(obstacle: Obstacle) -> str:
    """Who can make it go away."""
    return "、".join(str(RESOLVERS[one]) for one in obstacle.problem.resolvers)

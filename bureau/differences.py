"""What a proposal would change, as tables a second person can read. An app may register its own way for its kinds."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bureau.models import Proposal, User
from bureau.pages import NOTHING, Table

Reader = Callable[[Proposal], list[Table]]
Foreseer = Callable[[Proposal, User, datetime], list[Table]]
_readers: dict[str, Reader] = {}
_foreseers: dict[str, Foreseer] = {}


def register(kind: str, reader: Reader) -> None:
    """Let ``reader`` make the tables of proposals of ``kind``."""
    _readers[kind] = reader


def foresee(kind: str, foreseer: Foreseer) -> None:
    """Let ``foreseer`` show what approving a proposal of ``kind`` would move beside what the proposal says."""
    _foreseers[kind] = foreseer


def effects(proposal: Proposal, *, by: User, at: datetime) -> list[Table]:
    """What approving the proposal would move, for the person ``by`` who may approve it; empty where nobody can say."""
    foreseer = _foreseers.get(proposal.kind)
    return [] if foreseer is None else foreseer(proposal, by, at)


def tables(proposal: Proposal) -> list[Table]:
    """The difference of a proposal as tables."""
    return _readers.get(proposal.kind, plain)(proposal)


def plain(proposal: Proposal) -> list[Table]:
    """Any difference: a pair of values is old and new, everything else is new."""
    rows = [[name, old, new] for name, old, new in _rows(proposal.difference, "")]
    return [
        Table(
            _("What it changes"),
            [_("what"), _("until now"), _("afterwards")],
            rows,
            _("No details were recorded."),
        )
    ]


def _rows(values: Mapping[str, Any], prefix: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found += _rows(value, f"{name} › ")
        elif (
            isinstance(value, list) and len(value) == 2 and not any(isinstance(item, dict) for item in value)
        ):
            found.append((name, _text(value[0]), _text(value[1])))
        else:
            found.append((name, NOTHING, _text(value)))
    return found


def _text(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    return "; ".join(_text(item) for item in value) if isinstance(value, list) else str(value)

"""One timeline out of the history tables of several kinds of rows: what changed, who did it, why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau.identity import mask_account, mask_id
from bureau.pages import NOTHING, day, moment, money

MOST = 40
_OWN = ("pgh_id", "pgh_created_at", "pgh_label", "pgh_context", "pgh_obj", "id")
_MASKS = {"id_number": mask_id, "id_alias": mask_id, "account": mask_account}
# A full date of birth beside a masked ID number would give the number away; initials and version are the machine's.
_HIDDEN = frozenset({"birth_date", "initials", "version"})
_LABELS = {
    "insert": gettext_lazy("entered"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
}


@dataclass(frozen=True)
class Change:
    """One field that changed."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Moment:
    """One entry of the timeline."""

    at: datetime
    what: str
    how: Any
    who: str
    why: str
    changes: Sequence[Change] = field(default_factory=tuple)


def timeline(sources: Sequence[tuple[type[models.Model], Collection[Any]]]) -> list[Moment]:
    """The latest entries about these rows, newest first; one query for each kind of row.

    ``sources``: a tracked model and the keys of its rows.
    """
    found: list[Moment] = []
    for model, keys in sources:
        found += _of(model, keys)
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _of(model: type[models.Model], keys: Collection[Any]) -> list[Moment]:
    event: Any = model._meta.get_field("events").related_model
    rows = list(
        event.objects.filter(pgh_obj_id__in=keys)
        .select_related("pgh_context")
        .order_by("-pgh_id")[: MOST * 2]
    )
    fields = [one for one in event._meta.concrete_fields if one.name not in _OWN]
    former: dict[Any, Any] = {}
    found = []
    for row in reversed(rows):
        before = former.get(row.pgh_obj_id)
        former[row.pgh_obj_id] = row
        context = row.pgh_context.metadata if row.pgh_context else {}
        changes = [_change(one, before, row) for one in fields if before and _differs(one, before, row)]
        why = str(context.get("why") or "")
        found.append(
            Moment(
                row.pgh_created_at,
                capfirst(str(model._meta.verbose_name)),
                _LABELS.get(row.pgh_label, row.pgh_label),
                _actor(str(context.get("actor") or NOTHING)),
                _(why) if why else "",
                changes,
            )
        )
    return found


def _actor(name: str) -> str:
    return _("the system") if name == "system" else name


def _differs(one: Any, before: Any, after: Any) -> bool:
    return bool(getattr(before, one.attname) != getattr(after, one.attname))


def _change(one: Any, before: Any, after: Any) -> Change:
    if one.name in _HIDDEN:
        return Change(capfirst(str(one.verbose_name)), "***", "***")
    return Change(capfirst(str(one.verbose_name)), _text(one, before), _text(one, after))


def _text(one: Any, row: Any) -> str:
    value = getattr(row, one.attname)
    if value is None or value == "":
        return NOTHING
    if one.name in _MASKS:
        return _MASKS[one.name](value)
    if one.choices:
        return str(dict(one.flatchoices).get(value, value))
    if isinstance(one, models.DateTimeField):
        return moment(value)
    if isinstance(one, models.DateField):
        return day(value)
    return money(value) if isinstance(one, models.DecimalField) else str(value)

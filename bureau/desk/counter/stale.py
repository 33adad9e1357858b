"""Two clerks editing one thing: what it was, what the other made of it, and what was typed here (X30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from bureau.identity import mask_id
from bureau.pages import NOTHING, Table

MASKED = frozenset({"id_number", "id_alias"})


def difference(row: models.Model, version: int, mine: Mapping[str, Any]) -> Table:
    """The fields that differ between the version that was shown, today's row, and ``mine`` (values by field name)."""
    events: Any = row.events  # type: ignore[attr-defined]
    before = events.filter(version=version).order_by("-pgh_id").first()
    rows = []
    for name, value in mine.items():
        was = getattr(before, name, None) if before is not None else None
        now = getattr(row, name)
        if not now == was == value:
            field = row._meta.get_field(name)
            label = getattr(field, "verbose_name", name)
            rows.append([label, _shown(name, was), _shown(name, now), _shown(name, value)])
    columns = [_("field"), _("when you opened it"), _("now, by somebody else"), _("typed by you")]
    return Table(
        _("Somebody else was faster"), columns, rows, note=_("Nothing was overwritten: open the page again.")
    )


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    return mask_id(str(value)) if name in MASKED else str(value)

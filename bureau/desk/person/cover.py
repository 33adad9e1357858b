"""Where a person stands each year, and the cover that was decided, with its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bureau.desk.person.known import Known
from bureau.pages import NOTHING, Table, day, moment, money
from enrollment.models import Coverage
from enrollment.services.cover import explain
from enrollment.words import COVER_REASONS, RULES
from payments.words import RECEIVABLE_STATES, state_badge


@dataclass(frozen=True)
class Standing:
    """Where a person stands in a benefit year: due, paid, covered, and the sentence to read out."""

    year: int
    region: str
    state: Any
    due: str
    cover: str
    sentence: str


def standings(known: Known) -> list[Standing]:
    """One line for each receivable, newest year first."""
    cover = {row.receivable_id: row for row in known.current}
    found = []
    for row in known.due:
        held = cover.get(row.pk)
        found.append(
            Standing(
                row.benefit_year,
                row.region.name,
                state_badge(RECEIVABLE_STATES, row.state),
                money(row.amount_due),
                period(held) if held else NOTHING,
                explain(held, known.language) if held else "",
            )
        )
    return found


def cover(known: Known) -> Table:
    """Cover in force, with its sentence."""
    rows = [
        [
            row.benefit_year,
            row.region.name,
            period(row),
            RULES.get(row.rule, row.rule),
            explain(row, known.language),
        ]
        for row in known.current
    ]
    columns = [_("year"), _("region"), _("cover"), _("rule"), _("explanation")]
    return Table(_("cover in force"), columns, rows, _("No cover was decided yet."), anchor="cover")


def former(known: Known) -> list[Table]:
    """Rows that a later row replaced, where there are any."""
    live = {row.pk for row in known.current}
    rows = [
        [
            row.benefit_year,
            row.region.name,
            period(row),
            RULES.get(row.rule, row.rule),
            COVER_REASONS.get(row.reason, row.reason),
            moment(row.decided_at),
        ]
        for row in known.covers
        if row.pk not in live
    ]
    columns = [_("year"), _("region"), _("cover"), _("rule"), _("reason"), _("decided at")]
    return [Table(_("replaced cover"), columns, rows, note=_("history: no longer in force"))] if rows else []


def period(row: Coverage) -> str:
    return f"{day(row.start)} – {day(_last_day(row))}" if row.start else _("no cover")


def _last_day(row: Coverage) -> Any:
    return row.end and row.end.fromordinal(row.end.toordinal() - 1)

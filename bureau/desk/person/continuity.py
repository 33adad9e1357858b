"""The years of cover in a row, each with its source, and what they add to the serious-illness ceiling."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bureau.desk.person.known import Known
from bureau.pages import NOTHING, Table, badge, money
from enrollment.continuity import Source
from enrollment.services import continuity
from enrollment.services.continuity import Continuity

SHOWN = 15
SOURCES = {
    Source.OWN: gettext_lazy("our cover"),
    Source.PRIOR: gettext_lazy("imported earlier cover"),
    Source.EMPLOYEE: gettext_lazy("employee cover"),
}


def years(known: Known, year: int) -> list[Table]:
    """The latest years with cover or without, newest first; nothing for somebody never covered."""
    person = known.person
    found = continuity.of(
        person_id=person.pk, region_id=person.region_id, year=year, prior=known.prior, spells=known.spells
    )
    if not found.covered:
        return []
    rows = []
    for each in sorted({*found.covered, *found.missed}, reverse=True)[:SHOWN]:
        held, claims = found.covered.get(each), found.claims.get(each)
        settled = NOTHING
        if claims is not None:
            settled = (
                badge(_("no claim"), "success") if claims.zero else badge(_("incentive drawn on"), "warning")
            )
        if held is None:
            rows.append([each, badge(_("no cover: the count starts anew"), "danger"), NOTHING, settled])
        else:
            state = (
                badge(_("in the row"), "success") if held in found.row.years else badge(_("before a break"))
            )
            rows.append([each, state, f"{SOURCES[held.source]} {held.note}".strip(), settled])
    columns = [_("year"), _("continuous cover"), _("source"), _("claims")]
    return [Table(_("continuous cover"), columns, rows, note=_summary(found), anchor="continuity")]


def _summary(found: Continuity) -> str:
    """How many years in a row, and what they bring."""
    length = found.row.length
    told = ngettext("%(years)s year in a row", "%(years)s years in a row", length) % {"years": length}
    if found.incentive is None or found.terms is None:
        return told
    if not found.incentive.amount:
        return f"{told} · {_('the ceiling of the serious-illness insurance rises from the fifth year on')}"
    brings = _(
        "serious-illness ceiling + %(amount)s yuan (%(steps)s × %(step)s, at most %(cap)s %% of it)"
    ) % {
        "amount": money(found.incentive.amount),
        "steps": found.row.all_steps,
        "step": money(found.terms.incentive_step),
        "cap": f"{found.terms.incentive_cap.normalize():f}",
    }
    return f"{told} · {brings}"

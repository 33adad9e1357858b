"""What approving a case of the register would move, for the second person: rehearsed like the first person's, and rolled back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from bureau import differences, doors, proposals
from bureau.desk.counter import effects
from bureau.errors import BureauError
from bureau.models import Proposal, User
from bureau.pages import Table
from enrollment.services import corrections, merging, transfers


def happen(case: Proposal, by: User, at: datetime) -> Proposal:
    """Let the case happen; only inside a rehearsal that is rolled back."""
    proposals.kind_of(case.kind).approve(case, by, at)
    return case


def second_person(case: Proposal, by: User, at: datetime) -> list[Table]:
    """What would move; where approving would be refused, why."""
    title = _("What approving will move")
    told = case.difference
    people = (
        {told["person"]}
        if case.kind == transfers.KIND
        else {int(case.subject_id), told.get("keep", int(case.subject_id))}
    )
    try:
        found = effects.rehearse(lambda: happen(case, by, at), people, by=by, at=at)
    except BureauError as error:
        return [Table(title, [_("cannot be approved as it is")], [[doors.words(error)]])]
    return [replace(found.table, title=title)]


for _kind in (corrections.KIND, merging.KIND, transfers.KIND):
    differences.foresee(_kind, second_person)

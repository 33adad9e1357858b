"""How a person is registered: enrolments, mandates, categories, earlier cover, and the history of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bureau import proposals
from bureau.admin import PROPOSAL_STATES
from bureau.desk import history
from bureau.desk.person.known import Known
from bureau.identity import mask_account
from bureau.pages import NOTHING, Table, badge, day, link, moment
from bureau.states import ProposalState
from enrollment.models import (
    EmployeeSpell,
    Enrollment,
    Person,
    PersonCategory,
    PriorCover,
    SpecialStatus,
)
from enrollment.words import group_name
from payments.models import Mandate, WorkItem
from payments.words import MANDATE_STATES, state_badge

ENROLLMENT_TONES = {"0": "", "1": "success", "2": "warning", "4": ""}


def enrollments(known: Known) -> Table:
    """Registrations; of other regions only that there is one, and its state."""
    rows = []
    for row in known.enrolled:
        here = known.here(row.region_id)
        state = badge(row.get_state_display(), ENROLLMENT_TONES[row.state])
        rows.append(
            [
                row.region.name if here else badge(row.region.name, "info"),
                row.get_scheme_display() if here else NOTHING,
                state,
                day(row.started_on) if here else NOTHING,
                day(row.ended_on) if here else NOTHING,
                (row.reason or NOTHING) if here else _("another region"),
            ]
        )
    columns = [_("pooling region"), _("scheme"), _("state"), _("enrolled on"), _("ended on"), _("reason")]
    return Table(_("enrolments"), columns, rows, _("This person is not enrolled."), anchor="register")


def mandates(known: Known) -> Table:
    """Direct-debit mandates."""
    rows = [
        [
            row.agreement_no,
            row.bank.name,
            mask_account(row.account),
            row.holder,
            state_badge(MANDATE_STATES, row.state),
            day(row.signed_on),
        ]
        for row in known.held_mandates
    ]
    columns = [
        _("agreement number"),
        _("bank"),
        _("account"),
        _("account holder"),
        _("state"),
        _("signed on"),
    ]
    return Table(_("mandates"), columns, rows, _("No mandate: batch debits leave this person out."))


def categories(known: Known) -> list[Table]:
    """Identity categories and special statuses, where there are any."""
    rows: list[Sequence[Any]] = [
        [row.get_category_display(), day(row.valid_from), day(row.valid_to), row.source or NOTHING]
        for row in known.groups
    ]
    rows += [
        [group_name(row.group), day(row.event_date), NOTHING, row.source or NOTHING] for row in known.specials
    ]
    columns = [_("category"), _("from"), _("to (exclusive)"), _("source")]
    return [Table(_("identity categories and special statuses"), columns, rows)] if rows else []


def earlier(known: Known) -> list[Table]:
    """Earlier cover and employee cover, where any is known."""
    rows: list[Sequence[Any]] = [
        [
            _("employee cover"),
            day(row.started_on),
            day(row.stopped_on),
            row.region.name if row.region else NOTHING,
        ]
        for row in known.spells
    ]
    rows += [
        [_("resident cover"), row.benefit_year, row.benefit_year, row.source or NOTHING]
        for row in known.prior
    ]
    columns = [_("kind"), _("first day"), _("last day"), _("source")]
    return [Table(_("earlier cover"), columns, rows)] if rows else []


def changes(known: Known) -> Table:
    """What happened in the register, newest first, in the words of who did it."""
    rows = [
        [
            moment(row.made_at),
            row.get_kind_display(),
            day(row.effective_on),
            row.region.name,
            row.made_by.username if row.made_by else NOTHING,
            row.reason or NOTHING,
        ]
        for row in known.changes
    ]
    columns = [_("at"), _("what"), _("counts from"), _("region"), _("by"), _("reason")]
    return Table(_("changes in the register"), columns, rows, _("Nothing was changed yet."), anchor="changes")


def cases(known: Known) -> list[Table]:
    """Corrections, merges and transfers that wait or were decided, where there are any."""
    kinds = proposals.known_kinds()
    rows = [
        [
            link(f"#{row.pk}", reverse("admin:bureau_proposal_change", args=[row.pk])),
            kinds[row.kind].label if row.kind in kinds else row.kind,
            badge(*PROPOSAL_STATES[ProposalState(row.state)]),
            row.made_by.username,
            moment(row.made_at),
            row.reason or NOTHING,
        ]
        for row in known.cases
    ]
    columns = [_("number"), _("kind"), _("state"), _("made by"), _("made at"), _("reason")]
    return [Table(_("cases for a second person"), columns, rows)] if rows else []


def moments(known: Known) -> list[history.Moment]:
    """The timeline of every row about this person that can change."""
    mandates = [row.pk for row in known.held_mandates]
    enrolled = [row.pk for row in known.enrolled if known.here(row.region_id)]
    return history.timeline(
        [
            (Person, [known.person.pk]),
            (Enrollment, enrolled),
            (PersonCategory, [row.pk for row in known.groups]),
            (SpecialStatus, [row.pk for row in known.specials]),
            (EmployeeSpell, [row.pk for row in known.spells]),
            (PriorCover, [row.pk for row in known.prior]),
            (Mandate, mandates),
            (WorkItem, [row.pk for row in known.items]),
        ]
    )

"""What is due of a person, what banks were asked, what was booked, and the work about it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from bureau.desk.person.known import Known, right
from bureau.identity import mask_account
from bureau.pages import NOTHING, Table, badge, day, link, moment, money
from enrollment.states import EnrollmentState
from payments.models import DuplicatePayment, Payment, Reversal
from payments.states import ReceivableState
from payments.words import INSTRUCTION_STATES, RECEIVABLE_STATES, WORK_STATES, line_reason, state_badge


def receivables(known: Known) -> Table:
    """What is due, and its state by the facts."""
    rows = [
        [
            link(row, reverse("admin:payments_receivable_change", args=[row.pk])),
            row.benefit_year,
            row.region.name,
            _state(known, row),
            row.get_aid_category_display() or NOTHING,
            money(row.standard),
            money(row.aid),
            money(row.amount_due),
        ]
        for row in known.due
    ]
    columns = [
        _("number"),
        _("year"),
        _("region"),
        _("state"),
        _("aid category"),
        *right(_("standard"), _("aid"), _("amount due")),
    ]
    return Table(_("receivables"), columns, rows, _("Nothing was assessed for this person."), anchor="money")


def _state(known: Known, row: Any) -> Any:
    """The state, and whether nobody will debit it: the person died, or the enrolment is not live."""
    state = state_badge(RECEIVABLE_STATES, row.state)
    live = {one.pk for one in known.enrolled if one.state == EnrollmentState.ENROLLED}
    stopped = known.person.death_date is not None or row.enrollment_id not in live
    unpaid = (ReceivableState.ASSESSED, ReceivableState.PUSHED, ReceivableState.REVERSED)
    if row.state not in unpaid or not stopped:
        return state
    return format_html("{} {}", state, badge(_("not debited any more"), "warning"))


def instructions(known: Known) -> Table:
    """What banks were asked to debit, and their answers so far."""
    rows = [
        [
            row.ref,
            link(row.batch.title, reverse("admin:payments_debitbatch_change", args=[row.batch_id])),
            f"{day(row.batch.debit_from)} – {day(row.batch.debit_to)}",
            state_badge(INSTRUCTION_STATES, row.state),
            mask_account(row.account),
            row.holder,
            money(row.amount),
        ]
        for row in known.asked
    ]
    columns = [
        _("reference"),
        _("batch"),
        _("debit days"),
        _("state"),
        _("account"),
        _("account holder"),
        *right(_("amount")),
    ]
    return Table(_("debit instructions"), columns, rows, _("No bank was asked to debit anything."))


def payments(known: Known) -> Table:
    """Money that was booked for the person's receivables."""
    wanted = Q()
    for row in known.due:
        wanted |= Q(id__gte=row.pk * 100, id__lt=row.pk * 100 + 100)
    found = known.mine(Payment.objects.filter(wanted)).order_by("-id") if known.due else []
    rows = [
        [
            link(row.pk, reverse("admin:payments_payment_change", args=[row.pk])),
            row.benefit_year,
            row.region.name,
            row.get_channel_display(),
            day(row.debited_on),
            moment(row.posted_at),
            money(row.amount),
        ]
        for row in found
    ]
    columns = [
        _("payment"),
        _("year"),
        _("region"),
        _("channel"),
        _("debit date"),
        _("posted at"),
        *right(_("amount")),
    ]
    return Table(_("payments"), columns, rows, _("No payment is booked."))


def exceptions(known: Known) -> list[Table]:
    """Duplicates and reversals, each only where there is one."""
    twice = list(known.mine(DuplicatePayment.objects.filter(person=known.person)).order_by("-line_id"))
    back = list(known.mine(Reversal.objects.filter(person=known.person)).order_by("-line_id"))
    tables = []
    if twice:
        rows = [
            [
                link(row.pk, reverse("admin:payments_duplicatepayment_change", args=[row.pk])),
                row.receivable_id // 10**10,
                day(row.debited_on),
                row.carried_by,
                money(row.amount),
            ]
            for row in twice
        ]
        columns = [
            _("bank line"),
            _("year"),
            _("debit date"),
            _("payment that carries the year"),
            *right(_("amount")),
        ]
        tables.append(Table(_("duplicate payments"), columns, rows, note=_("proposed for refund")))
    if back:
        rows = [
            [
                link(row.pk, reverse("admin:payments_reversal_change", args=[row.pk])),
                row.receivable_id // 10**10,
                day(row.reversed_on),
                row.payment_id or row.duplicate_id,
                money(row.amount),
            ]
            for row in back
        ]
        columns = [_("bank line"), _("year"), _("reversed on"), _("payment"), *right(_("amount"))]
        tables.append(Table(_("reversals"), columns, rows))
    return tables


def work(known: Known) -> Table:
    """Work about this person."""
    rows = [
        [
            link(f"#{row.pk}", reverse("admin:payments_workitem_change", args=[row.pk])),
            row.get_kind_display(),
            state_badge(WORK_STATES, row.state),
            line_reason(row.reason),
            day(row.due_on),
            row.taken_by.username if row.taken_by else NOTHING,
            money(row.amount),
        ]
        for row in known.items
    ]
    columns = [
        _("number"),
        _("kind"),
        _("state"),
        _("reason"),
        _("due on"),
        _("taken by"),
        *right(_("amount")),
    ]
    return Table(_("work items"), columns, rows, _("No work about this person."))

"""The sidebar: what each role works with, and how much of it waits."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from bureau import access, proposals
from payments.models import WorkItem
from payments.states import WorkState

MOST = 99


def stylesheet(request: HttpRequest) -> str:
    """Our few rules beside unfold's."""
    return static("bureau/desk.css")


def script(request: HttpRequest) -> str:
    """Our few moving parts."""
    return static("bureau/desk.js")


def icon(request: HttpRequest) -> str:
    """The sign in the browser's tab."""
    return static("bureau/icon.svg")


def capped(number: int) -> str:
    """A number that is counted only so far."""
    return f"{MOST}+" if number > MOST else str(number)


def proposals_waiting(request: HttpRequest) -> int:
    """Proposals this person may decide, counted up to the cap, once a request."""
    return _once(request, "_desk_proposals", lambda: len(proposals.waiting_for(request.user).values_list("id")[: MOST + 1]))


def work_taken(request: HttpRequest) -> int:
    """Work in this person's hands, counted up to the cap, once a request."""

    def ask() -> int:
        mine = WorkItem.objects.filter(state=WorkState.TAKEN, taken_by_id=request.user.pk)
        return len(access.for_user(mine, request.user).values_list("id")[: MOST + 1])

    return _once(request, "_desk_work", ask)


def _once(request: HttpRequest, name: str, ask: Callable[[], int]) -> int:
    if not hasattr(request, name):
        setattr(request, name, ask())
    return int(getattr(request, name))


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation: only what the person's roles allow."""
    user = request.user

    def item(title: str, icon: str, name: str, action: str, badge: int = 0, query: str = "") -> dict[str, Any] | None:
        if action and not access.may(user, action):
            return None
        found: dict[str, Any] = {"title": title, "icon": icon, "link": reverse(name) + query}
        if badge:
            found |= {"badge": capped(badge), "badge_variant": "primary"}
        return found

    handles = access.may(user, "work.handle")
    reviews = access.may(user, "proposal.view")
    rarely = _("Rules and tables")
    groups = [
        (
            "",
            [
                item(_("Home"), "home", "admin:index", ""),
                item(
                    _("Work items"), "inbox", "admin:payments_workitem_changelist", "work.view",
                    work_taken(request) if handles else 0,
                ),
                item(
                    _("Second person"), "how_to_reg", "admin:bureau_proposal_changelist", "proposal.view",
                    proposals_waiting(request) if reviews else 0,
                ),
            ],
        ),
        (
            _("People"),
            [
                item(_("Persons"), "person_search", "admin:enrollment_person_changelist", "person.view"),
                item(_("Cover"), "shield", "admin:enrollment_coverage_changelist", "person.view"),
                item(_("Mandates"), "contract", "admin:payments_mandate_changelist", "person.view"),
            ],
        ),
        (
            _("Money in"),
            [
                item(_("Receivables"), "receipt_long", "admin:payments_receivable_changelist", "money.view"),
                item(_("Debit batches"), "outbox", "admin:payments_debitbatch_changelist", "batch.view"),
                item(_("Bank files"), "account_balance", "admin:payments_bankfile_changelist", "file.view"),
                item(_("Payments"), "payments", "admin:payments_payment_changelist", "money.view"),
                item(_("Duplicate payments"), "content_copy", "admin:payments_duplicatepayment_changelist", "money.view"),
                item(_("Reversals"), "undo", "admin:payments_reversal_changelist", "money.view"),
            ],
        ),
        (
            _("Books"),
            [
                item(_("Check the books"), "balance", "desk:books", "books.view"),
                item(_("Accounting days"), "event_busy", "admin:payments_closedday_changelist", "money.view"),
                item(_("Export register"), "download", "admin:bureau_exportrecord_changelist", "export.register"),
            ],
        ),
        (
            rarely,
            [
                item(_("Policies"), "policy", "admin:enrollment_policy_changelist", "policy.view"),
                item(_("Work calendar"), "calendar_month", "admin:bureau_workday_changelist", "reference.view"),
                item(_("Regions"), "map", "admin:bureau_region_changelist", "reference.view"),
                item(_("Banks"), "account_balance_wallet", "admin:payments_bankprofile_changelist", "reference.view"),
                item(_("Result codes"), "tag", "admin:payments_resultcode_changelist", "reference.view"),
                item(_("Users"), "group", "admin:bureau_user_changelist", "staff.manage"),
            ],
        ),
    ]  # fmt: skip
    return [
        {"title": title, "items": [one for one in items if one], "collapsible": title == rarely}
        for title, items in groups
        if any(items)
    ]

"""The sidebar: what each role works with, and how much of it waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bureau import access, doors, proposals
from enrollment.models import EnrolmentApplication
from enrollment.states import ApplicationState
from payments.models import WorkItem
from payments.states import WorkState
from refunds.models import RefundCase
from refunds.states import FOR_APPROVAL, FOR_REVIEW

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
    return _once(
        request,
        "_desk_proposals",
        lambda: len(proposals.waiting_for(doors.me(request)).values_list("id")[: MOST + 1]),
    )


def work_taken(request: HttpRequest) -> int:
    """Work in this person's hands, counted up to the cap, once a request."""

    def ask() -> int:
        mine = WorkItem.objects.filter(state=WorkState.TAKEN, taken_by_id=request.user.pk)
        return len(access.for_user(mine, request.user).values_list("id")[: MOST + 1])

    return _once(request, "_desk_work", ask)


def applications_waiting(request: HttpRequest) -> int:
    """Online applications that wait in this person's regions, counted up to the cap, once a request."""

    def ask() -> int:
        waiting = EnrolmentApplication.objects.filter(state=ApplicationState.WAITING)
        return len(access.for_user(waiting, request.user).values_list("id")[: MOST + 1])

    return _once(request, "_desk_applications", ask)


def refunds_waiting(request: HttpRequest) -> int:
    """Refunds that wait for this person's desk, counted up to the cap, once a request."""

    def ask() -> int:
        tax = access.may(request.user, "refund.approve")
        states = FOR_APPROVAL if tax else FOR_REVIEW if access.may(request.user, "refund.review") else ()
        waiting = RefundCase.objects.filter(state__in=states)
        return len(access.for_user(waiting, request.user).values_list("id")[: MOST + 1]) if states else 0

    return _once(request, "_desk_refunds", ask)


def _once(request: HttpRequest, name: str, ask: Callable[[], int]) -> int:
    if not hasattr(request, name):
        setattr(request, name, ask())
    return int(getattr(request, name))


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar: its page, the right it needs (none: everybody), and what counts its badge."""

    title: Any
    icon: str
    name: str
    action: str = ""
    badge: Callable[[HttpRequest], int] | None = None
    badge_action: str = ""


GROUPS: Sequence[tuple[Any, Sequence[Entry]]] = (
    (
        "",
        (
            Entry(_("Home"), "home", "admin:index"),
            Entry(
                _("Work items"),
                "inbox",
                "admin:payments_workitem_changelist",
                "work.view",
                work_taken,
                "work.handle",
            ),
            Entry(
                _("Second person"),
                "how_to_reg",
                "admin:bureau_proposal_changelist",
                "proposal.view",
                proposals_waiting,
                "proposal.view",
            ),
        ),
    ),
    (
        _("People"),
        (
            Entry(_("Register a family"), "group_add", "desk:family", "person.register"),
            Entry(_("Persons"), "person_search", "admin:enrollment_person_changelist", "person.view"),
            Entry(_("Households"), "home", "admin:enrollment_household_changelist", "person.view"),
            Entry(_("Transfer in"), "move_down", "desk:transfer", "enrollment.transfer"),
            Entry(_("When covered?"), "calculate", "desk:whatif", "person.view"),
            Entry(_("Why can't they pay?"), "help", "desk:whynot_start", "problems.view"),
            Entry(_("Problems of a region"), "rule", "desk:problems", "problems.view"),
            Entry(_("Entitlement"), "verified_user", "desk:entitlement", "person.view"),
            Entry(
                _("Online applications"),
                "contact_page",
                "admin:enrollment_enrolmentapplication_changelist",
                "application.view",
                applications_waiting,
                "application.decide",
            ),
            Entry(_("Cover"), "shield", "admin:enrollment_coverage_changelist", "person.view"),
            Entry(_("Lists"), "lists", "admin:enrollment_listfile_changelist", "list.view"),
            Entry(_("Mandates"), "contract", "admin:payments_mandate_changelist", "person.view"),
        ),
    ),
    (
        _("Money in"),
        (
            Entry(_("Receivables"), "receipt_long", "admin:payments_receivable_changelist", "money.view"),
            Entry(_("Debit batches"), "outbox", "admin:payments_debitbatch_changelist", "batch.view"),
            Entry(_("Last chance"), "alarm", "desk:last_chance", "batch.view"),
            Entry(_("Bank files"), "account_balance", "admin:payments_bankfile_changelist", "file.view"),
            Entry(_("Orders"), "shopping_cart", "admin:payments_order_changelist", "order.view"),
            Entry(_("Payments"), "payments", "admin:payments_payment_changelist", "money.view"),
            Entry(
                _("Duplicate payments"),
                "content_copy",
                "admin:payments_duplicatepayment_changelist",
                "money.view",
            ),
            Entry(_("Village agents"), "storefront", "admin:payments_villageagent_changelist", "agent.view"),
            Entry(_("Vouchers"), "receipt", "admin:payments_voucher_changelist", "money.view"),
            Entry(_("Text messages"), "sms", "admin:payments_message_changelist", "message.view"),
            Entry(_("Reversals"), "undo", "admin:payments_reversal_changelist", "money.view"),
            Entry(
                _("Price differences"),
                "price_change",
                "admin:payments_pricedifference_changelist",
                "money.view",
            ),
        ),
    ),
    (
        _("To the treasury"),
        (
            Entry(
                _("Unsettled money"), "hourglass_top", "admin:payments_daycut_unsettled", "settlement.view"
            ),
            Entry(_("Day cuts"), "content_cut", "admin:payments_daycut_changelist", "settlement.view"),
            Entry(
                _("Statement lines"),
                "compare_arrows",
                "admin:payments_settlementline_changelist",
                "settlement.view",
            ),
            Entry(
                _("Debits not posted"), "money_off", "admin:payments_debitcase_changelist", "settlement.view"
            ),
            Entry(
                _("Voided declarations"),
                "block",
                "admin:payments_declarationvoid_changelist",
                "settlement.view",
            ),
            Entry(_("Pushes to the tax office"), "send", "admin:payments_pushbatch_changelist", "push.view"),
        ),
    ),
    (
        _("Money back"),
        (
            Entry(
                _("Refund cases"),
                "currency_exchange",
                "admin:refunds_refundcase_changelist",
                "refund.view",
                refunds_waiting,
                "refund.view",
            ),
            Entry(
                _("Possible refunds"),
                "saved_search",
                "admin:refunds_refundcandidate_changelist",
                "refund.view",
            ),
            Entry(_("Payout batches"), "send_money", "admin:refunds_payoutbatch_changelist", "refund.view"),
            Entry(
                _("Payout answers"), "mark_email_read", "admin:refunds_payoutfile_changelist", "refund.view"
            ),
            Entry(_("Limits of signatures"), "speed", "admin:refunds_refundlimit_changelist", "refund.view"),
        ),
    ),
    (
        _("Books"),
        (
            Entry(_("Collection"), "query_stats", "desk:collection", "statistics.view"),
            Entry(_("Statistics"), "bar_chart", "desk:statistics", "statistics.view"),
            Entry(_("Check the books"), "balance", "desk:books", "books.view"),
            Entry(_("Accounting days"), "event_busy", "admin:payments_closedday_changelist", "money.view"),
            Entry(
                _("Export register"), "download", "admin:bureau_exportrecord_changelist", "export.register"
            ),
        ),
    ),
)
SELDOM: tuple[Any, Sequence[Entry]] = (
    _("Rules and tables"),
    (
        Entry(_("Policies"), "policy", "admin:enrollment_policy_changelist", "policy.view"),
        Entry(_("Recomputed cover"), "update", "admin:enrollment_policyrun_changelist", "policy.view"),
        Entry(_("Work calendar"), "calendar_month", "admin:bureau_workday_changelist", "reference.view"),
        Entry(_("Regions"), "map", "admin:bureau_region_changelist", "reference.view"),
        Entry(
            _("Banks"), "account_balance_wallet", "admin:payments_bankprofile_changelist", "reference.view"
        ),
        Entry(_("Retry rules"), "replay", "admin:payments_retryrule_changelist", "reference.view"),
        Entry(_("Channels"), "lan", "admin:payments_channelterms_changelist", "channel.view"),
        Entry(_("Result codes"), "tag", "admin:payments_resultcode_changelist", "reference.view"),
        Entry(_("Users"), "group", "admin:bureau_user_changelist", "staff.manage"),
        Entry(_("Partners"), "hub", "admin:bureau_apiclient_changelist", "partner.manage"),
        Entry(_("Security events"), "gpp_maybe", "admin:bureau_securityevent_changelist", "security.view"),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation: only what the person's roles allow; what is seldom needed is folded away."""
    found = [
        {"title": title, "items": _allowed(request, entries), "collapsible": (title, entries) == SELDOM}
        for title, entries in (*GROUPS, SELDOM)
    ]
    return [group for group in found if group["items"]]


def _allowed(request: HttpRequest, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    lines = []
    for entry in entries:
        if entry.action and not access.may(request.user, entry.action):
            continue
        line: dict[str, Any] = {"title": str(entry.title), "icon": entry.icon, "link": reverse(entry.name)}
        number = entry.badge(request) if entry.badge and access.may(request.user, entry.badge_action) else 0
        if number:
            line |= {"badge": capped(number), "badge_variant": "primary"}
        lines.append(line)
    return lines

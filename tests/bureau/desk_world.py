"""A small bureau with one of everything, and the addresses of every page of the desk with the right that each asks for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from bureau import attachments, proposals
from bureau.access import Role
from bureau.models import Attachment, ExportRecord, Proposal, SecurityEvent, User
from enrollment.models import EnrolmentApplication, Household
from enrollment.services import households
from enrollment.services.households import Joining
from payments.models import (
    ChannelTerms,
    ClosedDay,
    Mandate,
    Order,
    ResultCode,
    RetryRule,
    WorkItem,
    WorkNote,
)
from payments.services import orders
from payments.services.river import RELEASE_KIND
from tests import builders
from tests.bureau import cash_world, paper_world, policy_desk, refund_world, settlement_world
from tests.bureau.drawings import picture
from tests.bureau.list_world import listed
from tests.bureau.partner_world import make_client
from tests.payments import bookbuilders
from tests.payments.bookbuilders import AT, AWAY, Books

ORDERED = datetime(2025, 1, 14, 2, 0, tzinfo=UTC)
HOME, ELSEWHERE = builders.GUIGANG, "110000"
ROLES = tuple(role.value for role in Role)
EVERYBODY = frozenset(ROLES)


@dataclass
class World:
    """The rows, and the people of three regions by role."""

    books: Books
    held: Proposal
    person: Any
    stranger: Any
    item: WorkItem
    attachment: Attachment
    application: EnrolmentApplication
    home: Household
    people: dict[tuple[str, str], User] = field(default_factory=dict)

    def who(self, role: str, region: str = HOME) -> User:
        """Somebody with this role in this region, the same at each call."""
        if (role, region) not in self.people:
            self.people[role, region] = builders.make_staff(role, region)
        return self.people[role, region]


def make() -> World:
    """One of everything in Guigang, some of it in Sichuan."""
    books = bookbuilders.clean()
    held = books.held_file
    held.reasons = [{"code": "COUNT_DIFFERS", "field": "lines", "said": "6", "read": "5"}]
    held.report = {
        "buckets": {"SETTLED": {"lines": 5, "amount": "2000.00", "debited": "2000.00", "repeated": 0}},
        "changed": 0,
    }
    held.save()
    proposal = proposals.propose(
        kind=RELEASE_KIND,
        subject=held,
        region_id=HOME,
        title=held.name,
        difference={"reasons": held.reasons, "header": {"lines": 6}, "buckets": held.report["buckets"]},
        by=books.home.clerk,
        at=AT,
    )
    stranger = builders.make_person(AWAY, name="李四")
    builders.enrol(stranger, AWAY)
    person = books.settled.person
    item = WorkItem.objects.filter(region_id=HOME, state="OPEN").order_by("id").first()
    assert item is not None
    WorkNote.objects.create(item=item, by=books.home.clerk, at=AT, text="asked the bank")
    ClosedDay.objects.create(
        region_id=HOME, day=date(2025, 1, 10), closed_by=books.home.supervisor, closed_at=AT
    )
    ExportRecord.objects.create(user=books.home.supervisor, at=AT, what="payments", regions=[HOME])
    shown = attachments.store(
        file=picture(), subject=proposal, region_id=HOME, by=books.home.clerk, at=AT, name="函.jpg"
    )
    return World(books, proposal, person, stranger, item, shown, _application(), _home(books, person))


def _home(books: Books, person: Any) -> Household:
    """The person's household, with a child in their care."""
    child = builders.make_person(name="张小", birth_date=date(2019, 6, 1), person_class="1402")
    return households.open_household(
        region_id=HOME,
        members=[Joining(person.pk, "HEAD"), Joining(child.pk, "CHILD", person.pk)],
        payer_id=person.pk,
        place={"town": "城区街道", "village": "北社区"},
        on=date(2025, 1, 1),
        by=books.home.clerk,
        at=AT,
    )


def _application() -> EnrolmentApplication:
    """One that waits, with its picture; and a call that was refused."""
    partner = make_client("app-1")
    SecurityEvent.objects.create(
        at=AT, kind="signature_wrong", client=partner, key_id="bk_0", path="/api/v1/"
    )
    made = EnrolmentApplication.objects.create(
        number="202501150000000001",
        client=partner,
        region_id=HOME,
        id_type="01",
        id_number=builders.id_number(),
        name="赵六",
        gender="1",
        birth_date=date(1980, 5, 17),
        person_class="1501",
        relation="HEAD",
        submitted_at=AT,
    )
    attachments.store(file=picture(), subject=made, region_id=HOME, by=None, at=AT, kind="ID_FRONT")
    return made


@dataclass(frozen=True)
class Page:
    """A page: its URL's name, the right it asks for, its address, and the region of its row (none: a list, a form)."""

    name: str
    action: str
    address: Callable[[World], str]
    region: str | None = None

    def allowed(self, role: str) -> bool:
        """Whether a role may open it."""
        return role in allowed_roles(self.action)


def allowed_roles(action: str) -> frozenset[str]:
    """The roles with a right; no right needed is everybody."""
    if not action:
        return EVERYBODY
    return RIGHTS[action]


DESK = frozenset({"clerk", "supervisor"})
RIGHTS: dict[str, frozenset[str]] = {
    "person.register": DESK,
    "person.correct": DESK,
    "person.merge": frozenset({"supervisor"}),
    "enrollment.transfer": DESK,
    "household.edit": DESK,
    "person.view": DESK | {"auditor"},
    "money.view": DESK | {"auditor", "tax_officer"},
    "list.view": DESK | {"auditor"},
    "list.upload": DESK,
    "policy.view": DESK | {"auditor", "tax_officer"},
    "policy.draft": frozenset({"supervisor"}),
    "order.view": DESK | {"auditor", "tax_officer"},
    "channel.view": DESK | {"auditor", "tax_officer"},
    "channel.edit": frozenset({"supervisor"}),
    "batch.view": DESK | {"auditor"},
    "batch.freeze": DESK,
    "file.view": DESK | {"auditor"},
    "file.upload": DESK,
    "work.view": DESK | {"auditor"},
    "proposal.view": DESK | {"auditor"},
    "export.list": frozenset({"auditor", "supervisor"}),
    "export.register": frozenset({"auditor", "supervisor"}),
    "statistics.view": DESK | {"auditor", "tax_officer"},
    "books.view": frozenset({"auditor", "supervisor"}),
    "day.close": frozenset({"supervisor"}),
    "voucher.print": DESK | {"tax_officer"},
    "settlement.view": DESK | {"auditor", "tax_officer"},
    "declaration.void": frozenset({"tax_officer"}),
    "day.cut": DESK,
    "push.view": DESK | {"auditor", "tax_officer"},
    "push.make": DESK,
    "message.view": DESK | {"auditor"},
    "message.send": frozenset({"supervisor"}),
    "message.opt": DESK,
    "agent.view": DESK | {"auditor"},
    "agent.manage": frozenset({"supervisor"}),
    "agent.enter": DESK,
    "problems.view": DESK | {"auditor", "tax_officer"},
    "retry.edit": frozenset({"supervisor"}),
    "calendar.edit": frozenset({"supervisor", "sysadmin"}),
    "staff.manage": frozenset({"sysadmin"}),
    "partner.manage": frozenset({"sysadmin"}),
    "security.view": frozenset({"sysadmin", "auditor"}),
    "application.view": DESK | {"auditor"},
    "refund.view": DESK | {"auditor", "tax_officer"},
    "refund.request": DESK,
    "refund.sign": frozenset({"supervisor", "tax_officer"}),
    "refund.payout": frozenset({"tax_officer"}),
    "refund.answer": frozenset({"tax_officer"}),
    "refund.limit": frozenset({"supervisor"}),
}
"""The matrix once more, written by hand: a slip in bureau.access must not move the tests with it."""


def _list(model: str, action: str) -> Page:
    return Page(f"admin:{model}_changelist", action, lambda world: reverse(f"admin:{model}_changelist"))


def _form(name: str, action: str) -> Page:
    return Page(f"admin:{name}", action, lambda world: reverse(f"admin:{name}"))


def _row(
    model: str, action: str, key: Callable[[World], Any], region: str | None, name: str = "change"
) -> Page:
    full = f"admin:{model}_{name}"
    return Page(full, action, lambda world: reverse(full, args=[key(world)]), region)


def _answer(kind: str) -> Callable[[World], str]:
    """The answer about the insured person for a day after the window."""
    return lambda world: f"{reverse(f'desk:{kind}_person', args=[world.person.pk])}?on=2025-03-10"


def order_of(world: World) -> Order:
    """A family's order that waits for its payment, the same at each call."""
    found = Order.objects.order_by("pk").first()
    if found is not None:
        return found
    due = bookbuilders.assess(name="孙七")
    return orders.open_order(
        client="app-1",
        channel="WECHAT",
        payer=orders.Payer("孙七", "2088102177889900"),
        wanted=[orders.Wanted(due.person_id, 2025)],
        at=ORDERED,
    )


def _terms(channel: str) -> ChannelTerms:
    return ChannelTerms.objects.get(channel=channel, region=None)


def _receivable(world: World) -> int:
    return world.books.settled.receivable_id


PAGES: tuple[Page, ...] = (
    Page("admin:index", "", lambda world: reverse("admin:index")),
    Page("desk:search", "person.view", lambda world: reverse("desk:search")),
    Page("desk:books", "books.view", lambda world: reverse("desk:books")),
    Page("desk:person", "person.view", lambda world: reverse("desk:person", args=[world.person.pk]), HOME),
    *[
        Page(
            f"desk:person_{what}",
            action,
            lambda world, what=what: reverse(f"desk:person_{what}", args=[world.person.pk]),  # type: ignore[misc]
            HOME,
        )
        for what, action in (
            ("enrol", "person.register"),
            ("life", "person.register"),
            ("phone", "person.correct"),
            ("correct", "person.correct"),
            ("merge", "person.merge"),
            ("mandate", "batch.freeze"),
        )
    ],
    Page("desk:whynot_start", "problems.view", lambda world: reverse("desk:whynot_start")),
    Page(
        "desk:whynot",
        "problems.view",
        lambda world: f"{reverse('desk:whynot', args=[world.person.pk])}?year=2025",
        HOME,
    ),
    Page("desk:problems", "problems.view", lambda world: reverse("desk:problems")),
    Page("desk:last_chance", "batch.view", lambda world: reverse("desk:last_chance")),
    Page("desk:last_chance_export", "export.list", lambda world: reverse("desk:last_chance_export")),
    Page(
        "desk:duplicate",
        "money.view",
        lambda world: reverse("desk:duplicate", args=[world.books.away_file.pk * 10**8 + 1]),
        AWAY,
    ),
    _list("payments_retryrule", ""),
    _row("payments_retryrule", "", lambda world: _first_rule(), None),
    _row("payments_retryrule", "retry.edit", lambda world: _first_rule(), None, "edit"),
    _form("payments_retryrule_new", "retry.edit"),
    Page("desk:transfer", "enrollment.transfer", lambda world: reverse("desk:transfer")),
    Page("desk:family", "person.register", lambda world: reverse("desk:family")),
    _list("enrollment_household", "person.view"),
    Page(
        "desk:household", "person.view", lambda world: reverse("desk:household", args=[world.home.pk]), HOME
    ),
    *[
        Page(
            "desk:household_act",
            "household.edit",
            lambda world, what=what: reverse("desk:household_act", args=[world.home.pk, what]),  # type: ignore[misc]
            HOME,
        )
        for what in ("add", "member", "head", "leave", "split", "merge", "place")
    ],
    Page("desk:whatif", "person.view", lambda world: reverse("desk:whatif")),
    Page("desk:entitlement", "person.view", lambda world: reverse("desk:entitlement")),
    Page("desk:whatif_person", "person.view", _answer("whatif"), HOME),
    Page("desk:entitlement_person", "person.view", _answer("entitlement"), HOME),
    Page("desk:collection", "statistics.view", lambda world: reverse("desk:collection")),
    Page("desk:statistics", "statistics.view", lambda world: reverse("desk:statistics")),
    _list("enrollment_person", "person.view"),
    _list("enrollment_coverage", "person.view"),
    _row("enrollment_coverage", "person.view", lambda world: _receivable(world) * 100, HOME),
    _list("enrollment_listfile", "list.view"),
    _row("enrollment_listfile", "list.view", lambda world: listed(world).pk, HOME),
    _row("enrollment_listfile", "list.view", lambda world: listed(world).pk, HOME, "progress"),
    _row("enrollment_listfile", "list.view", lambda world: "REGISTER", None, "template"),
    _form("enrollment_listfile_upload", "list.upload"),
    _list("enrollment_policy", "policy.view"),
    _row("enrollment_policy", "policy.view", lambda world: bookbuilders.policy_of().pk, HOME),
    _form("enrollment_policy_calendar", "policy.view"),
    _form("enrollment_policy_draft", "policy.draft"),
    Page(
        "admin:enrollment_policy_draft",
        "policy.draft",
        lambda world: f"{reverse('admin:enrollment_policy_draft')}?region={HOME}&year=2027",
        HOME,
    ),
    _row("enrollment_policy", "policy.view", lambda world: policy_desk.of(world).draft.pk, HOME),
    _row("enrollment_policy", "policy.view", lambda world: policy_desk.of(world).draft.pk, HOME, "try"),
    _list("enrollment_policyrun", "policy.view"),
    _row("enrollment_policyrun", "policy.view", lambda world: policy_desk.of(world).run.pk, HOME),
    _list("enrollment_policymove", "person.view"),
    _row("enrollment_policymove", "person.view", lambda world: policy_desk.of(world).move.pk, HOME),
    _form("enrollment_policymove_export", "export.list"),
    _list("payments_receivable", "money.view"),
    _row("payments_receivable", "money.view", _receivable, HOME),
    _list("payments_order", "order.view"),
    _row("payments_order", "order.view", lambda world: order_of(world).pk, HOME),
    _list("payments_channelterms", "channel.view"),
    _row("payments_channelterms", "channel.view", lambda world: _terms("WECHAT").pk, None),
    _row("payments_channelterms", "channel.edit", lambda world: _terms("WECHAT").pk, None, "edit"),
    _list("payments_payment", "money.view"),
    _row("payments_payment", "money.view", lambda world: world.books.counter.pk, HOME),
    _form("payments_payment_export", "export.list"),
    _form("payments_duplicatepayment_export", "export.list"),
    _list("payments_duplicatepayment", "money.view"),
    _row("payments_duplicatepayment", "money.view", lambda world: world.books.away_file.pk * 10**8 + 1, AWAY),
    _list("payments_voucher", "money.view"),
    _row("payments_voucher", "money.view", lambda world: paper_world.voucher(world).pk, HOME),
    _row("payments_voucher", "money.view", lambda world: paper_world.voucher(world).pk, HOME, "pdf"),
    _row("payments_voucher", "voucher.print", lambda world: paper_world.voucher(world).pk, HOME, "print"),
    _list("payments_voucherbatch", "voucher.print"),
    _row("payments_voucherbatch", "voucher.print", lambda world: paper_world.batch(world).pk, HOME),
    _row(
        "payments_voucherbatch", "voucher.print", lambda world: paper_world.batch(world).pk, HOME, "progress"
    ),
    _form("payments_voucherbatch_create", "voucher.print"),
    _list("payments_villageagent", "agent.view"),
    _row("payments_villageagent", "agent.view", lambda world: cash_world.agent(world).pk, HOME),
    _form("payments_villageagent_open", "agent.manage"),
    _row("payments_villageagent", "agent.manage", lambda world: cash_world.agent(world).pk, HOME, "book"),
    *[
        _row("payments_villageagent", "agent.enter", lambda world: cash_world.agent(world).pk, HOME, what)
        for what in ("receipt", "spoil", "list", "handover")
    ],
    _list("payments_cashreceipt", "agent.view"),
    _row("payments_cashreceipt", "agent.view", lambda world: cash_world.receipt(world).pk, HOME),
    _row("payments_cashreceipt", "agent.enter", lambda world: cash_world.receipt(world).pk, HOME, "stub"),
    _list("payments_message", "message.view"),
    _row("payments_message", "message.view", lambda world: paper_world.message(world).pk, HOME),
    _row("payments_message", "message.opt", lambda world: world.person.pk, HOME, "opt"),
    _list("payments_messagetemplate", "message.view"),
    _row("payments_messagetemplate", "message.view", lambda world: paper_world.template(), None),
    _form("payments_messagetemplate_write", "message.send"),
    _list("payments_messagefile", "message.view"),
    _row("payments_messagefile", "message.view", lambda world: paper_world.sent(world).pk, HOME),
    _row("payments_messagefile", "message.send", lambda world: paper_world.sent(world).pk, HOME, "answer"),
    _form("payments_messagefile_make", "message.send"),
    _form("payments_settlementline_export", "export.list"),
    _list("payments_settlementline", "settlement.view"),
    _row("payments_settlementline", "settlement.view", settlement_world.line, HOME),
    _row("payments_bankfile", "file.view", lambda world: settlement_world.statement(world).pk, HOME),
    _list("payments_debitcase", "settlement.view"),
    _row("payments_debitcase", "settlement.view", lambda world: settlement_world.case(world).pk, HOME),
    _list("payments_daycut", "settlement.view"),
    _row("payments_daycut", "settlement.view", lambda world: settlement_world.cut(world).pk, HOME),
    _form("payments_daycut_unsettled", "settlement.view"),
    _form("payments_daycut_cut", "day.cut"),
    _list("payments_declarationvoid", "settlement.view"),
    _row("payments_declarationvoid", "settlement.view", lambda world: settlement_world.void(world).pk, HOME),
    _form("payments_declarationvoid_ask", "declaration.void"),
    _list("payments_pushbatch", "push.view"),
    _row("payments_pushbatch", "push.view", lambda world: settlement_world.push(world).pk, HOME),
    _form("payments_pushbatch_make", "push.make"),
    _list("refunds_refundcase", "refund.view"),
    _row("refunds_refundcase", "refund.view", lambda world: refund_world.case(world).pk, HOME),
    _row("refunds_refundcase", "refund.view", lambda world: refund_world.case(world).pk, HOME, "form"),
    _row("refunds_refundcase", "refund.view", lambda world: refund_world.decided(world).pk, HOME, "letter"),
    _form("refunds_refundcase_start", "refund.request"),
    _form("refunds_refundcase_sign", "refund.sign"),
    _form("refunds_refundcase_export", "export.list"),
    Page(
        "admin:refunds_refundcase_new",
        "refund.request",
        lambda world: f"{reverse('admin:refunds_refundcase_new')}?payment={refund_world.payment(world)}",
        HOME,
    ),
    _list("refunds_refundcandidate", "refund.view"),
    _row("refunds_refundcandidate", "refund.view", lambda world: refund_world.candidate(world).pk, HOME),
    _list("refunds_payoutbatch", "refund.view"),
    _row("refunds_payoutbatch", "refund.view", lambda world: refund_world.batch(world).pk, HOME),
    _form("refunds_payoutbatch_freeze", "refund.payout"),
    _list("refunds_refundlimit", "refund.view"),
    _row("refunds_refundlimit", "refund.view", lambda world: refund_world.limit().pk, None),
    _form("refunds_refundlimit_propose", "refund.limit"),
    _list("refunds_payoutfile", "refund.view"),
    _row("refunds_payoutfile", "refund.view", lambda world: refund_world.answer(world).pk, HOME),
    _form("refunds_payoutfile_upload", "refund.answer"),
    _list("payments_reversal", "money.view"),
    _row("payments_reversal", "money.view", lambda world: world.books.line(3, world.books.second), HOME),
    _list("payments_pricedifference", "money.view"),
    _row("payments_pricedifference", "money.view", lambda world: policy_desk.of(world).difference.pk, HOME),
    _form("payments_pricedifference_export", "export.list"),
    _list("payments_debitbatch", "batch.view"),
    _row("payments_debitbatch", "batch.view", lambda world: world.books.batch.pk, HOME),
    _row("payments_debitbatch", "batch.view", lambda world: world.books.batch.pk, HOME, "unanswered"),
    _form("payments_debitbatch_freeze", "batch.freeze"),
    _list("payments_bankfile", "file.view"),
    _row("payments_bankfile", "file.view", lambda world: world.books.held_file.pk, HOME),
    _row("payments_bankfile", "file.view", lambda world: world.books.file.pk, HOME, "progress"),
    _form("payments_bankfile_upload", "file.upload"),
    Page(
        "admin:payments_bankline_changelist",
        "file.view",
        lambda world: f"{reverse('admin:payments_bankline_changelist')}?file={world.books.file.pk}&bucket=5",
        HOME,
    ),
    _row("payments_bankline", "file.view", lambda world: world.books.line(4), HOME),
    Page(
        "admin:payments_bankline_export",
        "export.list",
        lambda world: f"{reverse('admin:payments_bankline_export')}?file={world.books.file.pk}",
        HOME,
    ),
    _list("payments_workitem", "work.view"),
    _row("payments_workitem", "work.view", lambda world: world.item.pk, HOME),
    _form("payments_workitem_export", "export.list"),
    _list("payments_mandate", "person.view"),
    _row("payments_mandate", "person.view", lambda world: Mandate.objects.get(person=world.person).pk, HOME),
    _list("payments_bankprofile", ""),
    _row("payments_bankprofile", "", lambda world: "103", None),
    _list("payments_resultcode", ""),
    _row("payments_resultcode", "", lambda world: _first_code(), None),
    _list("payments_closedday", "money.view"),
    _row("payments_closedday", "money.view", lambda world: ClosedDay.objects.get().pk, HOME),
    _form("payments_closedday_close", "day.close"),
    _list("bureau_proposal", "proposal.view"),
    _row("bureau_proposal", "proposal.view", lambda world: world.held.pk, HOME),
    Page(
        "desk:attachment",
        "proposal.view",
        lambda world: reverse("desk:attachment", args=[world.attachment.pk]),
        HOME,
    ),
    _list("bureau_exportrecord", "export.register"),
    _row("bureau_exportrecord", "export.register", lambda world: ExportRecord.objects.get().pk, HOME),
    _list("bureau_region", ""),
    _row("bureau_region", "", lambda world: HOME, None),
    _list("bureau_workday", ""),
    _row("bureau_workday", "", lambda world: "2025-01-28", None),
    _form("bureau_workday_publish", "calendar.edit"),
    _list("enrollment_enrolmentapplication", "application.view"),
    _row("enrollment_enrolmentapplication", "application.view", lambda world: world.application.pk, HOME),
    _list("bureau_apiclient", "partner.manage"),
    _row("bureau_apiclient", "partner.manage", lambda world: world.application.client_id, None),
    _row("bureau_apiclient", "partner.manage", lambda world: world.application.client_id, None, "edit"),
    _form("bureau_apiclient_add", "partner.manage"),
    _list("bureau_securityevent", "security.view"),
    _row("bureau_securityevent", "security.view", lambda world: SecurityEvent.objects.get().pk, None),
    _list("bureau_user", "staff.manage"),
    _row("bureau_user", "staff.manage", lambda world: world.books.home.clerk.pk, None),
    _form("bureau_user_add", "staff.manage"),
    _row("bureau_user", "staff.manage", lambda world: world.books.home.clerk.pk, None, "edit"),
    _row("bureau_user", "staff.manage", lambda world: world.books.home.clerk.pk, None, "password"),
)
# Pages that only take a POST; each has a test of its own in test_access.
POSTS = frozenset(
    {
        "admin:bureau_apiclient_decide",
        "admin:bureau_apiclient_key",
        "admin:bureau_apiclient_revoke",
        "admin:bureau_apiclient_secret",
        "admin:bureau_proposal_decide",
        "admin:payments_order_act",
        "admin:payments_daycut_unsettled_export",
        "admin:refunds_payoutbatch_act",
        "admin:refunds_payoutbatch_download",
        "admin:refunds_payoutfile_decide",
        "admin:refunds_refundcandidate_act",
        "admin:refunds_refundcase_act",
        "admin:enrollment_listfile_act",
        "admin:enrollment_listfile_errors",
        "admin:bureau_proposal_withdraw",
        "admin:enrollment_enrolmentapplication_act",
        "admin:enrollment_enrolmentapplication_next",
        "admin:enrollment_policy_act",
        "admin:enrollment_policyrun_again",
        "admin:payments_bankfile_requeue",
        "admin:payments_bankfile_drop",
        "admin:payments_debitbatch_drop",
        "admin:payments_debitbatch_download",
        "admin:payments_debitbatch_digest",
        "admin:payments_debitbatch_let_go",
        "admin:payments_messagefile_download",
        "admin:payments_voucherbatch_act",
        "admin:payments_voucherbatch_part",
        "admin:payments_declarationvoid_decide",
        "admin:payments_pushbatch_download",
        "admin:payments_workitem_act",
        "admin:payments_workitem_bulk",
        "admin:payments_workitem_next",
        "admin:payments_retryrule_drop",
        "desk:whynot_act",
        "desk:person_mandate_act",
        "desk:duplicate_propose",
    }
)
# A page that only leads to another one.
REDIRECTS = frozenset(
    {
        "desk:collection_export",
        "desk:statistics_export",
        "admin:enrollment_household_change",
        "admin:enrollment_person_change",
        "admin:payments_order_line",
    }
)


def _first_rule() -> int:
    return RetryRule.objects.order_by("id").values_list("pk", flat=True)[0]


def _first_code() -> int:
    return ResultCode.objects.order_by("id").values_list("pk", flat=True)[0]


def client_of(user: User) -> Client:
    """A browser in which ``user`` is logged in."""
    client = Client()
    client.force_login(user)
    return client

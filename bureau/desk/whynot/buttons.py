"""What a clerk can do about a problem right there: a page that leads on, or one call of a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from bureau import access
from bureau.models import User
from enrollment.models import Person
from payments.keys import CHILDREN
from payments.models import Order
from payments.services.obstacles import Obstacle


@dataclass(frozen=True)
class Button:
    """A button: a link, or (``what``) something done by POST with hidden ``fields``, perhaps with a reason."""

    text: Any
    icon: str
    url: str = ""
    what: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    reason: Any = ""


@dataclass(frozen=True)
class Asked:
    """Whose problem it is, and who looks."""

    user: User
    person: Person
    year: int

    def may(self, action: str) -> bool:
        """Whether the reader's role allows it."""
        return access.may(self.user, action)

    def page(self, name: str, text: Any, icon: str, action: str, anchor: str = "") -> list[Button]:
        """A link to a page about the person, for those who may open it."""
        return [Button(text, icon, reverse(name, args=[self.person.pk]) + anchor)] if self.may(action) else []


def _row(asked: Asked, model: str, key: Any, text: Any, icon: str, action: str) -> list[Button]:
    if key is None or not asked.may(action):
        return []
    return [Button(text, icon, reverse(f"admin:{model}_change", args=[key]))]


def _debited(asked: Asked, one: Obstacle) -> list[Button]:
    return _row(asked, "payments_workitem", one.evidence["item"], _("Work item"), "inbox", "work.view")


def _twice(asked: Asked, one: Obstacle) -> list[Button]:
    if not asked.may("money.view"):
        return []
    number = one.evidence["duplicate"]
    compare = Button(_("Compare the two"), "compare", reverse("desk:duplicate", args=[number]))
    return [compare, *_refund(asked, duplicate=number)]


def _refund(asked: Asked, **source: int) -> list[Button]:
    if not asked.may("refund.request"):
        return []
    return [
        Button(_("Open a refund"), "undo", f"{reverse('admin:refunds_refundcase_new')}?{urlencode(source)}")
    ]


def _correct(asked: Asked, one: Obstacle) -> list[Button]:
    return asked.page("desk:person_correct", _("Correct personal data"), "edit_document", "person.correct")


def _enrol(asked: Asked, one: Obstacle) -> list[Button]:
    return asked.page("desk:person_enrol", _("Enrol"), "how_to_reg", "person.register")


def _employee(asked: Asked, one: Obstacle) -> list[Button]:
    return asked.page("desk:person", _("Employee cover"), "badge", "person.view", "#register")


def _paid(asked: Asked, one: Obstacle) -> list[Button]:
    if not access.in_scope(asked.user, one.evidence.get("region")):
        return []
    return _row(
        asked, "payments_payment", one.evidence.get("payment"), _("Payment"), "payments", "money.view"
    )


def _wrongly(asked: Asked, one: Obstacle) -> list[Button]:
    """Paid in the wrong place: the payment, and the refund that comes before paying again."""
    payment = one.evidence.get("payment")
    if payment is None or not access.in_scope(asked.user, one.evidence.get("region")):
        return []
    return [*_paid(asked, one), *_refund(asked, payment=payment)]


def _elsewhere(asked: Asked, one: Obstacle) -> list[Button]:
    if not asked.may("enrollment.transfer"):
        return []
    return [Button(_("Transfer in"), "move_down", reverse("desk:transfer"))]


def _void(asked: Asked, receivable: int) -> list[Button]:
    if not asked.may("declaration.void"):
        return []
    query = urlencode({"receivable": receivable})
    url = f"{reverse('admin:payments_declarationvoid_ask')}?{query}"
    return [Button(_("Void a declared record"), "block", url)]


def _declared(asked: Asked, one: Obstacle) -> list[Button]:
    found = []
    instruction, batch = one.evidence.get("instruction"), one.evidence.get("batch")
    if instruction is not None:
        found += _void(asked, instruction // CHILDREN)
    if batch is not None and asked.may("batch.view"):
        there = reverse("admin:payments_debitbatch_change", args=[batch])
        unanswered = reverse("admin:payments_debitbatch_unanswered", args=[batch])
        found.append(Button(_("Debit batch"), "outbox", there))
        found.append(Button(_("Without an answer"), "hourglass", unanswered))
    return found


def _order(asked: Asked, one: Obstacle) -> list[Button]:
    order = Order.objects.filter(number=one.evidence["order"]).order_by("pk").first()
    if order is None or not asked.may("order.cancel") or not access.in_scope(asked.user, order.region_id):
        return []
    return [
        Button(
            _("Cancel the order"),
            "cancel",
            what="cancel",
            fields={"order": order.number},
            reason=_("Why is it cancelled?"),
        )
    ]


def _silent(asked: Asked, one: Obstacle) -> list[Button]:
    """The order's page, where the channel is asked what became of it."""
    order = Order.objects.filter(number=one.evidence["order"]).order_by("pk").first()
    if order is None or not access.in_scope(asked.user, order.region_id):
        return []
    return _row(asked, "payments_order", order.pk, _("Order: ask the channel"), "help", "order.view")


def _answerless(asked: Asked, one: Obstacle) -> list[Button]:
    batch = one.evidence.get("batch")
    return _row(asked, "payments_debitbatch", batch, _("Debit batch"), "outbox", "batch.view")


def _several(asked: Asked, one: Obstacle) -> list[Button]:
    return asked.page(
        "desk:person_life", _("End the enrolment that is over"), "event_busy", "person.register"
    )


def _none_due(asked: Asked, one: Obstacle) -> list[Button]:
    region = one.evidence.get("region")
    if not asked.may("receivable.assess") or not access.in_scope(asked.user, region):
        return []
    return [Button(_("Assess the receivable"), "receipt_long", what="assess", fields={"region": region})]


def _over(asked: Asked, one: Obstacle) -> list[Button]:
    void = (
        _void(asked, one.evidence["receivable"])
        if access.in_scope(asked.user, one.evidence["region"])
        else []
    )
    if not asked.may("push.make"):
        return void
    return [Button(_("Make a push"), "send", reverse("admin:payments_pushbatch_make")), *void]


def _ready(asked: Asked, one: Obstacle) -> list[Button]:
    return _row(asked, "payments_payment", one.evidence["payment"], _("Payment"), "payments", "money.view")


def _receipt(asked: Asked, one: Obstacle) -> list[Button]:
    if not asked.may("agent.enter"):
        return []
    there = reverse("admin:payments_villageagent_receipt", args=[one.evidence["agent"]])
    agent = reverse("admin:payments_villageagent_change", args=[one.evidence["agent"]])
    return [
        Button(_("Key in a receipt"), "receipt_long", there),
        Button(_("Village agent"), "storefront", agent),
    ]


def _when(asked: Asked, one: Obstacle) -> list[Button]:
    return asked.page("desk:whatif_person", _("When covered?"), "calculate", "person.view")


def _failed(asked: Asked, one: Obstacle) -> list[Button]:
    found = _chances(asked, one)
    if asked.may("retry.clear"):
        fields = {"instruction": one.evidence["instruction"]}
        text = _("Settled: try the account again")
        found.insert(0, Button(text, "replay", what="clear", fields=fields, reason=_("What was settled?")))
    return [*_sign(asked, one), *found]


def _chances(asked: Asked, one: Obstacle) -> list[Button]:
    if not asked.may("batch.view"):
        return []
    query = urlencode({"year": asked.year})
    return [Button(_("Last chance"), "alarm", f"{reverse('desk:last_chance')}?{query}")]


def _sign(asked: Asked, one: Obstacle) -> list[Button]:
    return asked.page("desk:person_mandate", _("Sign a mandate"), "contract", "batch.freeze")


_BUTTONS: Mapping[str, Callable[[Asked, Obstacle], list[Button]]] = {
    "DEBITED_NOT_POSTED": _debited,
    "DUP_PAYMENT": _twice,
    "PERSON_DECEASED": _correct,
    "PERSON_DATA_INCOMPLETE": _correct,
    "PERSON_NOT_FOUND": _enrol,
    "EMPLOYEE_ACTIVE": _employee,
    "ALREADY_PAID": _paid,
    "ALREADY_DECLARED": _wrongly,
    "PAID_ELSEWHERE": _elsewhere,
    "UNSETTLED_EXISTS": _declared,
    "PAY_RESULT_PENDING": _answerless,
    "OPEN_ORDER": _order,
    "TX_LOCKED": _silent,
    "UPSTREAM_ERROR": _silent,
    "OFFLINE_NOT_POSTED": _order,
    "RECEIPT_PASSED_OVER": _receipt,
    "MULTI_RECEIVABLE": _several,
    "NO_RECEIVABLE": _none_due,
    "LATE_WAIT": _when,
    "E_WAIT_PAST_YEAR_END": _when,
    "NOT_OPEN": _when,
    "OUT_OF_PAY_DAYS": _when,
    "YEAR_CLOSED": _when,
    "DEBIT_REJECTED": _failed,
    "BATCH_DEBIT_FAILED": _chances,
    "NO_CARD_BOUND": _sign,
    "STOP_NOT_SYNCED": _over,
    "VOUCHER_NOT_READY": _ready,
}


WITH_BUTTONS = frozenset(_BUTTONS)
"""Problems about which something can be done right there."""


def buttons(asked: Asked, obstacle: Obstacle) -> list[Button]:
    """The buttons that the reader's role allows for a problem."""
    build = _BUTTONS.get(obstacle.code)
    return [] if build is None else build(asked, obstacle)

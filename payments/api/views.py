"""Calls of channels about money: how a person stands, orders, what was debited, what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bureau import clock, partners
from bureau.api import problems
from bureau.api.problems import Shape
from bureau.api.views import PartnerView, require_unchanged, tagged
from bureau.errors import BureauError, gettext_noop
from bureau.identity import IdNumberError
from bureau.models import ApiClient
from enrollment.models import Person
from enrollment.services import acquaintance, policies
from payments.api import bodies
from payments.api.bodies import (
    InsuredBody,
    OrderAnswer,
    OrderBody,
    PaymentBody,
    ReasonBody,
    ReversalAnswer,
    StatusAnswer,
)
from payments.models import Channel, OrderConsent
from payments.services import channels, obstacles, orderpayments, orders, orderviews, promised
from payments.services.orders import OrderRefused, Payer, Wanted
from payments.states import OrderState

STATUS, ORDERS = "status.read", "orders"
LARGEST = 2**63 - 1
CONFLICTS = frozenset(
    {"OPEN_ORDER", "TX_LOCKED", "ALREADY_PAID", "PAID_ELSEWHERE", "UNSETTLED_EXISTS", "MULTI_RECEIVABLE",
     "DEBITED_NOT_POSTED"}
)  # fmt: skip

partners.register_scope(STATUS, _("ask how a person's year stands"))
partners.register_scope(ORDERS, _("open orders, tell payments, take them back"))
for _channel in Channel:
    if _channel != Channel.BANK_BATCH:
        partners.register_scope(f"channel.{_channel.value}", _channel.label)


class InputFormat(BureauError):
    """The number cannot be one (P14)."""

    code = "INPUT_FORMAT"
    message = gettext_noop("Check name and ID number: capital X, no blanks, another input method.")


class ChannelNotNamed(BureauError):
    """The partner stands for several channels, or for none."""

    code = "CHANNEL_NOT_NAMED"
    message = gettext_noop("Say through which channel the order is paid.")


class ChannelNotYours(BureauError):
    """The partner does not stand for it."""

    code = "channel_not_yours"
    message = gettext_noop("The partner may not call for the channel %(channel)s.")


def _told_of(error: OrderRefused) -> Shape:
    row = error.problem
    status = 409 if row.code in CONFLICTS else 422
    details = {"number": row.number, "resolvers": [one.value for one in row.resolvers]}
    return Shape(status, getattr(error, "pointer", ""), row.action, details | bodies.told(error.obstacle))


problems.shape(OrderRefused, _told_of)
problems.shape(
    orders.OrderMoved,
    lambda error: Shape(409, details={"state": error.params["state"], "wanted": error.params["wanted"]}),
)
problems.shape(
    InputFormat,
    lambda error: Shape(
        422, getattr(error, "pointer", "/id_number"), details={"reason": error.params.get("why", "")}
    ),
)
problems.register(404, orders.OrderUnknown, orderpayments.PaymentUnknown)
problems.register(409, orderpayments.SerialTaken, pointer="/channel_serial")
problems.register(409, orderpayments.ReversalTooLate, promised.GoesBackAlready, policies.NoPolicy)
problems.register(422, orderpayments.AmountDiffers, pointer="/amount")
problems.register(
    422, orderpayments.DebitTimeOutside, orderpayments.DebitedOutsideYear, pointer="/debited_at"
)
problems.register(422, orders.OrderEmpty, pointer="/lines")
problems.register(422, ChannelNotNamed, channels.ChannelUnknown, pointer="/channel")
problems.register(403, ChannelNotYours, pointer="/channel")


def person_of(client: ApiClient, values: dict[str, Any], pointer: str = "") -> Person | None:
    """Whom the values name, if the partner may ask about them. Raises InputFormat."""
    try:
        return acquaintance.find(
            id_type=values["id_type"],
            id_number=values["id_number"],
            name=values["name"],
            regions=partners.regions_of(client),
            today=clock.today(),
        )
    except IdNumberError as error:
        wrong = InputFormat(why=error.code)
        wrong.pointer = f"{pointer}/id_number"  # type: ignore[attr-defined]
        raise wrong from error


def channel_of(client: ApiClient, named: str | None) -> str:
    """The channel for which a partner orders. Raises ChannelNotNamed, ChannelNotYours."""
    own = sorted(scope.removeprefix("channel.") for scope in client.scopes if scope.startswith("channel."))
    if named is None:
        if len(own) != 1:
            raise ChannelNotNamed()
        return own[0]
    if named not in own:
        raise ChannelNotYours(channel=named)
    return named


class StatusView(PartnerView):
    """How a person's year stands."""

    scopes = {"POST": STATUS}

    @extend_schema(request=InsuredBody, responses={200: StatusAnswer})
    def post(self, request: Request) -> Response:
        """Registered, due, locked, declared, paid, settled, covered from; and what stands in the way of paying."""
        values = self.values(InsuredBody)
        client = request.user.client
        person = person_of(client, values)
        found = (
            orderviews.nobody()
            if person is None
            else orderviews.status_of(person_id=person.pk, year=values["benefit_year"], on=clock.today())
        )
        return Response(bodies.status(found, client.code))


class OrdersView(PartnerView):
    """New orders."""

    scopes = {"POST": ORDERS}
    creates = True

    @extend_schema(request=OrderBody, responses={201: OrderAnswer})
    def post(self, request: Request) -> HttpResponse:
        """Open an order: what is due is held for it until it is paid, cancelled, or its time is over."""
        values = self.values(OrderBody)
        client = request.user.client
        channel = channel_of(client, values.get("channel"))

        def act() -> tuple[int, Any, str]:
            view = self._open(client, channel, values)
            where = reverse("api:order", args=[view.order.number])
            return 201, bodies.order(view), where

        return self.once(request, act)

    def _open(self, client: ApiClient, channel: str, values: dict[str, Any]) -> orderviews.OrderView:
        wanted: list[Wanted] = []
        places: dict[int, int] = {}
        for place, line in enumerate(values["lines"]):
            person = person_of(client, line, f"/lines/{place}")
            if person is None:
                raise _at(f"/lines/{place}", OrderRefused(obstacles.named("PERSON_NOT_FOUND")))
            places.setdefault(person.pk, place)
            wanted.append(Wanted(person.pk, line["benefit_year"], line.get("region")))
        agreed = values.get("consent", [])
        try:
            order = orders.open_order(
                client=client.code,
                channel=channel,
                payer=Payer(values["payer"]["name"], values["payer"].get("account", ""), values["card_type"]),
                wanted=wanted,
                at=clock.now(),
                consent=OrderConsent.Code.LATE_WAIT in agreed,
                no_cover=OrderConsent.Code.PAST_YEAR_END in agreed,
                regions=partners.regions_of(client),
            )
        except OrderRefused as error:
            person_id = error.params.get("person")
            raise _at(f"/lines/{places[person_id]}" if person_id in places else "", error) from error
        return orderviews.view_of(order)


def _at(pointer: str, error: OrderRefused) -> OrderRefused:
    """The refusal, knowing its line."""
    error.pointer = pointer  # type: ignore[attr-defined]
    return error


class OrderView(PartnerView):
    """One order of the partner's own."""

    scopes = {"GET": ORDERS}

    @extend_schema(responses={200: OrderAnswer})
    def get(self, request: Request, number: str) -> Response:
        """Where it stands; the ETag names this state."""
        body = bodies.order(orderviews.of_client(number=number, client=request.user.client.code))
        return Response(body, headers={"ETag": tagged(body)})


class OrderActView(PartnerView):
    """What moves an order of the partner's own; answers with the order."""

    scopes = {"POST": ORDERS}
    creates = True

    def moved(self, request: Request, number: str, move: Callable[[str], Any]) -> HttpResponse:
        """``move`` gets the partner's code. Money that fits no order is kept for a person: that refusal is an answer."""
        code = request.user.client.code

        def act() -> tuple[int, Any, str]:
            try:
                move(code)
            except (orderpayments.AmountDiffers, orderpayments.DebitedOutsideYear) as error:
                return 422, problems.body_of(error, 422), ""
            return 200, bodies.order(orderviews.of_client(number=number, client=code)), ""

        return self.once(request, act)


class PaymentView(OrderActView):
    """The channel took the money."""

    @extend_schema(request=PaymentBody, responses={200: OrderAnswer})
    def post(self, request: Request, number: str) -> HttpResponse:
        """Tell a debit: also of an order that ended meanwhile, or was paid before; money is a fact."""
        values = self.values(PaymentBody)
        return self.moved(
            request,
            number,
            lambda code: orderpayments.pay(
                number=number,
                client=code,
                serial=values["channel_serial"],
                amount=values["amount"],
                debited_at=values["debited_at"],
                at=clock.now(),
            ),
        )


class CancellationView(OrderActView):
    """The payer gave up."""

    @extend_schema(
        request=ReasonBody,
        responses={200: OrderAnswer},
        parameters=[
            OpenApiParameter(
                "If-Match",
                location=OpenApiParameter.HEADER,
                required=False,
                description="The ETag of the order as it was read; needed while the bureau is asking what became of it.",
            )
        ],
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Cancel: the receivables are free again. What was paid cannot be cancelled."""
        self.values(ReasonBody)

        def move(code: str) -> None:
            row = orders.locked(number, code)
            body = bodies.order(orderviews.view_of(row))
            require_unchanged(request, body, needed=row.state == OrderState.ASKED)
            orders.cancel(number=number, client=code, at=clock.now())

        return self.moved(request, number, move)


class ReversalView(PartnerView):
    """A payment is taken back on the day of its debit."""

    scopes = {"POST": ORDERS}
    creates = True

    @extend_schema(request=ReasonBody, responses={200: ReversalAnswer})
    def post(self, request: Request, number: str) -> HttpResponse:
        """Take back one payment of an order; from the next day on it is a refund."""
        self.values(ReasonBody)
        payment_id = int(number) if number.isascii() and number.isdigit() and len(number) < 20 else 0
        if not 0 < payment_id <= LARGEST:
            raise orderpayments.PaymentUnknown(payment=number[:40])

        def act() -> tuple[int, Any, str]:
            made = orderpayments.reverse(
                payment_id=payment_id, client=request.user.client.code, at=clock.now()
            )
            body = {
                "payment": str(made.payment_id or made.duplicate_id),
                "receivable": str(made.receivable_id),
                "amount": f"{made.amount:.2f}",
                "reversed_on": made.reversed_on.isoformat(),
            }
            return 200, body, ""

        return self.once(request, act)


urlpatterns = [
    path("status-queries", StatusView.as_view(), name="status"),
    path("orders", OrdersView.as_view(), name="orders"),
    path("orders/<str:number>", OrderView.as_view(), name="order"),
    path("orders/<str:number>/payment", PaymentView.as_view(), name="order_payment"),
    path("orders/<str:number>/cancellation", CancellationView.as_view(), name="order_cancellation"),
    path("payments/<str:number>/reversal", ReversalView.as_view(), name="reversal"),
]

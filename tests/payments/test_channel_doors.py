"""Every row of the catalogue of bad calls (design: reliability 4c) at the channels' calls: the answer, nothing left behind.

The kernel's own tests say the same of the first calls it had (tests/bureau/test_partner_calls.py); here the calls that move
money are held to it, each of them for each row.
"""

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bureau import gate
from bureau.api import views
from bureau.models import ApiAnswer, SecurityEvent
from payments.models import Hold, Order, OrderDebit, Payment, Reversal, WorkItem
from tests.bureau.partner_world import make_key
from tests.clients.partner import Partner
from tests.payments.channel_world import (
    DAY,
    ORDERS_URL,
    STATUS_URL,
    Day,
    Teller,
    make_teller,
    order_of,
    people,
)

pytestmark = pytest.mark.django_db
NOBODY = {"id_type": "01", "id_number": "450802199008150013", "name": "张三", "benefit_year": 2025}
ORDER = {"card_type": "DEBIT", "payer": {"name": "张三"}, "lines": [NOBODY]}
PAYMENT = {"channel_serial": "S1", "amount": "400.00", "debited_at": DAY.isoformat()}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    (STATUS_URL, NOBODY),
    (ORDERS_URL, ORDER),
    (f"{ORDERS_URL}/1/payment", PAYMENT),
    (f"{ORDERS_URL}/1/cancellation", {}),
    ("/api/v1/payments/1/reversal", {}),
)
MOVING = CALLS[1:]


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Day:
    """10 October 2024."""
    return Day(monkeypatch)


@pytest.fixture
def teller(day: Day) -> Iterator[Teller]:
    """WeChat's machine; I25: whatever was refused left nothing behind."""
    yield make_teller()
    for model in (Order, Hold, OrderDebit, Payment, Reversal, WorkItem, ApiAnswer):
        assert not model.objects.exists(), model


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """A problem in both languages."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"], body["status"]) == (status, code, status)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert not body["message"]["zh"].isascii()
    assert not body["action"]["zh"].isascii()
    return body


def fields(body: dict[str, Any]) -> dict[str, str]:
    """Which field has which fault."""
    return {one["pointer"]: one["code"] for one in body["errors"]}


class TestWhoCalls:
    """A01, A02, A17: no call lets a stranger in."""

    def test_no_signature(self, teller: Teller) -> None:
        for target, content in CALLS:
            response = teller.post(target, content, headers={"Authorization": None})
            refused(response, 401, "signature_missing")
            assert response.headers["WWW-Authenticate"].startswith("BUREAU-HMAC-SHA256")

    def test_a_wrong_signature(self, teller: Teller) -> None:
        """A17: an event is left, and nothing else."""
        for target, content in CALLS:
            signer = teller.partner
            signer.secret = "0" * 64
            refused(teller.post(target, content, signer=signer), 401, "signature_wrong")
        assert list(SecurityEvent.objects.values_list("kind", flat=True)) == ["signature_wrong"] * len(CALLS)

    def test_an_expired_key(self, teller: Teller) -> None:
        old = Teller(teller.client, make_key(teller.client, 2, expires_at=DAY - timedelta(days=1)))
        for target, content in CALLS:
            refused(old.post(target, content), 401, "key_expired")

    def test_credentials_in_the_address(self, teller: Teller) -> None:
        for target, content in CALLS:
            refused(teller.post(f"{target}?token=abc", content), 400, "credentials_in_query")

    @pytest.mark.parametrize("late", [-400, 400])
    def test_an_old_call(self, teller: Teller, late: int) -> None:
        """A17: older than five minutes."""
        for target, content in CALLS:
            signer = teller.partner
            signer.skew += late
            refused(teller.post(target, content, signer=signer), 401, "timestamp_outside")

    def test_a_nonce_twice(self, teller: Teller) -> None:
        """A17: the same signed call by somebody who overheard it."""
        teller.get(f"{ORDERS_URL}/1", nonce="n" * 20)
        for target, content in CALLS:
            refused(teller.post(target, content, nonce="n" * 20), 401, "nonce_used")

    def test_a_missing_scope(self, teller: Teller) -> None:
        """A02: the body names it."""
        poor = make_teller(scopes=["applications"])
        for target, content in CALLS:
            body = refused(poor.post(target, content), 403, "scope_missing")
            assert ("status.read" if target == STATUS_URL else "orders") in body["message"]["en"]

    def test_too_fast(self, teller: Teller) -> None:
        """A16."""
        slow = make_teller(per_minute=1)
        slow.get(f"{ORDERS_URL}/1")
        for target, content in CALLS:
            response = slow.post(target, content)
            refused(response, 429, "too_many_calls")
            assert response.headers["Retry-After"] == "60"


class TestRepetition:
    """A03, A04."""

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            ("", "idempotency_key_required"),
            ("k" * 256, "idempotency_key_invalid"),
            ("a b", "idempotency_key_invalid"),
        ],
    )
    def test_the_key(self, teller: Teller, key: str, code: str) -> None:
        for target, content in MOVING:
            refused(teller.post(target, content, key), 400, code)


class TestReplays:
    """A04: the same call, and another one under its key, for each call that moves money."""

    @pytest.fixture
    def wechat(self, day: Day) -> Teller:
        return make_teller()

    def both(self, teller: Teller, target: str, content: dict[str, Any], other: dict[str, Any]) -> Any:
        """The answer, the same twice; another content is refused."""
        key = secrets.token_hex(8)
        first = teller.post(target, content, key)
        again = teller.post(target, content, key)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.headers.get("Location") == first.headers.get("Location")
        refused(teller.post(target, other, key), 422, "idempotency_mismatch")
        return first.json()

    def test_a_life(self, wechat: Teller) -> None:
        one, two = people(2)
        order = self.both(wechat, ORDERS_URL, order_of(one), order_of(two))
        here = f"{ORDERS_URL}/{order['order_no']}"
        pay = {**PAYMENT, "debited_at": DAY.isoformat()}
        paid = self.both(wechat, f"{here}/payment", pay, pay | {"channel_serial": "S2"})
        number = paid["lines"][0]["payment"]
        self.both(wechat, f"/api/v1/payments/{number}/reversal", {"reason": "a"}, {"reason": "b"})
        second = self.both(wechat, ORDERS_URL, order_of(two), order_of(one))
        there = f"{ORDERS_URL}/{second['order_no']}/cancellation"
        self.both(wechat, there, {"reason": "a"}, {"reason": "b"})
        counts = [model.objects.count() for model in (Order, Payment, Reversal, OrderDebit, Hold)]
        assert counts == [2, 1, 1, 1, 0]


BROKEN: tuple[tuple[bytes, str], ...] = (
    (b"", "json_unreadable"),
    (b"{", "json_unreadable"),
    (b"null", "json_not_object"),
    (b"[]", "json_not_object"),
    (b'{"amount": NaN}', "json_unreadable"),
    (b'{"amount": "1.00", "amount": "2.00"}', "json_key_twice"),
    (b"[" * 100_000, "json_too_deep"),
    (b'{"reason": "\xff"}', "json_unreadable"),
)


class TestBodies:
    """A05, A07, A08, A09."""

    @pytest.mark.parametrize(("body", "code"), BROKEN)
    def test_odd_json(self, teller: Teller, body: bytes, code: str) -> None:
        for target, _content in CALLS:
            refused(teller.raw("POST", target, body, "k" * 16), 400, code)

    def test_too_much(self, teller: Teller) -> None:
        for target, _content in CALLS:
            body = b" " * (views.SMALL + 1)
            refused(teller.raw("POST", target, body, "k" * 16), 413, "body_too_large")
            response = teller.raw("POST", target, b"{}", "k" * 16, CONTENT_LENGTH=str(50 * 2**20))
            refused(response, 413, "body_too_large")

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
    )
    def test_other_content_types(self, teller: Teller, kind: str) -> None:
        for target, content in CALLS:
            body = json.dumps(content).encode()
            refused(teller.raw("POST", target, body, "k" * 16, content_type=kind), 415, "content_type")

    def test_an_unknown_field(self, teller: Teller) -> None:
        for target, content in CALLS:
            body = refused(teller.post(target, content | {"approved": True}), 400, "fields_invalid")
            assert fields(body) == {"/approved": "unknown_field"}

    @pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\x1bb", "\u202eabc", "x" * 2**17])
    def test_odd_texts(self, teller: Teller, text: str) -> None:
        for target, content in CALLS:
            name = next((key for key in ("name", "channel_serial") if key in content), "reason")
            if target == ORDERS_URL:
                content = content | {"payer": {"name": text}}
                where = "/payer/name"
            else:
                content, where = content | {name: text}, f"/{name}"
            body = refused(teller.post(target, content), 400, "fields_invalid")
            assert set(fields(body)) == {where}

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "GET"])
    def test_other_methods(self, teller: Teller, method: str) -> None:
        """A13."""
        for target, _content in CALLS:
            refused(teller.raw(method, target), 405, "method_not_allowed")

    def test_a_method_in_disguise(self, teller: Teller) -> None:
        """A13."""
        for target, content in CALLS:
            response = teller.post(target, content, headers={"X-HTTP-Method-Override": "DELETE"})
            refused(response, 405, "method_not_allowed")

    @pytest.mark.parametrize(
        "query", ["ordering=person__id_number", "payer_name__startswith=a", "page=0", "page_size=1000000"]
    )
    def test_no_query(self, teller: Teller, query: str) -> None:
        """A11, A12: no call of a channel has pages or filters; what is not there is refused by name."""
        for target, content in CALLS:
            refused(teller.post(f"{target}?{query}", content), 400, "unknown_filter")


AMOUNTS: tuple[Any, ...] = (
    12.1,
    400,
    "1e3",
    "-400.00",
    "0.00",
    "0",
    "400",
    "400.0",
    "400.000",
    "９.００",
    " 400.00",
    "+1.00",
    "99999999999.00",
    "CNY 400.00",
    "400.00 USD",
    True,
    None,
    [],
    {},
    "NaN",
    "Infinity",
)


MOMENTS: tuple[Any, ...] = (
    "2026-02-30T10:00:00+08:00",
    "0000-00-00T00:00:00Z",
    "99999-01-01T00:00:00Z",
    "2024-10-10T10:00:00",
    "2024-10-10",
    "2024-10-10 10:00:00+08:00",
    "2024-10-10T25:00:00Z",
    "1728525600",
    1728525600,
    None,
    "0001-01-01T00:00:00+23:59",
)


class TestValues:
    """A06, A18: each value that merely resembles one."""

    def test_amounts(self, teller: Teller) -> None:
        for amount in AMOUNTS:
            body = refused(
                teller.post(f"{ORDERS_URL}/1/payment", PAYMENT | {"amount": amount}), 400, "fields_invalid"
            )
            assert list(fields(body)) == ["/amount"]

    def test_a_currency(self, teller: Teller) -> None:
        """Everything is yuan: another currency is a field that is not there."""
        body = refused(
            teller.post(f"{ORDERS_URL}/1/payment", PAYMENT | {"currency": "USD"}), 400, "fields_invalid"
        )
        assert fields(body) == {"/currency": "unknown_field"}

    def test_moments(self, teller: Teller) -> None:
        for moment in MOMENTS:
            body = refused(
                teller.post(f"{ORDERS_URL}/1/payment", PAYMENT | {"debited_at": moment}),
                400,
                "fields_invalid",
            )
            assert list(fields(body)) == ["/debited_at"]

    @pytest.mark.parametrize("year", ["2025", 2025.5, -1, 0, 99999, 2**70, None, True])
    def test_years(self, teller: Teller, year: Any) -> None:
        body = refused(teller.post(STATUS_URL, NOBODY | {"benefit_year": year}), 400, "fields_invalid")
        assert list(fields(body)) == ["/benefit_year"]

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"lines": []}, "/lines"),
            ({"lines": [NOBODY] * 51}, "/lines"),
            ({"lines": {}}, "/lines"),
            ({"lines": [NOBODY, 7]}, "/lines/1"),
            ({"card_type": "GOLD"}, "/card_type"),
            ({"card_type": None}, "/card_type"),
            ({"payer": "张三"}, "/payer"),
            ({"payer": {}}, "/payer/name"),
            ({"channel": "PIGEON"}, "/channel"),
            ({"consent": ["EVERYTHING"]}, "/consent/0"),
            ({"consent": True}, "/consent"),
        ],
    )
    def test_orders(self, teller: Teller, change: dict[str, Any], where: str) -> None:
        body = refused(teller.post(ORDERS_URL, ORDER | change), 400, "fields_invalid")
        assert list(fields(body)) == [where]


class TestAddresses:
    """A01, A10, A19."""

    @pytest.mark.parametrize(
        "number", ["9" * 40, "abc", "1%0a", "１", "a" * 2000, "%2e%2e", "-1", "9223372036854775808"]
    )
    @pytest.mark.parametrize("rest", ["", "/payment", "/cancellation"])
    def test_orders_that_are_not_there(self, teller: Teller, number: str, rest: str) -> None:
        """A10: 404, never 500."""
        target = f"{ORDERS_URL}/{number}{rest}"
        response = teller.post(target, PAYMENT if rest == "/payment" else {}) if rest else teller.get(target)
        assert response.status_code == 404
        assert response.json()["code"] in ("ORDER_UNKNOWN", "not_found")

    @pytest.mark.parametrize(
        "number", ["9" * 40, "abc", "1%0a", "１", "-1", "9223372036854775808", "0", "1.5"]
    )
    def test_payments_that_are_not_there(self, teller: Teller, number: str) -> None:
        response = teller.post(f"/api/v1/payments/{number}/reversal", {})
        assert response.status_code == 404

    @pytest.mark.parametrize(
        "target", [f"{ORDERS_URL}/%00", f"{ORDERS_URL}/%00/payment", "/api/v1/payments/%00/reversal"]
    )
    def test_a_nul(self, teller: Teller, target: str) -> None:
        refused(teller.post(target, {}), 400, "bad_request")

    def test_another_host(self, teller: Teller) -> None:
        """A19."""
        assert Client().get(f"{ORDERS_URL}/1", headers={"Host": "evil.example"}).status_code == 400

    def test_a_spoofed_address(self, teller: Teller) -> None:
        """A19: what a caller says of its own address counts only from a proxy of ours."""
        fenced = make_teller(networks=["203.0.113.0/24"])
        response = fenced.get(f"{ORDERS_URL}/1", headers={"X-Forwarded-For": "203.0.113.5"})
        refused(response, 401, "network_refused")
        assert SecurityEvent.objects.get().address == "127.0.0.1"

    def test_many_wrong_signatures(self, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
        """A16: 429 from then on; who signs well from the same place goes on."""
        monkeypatch.setattr(gate, "REFUSALS_A_MINUTE", 3)
        bad = Partner("", teller.key.key_id, "0" * 64, skew=teller.partner.skew)
        statuses = [teller.post(ORDERS_URL, ORDER, signer=bad).status_code for _nth in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert teller.get(f"{ORDERS_URL}/1").status_code == 404

    def test_no_number_of_a_person_in_an_address(self, teller: Teller) -> None:
        """Whom a call is about stands in its body: no address of the interface has a place for it."""
        paths = Client().get("/api/v1/schema").json()["paths"]
        names = {
            parameter["name"]
            for path in paths.values()
            for call in path.values()
            for parameter in call.get("parameters", [])
        }
        assert names <= {"number", "Idempotency-Key", "If-Match"}
        assert STATUS_URL in paths

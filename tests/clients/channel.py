"""The reference client of a channel: what a machine that takes money writes from docs/partners.md, its own books beside it.

A channel never tells a payment twice under two serials, tells every debit until it is answered, and answers the bureau's
question what became of an order from its own books.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.clients.partner import Partner, Reply

TRIES = 50


@dataclass
class Debit:
    """Money that the channel took from a payer."""

    order_no: str
    serial: str
    amount: str
    debited_at: str


@dataclass
class ChannelClient:
    """A channel with its key and its books; ``moment`` is its clock, ``drops`` says which answers get lost on the way."""

    partner: Partner
    name: str
    moment: Any = field(default=lambda: datetime.now(UTC))
    taken: dict[str, Debit] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def send(self, target: str, content: dict[str, Any], repeat_key: str = "") -> Reply:
        """A call, repeated under its Idempotency-Key until it is answered."""
        key = repeat_key or secrets.token_hex(12)
        for _attempt in range(TRIES):
            reply = self.partner.call("POST", target, content, key)
            if reply.status == 503 or (reply.status == 409 and reply.json["code"] == "idempotency_in_flight"):
                time.sleep(0.05)
                continue
            return reply
        return reply

    def status(self, insured: dict[str, Any]) -> Reply:
        """How a person's year stands."""
        return self.partner.call("POST", "/api/v1/status-queries", insured)

    def order(
        self, lines: list[dict[str, Any]], payer: str = "张三", card: str = "DEBIT", **more: Any
    ) -> Reply:
        """Open an order; where cover begins later, the payer is told and agrees."""
        content = {"card_type": card, "payer": {"name": payer}, "lines": lines} | more
        reply = self.send("/api/v1/orders", content)
        if reply.status == 422 and reply.json["code"] == "LATE_WAIT" and reply.json["details"]["start"]:
            reply = self.send("/api/v1/orders", content | {"consent": ["LATE_WAIT"]})
        return reply

    def debit(self, order: dict[str, Any], amount: str = "") -> Debit:
        """Take the payer's money; the bureau does not know yet. A closed order takes none."""
        if order["order_no"] in self.closed:
            raise LookupError(order["order_no"])
        made = Debit(
            order["order_no"],
            f"{self.name}-{secrets.token_hex(8)}",
            amount or order["amount"],
            self.moment().isoformat(),
        )
        self.taken[made.order_no] = made
        return made

    def tell(self, debit: Debit, repeat_key: str = "") -> Reply:
        """Tell the bureau of a debit."""
        content = {"channel_serial": debit.serial, "amount": debit.amount, "debited_at": debit.debited_at}
        return self.send(f"/api/v1/orders/{debit.order_no}/payment", content, repeat_key)

    def pay(self, lines: list[dict[str, Any]], **more: Any) -> Reply:
        """What a payer does in the app: order, debit, tell."""
        reply = self.order(lines, **more)
        return reply if reply.status != 201 else self.tell(self.debit(reply.json))

    def cancel(self, order: dict[str, Any]) -> Reply:
        """The payer gave up; an order that the bureau is asking about is read first."""
        target = f"/api/v1/orders/{order['order_no']}"
        reply = self.send(f"{target}/cancellation", {})
        if reply.status == 428:
            reply = self.partner.call("GET", target)
        return reply

    def reverse(self, payment: str) -> Reply:
        """Give the money of a payment back on the same day."""
        return self.send(f"/api/v1/payments/{payment}/reversal", {"reason": "错缴"})

    def asked(self, order_no: str) -> dict[str, Any]:
        """What the channel says when the bureau asks: an order that was not paid is closed with the answer."""
        debit = self.taken.get(order_no)
        if debit is None:
            self.closed.add(order_no)
            return {"state": "UNPAID"}
        return {
            "state": "PAID",
            "channel_serial": debit.serial,
            "amount": debit.amount,
            "debited_at": debit.debited_at,
        }


class StatusAddress:
    """The status address of a channel, on a port of its own; it refuses calls that the bureau did not sign."""

    def __init__(self, client: ChannelClient, key: str, secret: str) -> None:
        outer = self
        self.client, self.key, self.secret = client, key, secret
        self.calls: list[str] = []
        self.answer: Any = None

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """The bureau's question."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, said = outer._reply(self.path, body, self.headers["Authorization"])
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/status"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> StatusAddress:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _reply(self, path: str, body: bytes, header: str) -> tuple[int, bytes]:
        parts = dict(one.strip().split("=", 1) for one in header.split(" ", 1)[1].split(","))
        digest = hashlib.sha256(body).hexdigest()
        lines = ["BUREAU-HMAC-SHA256", "POST", path, "", digest, parts["Timestamp"], parts["Nonce"], ""]
        good = hmac.new(self.secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        if (parts["Key"], parts["Signature"]) != (self.key, good):
            return 401, b"{}"
        asked = json.loads(body)
        self.calls.append(asked["order_no"])
        if self.answer is not None:
            status, said = self.answer
            return status, said
        return 200, json.dumps(self.client.asked(asked["order_no"])).encode()

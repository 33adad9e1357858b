"""The description of the interface against the interface itself: schemathesis plays every call, with all of its checks.

SCHEMA_EXAMPLES cases a call and kind of data (default 6; hundreds by hand). Calls are signed as the reference client
signs. What fits the description may be refused by its content (422) or by the state (403, 404, 409, 412, 428), never as
malformed (400); what does not fit is refused.
"""

import io
import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from bureau import partners
from tests.bureau.partner_world import Caller, make_caller

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "6"))
SIGN = "sign-this-call"
REFUSED_BY_CONTENT = ["2xx", "403", "404", "409", "412", "422", "428"]
CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": REFUSED_BY_CONTENT},
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "404", "405", "412", "413", "415", "422", "428"]
        },
        "missing_required_header": {"expected-statuses": ["400"]},
    }
}
Start = Callable[..., Any]


class Signing:
    """The bureau behind a partner's machine: calls that ask for it are signed on their way."""

    def __init__(self, caller: Caller) -> None:
        self.caller, self.app = caller, get_wsgi_application()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Sign, and pass on."""
        if environ.get("HTTP_AUTHORIZATION") == SIGN:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            body = environ["wsgi.input"].read(length)
            environ["wsgi.input"] = io.BytesIO(body)
            target = _target(environ)
            key = environ.get("HTTP_IDEMPOTENCY_KEY", "")
            signed = self.caller.partner.headers(environ["REQUEST_METHOD"], target, body, key)
            environ["HTTP_AUTHORIZATION"] = signed["Authorization"]
        return self.app(environ, start)


def _target(environ: dict[str, Any]) -> str:
    """The address that was called, encoded once more."""
    path = environ["PATH_INFO"].encode("latin-1", "surrogateescape")
    coded = "".join(
        chr(one) if (chr(one).isalnum() and one < 128) or chr(one) in "/-._~" else f"%{one:02X}"
        for one in path
    )
    return f"{coded}?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else coded


@pytest.fixture
def schema(committed: None, tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The description, read from the running application, with a partner that may make every call; calls that nobody signed are
    refused for what they are, not for their number.
    """
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("bureau.gate.REFUSALS_A_MINUTE", 1_000_000)
    caller = make_caller(scopes=sorted(partners.known_scopes()), per_minute=100_000)
    config = schemathesis.Config.from_dict(CONFIG)
    return schemathesis.openapi.from_wsgi("/api/v1/schema", Signing(caller), config=config)


CALLS = [
    "POST /api/v1/enrolment-applications",
    "GET /api/v1/enrolment-applications/{number}",
    "POST /api/v1/enrolment-applications/{number}/resubmission",
    "POST /api/v1/entitlements",
    "POST /api/v1/quotes",
    "POST /api/v1/status-queries",
    "POST /api/v1/orders",
    "GET /api/v1/orders/{number}",
    "POST /api/v1/orders/{number}/payment",
    "POST /api/v1/orders/{number}/cancellation",
    "POST /api/v1/payments/{number}/reversal",
    "GET /api/v1/payments/{number}/voucher",
    "POST /api/v1/refund-applications",
    "GET /api/v1/refund-applications/{number}",
]


def operations(schema: Any) -> dict[str, Any]:
    """Every call of the description by method and path."""
    found = (result.ok() for result in schema.get_all_operations())
    return {f"{one.method.upper()} {one.path}": one for one in found}


def test_every_call_is_played(schema: Any) -> None:
    """A call that is described and not listed here would be played by nobody."""
    assert set(operations(schema)) == set(CALLS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "odd"])
@pytest.mark.parametrize("name", CALLS)
def test_the_description_holds(schema: Any, name: str, mode: Any) -> None:
    """All checks: no 500, statuses and bodies as described, methods, headers, authentication, data taken and refused."""
    operation = operations(schema)[name]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def play(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": SIGN})

    play()

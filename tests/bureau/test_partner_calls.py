"""The partners' door, row by row of the catalogue of bad calls (design: reliability 4c): the answer, and never a 500."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from bureau import gate, idempotency, tasks
from bureau.api import views
from bureau.models import ApiAnswer, ApiNonce, ApiRate, SecurityEvent
from enrollment.models import EnrolmentApplication
from enrollment.services import applications
from tests.bureau.partner_world import APPLICATIONS, Caller, make_caller, make_client, make_key
from tests.clients.partner import Partner
from tests.enrollment.forms import form, photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def caller() -> Caller:
    """A partner with a live key."""
    return make_caller()


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem, which must be one, in both languages, and leave nothing behind."""
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:bureau:problem:{code}"
    for part in (body["message"], body["action"]):
        assert part["zh"]
        assert part["en"].isascii()
        assert not part["zh"].isascii()
    assert not EnrolmentApplication.objects.exists()
    return body


def pointers(response: Any) -> dict[str, str]:
    """Which field has which fault."""
    return {one["pointer"]: one["code"] for one in response.json()["errors"]}


def events() -> list[str]:
    """The security events so far."""
    return list(SecurityEvent.objects.order_by("id").values_list("kind", flat=True))


class TestWhoCalls:
    """A01, A02, A16, A17, A19."""

    def test_a_signed_call_is_let_in(self, caller: Caller) -> None:
        assert caller.post(APPLICATIONS, form()).status_code == 201
        assert events() == []

    @pytest.mark.parametrize(
        "header", [None, "", "Bearer abc", "BUREAU-HMAC-SHA256 Key=x", "BUREAU-HMAC-SHA256 " + "a" * 500]
    )
    def test_no_or_odd_signature(self, caller: Caller, header: str | None) -> None:
        response = caller.post(APPLICATIONS, form(), headers={"Authorization": header})
        problem(response, 401, "signature_missing")
        assert response.headers["WWW-Authenticate"] == "BUREAU-HMAC-SHA256"
        assert events() == ["signature_missing"]

    def test_a_wrong_secret(self, caller: Caller) -> None:
        response = caller.get(f"{APPLICATIONS}/1", signer=Partner("", caller.key.key_id, "0" * 64))
        problem(response, 401, "signature_wrong")
        event = SecurityEvent.objects.get()
        assert (event.client, event.key_id, event.path) == (
            caller.client,
            caller.key.key_id,
            f"{APPLICATIONS}/1",
        )

    def test_a_changed_body_path_query_or_key(self, caller: Caller) -> None:
        """Everything that is signed is proven."""
        body = json.dumps(form()).encode()
        headers = caller.partner.headers("POST", APPLICATIONS, body, "k" * 16)
        calls = [
            (APPLICATIONS, body + b" ", "k" * 16),
            (APPLICATIONS, body, "l" * 16),
            ("/api/v1/quotes", body, "k" * 16),
            (f"{APPLICATIONS}?a=1", body, "k" * 16),
        ]
        for target, content, key in calls:
            sent = headers | {"Idempotency-Key": key}
            response = caller.django.generic(
                "POST", target, content, content_type="application/json", headers=sent
            )
            problem(response, 401, "signature_wrong")

    def test_an_unknown_revoked_or_closed_key(self, caller: Caller) -> None:
        problem(
            caller.get(f"{APPLICATIONS}/1", signer=Partner("", "bk_unknown1", "0" * 64)), 401, "key_unknown"
        )
        now = datetime.now(UTC)
        gone = make_key(
            caller.client, 2, revoked_at=now, revoked_by=caller.client.made_by, revoke_reason="lost"
        )
        problem(Caller(caller.client, gone).get(f"{APPLICATIONS}/1"), 401, "key_unknown")
        caller.client.active = False
        caller.client.save()
        problem(caller.get(f"{APPLICATIONS}/1"), 401, "key_unknown")

    def test_an_expired_key(self, caller: Caller) -> None:
        old = make_key(caller.client, 2, expires_at=datetime.now(UTC) - timedelta(seconds=1))
        problem(Caller(caller.client, old).get(f"{APPLICATIONS}/1"), 401, "key_expired")

    def test_two_keys_live_at_once(self, caller: Caller) -> None:
        second = Caller(caller.client, make_key(caller.client, 2))
        number = caller.post(APPLICATIONS, form()).json()["number"]
        assert second.get(f"{APPLICATIONS}/{number}").status_code == 200

    @pytest.mark.parametrize("skew", [-301, 301, -(10**8)])
    def test_a_time_outside_the_window(self, caller: Caller, skew: int) -> None:
        signer = caller.partner
        signer.skew = skew
        problem(caller.get(f"{APPLICATIONS}/1", signer=signer), 401, "timestamp_outside")
        assert events() == ["timestamp_outside"]

    def test_a_nonce_is_used_once(self, caller: Caller) -> None:
        assert caller.get(f"{APPLICATIONS}/1", nonce="n" * 16).status_code == 404
        problem(caller.get(f"{APPLICATIONS}/1", nonce="n" * 16), 401, "nonce_used")
        assert events() == ["nonce_used"]
        other = make_caller()
        assert other.get(f"{APPLICATIONS}/1", nonce="n" * 16).status_code == 404

    @pytest.mark.parametrize("name", ["token", "access_token", "signature", "API_KEY", "key"])
    def test_credentials_in_the_address(self, caller: Caller, name: str) -> None:
        problem(Client().get(f"{APPLICATIONS}/1?{name}=abc"), 400, "credentials_in_query")

    def test_another_partners_application_does_not_exist(self, caller: Caller) -> None:
        number = caller.post(APPLICATIONS, form()).json()["number"]
        stranger = make_caller()
        response = stranger.get(f"{APPLICATIONS}/{number}")
        assert (response.status_code, response.json()["code"]) == (404, "APPLICATION_UNKNOWN")
        assert caller.get(f"{APPLICATIONS}/{number}").status_code == 200

    def test_a_missing_scope_is_named(self) -> None:
        caller = make_caller(scopes=["quotes.read"])
        body = problem(caller.post(APPLICATIONS, form()), 403, "scope_missing")
        assert "applications" in body["message"]["en"]
        assert events() == ["scope_missing"]

    def test_another_region(self, caller: Caller) -> None:
        response = caller.post(APPLICATIONS, form(region="110000"))
        assert problem(response, 403, "region_not_yours")["errors"][0]["pointer"] == "/region"

    def test_regions_include_what_lies_below(self) -> None:
        caller = make_caller(regions=("450000",))
        assert caller.post(APPLICATIONS, form()).status_code == 201

    def test_only_from_agreed_networks(self, caller: Caller, settings: Any) -> None:
        """A19: a forged X-Forwarded-For counts only where it comes from a server of ours."""
        caller.client.networks = ["203.0.113.0/24"]
        caller.client.save()
        forged = {"X-Forwarded-For": "203.0.113.9"}
        problem(caller.get(f"{APPLICATIONS}/1"), 401, "network_refused")
        problem(caller.get(f"{APPLICATIONS}/1", headers=forged), 401, "network_refused")
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        assert caller.get(f"{APPLICATIONS}/1", headers=forged).status_code == 404
        for chain in ("203.0.113.9, 198.51.100.1", "203.0.113.9, rubbish", "rubbish"):
            response = caller.get(f"{APPLICATIONS}/1", headers={"X-Forwarded-For": chain})
            problem(response, 401, "network_refused")

    def test_a_strange_host(self, caller: Caller) -> None:
        problem(caller.get(f"{APPLICATIONS}/1", headers={"Host": "evil.example"}), 400, "bad_request")

    def test_too_fast(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        """The limit is the partner's own, counted in the database; one event a minute tells of it."""
        moment = datetime.now(UTC).replace(second=1)
        monkeypatch.setattr("bureau.clock.now", lambda: moment)
        caller.client.per_minute = 2
        caller.client.save()
        answers = [caller.get(f"{APPLICATIONS}/1") for _nth in range(5)]
        assert [answer.status_code for answer in answers] == [404, 404, 429, 429, 429]
        problem(answers[-1], 429, "too_many_calls")
        assert answers[-1].headers["Retry-After"] == "60"
        assert events() == ["too_many_calls"]
        moment += timedelta(minutes=1)
        assert caller.get(f"{APPLICATIONS}/1").status_code == 404

    def test_many_wrong_signatures(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        """A16: from then on 429 and no further events; who signs well from the same place is not locked out."""
        moment = datetime.now(UTC).replace(second=1)
        monkeypatch.setattr("bureau.clock.now", lambda: moment)
        monkeypatch.setattr(gate, "REFUSALS_A_MINUTE", 3)
        bad = Partner("", caller.key.key_id, "0" * 64)
        statuses = [caller.get(f"{APPLICATIONS}/1", signer=bad).status_code for _nth in range(6)]
        assert statuses == [401, 401, 401, 429, 429, 429]
        assert len(events()) == 3
        assert caller.get(f"{APPLICATIONS}/1").status_code == 404

    def test_traces_are_forgotten(self, caller: Caller) -> None:
        caller.post(APPLICATIONS, form())
        tasks.forget_calls()
        assert (ApiNonce.objects.count(), ApiRate.objects.count(), ApiAnswer.objects.count()) == (1, 1, 1)
        later = datetime.now(UTC) + timedelta(days=91)
        assert gate.forget(at=later, answers_kept=idempotency.KEPT_FOR) == 3


class TestRepetition:
    """A03, A04, X34 to X36."""

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            ("", "idempotency_key_required"),
            ("k" * 256, "idempotency_key_invalid"),
            ("a b", "idempotency_key_invalid"),
            ("ключ", "idempotency_key_invalid"),
        ],
    )
    def test_the_key(self, caller: Caller, key: str, code: str) -> None:
        wire = key.encode().decode("latin-1")
        problem(caller.post(APPLICATIONS, form(), wire), 400, code)

    def test_the_same_call_gets_the_same_answer(self, caller: Caller) -> None:
        content = form()
        first = caller.post(APPLICATIONS, content, "once")
        again = caller.post(APPLICATIONS, content, "once")
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        for name in ("Location", "Content-Type"):
            assert first.headers[name] == again.headers[name]
        assert (first.status_code, first.content) == (again.status_code, again.content)
        assert EnrolmentApplication.objects.count() == 1
        assert first.headers["Location"] == f"{APPLICATIONS}/{first.json()['number']}"

    def test_another_body_or_address(self, caller: Caller) -> None:
        number = caller.post(APPLICATIONS, form(), "once").json()["number"]
        for target in (APPLICATIONS, f"{APPLICATIONS}/{number}/resubmission"):
            response = caller.post(target, form(), "once")
            assert (response.status_code, response.json()["code"]) == (422, "idempotency_mismatch")
        assert EnrolmentApplication.objects.count() == 1

    def test_keys_belong_to_the_partner(self, caller: Caller) -> None:
        assert caller.post(APPLICATIONS, form(), "once").status_code == 201
        assert make_caller().post(APPLICATIONS, form(), "once").status_code == 201

    def test_a_refusal_may_be_repeated(self, caller: Caller) -> None:
        """It left nothing, so the same call is judged anew."""
        content = form(pictures=[])
        assert caller.post(APPLICATIONS, content, "once").json()["code"] == "APPLICATION_PICTURES"
        assert not ApiAnswer.objects.exists()
        assert caller.post(APPLICATIONS, form(), "once").status_code == 201

    def test_an_effect_without_its_answer_does_not_exist(
        self, caller: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """X36: whatever breaks before the answer is stored takes the effect with it."""

        def broken(_body: Any) -> str:
            raise OperationalError("server closed the connection")

        content = form()
        monkeypatch.setattr(views, "written", broken)
        response = caller.post(APPLICATIONS, content, "once")
        problem(response, 503, "try_again")
        assert response.headers["Retry-After"] == "1"
        monkeypatch.undo()
        assert caller.post(APPLICATIONS, content, "once").status_code == 201

    @pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override"])
    def test_no_other_method_in_disguise(self, caller: Caller, name: str) -> None:
        problem(caller.post(APPLICATIONS, form(), headers={name: "DELETE"}), 405, "method_not_allowed")


class TestBodies:
    """A05 to A09, A18."""

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "json_unreadable"),
            (b"{", "json_unreadable"),
            (b"{'a': 1}", "json_unreadable"),
            (b'{"a": NaN}', "json_unreadable"),
            (b'{"a": Infinity}', "json_unreadable"),
            (b'{"a": 1e99999999999999999999}', "json_unreadable"),
            (b'{"a": ' + b"9" * 5000 + b"}", "json_unreadable"),
            (b'{"name": "\xff\xfe"}', "json_unreadable"),
            ("\ufeff{}".encode(), "json_unreadable"),
            ('{"name": "张三"}'.encode("gb18030"), "json_unreadable"),
            ('{"name": "张三"}'.encode("utf-16"), "json_unreadable"),
            (b"null", "json_not_object"),
            (b"[]", "json_not_object"),
            (b'"x"', "json_not_object"),
            (b'{"name": "a", "name": "b"}', "json_key_twice"),
            (b'{"household": {"town": "a", "town": "b"}}', "json_key_twice"),
            (b'{"a\\u0000b": 1}', "json_key_odd"),
            (b'{"\\ud800": 1}', "json_key_odd"),
            (b'{"": 1}', "json_key_odd"),
            (b"[" * 100_000, "json_too_deep"),
            (b'{"a":' * 17 + b"1" + b"}" * 17, "json_too_deep"),
            (b'{"a": [' + b"[]," * 30_000 + b"[]]}", "json_too_deep"),
        ],
    )
    def test_odd_json(self, caller: Caller, body: bytes, code: str) -> None:
        problem(caller.raw("POST", APPLICATIONS, body, "k" * 16), 400, code)

    def test_too_much(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        problem(caller.raw("POST", "/api/v1/quotes", b" " * (views.SMALL + 1)), 413, "body_too_large")
        response = caller.raw("POST", APPLICATIONS, b"{}", "k" * 16, CONTENT_LENGTH=str(50 * 2**20))
        problem(response, 413, "body_too_large")

    @pytest.mark.parametrize(
        "kind",
        [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=gb18030",
            "",
        ],
    )
    def test_other_content_types(self, caller: Caller, kind: str) -> None:
        body = json.dumps(form()).encode()
        problem(caller.raw("POST", APPLICATIONS, body, "k" * 16, content_type=kind), 415, "content_type")

    def test_every_wrong_field_is_named(self, caller: Caller) -> None:
        content = form(
            approved=True,
            name="",
            phone="1" * 21,
            household={"town": "a\x00b", "village": "\ud800", "address": "x" * 10**6, "state": "ACCEPTED"},
            pictures=[photo(), {"kind": "PORTRAIT", "content": "?"}, 7],
        )
        response = caller.post(APPLICATIONS, content)
        problem(response, 400, "fields_invalid")
        assert pointers(response) == {
            "/approved": "unknown_field",
            "/name": "blank",
            "/phone": "max_length",
            "/household/town": "characters",
            "/household/village": "characters",
            "/household/address": "max_length",
            "/household/state": "unknown_field",
            "/pictures/1/kind": "invalid_choice",
            "/pictures/1/content": "not_base64",
            "/pictures/2": "not_object",
        }

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("name", 5, "not_text"),
            ("name", True, "not_text"),
            ("name", None, "null"),
            ("name", ["张三"], "not_text"),
            ("name", "张\u202e三", "characters"),
            ("region", 450800, "not_text"),
            ("region", "45080", "invalid"),
            ("region", "450800\n", "characters"),
            ("region", "４５０８００", "invalid"),
            ("id_type", 1, "invalid_choice"),
            ("id_type", ["01"], "invalid_choice"),
            ("id_type", {}, "invalid_choice"),
            ("birth_date", "2026-02-30", "not_day"),
            ("birth_date", "0000-00-00", "not_day"),
            ("birth_date", "99999-01-01", "not_day"),
            ("birth_date", "2025-01-01T00:00:00", "not_day"),
            ("birth_date", 20250101, "not_day"),
            ("birth_date", "２０２５-01-01", "not_day"),
            ("pictures", {}, "not_a_list"),
            ("pictures", [], ""),
            ("household", [], "not_object"),
            ("guardian", "x", "not_object"),
        ],
    )
    def test_one_type_for_each_field(self, caller: Caller, field: str, value: Any, code: str) -> None:
        """What merely resembles the described type is refused."""
        content = form()
        content[field] = value
        response = caller.post(APPLICATIONS, content)
        if code:
            problem(response, 400, "fields_invalid")
            assert set(pointers(response).values()) == {code}
        else:
            problem(response, 422, "APPLICATION_PICTURES")

    @pytest.mark.parametrize("value", [12.1, "1", True, -1, 2**70, None])
    def test_whole_numbers(self, caller: Caller, value: Any) -> None:
        content = {
            "id_type": "01",
            "id_number": "x",
            "name": "x",
            "benefit_year": value,
            "pay_date": "2025-01-01",
        }
        response = caller.post("/api/v1/quotes", content)
        problem(response, 400, "fields_invalid")
        assert list(pointers(response)) == ["/benefit_year"]


class TestAddresses:
    """A10 to A13."""

    @pytest.mark.parametrize("number", ["9" * 40, "abc", "..", "%2e%2e", "1%0a", "１", "a" * 2000])
    def test_odd_numbers_find_nothing(self, caller: Caller, number: str) -> None:
        assert caller.get(f"{APPLICATIONS}/{number}").status_code == 404

    def test_a_nul_is_refused(self, caller: Caller) -> None:
        problem(caller.get(f"{APPLICATIONS}/%00"), 400, "bad_request")
        problem(caller.get(f"{APPLICATIONS}/1?a=%00"), 400, "bad_request")

    def test_an_address_that_is_not_there(self, caller: Caller) -> None:
        problem(caller.get("/api/v1/nothing"), 404, "not_found")
        problem(caller.get("/api/v2/"), 404, "not_found")

    @pytest.mark.parametrize(
        "query", ["page=0", "ordering=id_number", "id_number__startswith=1101", "a=1&a=2"]
    )
    def test_no_query_but_what_is_described(self, caller: Caller, query: str) -> None:
        problem(caller.get(f"{APPLICATIONS}/1?{query}"), 400, "unknown_filter")

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "GET"])
    def test_other_methods(self, caller: Caller, method: str) -> None:
        problem(caller.raw(method, APPLICATIONS), 405, "method_not_allowed")

    def test_an_error_of_ours_is_a_problem_too(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        """The page of the desk has no place here; no trace of what broke is told."""

        def broken(**_values: Any) -> Any:
            raise ZeroDivisionError("secret of ours")

        monkeypatch.setattr(applications, "of_client", broken)
        caller.django.raise_request_exception = False
        body = problem(caller.get(f"{APPLICATIONS}/1"), 500, "internal_error")
        assert "secret" not in str(body)

    def test_nothing_is_cached(self, caller: Caller) -> None:
        number = caller.post(APPLICATIONS, form()).json()["number"]
        assert caller.get(f"{APPLICATIONS}/{number}").headers["Cache-Control"] == "no-store"

    def test_a_log_in_of_the_desk_opens_nothing(self, caller: Caller) -> None:
        client = Client()
        client.force_login(caller.client.made_by)
        assert client.get(f"{APPLICATIONS}/1").status_code == 401

    def test_the_description_is_open(self) -> None:
        response = Client().get("/api/v1/schema")
        assert response.status_code == 200
        found = response.json()
        assert found["openapi"].startswith("3.")
        assert APPLICATIONS in found["paths"]
        assert [one["name"] for one in found["paths"][APPLICATIONS]["post"]["parameters"]] == [
            "Idempotency-Key"
        ]


def test_partners_without_networks_call_from_anywhere() -> None:
    assert make_client().networks == []

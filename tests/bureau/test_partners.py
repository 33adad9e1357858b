"""Partners and their keys: a second administrator, a secret shown once, two keys at a time, rights that widen wait."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bureau import access, partners, proposals, signing
from bureau.models import ApiClient, ApiKey, Proposal, SecurityEvent, User
from enrollment.api import APPLY, ENTITLE, QUOTE
from tests.builders import GUIGANG
from tests.bureau.partner_world import make_caller, make_client, make_key
from tests.clients.partner import Partner

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]
NOW = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def admins(staff: Staff) -> tuple[User, User]:
    """Two of them."""
    return staff("sysadmin"), staff("sysadmin")


def create(by: User, **fields: Any) -> ApiClient:
    values: dict[str, Any] = {
        "code": "ccb",
        "name": "建设银行",
        "scopes": [APPLY],
        "region_ids": [GUIGANG],
        "networks": [],
        "per_minute": 60,
    }
    return partners.create_client(**(values | fields), by=by, at=NOW)


def change(client: ApiClient, by: User, **fields: Any) -> Proposal | None:
    values: dict[str, Any] = {
        "name": client.name,
        "scopes": client.scopes,
        "region_ids": list(client.regions.values_list("code", flat=True)),
        "networks": client.networks,
        "per_minute": client.per_minute,
        "active": client.active,
    }
    return partners.change_client(client_id=client.pk, **(values | fields), by=by, at=NOW)


def issue(client: ApiClient, maker: User, approver: User, at: datetime = NOW) -> ApiKey:
    asked = partners.propose_key(client_id=client.pk, by=maker, at=at)
    proposals.review(proposal_id=asked.pk, approve=True, reason="", by=approver, at=at)
    return client.keys.latest("id")


class TestKeys:
    """Issue, show, rotate, revoke (design: reliability U05, H25)."""

    def test_a_key_needs_a_second_administrator(self, admins: tuple[User, User]) -> None:
        maker, other = admins
        client = create(maker)
        asked = partners.propose_key(client_id=client.pk, by=maker, at=NOW)
        with pytest.raises(proposals.SecondPersonNeeded):
            proposals.review(proposal_id=asked.pk, approve=True, reason="", by=maker, at=NOW)
        assert not client.keys.exists()
        proposals.review(proposal_id=asked.pk, approve=True, reason="", by=other, at=NOW)
        key = client.keys.get()
        assert (key.issued_by, key.approved_by, key.expires_at) == (maker, other, NOW + partners.KEY_LIVES)

    def test_the_secret_is_shown_once_to_who_asked(self, admins: tuple[User, User]) -> None:
        maker, other = admins
        key = issue(create(maker), maker, other)
        with pytest.raises(partners.SecretNotYours):
            partners.secret_once(key_id=key.pk, by=other, at=NOW)
        found, secret = partners.secret_once(key_id=key.pk, by=maker, at=NOW)
        assert secret == signing.secret_of(settings.PARTNER_MASTER_SECRET, found.key_id)
        assert len(secret) == 64
        with pytest.raises(partners.SecretShown):
            partners.secret_once(key_id=key.pk, by=maker, at=NOW)

    def test_the_secret_is_stored_nowhere(self, admins: tuple[User, User]) -> None:
        maker, other = admins
        key = issue(create(maker), maker, other)
        secret = partners.secret_once(key_id=key.pk, by=maker, at=NOW)[1]
        key.refresh_from_db()
        rows = [str(vars(one)) for one in (key, *SecurityEvent.objects.all(), *Proposal.objects.all())]
        assert not [row for row in rows if secret in row]

    def test_two_at_a_time(self, admins: tuple[User, User]) -> None:
        """Rotation: the new one beside the old one, then the old one goes."""
        maker, other = admins
        client = create(maker)
        first, second = issue(client, maker, other), issue(client, maker, other)
        assert {first.slot, second.slot} == {1, 2}
        with pytest.raises(partners.TwoKeysLive):
            partners.propose_key(client_id=client.pk, by=maker, at=NOW)
        partners.revoke_key(key_id=first.pk, reason="rotated", by=other, at=NOW)
        assert issue(client, maker, other).slot == first.slot
        with pytest.raises(partners.KeyRevoked):
            partners.revoke_key(key_id=first.pk, reason="again", by=other, at=NOW)

    def test_what_has_run_out_makes_room(self, admins: tuple[User, User]) -> None:
        maker, other = admins
        client = create(maker)
        old = [issue(client, maker, other), issue(client, maker, other)]
        later = NOW + partners.KEY_LIVES + timedelta(days=1)
        fresh = issue(client, maker, other, later)
        assert fresh.slot == 1
        assert {key.revoke_reason for key in ApiKey.objects.filter(pk__in=[one.pk for one in old])} == {
            "expired"
        }

    def test_what_happens_to_keys_is_a_security_event(self, admins: tuple[User, User]) -> None:
        maker, other = admins
        key = issue(create(maker), maker, other)
        partners.secret_once(key_id=key.pk, by=maker, at=NOW)
        partners.revoke_key(key_id=key.pk, reason="lost", by=maker, at=NOW)
        assert list(SecurityEvent.objects.order_by("id").values_list("kind", "key_id")) == [
            ("key_issued", key.key_id),
            ("key_shown", key.key_id),
            ("key_revoked", key.key_id),
        ]

    def test_one_thing_at_a_time(self, admins: tuple[User, User]) -> None:
        maker, _other = admins
        client = create(maker)
        partners.propose_key(client_id=client.pk, by=maker, at=NOW)
        with pytest.raises(partners.PartnerWaits):
            partners.propose_key(client_id=client.pk, by=maker, at=NOW)

    def test_a_closed_partner_gets_none(self, admins: tuple[User, User]) -> None:
        maker, other = admins
        client = create(maker)
        asked = partners.propose_key(client_id=client.pk, by=maker, at=NOW)
        change(client, maker, active=False)
        with pytest.raises(partners.PartnerInactive):
            proposals.review(proposal_id=asked.pk, approve=True, reason="", by=other, at=NOW)
        with pytest.raises(partners.PartnerInactive):
            partners.propose_key(client_id=client.pk, by=other, at=NOW)


class TestRights:
    """What widens waits, what narrows counts at once."""

    def test_narrower_at_once(self, admins: tuple[User, User]) -> None:
        maker, _other = admins
        client = create(maker, scopes=[APPLY, QUOTE], region_ids=[GUIGANG, "110000"])
        assert change(client, maker, scopes=[QUOTE], region_ids=["110000"], active=False) is None
        client.refresh_from_db()
        assert (client.scopes, partners.regions_of(client) >= {"110000"}, client.active) == (
            [QUOTE],
            True,
            False,
        )
        assert GUIGANG not in partners.regions_of(client)

    @pytest.mark.parametrize(
        ("fields", "check"),
        [
            ({"scopes": [APPLY, ENTITLE]}, lambda one: ENTITLE in one.scopes),
            ({"region_ids": [GUIGANG, "110000"]}, lambda one: "110000" in partners.regions_of(one)),
            ({"networks": ["0.0.0.0/0"]}, lambda one: one.networks == ["0.0.0.0/0"]),
            ({"networks": []}, lambda one: one.networks == []),
        ],
    )
    def test_wider_waits(self, admins: tuple[User, User], fields: dict[str, Any], check: Any) -> None:
        maker, other = admins
        client = create(maker, networks=["203.0.113.0/24"])
        asked = change(client, maker, **fields)
        client.refresh_from_db()
        assert asked is not None
        assert not check(client)
        proposals.review(proposal_id=asked.pk, approve=True, reason="", by=other, at=NOW)
        client.refresh_from_db()
        assert check(client)

    def test_opening_again_waits(self, admins: tuple[User, User]) -> None:
        maker, other = admins
        client = create(maker)
        change(client, maker, active=False)
        client.refresh_from_db()
        asked = change(client, maker, active=True)
        assert asked is not None
        client.refresh_from_db()
        assert not client.active
        proposals.review(proposal_id=asked.pk, approve=True, reason="", by=other, at=NOW)
        client.refresh_from_db()
        assert client.active

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"scopes": ["everything"]}, partners.PartnerScopeUnknown),
            ({"region_ids": ["999999"]}, partners.PartnerRegionMissing),
            ({"networks": ["203.0.113.7/24"]}, partners.PartnerNetworkWrong),
        ],
    )
    def test_what_cannot_be(self, admins: tuple[User, User], fields: dict[str, Any], error: Any) -> None:
        with pytest.raises(error):
            create(admins[0], **fields)

    def test_codes_are_unique(self, admins: tuple[User, User]) -> None:
        create(admins[0])
        with pytest.raises(partners.PartnerCodeTaken):
            create(admins[1])

    @pytest.mark.parametrize("role", ["clerk", "supervisor", "auditor", "tax_officer"])
    def test_only_administrators(self, staff: Staff, role: str) -> None:
        with pytest.raises(access.NotAllowed):
            create(staff(role))


class TestPages:
    """The same by the desk's pages."""

    def test_from_a_new_partner_to_a_signed_call(self, admins: tuple[User, User]) -> None:
        first, second = (Client() for _nth in range(2))
        first.force_login(admins[0])
        second.force_login(admins[1])
        sent = {"code": "ccb", "name": "建行", "scopes": [APPLY], "regions": GUIGANG, "per_minute": "60"}
        first.post(reverse("admin:bureau_apiclient_add"), sent)
        client = ApiClient.objects.get(code="ccb")
        page = reverse("admin:bureau_apiclient_change", args=[client.pk])
        first.post(reverse("admin:bureau_apiclient_key", args=[client.pk]))
        (asked,) = partners.open_proposals(client)
        decide = reverse("admin:bureau_apiclient_decide", args=[client.pk, asked.pk])
        assert "须由他人复核" in first.post(decide, {"decision": "approve"}, follow=True).content.decode()
        assert not client.keys.exists()
        second.post(decide, {"decision": "approve"})
        key = client.keys.get()
        show = reverse("admin:bureau_apiclient_secret", args=[client.pk, key.pk])
        secret = signing.secret_of(settings.PARTNER_MASTER_SECRET, key.key_id)
        assert show not in second.get(page).content.decode()
        assert show in first.get(page).content.decode()
        assert first.get(show).status_code == 405
        assert secret in first.post(show).content.decode()
        assert secret not in first.post(show, follow=True).content.decode()
        signer = Partner("", key.key_id, secret)
        target = "/api/v1/enrolment-applications/1"
        assert Client().get(target, headers=signer.headers("GET", target, b"")).status_code == 404
        revoke = reverse("admin:bureau_apiclient_revoke", args=[client.pk, key.pk])
        second.post(revoke, {"reason": ""})
        assert Client().get(target, headers=signer.headers("GET", target, b"")).status_code == 404
        second.post(revoke, {"reason": "遗失"})
        assert Client().get(target, headers=signer.headers("GET", target, b"")).status_code == 401

    def test_a_key_of_another_partner(self, admins: tuple[User, User]) -> None:
        """A number of somebody else's key in the address does nothing."""
        mine, other = make_client(), make_client()
        key = make_key(other)
        client = Client()
        client.force_login(admins[0])
        client.post(reverse("admin:bureau_apiclient_revoke", args=[mine.pk, key.pk]), {"reason": "x"})
        client.post(reverse("admin:bureau_apiclient_secret", args=[mine.pk, key.pk]))
        key.refresh_from_db()
        assert (key.revoked_at, key.shown_at) == (None, None)

    def test_changing(self, admins: tuple[User, User]) -> None:
        row = make_client(scopes=[APPLY])
        client = Client()
        client.force_login(admins[0])
        edit = reverse("admin:bureau_apiclient_edit", args=[row.pk])
        assert client.get(edit).status_code == 200
        sent = {
            "name": "新名",
            "scopes": [APPLY, QUOTE],
            "regions": GUIGANG,
            "per_minute": "9",
            "active": "on",
        }
        assert client.post(edit, sent).status_code == 302
        row.refresh_from_db()
        assert (row.name, row.scopes, row.per_minute) == ("新名", [APPLY], 9)
        assert len(partners.open_proposals(row)) == 1

    def test_the_events(self, staff: Staff) -> None:
        caller = make_caller()
        caller.get("/api/v1/enrolment-applications/1", headers={"Authorization": "x"})
        client = Client()
        client.force_login(staff("auditor"))
        address = reverse("admin:bureau_securityevent_changelist")
        assert "没有签名" in client.get(address).content.decode()
        assert "没有签名" not in client.get(f"{address}?partner=ccb").content.decode()

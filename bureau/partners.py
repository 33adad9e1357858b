"""Partners' machines and their keys: a key needs a second administrator, its secret is shown once, two live at a time.

What widens a partner's rights (scopes, regions, being active again) waits for a second administrator too; what narrows them
counts at once.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals, signing
from bureau.errors import BureauError, gettext_noop
from bureau.models import ApiClient, ApiClientRegion, ApiKey, Proposal, Region, SecurityEvent, User

MANAGE = "partner.manage"
ISSUE_KIND, WIDEN_KIND = "PARTNER_KEY", "PARTNER_WIDEN"
KEY_LIVES = timedelta(days=400)
SLOTS = (1, 2)
_scopes: dict[str, Any] = {}


class PartnerUnknown(BureauError):
    """No such partner."""

    code = "PARTNER_UNKNOWN"
    message = gettext_noop("There is no such partner.")


class PartnerCodeTaken(BureauError):
    """Codes are unique."""

    code = "PARTNER_CODE_TAKEN"
    message = gettext_noop("The code %(code)s is taken.")


class PartnerScopeUnknown(BureauError):
    """No call asks for this scope."""

    code = "PARTNER_SCOPE_UNKNOWN"
    message = gettext_noop("There is no scope %(scope)s.")


class PartnerRegionMissing(BureauError):
    """A partner calls for somewhere."""

    code = "PARTNER_REGION_MISSING"
    message = gettext_noop("A partner needs at least one region.")


class PartnerNetworkWrong(BureauError):
    """Not a network."""

    code = "PARTNER_NETWORK_WRONG"
    message = gettext_noop("%(network)s is not a network address such as 203.0.113.0/24.")


class PartnerInactive(BureauError):
    """Closed for now."""

    code = "PARTNER_INACTIVE"
    message = gettext_noop("The partner is not active.")


class TwoKeysLive(BureauError):
    """One is in use, one is being brought in; a third helps nobody."""

    code = "PARTNER_TWO_KEYS"
    message = gettext_noop("A partner has two live keys at most: revoke one first.")


class SecretShown(BureauError):
    """Once is enough: whoever lost it asks for a new key."""

    code = "PARTNER_SECRET_SHOWN"
    message = gettext_noop("The secret was shown already; issue a new key if it was lost.")


class SecretNotYours(BureauError):
    """The secret goes to who asked for the key, not to who approved it."""

    code = "PARTNER_SECRET_NOT_YOURS"
    message = gettext_noop("Only who asked for the key sees its secret.")


class KeyRevoked(BureauError):
    """It is over."""

    code = "PARTNER_KEY_REVOKED"
    message = gettext_noop("The key was revoked already.")


class PartnerWaits(BureauError):
    """One thing at a time."""

    code = "PARTNER_WAITS"
    message = gettext_noop("This already waits for a second person.")


class RegionNotYours(BureauError):
    """The partner does not call for this region."""

    code = "region_not_yours"
    message = gettext_noop("The partner may not call for the region %(region)s.")


def register_scope(code: str, label: Any) -> None:
    """Make a scope known, in words; an app does so beside the calls that ask for it."""
    _scopes[code] = label


def known_scopes() -> Mapping[str, Any]:
    """All scopes by code."""
    return dict(sorted(_scopes.items()))


def regions_of(client: ApiClient) -> frozenset[str]:
    """Codes of the regions of a partner with everything below them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE mine AS (SELECT region_id AS code FROM bureau_apiclientregion WHERE client_id = %s "
            "UNION SELECT r.code FROM bureau_region r JOIN mine ON r.parent_id = mine.code) SELECT code FROM mine",
            [client.pk],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def require_region(*, client: ApiClient, region_id: str) -> None:
    """Raise RegionNotYours unless the partner may call for ``region_id``."""
    if region_id not in regions_of(client):
        raise RegionNotYours(region=region_id)


def create_client(
    *,
    code: str,
    name: str,
    scopes: Iterable[str],
    region_ids: Iterable[str],
    networks: Iterable[str],
    per_minute: int,
    by: User,
    at: datetime,
) -> ApiClient:
    """Make a partner, who can do nothing before a key is issued.

    Raises PartnerCodeTaken, PartnerScopeUnknown, PartnerRegionMissing, PartnerNetworkWrong, NotAllowed.
    """
    with transaction.atomic(), audit.acting(by=by, why="create a partner"):
        access.require(by, MANAGE)
        wanted, codes, nets = _checked(scopes, region_ids, networks)
        try:
            with transaction.atomic():
                client = ApiClient.objects.create(
                    code=code,
                    name=name,
                    scopes=wanted,
                    networks=nets,
                    per_minute=per_minute,
                    made_by=by,
                    made_at=at,
                )
        except IntegrityError as error:
            if "client_code_once" in str(error):
                raise PartnerCodeTaken(code=code) from None
            raise
        _set_regions(client, codes)
        return client


def change_client(
    *,
    client_id: int,
    name: str,
    scopes: Iterable[str],
    region_ids: Iterable[str],
    networks: Iterable[str],
    per_minute: int,
    active: bool,
    by: User,
    at: datetime,
) -> Proposal | None:
    """Change a partner; what widens its rights becomes a proposal, which is returned, everything else counts at once.

    Raises PartnerUnknown, PartnerScopeUnknown, PartnerRegionMissing, PartnerNetworkWrong, NotAllowed.
    """
    with transaction.atomic(), audit.acting(by=by, why="change a partner", at=at.isoformat()):
        client = _locked(client_id, by)
        wanted, codes, nets = _checked(scopes, region_ids, networks)
        held = set(client.regions.values_list("code", flat=True))
        new_scopes, new_regions = set(wanted) - set(client.scopes), codes - held
        widened_networks = bool(client.networks) and not set(nets) <= set(client.networks)
        wider: dict[str, Any] = {}
        if new_scopes:
            wider["scopes"] = [sorted(client.scopes), wanted]
        if new_regions:
            wider["regions"] = [sorted(held), sorted(codes)]
        if widened_networks or (client.networks and not nets):
            wider["networks"] = [client.networks, nets]
        if active and not client.active:
            wider["active"] = [False, True]
        client.name, client.per_minute = name, per_minute
        client.scopes = sorted(set(wanted) - new_scopes)
        client.networks = client.networks if "networks" in wider else nets
        client.active = client.active and active
        client.save(update_fields=["name", "per_minute", "scopes", "networks", "active"])
        _set_regions(client, (codes & held) or held)
        if not wider:
            return None
        return _propose(WIDEN_KIND, client, wider, by, at)


def propose_key(*, client_id: int, by: User, at: datetime) -> Proposal:
    """Ask for a new key; a second administrator approves it. Raises PartnerUnknown, PartnerInactive, TwoKeysLive, NotAllowed."""
    with transaction.atomic():
        client = _locked(client_id, by)
        if not client.active:
            raise PartnerInactive()
        if len(_live(client, at)) >= len(SLOTS):
            raise TwoKeysLive()
        regions = sorted(client.regions.values_list("code", flat=True))
        return _propose(
            ISSUE_KIND, client, {"scopes": [None, client.scopes], "regions": [None, regions]}, by, at
        )


def secret_once(*, key_id: int, by: User, at: datetime) -> tuple[ApiKey, str]:
    """The secret of a fresh key, to who asked for it, once.

    Raises PartnerUnknown, SecretShown, SecretNotYours, KeyRevoked, NotAllowed.
    """
    with transaction.atomic(), audit.acting(by=by, why="show the secret of a key", at=at.isoformat()):
        key = _locked_key(key_id, by)
        if key.issued_by_id != by.pk:
            raise SecretNotYours()
        if key.shown_at is not None:
            raise SecretShown()
        key.shown_at = at
        key.save(update_fields=["shown_at"])
        _note("key_shown", key, at)
        return key, signing.secret_of(settings.PARTNER_MASTER_SECRET, key.key_id)


def revoke_key(*, key_id: int, reason: str, by: User, at: datetime) -> ApiKey:
    """End a key at once; one administrator is enough. Raises PartnerUnknown, KeyRevoked, ReasonNeeded, NotAllowed."""
    if not reason.strip():
        raise proposals.ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        key = _locked_key(key_id, by)
        _revoke(key, reason.strip()[:200], by, at)
        return key


def open_proposals(client: ApiClient) -> list[Proposal]:
    """What waits for a second administrator."""
    rows = Proposal.objects.filter(
        subject_type=client._meta.label_lower, subject_id=str(client.pk), state="OPEN"
    )
    return list(rows.select_related("made_by").order_by("id"))


def _issue(proposal: Proposal, by: User, at: datetime) -> None:
    client = ApiClient.objects.select_for_update(of=("self",)).get(pk=proposal.subject_id)
    if not client.active:
        raise PartnerInactive()
    for old in client.keys.filter(revoked_at__isnull=True, expires_at__lte=at).order_by("id"):
        _revoke(old, "expired", by, at)
    taken = {key.slot for key in _live(client, at)}
    free = [slot for slot in SLOTS if slot not in taken]
    if not free:
        raise TwoKeysLive()
    key = ApiKey.objects.create(
        client=client,
        key_id=f"bk_{secrets.token_hex(9)}",
        slot=free[0],
        issued_by=proposal.made_by,
        approved_by=by,
        issued_at=at,
        expires_at=at + KEY_LIVES,
    )
    _note("key_issued", key, at)


def _widen(proposal: Proposal, by: User, at: datetime) -> None:
    client = ApiClient.objects.select_for_update(of=("self",)).get(pk=proposal.subject_id)
    wider = proposal.difference
    if "scopes" in wider:
        client.scopes = sorted(set(wider["scopes"][1]) & set(_scopes))
    if "networks" in wider:
        client.networks = wider["networks"][1]
    client.active = client.active or "active" in wider
    client.save(update_fields=["scopes", "networks", "active"])
    if "regions" in wider:
        _set_regions(client, set(wider["regions"][1]))


def _propose(kind: str, client: ApiClient, difference: dict[str, Any], by: User, at: datetime) -> Proposal:
    region = client.client_regions.order_by("region_id").values_list("region_id", flat=True)[0]
    try:
        return proposals.propose(
            kind=kind,
            subject=client,
            region_id=region,
            title=client.name,
            difference=difference,
            by=by,
            at=at,
        )
    except IntegrityError as error:
        if "proposal_one_open" in str(error):
            raise PartnerWaits() from None
        raise


def _checked(
    scopes: Iterable[str], region_ids: Iterable[str], networks: Iterable[str]
) -> tuple[list[str], set[str], list[str]]:
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in _scopes:
            raise PartnerScopeUnknown(scope=scope)
    codes = set(Region.objects.filter(pk__in=set(region_ids)).values_list("pk", flat=True))
    if not codes:
        raise PartnerRegionMissing()
    nets = []
    for network in networks:
        try:
            nets.append(str(ipaddress.ip_network(network)))
        except ValueError:
            raise PartnerNetworkWrong(network=network[:40]) from None
    return wanted, codes, sorted(set(nets))


def _set_regions(client: ApiClient, codes: set[str]) -> None:
    client.client_regions.exclude(region_id__in=codes).delete()
    had = set(client.client_regions.values_list("region_id", flat=True))
    ApiClientRegion.objects.bulk_create(
        ApiClientRegion(client=client, region_id=code) for code in sorted(codes - had)
    )


def _live(client: ApiClient, at: datetime) -> list[ApiKey]:
    return list(client.keys.filter(revoked_at__isnull=True, expires_at__gt=at).order_by("id"))


def _locked(client_id: int, by: User) -> ApiClient:
    client = ApiClient.objects.select_for_update(of=("self",)).filter(pk=client_id).first()
    access.require(by, MANAGE)
    if client is None:
        raise PartnerUnknown()
    return client


def _locked_key(key_id: int, by: User) -> ApiKey:
    key = ApiKey.objects.select_for_update(of=("self",)).filter(pk=key_id).first()
    access.require(by, MANAGE)
    if key is None:
        raise PartnerUnknown()
    if key.revoked_at is not None:
        raise KeyRevoked()
    return key


def _revoke(key: ApiKey, reason: str, by: User, at: datetime) -> None:
    key.revoked_at, key.revoked_by, key.revoke_reason = at, by, reason
    key.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    _note("key_revoked", key, at)


def _note(kind: str, key: ApiKey, at: datetime) -> None:
    SecurityEvent.objects.create(at=at, kind=kind, client_id=key.client_id, key_id=key.key_id)


proposals.register(proposals.Kind(ISSUE_KIND, _("new key of a partner"), MANAGE, approve=_issue))
proposals.register(proposals.Kind(WIDEN_KIND, _("more rights of a partner"), MANAGE, approve=_widen))

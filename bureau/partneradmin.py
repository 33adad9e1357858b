"""Partners and their keys, for system administrators; and what was refused at the partners' gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import clock, doors, partners, proposals
from bureau.filters import BoundedFilter
from bureau.forms import DeskForm, RegionCodesField
from bureau.models import ApiClient, ApiKey, SecurityEvent
from bureau.pages import NOTHING, Detail, Fact, Table, badge, count, moment, small
from bureau.scoped import ScopedAdmin

EVENTS = {
    "signature_missing": gettext_lazy("no signature"),
    "signature_wrong": gettext_lazy("wrong signature"),
    "key_unknown": gettext_lazy("unknown or revoked key"),
    "key_expired": gettext_lazy("key has run out"),
    "timestamp_outside": gettext_lazy("time outside the window"),
    "nonce_used": gettext_lazy("call repeated by somebody"),
    "network_refused": gettext_lazy("from a strange network"),
    "too_many_calls": gettext_lazy("too many calls"),
    "scope_missing": gettext_lazy("call without the right"),
    "key_issued": gettext_lazy("key issued"),
    "key_shown": gettext_lazy("secret shown"),
    "key_revoked": gettext_lazy("key revoked"),
}
ORDERLY = frozenset({"key_issued", "key_shown", "key_revoked"})
LAST_EVENTS = 20


class PartnerForm(DeskForm):
    """What a partner may do."""

    name = forms.CharField(label=gettext_lazy("name of the partner"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("calls it may make"), widget=forms.CheckboxSelectMultiple, required=False
    )
    regions = RegionCodesField(
        label=gettext_lazy("regions"),
        help_text=gettext_lazy(
            "Codes of six digits, separated by blanks; each includes everything below it."
        ),
    )
    networks = forms.CharField(
        label=gettext_lazy("networks it may call from"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Such as 203.0.113.0/24, separated by blanks; empty: anywhere."),
    )
    per_minute = forms.IntegerField(
        label=gettext_lazy("calls a minute"), min_value=1, max_value=100_000, initial=600
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, str(label)) for code, label in partners.known_scopes().items()]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]

    def clean_networks(self) -> list[str]:
        """Each network by itself."""
        return str(self.cleaned_data["networks"]).split()


class NewPartnerForm(PartnerForm):
    """A new partner has a code."""

    code = forms.RegexField(
        r"^[a-z][a-z0-9-]{1,29}$",
        label=gettext_lazy("code"),
        help_text=gettext_lazy("Small letters, digits and hyphens."),
    )
    field_order = ("code", "name")


class ChangedPartnerForm(PartnerForm):
    """A partner can be closed."""

    active = forms.BooleanField(label=gettext_lazy("active"), required=False)


@admin.register(ApiClient)
class ApiClientAdmin(ScopedAdmin):
    """Partners: banks, the national app, the tax office's systems."""

    view_action = partners.MANAGE
    scope_field = None
    list_display = ("code", "name", "region_names", "live_keys", "active_shown")
    list_right = ("live_keys",)
    detail_template = "desk/partner.html"
    empty_text = gettext_lazy("No partner yet.")
    routes = (
        ("add/", "add", "add"),
        ("<int:pk>/edit/", "edit", "edit"),
        ("<int:pk>/key/", "key", "key"),
        ("<int:pk>/decide/<int:proposal>/", "decide", "decide"),
        ("<int:pk>/secret/<int:key>/", "secret", "secret"),
        ("<int:pk>/revoke/<int:key>/", "revoke", "revoke"),
    )

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[ApiClient]:
        """With regions and keys."""
        return super().row_queryset(request).prefetch_related("regions", "keys")

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """A new partner."""
        return [(_("New partner"), self.url("add"), "add_link")]

    @admin.display(description=gettext_lazy("regions"))
    def region_names(self, row: ApiClient) -> str:
        """By name."""
        return "、".join(region.name for region in row.regions.all()) or NOTHING

    @admin.display(description=gettext_lazy("live keys"))
    def live_keys(self, row: ApiClient) -> str:
        """How many sign today."""
        now = clock.now()
        return count(sum(key.revoked_at is None and key.expires_at > now for key in row.keys.all()))

    @admin.display(description=gettext_lazy("state"))
    def active_shown(self, row: ApiClient) -> Any:
        """A coloured label."""
        return badge(_("active"), "success") if row.active else badge(_("closed"), "danger")

    def detail(self, request: HttpRequest, row: ApiClient) -> Detail:
        """What it may do, its keys, what waits, and the last events."""
        scopes = partners.known_scopes()
        facts = [
            Fact(_("code"), row.code),
            Fact(_("regions"), self.region_names(row)),
            Fact(_("calls a minute"), count(row.per_minute)),
            Fact(_("networks it may call from"), ", ".join(row.networks) or _("anywhere")),
            Fact(
                _("calls it may make"),
                "、".join(str(scopes.get(code, code)) for code in row.scopes) or NOTHING,
                wide=True,
            ),
        ]
        me = doors.me(request)
        waiting = partners.open_proposals(row)
        events = SecurityEvent.objects.filter(client=row).order_by("-id")[:LAST_EVENTS]
        shown = [[moment(event.at), event_shown(event), event.key_id, event.address] for event in events]
        columns = [_("at"), _("event"), _("key"), _("network address")]
        return Detail(
            row.name,
            facts,
            [Table(_("Last security events"), columns, shown, _("Nothing happened yet."))],
            [self.active_shown(row)],
            extra={
                "waiting": [
                    {"row": one, "what": self._what(one), "mine": one.made_by_id == me.pk} for one in waiting
                ],
                "keys": [
                    self._key(key, me.pk) for key in row.keys.select_related("issued_by", "approved_by")
                ],
            },
        )

    def _what(self, proposal: Any) -> str:
        names = {
            "scopes": _("calls it may make"),
            "regions": _("regions"),
            "networks": _("networks it may call from"),
        }
        label = str(proposals.kind_of(proposal.kind).label)
        parts = [
            f"{names[key]}: {', '.join(value[1])}"
            for key, value in proposal.difference.items()
            if key in names
        ]
        return "；".join([label, *parts])

    def _key(self, key: ApiKey, me: int) -> dict[str, Any]:
        live = key.revoked_at is None and key.expires_at > clock.now()
        return {
            "row": key,
            "state": badge(_("live"), "success")
            if live
            else badge(_("revoked") if key.revoked_at else _("has run out")),
            "issued": moment(key.issued_at),
            "expires": moment(key.expires_at),
            "who": f"{key.issued_by.username} / {key.approved_by.username}",
            "note": small(key.revoke_reason),
            "may_show": live and key.shown_at is None and key.issued_by_id == me,
            "may_revoke": key.revoked_at is None,
        }

    # ---------------------------------------------------------------- forms

    def add(self, request: HttpRequest) -> HttpResponse:
        """A new partner."""
        doors.require(request, partners.MANAGE)
        form = NewPartnerForm(doors.sent(request))
        if form.is_valid():
            client = doors.attempt(
                request,
                lambda: partners.create_client(
                    code=form.cleaned_data["code"], **_given(form), by=doors.me(request), at=clock.now()
                ),
                _("The partner was made; it needs a key before it can call."),
            )
            if client is not None:
                return HttpResponseRedirect(self.url_for(client))
        return self.draw(
            request, "desk/form.html", _("New partner"), form=form, back_url=self.url("changelist")
        )

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change a partner; what widens its rights waits for a second administrator."""
        row = self._row(request, pk)
        before = {
            "name": row.name,
            "scopes": row.scopes,
            "regions": " ".join(sorted(row.regions.values_list("code", flat=True))),
            "networks": " ".join(row.networks),
            "per_minute": row.per_minute,
            "active": row.active,
        }
        form = ChangedPartnerForm(doors.sent(request), initial=before)
        if form.is_valid():
            call = self._calling(
                lambda: partners.change_client(
                    client_id=row.pk,
                    **_given(form),
                    active=form.cleaned_data["active"],
                    by=doors.me(request),
                    at=clock.now(),
                )
            )
            if doors.attempt(
                request, call, _("Saved; what widens its rights waits for a second administrator.")
            ):
                return HttpResponseRedirect(self.url_for(row))
        title = _("Change %(name)s") % {"name": row.name}
        return self.draw(request, "desk/form.html", title, form=form, back_url=self.url_for(row))

    # ---------------------------------------------------------------- what only a POST does

    def key(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a new key."""
        return self._act(
            request,
            pk,
            lambda: partners.propose_key(client_id=pk, by=doors.me(request), at=clock.now()),
            _("A second administrator must approve the key."),
        )

    def decide(self, request: HttpRequest, pk: int, proposal: int) -> HttpResponse:
        """Approve or turn down what a colleague asked for."""
        approve = request.POST.get("decision") == "approve"
        row = self._row(request, pk)
        known = {one.pk for one in partners.open_proposals(row)}
        if request.method == "POST" and proposal not in known:
            return HttpResponseRedirect(self.url_for(row))
        return self._act(
            request,
            pk,
            lambda: proposals.review(
                proposal_id=proposal,
                approve=approve,
                reason=request.POST.get("reason", "")[:500],
                by=doors.me(request),
                at=clock.now(),
            ),
            _("Approved.") if approve else _("Rejected."),
        )

    def secret(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        """The secret, once, in the answer to a POST."""
        row = self._row(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not row.keys.filter(pk=key).exists():
            return HttpResponseRedirect(self.url_for(row))
        found = doors.attempt(
            request, lambda: partners.secret_once(key_id=key, by=doors.me(request), at=clock.now())
        )
        if found is None:
            return HttpResponseRedirect(self.url_for(row))
        facts = [Fact(_("key"), found[0].key_id, wide=True), Fact(_("secret"), found[1], wide=True)]
        notice = _(
            "This page is shown once. Hand the secret over on a safe way; nobody can look it up again."
        )
        return self.draw(
            request, "desk/detail.html", row.name, detail=Detail(row.name, facts, notices=[notice]), row=row
        )

    def revoke(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        """End a key at once."""
        row = self._row(request, pk)
        if not row.keys.filter(pk=key).exists():
            return HttpResponseRedirect(self.url_for(row))
        reason = request.POST.get("reason", "")[:200]
        return self._act(
            request,
            pk,
            lambda: partners.revoke_key(key_id=key, reason=reason, by=doors.me(request), at=clock.now()),
            _("The key was revoked."),
        )

    def _act(self, request: HttpRequest, pk: int, call: Callable[[], Any], done: Any) -> HttpResponse:
        row = self._row(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        doors.attempt(request, call, done)
        return HttpResponseRedirect(self.url_for(row))

    def _row(self, request: HttpRequest, pk: int) -> ApiClient:
        doors.require(request, partners.MANAGE)
        row: ApiClient = self.found(request, str(pk))
        return row

    def _calling(self, call: Callable[[], Any]) -> Callable[[], bool]:
        """A call whose success is True, whatever it returns."""

        def made() -> bool:
            call()
            return True

        return made


def _given(form: forms.Form) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "name": given["name"],
        "scopes": given["scopes"],
        "region_ids": given["regions"],
        "networks": given["networks"],
        "per_minute": given["per_minute"],
    }


def event_shown(event: SecurityEvent) -> Any:
    """A coloured label."""
    return badge(EVENTS.get(event.kind, event.kind), "info" if event.kind in ORDERLY else "warning")


class PartnerFilter(BoundedFilter):
    """Events of one partner."""

    title = gettext_lazy("code of the partner")
    parameter_name = "partner"
    pattern = r"[a-z][a-z0-9-]{1,29}"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By the partner's code."""
        return queryset.filter(client__code=chosen)


@admin.register(SecurityEvent)
class SecurityEventAdmin(ScopedAdmin):
    """What was refused at the partners' gate, newest first."""

    view_action = "security.view"
    scope_field = None
    keyset_descending = True
    list_display = ("when", "what", "partner", "key_id", "address", "path")
    list_select_related = ("client",)
    list_filter = (PartnerFilter,)
    empty_text = gettext_lazy("Nothing was refused yet.")

    @admin.display(description=gettext_lazy("at"))
    def when(self, row: SecurityEvent) -> str:
        """To the minute."""
        return moment(row.at)

    @admin.display(description=gettext_lazy("event"))
    def what(self, row: SecurityEvent) -> Any:
        """A coloured label."""
        return event_shown(row)

    @admin.display(description=gettext_lazy("partner"))
    def partner(self, row: SecurityEvent) -> str:
        """Whose key it was."""
        return row.client.code if row.client else NOTHING

    def detail(self, request: HttpRequest, row: SecurityEvent) -> Detail:
        """The event."""
        facts = [
            Fact(_("at"), moment(row.at)),
            Fact(_("event"), event_shown(row)),
            Fact(_("partner"), self.partner(row)),
            Fact(_("key"), row.key_id or NOTHING),
            Fact(_("network address"), row.address or NOTHING),
            Fact(_("path"), row.path or NOTHING, wide=True),
        ]
        return Detail(f"#{row.pk}", facts)

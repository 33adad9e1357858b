"""Channels and their terms: what holds everywhere, and where a region has it otherwise."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, differences, doors
from bureau.filters import by_choices
from bureau.forms import DeskForm, region_choices
from bureau.models import Proposal
from bureau.pages import NOTHING, Detail, Fact, Table, badge, count
from bureau.scoped import ScopedAdmin
from enrollment.models import Policy
from payments.models import Channel, ChannelTerms
from payments.services import channelterms


class TermsForm(DeskForm):
    """All terms of a channel in a region."""

    region = forms.ChoiceField(label=gettext_lazy("region"))
    enabled = forms.BooleanField(label=gettext_lazy("open"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("mode"), choices=ChannelTerms.Mode.choices)
    keyed_by = forms.ChoiceField(label=gettext_lazy("keyed in by"), choices=ChannelTerms.KeyedBy.choices)
    settlement_days = forms.IntegerField(
        label=gettext_lazy("working days to the treasury"), min_value=0, max_value=30
    )
    debit_cards_only = forms.BooleanField(label=gettext_lazy("debit cards only"), required=False)
    max_persons = forms.IntegerField(
        label=gettext_lazy("persons in one order"), min_value=1, max_value=100, required=False,
        help_text=gettext_lazy("Empty: as the region's policy says."),
    )  # fmt: skip
    lock_minutes = forms.IntegerField(
        label=gettext_lazy("minutes an order is locked"), min_value=1, max_value=1440, required=False,
        help_text=gettext_lazy("Empty: as the region's policy says."),
    )  # fmt: skip
    refund_route = forms.ChoiceField(
        label=gettext_lazy("refunds go"), choices=ChannelTerms.RefundRoute.choices
    )
    answer_final = forms.BooleanField(
        label=gettext_lazy("its answer is final"), required=False,
        help_text=gettext_lazy("Otherwise only its statement decides."),
    )  # fmt: skip
    past_year_end = forms.BooleanField(
        label=gettext_lazy("takes money that buys no cover this year, with consent"), required=False
    )
    status_url = forms.CharField(
        label=gettext_lazy("address that says what became of an order"), max_length=200, required=False,
        help_text=gettext_lazy("Asked when the lock of an order is over; https only."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


@admin.register(ChannelTerms)
class ChannelTermsAdmin(ScopedAdmin):
    """The channels of one's regions, with the terms that hold everywhere first."""

    view_action = "channel.view"
    keyset = ("id",)
    list_right = ("persons", "minutes", "settlement_days")
    list_display = (
        "channel_shown",
        "region_shown",
        "open_shown",
        "mode",
        "keyed_by",
        "persons",
        "minutes",
        "settlement_days",
        "refund_route",
    )
    list_display_links = ("channel_shown",)
    list_select_related = ("region",)
    list_filter = (
        by_choices("channel", gettext_lazy("channel"), Channel.choices),
        by_choices("mode", gettext_lazy("mode"), ChannelTerms.Mode.choices),
    )
    list_note = gettext_lazy("A region's own terms stand above those for everywhere.")
    detail_template = "desk/channel.html"
    routes = (("<int:pk>/edit/", "edit", "edit"),)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Terms for everywhere are everybody's; a region's are for who works there."""
        rows = ChannelTerms.objects.all()
        codes = access.regions_of(request.user)
        return rows if codes is None else rows.filter(Q(region=None) | Q(region__in=sorted(codes)))

    @admin.display(description=gettext_lazy("channel"))
    def channel_shown(self, row: ChannelTerms) -> str:
        """In words."""
        return str(row.get_channel_display())

    @admin.display(description=gettext_lazy("region"))
    def region_shown(self, row: ChannelTerms) -> Any:
        """The region, or everywhere."""
        return row.region.name if row.region else badge(_("everywhere"))

    @admin.display(description=gettext_lazy("state"))
    def open_shown(self, row: ChannelTerms) -> Any:
        """A coloured label."""
        if row.mode == ChannelTerms.Mode.QUERY:
            return badge(_("queries only"), "info")
        return badge(_("open"), "success") if row.enabled else badge(_("closed"), "danger")

    @admin.display(description=gettext_lazy("persons"))
    def persons(self, row: ChannelTerms) -> str:
        """In one order."""
        return _("policy") if row.max_persons is None else count(row.max_persons)

    @admin.display(description=gettext_lazy("lock minutes"))
    def minutes(self, row: ChannelTerms) -> str:
        """So long an order holds."""
        return _("policy") if row.lock_minutes is None else count(row.lock_minutes)

    def detail(self, request: HttpRequest, row: ChannelTerms) -> Detail:
        """The terms, and the other regions' of this channel."""
        yes, no = _("yes"), _("no")
        facts = [
            Fact(_("region"), self.region_shown(row)),
            Fact(_("mode"), row.get_mode_display()),
            Fact(_("keyed in by"), row.get_keyed_by_display()),
            Fact(_("working days to the treasury"), count(row.settlement_days)),
            Fact(_("debit cards only"), yes if row.debit_cards_only else no),
            Fact(_("persons in one order"), self.persons(row)),
            Fact(_("minutes an order is locked"), self.minutes(row)),
            Fact(_("refunds go"), row.get_refund_route_display()),
            Fact(_("its answer is final"), yes if row.answer_final else no),
            Fact(
                _("takes money that buys no cover this year, with consent"), yes if row.past_year_end else no
            ),
            Fact(_("address that says what became of an order"), row.status_url or NOTHING, wide=True),
        ]
        others = self.get_queryset(request).filter(channel=row.channel).exclude(pk=row.pk)
        shown = [
            [
                self.region_shown(one),
                self.open_shown(one),
                one.get_mode_display(),
                self.persons(one),
                self.minutes(one),
            ]
            for one in others.select_related("region").order_by("pk")[:50]
        ]
        heads = [_("region"), _("state"), _("mode"), _("persons"), _("lock minutes")]
        return Detail(
            str(row.get_channel_display()),
            facts,
            [Table(_("Elsewhere"), heads, shown, _("No region has terms of its own."))],
            [self.open_shown(row)],
            extra={"may_edit": access.may(request.user, "channel.edit")},
        )

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose terms for one of one's regions."""
        row: ChannelTerms = self.found(request, str(pk))
        doors.require(request, "channel.edit", row.region_id)
        within = {row.region_id} if row.region_id else set(Policy.objects.values_list("region_id", flat=True))
        form = TermsForm(
            doors.sent(request),
            regions=region_choices(request.user, within),
            initial=channelterms.values_of(row),
        )
        if form.is_valid():
            given = form.cleaned_data
            proposal = doors.attempt(
                request,
                lambda: channelterms.propose(
                    channel=row.channel,
                    region_id=given["region"],
                    values={name: given[name] for name in channelterms.FIELDS},
                    reason=given["reason"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
                _("A second supervisor must approve the terms."),
            )
            if proposal is not None:
                return HttpResponseRedirect(self.url_for(row))
        title = _("Terms of %(channel)s") % {"channel": row.get_channel_display()}
        return self.draw(
            request, "desk/form.html", title, form=form, back_url=self.url_for(row), submit_text=_("Propose")
        )


def terms_difference(proposal: Proposal) -> list[Table]:
    """The changed terms in words."""
    rows = []
    for name, (old, new) in proposal.difference["terms"].items():
        field: Any = ChannelTerms._meta.get_field(name)
        rows.append([field.verbose_name, _in_words(field, old), _in_words(field, new)])
    return [Table(_("What it changes"), [_("what"), _("until now"), _("afterwards")], rows)]


def _in_words(field: Any, value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    words = dict(field.flatchoices)
    return NOTHING if value is None or value == "" else str(words.get(value, value))


differences.register(channelterms.KIND, terms_difference)

"""Up to how many yuan a desk signs: what holds where and since when, and a proposal for something else."""

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
from bureau.forms import DayField, DeskForm, region_choices
from bureau.models import Proposal
from bureau.pages import NOTHING, Detail, Fact, Table, badge, day, money
from bureau.scoped import ScopedAdmin
from enrollment.models import Policy
from refunds.models import RefundLimit
from refunds.services import limits


class LimitForm(DeskForm):
    """A limit from a day on."""

    desk = forms.ChoiceField(label=gettext_lazy("desk"), choices=RefundLimit.Desk.choices)
    region = forms.ChoiceField(label=gettext_lazy("region"))
    most = forms.DecimalField(label=gettext_lazy("up to"), min_value=1, max_digits=12, decimal_places=2)
    valid_from = DayField(label=gettext_lazy("valid from"))
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


@admin.register(RefundLimit)
class RefundLimitAdmin(ScopedAdmin):
    """Those for everywhere, and those of one's regions."""

    view_action = "refund.view"
    keyset = ("id",)
    list_display = ("desk_shown", "region_shown", "yuan", "since")
    list_display_links = ("desk_shown",)
    list_right = ("yuan",)
    list_select_related = ("region",)
    list_filter = (by_choices("desk", gettext_lazy("desk"), RefundLimit.Desk.choices),)
    list_note = gettext_lazy(
        "The nearest region's latest limit counts; above it, somebody of the office above signs."
    )
    routes = (("propose/", "propose", "propose"),)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Limits for everywhere are everybody's; a region's are for who works there."""
        rows = RefundLimit.objects.all()
        codes = access.regions_of(request.user)
        return rows if codes is None else rows.filter(Q(region=None) | Q(region__in=sorted(codes)))

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Propose another."""
        if not access.may(request.user, limits.ACTION):
            return []
        return [(_("Propose a limit"), self.url("propose"), "add")]

    @admin.display(description=gettext_lazy("desk"))
    def desk_shown(self, row: RefundLimit) -> str:
        """In words."""
        return str(row.get_desk_display())

    @admin.display(description=gettext_lazy("region"))
    def region_shown(self, row: RefundLimit) -> Any:
        """The region, or everywhere."""
        return row.region.name if row.region else badge(_("everywhere"))

    @admin.display(description=gettext_lazy("up to"))
    def yuan(self, row: RefundLimit) -> str:
        """How much."""
        return money(row.most)

    @admin.display(description=gettext_lazy("valid from"))
    def since(self, row: RefundLimit) -> str:
        """Since when."""
        return day(row.valid_from)

    def detail(self, request: HttpRequest, row: RefundLimit) -> Detail:
        """What it says."""
        facts = [
            Fact(_("desk"), row.get_desk_display()),
            Fact(_("region"), row.region.name if row.region else _("everywhere")),
            Fact(_("up to"), money(row.most)),
            Fact(_("valid from"), day(row.valid_from)),
        ]
        return Detail(f"{row.get_desk_display()} {money(row.most)}", facts)

    def propose(self, request: HttpRequest) -> HttpResponse:
        """A limit for one of one's regions; a second supervisor approves it."""
        doors.require(request, limits.ACTION)
        within = set(Policy.objects.values_list("region_id", flat=True))
        form = LimitForm(
            doors.sent(request),
            regions=region_choices(request.user, within),
            initial={"valid_from": clock.today()},
        )
        if form.is_valid():
            given = form.cleaned_data
            proposal = doors.attempt(
                request,
                lambda: limits.propose(
                    desk=RefundLimit.Desk(given["desk"]),
                    region_id=given["region"],
                    most=given["most"],
                    valid_from=given["valid_from"],
                    reason=given["reason"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
                _("A second supervisor must approve the limit."),
            )
            if proposal is not None:
                return HttpResponseRedirect(self.url("changelist"))
        return self.draw(
            request,
            "desk/form.html",
            _("Propose a limit"),
            form=form,
            back_url=self.url("changelist"),
            submit_text=_("Propose"),
        )


def limit_difference(proposal: Proposal) -> list[Table]:
    """Old and new limit in words."""
    told = proposal.difference
    old, new = told["most"]
    rows = [
        [RefundLimit.Desk(told["desk"]).label, old or NOTHING, new],
        [_("valid from"), NOTHING, told["valid_from"]],
    ]
    return [Table(_("What it changes"), [_("what"), _("until now"), _("afterwards")], rows)]


differences.register(limits.KIND, limit_difference)

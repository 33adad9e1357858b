"""A new account at the counter: the payer's mandate is written down; it counts when bank and tax have verified it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from bureau import clock, doors
from bureau.desk.whynot.page import draw, person_of
from bureau.forms import DayField, DeskForm
from enrollment.models import RESIDENT, Person
from payments.models import BankProfile, Mandate
from payments.services import mandates
from payments.states import MandateState

ACTION = "batch.freeze"


class MandateForm(DeskForm):
    """What stands in the agreement."""

    bank = forms.ModelChoiceField(label=gettext_lazy("bank"), queryset=BankProfile.objects.order_by("code"))
    agreement_no = forms.CharField(label=gettext_lazy("agreement number"), max_length=60)
    account = forms.CharField(
        label=gettext_lazy("account"), max_length=32, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    holder = forms.CharField(label=gettext_lazy("account holder"), max_length=120)
    signed_on = DayField(label=gettext_lazy("signed on"))
    bank_name = forms.CharField(
        label=gettext_lazy("opening bank (account at another bank)"), max_length=80, required=False
    )
    cnaps = forms.CharField(
        label=gettext_lazy("opening bank code (12 digits)"), max_length=12, required=False
    )


@sensitive_post_parameters("account")
def page(request: HttpRequest, person_id: int) -> HttpResponse:
    """Write a signed mandate down; one that is live is shown with the ways to verify or end it."""
    person = person_of(request, person_id)
    doors.require(request, ACTION)
    live = _live(person)
    form = MandateForm(doors.sent(request), initial={"holder": person.name, "signed_on": clock.today()})
    if request.method == "POST" and live is None and form.is_valid():
        made = doors.attempt(
            request, lambda: _sign(request, person, form.cleaned_data), _("Signed; bank and tax verify it.")
        )
        if made is not None:
            return HttpResponseRedirect(reverse("desk:person_mandate", args=[person.pk]))
    return draw(
        request,
        "desk/mandate.html",
        _("Sign a mandate"),
        person=person,
        form=form,
        live=live,
        verifiable=live is not None and live.state == MandateState.SIGNED,
        back_url=reverse("desk:person", args=[person.pk]),
    )


def _live(person: Person) -> Mandate | None:
    live = (MandateState.SIGNED.value, MandateState.VERIFIED.value)
    rows = Mandate.objects.select_related("bank").filter(person=person, scheme=RESIDENT, state__in=live)
    return rows.order_by("pk").first()


def _sign(request: HttpRequest, person: Person, given: dict[str, Any]) -> Mandate:
    return mandates.sign(
        person_id=person.pk,
        bank=given["bank"].pk,
        agreement_no=given["agreement_no"],
        account=given["account"],
        holder=given["holder"],
        signed_on=given["signed_on"],
        bank_name=given["bank_name"],
        cnaps=given["cnaps"],
        by=doors.me(request),
        at=clock.now(),
    )


def act(request: HttpRequest, person_id: int) -> HttpResponse:
    """Verify the mandate on the answer of bank and tax, or end it."""
    person = person_of(request, person_id)
    doors.require(request, ACTION)
    live = _live(person)
    if request.method == "POST" and live is not None:
        by, at = doors.me(request), clock.now()
        if request.POST.get("what") == "verify":
            doors.attempt(request, lambda: mandates.verify(mandate_id=live.pk, by=by, at=at), _("Verified."))
        else:
            reason = request.POST.get("reason", "")[:200]
            doors.attempt(
                request, lambda: mandates.cancel(mandate_id=live.pk, reason=reason, by=by, at=at), _("Ended.")
            )
    return HttpResponseRedirect(reverse("desk:person_mandate", args=[person.pk]))

"""The public page that checks a voucher: name and amount as on the paper go in, match or no match comes out, nothing else."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from bureau import clock, gate
from bureau.api.admission import address_of
from bureau.forms import DeskForm
from payments.services import vouchers

A_MINUTE = 20


class PaperForm(DeskForm):
    """What stands on the paper."""

    number = forms.CharField(label=_("voucher number"), max_length=24)
    code = forms.CharField(label=_("verification code"), max_length=30)
    name = forms.CharField(label=_("insured, as printed"), max_length=120)
    amount = forms.DecimalField(
        label=_("amount in yuan, as printed"), max_digits=12, decimal_places=2, min_value=0
    )


@login_not_required
@never_cache
@csrf_exempt  # it changes nothing and carries nobody's rights; a phone that keeps no cookies may ask too
def verify(request: HttpRequest) -> HttpResponse:
    """Ask, or answer; too many questions from one address wait a minute."""
    if request.method != "POST":
        asked = {"number": request.GET.get("n", "")[:24], "code": request.GET.get("c", "")[:30]}
        return _page(request, PaperForm(initial=asked))
    try:
        gate.slow_down(bucket=f"voucher:{address_of(request)}", most=A_MINUTE, at=clock.now())
    except gate.TooManyCalls:
        return _page(request, PaperForm(request.POST), status=429, too_many=True)
    form = PaperForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    return _page(request, form, answer=vouchers.matches(**form.cleaned_data))


def _page(request: HttpRequest, form: PaperForm, status: int = 200, **said: Any) -> HttpResponse:
    answer = said.pop("answer", None)
    context = {"form": form, "match": answer is True, "no_match": answer is False, **said}
    return render(request, "public/voucher.html", context, status=status)

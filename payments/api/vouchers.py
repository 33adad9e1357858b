"""The voucher of a payment, for the channel through which it came."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from bureau import clock, partners
from bureau.api import problems
from bureau.api.views import PartnerView
from payments import voucherpdf
from payments.services import vouchers

VOUCHERS = "vouchers.read"
LARGEST = 2**63

partners.register_scope(VOUCHERS, _("download vouchers of the partner's payments"))
problems.register(404, vouchers.VoucherPaymentUnknown)
problems.register(409, vouchers.VoucherNotReady, vouchers.VoucherCancelled)


class VoucherView(PartnerView):
    """The voucher of a payment of the partner's own order."""

    scopes = {"GET": VOUCHERS}

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str) -> HttpResponse:
        """The PDF; VOUCHER_NOT_READY before the region's delay is over, with the time from which it can be had."""
        plain = number.isascii() and number.isdigit() and len(number) < 20 and int(number) < LARGEST
        if not plain:
            raise problems.NotFound()
        voucher = vouchers.of_payment(payment_id=int(number), at=clock.now(), client=request.user.client.code)
        (said,) = vouchers.contents([voucher])
        base = settings.PUBLIC_URL or request.build_absolute_uri("/")
        response = HttpResponse(voucherpdf.render(said, base), content_type="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{said.number}.pdf"'
        response.headers["Cache-Control"] = "no-store"
        return response


urlpatterns = [path("payments/<str:number>/voucher", VoucherView.as_view(), name="payment_voucher")]

"""URL map: composition root of the web doors."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from bureau.api.description import SchemaView
from enrollment import api as enrolment
from payments import public
from payments.api import views as channels
from payments.api import vouchers
from refunds import api as refunds

API = [
    path("schema", SchemaView.as_view(), name="schema"),
    *enrolment.urlpatterns,
    *channels.urlpatterns,
    *vouchers.urlpatterns,
    *refunds.urlpatterns,
]
urlpatterns = [
    path("", login_not_required(RedirectView.as_view(pattern_name="admin:index"))),
    path("language/", login_not_required(set_language), name="set_language"),
    path("api/v1/", include((API, "api"))),
    path("voucher/", public.verify, name="voucher"),
    path("desk/", include("bureau.desk.urls")),
    path("desk/", admin.site.urls),
]
handler400 = "bureau.desk.errorpages.bad_request"
handler403 = "bureau.desk.errorpages.forbidden"
handler404 = "bureau.desk.errorpages.not_found"
handler500 = "bureau.desk.errorpages.failed"

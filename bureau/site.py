"""The admin site of the bureau."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite


class BureauAdminSite(UnfoldAdminSite):
    """Unfold's site with our home page, without the pages that would put what people type into an address line."""

    index_template = "desk/home.html"
    index_title = _("Home")  # type: ignore[assignment]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The stock overviews' list, made when a page shows it: ours show the sidebar, and it is a tenth of their time."""
        return SimpleLazyObject(lambda: super(BureauAdminSite, self).get_app_list(request, app_label))

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Unfold's search keeps its term in the address line, where ID numbers must not stand: people are looked up by POST."""
        raise Http404

    def get_urls(self) -> list[URLPattern]:
        """Everything but the stock page that shows any object by content type."""
        return [found for found in super().get_urls() if getattr(found, "name", "") != "view_on_site"]

"""The door of the exports: a page that says what will leave the house, and the file."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.forms import DeskForm
from bureau.keyset import Slice
from bureau.scoped import KeysetChangeList, ScopedAdmin


class PurposeForm(DeskForm):
    """What the list is for."""

    purpose = forms.CharField(
        label=gettext_lazy("purpose"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Kept in the export register with your name, the time and the filters."),
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("file format"), choices=[("csv", "CSV"), ("xlsx", "XLSX")], required=False
    )


class FilteredList(KeysetChangeList):
    """The filters of a list without a page of it: nothing is read before the register knows of it."""

    def get_results(self, request: HttpRequest) -> None:
        """No rows."""
        self.slice = Slice([], "", "")
        self.result_list, self.result_count = [], 0


class ExportableAdmin(ScopedAdmin):
    """A list that auditors and supervisors may take along: what the filters leave, masked, in their regions."""

    export_what: ClassVar[str] = ""
    export_label: ClassVar[Any] = ""

    def __init__(self, model: type[models.Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        exports.register(self.export_what, self.export_label)

    def get_urls(self) -> list[Any]:
        """With the page of the export."""
        base = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name=f"{base}_export"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """For an export only the filters count."""
        return FilteredList if getattr(request, "exporting", False) else KeysetChangeList

    def export_button(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """The button above the list, for those who may."""
        if not access.may(request.user, "export.list"):
            return []
        query = request.GET.copy()
        for name in ("after", "before", "e"):
            query.pop(name, None)
        return [(_("Export"), f"{self.url('export')}?{query.urlencode()}", "download")]

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """The export, for those who may."""
        return self.export_button(request)

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        raise NotImplementedError

    def export_source(self, rows: models.QuerySet[Any]) -> Callable[[], Iterable[Sequence[Any]]]:
        """What yields the rows of a filtered, scoped queryset, masked, when the stream is read.

        Words are chosen when this is called: the stream is read after the request's language has gone.
        """
        raise NotImplementedError

    def export(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Ask for the purpose, then send the file."""
        if not access.may(request.user, "export.list") or not self.has_view_permission(request):
            raise PermissionDenied
        request.exporting = True  # type: ignore[attr-defined]
        try:
            changes = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.url("changelist"))
        chosen = {spec.parameter_name: spec.raw for spec in changes.filter_specs if spec.chosen is not None}
        form = PurposeForm(doors.sent(request))
        if request.method == "POST" and form.is_valid():
            return self._send(request, changes.queryset, chosen, form.cleaned_data)
        names = [
            (spec.title, chosen[spec.parameter_name])
            for spec in changes.filter_specs
            if spec.parameter_name in chosen
        ]
        back = f"{self.url('changelist')}?{changes.filter_query}"
        title = _("Export: %(what)s") % {"what": self.export_label}
        return self.draw(
            request,
            "desk/export.html",
            title,
            form=form,
            names=names,
            back_url=back,
            submit_text=_("Download"),
        )

    def _send(
        self,
        request: HttpRequest,
        queryset: models.QuerySet[Any],
        chosen: dict[str, str],
        asked: dict[str, str],
    ) -> HttpResponse | StreamingHttpResponse:
        user = doors.me(request)
        record = doors.attempt(
            request,
            lambda: exports.begin(
                what=self.export_what, filters=chosen, by=user, at=clock.now(), purpose=asked["purpose"]
            ),
        )
        if record is None:
            return HttpResponseRedirect(self.url("changelist"))
        rows = queryset.select_related(None).order_by(*self.keyset_of().order())
        headings = [str(name) for name in self.export_headings()]
        as_book = asked["kind"] == "xlsx"
        write = exports.xlsx_blocks if as_book else exports.csv_blocks
        blocks = write(record=record, headings=headings, rows=self.export_source(rows), now=clock.now)
        moment = f"{clock.now().astimezone(clock.BUREAU_ZONE):%Y%m%d_%H%M%S}"
        name = f"{self.export_what}_{moment}.{'xlsx' if as_book else 'csv'}"
        kind = exports.XLSX if as_book else "text/csv; charset=utf-8"
        response = StreamingHttpResponse(blocks, content_type=kind)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

"""The base of every admin page: facts are read-only, rows outside a person's regions do not exist, lists are never counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from bureau import access
from bureau.filters import BoundedFilter
from bureau.keyset import BadCursor, Keyset, UncountedPaginator
from bureau.models import Region
from bureau.pages import NOTHING, RIGHT, Choice, Detail, badge

AFTER, BEFORE = "after", "before"
MOST_BRANCHES = 24


class KeysetChangeList(ChangeList):
    """A list page by keyset: its keys first, then its rows, whatever the table's size; no count, no OFFSET."""

    model_admin: ScopedAdmin

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.title = capfirst(self.opts.verbose_name_plural)
        self.has_filters = False  # unfold's filter drawer stays shut: our bar shows every filter at once

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """The filters in the address line, without our cursors."""
        found = super().get_filters_params(params)
        return {key: value for key, value in found.items() if key not in (AFTER, BEFORE)}

    def get_ordering(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> list[str]:
        """Always the keyset's order, whatever ?o= says."""
        return self.model_admin.keyset_of().order()

    def get_ordering_field_columns(self) -> dict[int, str]:
        """No column is sorted by hand."""
        return {}

    def get_results(self, request: HttpRequest) -> None:
        """Take one page of keys, then the rows of those keys."""
        admin, size = self.model_admin, self.list_per_page
        try:
            taken = admin.keyset_of().page(
                admin.branches(request, self.queryset),
                size,
                after=request.GET.get(AFTER, ""),
                before=request.GET.get(BEFORE, ""),
            )
        except BadCursor as error:
            raise IncorrectLookupParameters from error
        self.slice = taken
        self.result_list = admin.rows(request, taken.keys)
        self.result_count = len(self.result_list)
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = bool(self.result_list)
        self.can_show_all, self.multi_page = False, False
        self.paginator = UncountedPaginator(self.result_list, size)

    @property
    def heads(self) -> list[tuple[Any, str]]:
        """Each column's name and class."""
        admin = self.model_admin
        return [(label_for_field(name, self.model, admin), self._side(name)) for name in self.list_display]

    @property
    def body(self) -> Iterator[list[tuple[Any, str, str]]]:
        """Each row as cells: what stands there, the column's class, and where the cell leads (or nowhere)."""
        links = set(self.list_display_links or self.list_display[:1])
        for row in self.result_list:
            url = self.url_for_result(row)
            yield [
                (self.model_admin.cell(name, row), self._side(name), url if name in links else "")
                for name in self.list_display
            ]

    def _side(self, name: str) -> str:
        return RIGHT if name in self.model_admin.list_right else ""

    def url_for_result(self, result: Any) -> str:
        """Where a row's link leads."""
        return self.model_admin.url_for(result)

    def _beside(self, name: str, cursor: str) -> str:
        kept = [(key, value) for key, values in self.get_filters_params().items() for value in values]
        return f"?{urlencode([*kept, (name, cursor)])}" if cursor else ""

    @property
    def next_url(self) -> str:
        """The page after this one, or nothing."""
        return self._beside(AFTER, self.slice.after)

    @property
    def previous_url(self) -> str:
        """The page before this one, or nothing."""
        return self._beside(BEFORE, self.slice.before)

    @property
    def filter_query(self) -> str:
        """The filters as a query string, for links that keep them (exports)."""
        return urlencode(
            [(key, value) for key, values in self.get_filters_params().items() for value in values]
        )

    @property
    def filtered(self) -> bool:
        """Whether an input of the filter bar narrows the list; the shortcuts above it do not count."""
        return any(spec.chosen is not None for spec in self.filter_specs if spec.kind != "chip")

    @property
    def has_inputs(self) -> bool:
        """Whether there is anything to draw in the filter bar."""
        return any(spec.kind != "chip" for spec in self.filter_specs)

    @property
    def reset_url(self) -> str:
        """The list without the filter bar's filters; the shortcut above it stays."""
        kept = [
            (spec.parameter_name, spec.raw) for spec in self.filter_specs if spec.kind == "chip" and spec.raw
        ]
        return f"?{urlencode(kept)}"


class ScopedAdmin(ModelAdmin):
    """Read-only pages of one model: a list and a detail, for those who may, in the regions that are theirs.

    ``view_action`` is the right (bureau.access.ACTIONS), ``scope_field`` the column of the row's region (None: reference
    data that belongs to everybody), ``keyset`` the list's order, ``routes`` further pages as (path, name, method).
    """

    view_action: ClassVar[str] = ""
    scope_field: ClassVar[str | None] = "region_id"
    keyset: ClassVar[tuple[str, ...]] = ("id",)
    keyset_descending: ClassVar[bool] = False
    split_by_region: ClassVar[bool] = False
    detail_template: ClassVar[str] = "desk/detail.html"
    routes: ClassVar[Sequence[tuple[str, str, str]]] = ()
    empty_text: ClassVar[Any] = _("Nothing here.")
    list_note: ClassVar[Any] = ""
    list_right: ClassVar[Sequence[str]] = ()

    actions = ()
    list_filter: Sequence[type[BoundedFilter]] = ()
    list_per_page = 50
    list_fullwidth = True
    list_display_links: Sequence[str] | None = ()
    sortable_by = ()
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    search_fields: Sequence[str] = ()
    paginator = UncountedPaginator
    change_list_template = "desk/list.html"

    # ---------------------------------------------------------------- rights

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the person may see rows of this kind at all."""
        return access.may(request.user, self.view_action)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for the module; the region is the queryset's matter."""
        return access.may(request.user, self.view_action)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds facts by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes facts."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only our own filters: an address line cannot probe a column (design: reliability F06, H32)."""
        return lookup in {found.parameter_name for found in self.list_filter}

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Rows are named by their key only."""
        return to_field == self.opts.pk.name

    # ---------------------------------------------------------------- rows

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The rows that exist for this person."""
        rows = self.model._default_manager.all()
        return rows if self.scope_field is None else access.for_user(rows, request.user, self.scope_field)

    def keyset_of(self) -> Keyset:
        """The list's order as a keyset."""
        return Keyset(self.model, self.keyset, self.keyset_descending)

    def branches(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> list[models.QuerySet[Any]]:
        """The list's rows as disjoint querysets: by region where that lets each use its (region, key) index."""
        codes = access.regions_of(request.user)
        if not self.split_by_region or not codes or not 1 < len(codes) <= MOST_BRANCHES:
            return [queryset]
        return [queryset.filter(region_id=code) for code in sorted(codes)]

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The rows of a page with what its columns show; overridden to add facts."""
        return self.get_queryset(request).select_related(*(self.list_select_related or ()))

    def rows(self, request: HttpRequest, keys: Sequence[Any]) -> list[Any]:
        """The rows of these keys, in their order; each knows its ``viewer``, for columns that depend on rights."""
        found = {row.pk: row for row in self.row_queryset(request).filter(pk__in=keys)}
        for row in found.values():
            row.viewer = request.user
        return [found[key] for key in keys if key in found]

    def cell(self, name: str, row: Any) -> Any:
        """What stands in a list's cell: a method of ours, else the field as people read it."""
        method = getattr(self, name, None)
        if callable(method):
            value = method(row)
        else:
            field = self.opts.get_field(name)
            value = (
                getattr(row, f"get_{name}_display")()
                if getattr(field, "choices", None)
                else getattr(row, name)
            )
        if isinstance(value, bool):
            return badge(_("yes"), "success") if value else badge(_("no"))
        return NOTHING if value is None or value == "" else value

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row, or 404 where it does not exist for this person, or 403 where the role may not see its kind."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        row.viewer = request.user
        return row

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row of this key in the person's regions, or None; digits of another script are no key of ours."""
        if not object_id.isascii():
            return None
        try:
            return super().get_object(request, object_id, None)
        except OverflowError:
            return None

    def url_for(self, row: Any) -> str:
        """Where the list's link leads."""
        return self.url("change", row.pk)

    def url(self, name: str, *args: Any) -> str:
        """The address of one of this model's pages."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    # ---------------------------------------------------------------- pages

    def get_urls(self) -> list[URLPattern]:
        """The list, the detail, and ``routes``; no add, delete or history page exists."""
        base = f"{self.opts.app_label}_{self.opts.model_name}"

        def page(pattern: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(pattern, self.admin_site.admin_view(view), name=f"{base}_{name}")

        return [
            page("", "changelist", self.changelist_view),
            *[page(pattern, name, getattr(self, method)) for pattern, name, method in self.routes],
            page("<path:object_id>/change/", "change", self.change_view),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """Lists by keyset."""
        return KeysetChangeList

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """Filters that are one click away, drawn above the list."""
        return ()

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """(text, address, icon) of what can be done from the list."""
        return ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list."""
        context = {
            "shortcuts": self.shortcuts(request),
            "list_buttons": self.list_buttons(request),
            "list_note": self.list_note,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The detail page; a POST is refused, whatever it carries."""
        row = self.found(request, object_id)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.show(request, row)

    def show(self, request: HttpRequest, row: Any, **extra: Any) -> HttpResponse:
        """Draw the detail page of a row."""
        detail = self.detail(request, row)
        return self.draw(
            request, self.detail_template, detail.title, detail=detail, row=row, **detail.extra, **extra
        )

    def detail(self, request: HttpRequest, row: Any) -> Detail:
        """What the detail page says."""
        raise NotImplementedError

    def draw(self, request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
        """A page in the admin's frame."""
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        frame = self.admin_site.each_context(request)
        return TemplateResponse(request, template, {**frame, "title": title, "opts": self.opts, **context})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices of regions are the person's own; choices of scoped rows are those the person can see."""
        if "queryset" not in kwargs:
            model = db_field.remote_field.model
            related = self.admin_site.get_model_admin(model) if self.admin_site.is_registered(model) else None
            if isinstance(related, ScopedAdmin):
                kwargs["queryset"] = related.get_queryset(request)
        if db_field.remote_field.model is Region:
            kwargs["queryset"] = access.for_user(Region.objects.all(), request.user, "code")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

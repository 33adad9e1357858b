"""The books: what is checked, and the checks run on demand."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from bureau import access
from bureau.pages import Table, badge, count
from payments.services import books


def page(request: HttpRequest) -> HttpResponse:
    """The list of checks; a POST runs them all in one read-only snapshot and shows what they found."""
    if not access.may(request.user, "books.view"):
        raise PermissionDenied
    results = books.run_checks() if request.method == "POST" else None
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Check the books"),
        "ran": results is not None,
    }
    if results is None:
        rows = [[check.code, _(check.title), badge(_("not run"))] for check in books.known_checks()]
    else:
        rows = [
            [
                one.code,
                _(one.title),
                badge(_("in order"), "success") if one.ok else badge(_("violated"), "danger"),
            ]
            for one in results
        ]
        context["bad"] = [_found(one) for one in results if one.rows]
        context["green"] = all(one.ok for one in results)
    context["table"] = Table(_("Checks"), [_("code"), _("what must hold"), _("result")], rows)
    return TemplateResponse(request, "desk/books.html", context)


def _found(result: books.CheckResult) -> Table:
    columns = [_("what"), _("number"), _("problem"), _("expected"), _("found")]
    rows = [
        [row.get(key, "") for key in ("what", "key", "problem", "expected", "found")] for row in result.rows
    ]
    note = _("%(shown)s of %(all)s rows") % {"shown": count(len(rows)), "all": count(result.count)}
    return Table(f"{result.code} {_(result.title)}", columns, rows, note=note)

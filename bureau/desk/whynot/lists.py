"""Lists for a whole region: who has a problem, and whose debit failed before the window closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.errors import BureauError
from bureau.exportadmin import PurposeForm
from bureau.forms import YearField, region_choices
from bureau.identity import mask_account, mask_name
from bureau.pages import NOTHING, Fact, Table, badge, count, day, link, money
from enrollment.models import Person, Policy
from enrollment.states import PolicyState
from payments.models import RetryAction
from payments.problems import CATALOGUE
from payments.services import retries, whynot
from payments.words import MEANINGS, meaning

WHAT = "last_chance"
exports.register(WHAT, gettext_lazy("Last chance"))
EXPORT_PAGE = 5_000
_ACTIONS = dict(RetryAction.choices)


class WhereForm(forms.Form):
    """The region, the year, and the last row of the page before."""

    region = forms.ChoiceField()
    year = YearField()
    problem = forms.ChoiceField(required=False, choices=[(code, code) for code in whynot.IN_BULK])
    after = forms.IntegerField(required=False, min_value=0, max_value=2**62)


@dataclass(frozen=True)
class Where:
    """What the page is about; `regions` and `years` to choose from."""

    region: str
    year: int
    problem: str
    after: int
    regions: Sequence[tuple[str, str]]
    years: Sequence[int]


def _where(request: HttpRequest) -> Where | None:
    """The region and year asked for where they are the person's, else the first region and the latest year; None without any."""
    published = Policy.objects.filter(state=PolicyState.PUBLISHED)
    pairs = list(published.order_by("region_id", "benefit_year").values_list("region_id", "benefit_year"))
    regions = region_choices(request.user, {region for region, _year in pairs})
    if not regions:
        return None
    form = WhereForm(request.GET)
    form.fields["region"].choices = regions  # type: ignore[attr-defined]
    form.is_valid()
    given = form.cleaned_data
    region = given.get("region") or regions[0][0]
    years = sorted({year for code, year in pairs if code == region})
    year = given.get("year") or years[-1]
    problem = given.get("problem") or whynot.IN_BULK[0]
    return Where(region, year, problem, given.get("after") or 0, regions, years)


def _open(request: HttpRequest, action: str) -> Where | None:
    if not access.may(request.user, action):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    return _where(request)


def problems(request: HttpRequest) -> HttpResponse:
    """Who of a region has a problem that a desk works off for everybody."""
    where = _open(request, "problems.view")
    context: dict[str, Any] = {"where": where}
    if where is not None:
        rows = whynot.in_region(
            problem=where.problem, region_id=where.region, year=where.year, after=where.after
        )
        problem = CATALOGUE[where.problem]
        lines = [
            [
                link(row.name, f"{reverse('desk:whynot', args=[row.person_id])}?year={where.year}"),
                f"#{row.person_id}",
                row.detail or NOTHING,
            ]
            for row in rows
        ]
        columns = [_("insured"), _("record"), _("known of it")]
        context |= {
            "choices": [
                (code, f"{CATALOGUE[code].number} {_(CATALOGUE[code].message)}") for code in whynot.IN_BULK
            ],
            "table": Table(
                _(problem.message), columns, lines, _("Nobody has this problem here."), note=_(problem.action)
            ),
            "next": _next(where, rows[-1].person_id) if len(rows) == whynot.PAGE else "",
        }
    return _draw(request, "desk/problems.html", _("Problems of a region"), **context)


def _next(where: Where, after: int) -> str:
    return "?" + urlencode(
        {"region": where.region, "year": str(where.year), "problem": where.problem, "after": str(after)}
    )


def last_chance(request: HttpRequest) -> HttpResponse:
    """Who has not paid and whose last debit failed, and how many runs are left."""
    where = _open(request, "batch.view")
    context: dict[str, Any] = {"where": where}
    if where is not None:
        rows = retries.last_chance(region_id=where.region, year=where.year, after=where.after)
        context |= {
            "facts": _runs(where),
            "table": Table(
                _("debits that failed"), _columns(), [_line(row, where.year) for row in rows],
                _("No debit failed that is not paid by now."),
            ),
            "next": _next(where, rows[-1].receivable_id) if len(rows) == retries.PAGE else "",
            "may_export": access.may(request.user, "export.list"),
            "query": urlencode({"region": where.region, "year": str(where.year)}),
        }  # fmt: skip
    return _draw(request, "desk/last_chance.html", _("Last chance"), **context)


def _runs(where: Where) -> list[Fact]:
    try:
        runs = retries.runs_left(region_id=where.region, year=where.year, on=clock.today())
    except BureauError as error:
        return [Fact(_("next run"), doors.words(error))]
    left = badge(_("last chance"), "danger") if runs.is_last else count(len(runs.days))
    return [
        Fact(_("next run"), day(runs.days[0]) if runs.days else NOTHING),
        Fact(_("runs left"), left),
        Fact(_("window closes"), day(runs.closes)),
    ]


def _columns() -> list[Any]:
    return [
        _("insured"), _("phone"), _("due"), _("tried on"), _("bank's reason"), _("failed debits that count"),
        _("account"), _("what follows"),
    ]  # fmt: skip


def _line(row: retries.Chance, year: int) -> list[Any]:
    follows = (
        badge(_("tried again"), "success") if row.tried_again else badge(_ACTIONS[row.action], "warning")
    )
    return [
        link(row.name, f"{reverse('desk:whynot', args=[row.person_id])}?year={year}"),
        row.phone or NOTHING,
        money(row.amount),
        day(row.tried_on),
        meaning(row.internal) or NOTHING,
        row.failures,
        mask_account(row.account),
        follows,
    ]


def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Ask for the purpose, then send the list as a file: names and accounts masked, written to the register of exports."""
    user = doors.me(request)
    if not (access.may(user, "export.list") and access.may(user, "batch.view")):
        raise PermissionDenied
    where = _where(request)
    if where is None:
        raise PermissionDenied
    back = f"{reverse('desk:last_chance')}?{urlencode({'region': where.region, 'year': str(where.year)})}"
    form = PurposeForm(doors.sent(request))
    if request.method != "POST" or not form.is_valid():
        names = [(_("region"), where.region), (_("benefit year"), where.year)]
        title = _("Export: %(what)s") % {"what": _("Last chance")}
        return _draw(request, "desk/export.html", title, form=form, names=names, back_url=back,
                     submit_text=_("Download CSV"))  # fmt: skip
    filters = {"region": where.region, "year": str(where.year)}
    record = doors.attempt(
        request,
        lambda: exports.begin(
            what=WHAT, filters=filters, by=user, at=clock.now(), purpose=form.cleaned_data["purpose"],
            region_id=where.region,
        ),
    )  # fmt: skip
    if record is None:
        return HttpResponseRedirect(back)
    blocks = exports.csv_blocks(
        record=record, headings=[str(head) for head in _columns()], rows=_rows(where), now=clock.now
    )
    response = StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{WHAT}_{where.region}_{where.year}.csv"'
    return response


def _rows(where: Where) -> Callable[[], Iterator[Sequence[Any]]]:
    """The rows when the stream is read; words are chosen now, before the request's language has gone."""
    reasons = {code: str(text) for code, text in MEANINGS.items()}
    follows = {code: str(text) for code, text in _ACTIONS.items()}
    again = str(_("tried again"))

    def read() -> Iterator[Sequence[Any]]:
        after = 0
        while page := retries.last_chance(
            region_id=where.region, year=where.year, after=after, size=EXPORT_PAGE
        ):
            for row in page:
                yield (
                    mask_name(row.name), row.phone, row.amount, row.tried_on,
                    reasons.get(row.internal, row.internal), row.failures, mask_account(row.account),
                    again if row.tried_again else follows[row.action],
                )  # fmt: skip
            after = page[-1].receivable_id

    return read


def _draw(request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, "opts": Person._meta, **context})

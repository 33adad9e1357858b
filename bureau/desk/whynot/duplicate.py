"""Two payments for one person and year side by side: which one carries the year, which one goes back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bureau import access, clock, doors
from bureau.errors import BureauError
from bureau.models import Region
from bureau.pages import NOTHING, Column, Fact, Table, badge, day, link, moment, money
from payments.admin.common import line_link, person_link
from payments.models import Channel, DuplicatePayment, OrderLine, Swap
from payments.models.orders import FIRST_LINE
from payments.services import comparisons, swaps


def page(request: HttpRequest, line_id: int) -> HttpResponse:
    """The comparison; for one that was decided, what became of it."""
    row = _row(request, line_id)
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    context: dict[str, Any] = {"row": row, "facts": _facts(request, row)}
    try:
        both = comparisons.compare(duplicate_id=row.pk)
    except BureauError as error:
        context["refusal"] = doors.words(error)
    else:
        waiting = swaps.open_proposal(row.pk)
        context |= {
            "table": _table(request, both),
            "better": both.better and both.carrier is not None,
            "alone": both.carrier is None,
            "refund": both.refund,
            "waiting": waiting and reverse("admin:bureau_proposal_change", args=[waiting.pk]),
            "refund_url": ""
            if both.refund or not access.may(request.user, "refund.request")
            else f"{reverse('admin:refunds_refundcase_new')}?{urlencode({'duplicate': row.pk})}",
            "may_propose": access.may(request.user, swaps.PROPOSE) and waiting is None and not both.refund,
        }
    frame = admin.site.each_context(request)
    title = f"{_('duplicate payment')} {row.person.name}"
    return TemplateResponse(
        request, "desk/duplicate.html", {**frame, "title": title, "opts": DuplicatePayment._meta, **context}
    )


def _row(request: HttpRequest, line_id: int) -> DuplicatePayment:
    rows = access.for_user(DuplicatePayment.objects.select_related("person", "region"), request.user)
    row = rows.filter(pk=line_id).order_by("pk").first()
    if row is None:
        raise Http404
    if not access.may(request.user, "money.view"):
        raise PermissionDenied
    return row


def _facts(request: HttpRequest, row: DuplicatePayment) -> list[Fact]:
    swap = Swap.objects.filter(duplicate_id=row.pk).order_by("pk").first()
    facts = [
        Fact(_("insured"), person_link(request.user, row.person)),
        Fact(_("benefit year"), row.receivable_id // 10**10),
        Fact(
            _("duplicate payment"),
            link(row.pk, reverse("admin:payments_duplicatepayment_change", args=[row.pk])),
        ),
    ]
    if swap is not None:
        carried = link(swap.carried_by, reverse("admin:payments_payment_change", args=[swap.carried_by]))
        facts.append(Fact(_("carries the year since"), moment(swap.swapped_at)))
        facts.append(Fact(_("payment that carries the year"), carried))
    return facts


def _table(request: HttpRequest, both: comparisons.Comparison) -> Table:
    """Both, field by field; a mark where they differ. What went back stands where nothing carries the year."""
    chinese = (get_language() or "zh").startswith("zh")
    first = both.carrier or (both.gone and both.gone.side)
    sides = [side for side in (first, both.duplicate) if side]
    names = dict(Region.objects.filter(pk__in={side.region_id for side in sides}).values_list("code", "name"))
    channels = dict(Channel.choices)
    orders = {
        line.pk: line.order.number
        for line in OrderLine.objects.select_related("order").filter(pk__in=[side.line_id for side in sides])
    }

    def source(side: comparisons.Side) -> Any:
        if side.line_id >= FIRST_LINE:
            return f"{_('order')} {orders.get(side.line_id, '')}"
        return line_link(request.user, side.line_id)

    def told(side: comparisons.Side) -> str:
        return side.decision.explain_zh if chinese else side.decision.explain_en

    fields: list[tuple[Any, Any]] = [
        (_("channel"), lambda side: channels.get(side.channel, side.channel)),
        (_("region"), lambda side: names.get(side.region_id, side.region_id)),
        (_("amount"), lambda side: money(side.amount)),
        (_("debit date"), lambda side: day(side.debited_on)),
        (_("posted at"), lambda side: moment(side.posted_at)),
        (_("came with"), source),
        (
            _("first day of cover"),
            lambda side: day(side.decision.start) if side.decision.start else _("no cover"),
        ),
        (_("months of waiting"), lambda side: side.decision.wait_months),
        (_("why"), told),
    ]
    rows = []
    for label, show in fields:
        one, other = show(first) if first else NOTHING, show(both.duplicate)
        rows.append([label, one, other, badge(_("differs"), "warning") if str(one) != str(other) else ""])
    columns = [Column("", "nowrap"), Column(_("carries the year")), Column(_("duplicate, goes back")), ""]
    if both.carrier is None:
        rows.append([_("taken back on"), day(both.gone.on) if both.gone else NOTHING, NOTHING, ""])
        columns = [
            Column("", "nowrap"),
            Column(_("carried the year, went back")),
            Column(_("duplicate, is still here")),
            "",
        ]
    return Table(_("The two payments"), columns, rows, NOTHING)


def propose(request: HttpRequest, line_id: int) -> HttpResponse:
    """Propose that the duplicate carries the year; a second person decides."""
    row = _row(request, line_id)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    doors.attempt(
        request,
        lambda: swaps.propose(
            duplicate_id=row.pk,
            reason=request.POST.get("reason", "")[:500],
            by=doors.me(request),
            at=clock.now(),
        ),
        _("Proposed: a second person decides."),
    )
    return HttpResponseRedirect(reverse("desk:duplicate", args=[row.pk]))

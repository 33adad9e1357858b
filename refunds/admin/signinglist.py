"""A list that is signed in one go: totals, differences marked, single cases taken out, conflicts named."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from bureau import access, clock, doors
from bureau.pages import NOTHING, Choice, badge, count, day, money
from payments.models import Channel
from refunds.models import RefundCase
from refunds.models.choices import REASONS
from refunds.services import looking, signing, steps
from refunds.states import FOR_APPROVAL, FOR_REVIEW

LIST_MOST = 300
CHANNELS = dict(Channel.choices)


class SigningList:
    """The page of a desk's list; mixed into the cases' admin."""

    url: Any
    url_for: Any
    draw: Any
    get_queryset: Any

    def sign(self, request: HttpRequest) -> HttpResponse:
        """Up to LIST_MOST cases with totals, ticked or taken out, signed in one call; conflicts are named."""
        by = doors.me(request)
        tax = access.may(by, signing.APPROVE)
        if not tax and not access.may(by, signing.REVIEW):
            raise PermissionDenied
        if request.method == "POST":
            ids = [
                int(one)
                for one in request.POST.getlist("case")
                if one.isascii() and one.isdigit() and len(one) < 18
            ][:LIST_MOST]
            if ids:
                sign = signing.approve if tax else signing.review
                done = doors.attempt(request, lambda: sign(case_ids=ids, by=by, at=clock.now()))
                if done is not None:
                    self._tell(request, done)
            return HttpResponseRedirect(f"{self.url('sign')}?reason={request.POST.get('reason', '')[:22]}")
        reason = request.GET.get("reason", "") or "DUP_PAY"
        states = FOR_APPROVAL if tax else FOR_REVIEW
        rows = (
            self.get_queryset(request)
            .filter(state__in=states, reason=reason)
            .select_related("person", "region")
        )
        signed = models.Q(submitted_by_id=by.pk) | models.Q(reviewed_by_id=by.pk)
        cases = list(
            rows.exclude(signed)
            .filter(models.Q(held_by=None) | models.Q(held_by_id=by.pk))
            .order_by("state_at", "id")[:LIST_MOST]
        )
        lines = looking.lines_of(cases)
        context = {
            "rows": [self._sign_row(case, lines.get(case.pk, [])) for case in cases],
            "total": money(sum((case.amount for case in cases), 0)) if cases else money(None),
            "number": count(len(cases)),
            "reasons": [Choice(label, f"?reason={value}", value == reason) for value, label in REASONS],
            "reason": reason,
            "tax": tax,
        }
        return self.draw(request, "desk/refund_sign.html", _("Sign a list"), **context)

    def _sign_row(self, case: RefundCase, lines: Sequence[Any]) -> dict[str, Any]:
        """What differs from the usual is marked: a part only, several payments, another amount, an amount open."""
        marks = []
        if any(line.amount != line.paid for line in lines):
            marks.append(badge(_("not the whole amount"), "warning"))
        if len(lines) > 1:
            marks.append(badge(_("%(number)s payments") % {"number": len(lines)}, "info"))
        if any(line.outcome != "REFUND" for line in lines):
            marks.append(badge(_("not a refund by the rules"), "danger"))
        return {
            "id": case.pk,
            "url": self.url_for(case),
            "number": case.number,
            "name": case.person.name,
            "region": case.region.name,
            "amount": money(case.amount),
            "yuan": f"{case.amount:.2f}",
            "paid_on": day(lines[0].paid_on) if lines else NOTHING,
            "channel": CHANNELS.get(lines[0].channel, NOTHING) if lines else NOTHING,
            "marks": marks,
            "plain": not any(line.outcome != "REFUND" for line in lines),
        }

    def _tell(self, request: HttpRequest, done: steps.Done) -> None:
        total = sum((case.amount for case in done.cases), Decimal())
        if done.cases:
            messages.success(
                request,
                _("%(number)s cases signed, %(amount)s yuan.")
                % {"number": len(done.cases), "amount": money(total)},
            )
        for conflict in done.conflicts[:10]:
            messages.warning(request, f"{conflict.number}: {doors.words(conflict.error)}")

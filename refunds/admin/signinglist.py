"""A list that is signed in one go: totals, differences marked, single cases taken out, conflicts named."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from bureau import access, clock, doors
from bureau.models import User
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
        mine = self._mine(request, by, FOR_APPROVAL if tax else FOR_REVIEW)
        counted = dict(mine.order_by().values_list("reason").annotate(models.Count("id")))
        reason = request.GET.get("reason", "")
        rows = mine.filter(reason=reason) if reason in counted else mine
        cases = list(rows.select_related("person", "region").order_by("state_at", "id")[:LIST_MOST])
        lines = looking.lines_of(cases)
        usual = Counter(case.amount for case in cases).most_common(1)
        context = {
            "rows": [self._sign_row(case, lines.get(case.pk, []), usual[0][0]) for case in cases],
            "total": money(sum((case.amount for case in cases), Decimal())) if cases else money(None),
            "number": count(len(cases)),
            "reasons": _choices(counted, reason),
            "reason": reason,
            "tax": tax,
        }
        return self.draw(request, "desk/refund_sign.html", _("Sign a list"), **context)

    def _mine(self, request: HttpRequest, by: User, states: Sequence[str]) -> models.QuerySet[RefundCase]:
        """What waits at this desk and was signed by somebody else until now; nobody else has it in hand."""
        signed = models.Q(submitted_by_id=by.pk) | models.Q(reviewed_by_id=by.pk)
        rows: models.QuerySet[RefundCase] = (
            self.get_queryset(request).filter(state__in=states).exclude(signed)
        )
        return rows.filter(models.Q(held_by=None) | models.Q(held_by_id=by.pk))

    def _sign_row(self, case: RefundCase, lines: Sequence[Any], usual: Decimal) -> dict[str, Any]:
        """What differs from the usual is marked: a part only, several payments, another amount, an amount open."""
        marks = []
        if any(line.amount != line.paid for line in lines):
            marks.append(badge(_("not the whole amount"), "warning"))
        elif case.amount != usual:
            marks.append(badge(_("another amount"), "info"))
        if len(lines) > 1:
            marks.append(badge(_("%(number)s payments") % {"number": len(lines)}, "info"))
        if any(line.outcome != "REFUND" for line in lines):
            marks.append(badge(_("not a refund by the rules"), "danger"))
        return {
            "id": case.pk,
            "url": self.url_for(case),
            "number": case.number,
            "name": case.person.name,
            "reason": case.get_reason_display(),
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


def _choices(counted: Mapping[str, int], chosen: str) -> list[Choice]:
    """Everything, and the reasons of which something waits, with their numbers."""
    every = Choice(f"{_('All')} {sum(counted.values())}", "?", chosen not in counted)
    return [
        every,
        *(
            Choice(f"{label} {counted[value]}", f"?reason={value}", value == chosen)
            for value, label in REASONS
            if value in counted
        ),
    ]

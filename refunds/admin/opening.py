"""A new case: whose money, would it be refunded, and the form that opens it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from bureau import clock, doors
from bureau.models import User
from bureau.pages import RIGHT, Column, Fact, Table, day, link, money
from refunds.admin.forms import RefundForm
from refunds.eligibility import Decision
from refunds.services import filing, looking, unbooked
from refunds.services.facts import Source
from refunds.words import in_chinese


class Opening:
    """The two pages that lead to a case; mixed into the cases' admin."""

    url: Any
    url_for: Any
    draw: Any

    def start(self, request: HttpRequest) -> HttpResponse:
        """Whose money: by ID number; every payment of theirs in one's regions."""
        by = doors.me(request)
        doors.require(request, filing.REQUEST)
        who = request.POST.get("who", "").strip()[:40] if request.method == "POST" else ""
        tables = self._found(who, by) if who else []
        return self.draw(request, "desk/refund_start.html", _("New refund"), tables=tables)

    def _found(self, number: str, by: User) -> list[Table]:
        """What was paid, each with the question; what is in no books, with the answer at once."""
        person = looking.person_of(number)
        paid = [] if person is None else looking.payments_of(person=person, by=by)
        rows = [
            [
                one.person.name,
                _("duplicate payment") if one.is_duplicate else _("payment"),
                day(one.debited_on),
                money(one.amount),
                one.channel,
                link(_("Would this be refunded?"), f"{self.url('new')}?{one.query}"),
            ]
            for one in paid
        ]
        columns = [_("insured"), _("kind"), _("payment date"), Column(_("amount"), RIGHT), _("channel"), ""]
        nothing = _("Nothing was paid under this number in your regions.")
        tables = [Table(_("Payments"), columns, rows, nothing)]
        others = [] if person is None else unbooked.unbooked_of(person=person, on=clock.today(), by=by)
        if others:
            told = [[day(one.day), money(one.amount), one.channel, _sentence(one.decision)] for one in others]
            columns = [_("day"), Column(_("amount"), RIGHT), _("channel"), _("decision")]
            tables.append(Table(_("Not booked"), columns, told))
        return tables

    def new(self, request: HttpRequest) -> HttpResponse:
        """The form; looked at first, opened with the second button."""
        by = doors.me(request)
        source = _source(request)
        shown = looking.money_in_scope(source, by)
        if shown is None:
            raise Http404
        doors.require(request, filing.REQUEST)
        form = RefundForm(
            doors.sent(request), initial={"reason": "DUP_PAY" if source.duplicate_id else "EMPLOYEE"}
        )
        weighed = None
        if request.method == "POST" and form.is_valid():
            wanted = form.to_form(source)
            if "open" in request.POST:
                case = doors.attempt(
                    request, lambda: filing.draft(form=wanted, by=by, at=clock.now()), _("The case is open.")
                )
                if case is not None:
                    return HttpResponseRedirect(self.url_for(case))
            else:
                weighed = doors.attempt(request, lambda: filing.preview(form=wanted, on=clock.today()))
        decided = [
            (
                _sentence(one.decision),
                one.decision.outcome.value,
                money(one.decision.amount),
            )
            for one in weighed or []
        ]
        facts = [
            Fact(_("insured"), shown.person_name),
            Fact(_("paid"), money(shown.paid)),
            Fact(_("payment date"), day(shown.paid_on)),
            Fact(_("cover starts"), day(shown.cover_start)),
            Fact(_("reserved"), money(shown.held)),
            Fact(
                _("account"),
                _("known: it goes back the way it came")
                if shown.account
                else _("not known: please give one"),
            ),
        ]
        return self.draw(
            request,
            "desk/refund_new.html",
            _("New refund"),
            form=form,
            facts=facts,
            decided=decided,
            back_url=self.url("start"),
        )


def _sentence(decision: Decision) -> str:
    """In the reader's language."""
    return decision.explain_zh if in_chinese() else decision.explain_en


def _source(request: HttpRequest) -> Source:
    """The payment or duplicate of the address line; 404 for anything else."""
    for name in ("payment", "duplicate"):
        value = request.GET.get(name, "")
        if value.isascii() and value.isdigit() and len(value) < 20 and int(value) < 2**63:
            return Source(payment_id=int(value)) if name == "payment" else Source(duplicate_id=int(value))
    raise Http404

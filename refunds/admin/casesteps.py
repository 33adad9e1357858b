"""The steps of one case: what only a POST does, one service call each; then the next case of the queue."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _

from bureau import access, clock, doors
from refunds.admin.forms import AccountForm, AmountForm, PaperForm
from refunds.models import RefundCase
from refunds.papers import Paper
from refunds.services import accounts, filing, original, payees, signing
from refunds.states import FOR_APPROVAL, FOR_REVIEW

Call = tuple[Callable[[], Any], Any, bool]


def own_desk(user: Any) -> str:
    """The queue that a role works off."""
    return "approve" if access.Role.TAX_OFFICER in access.roles(user) else "review"


class Steps:
    """Mixed into the cases' admin."""

    url: Any
    url_for: Any
    found: Any
    get_queryset: Any

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One step of one case: one service call."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        action = request.POST.get("action", "")
        calls = self._calls(request, row)
        if action not in calls:
            return HttpResponseRedirect(self.url_for(row))
        call, done, follows = calls[action]
        result = doors.attempt(request, call, done)
        if result is None or not follows:
            return HttpResponseRedirect(self.url_for(row))
        following = self._following(request, row)
        return HttpResponseRedirect(self.url_for(following) if following else self.url("changelist"))

    def _calls(self, request: HttpRequest, row: RefundCase) -> dict[str, Call]:
        """(call, what to say, whether the next case opens) of each action."""
        return self._filing(request, row) | self._signing(request, row)

    def _filing(self, request: HttpRequest, row: RefundCase) -> dict[str, Call]:
        by, at, pk = doors.me(request), clock.now(), row.pk
        text = request.POST.get("words", "")[:1000]
        written = _("The account is written down; a second person confirms it.")
        return {
            "attach": (lambda: self._attach(request, row), _("Kept with the case."), False),
            "submit": (
                lambda: filing.submit(case_id=pk, by=by, at=at),
                _("Submitted: the money is reserved."),
                False,
            ),
            "withdraw": (
                lambda: filing.withdraw(case_id=pk, words=text, by=by, at=at),
                _("Withdrawn."),
                False,
            ),
            "account": (lambda: self._account(request, row), written, False),
        }

    def _signing(self, request: HttpRequest, row: RefundCase) -> dict[str, Call]:
        named: dict[str, Any] = {"by": doors.me(request), "at": clock.now()}
        one, ids = named | {"case_id": row.pk}, named | {"case_ids": [row.pk]}
        text, route = request.POST.get("words", "")[:1000], request.POST.get("route", "")
        missing = [paper for paper in request.POST.getlist("missing") if paper in set(Paper)]
        amount = AmountForm(request.POST)
        given = amount.cleaned_data["amount"] if amount.is_valid() else None
        by_hand = {row.pk: given} if given else {}
        return {
            "take": (lambda: signing.take(**one), _("It is yours."), False),
            "put_back": (lambda: signing.put_back(**one), _("Given back."), False),
            "again": (lambda: signing.decide_again(**one), _("Decided again."), False),
            "review": (
                lambda: signing.review(**ids, amounts=by_hand).one(),
                _("Signed for the bureau."),
                True,
            ),
            "original": (lambda: original.take_back(**one), _("The channel returned the money."), True),
            "approve": (
                lambda: signing.approve(**ids, route=route).one(),
                _("Approved: cover and receivable follow."),
                True,
            ),
            "return": (
                lambda: signing.send_back(**ids, words=text, missing=missing).one(),
                _("Returned for papers."),
                True,
            ),
            "reject": (
                lambda: signing.reject(**ids, words=text).one(),
                _("The refund is refused."),
                True,
            ),
        }

    def _attach(self, request: HttpRequest, row: RefundCase) -> Any:
        form = PaperForm(request.POST, request.FILES)
        if not form.is_valid():
            raise filing.PapersMissing(papers=_("no file"))
        file = form.cleaned_data["file"]
        kind = Paper(form.cleaned_data["kind"])
        return filing.attach(
            case_id=row.pk, file=file, kind=kind, by=doors.me(request), at=clock.now(), name=file.name
        )

    def _account(self, request: HttpRequest, row: RefundCase) -> Any:
        form = AccountForm(request.POST)
        account = form.to_account() if form.is_valid() else None
        if account is None:
            raise payees.AccountMissing()
        return accounts.correct(
            case_id=row.pk,
            account=account,
            words=request.POST.get("words", "")[:300],
            by=doors.me(request),
            at=clock.now(),
        )

    def _following(self, request: HttpRequest, row: RefundCase) -> RefundCase | None:
        """The next case of the same queue."""
        states = FOR_APPROVAL if own_desk(request.user) == "approve" else FOR_REVIEW
        rows = self.get_queryset(request).filter(state__in=states).exclude(pk=row.pk)
        free = rows.filter(models.Q(held_by=None) | models.Q(held_by_id=request.user.pk))
        return free.exclude(submitted_by_id=request.user.pk).order_by("state_at", "id").first()

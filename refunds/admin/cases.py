"""Refund cases: queues per desk, one case with its timeline and money, and the list that is signed in one go."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, attachments, clock, doors, exports
from bureau.exportadmin import ExportableAdmin
from bureau.filters import BoundedFilter, RegionFilter, SelectFilter, by_choices
from bureau.identity import mask_id
from bureau.pages import (
    NOTHING,
    RIGHT,
    Choice,
    Column,
    Detail,
    Fact,
    Table,
    badge,
    day,
    link,
    moment,
    money,
    pictures,
)
from refunds import letters, words
from refunds.admin.forms import AccountForm, AmountForm, PaperForm
from refunds.admin.opening import Opening, in_chinese
from refunds.admin.signinglist import SigningList
from refunds.models import PayeeAccount, RefundCase, RefundStep
from refunds.models.choices import PAPERS, REASONS
from refunds.papers import Paper
from refunds.services import accounts, filing, looking, signing
from refunds.states import ENDED, FOR_APPROVAL, FOR_REVIEW, RUNNING, CaseState

Call = tuple[Callable[[], Any], Any, bool]
QUICK = (
    gettext_lazy("The signed application form is missing."),
    gettext_lazy("The bank card does not show the branch's name."),
    gettext_lazy("The picture cannot be read: please take it again in good light."),
)
SHOWN = {
    "review": FOR_REVIEW,
    "approve": FOR_APPROVAL,
    "mine": (),
    "payout": (CaseState.TAX_APPROVED, CaseState.TREASURY_SENT, CaseState.FUND_PAYMENT),
    "failed": (CaseState.PAY_FAILED,),
    "returned": (CaseState.RETURNED, CaseState.DRAFT),
    "late": (),
    "ended": (CaseState.PAID, *ENDED),
}


class DeskFilter(SelectFilter):
    """Whose turn it is."""

    kind = "chip"
    title = gettext_lazy("desk")
    parameter_name = "show"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """The queues."""
        return [(name, "") for name in SHOWN]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The chosen queue; by default the one of the person's own desk."""
        chosen = self.chosen or own_desk(request.user)
        if chosen == "mine":
            return queryset.filter(held_by_id=request.user.pk)
        if chosen == "late":
            return queryset.filter(target_on__lt=clock.today(), state__in=RUNNING)
        return queryset.filter(state__in=SHOWN[chosen])


class NumberFilter(BoundedFilter):
    """A case by its number."""

    title = gettext_lazy("case number")
    parameter_name = "number"
    pattern = r"TF[0-9]{4,17}"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By its beginning."""
        return queryset.filter(number__startswith=chosen)


def own_desk(user: Any) -> str:
    """The queue that a role works off."""
    return "approve" if access.Role.TAX_OFFICER in access.roles(user) else "review"


def name_of(user: Any) -> str:
    """A colleague's name."""
    return (user.get_full_name() or user.username) if user else NOTHING


@admin.register(RefundCase)
class RefundCaseAdmin(Opening, SigningList, ExportableAdmin):
    """Cases, oldest in their state first."""

    view_action = "refund.view"
    export_what, export_label = "refunds", gettext_lazy("refund cases")
    keyset = ("state_at", "id")
    list_display = ("number", "waits", "insured", "reason", "yuan", "state_shown", "due", "region_name")
    list_right = ("yuan",)
    list_select_related = ("region", "person", "held_by")
    list_filter = (
        DeskFilter,
        NumberFilter,
        by_choices("reason", gettext_lazy("reason"), REASONS),
        RegionFilter,
    )
    change_list_template = "desk/refunds.html"
    detail_template = "desk/refund.html"
    routes = (
        ("start/", "start", "start"),
        ("new/", "new", "new"),
        ("sign/", "sign", "sign"),
        ("<int:pk>/act/", "act", "act"),
        ("<int:pk>/form/", "form", "form_pdf"),
        ("<int:pk>/letter/", "letter", "letter_pdf"),
    )
    empty_text = gettext_lazy("No refund waits here.")

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """The queues, one click away."""
        chosen = request.GET.get("show", "") or own_desk(request.user)
        names = (
            ("review", _("To review")),
            ("approve", _("To approve")),
            ("mine", _("Mine")),
            ("payout", _("Being paid out")),
            ("failed", _("Payout failed")),
            ("returned", _("Papers missing")),
            ("late", _("Overdue")),
            ("ended", _("Ended")),
        )
        return [Choice(name, f"?show={value}", value == chosen) for value, name in names]

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """New case, and the list that is signed at once."""
        buttons = []
        if access.may(request.user, filing.REQUEST):
            buttons.append((_("New case"), self.url("start"), "add"))
        if access.may(request.user, signing.REVIEW) or access.may(request.user, signing.APPROVE):
            buttons.append((_("Sign a list"), self.url("sign"), "playlist_add_check"))
        return [*buttons, *self.export_button(request)]

    def export_headings(self) -> Sequence[Any]:
        """Reason, state and age of each case, and its days."""
        return (
            _("case number"), _("pooling region"), _("benefit year"), _("reason"), _("state"), _("days in this state"),
            _("amount"),
            _("route"), _("applied on"), _("submitted at"), _("target"), _("hard limit"), _("paid on"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[Any]) -> Callable[[], Iterable[Sequence[Any]]]:
        """No name, no number of a person."""
        now, reasons = clock.now(), {value: str(label) for value, label in REASONS}
        states = {value: str(label) for value, label in words.NAMES.items()}
        names = (
            "number", "region_id", "benefit_year", "reason", "state", "state_at", "amount", "route", "applied_on", "submitted_at",
            "target_on", "limit_on", "paid_on",
        )  # fmt: skip

        def read() -> Iterable[Sequence[Any]]:
            for row in exports.streamed(rows, *names):
                number, region, year, reason, state, since, *rest = row
                yield number, region, year, reasons[reason], states[state], (now - since).days, *rest

        return read

    # ---------------------------------------------------------------- columns

    @admin.display(description=gettext_lazy("waiting for"))
    def waits(self, row: RefundCase) -> Any:
        """Days in this state."""
        if row.state in ENDED:
            return moment(row.state_at)
        days = (clock.now() - row.state_at).days
        return (
            badge(_("%(number)s days") % {"number": days}, "warning") if days >= 3 else moment(row.state_at)
        )

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: RefundCase) -> str:
        """Who."""
        return row.person.name

    @admin.display(description=gettext_lazy("amount"))
    def yuan(self, row: RefundCase) -> str:
        """How much."""
        return money(row.amount)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: RefundCase) -> Any:
        """Where it stands, and in whose hands."""
        shown = words.state_badge(row.state)
        return (
            shown
            if row.held_by is None
            else badge(f"{words.NAMES[row.state]} · {name_of(row.held_by)}", "info")
        )

    @admin.display(description=gettext_lazy("due on"))
    def due(self, row: RefundCase) -> Any:
        """The target; red past the hard limit."""
        today = clock.today()
        if (
            row.target_on is None
            or row.limit_on is None
            or row.state not in RUNNING
            or row.target_on >= today
        ):
            return day(row.target_on)
        return badge(day(row.target_on), "danger" if row.limit_on < today else "warning")

    @admin.display(description=gettext_lazy("pooling region"))
    def region_name(self, row: RefundCase) -> str:
        """The region's name."""
        return row.region.name

    # ---------------------------------------------------------------- one case

    def detail(self, request: HttpRequest, row: RefundCase) -> Detail:
        """The decision sentence, the money, the papers, the timeline, and what this person may do."""
        related = (
            "region",
            "person",
            "client",
            "submitted_by",
            "reviewed_by",
            "approved_by",
            "payout_by",
            "held_by",
            "policy",
        )
        case = RefundCase.objects.select_related(*related).get(pk=row.pk)
        lines = list(case.lines.select_related("person").order_by("pk"))
        user = doors.me(request)
        chinese = in_chinese()
        account = case.accounts.order_by("-number").first()
        lacking = filing.papers_missing(case, lines)
        attached = attachments.of(case).select_related("uploaded_by").order_by("id")
        notices = (
            [case.words] if case.words and case.state in (CaseState.RETURNED, CaseState.PAY_FAILED) else []
        )
        if lacking and case.state in (CaseState.DRAFT, CaseState.RETURNED):
            notices.append(
                _("Still missing: %(papers)s") % {"papers": "、".join(str(PAPERS[one]) for one in lacking)}
            )
        extra = {
            "case": case,
            "sentences": [line.explain_zh if chinese else line.explain_en for line in lines],
            "pictures": pictures(attached, {paper.value: words_ for paper, words_ in PAPERS.items()}),
            "papers": [(paper.value, PAPERS[paper], paper in lacking) for paper in Paper],
            "timeline": self._timeline(case),
            "status_text": words.for_citizen(case),
            "quick": QUICK,
            "by_hand": any(line.outcome == "REVIEW" for line in lines),
            "refused": any(line.outcome == "REFUSE" for line in lines),
            **looking.may(user, case),
        }
        return Detail(
            f"{case.number} {case.person.name}",
            self._facts(
                case, account, in_full=bool(extra["sees_account"]), looks_up=access.may(user, "person.view")
            ),
            [self._money(lines, case), *self._second_half(case)],
            badges=[words.state_badge(case.state), badge(money(case.amount) + _(" yuan"), "primary")],
            notices=notices,
            extra=extra,
        )

    def _facts(
        self, case: RefundCase, account: PayeeAccount | None, *, in_full: bool, looks_up: bool
    ) -> list[Fact]:
        person = case.person
        who = link(person.name, reverse("desk:person", args=[person.pk])) if looks_up else person.name
        facts = [
            Fact(_("insured"), who),
            Fact(_("ID number"), mask_id(person.id_number)),
            Fact(_("pooling region"), case.region.name),
            Fact(_("benefit year"), case.benefit_year),
            Fact(_("reason"), case.get_reason_display()),
            Fact(_("date of the event"), day(case.event_date)),
            Fact(_("came by"), case.get_origin_display()),
            Fact(_("applicant is"), case.get_applicant_display()),
            Fact(_("applied on"), day(case.applied_on)),
            Fact(_("target"), day(case.target_on)),
            Fact(_("hard limit"), day(case.limit_on)),
            Fact(_("policy version"), f"{case.policy.region_id} · {case.policy.version}"),
            Fact(_("payee"), case.get_payee_display() or NOTHING),
            Fact(_("route"), case.get_route_display() or NOTHING),
        ]
        if case.applicant_name:
            number = mask_id(case.applicant_number) if case.applicant_number else ""
            facts.append(
                Fact(
                    _("applicant"),
                    f"{case.applicant_name} {number} {case.applicant_phone}".strip(),
                    wide=True,
                )
            )
        if account is not None:
            number = account.account if in_full else f"…{account.account[-4:]}"
            state = (
                _("confirmed by %(who)s") % {"who": name_of(account.confirmed_by)}
                if account.confirmed_by
                else _("not confirmed yet")
            )
            text = (
                f"{account.holder} · {number} · {account.bank_name or account.get_source_display()} · {state}"
            )
            facts.append(Fact(_("account"), text, wide=True))
        if case.note:
            facts.append(Fact(_("note"), case.note, wide=True))
        return facts

    def _money(self, lines: Sequence[Any], case: RefundCase) -> Table:
        """Paid, reserved, refunded, left, of each payment."""
        sums = looking.money_of(lines)
        rows = []
        for line in lines:
            held = sums[line.pk]
            source = _("payment") if line.payment_id else _("duplicate payment")
            rows.append(
                [
                    line.person.name,
                    f"{source} {line.payment_id or line.duplicate_id}",
                    day(line.paid_on),
                    money(line.paid),
                    money(held.reserved),
                    money(held.refunded),
                    money(held.left),
                    money(line.amount),
                    line.rule,
                ]
            )
        columns = [
            _("insured"),
            _("payment"),
            _("payment date"),
            Column(_("paid"), RIGHT),
            Column(_("reserved"), RIGHT),
            Column(_("refunded"), RIGHT),
            Column(_("left"), RIGHT),
            Column(_("this case"), RIGHT),
            _("rule"),
        ]
        return Table(_("Money"), columns, rows)

    def _second_half(self, case: RefundCase) -> list[Table]:
        """Refund first, then pay again: both halves in sight."""
        if case.again_receivable_id is None:
            return []
        paid = looking.paid_again(case)
        rows = [
            [str(one.pk), day(one.debited_on), money(one.amount), one.get_channel_display()] for one in paid
        ]
        columns = [_("payment"), _("payment date"), Column(_("amount"), RIGHT), _("channel")]
        return [
            Table(
                _("Paid again"),
                columns,
                rows,
                _("Not paid again yet: the receivable opens when the refund is approved."),
            )
        ]

    def _timeline(self, case: RefundCase) -> list[tuple[Any, str, str, str]]:
        rows = RefundStep.objects.filter(case=case).select_related("by").order_by("number")
        return [
            (words.state_badge(step.to_state), moment(step.at), name_of(step.by), step.words) for step in rows
        ]

    # ---------------------------------------------------------------- what only a POST does

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
            raise filing.AccountMissing()
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

    # ---------------------------------------------------------------- on paper

    def form_pdf(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The application form, filled in, to be signed."""
        row = self.found(request, str(pk))
        return _pdf(letters.application_form(row), f"{row.number}-form.pdf")

    def letter_pdf(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The decision in writing."""
        row = self.found(request, str(pk))
        if row.state in (CaseState.DRAFT, CaseState.SUBMITTED, CaseState.BUREAU_REVIEW):
            raise Http404
        return _pdf(letters.decision_letter(row), f"{row.number}-letter.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response

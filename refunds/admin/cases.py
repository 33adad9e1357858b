"""Refund cases: queues per desk, one case with its timeline and money, and the list that is signed in one go."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, attachments, clock, doors, exports
from bureau.exportadmin import ExportableAdmin
from bureau.filters import BoundedFilter, RegionFilter, SelectFilter, by_choices
from bureau.pages import (
    Choice,
    Detail,
    badge,
    day,
    moment,
    money,
    pictures,
)
from refunds import letters, words
from refunds.admin import casepage
from refunds.admin.casesteps import Steps, own_desk
from refunds.admin.opening import Opening
from refunds.admin.signinglist import SigningList
from refunds.models import RefundCase
from refunds.models.choices import PAPERS, REASONS
from refunds.papers import Paper
from refunds.services import filing, looking, original, signing
from refunds.states import ENDED, FOR_APPROVAL, FOR_REVIEW, RUNNING, CaseState

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
    "mend": (CaseState.PAY_FAILED, CaseState.RETURNED),
    "returned": (CaseState.RETURNED, CaseState.DRAFT),
    "late": (),
    "ended": (CaseState.PAID, *ENDED),
}


LONG = 3
"""Days after which a case that waits is marked."""


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


@admin.register(RefundCase)
class RefundCaseAdmin(Opening, Steps, SigningList, ExportableAdmin):
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
        days = (clock.today() - clock.day_of(row.state_at)).days
        if days == 0:
            return _("since today")
        told = _("%(number)s days") % {"number": days}
        return badge(told, "warning") if days >= LONG else told

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
            else badge(f"{words.NAMES[row.state]} · {casepage.name_of(row.held_by)}", "info")
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
        chinese = words.in_chinese()
        account = case.accounts.order_by("-number").first()
        lacking = filing.papers_missing(case, lines)
        attached = attachments.of(case).select_related("uploaded_by").order_by("id")
        notices = (
            [words.reason_of(case)]
            if case.words and case.state in (CaseState.RETURNED, CaseState.PAY_FAILED)
            else []
        )
        if lacking and case.state in (CaseState.DRAFT, CaseState.RETURNED):
            notices.append(_("Still missing: %(papers)s") % {"papers": words.papers(lacking)})
        extra = {
            "case": case,
            "sentences": [line.explain_zh if chinese else line.explain_en for line in lines],
            "pictures": pictures(attached, {paper.value: words_ for paper, words_ in PAPERS.items()}),
            "papers": [(paper.value, PAPERS[paper], paper in lacking) for paper in Paper],
            "timeline": casepage.timeline(case),
            "status_text": words.for_citizen(case),
            "quick": QUICK,
            "by_hand": any(line.outcome == "REVIEW" for line in lines),
            "refused": any(line.outcome == "REFUSE" for line in lines),
            **(may := looking.may(user, case)),
            "may_take_back": may["may_approve"] and original.possible(lines=lines, on=clock.today()),
        }
        return Detail(
            f"{case.number} {case.person.name}",
            casepage.facts_of(
                case,
                lines,
                account,
                in_full=bool(extra["sees_account"]),
                looks_up=access.may(user, "person.view"),
            ),
            [casepage.money_table(lines), *casepage.second_half(case), *casepage.reminders(case)],
            badges=[words.state_badge(case.state), badge(money(case.amount) + _(" yuan"), "primary")],
            notices=notices,
            extra=extra,
        )

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

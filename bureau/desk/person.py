"""One page about one person: registered, due, debited, paid, covered from when, and everything that happened.

Names are shown in full, numbers of documents and accounts masked. Rows of other regions are not shown, but for the fact
that there is an enrolment, and its state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bureau import access, doors
from bureau.desk import history
from bureau.identity import CERT_TYPES, mask_account, mask_id
from bureau.models import User
from bureau.pages import NOTHING, RIGHT, Column, Fact, Table, badge, day, link, moment, money
from enrollment.models import (
    Coverage,
    EmployeeSpell,
    Enrollment,
    Person,
    PersonCategory,
    PriorCover,
    SpecialStatus,
)
from enrollment.services.cover import explain
from enrollment.words import COVER_REASONS, RULES, group_name
from payments.models import (
    DuplicatePayment,
    Instruction,
    Mandate,
    Payment,
    Receivable,
    Reversal,
    WorkItem,
)
from payments.words import (
    INSTRUCTION_STATES,
    MANDATE_STATES,
    RECEIVABLE_STATES,
    WORK_STATES,
    line_reason,
    state_badge,
)

ENROLLMENT_TONES = {"0": "", "1": "success", "2": "warning", "4": ""}


@dataclass(frozen=True)
class Standing:
    """Where a person stands in a benefit year: due, paid, covered, and the sentence to read out."""

    year: int
    region: str
    state: Any
    due: str
    cover: str
    sentence: str


def visible(user: User, person_id: int) -> Person | None:
    """The person, when registered or enrolled in a region of ``user``."""
    people = Person.objects.select_related("region").filter(pk=person_id)
    codes = access.regions_of(user)
    if codes is not None:
        mine = Enrollment.objects.filter(person_id=person_id, region_id__in=sorted(codes)).values("person_id")
        people = people.filter(Q(region_id__in=sorted(codes)) | Q(pk__in=mine))
    return people.first()


def page(request: HttpRequest, person_id: int) -> HttpResponse:
    """The page; 404 for people of other regions, 403 for roles that look nobody up."""
    user = doors.me(request)
    person = visible(user, person_id)
    if person is None:
        raise Http404
    if not access.may(user, "person.view"):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": person.name,
        "opts": Person._meta,
        **_content(user, person),
    }
    return TemplateResponse(request, "desk/person.html", context)


def _content(user: User, person: Person) -> dict[str, Any]:
    mine = _Rows(user, person)
    return {
        "person": person,
        "badges": _badges(person),
        "facts": _facts(person),
        "standings": mine.standings(),
        "money_tables": [
            mine.receivables(),
            mine.instructions(),
            mine.payments(),
            *mine.exceptions(),
            mine.work(),
        ],
        "cover_tables": [mine.cover(), *mine.former()],
        "register_tables": [mine.enrollments(), mine.mandates(), *mine.categories(), *mine.earlier()],
        "moments": mine.moments(),
    }


def _badges(person: Person) -> list[Any]:
    found = [badge(person.region.name)]
    if person.death_date is not None:
        found.append(badge(_("deceased %(day)s") % {"day": day(person.death_date)}, "danger"))
    return found


def _facts(person: Person) -> list[Fact]:
    return [
        Fact(_("ID number"), mask_id(person.id_number)),
        Fact(_("ID type"), _id_type(person.id_type)),
        Fact(_("old ID number"), mask_id(person.id_alias) if person.id_alias else NOTHING),
        Fact(_("gender"), person.get_gender_display()),
        Fact(_("person class"), person.get_person_class_display()),
        Fact(_("phone"), person.phone or NOTHING),
        Fact(_("region"), person.region.name),
        Fact(_("registered at"), moment(person.created_at)),
    ]


def _id_type(code: str) -> str:
    kind = CERT_TYPES.get(code)
    return _(kind.en) if kind else code


def _period(row: Coverage) -> str:
    return f"{day(row.start)} – {day(_last_day(row))}" if row.start else _("no cover")


def _last_day(row: Coverage) -> Any:
    return row.end and row.end.fromordinal(row.end.toordinal() - 1)


class _Rows:
    """Everything about a person that the user may see, read once, kind by kind."""

    def __init__(self, user: User, person: Person) -> None:
        self.user, self.person = user, person
        self.language = get_language() or "zh-hans"
        codes = access.regions_of(user)
        self.here = lambda region_id: codes is None or region_id in codes
        self.enrolled = list(
            Enrollment.objects.filter(person=person).select_related("region").order_by("-id")
        )
        due = Receivable.objects.filter(person=person).with_state()
        self.due: list[Any] = list(self._mine(due).order_by("-id"))
        self.asked = list(
            self._mine(Instruction.objects.filter(person=person).with_state(), "batch").order_by("-id")
        )
        self.covers = list(self._mine(Coverage.objects.filter(person=person), "policy").order_by("-id"))
        self.held_mandates = list(
            Mandate.objects.filter(person=person).select_related("bank").order_by("-id")
        )
        self.items = list(self._mine(WorkItem.objects.filter(person=person), "taken_by").order_by("-id"))
        self.groups = list(PersonCategory.objects.filter(person=person).order_by("-valid_from"))
        self.specials = list(SpecialStatus.objects.filter(person=person).order_by("-id"))
        self.spells = list(
            EmployeeSpell.objects.filter(person=person).select_related("region").order_by("-started_on")
        )
        self.prior = list(PriorCover.objects.filter(person=person).order_by("-benefit_year"))

    def _mine(self, rows: QuerySet[Any], *related: str) -> QuerySet[Any]:
        return access.for_user(rows, self.user).select_related("region", *related)

    @property
    def current(self) -> list[Coverage]:
        """The row in force of each receivable: the one with the highest number."""
        last: dict[int, Coverage] = {}
        for row in sorted(self.covers, key=lambda one: one.pk):
            last[row.receivable_id] = row
        return sorted(last.values(), key=lambda one: one.pk, reverse=True)

    def standings(self) -> list[Standing]:
        """One line for each receivable, newest year first."""
        cover = {row.receivable_id: row for row in self.current}
        found = []
        for row in self.due:
            held = cover.get(row.pk)
            found.append(
                Standing(
                    row.benefit_year,
                    row.region.name,
                    state_badge(RECEIVABLE_STATES, row.state),
                    money(row.amount_due),
                    _period(held) if held else NOTHING,
                    explain(held, self.language) if held else "",
                )
            )
        return found

    def receivables(self) -> Table:
        """What is due, and its state by the facts."""
        rows = [
            [
                link(row, reverse("admin:payments_receivable_change", args=[row.pk])),
                row.benefit_year,
                row.region.name,
                state_badge(RECEIVABLE_STATES, row.state),
                row.get_aid_category_display() or NOTHING,
                money(row.standard),
                money(row.aid),
                money(row.amount_due),
            ]
            for row in self.due
        ]
        columns = [
            _("number"),
            _("year"),
            _("region"),
            _("state"),
            _("aid category"),
            *_right(_("standard"), _("aid"), _("amount due")),
        ]
        return Table(
            _("receivables"), columns, rows, _("Nothing was assessed for this person."), anchor="money"
        )

    def instructions(self) -> Table:
        """What banks were asked to debit, and their answers so far."""
        rows = [
            [
                row.ref,
                link(row.batch.title, reverse("admin:payments_debitbatch_change", args=[row.batch_id])),
                f"{day(row.batch.debit_from)} – {day(row.batch.debit_to)}",
                state_badge(INSTRUCTION_STATES, row.state),
                mask_account(row.account),
                row.holder,
                money(row.amount),
            ]
            for row in self.asked
        ]
        columns = [
            _("reference"),
            _("batch"),
            _("debit days"),
            _("state"),
            _("account"),
            _("account holder"),
            *_right(_("amount")),
        ]
        return Table(_("debit instructions"), columns, rows, _("No bank was asked to debit anything."))

    def payments(self) -> Table:
        """Money that was booked for the person's receivables."""
        wanted = Q()
        for row in self.due:
            wanted |= Q(id__gte=row.pk * 100, id__lt=row.pk * 100 + 100)
        found = self._mine(Payment.objects.filter(wanted)).order_by("-id") if self.due else []
        rows = [
            [
                link(row.pk, reverse("admin:payments_payment_change", args=[row.pk])),
                row.benefit_year,
                row.region.name,
                row.get_channel_display(),
                day(row.debited_on),
                moment(row.posted_at),
                money(row.amount),
            ]
            for row in found
        ]
        columns = [
            _("payment"),
            _("year"),
            _("region"),
            _("channel"),
            _("debit date"),
            _("posted at"),
            *_right(_("amount")),
        ]
        return Table(_("payments"), columns, rows, _("No payment is booked."))

    def exceptions(self) -> list[Table]:
        """Duplicates and reversals, each only where there is one."""
        twice = list(self._mine(DuplicatePayment.objects.filter(person=self.person)).order_by("-line_id"))
        back = list(self._mine(Reversal.objects.filter(person=self.person)).order_by("-line_id"))
        tables = []
        if twice:
            rows = [
                [
                    link(row.pk, reverse("admin:payments_duplicatepayment_change", args=[row.pk])),
                    row.receivable_id // 10**10,
                    day(row.debited_on),
                    row.carried_by,
                    money(row.amount),
                ]
                for row in twice
            ]
            columns = [
                _("bank line"),
                _("year"),
                _("debit date"),
                _("payment that carries the year"),
                *_right(_("amount")),
            ]
            tables.append(Table(_("duplicate payments"), columns, rows, note=_("proposed for refund")))
        if back:
            rows = [
                [
                    link(row.pk, reverse("admin:payments_reversal_change", args=[row.pk])),
                    row.receivable_id // 10**10,
                    day(row.reversed_on),
                    row.payment_id or row.duplicate_id,
                    money(row.amount),
                ]
                for row in back
            ]
            columns = [_("bank line"), _("year"), _("reversed on"), _("payment"), *_right(_("amount"))]
            tables.append(Table(_("reversals"), columns, rows))
        return tables

    def work(self) -> Table:
        """Work about this person."""
        rows = [
            [
                link(f"#{row.pk}", reverse("admin:payments_workitem_change", args=[row.pk])),
                row.get_kind_display(),
                state_badge(WORK_STATES, row.state),
                line_reason(row.reason),
                day(row.due_on),
                row.taken_by.username if row.taken_by else NOTHING,
                money(row.amount),
            ]
            for row in self.items
        ]
        columns = [
            _("number"),
            _("kind"),
            _("state"),
            _("reason"),
            _("due on"),
            _("taken by"),
            *_right(_("amount")),
        ]
        return Table(_("work items"), columns, rows, _("No work about this person."))

    def cover(self) -> Table:
        """Cover in force, with its sentence."""
        rows = [
            [
                row.benefit_year,
                row.region.name,
                _period(row),
                RULES.get(row.rule, row.rule),
                explain(row, self.language),
            ]
            for row in self.current
        ]
        columns = [_("year"), _("region"), _("cover"), _("rule"), _("explanation")]
        return Table(_("cover in force"), columns, rows, _("No cover was decided yet."), anchor="cover")

    def former(self) -> list[Table]:
        """Rows that a later row replaced, where there are any."""
        live = {row.pk for row in self.current}
        rows = [
            [
                row.benefit_year,
                row.region.name,
                _period(row),
                RULES.get(row.rule, row.rule),
                COVER_REASONS.get(row.reason, row.reason),
                moment(row.decided_at),
            ]
            for row in self.covers
            if row.pk not in live
        ]
        columns = [_("year"), _("region"), _("cover"), _("rule"), _("reason"), _("decided at")]
        return (
            [Table(_("replaced cover"), columns, rows, note=_("history: no longer in force"))] if rows else []
        )

    def enrollments(self) -> Table:
        """Registrations; of other regions only that there is one, and its state."""
        rows = []
        for row in self.enrolled:
            here = self.here(row.region_id)
            state = badge(row.get_state_display(), ENROLLMENT_TONES[row.state])
            rows.append(
                [
                    row.region.name if here else badge(row.region.name, "info"),
                    row.get_scheme_display() if here else NOTHING,
                    state,
                    day(row.started_on) if here else NOTHING,
                    day(row.ended_on) if here else NOTHING,
                    (row.reason or NOTHING) if here else _("another region"),
                ]
            )
        columns = [_("pooling region"), _("scheme"), _("state"), _("enrolled on"), _("ended on"), _("reason")]
        return Table(_("enrolments"), columns, rows, _("This person is not enrolled."), anchor="register")

    def mandates(self) -> Table:
        """Direct-debit mandates."""
        rows = [
            [
                row.agreement_no,
                row.bank.name,
                mask_account(row.account),
                row.holder,
                state_badge(MANDATE_STATES, row.state),
                day(row.signed_on),
            ]
            for row in self.held_mandates
        ]
        columns = [
            _("agreement number"),
            _("bank"),
            _("account"),
            _("account holder"),
            _("state"),
            _("signed on"),
        ]
        return Table(_("mandates"), columns, rows, _("No mandate: batch debits leave this person out."))

    def categories(self) -> list[Table]:
        """Identity categories and special statuses, where there are any."""
        rows: list[Sequence[Any]] = [
            [row.get_category_display(), day(row.valid_from), day(row.valid_to), row.source or NOTHING]
            for row in self.groups
        ]
        rows += [
            [group_name(row.group), day(row.event_date), NOTHING, row.source or NOTHING]
            for row in self.specials
        ]
        columns = [_("category"), _("from"), _("to (exclusive)"), _("source")]
        return [Table(_("identity categories and special statuses"), columns, rows)] if rows else []

    def earlier(self) -> list[Table]:
        """Earlier cover and employee cover, where any is known."""
        rows: list[Sequence[Any]] = [
            [
                _("employee cover"),
                day(row.started_on),
                day(row.stopped_on),
                row.region.name if row.region else NOTHING,
            ]
            for row in self.spells
        ]
        rows += [
            [_("resident cover"), row.benefit_year, row.benefit_year, row.source or NOTHING]
            for row in self.prior
        ]
        columns = [_("kind"), _("first day"), _("last day"), _("source")]
        return [Table(_("earlier cover"), columns, rows)] if rows else []

    def moments(self) -> list[history.Moment]:
        """The timeline of every row about this person that can change."""
        mandates = [row.pk for row in self.held_mandates]
        enrolled = [row.pk for row in self.enrolled if self.here(row.region_id)]
        return history.timeline(
            [
                (Person, [self.person.pk]),
                (Enrollment, enrolled),
                (PersonCategory, [row.pk for row in self.groups]),
                (SpecialStatus, [row.pk for row in self.specials]),
                (EmployeeSpell, [row.pk for row in self.spells]),
                (PriorCover, [row.pk for row in self.prior]),
                (Mandate, mandates),
                (WorkItem, [row.pk for row in self.items]),
            ]
        )


def _right(*labels: str) -> Iterable[Column]:
    return [Column(label, RIGHT) for label in labels]

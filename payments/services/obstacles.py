"""Why somebody cannot pay: every problem of the catalogue that holds for a person and year on a day, most urgent first.

One place answers the person's screen, the order of a channel and the partners' status query, so that they never disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from enrollment.models import RESIDENT, Enrollment, Person
from enrollment.services import policies, whatif
from enrollment.states import EnrollmentState
from enrollment.whatif import Warn, WhatIf, Window
from payments.models import (
    DuplicatePayment,
    Hold,
    Instruction,
    Mandate,
    Order,
    Payment,
    Receivable,
    Reversal,
    WorkItem,
)
from payments.models.receivables import NUMBERS_A_YEAR
from payments.problems import CATALOGUE, Problem
from payments.states import MandateState, OrderState, ReceivableState, WorkState

_WARNED = {
    Warn.WAIT_PAST_YEAR_END: "E_WAIT_PAST_YEAR_END",
    Warn.LATE_WAIT: "LATE_WAIT",
    Warn.NOT_A_PAY_DAY: "OUT_OF_PAY_DAYS",
    Warn.EMPLOYEE_ACTIVE: "EMPLOYEE_ACTIVE",
}
_WINDOWS = {Window.NOT_OPEN: "NOT_OPEN", Window.CLOSED: "YEAR_CLOSED"}
PAID_STATES = frozenset({ReceivableState.SETTLED, ReceivableState.IN_TREASURY})


@dataclass(frozen=True)
class Obstacle:
    """A problem that is there, and what the clerk needs to see of it (JSON values; names of third persons masked)."""

    problem: Problem
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The problem's code."""
        return self.problem.code


@dataclass(frozen=True)
class Standing:
    """A person's standing for a year on a day: live enrolments, receivables with their state, the answer about cover
    (None without terms or with no enrolment) by the terms of ``region_id``, and the obstacles, most urgent first.
    """

    person: Person
    year: int
    enrollments: list[Enrollment]
    receivables: list[Any]
    answer: WhatIf | None
    obstacles: list[Obstacle]
    region_id: str | None = None

    @property
    def blocking(self) -> list[Obstacle]:
        """Those that let nobody pay."""
        return [one for one in self.obstacles if one.problem.blocks]


def standing_of(*, person_id: int, year: int, on: date, region_id: str | None = None) -> Standing:
    """Everything that bears on paying for ``year`` on day ``on``, by the terms of ``region_id`` where several could
    be meant; changes nothing.
    """
    person = Person.objects.select_related("region").get(pk=person_id)
    live = (EnrollmentState.ENROLLED.value, EnrollmentState.SUSPENDED.value)
    enrollments = list(
        Enrollment.objects.select_related("region")
        .filter(person=person, scheme=RESIDENT, state__in=live)
        .order_by("pk")
    )
    due = list(
        Receivable.objects.for_year(year)
        .filter(person=person, scheme=RESIDENT)
        .with_state()
        .select_related("region")
        .order_by("pk")
    )
    asked = _answer(person, year, on, region_id)
    answer = None if asked is None else asked.answer
    found = [
        *_of_person(person, enrollments),
        *_of_money(person, year),
        *_of_receivables(due, year, enrollments),
        *_of_day(answer),
    ]
    found.sort(key=lambda one: one.problem.rank)
    place = None if asked is None else asked.region.code
    return Standing(person, year, enrollments, due, answer, found, place)


def _answer(person: Person, year: int, on: date, region_id: str | None) -> whatif.Asked | None:
    try:
        return whatif.ask(person_id=person.pk, year=year, pay_date=on, region_id=region_id)
    except policies.NoPolicy:
        return None


def named(code: str, **evidence: Any) -> Obstacle:
    """The problem of this code, with what is known of it."""
    return Obstacle(CATALOGUE[code], evidence)


def _obstacle(code: str, **evidence: Any) -> Obstacle:
    return named(code, **evidence)


def _of_person(person: Person, enrollments: list[Enrollment]) -> Iterator[Obstacle]:
    if person.death_date is not None:
        yield _obstacle("PERSON_DECEASED", day=person.death_date.isoformat())
    if person.birth_date is None:
        yield _obstacle("PERSON_DATA_INCOMPLETE", missing="birth_date")
    if not enrollments:
        yield _obstacle("PERSON_NOT_FOUND")
    mandates = Mandate.objects.filter(person=person, scheme=RESIDENT, state=MandateState.VERIFIED)
    if enrollments and not mandates.exists():
        yield _obstacle("NO_CARD_BOUND")


def _of_money(person: Person, year: int) -> Iterator[Obstacle]:
    """Debited and not booked, and paid twice."""
    loose = WorkItem.objects.filter(
        person=person, kind__in=["UNMATCHED", "REJECTED_MONEY"], instruction_id__isnull=False
    ).exclude(state=WorkState.RESOLVED)
    for item in loose.order_by("pk"):
        if item.instruction_id is not None and item.instruction_id // (NUMBERS_A_YEAR * 100) == year:
            yield _obstacle(
                "DEBITED_NOT_POSTED",
                amount=f"{item.amount:.2f}",
                due_on=item.due_on.isoformat(),
                item=item.pk,
            )
    back = set(
        Reversal.objects.filter(person=person, duplicate_id__isnull=False).values_list(
            "duplicate_id", flat=True
        )
    )
    twice = DuplicatePayment.objects.filter(
        person=person, receivable_id__gte=year * NUMBERS_A_YEAR, receivable_id__lt=(year + 1) * NUMBERS_A_YEAR
    )
    for row in twice.order_by("line_id"):
        if row.line_id not in back:
            yield _obstacle(
                "DUP_PAYMENT", duplicate=row.line_id, amount=f"{row.amount:.2f}", channel=row.channel
            )


def _of_receivables(due: list[Any], year: int, enrollments: list[Enrollment]) -> Iterator[Obstacle]:
    paid = [row for row in due if row.state in PAID_STATES or row.state == ReceivableState.EXEMPT]
    for row in paid:
        yield _paid(row)
    open_rows = [row for row in due if row not in paid]
    if paid:
        for row in open_rows:
            yield _obstacle(
                "PAID_ELSEWHERE", receivable=row.pk, region=paid[0].region_id, place=paid[0].region.name
            )
    elif len(open_rows) > 1:
        yield _obstacle("MULTI_RECEIVABLE", receivables=[row.pk for row in open_rows])
    if enrollments and not due:
        yield _obstacle("NO_RECEIVABLE")
    for row in open_rows:
        yield from _held(row)


def _paid(row: Any) -> Obstacle:
    """By whom is nobody's business; when and where is."""
    if row.state == ReceivableState.EXEMPT:
        return _obstacle("ALREADY_PAID", receivable=row.pk, region=row.region_id, channel="AID")
    payment = Payment.objects.filter(pk__gte=row.pk * 100, pk__lt=row.pk * 100 + 100).order_by("-pk").first()
    told = {} if payment is None else {"day": payment.debited_on.isoformat(), "channel": payment.channel}
    return _obstacle("ALREADY_PAID", receivable=row.pk, region=row.region_id, **told)


def _held(row: Any) -> Iterator[Obstacle]:
    hold = Hold.objects.filter(pk=row.pk).order_by("pk").first()
    if hold is None:
        last = (
            Instruction.objects.filter(pk__gte=row.pk * 100, pk__lt=row.pk * 100 + 100)
            .with_state()
            .order_by("-pk")
        )
        tried: Any = last.first()
        if tried is not None and tried.state == "DECLINED":
            yield _obstacle("BATCH_DEBIT_FAILED", instruction=tried.pk)
    elif hold.order_id is None:
        yield _obstacle("UNSETTLED_EXISTS", instruction=hold.instruction_id, since=hold.held_at.isoformat())
    else:
        order = Order.objects.get(pk=hold.order_id)
        code = "OPEN_ORDER" if order.state == OrderState.OPEN else "TX_LOCKED"
        yield _obstacle(
            code,
            order=order.number,
            channel=order.channel,
            locked_until=order.locked_until.isoformat(timespec="seconds"),
        )


def _of_day(answer: WhatIf | None) -> Iterator[Obstacle]:
    """What the day of paying brings."""
    if answer is None:
        return
    if answer.window in _WINDOWS and answer.decision.refused:
        yield _obstacle(_WINDOWS[answer.window], window_open=answer.terms.window_open.isoformat(),
                        last_day=answer.terms.last_pay_day.isoformat())  # fmt: skip
        return
    for warn in answer.warnings:
        if warn in _WARNED:
            start = answer.decision.start
            yield _obstacle(
                _WARNED[warn],
                start=None if start is None else start.isoformat(),
                wait_months=answer.decision.wait_months,
            )

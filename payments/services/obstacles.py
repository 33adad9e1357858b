"""Why somebody cannot pay: every problem of the catalogue that holds for a person and year on a day, most urgent first.

One place answers the person's screen, the order of a channel and the partners' status query, so that they never disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bureau.calendars import load_calendar
from bureau.identity import IdNumberError, check_id
from bureau.models import Region
from bureau.workdays import YearNotPublished
from enrollment.models import RESIDENT, Enrollment, Person
from enrollment.services import policies, whatif
from enrollment.states import EnrollmentState
from enrollment.whatif import Warn, WhatIf, Window
from payments.keys import CHILDREN
from payments.models import (
    ChannelTerms,
    DuplicatePayment,
    Hold,
    Instruction,
    Mandate,
    Order,
    OrderDebit,
    Payment,
    PushLine,
    PushOp,
    Receivable,
    Reversal,
    WorkItem,
)
from payments.models.receivables import NUMBERS_A_YEAR
from payments.problems import CATALOGUE, Problem
from payments.services import channels, retries
from payments.states import InstructionState, MandateState, OrderState, ReceivableState, WorkState

CREDIT = "CREDIT"
_WARNED = {
    Warn.WAIT_PAST_YEAR_END: "E_WAIT_PAST_YEAR_END",
    Warn.LATE_WAIT: "LATE_WAIT",
    Warn.NOT_A_PAY_DAY: "OUT_OF_PAY_DAYS",
    Warn.EMPLOYEE_ACTIVE: "EMPLOYEE_ACTIVE",
}
_WINDOWS = {Window.NOT_OPEN: "NOT_OPEN", Window.CLOSED: "YEAR_CLOSED"}
_IN_DOUBT = frozenset({InstructionState.SENT, InstructionState.PENDING})
PAID_STATES = frozenset({ReceivableState.SETTLED, ReceivableState.IN_TREASURY})
_KEPT = PAID_STATES | {ReceivableState.EXEMPT, ReceivableState.DEBITING, ReceivableState.DECLARED_UNPAID}
"""Something is paid, carried or being collected: it counts even where the enrolment has ended."""


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


def standing_of(
    *, person_id: int, year: int, on: date, region_id: str | None = None, at: datetime | None = None
) -> Standing:
    """Everything that bears on paying for ``year`` on day ``on``, by the terms of ``region_id`` where several could
    be meant; changes nothing. What is over within the day (the voucher's delay) is told where ``at`` is given.
    """
    person = Person.objects.select_related("region").get(pk=person_id)
    live = (EnrollmentState.ENROLLED.value, EnrollmentState.SUSPENDED.value)
    enrollments = list(
        Enrollment.objects.select_related("region")
        .filter(person=person, scheme=RESIDENT, state__in=live)
        .order_by("pk")
    )
    all_due = list(
        Receivable.objects.for_year(year)
        .filter(person=person, scheme=RESIDENT)
        .with_state()
        .select_related("region")
        .order_by("pk")
    )
    due, over = _without_ended(all_due)
    asked = _answer(person, year, on, region_id)
    answer = None if asked is None else asked.answer
    found = [
        *_of_person(person, enrollments),
        *_of_money(person, year),
        *_of_receivables(due, enrollments, on),
        *_of_vouchers(due, at),
        *_of_stops(over),
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


def _without_ended(due: list[Any]) -> tuple[list[Any], list[Any]]:
    """What counts, and the open receivables of enrolments that ended: nobody collects those."""
    ended = set(
        Enrollment.objects.filter(
            pk__in={row.enrollment_id for row in due}, state=EnrollmentState.ENDED.value
        ).values_list("pk", flat=True)
    )
    over = [row for row in due if row.enrollment_id in ended and row.state not in _KEPT]
    return [row for row in due if row not in over], over


def _of_person(person: Person, enrollments: list[Enrollment]) -> Iterator[Obstacle]:
    if person.death_date is not None:
        yield _obstacle("PERSON_DECEASED", day=person.death_date.isoformat())
    if person.birth_date is None:
        yield _obstacle("PERSON_DATA_INCOMPLETE", missing="birth_date")
    elif _birth_in_number(person) not in (None, person.birth_date):
        yield _obstacle("PERSON_DATA_INCOMPLETE", differs="birth_date")
    if not enrollments:
        yield _obstacle("PERSON_NOT_FOUND", region=person.region_id)
    mandates = Mandate.objects.filter(person=person, scheme=RESIDENT, state=MandateState.VERIFIED)
    if enrollments and not mandates.exists():
        yield _obstacle("NO_CARD_BOUND")


def _birth_in_number(person: Person) -> date | None:
    try:
        return check_id(person.id_type, person.id_number).birth
    except IdNumberError:
        return None


def _of_money(person: Person, year: int) -> Iterator[Obstacle]:
    """Debited and not booked, and paid twice."""
    loose = WorkItem.objects.filter(person=person, kind__in=["UNMATCHED", "REJECTED_MONEY"])
    of_orders = _years_of_orders(person)
    for item in loose.exclude(state=WorkState.RESOLVED).order_by("pk"):
        number = item.instruction_id
        known = of_orders.get(item.pk) if number is None else number // (NUMBERS_A_YEAR * CHILDREN)
        if known == year:
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


def _years_of_orders(person: Person) -> dict[int, int]:
    """The benefit year of each work item about money that an order could not take."""
    rows = OrderDebit.objects.filter(item__person=person).values_list(
        "item_id", "order__lines__receivable_id"
    )
    return {item: due // NUMBERS_A_YEAR for item, due in rows if item is not None and due is not None}


def _of_receivables(due: list[Any], enrollments: list[Enrollment], on: date) -> Iterator[Obstacle]:
    paid = [row for row in due if row.state in PAID_STATES or row.state == ReceivableState.EXEMPT]
    for row in paid:
        yield from _paid(row)
    open_rows = [row for row in due if row not in paid]
    if paid:
        for row in open_rows:
            yield _obstacle(
                "PAID_ELSEWHERE", receivable=row.pk, region=paid[0].region_id, place=paid[0].region.name
            )
    elif len(open_rows) > 1:
        yield _obstacle("MULTI_RECEIVABLE", receivables=[row.pk for row in open_rows])
    if enrollments and not due:
        yield _obstacle("NO_RECEIVABLE", region=enrollments[-1].region_id)
    for row in open_rows:
        yield from _held(row, on, alone=len(due) == 1)


def _paid(row: Any) -> Iterator[Obstacle]:
    """By whom is nobody's business; when and where is."""
    where = {"receivable": row.pk, "region": row.region_id, "place": row.region.name}
    if row.state == ReceivableState.EXEMPT:
        yield _obstacle("ALREADY_PAID", **where, channel="AID")
        return
    payment = last_payment(row.pk)
    told = (
        {}
        if payment is None
        else {"day": payment.debited_on.isoformat(), "channel": payment.channel, "payment": payment.pk}
    )
    yield _obstacle("ALREADY_PAID", **where, **told)
    yield _obstacle("ALREADY_DECLARED", **where, **told)


def last_payment(receivable_id: int) -> Payment | None:
    """The last payment of a receivable, reversed or not."""
    first = receivable_id * CHILDREN
    return Payment.objects.filter(pk__gte=first, pk__lt=first + CHILDREN).order_by("-pk").first()


def _held(row: Any, on: date, *, alone: bool) -> Iterator[Obstacle]:
    hold = Hold.objects.filter(pk=row.pk).order_by("pk").first()
    if hold is None:
        yield from _failed(row, on)
        return
    if not alone:
        yield _obstacle(
            "ALREADY_DECLARED", receivable=row.pk, region=row.region_id, place=row.region.name,
            since=hold.held_at.isoformat(timespec="seconds"),
        )  # fmt: skip
    if hold.order_id is None:
        yield from _declared(row, hold, on)
        return
    order = Order.objects.get(pk=hold.order_id)
    told = {
        "order": order.number,
        "channel": order.channel,
        "locked_until": order.locked_until.isoformat(timespec="seconds"),
    }
    if order.state == OrderState.OPEN:
        terms = channels.terms_of(channel=order.channel, region_id=row.region_id)
        yield _obstacle("OPEN_ORDER", **told)
        if terms.mode == ChannelTerms.Mode.OFFLINE:
            yield _obstacle("OFFLINE_NOT_POSTED", **told)
    else:
        yield _obstacle("TX_LOCKED", **told)
        yield _obstacle("UPSTREAM_ERROR", **told)


def _declared(row: Any, hold: Hold, on: date) -> Iterator[Obstacle]:
    """An instruction collects it: declared, and not in the treasury."""
    asked: Any = (
        Instruction.objects.select_related("batch__bank")
        .with_state()
        .filter(pk=hold.instruction_id or 0)
        .first()
    )
    told = {
        "instruction": hold.instruction_id,
        "since": hold.held_at.isoformat(timespec="seconds"),
        "place": row.region.name,
        "channel": "BANK_BATCH",
    }
    if asked is None:
        yield _obstacle("UNSETTLED_EXISTS", **told)
        return
    batch = asked.batch
    yield _obstacle(
        "UNSETTLED_EXISTS", **told, batch=batch.pk, bank=batch.bank.name, answer=asked.state,
        debit_from=batch.debit_from.isoformat(), debit_to=batch.debit_to.isoformat(),
    )  # fmt: skip
    if asked.state in _IN_DOUBT and batch.debit_from <= on <= workday_after(batch.debit_from, 1):
        yield _obstacle(
            "PAY_RESULT_PENDING",
            **told,
            batch=batch.pk,
            due_on=workday_after(batch.debit_from, 1).isoformat(),
        )


def _failed(row: Any, on: date) -> Iterator[Obstacle]:
    """The last debit failed: what the bank said, and whether the next run tries again."""
    failure = retries.last_failure(receivable_id=row.pk)
    if failure is None:
        return
    told: dict[str, Any] = {"instruction": failure.instruction_id, "internal": failure.internal}
    if failure.forbids:
        follows = "STOP" if failure.stopped else str(failure.action)
        yield _obstacle("DEBIT_REJECTED", **told, action=follows, failures=failure.failures)
    try:
        runs = retries.runs_left(region_id=row.region_id, year=row.benefit_year, on=on)
    except policies.NoPolicy:
        runs = None
    if runs is not None:
        told["closes"] = runs.closes.isoformat()
        told["next_run"] = runs.days[0].isoformat() if runs.days and not failure.forbids else None
        told["last_chance"] = runs.is_last
    yield _obstacle("BATCH_DEBIT_FAILED", **told)


def _of_vouchers(due: list[Any], at: datetime | None) -> Iterator[Obstacle]:
    """Just paid: the voucher comes after the region's delay."""
    for row in due:
        payment = last_payment(row.pk) if at is not None and row.state in PAID_STATES else None
        if payment is None or at is None:
            continue
        hours = policies.in_force(row.region_id, row.benefit_year).values.voucher_delay_hours
        ready = payment.posted_at + timedelta(hours=hours)
        if at < ready:
            yield _obstacle(
                "VOUCHER_NOT_READY", payment=payment.pk, ready_at=ready.isoformat(timespec="seconds")
            )


def _of_stops(over: list[Any]) -> Iterator[Obstacle]:
    """An enrolment ended here that the tax office took, was not told of the end or did not take that, and did not void."""
    for row in over:
        if row.state == ReceivableState.VOIDED:
            continue
        taken = PushLine.objects.filter(receivable_id=row.pk, answer__taken=True).order_by("-pk").first()
        if taken is not None and taken.op != PushOp.DELETE:
            yield _obstacle("STOP_NOT_SYNCED", receivable=row.pk, region=row.region_id, place=row.region.name)


def of_channel(*, channel: str, region_id: str, year: int, card_type: str = "") -> list[Obstacle]:
    """What a channel's terms say against an order in a region (P18, P19), most urgent first. Raises ChannelUnknown, NoPolicy."""
    terms = channels.terms_of(channel=channel, region_id=region_id)
    found = []
    if not terms.takes_orders:
        found.append(_obstacle("CHANNEL_CLOSED", region=region_id, channel=channel))
    elif terms.mode == ChannelTerms.Mode.REALTIME and terms.keyed_by == ChannelTerms.KeyedBy.CHANNEL:
        region = Region.objects.get(pk=region_id)
        if (
            not region.online_enabled
            or region_id in policies.in_force(region_id, year).values.online_disabled
        ):
            found.append(_obstacle("REGION_NOT_ENABLED", region=region_id, channel=channel))
    if terms.debit_cards_only and card_type == CREDIT:
        found.append(_obstacle("CARD_TYPE_UNSUPPORTED", channel=channel))
    return sorted(found, key=lambda one: one.problem.rank)


def workday_after(day: date, number: int) -> date:
    """The number-th working day after ``day``; calendar days where its year has no calendar yet."""
    try:
        return load_calendar(day, day + timedelta(days=60)).add_workdays(day, number)
    except YearNotPublished:
        return day + timedelta(days=number)


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
            days = {"first": answer.terms.pay_day_from, "last": answer.terms.pay_day_to}
            yield _obstacle(
                _WARNED[warn],
                start=None if start is None else start.isoformat(),
                wait_months=answer.decision.wait_months,
                **(days if warn == Warn.NOT_A_PAY_DAY else {}),
            )

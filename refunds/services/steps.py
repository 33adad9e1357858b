"""Moving cases: the state, the evidence and the step in one place, for one case or for hundreds."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from bureau import access
from bureau.calendars import load_calendar
from bureau.clock import BUREAU_ZONE
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.workdays import YearNotPublished
from enrollment.models import Person
from enrollment.policy import Terms
from payments.models import DuplicatePayment, Payment
from refunds.models import RefundCase, RefundLine, RefundStep
from refunds.models.choices import STATES
from refunds.services import statements
from refunds.services.facts import Source
from refunds.states import CASE_MOVES, ENDED, CaseState

WORDS_LENGTH = 500
AHEAD = timedelta(days=120)
SATURDAY = 5
STATE_NAMES: dict[str, Any] = dict(STATES)


class CaseUnknown(BureauError):
    """No such case, or not in one's regions."""

    code = "REFUND_CASE_UNKNOWN"
    message = gettext_noop("There is no such refund case.")


class CaseMoved(BureauError):
    """Somebody was faster, or the page was old."""

    code = "illegal_transition"
    message = gettext_noop("Case %(number)s is %(state)s since %(at)s, by %(who)s.")


class CaseTaken(BureauError):
    """In somebody else's hands."""

    code = "REFUND_CASE_TAKEN"
    message = gettext_noop("%(who)s has case %(number)s in hand.")


class ReasonNeeded(BureauError):
    """The citizen asks why."""

    code = "REASON_NEEDED"
    message = gettext_noop("Please give a reason.")


@dataclass(frozen=True)
class Conflict:
    """A case that was left as it is, and why."""

    case_id: int
    number: str
    error: BureauError


@dataclass(frozen=True)
class Done:
    """What became of a list: the cases that moved, and those that did not."""

    cases: list[RefundCase] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def one(self) -> RefundCase:
        """The only case of a call for a single one; raises its error."""
        for conflict in self.conflicts:
            raise conflict.error
        return self.cases[0]


def new_numbers(on: date, count: int) -> list[str]:
    """Case numbers that nobody can guess and no case has: TF, the day, nine digits.

    Ten thousand cases of one day would meet by chance: what is drawn is compared with what is taken. (17 digits, so that no
    number of a case is ever read as an ID number.)
    """
    numbers: set[str] = set()
    while len(numbers) < count:
        drawn = {f"TF{on:%Y%m%d}{secrets.randbelow(10**9):09d}" for _nth in range(count - len(numbers))}
        taken = RefundCase.objects.filter(number__in=drawn).values_list("number", flat=True)
        numbers |= drawn - set(taken)
    return list(numbers)


def words_of(text: str) -> str:
    """A reason as it is kept. Raises ReasonNeeded."""
    words = " ".join(text.split())[:WORDS_LENGTH]
    if not words:
        raise ReasonNeeded()
    return words


def clocks(*, terms: Terms, on: date) -> tuple[date, date]:
    """Target and hard limit of a case submitted on ``on``, by the bureau's calendar."""
    return workdays_after(on, terms.refund_days), workdays_after(on, terms.refund_hard_limit)


def workdays_after(on: date, number: int) -> date:
    """The number-th working day after ``on``. Next year's working days are published in November: until then its Mondays to
    Fridays stand for them, which promises too early rather than too late and turns no citizen away.
    """
    try:
        return load_calendar(on, on + AHEAD).add_workdays(on, number)
    except YearNotPublished:
        day, left = on, number
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < SATURDAY
        return day


def lock_money(lines: Iterable[RefundLine] | Iterable[Source]) -> None:
    """Lock the payments and duplicates, in the order of their keys, before anything is summed."""
    wanted: list[RefundLine | Source] = list(lines)
    payments = sorted({one.payment_id for one in wanted if one.payment_id is not None})
    duplicates = sorted({one.duplicate_id for one in wanted if one.duplicate_id is not None})
    list(
        Payment.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=payments)
        .order_by("pk")
        .values_list("pk")
    )
    list(
        DuplicatePayment.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=duplicates)
        .order_by("pk")
        .values_list("pk")
    )


def locked(
    case_ids: Collection[int], by: User | None, *, with_money: bool = False
) -> tuple[list[RefundCase], dict[int, list[RefundLine]]]:
    """The cases with their lines, locked in the order person, payment, case; only those in the regions of ``by``.

    Raises CaseUnknown where one of them does not exist for ``by``.
    """
    wanted = sorted(set(case_ids))
    if with_money:
        lines = list(RefundLine.objects.filter(case_id__in=wanted))
        persons = sorted({line.person_id for line in lines})
        list(
            Person.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=persons)
            .order_by("pk")
            .values_list("pk")
        )
        lock_money(lines)
    rows = RefundCase.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    cases = list((rows if by is None else access.for_user(rows, by)).select_related("held_by"))
    if len(cases) != len(wanted):
        raise CaseUnknown()
    by_case: dict[int, list[RefundLine]] = {case.pk: [] for case in cases}
    for line in RefundLine.objects.filter(case_id__in=wanted).order_by("id"):
        by_case[line.case_id].append(line)
    return cases, by_case


def sort_out(
    cases: Iterable[RefundCase], check: Callable[[RefundCase], None]
) -> tuple[list[RefundCase], list[Conflict]]:
    """The cases that pass ``check``, and the conflicts of the others."""
    fit, conflicts = [], []
    for case in cases:
        try:
            check(case)
        except BureauError as error:
            conflicts.append(Conflict(case.pk, case.number, error))
        else:
            fit.append(case)
    return fit, conflicts


def check_state(case: RefundCase, allowed: Collection[CaseState]) -> None:
    """Raises CaseMoved with who moved it last and when."""
    if case.state not in allowed:
        last = RefundStep.objects.filter(case=case).select_related("by").order_by("-number").first()
        raise CaseMoved(
            number=case.number,
            state=STATE_NAMES[case.state],
            at=f"{case.state_at.astimezone(BUREAU_ZONE):%Y-%m-%d %H:%M}",
            who=_named(last.by) if last and last.by else "-",
        )


def check_hand(case: RefundCase, by: User) -> None:
    """Raises CaseTaken where another person has it in hand."""
    if case.held_by_id not in (None, by.pk):
        raise CaseTaken(who=_named(case.held_by) if case.held_by else "", number=case.number)


def _named(user: User) -> str:
    """A colleague, as colleagues know them."""
    return user.get_full_name() or user.username


def move(
    cases: Sequence[RefundCase],
    to: CaseState,
    *,
    by: User | None,
    at: datetime,
    words: str = "",
    details: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move locked cases to ``to`` with a step each; ``fields`` is the evidence that goes with it. Raises CaseMoved."""
    if not cases:
        return
    for case in cases:
        check_state(case, [state for state in CaseState if to in CASE_MOVES[state]])
    write_steps(cases, to, by=by, at=at, words=words, details=details)
    values = {"state": to.value, "state_at": at, **fields}
    if to in ENDED:
        values["ended_at"] = at
    if words:
        values["words"] = words
    RefundCase.objects.filter(pk__in=[case.pk for case in cases]).update(**values)
    for case in cases:
        for name, value in values.items():
            setattr(case, name, value)


def write_steps(
    cases: Sequence[RefundCase],
    to: CaseState,
    *,
    by: User | None,
    at: datetime,
    words: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """The next step of each case, from the state that the database knows; the cases are locked or new."""
    statements.execute(
        "steps",
        cases=[case.pk for case in cases],
        to=to.value,
        by=by.pk if by else None,
        at=at,
        words=words,
        details=Jsonb(details or {}),
    )

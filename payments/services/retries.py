"""After a failed debit: what each bank's reason asks for, who is cleared for another try, and whose last chance is near.

The rules are data (payments/models/retries.py) and are applied where a batch is frozen (sql/freeze_judge.sql); here they are
edited, and told of one receivable to a clerk, or of a whole region before the window closes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.calendars import load_calendar
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.proposals import ReasonNeeded
from bureau.workdays import YearNotPublished
from enrollment.choices import DebitShift
from enrollment.models import Person
from enrollment.policy import Terms, is_pay_day
from enrollment.services import policies
from payments.keys import CHILDREN
from payments.models import BankLine, Instruction, RetryAction, RetryClearance, RetryRule
from payments.services import statements
from payments.states import Bucket

EDIT, CLEAR = "retry.edit", "retry.clear"
PAGE = 100


class RuleUnknown(BureauError):
    """No such rule."""

    code = "RETRY_RULE_UNKNOWN"
    message = gettext_noop("There is no retry rule %(rule)s.")


class RuleTaken(BureauError):
    """A bank has one rule for a reason."""

    code = "RETRY_RULE_TAKEN"
    message = gettext_noop("This bank has a rule for this reason already.")


class RuleNeeded(BureauError):
    """What holds for every bank can be changed, not removed."""

    code = "RETRY_RULE_NEEDED"
    message = gettext_noop("The rule for all banks stays: change what it says.")


class LimitMisplaced(BureauError):
    """A number of failures belongs to what is tried again."""

    code = "RETRY_LIMIT"
    message = gettext_noop("A limit of 1 to 20 failures belongs to what is tried again.")


class NothingFailed(BureauError):
    """The last debit of this receivable did not fail, or was not this one."""

    code = "NOTHING_FAILED"
    message = gettext_noop("This is not the last debit of its receivable, or it did not fail.")


class AlreadyCleared(BureauError):
    """Said before."""

    code = "RETRY_CLEARED"
    message = gettext_noop("This debit was cleared for another try already.")


# --- the rules -----------------------------------------------------------------------------------


def set_rule(
    *,
    rule_id: int | None = None,
    bank: str | None = None,
    internal: str = "",
    action: str,
    stop_after: int | None,
    by: User,
    at: datetime,
) -> RetryRule:
    """Change a rule, or add one of a bank (``bank`` and ``internal``) beside that for all banks.

    Raises RuleUnknown, RuleTaken, LimitMisplaced, NotAllowed.
    """
    if stop_after is not None and (action != RetryAction.TRY_AGAIN or not 1 <= stop_after <= 20):
        raise LimitMisplaced()
    try:
        with transaction.atomic(), audit.acting(by=by, why="what follows a failed debit", at=at.isoformat()):
            access.require(by, EDIT)
            rule = RetryRule(bank_id=bank, internal=internal) if rule_id is None else _locked(rule_id)
            rule.action, rule.stop_after = action, stop_after
            rule.save()
            return rule
    except IntegrityError as error:
        if "retry_rule_once" not in str(error):
            raise
        raise RuleTaken() from error


def drop_rule(*, rule_id: int, by: User, at: datetime) -> None:
    """Take back a bank's own rule: the one for all banks holds again. Raises RuleUnknown, RuleNeeded, NotAllowed."""
    with transaction.atomic(), audit.acting(by=by, why="drop a bank's retry rule", at=at.isoformat()):
        access.require(by, EDIT)
        rule = _locked(rule_id)
        if rule.bank_id is None:
            raise RuleNeeded()
        rule.delete()


def _locked(rule_id: int) -> RetryRule:
    rule = RetryRule.objects.select_for_update(of=("self",)).filter(pk=rule_id).order_by("pk").first()
    if rule is None:
        raise RuleUnknown(rule=rule_id)
    return rule


# --- one receivable ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """The last debit of a receivable, which failed: what the bank said and what follows.

    `failures`: how many of its mandate's debits failed in the year for a reason that counts; `stop_after`: how many are
    allowed; `cleared`: a clerk said that it is settled.
    """

    instruction_id: int
    mandate_id: int
    bank_id: str
    internal: str
    action: RetryAction
    failures: int
    stop_after: int | None
    cleared: bool

    @property
    def forbids(self) -> bool:
        """Whether the same mandate stays out of the next run."""
        return not self.cleared and (self.action != RetryAction.TRY_AGAIN or self.stopped)

    @property
    def stopped(self) -> bool:
        """Whether the mandate is over."""
        spent = self.stop_after is not None and self.failures >= self.stop_after
        return not self.cleared and (self.action == RetryAction.STOP or spent)


def last_failure(*, receivable_id: int) -> Failure | None:
    """What came of the last debit of a receivable, None where it did not fail; changes nothing."""
    low, high = receivable_id * CHILDREN, receivable_id * CHILDREN + CHILDREN - 1
    last: Any = (
        Instruction.objects.filter(pk__range=(low, high))
        .select_related("mandate")
        .with_state()
        .order_by("-pk")
        .first()
    )
    if last is None or last.state != "DECLINED":
        return None
    answers: dict[int, str] = {}
    lines = BankLine.objects.filter(
        instruction_id__range=(low, high),
        bucket__in=[Bucket.DUPLICATE, Bucket.DECLINED, Bucket.PENDING, Bucket.UNMATCHED],
    )
    for line in lines.order_by("pk"):
        answers[line.instruction_id or 0] = line.internal if line.bucket == Bucket.DECLINED else ""
    mine = set(
        Instruction.objects.filter(pk__range=(low, high), mandate_id=last.mandate_id).values_list(
            "pk", flat=True
        )
    )
    rules = rules_of(last.mandate.bank_id)
    told = [answers[key] for key in mine & answers.keys() if answers[key]]
    rule = rules.get(answers.get(last.pk, ""))
    return Failure(
        instruction_id=last.pk,
        mandate_id=last.mandate_id,
        bank_id=last.mandate.bank_id,
        internal=answers.get(last.pk, ""),
        action=RetryAction(rule.action) if rule else RetryAction.LOOK,
        failures=sum(1 for one in told if one in rules and rules[one].stop_after is not None),
        stop_after=rule.stop_after if rule else None,
        cleared=RetryClearance.objects.filter(pk=last.pk).exists(),
    )


def rules_of(bank: str) -> dict[str, RetryRule]:
    """The rules that hold at a bank, by reason: its own before those for all banks."""
    general = RetryRule.objects.filter(bank=None).order_by("internal")
    own = RetryRule.objects.filter(bank_id=bank).order_by("internal")
    return {rule.internal: rule for rule in [*general, *own]}


def clear(*, instruction_id: int, reason: str, by: User, at: datetime) -> RetryClearance:
    """A clerk's word that what made the last debit fail is settled: the same account is tried again on the next debit day.

    Raises ReasonNeeded, NothingFailed, AlreadyCleared, NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, instruction=instruction_id):
        found = Instruction.objects.filter(pk=instruction_id).order_by("pk").first()
        if found is None:
            raise NothingFailed()
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=found.person_id)
        access.require(by, CLEAR, found.region_id)
        failure = last_failure(receivable_id=found.receivable_id)
        if failure is None or failure.instruction_id != instruction_id:
            raise NothingFailed()
        if failure.cleared:
            raise AlreadyCleared()
        return RetryClearance.objects.create(
            instruction_id=instruction_id,
            region_id=found.region_id,
            person_id=found.person_id,
            reason=reason.strip(),
            cleared_by=by,
            cleared_at=at,
        )


# --- a region before the window closes -----------------------------------------------------------


@dataclass(frozen=True)
class Runs:
    """The debit days that are left of a region's window, from a day on, and the day on which it closes."""

    days: tuple[date, ...]
    closes: date

    @property
    def is_last(self) -> bool:
        """Whether one run at most is left: who fails then must pay otherwise."""
        return len(self.days) <= 1


def runs_left(*, region_id: str, year: int, on: date) -> Runs:
    """The debit days of the region's own calendar from ``on`` to the end of the window; none where the terms name no day.

    Raises NoPolicy.
    """
    terms = policies.in_force(region_id, year).values
    return Runs(tuple(_days(terms, on)), terms.window_close)


def _days(terms: Terms, on: date) -> Iterator[date]:
    if terms.debit_day is None:
        return
    for number in range((terms.window_close - terms.window_open).days + 1):
        day = terms.window_open + timedelta(days=number)
        if day.day != terms.debit_day:
            continue
        shifted = _shifted(terms, day)
        if on <= shifted <= terms.window_close and is_pay_day(terms, shifted):
            yield shifted


def _shifted(terms: Terms, day: date) -> date:
    if terms.debit_shift == DebitShift.NONE:
        return day
    try:
        return load_calendar(day, day + timedelta(days=30)).next_workday(day)
    except YearNotPublished:
        return day


@dataclass(frozen=True)
class Chance:
    """Somebody who has not paid and whose last debit failed."""

    receivable_id: int
    instruction_id: int
    person_id: int
    name: str
    phone: str
    amount: Decimal
    tried_on: date
    internal: str
    failures: int
    action: RetryAction
    bank_id: str
    account: str
    settled: bool

    @property
    def tried_again(self) -> bool:
        """Whether the next run tries again by itself."""
        return self.settled or self.action == RetryAction.TRY_AGAIN


def last_chance(*, region_id: str, year: int, after: int = 0, size: int = PAGE) -> list[Chance]:
    """A page of those who have not paid and whose last debit failed, from receivable ``after`` on, by receivable.

    `settled`: another mandate was signed since, or a clerk cleared the account; the bank's rules otherwise say what follows.
    """
    rows = statements.rows("last_chance", region=region_id, year=year, after=after, size=size)
    return [_chance(row) for row in rows]


def _chance(row: dict[str, Any]) -> Chance:
    spent = row["stop_after"] is not None and row["failures"] >= row["stop_after"]
    return Chance(
        receivable_id=row["receivable_id"],
        instruction_id=row["instruction_id"],
        person_id=row["person_id"],
        name=row["name"],
        phone=row["phone"],
        amount=row["due"],
        tried_on=row["tried_on"],
        internal=row["internal"],
        failures=row["failures"],
        action=RetryAction.STOP
        if spent or row["mandate_state"] == "CANCELLED"
        else RetryAction(row["action"]),
        bank_id=row["bank_id"],
        account=row["account"],
        settled=row["other_mandate"] or row["cleared"],
    )

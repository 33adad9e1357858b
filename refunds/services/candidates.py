"""What the system found: pulled from the books of a region and year, made into cases, or dismissed with a reason."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Sum

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.money import ZERO
from enrollment.choices import RefundReason
from refunds.models import RefundCandidate, RefundCase
from refunds.papers import Applicant
from refunds.services import filing, found, statements, steps, wishes
from refunds.services.facts import Source
from refunds.states import CandidateState

MOST_AT_ONCE = 1_000
WORDS_LENGTH = 300


class CandidateDecided(BureauError):
    """Somebody was faster."""

    code = "REFUND_CANDIDATE_DECIDED"
    message = gettext_noop("Already decided by %(who)s.")


class CandidateUnknown(BureauError):
    """No such row in one's regions."""

    code = "REFUND_CANDIDATE_UNKNOWN"
    message = gettext_noop("There is no such possible refund.")


@dataclass(frozen=True)
class Found:
    """What a search brought: rows that are new, and what waits now by kind, with its yuan."""

    new: int
    waiting: dict[str, int]
    amount: Decimal


@dataclass(frozen=True)
class Made:
    """Cases by candidate, and why others stayed."""

    cases: list[RefundCase] = field(default_factory=list)
    conflicts: list[tuple[int, BureauError]] = field(default_factory=list)


def find(*, region_id: str, year: int, at: datetime) -> Found:
    """Look through the books of a region and year; what was found before is not found again, and two at once find each
    thing once.
    """
    with transaction.atomic(), audit.acting(by=None, why="look for refunds", region=region_id, year=year):
        new = statements.execute("candidates", region=region_id, year=year, at=at)
    waiting = RefundCandidate.objects.filter(
        region_id=region_id, benefit_year=year, state=CandidateState.OPEN
    )
    kinds = dict(waiting.order_by("kind").values_list("kind").annotate(Count("id")))
    return Found(new, kinds, waiting.aggregate(all=Sum("amount"))["all"] or ZERO)


def make_cases(*, candidate_ids: Collection[int], by: User, at: datetime) -> Made:
    """One click: a submitted case for each candidate that is still open; the others are named.

    Raises CandidateUnknown, NotAllowed, OutOfScope.
    """
    made = Made()
    wanted = sorted(set(candidate_ids))
    for first in range(0, len(wanted), MOST_AT_ONCE):
        part = _make(wanted[first : first + MOST_AT_ONCE], by, at)
        made.cases.extend(part.cases)
        made.conflicts.extend(part.conflicts)
    return made


def _make(wanted: Collection[int], by: User, at: datetime) -> Made:
    with transaction.atomic(), audit.acting(by=by, why="cases of what the system found"):
        rows, conflicts = _open_rows(wanted, by)
        forms = {row.pk: form_of(row) for row in rows}
        cases, errors = found.open_found(forms=forms, by=by, at=at)
        keys = [case.pk for case in cases.values()]
        statements.execute("made", candidates=list(cases), cases=keys, by=by.pk, at=at)
        return Made([cases[row.pk] for row in rows if row.pk in cases], [*conflicts, *errors.items()])


def form_of(row: RefundCandidate) -> wishes.Form:
    """What the bureau asks for in the citizen's place."""
    return wishes.Form(
        reason=RefundReason(row.reason),
        sources=[Source(row.payment_id, row.duplicate_id)],
        applicant=Applicant.BUREAU,
        event_date=row.event_date,
        correct=_right_price(row),
        origin="FOUND",
    )


def _right_price(row: RefundCandidate) -> Decimal | None:
    """What should have been paid, where the terms ask less by now; aid that was listed besides goes back by its own case."""
    if row.kind != RefundCandidate.Kind.PRICE:
        return None
    return Decimal(str(row.evidence["due"])) + Decimal(str(row.evidence.get("aid_listed") or 0))


def dismiss(*, candidate_ids: Collection[int], words: str, by: User, at: datetime) -> Made:
    """Put candidates aside for good, with a reason. Raises ReasonNeeded, CandidateUnknown, NotAllowed, OutOfScope."""
    reason = steps.words_of(words)[:WORDS_LENGTH]
    with transaction.atomic(), audit.acting(by=by, why=reason):
        rows, conflicts = _open_rows(candidate_ids, by)
        RefundCandidate.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=CandidateState.DISMISSED.value, decided_by=by, decided_at=at, words=reason
        )
        return Made([], conflicts)


def _open_rows(
    wanted: Collection[int], by: User
) -> tuple[list[RefundCandidate], list[tuple[int, BureauError]]]:
    locked = RefundCandidate.objects.select_for_update(of=("self",)).filter(pk__in=wanted)
    rows = list(access.for_user(locked, by).select_related("decided_by").order_by("pk"))
    if len(rows) != len(set(wanted)):
        raise CandidateUnknown()
    for region_id in sorted({row.region_id for row in rows}):
        access.require(by, filing.REQUEST, region_id)
    open_ones = [row for row in rows if row.state == CandidateState.OPEN]
    others: list[tuple[int, BureauError]] = [
        (row.pk, CandidateDecided(who=row.decided_by.username if row.decided_by else ""))
        for row in rows
        if row.state != CandidateState.OPEN
    ]
    return open_ones, others

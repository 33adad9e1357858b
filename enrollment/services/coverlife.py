"""Cover when a life changes: ended early, or decided anew from corrected facts; always by a further row."""

from datetime import date, datetime, timedelta

from enrollment.coverage import decide
from enrollment.known import facts_to_dict
from enrollment.models import Coverage, EndReason
from enrollment.reasons import ENDING, SHORTENED, CoverReason
from enrollment.services.cover import ROWS_A_RECEIVABLE, CoverRowsExhausted
from enrollment.services.facts import known_of

DAY = timedelta(days=1)
#: Who leaves for one of these reasons has no further cover (domain.md 4.3). A transfer leaves the year where it
#: was paid; a mistake is for the refund to decide.
LEAVING = frozenset(
    {
        EndReason.DEATH,
        EndReason.MOVED,
        EndReason.EMPLOYEE,
        EndReason.EMIGRATED,
        EndReason.ARMY,
        EndReason.PRISON,
    }
)


def in_force(person_id: int) -> list[Coverage]:
    """The row in force of each receivable of a person, with its policy, oldest first."""
    last: dict[int, Coverage] = {}
    rows = Coverage.objects.filter(person_id=person_id).select_related("policy").order_by("id")
    for row in rows:
        last[row.receivable_id] = row
    return [last[key] for key in sorted(last)]


def shorten_cover(
    *, person_id: int, region_id: str | None, last_day: date, reason: EndReason, at: datetime
) -> int:
    """Let the person's cover end with ``last_day`` where ``reason`` says that they left (LEAVING); returns the
    rows written.

    ``region_id`` narrows it to the cover bought in one region (None: everywhere, on death). Called under the
    person's lock. Raises CoverRowsExhausted.
    """
    if reason not in LEAVING:
        return 0
    word = CoverReason.DIED if reason == EndReason.DEATH else CoverReason.LEFT
    end = last_day + DAY
    fresh = []
    for row in in_force(person_id):
        if region_id not in (None, row.region_id) or row.end is None or row.end <= end:
            continue
        begun = row.start is not None and row.start < end
        fresh.append(
            _after(row, start=row.start if begun else None, end=end if begun else None, reason=word, at=at)
        )
    return _write(fresh)


def decide_anew(*, person_id: int, at: datetime) -> int:
    """Decide the person's cover again from what is known now, by the policy version of each row; returns the
    rows written, one where the decision differs.

    Cover that ended early stays ended; cover that was taken away stays so. Called under the person's lock.
    Raises CoverRowsExhausted.
    """
    fresh = []
    for row in in_force(person_id):
        if row.reason in ENDING or row.paid_on is None:
            continue
        terms = row.policy.values
        known = known_of(person_ids=[person_id], benefit_year=row.benefit_year)[person_id]
        facts = known.on(terms, row.paid_on, repair_years=row.repair_years)
        decision = decide(terms, facts, row.paid_on)
        start, end = decision.start, None if decision.end is None else decision.end + DAY
        reason = CoverReason.CORRECTED
        if row.reason in SHORTENED:
            reason = CoverReason(row.reason)
            end = None if row.end is None or end is None else min(end, row.end)
            start, end = (start, end) if start and end and start < end else (None, None)
        held = (row.start, row.end, row.rule, row.wait_fixed, row.wait_variable)
        if held == (start, end, decision.rule.value, decision.wait_fixed, decision.wait_variable):
            continue
        one = _after(row, start=start, end=end, reason=reason, at=at)
        one.rule = decision.rule.value
        one.wait_fixed, one.wait_variable = decision.wait_fixed, decision.wait_variable
        one.facts = facts_to_dict(facts)
        fresh.append(one)
    return _write(fresh)


def _after(
    row: Coverage, *, start: date | None, end: date | None, reason: CoverReason, at: datetime
) -> Coverage:
    """The next row of the same receivable."""
    if row.pk % ROWS_A_RECEIVABLE == ROWS_A_RECEIVABLE - 1:
        raise CoverRowsExhausted(receivable=row.receivable_id)
    return Coverage(
        id=row.pk + 1,
        person_id=row.person_id,
        region_id=row.region_id,
        scheme=row.scheme,
        start=start,
        end=end,
        rule=row.rule,
        wait_fixed=row.wait_fixed,
        wait_variable=row.wait_variable,
        repair_years=row.repair_years,
        policy_id=row.policy_id,
        payment_id=row.payment_id,
        paid_on=row.paid_on,
        supersedes=row.pk,
        reason=reason.value,
        facts=row.facts,
        decided_at=at,
    )


def _write(fresh: list[Coverage]) -> int:
    return len(Coverage.objects.bulk_create(fresh))

"""The life of an enrolment after its beginning: suspended, resumed, and what a death ends.

An ordinary end is :func:`enrollment.services.register.end_enrollment`; transfers and merges have modules of
their own.
"""

from datetime import date, datetime, timedelta

from django.db import transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from enrollment.models import ChangeKind, EndReason, Enrollment, HouseholdMember, Person
from enrollment.services import changes, coverlife
from enrollment.services.register import (
    REGISTER,
    EndReasonMissing,
    PersonDead,
    end_locked,
    lock_enrollment,
)
from enrollment.states import ENROLLMENT_MOVES, EnrollmentState

DAY = timedelta(days=1)


class EnrollmentMove(BureauError):
    """Somebody else was faster, or the page was old."""

    code = "ENROLLMENT_MOVE"
    message = gettext_noop("The enrolment is now in another state; look at the page again.")


class DeathBeforeBirth(BureauError):
    """A date of death before the date of birth."""

    code = "DEATH_BEFORE_BIRTH"
    message = gettext_noop("The person was born on %(birth)s and cannot have died before.")


class DeathInFuture(BureauError):
    """Nobody's death is known beforehand."""

    code = "DEATH_IN_FUTURE"
    message = gettext_noop("The day of death lies in the future.")


def suspend(*, enrollment_id: int, on: date, reason: str, by: User, at: datetime) -> Enrollment:
    """Suspend a live enrolment from ``on``: nothing more is debited; cover already paid for goes on, and nothing
    is refunded (医保办函〔2021〕11号 art. 16).

    Raises EnrollmentMove, EndReasonMissing, NotAllowed, OutOfScope.
    """
    return _move(enrollment_id, EnrollmentState.SUSPENDED, ChangeKind.SUSPENDED, on, reason, by, at)


def resume(*, enrollment_id: int, on: date, reason: str, by: User, at: datetime) -> Enrollment:
    """Let a suspended enrolment go on from ``on``; raises as :func:`suspend`, and PersonDead."""
    return _move(enrollment_id, EnrollmentState.ENROLLED, ChangeKind.RESUMED, on, reason, by, at)


def _move(
    enrollment_id: int,
    state: EnrollmentState,
    kind: ChangeKind,
    on: date,
    reason: str,
    by: User,
    at: datetime,
) -> Enrollment:
    if not reason.strip():
        raise EndReasonMissing()
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        enrollment = lock_enrollment(enrollment_id)
        access.require(by, REGISTER, enrollment.region_id)
        if state not in ENROLLMENT_MOVES[enrollment.state]:
            raise EnrollmentMove()
        if kind == ChangeKind.RESUMED and enrollment.person.death_date is not None:
            raise PersonDead(day=enrollment.person.death_date.isoformat())
        enrollment.state = state.value
        enrollment.reason = reason.strip()[:200]
        enrollment.save(update_fields=["state", "reason"])
        changes.record(
            kind=kind,
            person_id=enrollment.person_id,
            region_id=enrollment.region_id,
            enrollment_id=enrollment.pk,
            on=on,
            reason=reason,
            by=by,
            at=at,
        )
        return enrollment


def declare_death(*, person_id: int, died_on: date, reason: str, by: User, at: datetime) -> Person:
    """Write down a death: every enrolment ends, cover in every region ends with that day, the household is left.

    The clerk of the region where the person is registered, or enrolled, declares it. Raises PersonDead (known
    already), DeathBeforeBirth, DeathInFuture, EndReasonMissing, NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise EndReasonMissing()
    if died_on > day_of(at):
        raise DeathInFuture()
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        access.require(by, REGISTER, _region_for(person, by))
        if person.death_date is not None:
            raise PersonDead(day=person.death_date.isoformat())
        if person.birth_date is not None and died_on < person.birth_date:
            raise DeathBeforeBirth(birth=person.birth_date.isoformat())
        person.death_date = died_on
        person.version += 1
        person.save(update_fields=["death_date", "version"])
        live = Enrollment.objects.select_for_update(of=("self",)).filter(person=person)
        ended = list(live.exclude(state=EnrollmentState.ENDED).order_by("pk"))
        for enrollment in ended:
            end_locked(
                enrollment,
                on=max(died_on, enrollment.started_on),
                end_reason=EndReason.DEATH,
                reason=reason,
                by=by,
                at=at,
            )
        coverlife.shorten_cover(
            person_id=person.pk, region_id=None, last_day=died_on, reason=EndReason.DEATH, at=at
        )
        if not ended:
            changes.record(
                kind=ChangeKind.DIED,
                person_id=person.pk,
                region_id=person.region_id,
                on=died_on,
                reason=reason,
                by=by,
                at=at,
            )
        _leave_household(person, died_on)
        return person


def _region_for(person: Person, by: User) -> str:
    """The region in whose name ``by`` acts: the person's own, else one where the person is enrolled."""
    if access.in_scope(by, person.region_id):
        return person.region_id
    mine = access.for_user(Enrollment.objects.filter(person=person), by).order_by("pk")
    return mine.values_list("region_id", flat=True).first() or person.region_id


def _leave_household(person: Person, died_on: date) -> None:
    """The dead leave their household; who was in their care or paid by them is to be seen to by the clerk."""
    for member in HouseholdMember.objects.select_for_update(of=("self",)).filter(person=person, left_on=None):
        member.left_on = max(died_on + DAY, member.joined_on)
        member.save(update_fields=["left_on"])
    for ward in HouseholdMember.objects.select_for_update(of=("self",)).filter(guardian=person, left_on=None):
        ward.guardian = None
        ward.save(update_fields=["guardian"])

"""The register: persons, and their enrolments in a scheme of a pooling region (参保登记).

Every door registers through these services; each change leaves a row of changes in its own transaction.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import mask_id
from bureau.models import Region, User
from enrollment.models import (
    RESIDENT,
    ChangeKind,
    EmployeeSpell,
    EndReason,
    Enrollment,
    Person,
    PersonClass,
)
from enrollment.pinyin import initials
from enrollment.services import changes, coverlife
from enrollment.services.identities import BirthDateDiffers as BirthDateDiffers  # errors of registering
from enrollment.services.identities import BirthDateFuture as BirthDateFuture
from enrollment.services.identities import BirthDateMissing as BirthDateMissing
from enrollment.services.identities import PersonExists as PersonExists
from enrollment.services.identities import PersonNameMissing as PersonNameMissing
from enrollment.services.identities import PersonTwin as PersonTwin
from enrollment.services.identities import identify, refuse_known, refuse_twin
from enrollment.states import ENROLLMENT_MOVES, EnrollmentState

REGISTER = "person.register"
#: Ends that have a service of their own, which knows what else they move.
OWN_SERVICE = frozenset({EndReason.DEATH, EndReason.TRANSFER, EndReason.MERGED})


class PersonMerged(BureauError):
    """The record was found to be another one's twin."""

    code = "PERSON_MERGED"
    message = gettext_noop("This record was merged into No. %(into)s: work there.")


class PersonClassUnknown(BureauError):
    """No person class of the national platform."""

    code = "PERSON_CLASS_UNKNOWN"
    message = gettext_noop("There is no person class %(person_class)s.")


class RegionMissing(BureauError):
    """No such region, or none that still exists on the day."""

    code = "REGION_MISSING"
    message = gettext_noop("There is no region %(region)s on %(day)s.")


class EnrollmentExists(BureauError):
    """One live enrolment per person, scheme and pooling region."""

    code = "ENROLLMENT_EXISTS"
    message = gettext_noop("This person already has a live enrolment in this scheme and region.")


class EmployeeActive(BureauError):
    """Employee cover runs; it must stop before resident cover can begin (P21)."""

    code = "EMPLOYEE_ACTIVE"
    message = gettext_noop("Employee cover is running since %(since)s: it must be stopped first.")


class PersonDead(BureauError):
    """The register knows a date of death."""

    code = "PERSON_DEAD"
    message = gettext_noop("The person died on %(day)s.")


class EnrollmentCannotEnd(BureauError):
    """An ended enrolment does not end again."""

    code = "ENROLLMENT_ENDED"
    message = gettext_noop("This enrolment ended on %(day)s.")


class EnrollmentEndsEarly(BureauError):
    """An end before the beginning."""

    code = "ENROLLMENT_ENDS_BEFORE_START"
    message = gettext_noop("The enrolment began on %(start)s; it cannot end before.")


class EndReasonMissing(BureauError):
    """The next person to read the file asks why."""

    code = "ENROLLMENT_END_REASON"
    message = gettext_noop("Please say why the enrolment ends.")


class EndReasonWrong(BureauError):
    """Death, transfer and merging move more than one enrolment and have services of their own."""

    code = "ENROLLMENT_END_KIND"
    message = gettext_noop("An enrolment does not end for the reason %(reason)s in this way.")


def register_person(
    *,
    id_type: str,
    id_number: str,
    name: str,
    person_class: str,
    region_id: str,
    by: User,
    at: datetime,
    birth_date: date | None = None,
    gender: Person.Gender = Person.Gender.UNKNOWN,
    phone: str = "",
    confirm_twin: bool = False,
) -> Person:
    """Add a person to the register, with the number in its normal form (an old one of 15 digits becomes the
    alias).

    Birth and sex come from the number where it tells them. Raises a subclass of IdNumberError (what is wrong
    with the number), PersonExists, PersonTwin (unless ``confirm_twin``), PersonNameMissing,
    PersonNameCharacters, PersonNameLong, PersonClassUnknown, BirthDateDiffers, BirthDateMissing,
    BirthDateFuture, RegionMissing, NotAllowed, OutOfScope.
    """
    today = day_of(at)
    known = identify(
        id_type=id_type,
        id_number=id_number,
        name=name,
        today=today,
        birth_date=birth_date,
        gender=gender,
    )
    if person_class not in PersonClass.values:
        raise PersonClassUnknown(person_class=person_class)
    with transaction.atomic(), audit.acting(by=by, why="register a person", at=at.isoformat()):
        access.require(by, REGISTER, region_id)
        _check_region(region_id, today)
        refuse_known(known.id_type, known.id_number, by=by)
        if not confirm_twin:
            refuse_twin(known, by)
        person = Person(
            id_type=known.id_type,
            id_number=known.id_number,
            id_alias=known.id_alias,
            name=known.name,
            initials=initials(known.name),
            gender=known.gender,
            birth_date=known.birth_date,
            phone=phone,
            person_class=person_class,
            region_id=region_id,
            created_at=at,
        )
        _write(person, by=by, at=at)
        return person


def _write(person: Person, *, by: User, at: datetime) -> None:
    """Insert the person with its change; who was slower than somebody else learns it like anybody."""
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        if violated(error) == "person_id_number_once":
            refuse_known(person.id_type, person.id_number, by=by)
        raise
    changes.record(
        kind=ChangeKind.REGISTERED,
        person_id=person.pk,
        region_id=person.region_id,
        on=day_of(at),
        by=by,
        at=at,
        id_type=person.id_type,
        id_number=mask_id(person.id_number),
    )


def enroll(
    *,
    person_id: int,
    region_id: str,
    on: date,
    by: User,
    at: datetime,
    scheme: str = RESIDENT,
    reason: str = "",
) -> Enrollment:
    """Enrol a person in a scheme of a pooling region from ``on``.

    Enrolments in other regions may run beside it: they are the citizens' problem P03 and stay visible. Raises
    EnrollmentExists, EmployeeActive (residents only), PersonDead, PersonMerged, RegionMissing, NotAllowed,
    OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=reason or "enrol", at=at.isoformat()):
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        access.require(by, REGISTER, region_id)
        return enroll_locked(person, region_id=region_id, scheme=scheme, on=on, reason=reason, by=by, at=at)


def enroll_locked(
    person: Person,
    *,
    region_id: str,
    scheme: str,
    on: date,
    reason: str,
    by: User | None,
    at: datetime,
) -> Enrollment:
    """Enrol a person whose row the caller has locked and whose right it has checked; raises as
    :func:`enroll`.
    """
    _check_region(region_id, on)
    if person.merged_into_id is not None:
        raise PersonMerged(into=person.merged_into_id)
    if person.death_date is not None:
        raise PersonDead(day=person.death_date.isoformat())
    if scheme == RESIDENT:
        _check_no_employee_cover(person, on)
    try:
        with transaction.atomic():
            enrollment = Enrollment.objects.create(
                person=person, region_id=region_id, scheme=scheme, started_on=on, reason=reason[:200]
            )
    except IntegrityError as error:
        if violated(error) == "enrollment_one_live":
            raise EnrollmentExists() from None
        raise
    changes.record(
        kind=ChangeKind.ENROLLED,
        person_id=person.pk,
        region_id=region_id,
        enrollment_id=enrollment.pk,
        on=on,
        reason=reason,
        by=by,
        at=at,
        scheme=scheme,
    )
    return enrollment


def end_enrollment(
    *,
    enrollment_id: int,
    on: date,
    reason: str,
    by: User,
    at: datetime,
    end_reason: EndReason = EndReason.OTHER,
) -> Enrollment:
    """End an enrolment (停保) with ``on`` as its last day; the reason is a kind and words.

    Cover bought in this region ends with that day where the kind says that the person left the scheme
    (coverlife.LEAVING). Raises EnrollmentCannotEnd, EnrollmentEndsEarly, EndReasonMissing, EndReasonWrong,
    NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise EndReasonMissing()
    if end_reason not in EndReason.values or end_reason in OWN_SERVICE:
        raise EndReasonWrong(reason=str(end_reason))
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        enrollment = lock_enrollment(enrollment_id)
        access.require(by, REGISTER, enrollment.region_id)
        return end_locked(enrollment, on=on, end_reason=end_reason, reason=reason, by=by, at=at)


def lock_enrollment(enrollment_id: int) -> Enrollment:
    """The enrolment, read after the lock on its person: the order of locks of every change of a life."""
    person_id = Enrollment.objects.values_list("person_id", flat=True).get(pk=enrollment_id)
    Person.objects.select_for_update(of=("self",)).get(pk=person_id)
    return Enrollment.objects.select_for_update(of=("self",)).select_related("person").get(pk=enrollment_id)


def end_locked(
    enrollment: Enrollment, *, on: date, end_reason: EndReason, reason: str, by: User | None, at: datetime
) -> Enrollment:
    """End an enrolment that the caller has locked and may end; raises EnrollmentCannotEnd,
    EnrollmentEndsEarly.
    """
    if EnrollmentState.ENDED not in ENROLLMENT_MOVES[enrollment.state]:
        raise EnrollmentCannotEnd(day=enrollment.ended_on.isoformat() if enrollment.ended_on else "")
    if on < enrollment.started_on:
        raise EnrollmentEndsEarly(start=enrollment.started_on.isoformat())
    enrollment.state = EnrollmentState.ENDED.value
    enrollment.ended_on = on
    enrollment.end_reason = end_reason.value
    enrollment.reason = reason.strip()[:200]
    enrollment.save(update_fields=["state", "ended_on", "end_reason", "reason"])
    shortened = coverlife.shorten_cover(
        person_id=enrollment.person_id, region_id=enrollment.region_id, last_day=on, reason=end_reason, at=at
    )
    died = end_reason == EndReason.DEATH
    changes.record(
        kind=ChangeKind.DIED if died else ChangeKind.ENDED,
        person_id=enrollment.person_id,
        region_id=enrollment.region_id,
        enrollment_id=enrollment.pk,
        on=on,
        reason=reason,
        by=by,
        at=at,
        end_reason=end_reason.value,
        cover_rows=shortened,
    )
    return enrollment


def _check_region(region_id: str, day: date) -> None:
    region = Region.objects.filter(pk=region_id).order_by("pk").first()
    gone = region is not None and region.valid_to is not None and region.valid_to <= day
    if region is None or gone:
        raise RegionMissing(region=region_id, day=day.isoformat())


def _check_no_employee_cover(person: Person, day: date) -> None:
    running = EmployeeSpell.objects.filter(person=person, started_on__lte=day).exclude(stopped_on__lte=day)
    spell = running.order_by("started_on", "pk").first()
    if spell is not None:
        raise EmployeeActive(since=spell.started_on.isoformat())


def violated(error: IntegrityError) -> str:
    """The name of the constraint that a write violated (somebody else was faster), "" where there is none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""

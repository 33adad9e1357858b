"""The register: persons, and their enrolments in a scheme of a pooling region (参保登记)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import SEX_UNKNOWN, IdFormat, check_id
from bureau.models import Region, User
from enrollment.models import RESIDENT, EmployeeSpell, Enrollment, Person, PersonClass
from enrollment.states import ENROLLMENT_MOVES, EnrollmentState

REGISTER = "person.register"
_NORMAL = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/()-")


class PersonExists(BureauError):
    """The certificate is in the register; people move, so it may be in another region."""

    code = "PERSON_EXISTS"
    message = gettext_noop("A person with this ID number is already registered.")


class PersonNameMissing(BureauError):
    """Nobody is registered without a name."""

    code = "PERSON_NAME_MISSING"
    message = gettext_noop("Please give the name.")


class PersonClassUnknown(BureauError):
    """No person class of the national platform."""

    code = "PERSON_CLASS_UNKNOWN"
    message = gettext_noop("There is no person class %(person_class)s.")


class BirthDateDiffers(BureauError):
    """The given date of birth is not the one inside the ID number."""

    code = "PERSON_BIRTH_DIFFERS"
    message = gettext_noop("The date of birth is not the one inside the ID number.")


class BirthDateMissing(BureauError):
    """A certificate that tells no date of birth needs one beside it: price and cover depend on it."""

    code = "PERSON_BIRTH_MISSING"
    message = gettext_noop("Please give the date of birth: this certificate does not tell it.")


class BirthDateFuture(BureauError):
    """Nobody is registered before being born."""

    code = "PERSON_BIRTH_FUTURE"
    message = gettext_noop("The date of birth lies in the future.")


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
) -> Person:
    """Add a person to the register, with the number in its normal form (an old one of 15 digits becomes the
    alias).

    Birth and sex come from the number where it tells them. Raises a subclass of IdNumberError (what is wrong
    with the number), PersonExists, PersonNameMissing, PersonClassUnknown, BirthDateDiffers,
    BirthDateMissing, BirthDateFuture, RegionMissing, NotAllowed, OutOfScope.
    """
    today = day_of(at)
    facts = check_id(id_type, id_number, today=today)
    if not _NORMAL.issuperset(facts.number):
        raise IdFormat(id_type=id_type)
    birth = _birth(facts.birth, birth_date, today)
    plain_name = " ".join(name.split())
    if not plain_name:
        raise PersonNameMissing()
    if person_class not in PersonClass.values:
        raise PersonClassUnknown(person_class=person_class)
    with transaction.atomic(), audit.acting(by=by, why="register a person", at=at.isoformat()):
        access.require(by, REGISTER, region_id)
        _check_region(region_id, today)
        person = Person(
            id_type=id_type,
            id_number=facts.number,
            id_alias=facts.alias,
            name=plain_name,
            gender=gender if facts.sex == SEX_UNKNOWN else facts.sex,
            birth_date=birth,
            phone=phone,
            person_class=person_class,
            region_id=region_id,
            created_at=at,
        )
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError as error:
            if _violated(error) == "person_id_number_once":
                raise PersonExists() from None
            raise
        return person


def _birth(told: date | None, given: date | None, today: date) -> date:
    """The date of birth that the number tells, else the one given beside it."""
    if told is not None and given not in (None, told):
        raise BirthDateDiffers()
    birth = told or given
    if birth is None:
        raise BirthDateMissing()
    if birth > today:
        raise BirthDateFuture()
    return birth


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
    EnrollmentExists, EmployeeActive (residents only), PersonDead, RegionMissing, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=reason or "enrol", at=at.isoformat()):
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        access.require(by, REGISTER, region_id)
        _check_region(region_id, on)
        if person.death_date is not None:
            raise PersonDead(day=person.death_date.isoformat())
        if scheme == RESIDENT:
            _check_no_employee_cover(person, on)
        try:
            with transaction.atomic():
                return Enrollment.objects.create(
                    person=person, region_id=region_id, scheme=scheme, started_on=on, reason=reason
                )
        except IntegrityError as error:
            if _violated(error) == "enrollment_one_live":
                raise EnrollmentExists() from None
            raise


def end_enrollment(*, enrollment_id: int, on: date, reason: str, by: User, at: datetime) -> Enrollment:
    """End an enrolment (停保) with ``on`` as its last day and the reason why.

    Raises EnrollmentCannotEnd, EnrollmentEndsEarly, EndReasonMissing, NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise EndReasonMissing()
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        enrollment = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment_id)
        access.require(by, REGISTER, enrollment.region_id)
        if EnrollmentState.ENDED not in ENROLLMENT_MOVES[enrollment.state]:
            raise EnrollmentCannotEnd(day=enrollment.ended_on.isoformat() if enrollment.ended_on else "")
        if on < enrollment.started_on:
            raise EnrollmentEndsEarly(start=enrollment.started_on.isoformat())
        enrollment.state = EnrollmentState.ENDED.value
        enrollment.ended_on = on
        enrollment.reason = reason.strip()
        enrollment.save(update_fields=["state", "ended_on", "reason"])
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


def _violated(error: IntegrityError) -> str:
    """The name of the constraint that a write violated (somebody else was faster), "" where there is none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""

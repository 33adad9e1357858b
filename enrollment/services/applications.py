"""Online applications for enrolment: handed in by a partner with pictures, looked at and decided by one clerk, once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from bureau import access, attachments, audit
from bureau.access import Role
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import BIRTH_CERTIFICATE, RESIDENT
from bureau.models import ApiClient, User
from bureau.names import fold_name
from enrollment.models import (
    Enrollment,
    EnrolmentApplication,
    Household,
    HouseholdMember,
    Person,
    PersonClass,
    PictureKind,
    Relation,
)
from enrollment.services import households, identities, register
from enrollment.states import ApplicationState

DECIDE = "application.decide"
MOST_PICTURES = 8
REASON_LENGTH = 300
OPEN = (ApplicationState.WAITING, ApplicationState.TAKEN)


class ApplicationUnknown(BureauError):
    """No such application of this partner, or in this bureau."""

    code = "APPLICATION_UNKNOWN"
    message = gettext_noop("There is no such application.")


class ApplicationOpen(BureauError):
    """One at a time."""

    code = "APPLICATION_OPEN"
    message = gettext_noop("An application for this person is waiting already.")


class ReferenceUsed(BureauError):
    """The partner's number belongs to another application."""

    code = "APPLICATION_REFERENCE_USED"
    message = gettext_noop("The partner has used this number for another application.")


class PicturesMissing(BureauError):
    """Nothing to compare the form with."""

    code = "APPLICATION_PICTURES"
    message = gettext_noop(
        "Both sides of the ID card or a page of the household book are needed; for a birth certificate, its picture."
    )


class GuardianMissing(BureauError):
    """A child does not apply alone."""

    code = "APPLICATION_GUARDIAN"
    message = gettext_noop("A child's application names the guardian.")


class ApplicationTaken(BureauError):
    """In somebody else's hands."""

    code = "APPLICATION_TAKEN"
    message = gettext_noop("%(who)s is looking at this application.")


class ApplicationDecided(BureauError):
    """Somebody was faster, or a button was pressed twice."""

    code = "APPLICATION_DECIDED"
    message = gettext_noop("Already decided by %(who)s at %(at)s: %(state)s.")


class NotReturned(BureauError):
    """Only what came back is handed in again."""

    code = "APPLICATION_NOT_RETURNED"
    message = gettext_noop("Only a returned application is handed in again; this one is %(state)s.")


class OtherPerson(BureauError):
    """The same person, whatever is corrected."""

    code = "APPLICATION_OTHER_PERSON"
    message = gettext_noop("The application is for another person: hand in a new one.")


class ReasonNeeded(BureauError):
    """The partner asks why."""

    code = "REASON_NEEDED"
    message = gettext_noop("Please give a reason.")


class NameDiffers(BureauError):
    """The register knows the number under another name."""

    code = "APPLICATION_NAME_DIFFERS"
    message = gettext_noop("The register has this number under another name: return the application.")


@dataclass(frozen=True)
class Photo:
    """A picture as it came in."""

    kind: str
    content: bytes
    name: str = ""


@dataclass(frozen=True)
class Form:
    """What a partner hands in."""

    id_type: str
    id_number: str
    name: str
    person_class: str
    region_id: str
    birth_date: date | None = None
    gender: str = Person.Gender.UNKNOWN
    phone: str = ""
    town: str = ""
    village: str = ""
    address: str = ""
    relation: str = ""
    head_number: str = ""
    guardian_name: str = ""
    guardian_number: str = ""
    guardian_phone: str = ""
    reference: str = ""
    pictures: Sequence[Photo] = field(default_factory=tuple)


@dataclass(frozen=True)
class Accepted:
    """What came of it; ``known`` where the register had the person already."""

    application: EnrolmentApplication
    person: Person
    enrollment: Enrollment
    household: Household | None
    known: bool


def submit(*, client: ApiClient, form: Form, at: datetime) -> EnrolmentApplication:
    """Put an application into the queue of its region; the door has checked that the partner may call for it.

    Raises what registering raises about certificate, name and birth, PersonClassUnknown, GuardianMissing, PicturesMissing,
    ApplicationOpen, ReferenceUsed, and what attaching a picture raises.
    """
    values = _checked(form, day_of(at))
    _check_pictures(form.id_type, {photo.kind for photo in form.pictures})
    number = f"{day_of(at):%Y%m%d}{secrets.randbelow(10**10):010d}"
    with transaction.atomic(), audit.acting(by=None, why="application handed in", partner=client.code):
        application = EnrolmentApplication(
            number=number, client=client, region_id=form.region_id, reference=form.reference, submitted_at=at
        )
        _save(application, values, insert=True)
        _attach(application, form.pictures, at)
        return application


def resubmit(*, client: ApiClient, number: str, form: Form, at: datetime) -> EnrolmentApplication:
    """Hand a returned application in again; pictures sent before stay. It goes to the end of the queue.

    Raises ApplicationUnknown, NotReturned, OtherPerson, and what :func:`submit` raises.
    """
    values = _checked(form, day_of(at))
    with transaction.atomic(), audit.acting(by=None, why="application handed in again", partner=client.code):
        rows = EnrolmentApplication.objects.select_for_update(of=("self",))
        application = rows.filter(client=client, number=number).first()
        if application is None:
            raise ApplicationUnknown()
        if application.state != ApplicationState.RETURNED:
            raise NotReturned(state=application.state)
        same = (values["id_type"], form.region_id) == (application.id_type, application.region_id)
        if not same or values["id_number"] != application.id_number:
            raise OtherPerson()
        held = set(attachments.of(application).values_list("kind", flat=True))
        _check_pictures(form.id_type, held | {photo.kind for photo in form.pictures})
        application.state = ApplicationState.WAITING.value
        application.round += 1
        application.submitted_at = at
        application.taken_by = application.decided_by = application.decided_at = None
        _save(application, values, insert=False)
        _attach(application, form.pictures, at)
        return application


def of_client(*, client: ApiClient, number: str) -> EnrolmentApplication:
    """A partner's own application. Raises ApplicationUnknown."""
    found = EnrolmentApplication.objects.filter(client=client, number=number).first()
    if found is None:
        raise ApplicationUnknown()
    return found


def take(*, application_id: int, by: User, at: datetime) -> EnrolmentApplication:
    """Take a waiting application into one's hands. Raises ApplicationUnknown, ApplicationTaken, ApplicationDecided."""
    with transaction.atomic(), audit.acting(by=by, why="take an application", at=at.isoformat()):
        application = _open(application_id, by)
        application.state, application.taken_by = ApplicationState.TAKEN.value, by
        application.save(update_fields=["state", "taken_by"])
        return application


def take_next(*, by: User, at: datetime) -> EnrolmentApplication | None:
    """Take the application that waits longest in one's regions and that nobody is taking; None when there is none."""
    with transaction.atomic(), audit.acting(by=by, why="take an application", at=at.isoformat()):
        access.require(by, DECIDE)
        waiting = EnrolmentApplication.objects.select_for_update(of=("self",), skip_locked=True).filter(
            state=ApplicationState.WAITING
        )
        application = access.for_user(waiting, by).order_by("submitted_at", "id").first()
        if application is None:
            return None
        application.state, application.taken_by = ApplicationState.TAKEN.value, by
        application.save(update_fields=["state", "taken_by"])
        return application


def give_back(*, application_id: int, by: User, at: datetime) -> EnrolmentApplication:
    """Put an application back into the queue: its holder, or a supervisor for somebody who is away."""
    with transaction.atomic(), audit.acting(by=by, why="give an application back", at=at.isoformat()):
        application = _locked(application_id, by)
        _refuse_decided(application)
        if application.taken_by_id != by.pk and Role.SUPERVISOR not in access.roles(by):
            _refuse_taken(application, by)
        application.state, application.taken_by = ApplicationState.WAITING.value, None
        application.save(update_fields=["state", "taken_by"])
        return application


def accept(*, application_id: int, by: User, at: datetime, confirm_twin: bool = False) -> Accepted:
    """Register who is new, enrol in the region, let the person join the household where that is clear; all of it or nothing.

    Raises ApplicationUnknown, ApplicationTaken, ApplicationDecided, NameDiffers, and what registering and enrolling raise.
    """
    with transaction.atomic(), audit.acting(by=by, why="accept an application", at=at.isoformat()):
        application = _open(application_id, by)
        person = identities.found_by_number(application.id_type, application.id_number)
        known = person is not None
        if person is None:
            person = register.register_person(
                id_type=application.id_type,
                id_number=application.id_number,
                name=application.name,
                person_class=application.person_class,
                region_id=application.region_id,
                birth_date=application.birth_date,
                gender=Person.Gender(application.gender),
                phone=application.phone,
                confirm_twin=confirm_twin,
                by=by,
                at=at,
            )
        elif fold_name(person.name) != fold_name(application.name):
            raise NameDiffers()
        enrollment = register.enroll(
            person_id=person.pk,
            region_id=application.region_id,
            on=day_of(at),
            reason=f"online {application.number}",
            by=by,
            at=at,
        )
        household = _join(application, person, by, at)
        application.state = ApplicationState.ACCEPTED.value
        application.person, application.enrollment = person, enrollment
        _decide(application, "", by, at)
        return Accepted(application, person, enrollment, household, known)


def send_back(
    *, application_id: int, reason: str, by: User, at: datetime, for_good: bool = False
) -> EnrolmentApplication:
    """Return an application with the reason that the partner shows the person, or reject it ``for_good``.

    Raises ApplicationUnknown, ApplicationTaken, ApplicationDecided, ReasonNeeded.
    """
    words = " ".join(reason.split())[:REASON_LENGTH]
    if not words:
        raise ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=words, at=at.isoformat()):
        application = _open(application_id, by)
        state = ApplicationState.REJECTED if for_good else ApplicationState.RETURNED
        application.state = state.value
        _decide(application, words, by, at)
        return application


@dataclass(frozen=True)
class Findings:
    """What the register knows: who has the number, who may be the same, where the person is enrolled, other applications."""

    same_number: Person | None
    name_agrees: bool
    twins: Sequence[Person]
    enrollments: Sequence[Enrollment]
    others: Sequence[EnrolmentApplication]


def findings(*, application: EnrolmentApplication, by: User) -> Findings:
    """The register beside an application, as far as ``by`` may see it; changes nothing."""
    same = identities.found_by_number(application.id_type, application.id_number)
    alike = Person.objects.filter(
        name=application.name, birth_date=application.birth_date, merged_into=None
    ).exclude(pk=same.pk if same else 0)
    others = EnrolmentApplication.objects.filter(id_number=application.id_number).exclude(pk=application.pk)
    live = Enrollment.objects.filter(person=same).exclude(state="4") if same else Enrollment.objects.none()
    return Findings(
        same_number=same,
        name_agrees=same is not None and fold_name(same.name) == fold_name(application.name),
        twins=list(access.for_user(alike, by).select_related("region").order_by("id")[:5]),
        enrollments=list(live.select_related("region").order_by("id")[:5]),
        others=list(access.for_user(others, by).order_by("-id")[:5]),
    )


def _checked(form: Form, today: date) -> dict[str, object]:
    known = identities.identify(
        id_type=form.id_type,
        id_number=form.id_number,
        name=form.name,
        today=today,
        birth_date=form.birth_date,
        gender=form.gender,
    )
    if form.person_class not in PersonClass.values:
        raise register.PersonClassUnknown(person_class=form.person_class)
    of_age = known.birth_date.year + households.OF_AGE
    is_child = (of_age, known.birth_date.month, known.birth_date.day) > (today.year, today.month, today.day)
    guardian = form.guardian_number and identities.check_number(RESIDENT, form.guardian_number, today=today)
    if is_child and not (form.guardian_name.strip() and guardian):
        raise GuardianMissing()
    head = form.head_number and identities.check_number(RESIDENT, form.head_number, today=today)
    return {
        "id_type": known.id_type,
        "id_number": known.id_number,
        "name": known.name,
        "gender": known.gender,
        "birth_date": known.birth_date,
        "person_class": form.person_class,
        "phone": form.phone,
        "town": form.town,
        "village": form.village,
        "address": form.address,
        "relation": form.relation,
        "head_number": head,
        "guardian_name": identities.plain_name(form.guardian_name) if form.guardian_name.strip() else "",
        "guardian_number": guardian,
        "guardian_phone": form.guardian_phone,
    }


def _check_pictures(id_type: str, kinds: set[str]) -> None:
    both_sides = {PictureKind.ID_FRONT, PictureKind.ID_BACK} <= kinds
    book = PictureKind.HOUSEHOLD_BOOK in kinds
    if id_type == RESIDENT:
        enough = both_sides or book
    elif id_type == BIRTH_CERTIFICATE:
        enough = PictureKind.BIRTH_CERTIFICATE in kinds
    else:
        enough = bool(kinds)
    if not enough:
        raise PicturesMissing()


def _save(application: EnrolmentApplication, values: dict[str, object], *, insert: bool) -> None:
    for name, value in values.items():
        setattr(application, name, value)
    try:
        with transaction.atomic():
            application.save(force_insert=insert)
    except IntegrityError as error:
        match register.violated(error):
            case "application_one_open":
                raise ApplicationOpen() from None
            case "application_reference_once":
                raise ReferenceUsed() from None
            case _other:
                raise


def _attach(application: EnrolmentApplication, pictures: Sequence[Photo], at: datetime) -> None:
    for photo in pictures:
        attachments.store(
            file=photo.content,
            subject=application,
            region_id=application.region_id,
            by=None,
            at=at,
            name=photo.name,
            kind=photo.kind,
        )


def _locked(application_id: int, by: User) -> EnrolmentApplication:
    rows: models.QuerySet[EnrolmentApplication] = EnrolmentApplication.objects.select_for_update(of=("self",))
    # Who holds or decided it is read after the lock: a join would tell what stood there before the wait for it.
    application = rows.filter(pk=application_id).first()
    if application is None:
        raise ApplicationUnknown()
    access.require(by, DECIDE, application.region_id)
    return application


def _open(application_id: int, by: User) -> EnrolmentApplication:
    application = _locked(application_id, by)
    _refuse_decided(application)
    _refuse_taken(application, by)
    return application


def _refuse_decided(application: EnrolmentApplication) -> None:
    if application.state not in OPEN:
        raise ApplicationDecided(
            who=application.decided_by.username if application.decided_by else "",
            at=application.decided_at.isoformat(timespec="seconds") if application.decided_at else "",
            state=application.state,
        )


def _refuse_taken(application: EnrolmentApplication, by: User) -> None:
    if application.taken_by is not None and application.taken_by_id != by.pk:
        raise ApplicationTaken(who=application.taken_by.username)


def _decide(application: EnrolmentApplication, reason: str, by: User, at: datetime) -> None:
    application.reason, application.decided_by, application.decided_at = reason, by, at
    application.save(update_fields=["state", "reason", "decided_by", "decided_at", "person", "enrollment"])


def _join(application: EnrolmentApplication, person: Person, by: User, at: datetime) -> Household | None:
    """The household, where the application says enough: a head opens one, others join that of the head they name."""
    living = (
        HouseholdMember.objects.filter(Q(person=person), left_on=None).select_related("household").first()
    )
    if living is not None:
        return living.household
    on = day_of(at)
    if application.relation == Relation.HEAD:
        place = {"town": application.town, "village": application.village, "address": application.address}
        return households.open_household(
            region_id=application.region_id,
            members=[households.Joining(person.pk, Relation.HEAD, None)],
            on=on,
            by=by,
            at=at,
            place=place | {"phone": application.phone},
        )
    if not application.relation or not application.head_number:
        return None
    head = identities.found_by_number(RESIDENT, application.head_number)
    home = (
        HouseholdMember.objects.filter(
            person=head, left_on=None, relation=Relation.HEAD, household__region_id=application.region_id
        )
        .select_related("household")
        .first()
        if head
        else None
    )
    if home is None:
        return None
    guardian = _guardian(application, home.household)
    households.add_member(
        household_id=home.household_id,
        version=home.household.version,
        member=households.Joining(person.pk, application.relation, guardian),
        on=on,
        by=by,
        at=at,
    )
    return home.household


def _guardian(application: EnrolmentApplication, household: Household) -> int | None:
    """The guardian, if a member of the household."""
    found = (
        identities.found_by_number(RESIDENT, application.guardian_number)
        if application.guardian_number
        else None
    )
    lives_here = found is not None and household.members.filter(person=found, left_on=None).exists()
    return found.pk if found is not None and lives_here else None


attachments.register(EnrolmentApplication._meta.label_lower, "application.view")

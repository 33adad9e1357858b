"""A family at the counter: household, members and enrolments in one transaction, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction

from bureau import access, audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.names import fold_name
from bureau.periods import add_months
from enrollment.models import RESIDENT, Enrollment, Household, Person, PersonClass, Relation
from enrollment.services import households, register
from enrollment.services.households import OF_AGE
from enrollment.services.identities import found_by_number, identify, visible_to
from enrollment.states import EnrollmentState

MOST_MEMBERS = 20
# Under so many years.
_CLASSES = (
    (1, PersonClass.NEWBORN),
    (6, PersonClass.PRESCHOOL),
    (18, PersonClass.PUPIL),
    (60, PersonClass.ADULT),
)


class FamilyEmpty(BureauError):
    """A family of nobody."""

    code = "FAMILY_EMPTY"
    message = gettext_noop("Please enter at least one member.")


class FamilyTwice(BureauError):
    """The same certificate in two rows."""

    code = "FAMILY_TWICE"
    message = gettext_noop("The same ID number stands in row %(other)s already.")


class FamilyNameDiffers(BureauError):
    """The number is in the register under another name."""

    code = "PERSON_NAME_DIFFERS"
    message = gettext_noop("The register has this ID number under another name: %(name)s, No. %(person)s.")


@dataclass(frozen=True)
class Member:
    """A row of the counter form; ``guardian`` is the index of another row."""

    relation: str
    id_type: str
    id_number: str
    name: str
    person_class: str
    birth_date: date | None = None
    gender: str = Person.Gender.UNKNOWN
    phone: str = ""
    guardian: int | None = None


@dataclass(frozen=True)
class Family:
    """What came of it; ``known`` are the indexes of members whom the register had already."""

    household: Household
    persons: Sequence[Person]
    enrollments: Sequence[Enrollment]
    known: Sequence[int] = field(default_factory=tuple)


def register_family(
    *,
    region_id: str,
    members: Sequence[Member],
    on: date,
    by: User,
    at: datetime,
    place: Mapping[str, str] | None = None,
    payer: int | None = None,
    reason: str = "",
    confirm_twin: bool = False,
) -> Family:
    """Register who is new, open the household and enrol everybody in ``region_id`` from ``on``.

    A member whom the register has in the asker's regions under the same number and name is taken as known; a
    live enrolment in the region stays as it is. An error of one row carries its index as ``params["row"]``.
    Raises FamilyEmpty, FamilyTwice, FamilyNameDiffers, and what registering, enrolling and opening a household
    raise.
    """
    if not members:
        raise FamilyEmpty()
    with transaction.atomic(), audit.acting(by=by, why=reason or "register a family", at=at.isoformat()):
        access.require(by, register.REGISTER, region_id)
        persons, known = _people(members, region_id, confirm_twin, by, at)
        joining = [
            households.Joining(
                persons[index].pk,
                member.relation,
                None if member.guardian is None else persons[member.guardian].pk,
            )
            for index, member in enumerate(members)
        ]
        enrollments = []
        for index in sorted(range(len(persons)), key=lambda one: persons[one].pk):
            with _Row(index):
                enrollments.append(_enrolled(persons[index], region_id, on, reason, by, at))
        household = households.open_household(
            region_id=region_id,
            members=joining,
            on=on,
            by=by,
            at=at,
            payer_id=None if payer is None else persons[payer].pk,
            place=place,
        )
        return Family(household, persons, enrollments, known)


def usual_class(birth: date, today: date) -> str:
    """The person class of somebody born on ``birth`` of whom nothing else is known."""
    for years, person_class in _CLASSES:
        if add_months(birth, 12 * years) > today:
            return person_class.value
    return PersonClass.ELDER.value


def guardian_of(members: Sequence[Member], index: int, today: date) -> int | None:
    """Who looks after a child by default: the head, else the first adult of the rows; None for adults."""

    def grown(member: Member) -> bool:
        return member.birth_date is not None and add_months(member.birth_date, 12 * OF_AGE) <= today

    if grown(members[index]):
        return None
    order = sorted(range(len(members)), key=lambda one: members[one].relation != Relation.HEAD)
    return next((one for one in order if one != index and grown(members[one])), None)


def with_guardians(members: Sequence[Member], today: date) -> list[Member]:
    """The rows, each child in somebody's care where there is an adult."""
    return [
        member
        if member.guardian is not None
        else replace(member, guardian=guardian_of(members, index, today))
        for index, member in enumerate(members)
    ]


class _Row:
    """Errors raised inside carry the index of their row."""

    def __init__(self, index: int) -> None:
        self.index = index

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BureauError):
            error.params.setdefault("row", self.index)


def _people(
    members: Sequence[Member], region_id: str, confirm_twin: bool, by: User, at: datetime
) -> tuple[list[Person], list[int]]:
    seen: dict[tuple[str, str], int] = {}
    persons, known = [], []
    for index, member in enumerate(members):
        with _Row(index):
            told = identify(
                id_type=member.id_type,
                id_number=member.id_number,
                name=member.name,
                today=day_of(at),
                birth_date=member.birth_date,
                gender=member.gender,
            )
            other = seen.setdefault((told.id_type, told.id_number), index)
            if other != index:
                raise FamilyTwice(other=other + 1)
            person = found_by_number(told.id_type, told.id_number)
            if person is not None and visible_to(person, by):
                if fold_name(person.name) != fold_name(told.name):
                    raise FamilyNameDiffers(name=person.name, person=person.pk)
                known.append(index)
            else:
                person = register.register_person(
                    id_type=member.id_type,
                    id_number=member.id_number,
                    name=member.name,
                    person_class=member.person_class,
                    region_id=region_id,
                    by=by,
                    at=at,
                    birth_date=member.birth_date,
                    gender=Person.Gender(member.gender),
                    phone=member.phone,
                    confirm_twin=confirm_twin,
                )
            persons.append(person)
    return persons, known


def _enrolled(person: Person, region_id: str, on: date, reason: str, by: User, at: datetime) -> Enrollment:
    live = Enrollment.objects.filter(person=person, region_id=region_id, scheme=RESIDENT).exclude(
        state=EnrollmentState.ENDED
    )
    found = live.order_by("pk").first()
    if found is not None:
        return found
    return register.enroll(person_id=person.pk, region_id=region_id, on=on, by=by, at=at, reason=reason)

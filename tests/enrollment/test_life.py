"""The life of an enrolment: suspended, resumed, ended for each reason, ended by death; and what cover does."""

from datetime import UTC, date, datetime

import pytest

from bureau import access
from bureau.models import User
from enrollment.models import Change, Coverage, EndReason, Enrollment, HouseholdMember, Person
from enrollment.services import cover, households, life, policies, register
from enrollment.services.households import Joining
from tests import builders
from tests.builders import GUIGANG
from tests.enrollment import covered

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
DAY = date(2025, 3, 1)


@pytest.fixture
def clerk() -> User:
    return builders.make_staff("clerk")


def insured(**fields: object) -> tuple[Person, Enrollment]:
    """Somebody with cover for all of 2025 in Guigang."""
    person = builders.make_person(**fields)
    enrolment = builders.enrol(person)
    policy = policies.in_force(GUIGANG, 2025)
    rows = [covered.paid(person.pk, date(2024, 12, 1))]
    cover.start_cover(relation=covered.relation(rows), policy=policy, at=AT)
    return person, enrolment


def spans(person: Person) -> list[tuple[date | None, date | None, str]]:
    """All rows of cover, oldest first."""
    rows = Coverage.objects.filter(person=person).order_by("id")
    return [(row.start, row.end, row.reason) for row in rows]


def kinds(person: Person) -> list[str]:
    """What the register says happened, oldest first."""
    return list(Change.objects.filter(person=person).order_by("id").values_list("kind", flat=True))


def test_suspending_stops_debits_and_leaves_cover(clerk: User) -> None:
    person, enrolment = insured()
    life.suspend(enrollment_id=enrolment.pk, on=DAY, reason="abroad for a while", by=clerk, at=AT)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.reason) == ("2", "abroad for a while")
    assert spans(person) == [(date(2025, 1, 1), date(2026, 1, 1), "DECIDED")]
    with pytest.raises(life.EnrollmentMove):
        life.suspend(enrollment_id=enrolment.pk, on=DAY, reason="again", by=clerk, at=AT)
    life.resume(enrollment_id=enrolment.pk, on=DAY, reason="back", by=clerk, at=AT)
    enrolment.refresh_from_db()
    assert enrolment.state == "1"
    assert kinds(person) == ["SUSPENDED", "RESUMED"]


def test_a_move_needs_words_and_the_right(clerk: User) -> None:
    _person, enrolment = insured()
    with pytest.raises(register.EndReasonMissing):
        life.suspend(enrollment_id=enrolment.pk, on=DAY, reason=" ", by=clerk, at=AT)
    for who, error in (
        (builders.make_staff("auditor"), access.NotAllowed),
        (builders.make_staff("clerk", "510100"), access.OutOfScope),
    ):
        with pytest.raises(error):
            life.suspend(enrollment_id=enrolment.pk, on=DAY, reason="x", by=who, at=AT)


@pytest.mark.parametrize(
    "reason", [EndReason.MOVED, EndReason.EMPLOYEE, EndReason.EMIGRATED, EndReason.ARMY, EndReason.PRISON]
)
def test_who_leaves_the_scheme_is_covered_to_the_last_day(clerk: User, reason: EndReason) -> None:
    person, enrolment = insured()
    register.end_enrollment(
        enrollment_id=enrolment.pk, on=DAY, end_reason=reason, reason="says the paper", by=clerk, at=AT
    )
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.ended_on, enrolment.end_reason) == ("4", DAY, reason)
    assert spans(person) == [
        (date(2025, 1, 1), date(2026, 1, 1), "DECIDED"),
        (date(2025, 1, 1), date(2025, 3, 2), "LEFT"),
    ]
    change = Change.objects.get(person=person)
    assert (change.kind, change.details) == ("ENDED", {"end_reason": reason, "cover_rows": 1})
    last = Coverage.objects.filter(person=person).latest("id")
    assert cover.explain(last) == "参保关系已终止，待遇期为2025-01-01至2025-03-01。"
    assert cover.explain(last, "en") == "The enrolment ended: cover from 2025-01-01 to 2025-03-01."


def test_a_mistake_leaves_the_cover_to_the_refund(clerk: User) -> None:
    person, enrolment = insured()
    register.end_enrollment(
        enrollment_id=enrolment.pk, on=DAY, end_reason=EndReason.MISTAKE, reason="wrong", by=clerk, at=AT
    )
    assert len(spans(person)) == 1


def test_an_end_before_the_cover_begins_leaves_none(clerk: User) -> None:
    person, enrolment = insured()
    register.end_enrollment(
        enrollment_id=enrolment.pk,
        on=date(2024, 12, 31),
        end_reason=EndReason.MOVED,
        reason="gone",
        by=clerk,
        at=AT,
    )
    assert spans(person)[-1] == (None, None, "LEFT")


@pytest.mark.parametrize("reason", [EndReason.DEATH, EndReason.TRANSFER, EndReason.MERGED])
def test_ends_with_a_service_of_their_own(clerk: User, reason: EndReason) -> None:
    _person, enrolment = insured()
    with pytest.raises(register.EndReasonWrong) as caught:
        register.end_enrollment(
            enrollment_id=enrolment.pk, on=DAY, end_reason=reason, reason="x", by=clerk, at=AT
        )
    assert caught.value.code == "ENROLLMENT_END_KIND"


def test_death_ends_everything_the_day_after(clerk: User) -> None:
    person, enrolment = insured()
    child = builders.make_person(birth_date=date(2020, 2, 2))
    other = builders.enrol(person, "510100")
    home = households.open_household(
        region_id=GUIGANG,
        members=[Joining(person.pk, "HEAD"), Joining(child.pk, "CHILD", person.pk)],
        on=date(2024, 1, 1),
        by=clerk,
        at=AT,
    )
    died = date(2025, 2, 27)
    life.declare_death(person_id=person.pk, died_on=died, reason="certificate 12", by=clerk, at=AT)
    person.refresh_from_db()
    assert (person.death_date, person.version) == (died, 1)
    for row in (enrolment, other):
        row.refresh_from_db()
        assert (row.state, row.ended_on, row.end_reason) == ("4", died, "DEATH")
    assert spans(person)[-1] == (date(2025, 1, 1), date(2025, 2, 28), "DIED")
    assert len(spans(person)) == 2
    assert HouseholdMember.objects.get(household=home, person=person).left_on == date(2025, 2, 28)
    assert HouseholdMember.objects.get(household=home, person=child).guardian is None
    assert kinds(person) == ["HOUSEHOLD", "DIED", "DIED"]
    with pytest.raises(register.PersonDead):
        life.declare_death(person_id=person.pk, died_on=died, reason="again", by=clerk, at=AT)


def test_a_death_is_neither_before_birth_nor_tomorrow(clerk: User) -> None:
    person = builders.make_person()
    with pytest.raises(life.DeathBeforeBirth):
        life.declare_death(person_id=person.pk, died_on=date(1980, 5, 16), reason="x", by=clerk, at=AT)
    with pytest.raises(life.DeathInFuture):
        life.declare_death(person_id=person.pk, died_on=date(2025, 3, 2), reason="x", by=clerk, at=AT)
    life.declare_death(person_id=person.pk, died_on=DAY, reason="x", by=clerk, at=AT)
    assert kinds(person) == ["DIED"]


def test_registering_and_enrolling_leave_changes(clerk: User) -> None:
    person = register.register_person(
        id_type="01",
        id_number=builders.id_number(),
        name="欧阳娜娜",
        person_class="1501",
        region_id=GUIGANG,
        by=clerk,
        at=AT,
    )
    enrolment = register.enroll(person_id=person.pk, region_id=GUIGANG, on=DAY, by=clerk, at=AT)
    first, second = Change.objects.filter(person=person).order_by("id")
    assert (first.kind, second.kind, second.enrollment_id) == ("REGISTERED", "ENROLLED", enrolment.pk)
    assert person.id_number not in str(first.details)
    assert person.initials == "oynn"
